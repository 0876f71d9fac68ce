"""Moments of slices of one field: certified ones, and exact ones where those cannot tell."""

from functools import cached_property

import numpy as np

from .. import _kernels

# For fewer slices the running sums of whole numbers alone are quicker.
_FEWEST_FOR_PARTS = 64


def taken_out(x, starts, stops):
    """Copy the values of slices out of a column, where that is less than half of it.

    Returns
    -------
    x, starts, stops
        One slice after the other; or as they came.
    """
    lengths = stops - starts
    n_values = int(lengths.sum())
    if 2 * n_values >= len(x):
        return x, starts, stops
    ends = np.cumsum(lengths)
    rows = np.arange(n_values) + np.repeat(stops - ends, lengths)
    return x[rows], ends - lengths, ends


class Moments:
    """All `_kernels.MOMENTS` of slices of a part of a column of values.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
    begin, end : int
        The slices are of ``x[begin:end]``, their bounds positions in `x`.
    scratch : Scratch
        Where running sums are kept.
    """

    def __init__(self, x, begin, end, scratch):
        self._x = x[begin:end]
        self.scratch = scratch
        self.begin = begin
        self._bits = self._x.view(np.int64)

    def write(self, starts, stops, places, out):
        """Write moments of slices, as the kernels `moments` do; NaN where undefined.

        Parameters
        ----------
        starts, stops : int64 arrays of shape (n_slices,)
        places : int64 array of shape (5,)
            The column of `out` for each of `_kernels.MOMENTS`; -1 for what is not wanted.
        out : float64 array of shape (n_slices, n_columns)
        """
        if self.begin:
            starts, stops = starts - self.begin, stops - self.begin
        if len(starts) < _FEWEST_FOR_PARTS or self._parts is None:
            self._write_exact(starts, stops, places, out)
            return
        doubtful = np.empty(len(starts), dtype=np.int64)
        n = _kernels.moments_of_parts(*self._parts, starts, stops, places, out, doubtful)
        if n:
            rows = doubtful[:n]
            part = out[rows]
            self.write_exact(starts[rows], stops[rows], places, part)
            out[rows] = part

    def write_exact(self, starts, stops, places, out):
        """Write moments of slices of ``x[begin:end]`` from whole numbers alone."""
        x, starts, stops = taken_out(self._x, starts, stops)
        moments = self if x is self._x else Moments(x, 0, len(x), self.scratch)
        moments._write_exact(starts, stops, places, out)

    def _write_exact(self, starts, stops, places, out):
        width, unit, table = self._exact
        _kernels.moments(width)(table, unit, self._x, starts, stops, places, out)

    @cached_property
    def _exponents(self):
        return _kernels.exponents(self._bits)

    @cached_property
    def _exact(self):
        """Running sums as whole numbers: limbs, unit, table."""
        width, unit = _kernels.width_and_unit(*self._exponents, len(self._x))
        table = self.scratch.ints(len(self._x) + 1, 3 * width).view(np.uint64)
        _kernels.cumulate(width)(self._bits, unit, table)
        return width, unit, table

    @cached_property
    def _parts(self):
        """Running sums as parts, and what they leave out; None where parts don't hold the sums."""
        dropped = _kernels.dropped_by_parts(*self._exponents, len(self._x))
        if dropped is None:
            return None
        table = self.scratch.floats((len(self._x) + 1) * len(_kernels.PARTS))
        _kernels.cumulate_parts(self._x, self._exponents[0], table)
        return table, dropped


class ExactMoments(Moments):
    """The same from whole numbers alone, where the others have been tried."""

    def write(self, starts, stops, places, out):
        """Write what is wanted, as `Moments` does."""
        self._write_exact(starts, stops, places, out)
