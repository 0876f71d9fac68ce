"""What is measured of event histories."""

import time
from numbers import Integral

import numpy as np

from .. import _kernels
from ..sequences import (
    NO_TIME,
    EventSequences,
    TimeNotation,
    as_microseconds,
    duration_in_microseconds,
    label_text,
)
from ._json import json_number


def without_overlap(sequences):
    """Return the same events in slices that do not overlap, of a table of little else."""
    return _cropped(_joined(sequences))


def _cropped(histories):
    """Take the rows in the histories, where the table has many more."""
    if 2 * histories.n_events >= len(histories.values):
        return histories
    rows, _ = histories.event_rows()
    table, stops = histories.table.of_rows(rows), np.cumsum(histories.lengths)
    return histories.replace(table=table, starts=stops - histories.lengths, stops=stops)


def _joined(sequences):
    filled = sequences.lengths > 0
    starts, stops = sequences.starts[filled], sequences.stops[filled]
    order = np.argsort(starts, kind="stable")
    starts, stops = starts[order], np.maximum.accumulate(stops[order])
    if not len(starts) or (starts[1:] >= stops[:-1]).all():
        return sequences
    first = np.concatenate(([True], starts[1:] >= stops[:-1]))
    last = np.append(first[1:], True)
    return EventSequences(
        sequences.values,
        starts[first],
        stops[last],
        codes=sequences.codes,
        times=sequences.times,
        time_zone=sequences.time_zone,
        intervals=sequences.intervals,
        frame_rows=sequences.frame_rows,
        fields=sequences.fields,
        categorical_fields=sequences.categorical_fields,
        categories=sequences.categories,
    )


def length_report(lengths):
    """Describe the numbers of events of the entities."""
    n = len(lengths)
    if n == 0:
        numbers = dict.fromkeys(("min", "q1", "median", "q3", "max", "mean"))
    else:
        q1, median, q3 = np.quantile(lengths, [0.25, 0.5, 0.75]).tolist()
        numbers = {
            "min": int(lengths.min()),
            "q1": q1,
            "median": median,
            "q3": q3,
            "max": int(lengths.max()),
            "mean": float(lengths.mean()),
        }
    # 0, 1, 2, 3-4, 5-8, ...: the number of bits of what is before.
    groups = np.bincount(np.frexp(np.maximum(lengths - 1, 0))[1] + (lengths > 0))
    histogram = [
        {
            "from": 0 if k == 0 else (1 if k == 1 else 2 ** (k - 2) + 1),
            "to": 0 if k == 0 else 2 ** (k - 1),
            "n_entities": count,
        }
        for k, count in enumerate(groups.tolist())
    ]
    counts = {"n_empty": int((lengths == 0).sum()), "n_single": int((lengths == 1).sum())}
    return {**numbers, **counts, "histogram": histogram}


def window_report(sequences, window, closed, gap, left_out):
    """Return the shares of entities without an event in a window, and with too short a history.

    And the share of those of which `left_out`, the time of the latest event before the history, is
    in the window, or would be with more of the latest events.
    """
    n = len(sequences)
    unknown = {"share_empty": None, "share_short": None, "share_cut": None}
    gap = 0 if gap is None else duration_in_microseconds(gap)
    counts_events = isinstance(window, Integral)
    if sequences.times is None and (gap or closed in ("left", "neither") or not counts_events):
        return unknown
    durations = [] if counts_events else [duration_in_microseconds(window)]
    first, stops = sequences.window_bounds(durations, closed, gap)
    if counts_events:
        lengths = stops - sequences.starts
        shares = {"share_empty": lengths == 0, "share_short": lengths < window}
        if left_out is not None:
            shares["share_cut"] = (lengths < window) & ~np.isnat(left_out)
        return unknown | {name: _share_of_true(mask) for name, mask in shares.items()}
    shares = {"share_empty": first[0] >= stops}
    if left_out is not None:
        missing = EventSequences(
            np.empty((n, 0)),
            np.arange(n),
            np.arange(n) + ~np.isnat(left_out),
            times=left_out.astype(np.int64),
            reference_times=np.where(np.isnat(left_out), NO_TIME, sequences.reference_times),
            inclusive=sequences.inclusive,
        )
        first, _ = missing.window_bounds(durations, closed, gap)
        shares["share_cut"] = first[0] < missing.stops
    return unknown | {name: _share_of_true(mask) for name, mask in shares.items()}


def _share_of_true(mask):
    return share_of(np.count_nonzero(mask), len(mask))


def order_report(histories):
    """Count the events that came out of order in the frame; None where there was none."""
    if histories.frame_rows is None:
        return None
    rows = histories.frame_rows, histories.starts, histories.stops
    n_events, n_entities = _kernels.tally_disorder(*rows)
    return {"n_unsorted": int(n_events), "n_entities_unsorted": int(n_entities)}


def category_counts(histories):
    """Return how often each category of each field occurs, by its value as text."""
    fields = histories.categorical_fields
    return {str(name): _counts(histories, j) for j, name in enumerate(fields)}


def _counts(histories, j):
    codes = _small_codes(histories)
    slices = histories.starts, histories.stops
    low, high = map(int, _kernels.code_range(codes, j, *slices))
    values = histories.categories[j] if histories.categories else None
    if high - low > 2 * len(codes) + 1000:  # codes that are spread out, such as hashes
        rows, _ = histories.event_rows()
        found, counts = np.unique(codes[rows, j], return_counts=True)
    else:
        counts = np.empty(high - low + 1, dtype=np.int64)
        _kernels.tally_codes(codes, j, *slices, low, counts)
        found = np.flatnonzero(counts) + low
        counts = counts[counts > 0]
    pairs = zip(found.tolist(), counts.tolist(), strict=True)
    known = 0 if values is None else len(values)
    return {
        label_text(values[code - 1]) if 0 < code <= known else str(code): count
        for code, count in pairs
        if code != 0
    }


def _small_codes(histories):
    return histories.codes.astype(np.int32, copy=False)


def share_of(part, whole):
    """Divide; None where there is nothing to divide by."""
    return float(part / whole) if whole else None


def time_report(histories, long_gap, now):
    """Count times that repeat, gaps longer than `long_gap`, and events later than `now`."""
    slices = histories.starts, histories.stops
    gap = duration_in_microseconds(long_gap)
    if histories.intervals is not None:
        tally = _kernels.tally_intervals(histories.intervals, *slices, gap / 1e6)
        longest = tally[-1]
    elif histories.times is not None:
        tally = _kernels.tally_times(histories.times, *slices, np.uint64(gap))
        longest = tally[-1] / 1e6 if tally[0] else np.nan
    else:
        return None
    n_intervals, n_duplicates, with_duplicates, n_long, with_long, _ = map(float, tally)
    return {
        "n_intervals": int(n_intervals),
        "n_duplicates": int(n_duplicates),
        "n_entities_with_duplicates": int(with_duplicates),
        "n_long_gaps": int(n_long),
        "n_entities_with_long_gaps": int(with_long),
        "longest_gap": json_number(longest),
        "n_future": _n_future(histories, now),
    }


def _n_future(histories, now):
    if histories.times is None:
        return None
    if now is None:
        now = time.time_ns() // 1000
    else:
        notation = TimeNotation(zone=histories.time_zone)
        moment = as_microseconds(now, "now", notation)
        if moment.ndim:
            raise ValueError(f"now must be a single moment or None; got {now!r}")
        now = int(moment)
    if not len(histories.times) or histories.times.max() <= now:
        return 0
    before = np.concatenate(([0], np.cumsum(histories.times > now)))
    return int(np.sum(before[histories.stops] - before[histories.starts]))


def missing_report(histories, n_positions):
    """Share of missing values of each field: in all, of the last events one by one, and earlier."""
    rates = {}
    lengths = histories.lengths
    n_positions = min(n_positions, histories.shape[1])  # no event is further from the last one
    there = [int(np.count_nonzero(lengths >= p)) for p in range(1, n_positions + 1)]
    earlier = int(np.maximum(lengths - n_positions, 0).sum())
    slices = histories.starts, histories.stops
    tables = (
        (histories.values, histories.fields, False),
        (_small_codes(histories), histories.categorical_fields, True),
    )
    for table, fields, zero_is_missing in tables:
        counts = np.zeros((n_positions + 1, len(fields)), dtype=np.int64)
        if fields:
            elements = table.ravel()
            _kernels.tally_missing(elements, len(fields), *slices, zero_is_missing, counts)
        for name, column in zip(fields, counts.T.tolist(), strict=True):
            last = column[:0:-1]
            rates[str(name)] = {
                "rate": share_of(sum(column), histories.n_events),
                "by_position": [share_of(*pair) for pair in zip(last, there, strict=True)],
                "earlier": share_of(column[0], earlier),
            }
    return rates
