"""The full quality report, beside ydata-profiling, deepchecks and Evidently.

Run as ``python -m benchmarks.quality_report``; why a peer was not measured is printed in its
place. deepchecks 0.19 needs an older scikit-learn and numpy, Evidently 0.7 and ydata-profiling 4.18
an older pandas, so that all go into one environment with::

    pip install . ydata-profiling deepchecks evidently "numpy<2" "pandas<3" "scikit-learn<1.7"

Every measurement is a process of its own, on the same features: lognormal ones and counts, every
second column with up to a fifth missing. First 20,000 rows and 50 features, which all can do; then
1,000,000 x 250 and 10,000 x 5,000, where a peer gets ``--limit`` seconds, two minutes by default.
Printed are seconds and by how much the peak of the memory was raised, in sizes of the matrix. Peers
get a frame that is made before the clock starts, and compute their statistics only; nothing is
drawn.
"""

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
import time

import numpy as np

from benchmarks.measuring import raised_peak

SIZES = ((20_000, 50), (1_000_000, 250), (10_000, 5_000))


def features(n_rows, n_columns):
    rng = np.random.default_rng(0)
    X = np.empty((n_rows, n_columns))
    for j in range(n_columns):
        counts = j % 4 == 0
        X[:, j] = rng.poisson(3, size=n_rows) if counts else rng.lognormal(size=n_rows)
        if j % 2:
            X[rng.random(n_rows) < 0.2 * (j % 3) / 2, j] = np.nan
    return X


def frame(X):
    import pandas as pd

    return pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])], copy=False)


def own_report(X, n_jobs):
    from sktemporal.quality import quality_report

    quality_report(X[:3000, :8], n_jobs=1)  # loads the kernels
    return lambda: quality_report(X, n_jobs=n_jobs)


def own_report_with_target(X):
    from sktemporal.quality import quality_report

    own_report(X, 1)
    y = X[:, 0] > np.median(X[:, 0])
    return lambda: quality_report(X, y=y, n_jobs=2)


def own_fit(X):
    from sktemporal.quality import QualityReportTransformer

    own_report(X, 1)
    return lambda: QualityReportTransformer(n_jobs=2).fit(X)


def own_drift(X):
    from sktemporal.quality import QualityReportTransformer

    quality = QualityReportTransformer(n_jobs=2).fit(X[: len(X) // 2])
    return lambda: quality.drift(X[len(X) // 2 :])


def ydata_profiling(X):
    from ydata_profiling import ProfileReport

    data = frame(X)
    # Otherwise it draws every pair of columns, and what is missing, along with the statistics.
    undrawn = {
        "interactions": {"continuous": False},
        "missing_diagrams": {"bar": False, "matrix": False, "heatmap": False},
    }
    return lambda: ProfileReport(data, progress_bar=False, **undrawn).get_description()


def deepchecks(X):
    from deepchecks.tabular import Dataset
    from deepchecks.tabular.suites import data_integrity

    data = Dataset(frame(X), cat_features=[])
    return lambda: data_integrity().run(data)


def evidently(X):
    from evidently import Dataset, Report
    from evidently.presets import DataSummaryPreset

    data = Dataset.from_pandas(frame(X))
    return lambda: Report([DataSummaryPreset()]).run(data, None)


CONTENDERS = {
    "sktemporal, n_jobs=2": lambda X: own_report(X, 2),
    "sktemporal, n_jobs=1": lambda X: own_report(X, 1),
    "sktemporal, with a target": own_report_with_target,
    "sktemporal, fit, n_jobs=2": own_fit,
    "sktemporal, drift of half of it": own_drift,
    "ydata-profiling": ydata_profiling,
    "deepchecks, data integrity": deepchecks,
    "evidently, data summary": evidently,
}
NEEDS = {
    "ydata-profiling": "ydata_profiling",
    "deepchecks, data integrity": "deepchecks",
    "evidently, data summary": "evidently",
}


def measure(name, n_rows, n_columns):
    """Print seconds, and the raised peak in sizes of the matrix."""
    X = features(n_rows, n_columns)
    run = CONTENDERS[name](X)
    seconds = []

    def timed():
        begin = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begin)

    extra, _ = raised_peak(timed)
    print("measured", seconds[0], extra * 2**20 / X.nbytes)


def measured(name, n_rows, n_columns, limit):
    """Return seconds and memory from a process of its own, or why there are none."""
    if name in NEEDS and importlib.util.find_spec(NEEDS[name]) is None:
        return "not installed"
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.quality_report", "--one"]
    try:
        done = subprocess.run(
            [*command, name, str(n_rows), str(n_columns)],
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"stopped after {limit:g} s"
    found = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("measured")]
    if not found:
        reason = (done.stderr.strip() or "killed").splitlines()[-1]
        return f"failed: {reason[:80]}"
    return tuple(map(float, found[0]))


def versions():
    installed = []
    for package in ("numpy", "pandas", "scikit-learn", *NEEDS.values()):
        try:
            installed.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(installed)


def main(limit):
    load = f"load {os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "load unknown"
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {load}")
    print(f"Python {platform.python_version()}, {versions()}")
    for n_rows, n_columns in SIZES:
        size = n_rows * n_columns * 8 / 2**20
        print(f"{n_rows:,} rows x {n_columns:,} features, float64, {size:,.0f} MB")
        own = None
        for name in CONTENDERS:
            result = measured(name, n_rows, n_columns, limit)
            if isinstance(result, str):
                print(f"  {name:<32} {result}", flush=True)
                continue
            seconds, memory = result
            own = own or seconds
            print(
                f"  {name:<32} {seconds:7.2f} s  {seconds / own:6.1f} x  "
                f"memory {memory:5.2f} x the matrix",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--limit", type=float, default=120, help="seconds for one measurement")
    parser.add_argument("--one", nargs=3, metavar=("NAME", "N_ROWS", "N_COLUMNS"))
    arguments = parser.parse_args()
    if arguments.one:
        measure(arguments.one[0], *map(int, arguments.one[1:]))
    else:
        main(arguments.limit)
