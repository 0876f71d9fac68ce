"""Slope and volatility of slices."""

from functools import cache

import numpy as np

from .. import _kernels
from .moments import Moments, taken_out

# What a value and a slice take of running sums, in the time that folding a value takes.
_PER_VALUE, _PER_SLICE = 12, 32
# Slices that are longer are not folded side by side: eight of them would not stay in the cache.
_LONGEST = 16_384


def write_trends(x, starts, stops, scratch, places, out):
    """Write slope and volatility of slices.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
        Observed values in time order, no NaN.
    starts, stops : int64 arrays of shape (n_slices,)
        The slices of `x`.
    scratch : Scratch
        Where running sums are kept.
    places : int64 array of shape (2,)
        The columns of `out` for the slope (n >= 2) and the volatility (at least one return, and
        none beyond the range of floats); -1 for what is not wanted.
    out : float64 array of shape (n_slices, n_columns)
        Receives them; NaN where undefined.
    """
    if not _better_folded(starts, stops):
        write_exact_trends(x, starts, stops, scratch, places, out)
        return
    rows = _write_folded(x, starts, stops, places, out)
    if len(rows):
        part = out[rows]
        write_exact_trends(x, starts[rows], stops[rows], scratch, places, part)
        out[rows] = part


def write_exact_trends(x, starts, stops, scratch, places, out):
    """Do the same from running sums alone: O(1) for a slice, after O(n) for all of them."""
    if len(starts) == 0:
        return
    x, starts, stops = taken_out(x, starts, stops)
    begin, end = starts.min(), stops.max()
    x, starts, stops = x[begin:end], starts - begin, stops - begin
    if places[0] >= 0:
        _write_slopes(x, starts, stops, scratch, out[:, places[0]])
    if places[1] >= 0:
        _write_volatilities(x, starts, stops, scratch, out[:, places[1]])


def _write_slopes(x, starts, stops, scratch, out):
    bits = x.view(np.int64)
    width, unit = _kernels.width_and_unit(*_kernels.exponents(bits), len(x) ** 2)
    table = scratch.ints(len(x) + 1, 2 * width).view(np.uint64)
    _kernels.cumulate_positions(width)(bits, unit, table)
    _kernels.slopes(width)(table, unit, starts, stops, out)


def _write_volatilities(x, starts, stops, scratch, out):
    changes = scratch.floats(len(x))
    before, beyond = scratch.ints(2, len(x) + 1)
    _kernels.returns(x, changes, before, beyond)
    changes = changes[: before[-1]]
    firsts = np.minimum(starts + 1, stops)  # the return to the first value is of another slice
    moments = Moments(changes, 0, len(changes), scratch)
    moments.write(before[firsts], before[stops], _std_alone(), out[:, np.newaxis])
    out[beyond[stops] > beyond[firsts]] = np.nan


@cache
def _std_alone():
    return np.array([0 if name == "std" else -1 for name in _kernels.MOMENTS])


def _better_folded(starts, stops):
    """Tell whether to fold slices side by side takes less time than running sums do."""
    if len(starts) == 0:
        return False
    lengths = stops - starts
    covered = stops.max() - starts.min()
    return lengths.max() <= _LONGEST and (
        lengths.sum() <= _PER_VALUE * covered + _PER_SLICE * len(lengths)
    )


def _write_folded(x, starts, stops, places, out):
    """Write what `write_trends` does, but for some slices; return which are left."""
    doubtful = np.empty(len(starts), dtype=np.int64)
    table = x[:, np.newaxis].view()
    table.flags.writeable = False
    bounds = starts[np.newaxis], stops[np.newaxis]
    kernel = _kernels.features_of_tails(x.dtype)
    trends = places[np.newaxis, np.newaxis]
    n = kernel(table, np.zeros(1, dtype=np.int64), *bounds, *_nothing_else(), trends, out, doubtful)
    return doubtful[:n]


@cache
def _nothing_else():
    """What the kernel takes after the slices: no tails, no smoothing, no lags."""
    none, no_numbers = np.empty(0, dtype=np.int64), np.empty(0)
    no_tails = none, np.empty((1, 0, len(_kernels.SUMMARIES)), dtype=np.int64), no_numbers
    no_quantiles = np.empty((1, 0, 0), dtype=np.int64)
    smoothed = np.empty((0, 1, 2), dtype=np.int64)
    return *no_tails, no_quantiles, no_numbers, smoothed, none, np.empty((1, 0), dtype=np.int64)
