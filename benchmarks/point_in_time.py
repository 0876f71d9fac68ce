"""A row for every event, beside polars: windows of 1h, 24h, 7d and 30d.

Run as ``python -m benchmarks.point_in_time``; it needs polars. 2 million events of 40,000 entities;
count, sum, mean, std (ddof=0) and max of one field over each window, at each event, that included.
Runs of this project and of polars take turns; their medians and the ratios are printed, after the
results were found equal. Then: the time for a row where histories are 100 times as long, and the
memory, in processes of their own.
"""

import os
import platform
import subprocess
import sys

import numpy as np

from benchmarks.measuring import medians, raised_peak
from sktemporal import (
    EventSequences,
    ExponentialSmoothingFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
)

N_EVENTS = 2_000_000
DAYS = 90
WINDOWS = ("1h", "24h", "7d", "30d")
AGGREGATIONS = ("count", "sum", "mean", "std", "max")


def event_log(n_entities, n_events=N_EVENTS, days=DAYS, seed=0):
    """Entities, times and amounts, sorted; every entity has equally many events."""
    rng = np.random.default_rng(seed)
    length = n_events // n_entities
    times = rng.integers(0, days * 86_400_000_000, size=(n_entities, length))
    amounts = np.round(rng.lognormal(3.0, 1.0, n_events), 2)
    return np.repeat(np.arange(n_entities), length), np.sort(times, axis=1).ravel(), amounts


def sequences_of(entities, times, amounts):
    stops = np.flatnonzero(np.diff(entities, append=-1)) + 1
    starts = np.append(0, stops[:-1])
    return EventSequences(amounts[:, np.newaxis], starts, stops, times=times)


def fitted_union(sequences, n_jobs):
    rolling = RollingWindowFeatures(WINDOWS, AGGREGATIONS, fill_value=np.nan)
    union = TemporalFeatureUnion([("rolling", rolling)], n_jobs=n_jobs)
    return union.fit(sequences[:1])


def own_features(sequences, n_jobs):
    union = fitted_union(sequences, n_jobs)
    return lambda: union.transform(sequences.each_event(inclusive=True))


def polars_frame(entities, times, amounts):
    import polars as pl

    return pl.DataFrame({"e": entities, "t": times.astype("datetime64[us]"), "x": amounts})


def polars_group_by(frame):
    """One `rolling` with groups for each window; the blocks side by side."""
    import polars as pl

    x = pl.col("x")
    every = [pl.len(), x.sum(), x.mean(), x.std(ddof=0), x.max()]

    def run():
        blocks = [
            frame.rolling("t", period=window, group_by="e")
            .agg(e.alias(f"{a}_{window}") for e, a in zip(every, AGGREGATIONS, strict=True))
            .drop("e", "t")
            for window in WINDOWS
        ]
        return pl.concat(blocks, how="horizontal")

    return run


def polars_over(frame):
    """One expression a column, `rolling_*_by(...).over(...)`."""
    import polars as pl

    def columns(window):
        x, by = pl.col("x"), {"by": "t", "window_size": window}
        one = x.is_not_null().cast(pl.Float64)
        return [
            one.rolling_sum_by(**by).over("e").alias(f"count_{window}"),
            x.rolling_sum_by(**by).over("e").alias(f"sum_{window}"),
            x.rolling_mean_by(**by).over("e").alias(f"mean_{window}"),
            x.rolling_std_by(**by, ddof=0).over("e").alias(f"std_{window}"),
            x.rolling_max_by(**by).over("e").alias(f"max_{window}"),
        ]

    expressions = [column for window in WINDOWS for column in columns(window)]
    return lambda: frame.select(expressions)


def beside_polars(n_rounds):
    log = event_log(40_000)
    sequences, frame = sequences_of(*log), polars_frame(*log)
    runs = {
        "sktemporal, n_jobs=2": own_features(sequences, 2),
        "sktemporal, n_jobs=1": own_features(sequences, 1),
        "polars, rolling(group_by)": polars_group_by(frame),
        "polars, rolling_*_by.over": polars_over(frame),
    }
    own, *others = (np.asarray(run()) for run in runs.values())
    for other in others:
        np.testing.assert_allclose(own, other, rtol=1e-6, atol=1e-6)
    seconds = medians(runs, n_rounds)
    best = seconds["sktemporal, n_jobs=2"]
    print(f"{N_EVENTS:,} events of 40,000 entities, {own.shape[1]} columns")
    for name, s in seconds.items():
        print(f"  {name:<28} {s:6.2f} s  {N_EVENTS / s / 1e6:6.1f} M events/s  {s / best:5.1f} x")


def whole_histories(sequences):
    """Statistics of all events up to each, and the smoothed level."""
    every = StatisticalFeatures((*AGGREGATIONS, "min"), fill_value=np.nan)
    members = [("statistical", every), ("smoothing", ExponentialSmoothingFeatures())]
    union = TemporalFeatureUnion(members).fit(sequences[:1])
    return lambda: union.transform(sequences.each_event(inclusive=True))


def longer_histories(n_rounds):
    logs = {
        "50 events each": event_log(40_000),
        "5,000 each, in 100 times the time": event_log(400, days=100 * DAYS),
        "5,000 each, in the same time": event_log(400),
    }
    works = {
        "the windows": lambda sequences: own_features(sequences, 1),
        "whole histories, min and smoothing too": whole_histories,
    }
    for title, features_of in works.items():
        runs = {name: features_of(sequences_of(*log)) for name, log in logs.items()}
        seconds = medians(runs, n_rounds)
        first = next(iter(seconds.values()))
        print(f"Time for a row, n_jobs=1, {title}")
        for name, s in seconds.items():
            print(f"  {name:<34} {s / N_EVENTS * 1e9:6.0f} ns  {s / first:5.2f} x")


def memory():
    print("Peak memory beyond the input, n_jobs=1")
    for n_entities, n_events in (
        (20_000, 10**6),
        (40_000, 2 * 10**6),
        (400, 2 * 10**6),
        (1, 10**6),
    ):
        run = [sys.executable, "-m", __spec__.name, str(n_entities), str(n_events)]
        extra, output = subprocess.check_output(run, text=True).split()
        print(
            f"  {n_events:,} events of {n_entities:,} entities: {float(extra):,.0f} MB, "
            f"{float(extra) / float(output):.2f} x the output"
        )


def extra_memory(n_entities, n_events):
    """Print by how much a transform raises the peak (on Linux), and its output, in MB."""

    sequences = sequences_of(*event_log(n_entities, n_events))
    own_features(sequences[:1].tail(1), 1)()  # loads the kernels
    extra, features = raised_peak(own_features(sequences, 1))
    print(extra, features.nbytes / 2**20)


def main(n_rounds=3):
    import polars as pl

    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, ", end="")
    print(f"polars {pl.__version__} with {pl.thread_pool_size()} threads")
    beside_polars(n_rounds)
    longer_histories(n_rounds)
    memory()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        extra_memory(*map(int, sys.argv[1:]))
    else:
        main()
