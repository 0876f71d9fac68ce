"""The bits of every column of many data sets, so that two revisions can be compared.

``python -m benchmarks.bits > new.json`` prints a digest of each column of 14 data sets, seen in
several views and with several windows. With ``--compare old.json`` the columns that differ follow
on the standard error stream, counted by statistic, and the exit status is 1 if there are any.
``--only SET`` chooses among the data sets.
"""

import argparse
import hashlib
import json
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

import sktemporal
from sktemporal import EventSequences
from sktemporal.datasets import load_cdnow

N_ENTITIES, N_STEPS, N_FIELDS = 240, 40, 3
DAY = 86_400
STATISTICS = (
    *("mean", "sum", "std", "min", "max", "count", "median", "q10", "first", "last"),
    *("n_unique", "skew", "kurtosis", "var", "cv", "range"),
)
# closed, gap
ENDS = ((None, None), ("right", None), ("left", None), ("both", "1d"), ("neither", "6h"))


def values(kind, rng):
    """Values of shape (n_entities, n_steps, n_fields) with what makes the kind hard."""
    shape = N_ENTITIES, N_STEPS, N_FIELDS
    x = rng.lognormal(size=shape)
    if kind == "missing":
        x[rng.random(shape) < 0.2] = np.nan
    return {
        "float32": lambda: x.astype(np.float32),
        "large and close": lambda: 1e9 + rng.integers(-1, 2, shape),
        "tiny": lambda: x * 1e-170,
        "huge": lambda: x * 1e160,
        "few integers": lambda: rng.integers(-3, 4, shape).astype(float),
        "of both signs": lambda: rng.normal(size=shape),
        "far apart": lambda: x * 10.0 ** rng.integers(-280, 280, shape),
        "constant": lambda: np.broadcast_to(x[:, :1], shape) + 0.0,
    }.get(kind, lambda: x)()


def padded(kind, seed):
    """Histories of 0 to 39 events, with two categorical fields and times."""
    rng = np.random.default_rng(seed)
    x = values(kind, rng)
    mask = np.arange(N_STEPS) >= rng.integers(0, N_STEPS, N_ENTITIES)[:, np.newaxis]
    if kind == "holes":
        mask &= rng.random(mask.shape) < 0.8
    codes = rng.integers(0, 6, (N_ENTITIES, N_STEPS, 2))
    given = {"categorical": codes, "entity_ids": np.arange(N_ENTITIES)}
    if kind == "without times":
        return EventSequences.from_padded(x, mask, **given)
    if kind == "float32":  # times don't fit: a field of whole days
        times = np.cumsum(rng.integers(0, 4, (N_ENTITIES, N_STEPS)), axis=1) * 4096
        x = np.concatenate([x, times[..., np.newaxis].astype(np.float32)], axis=2)
    else:
        times = 1.7e9 + np.cumsum(rng.integers(0, 90_000, (N_ENTITIES, N_STEPS)), axis=1)
        x = np.concatenate([x, times[..., np.newaxis]], axis=2)
    return EventSequences.from_padded(x, mask, time_field=N_FIELDS, **given)


def long():
    """A few histories of thousands of events, with ties in time."""
    rng = np.random.default_rng(14)
    lengths = np.array([3000, 1, 0, 700, 5000])
    n = int(lengths.sum())
    stops = np.cumsum(lengths)
    times = np.sort(rng.integers(0, 200 * DAY, n)) * 1_000_000
    x = np.column_stack([rng.lognormal(size=n), rng.integers(0, 9, n).astype(float)])
    x[rng.random(x.shape) < 0.05] = np.nan
    codes = rng.integers(0, 30, (n, 1)).astype(np.int32)
    return EventSequences(
        x, stops - lengths, stops, codes=codes, times=times, entity_ids=np.arange(len(lengths))
    )


def data_sets():
    kinds = ("plain", "missing", "float32", "large and close", "tiny", "huge", "few integers")
    kinds += ("of both signs", "far apart", "constant", "holes", "without times")
    sets = {kind: padded(kind, seed) for seed, kind in enumerate(kinds)}
    cdnow = EventSequences.from_frame(load_cdnow(), entity="customer_id", time="date")
    return sets | {"cdnow": cdnow[:2000], "long": long()}


def moments(sequences):
    """Histories as known at moments of their own, some before the first event, some equal."""
    rng = np.random.default_rng(0)
    ids = rng.choice(sequences.entity_ids, 300)
    first, last = sequences.times.min(), sequences.times.max()
    times = rng.integers(first - 30 * DAY * 10**6, last + 30 * DAY * 10**6, 300)
    times[::7] = sequences.times[rng.integers(0, len(sequences.times), len(times[::7]))]
    return sequences.as_of(ids, times.astype("datetime64[us]"))


def some_repeated(sequences):
    """Histories of which a few come twice, in no order."""
    rng = np.random.default_rng(1)
    rows = np.append(np.arange(len(sequences)), rng.integers(0, len(sequences), 20))
    return sequences[rng.permutation(rows)]


def views(sequences):
    some = sequences[:60]
    yield "whole", sequences
    yield "tails", sequences.tail(9)
    yield "some repeated", some_repeated(sequences)
    yield "one", sequences[3:4]
    yield "two", sequences[3:5]
    if sequences.times is not None:
        yield "each event", some.each_event()
        yield "each event, inclusive", some.each_event(inclusive=True)
        yield "moments", moments(sequences)


def pipeline_of(closed, gap, has_times):
    windows = (3, 7, 30, "1d", "7d", "30d") if has_times else (3, 7, 30)
    pipeline = sktemporal.make_temporal_pipeline(
        windows=windows, aggregations=STATISTICS, closed=closed, gap=gap, quality=False
    )
    others = [name for name, _ in pipeline["features"].transformer_list if name != "rolling"]
    if closed is not None:  # the others know neither
        pipeline.set_params(**{f"features__{name}": "drop" for name in others})
    else:
        pipeline.set_params(
            features__statistical__statistics=(*STATISTICS, "p25"),
            features__temporal__fields=None,
        )
        observing = sktemporal.TemporalPatternFeatures(fields=(0,), prefix="observing_")
        pipeline["features"].transformer_list.append(("observing", observing))
    for name, family in pipeline["features"].transformer_list:
        if family != "drop":
            pipeline.set_params(**{f"features__{name}__fill_value": np.nan})
    return pipeline


def digests(chosen=()):
    """Yield the name of each column and a digest of its bits; all NaN are alike."""
    for name, sequences in data_sets().items():
        if chosen and name not in chosen:
            continue
        for view, seen in views(sequences):
            for closed, gap in ENDS:
                if sequences.times is None and (gap is not None or closed is not None):
                    continue
                pipeline = pipeline_of(closed, gap, sequences.times is not None)
                matrix = np.asarray(pipeline.fit_transform(seen))
                matrix[np.isnan(matrix)] = np.nan
                names = pipeline.get_feature_names_out()
                for column, bits in zip(names, np.ascontiguousarray(matrix.T), strict=True):
                    digest = hashlib.sha1(bits.tobytes()).hexdigest()[:12]
                    yield f"{name}|{view}|{closed}|{gap}|{column}", digest


def compare(old, new):
    """Print which columns differ; return how many, with those that only one of both has."""
    different = [key for key in old.keys() & new.keys() if old[key] != new[key]]
    kinds = Counter(
        f"{key.split('|')[0]}, {key.split('|')[-1].rsplit('_x', 1)[0]}" for key in different
    )
    for kind, n in sorted(kinds.items()):
        print(f"{n:6d}  {kind}", file=sys.stderr)
    lost, added = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    print(
        f"{len(different)} of {len(new)} columns differ, {len(lost)} are lost, {len(added)} added",
        file=sys.stderr,
    )
    return len(different) + len(lost) + len(added)


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bits", description=__doc__)
    parser.add_argument("--compare", type=Path, metavar="OLD.json")
    parser.add_argument("--only", nargs="+", default=(), metavar="SET")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    new = dict(digests(arguments.only))
    print(json.dumps(new, indent=0))
    if arguments.compare:
        old = json.loads(arguments.compare.read_text())
        if arguments.only:
            old = {key: old[key] for key in old if key.split("|")[0] in arguments.only}
        sys.exit(bool(compare(old, new)))


if __name__ == "__main__":
    main()
