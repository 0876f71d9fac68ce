"""Slices that stand alone: all that is wanted of them and of their tails, from one kernel."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from .. import _kernels
from .calls import write_moments_and_shape
from .moments import ExactMoments
from .plan import Last, Whole
from .scratch import Scratch
from .trends import write_exact_trends

#: A tail of all values, however many.
EVERYTHING = np.iinfo(np.int64).max

_OF_THE_WHOLE = ("lag", "smoothed", "smoothed_std", "slope", "volatility")


def is_of_tails(fold):
    """Tell whether `Tails` compute a statistic of such a window."""
    window = fold.window
    if window.gap or window.closed in ("left", "neither"):
        return False
    if fold.statistic in _OF_THE_WHOLE:
        return type(window) is Whole
    known = fold.statistic in _kernels.SUMMARIES or fold.statistic == "quantile"
    return known and type(window) in (Whole, Last)


class Slices(NamedTuple):
    """Slices of columns of a table, one of each column for an entity."""

    #: array of shape (n_events, n_columns); NaN is missing
    table: np.ndarray
    #: int64 array of shape (n_fields,): columns of the table
    fields: np.ndarray
    #: int64 array of shape (n_fields, n_entities), or (1, n_entities) for all fields alike
    starts: np.ndarray
    #: the same
    stops: np.ndarray

    def take(self, f, entities):
        """Return the slices of some entities in one field."""
        row = min(f, len(self.starts) - 1)
        bounds = self.starts[row, entities], self.stops[row, entities]
        return Slices(self.table, self.fields[[f]], *(bound[np.newaxis] for bound in bounds))

    def observed(self):
        """Return the values of the first field that are observed, and where slices begin and end.

        One slice after the other.
        """
        lengths = self.stops[0] - self.starts[0]
        ends, n = np.cumsum(lengths), int(lengths.sum())
        x, place = np.empty(n + 1), np.empty((1, n + 1), dtype=np.int64)
        arguments = self.table, self.fields[:1], self.starts[0], self.stops[0], False
        _kernels.compact(*arguments, x, place)
        return x[: place[0, -1]], place[0, ends - lengths], place[0, ends]


class Tails:
    """Features of slices and of their tails, the last so many values of a field.

    Parameters
    ----------
    folds : list of (int, Fold, int)
        The column of the table that is read, what is wanted of it (see `is_of_tails`), and the
        column of the block that gets it.
    """

    def __init__(self, folds):
        self._folds = folds
        #: The columns of the table that are read, ascending, as an int64 array.
        self.fields = np.array(sorted({field for field, _, _ in folds}), dtype=np.int64)

    def write(self, slices, out):
        """Compute what is wanted.

        Parameters
        ----------
        slices : Slices
            Of `fields`.
        out : float64 array of shape (n_entities, n_columns)
            Receives the features; NaN where undefined.
        """
        n_fields, n_entities = len(self.fields), len(out)
        tails, *_ = self._arguments
        shape = n_fields, n_entities, len(tails) + 1
        doubtful = np.empty(np.prod(shape), dtype=np.int64)
        kernel = _kernels.features_of_tails(slices.table.dtype)
        n = kernel(*slices, *self._arguments, out, doubtful)
        field, entity, tail = np.unravel_index(doubtful[:n], shape)
        for f in np.unique(field).tolist():
            of_field = field == f
            self._write_exact(slices, f, entity[of_field], tail[of_field], out)

    def _write_exact(self, slices, f, entity, tail, out):
        """Write moments and shape of tails of a field, or its trends, from whole numbers."""
        tails, summaries, *_, trends = self._arguments
        entities = np.unique(entity)
        x, starts, stops = slices.take(f, entities).observed()
        moments = ExactMoments(x, 0, len(x), Scratch())
        part = out[entities]
        for w in np.unique(tail):
            rows = np.searchsorted(entities, np.unique(entity[tail == w]))
            if w == len(tails):
                bounds, some = (starts[rows], stops[rows]), part[rows]
                write_exact_trends(x, *bounds, Scratch(), trends[0, f], some)
                part[rows] = some
                continue
            columns = summaries[f, w]
            columns = columns[_where(_kernels.MOMENTS)], columns[_where(_kernels.SHAPE)]
            bounds = np.maximum(starts[rows], stops[rows] - tails[w]), stops[rows]
            some = part[rows]
            write_moments_and_shape(x, *bounds, moments, *columns, some)
            part[rows] = some
        out[entities] = part

    @cached_property
    def _arguments(self):
        """What the kernel takes after the slices: columns of the output, -1 for nothing."""
        of_tails, of_whole = [], []
        for field, fold, place in self._folds:
            at = int(np.searchsorted(self.fields, field))
            chosen = of_whole if fold.statistic in _OF_THE_WHOLE else of_tails
            chosen.append((at, fold, place))
        return *self._of_tails(of_tails), *self._of_whole(of_whole)

    def _of_tails(self, folds):
        lengths = sorted({_length(fold.window) for _, fold, _ in folds})
        fractions = sorted({f.parameter for _, f, _ in folds if f.statistic == "quantile"})
        shape = len(self.fields), len(lengths)
        summaries = np.full((*shape, len(_kernels.SUMMARIES)), -1)
        quantiles = np.full((*shape, len(fractions)), -1)
        for at, fold, place in folds:
            w = lengths.index(_length(fold.window))
            if fold.statistic == "quantile":
                quantiles[at, w, fractions.index(fold.parameter)] = place
            else:
                summaries[at, w, _kernels.SUMMARIES.index(fold.statistic)] = place
        tails = np.array(lengths, dtype=np.int64)
        return tails, summaries, np.array(fractions, dtype=np.float64), quantiles

    def _of_whole(self, folds):
        def sorted_parameters(*statistics):
            return sorted({fold.parameter for _, fold, _ in folds if fold.statistic in statistics})

        lags, alphas = sorted_parameters("lag"), sorted_parameters("smoothed", "smoothed_std")
        n_trends = int(any(fold.statistic in ("slope", "volatility") for _, fold, _ in folds))
        smoothed = np.full((len(alphas), len(self.fields), 2), -1)
        lagged = np.full((len(self.fields), len(lags)), -1)
        trends = np.full((n_trends, len(self.fields), 2), -1)
        for at, fold, place in folds:
            second = int(fold.statistic in ("smoothed_std", "volatility"))
            if fold.statistic == "lag":
                lagged[at, lags.index(fold.parameter)] = place
            elif fold.statistic in ("slope", "volatility"):
                trends[0, at, second] = place
            else:
                smoothed[alphas.index(fold.parameter), at, second] = place
        alphas = np.array(alphas, dtype=np.float64)
        return alphas, smoothed, np.array(lags, dtype=np.int64), lagged, trends


def _length(window):
    return EVERYTHING if type(window) is Whole else int(window.n)


def _where(names):
    return [_kernels.SUMMARIES.index(name) for name in names]
