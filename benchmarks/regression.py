"""A handful of timed cases of this project alone, so that two revisions can be compared.

``python -m benchmarks.regression > new.json`` prints median seconds as JSON; with
``--compare old.json`` a table of old, new and their ratio follows on the standard error stream, and
the exit status is 1 if a case takes over ``--tolerance`` times as long (default 1.25).
"""

import argparse
import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import clone

import sktemporal
from benchmarks.measuring import latencies, medians

N_FIELDS, N_STEPS = 4, 51


def padded(n_entities, n_steps=N_STEPS):
    """Pre-padded with NaN; about half of the steps are valid."""
    rng = np.random.default_rng(0)
    X = rng.lognormal(3.0, 1.0, size=(n_entities, n_steps, N_FIELDS))
    X[np.arange(n_steps) < rng.integers(0, n_steps, size=(n_entities, 1))] = np.nan
    return X


def event_log(n_entities, n_events, seed=0):
    """One row an event, in order of time, entities mixed."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.integers(0, 90 * 86_400_000_000, n_events)).astype("datetime64[us]")
    entities = rng.integers(0, n_entities, n_events)
    return pd.DataFrame({"entity": entities, "time": times, "x": rng.lognormal(size=n_events)})


def default_pipelines():
    X = padded(20_000)
    long = padded(400, 2_500)
    one, two = (sktemporal.make_temporal_pipeline(n_jobs=n).fit(X[:1000]) for n in (1, 2))
    return {
        "default pipeline, 20,000 x 51 steps, n_jobs=1": lambda: one.transform(X),
        "default pipeline, 20,000 x 51 steps, n_jobs=2": lambda: two.transform(X),
        "default pipeline, 400 x 2,500 steps, n_jobs=1": lambda: one.transform(long),
        "default pipeline, fit, 20,000 x 51 steps": lambda: clone(one).fit(X),
    }


def event_logs():
    log = event_log(10_000, 500_000)
    sequences = sktemporal.EventSequences.from_frame(log, entity="entity", time="time")
    rolling = sktemporal.RollingWindowFeatures(("1h", "7d", "30d"), ("count", "sum", "std", "max"))
    summaries = sktemporal.StatisticalFeatures(("mean", "p50", "n_unique"))
    rolling, summaries = rolling.fit(sequences), summaries.fit(sequences)

    def from_frame():
        return sktemporal.EventSequences.from_frame(log, entity="entity", time="time")

    return {
        "from_frame, 500,000 events": from_frame,
        "windows at each of 500,000 events": lambda: rolling.transform(
            sequences.each_event(inclusive=True)
        ),
        "percentiles at each of 500,000 events": lambda: summaries.transform(
            sequences.each_event(inclusive=True)
        ),
    }


def single_entity():
    """Median seconds of one call."""
    X = padded(1000)
    pipeline = sktemporal.make_temporal_pipeline().fit(X)
    prepared = sktemporal.prepare(pipeline)
    one = X[:1]
    runs = {
        "one entity, transform": lambda: pipeline.transform(one),
        "one entity, prepare": lambda: prepared(one),
    }
    return {name: float(np.median(latencies(run, 2.0))) for name, run in runs.items()}


def measure(n_rounds):
    runs = default_pipelines() | event_logs()
    packages = ("sktemporal", "numpy", "numba", "scikit-learn")
    return {
        "python": platform.python_version(),
        "versions": {package: version(package) for package in packages},
        "seconds": medians(runs, n_rounds) | single_entity(),
    }


def compare(old, new, tolerance):
    """Print both and their ratio; return the cases that became slower than tolerated."""
    slower = []
    for case, seconds in new.items():
        if case not in old:
            continue
        ratio = seconds / old[case]
        mark = "  SLOWER" if ratio > tolerance else ""
        print(
            f"{case:<48} {old[case]:10.6f} s {seconds:10.6f} s {ratio:6.2f} x{mark}",
            file=sys.stderr,
        )
        if mark:
            slower.append(case)
    return slower


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.regression", description=__doc__)
    parser.add_argument("--compare", type=Path, metavar="OLD.json")
    parser.add_argument("--tolerance", type=float, default=1.25)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    new = measure(chosen.rounds)
    print(json.dumps(new, indent=1))
    if chosen.compare:
        old = json.loads(chosen.compare.read_text())
        if compare(old["seconds"], new["seconds"], chosen.tolerance):
            sys.exit(1)


if __name__ == "__main__":
    main()
