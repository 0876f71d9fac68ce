"""Ends of slices: the smallest and the largest value, the first and the last, and their number."""

import numpy as np
from numba import types

from ._jit import INDEX, OUT, VALUES, forced_inline, inlined, kernel

# Positions in the argument `places` of `extremes`.
EXTREMES = ("count", "min", "max", "range", "first", "last")
_, _MIN, _MAX, _RANGE, _, _ = range(len(EXTREMES))


@inlined
def _extent(x):
    """Smallest and largest value."""
    low, high = np.inf, -np.inf
    for value in x:
        low = min(low, value)
        high = max(high, value)
    return low, high


@forced_inline
def _write(results, places, row):
    """Put each result that is wanted into its column."""
    for k in range(len(results)):
        if places[k] >= 0:
            row[places[k]] = results[k]


@kernel(types.void(VALUES, INDEX, INDEX, INDEX, OUT))
def extremes(x, starts, stops, places, out):
    """Count the values of every slice, and find the smallest, largest, first and last.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
        Observed values in time order, no NaN.
    starts, stops : int64 arrays of shape (n_slices,)
        The slices of `x`, in any order; quick where neither moves back from a slice to the next.
    places : int64 array of shape (6,)
        The column of `out` for each of `EXTREMES`; -1 for what is not wanted.
    out : float64 array of shape (n_slices, n_columns)
        Receives the values; NaN for an empty slice, but for the count.

    Notes
    -----
    Two stacks: up to some row, the extremes of all suffixes that end there; from there on, the
    running extremes. A slice is one of the former and the latter together. When it has left the
    former behind, its own suffixes become the former. So each value is looked at twice, however
    many slices it is in: O(1) a slice, amortised, for slices that move forward. A slice that the
    next one has nothing of is simply looked through.
    """
    wanted = places[_MIN] >= 0 or places[_MAX] >= 0 or places[_RANGE] >= 0
    overlapping = False
    for i in range(1, starts.size):
        overlapping |= starts[i - 1] <= starts[i] < stops[i - 1]
    least, most = np.empty((2, x.size if wanted and overlapping else 0))
    bottom = top = end = 0  # suffixes of x[bottom:top] are known; then running up to end
    low, high = np.inf, -np.inf
    for i in range(starts.size):
        start, stop = starts[i], stops[i]
        smallest = largest = first = last = np.nan
        if start < stop:
            first, last = x[start], x[stop - 1]
            if wanted:
                known = bottom <= start < top and end <= stop
                if not known and (i + 1 == starts.size or not start <= starts[i + 1] < stop):
                    smallest, largest = _extent(x[start:stop])
                elif not known:
                    low, high = np.inf, -np.inf
                    for row in range(stop - 1, start - 1, -1):
                        low = min(low, x[row])
                        high = max(high, x[row])
                        least[row], most[row] = low, high
                    bottom, top, end = start, stop, stop
                    low, high = np.inf, -np.inf
                if bottom <= start < top and end <= stop:
                    for row in range(end, stop):
                        low = min(low, x[row])
                        high = max(high, x[row])
                    end = stop
                    smallest, largest = min(least[start], low), max(most[start], high)
        count = np.float64(stop - start)
        _write((count, smallest, largest, largest - smallest, first, last), places, out[i])
