"""Twins of `sktemporal._kernels.slices`, one slice at a time where slices don't meet."""

import math


def compact(column, skip_zero=False):
    """Elements that are observed; a negative zero as a positive one."""
    return [
        float(value) + 0.0
        for value in column
        if not math.isnan(value) and not (skip_zero and value == 0)
    ]


def first_event_after(times, start, stop, moment, at_moment):
    """First row of start:stop later than the moment (or at it), stop where there is none."""
    for row in range(start, stop):
        if times[row] > moment or (at_moment and times[row] == moment):
            return row
    return stop


def newly_covered(starts, stops):
    """How many rows of each slice are in none before it; whether it begins behind all of them."""
    covered, apart, seen = [], [], set()
    for i, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        covered.append(len(set(range(start, stop)) - seen))
        apart.append(all(start >= end for end in stops[:i]))
        seen |= set(range(start, stop))
    return covered, apart


def merge(starts, stops, one_start):
    """Runs of slices that overlap (or start together), and how far back each slice's run moves."""
    runs, owner = [], []
    for i, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        joins = runs and (start == starts[i - 1] if one_start else start < runs[-1][1])
        if joins:
            runs[-1] = (runs[-1][0], max(runs[-1][1], stop))
        else:
            runs.append((start, stop))
        owner.append(len(runs) - 1)
    lengths = [stop - start for start, stop in runs]
    shifts = [runs[k][0] - sum(lengths[:k]) for k in owner]
    return runs, sum(lengths), shifts


def each_row(starts, stops):
    """All rows of all slices, and the slice of each."""
    pairs = [
        (row, i)
        for i, (start, stop) in enumerate(zip(starts, stops, strict=True))
        for row in range(start, stop)
    ]
    return [row for row, _ in pairs], [i for _, i in pairs]


def ascending(*columns):
    """Whether the rows of the columns are in order."""
    rows = list(zip(*columns, strict=True))
    return rows == sorted(rows)


def first_younger(times, start, stop, reference, age, or_equal):
    """First row of start:stop of less than the age (or of that age), stop where there is none."""
    for row in range(start, stop):
        older_by = int(reference) - int(times[row])
        if older_by < age or (or_equal and older_by == age):
            return row
    return stop


def first_infinity(values, starts, stops):
    """First slice with an infinity in it, and its place in the table counted row by row."""
    for i, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        for row in range(start, stop):
            for j, value in enumerate(values[row]):
                if math.isinf(value):
                    return i, row * len(values[row]) + j
    return -1, -1


def trim_missing(values, start, stop):
    """The slice without the rows of nothing but NaN at either end."""
    rows = [row for row in range(start, stop) if not all(math.isnan(v) for v in values[row])]
    return (rows[0], rows[-1] + 1) if rows else None


def lagged(x, lags):
    """Values so far back from the last one."""
    return [x[-1 - lag] if lag < len(x) else math.nan for lag in lags]


def fill_undefined(block, value):
    return [[value if math.isnan(element) else element for element in row] for row in block]


def running_maximum(times):
    """The latest time up to each row of one slice that overlaps no other."""
    return [max(times[: row + 1]) for row in range(len(times))]


def _has_arrived(arrivals, row, stop, moment, at_moment, keep_last):
    on_time = arrivals[row] <= moment if at_moment else arrivals[row] < moment
    return on_time or (keep_last and row == stop - 1)


def arrived_rows(arrivals, start, stop, *conditions):
    """Rows of start:stop that had arrived."""
    return [row for row in range(start, stop) if _has_arrived(arrivals, row, stop, *conditions)]


def count_arrived(arrivals, start, stop, *conditions):
    """How many of start:stop are before the first that had not arrived, and how many had."""
    rows = arrived_rows(arrivals, start, stop, *conditions)
    missing = [row for row in range(start, stop) if row not in rows]
    return min(missing, default=stop) - start, len(rows)
