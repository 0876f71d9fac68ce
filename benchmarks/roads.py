"""What the roads cost where slices are of several kinds: ``python -m benchmarks.roads``.

Prints, for the default families on 20,000 histories of 50 events, the time with some histories
repeated relative to that with none; and how the time of successive moments of one history grows
with its length.
"""

import warnings

import numpy as np

import sktemporal
from benchmarks.measuring import medians
from sktemporal import EventSequences

N_HISTORIES, N_EVENTS, N_FIELDS = 20_000, 50, 4
SHARES = (0.0, 0.002, 0.1, 0.5)
LENGTHS = (8_000, 16_000, 32_000, 64_000)


def default_families():
    return sktemporal.make_temporal_pipeline(quality=False, fill_value=np.nan)


def with_repeated(rng, sequences, share):
    """As many histories, of which a share are some of the others once more."""
    rows = np.arange(len(sequences))
    n_repeated = int(share * len(rows))
    rows[len(rows) - n_repeated :] = rng.choice(len(rows) - n_repeated, n_repeated, replace=False)
    return sequences[np.sort(rows)]


def repeated(n_rounds=5):
    rng = np.random.default_rng(0)
    X = rng.lognormal(3.0, 1.0, (N_HISTORIES, N_EVENTS, N_FIELDS))
    sequences = EventSequences.from_padded(X)
    pipeline = default_families().fit(sequences[:1000])
    runs = {}
    for share in SHARES:
        some = with_repeated(rng, sequences, share)
        runs[share] = lambda some=some: pipeline.transform(some)
    seconds = medians(runs, n_rounds)
    for share in SHARES:
        ratio = seconds[share] / seconds[0.0]
        print(f"{share:6.1%} repeated  {seconds[share] * 1e3:7.1f} ms  {ratio:5.2f} x")


def one_history(n_events):
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.integers(1, 7200, n_events)) * 1_000_000
    return EventSequences(rng.lognormal(size=(n_events, 1)), [0], [n_events], times=times)


def long_histories(n_rounds=3):
    runs = {}
    for n_events in LENGTHS:
        moments = one_history(n_events).each_event()
        pipeline = default_families().fit(moments[:100])
        runs[n_events] = lambda p=pipeline, moments=moments: p.transform(moments)
    seconds = medians(runs, n_rounds)
    for n_events in LENGTHS:
        half = seconds.get(n_events // 2)
        growth = "" if half is None else f"  {seconds[n_events] / half:5.2f} x that of half"
        print(f"{n_events:7,d} moments of one history  {seconds[n_events]:7.3f} s{growth}")


def main():
    warnings.simplefilter("ignore")
    repeated()
    long_histories()


if __name__ == "__main__":
    main()
