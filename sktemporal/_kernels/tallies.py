"""Counting what is odd about event histories: gaps, repeats, disorder, what is missing."""

import numpy as np
from numba import types

from ._jit import COUNTS, INDEX, PLACES, READ_ONLY_TABLES, inlined, kernel

_SECONDS = types.Array(types.float64, 1, "A", readonly=True)
# Rows that `tally_missing` adds up side by side.
_BLOCK = 64
_FIVE = types.UniTuple(types.int64, 5)


@kernel(types.Tuple((*_FIVE, types.uint64))(INDEX, INDEX, INDEX, types.uint64))
def tally_times(times, starts, stops, long_gap):
    """Count repeated instants and long gaps between successive events of every slice.

    Parameters
    ----------
    times : int64 array of shape (n_events,)
        Sorted inside each slice.
    starts, stops : int64 arrays of shape (n_slices,)
        The slices of `times`.
    long_gap : uint64
        In the unit of `times`; a gap is long above it.

    Returns
    -------
    n_intervals, n_repeated, n_slices_repeated, n_long, n_slices_long : int
        Of all slices.
    longest : uint64
        The longest gap; 0 where there is none.

    Notes
    -----
    One pass. The difference of two int64 in order always fits uint64.
    """
    n_intervals = n_repeated = slices_repeated = n_long = slices_long = 0
    longest = np.uint64(0)
    for i in range(starts.size):
        repeated = long = 0
        later = times[min(starts[i] + 1, stops[i]) : stops[i]]
        earlier = times[starts[i] : starts[i] + later.size]
        for j in range(later.size):
            gap = np.uint64(later[j]) - np.uint64(earlier[j])
            repeated += gap == 0
            long += gap > long_gap
            longest = max(longest, gap)
        n_intervals += max(stops[i] - starts[i] - 1, 0)
        n_repeated += repeated
        n_long += long
        slices_repeated += repeated > 0
        slices_long += long > 0
    return n_intervals, n_repeated, slices_repeated, n_long, slices_long, longest


@kernel(types.Tuple((*_FIVE, types.float64))(_SECONDS, INDEX, INDEX, types.float64))
def tally_intervals(intervals, starts, stops, long_gap):
    """Count as `tally_times` does, in data that come as intervals.

    Parameters
    ----------
    intervals : float64 array of shape (n_events,)
        Time since the event before; NaN is unknown. That of the first row of a slice is one of its
        intervals, but what it repeats lies outside of the slice.
    starts, stops : int64 arrays of shape (n_slices,)
        The slices of `intervals`.
    long_gap : float
        In the unit of `intervals`; a gap is long above it.

    Returns
    -------
    n_intervals, n_repeated, n_slices_repeated, n_long, n_slices_long : int
        Of all slices; an unknown interval is none.
    longest : float
        The longest gap; NaN where there is none.
    """
    n_intervals = n_repeated = slices_repeated = n_long = slices_long = 0
    longest = np.nan
    for i in range(starts.size):
        repeated = long = 0
        for row in range(starts[i], stops[i]):
            gap = intervals[row]
            if gap != gap:
                continue
            n_intervals += 1
            repeated += (gap == 0.0) & (row > starts[i])
            long += gap > long_gap
            longest = longest if longest >= gap else gap
        n_repeated += repeated
        n_long += long
        slices_repeated += repeated > 0
        slices_long += long > 0
    return n_intervals, n_repeated, slices_repeated, n_long, slices_long, longest


@kernel(types.UniTuple(types.int64, 2)(INDEX, INDEX, INDEX))
def tally_disorder(positions, starts, stops):
    """Count elements of every slice that are greater than one behind them.

    Parameters
    ----------
    positions : int64 array of shape (n_events,)
        Where each event came from.
    starts, stops : int64 arrays of shape (n_slices,)
        The slices of `positions`.

    Returns
    -------
    n_events, n_slices : int
        How many elements, and how many slices have one.
    """
    n_events = n_slices = 0
    for i in range(starts.size):
        displaced = 0
        if starts[i] < stops[i]:
            earliest = positions[stops[i] - 1]
            for row in range(stops[i] - 2, starts[i] - 1, -1):
                displaced += positions[row] > earliest
                earliest = min(earliest, positions[row])
        n_events += displaced
        n_slices += displaced > 0
    return n_events, n_slices


@inlined
def _add_missing(values, zero_is_missing, counts):
    for p in range(values.size):
        value = values[p]
        counts[p] += (value != value) | (zero_is_missing & (value == 0))


@kernel(
    *(
        types.void(
            types.Array(table.dtype, 1, "C", readonly=True),
            types.int64,
            INDEX,
            INDEX,
            types.boolean,
            PLACES,
        )
        for table in READ_ONLY_TABLES
    )
)
def tally_missing(elements, n_columns, starts, stops, zero_is_missing, counts):
    """Count what is missing at the last positions of every slice, and before them.

    Parameters
    ----------
    elements : array of shape (n_events * n_columns,)
        Values or codes, row by row; NaN is missing.
    n_columns : int
        Elements in a row.
    starts, stops : int64 arrays of shape (n_slices,)
        The slices, of rows.
    zero_is_missing : bool
        As in a column of codes.
    counts : int64 array of shape (n_positions + 1, n_columns)
        Receives for each column the number missing at all positions further back, and then at
        the last but n_positions - 1, ..., the last but one, the last position.

    Notes
    -----
    One pass, in blocks of rows that are added up element by element, whatever their columns: the
    inner loop takes several elements in one instruction.
    """
    n_last = (counts.shape[0] - 1) * n_columns
    last = np.zeros(n_last, dtype=np.int64)
    block = _BLOCK * n_columns
    earlier = np.zeros(block, dtype=np.int64)
    for i in range(starts.size):
        position, stop = starts[i] * n_columns, stops[i] * n_columns
        first = max(position, stop - n_last)
        while position < first:
            end = min(position + block, first)
            _add_missing(elements[position:end], zero_is_missing, earlier)
            position = end
        _add_missing(elements[first:stop], zero_is_missing, last[n_last - (stop - first) :])
    counts[0] = 0
    for p in range(block):
        counts[0, p % n_columns] += earlier[p]
    for p in range(n_last):
        counts[1 + p // n_columns, p % n_columns] = last[p]


@kernel(types.UniTuple(types.int64, 2)(READ_ONLY_TABLES[2], types.int64, INDEX, INDEX))
def code_range(codes, j, starts, stops):
    """Find the least and the greatest code of column `j` in all slices; (0, 0) where none is."""
    low = high = np.int64(0)
    for i in range(starts.size):
        for row in range(starts[i], stops[i]):
            low = min(low, np.int64(codes[row, j]))
            high = max(high, np.int64(codes[row, j]))
    return low, high


@kernel(types.void(READ_ONLY_TABLES[2], types.int64, INDEX, INDEX, types.int64, COUNTS))
def tally_codes(codes, j, starts, stops, low, counts):
    """Count how often each code of column `j`, from `low` on, occurs in all slices."""
    counts[:] = 0
    for i in range(starts.size):
        for row in range(starts[i], stops[i]):
            counts[codes[row, j] - low] += 1
