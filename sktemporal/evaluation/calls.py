"""Calls of kernels for slices of a column: which statistic goes to which place of a block."""

from functools import cache
from typing import NamedTuple

import numpy as np

from .. import _kernels
from .trends import write_trends

# The statistics that one kernel computes together, beside those of `_kernels.MOMENTS`, `EXTREMES`
# and `SHAPE`.
_TRENDS = ("slope", "volatility")
OF_CODES = ("n_unique", "diversity", "mode_share")
_SMOOTHED = ("smoothed", "smoothed_std")
#: What folds know beside those, and what depends on a parameter.
OF_FOLDS = (*_TRENDS, *_SMOOTHED, "gini", "lag", "quantile", "n_unique")
WITH_PARAMETER = (*_SMOOTHED, "lag", "quantile")


class Wanted(NamedTuple):
    """A statistic that is wanted, and the column of the block that gets it."""

    statistic: str
    parameter: float | int | None
    place: int


class Calls:
    """What is wanted of slices, for each kernel that computes some of it.

    Parameters
    ----------
    wanted : list of Wanted
    of_codes : bool
        Whether the values are codes.
    """

    def __init__(self, wanted, of_codes=False):
        self.extremes = _places(wanted, _kernels.EXTREMES)
        self._moments = _places(wanted, _kernels.MOMENTS)
        self._shape = _places(wanted, _kernels.SHAPE)
        self._trends = _places(wanted, _TRENDS)
        self._gini = _places(wanted, ("gini",))
        self._codes = _places(wanted, OF_CODES) if of_codes else None
        quantiles = [w for w in wanted if w.statistic == "quantile"]
        n_unique = [w.place for w in wanted if w.statistic == "n_unique" and not of_codes]
        self._order = None
        if quantiles or n_unique:
            fractions = np.array([w.parameter for w in quantiles], dtype=np.float64)
            self._order = fractions, np.array([*(w.place for w in quantiles), *(n_unique or [-1])])
        lagged = [w for w in wanted if w.statistic == "lag"]
        lags = np.array([w.parameter for w in lagged], dtype=np.int64)
        self._lags = (lags, np.array([w.place for w in lagged])) if lagged else None
        alphas = {float(w.parameter) for w in wanted if w.statistic in _SMOOTHED}
        self._smoothed = [
            (alpha, _places([w for w in wanted if w.parameter == alpha], _SMOOTHED))
            for alpha in sorted(alphas)
        ]

    def write(self, x, starts, stops, moments, out):
        """Write everything but the extremes.

        Parameters
        ----------
        x : float64 array of shape (n_values,)
        starts, stops : int64 arrays of shape (n_slices,)
        moments : Moments
            Of the part of `x` in which the slices are.
        out : float64 array of shape (n_slices, n_columns)
            NaN is for undefined.
        """
        if self._moments is not None:
            moments.write(starts, stops, self._moments, out)
        if self._shape is not None:
            write_shape(x, starts, stops, moments, self._shape, out)
        if self._order is not None:
            _kernels.order_statistics(x, starts, stops, *self._order, out)
        if self._trends is not None:
            write_trends(x, starts, stops, moments.scratch, self._trends, out)
        if self._lags is not None:
            _kernels.lagged(x, starts, stops, *self._lags, out)
        for alpha, places in self._smoothed:
            _kernels.exponential_smoothing(x, starts, stops, alpha, places, out)
        if self._gini is not None:
            _kernels.gini(x, starts, stops, out[:, self._gini[0]])
        if self._codes is not None:
            _kernels.code_diversity(x, starts, stops, self._codes, out)


def write_moments_and_shape(x, starts, stops, moments, places, shape_places, out):
    """Write `_kernels.MOMENTS` and `_kernels.SHAPE` of slices: see `Calls.write`."""
    moments.write(starts, stops, places, out)
    if shape_places.max() >= 0:
        write_shape(x, starts, stops, moments, shape_places, out)


def write_shape(x, starts, stops, moments, places, out):
    """Write `_kernels.SHAPE` of slices: see `Calls.write`."""
    mean_and_std = np.empty((len(stops), 2))
    moments.write(starts, stops, _mean_and_std(), mean_and_std)
    _kernels.shape(x, starts, stops, places, mean_and_std, out)


@cache
def _mean_and_std():
    """Of `_kernels.MOMENTS`, the columns of what `shape` needs."""
    return np.array([{"mean": 0, "std": 1}.get(name, -1) for name in _kernels.MOMENTS])


def _places(wanted, names):
    """Return the places of statistics, -1 for those not wanted; None if none is."""
    places = {w.statistic: w.place for w in wanted}
    found = np.array([places.get(name, -1) for name in names])
    return found if found.max() >= 0 else None
