"""Features of histories that stand alone: all that is wanted of them, from one kernel."""

from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from .. import _kernels
from .moments import ExactMoments
from .scratch import Scratch
from .summaries import fraction_of, write_moments_and_shape, write_statistics

#: A tail of all values, however many.
EVERYTHING = np.iinfo(np.int64).max


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


class TailFeatures:
    """Features of histories and of their tails, the last so many values of a field.

    What is wanted is told first: `fields` are columns of a table, and the features get the columns
    of the output from `first` on, field by field. Then `write` computes everything at once.
    """

    def __init__(self):
        self._statistics, self._smoothed, self._lagged, self._trends = [], [], [], []

    def want_statistics(self, fields, tails, names, first):
        """Want statistics, by their names, of tails: of each field tail by tail, but no None."""
        columns = _columns(fields, len(tails) * len(names), first)
        for w, tail in enumerate(tails):
            if tail is not None:
                of_tail = columns[:, w * len(names) : (w + 1) * len(names)]
                self._statistics.append((fields, of_tail, int(tail), names))

    def want_smoothed(self, fields, alpha, first):
        """Want the exponentially smoothed level and its deviation."""
        self._smoothed.append((fields, _columns(fields, 2, first), float(alpha)))

    def want_lagged(self, fields, lags, first):
        """Want the values at lags."""
        self._lagged.append((fields, _columns(fields, len(lags), first), lags))

    def want_trends(self, fields, first):
        """Want slope and volatility."""
        self._trends.append((fields, _columns(fields, 2, first)))

    @cached_property
    def fields(self):
        """The columns of the table that are read, ascending, as an int64 array."""
        wanted = self._statistics + self._smoothed + self._lagged + self._trends
        fields = {int(field) for fields, *_ in wanted for field in fields}
        return np.array(sorted(fields), dtype=np.int64)

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
        if n_fields == 0:
            return
        tails, *_ = self._arguments
        doubtful = np.empty(n_fields * n_entities * len(tails), dtype=np.int64)
        kernel = _kernels.features_of_tails(slices.table.dtype)
        n = kernel(*slices, *self._arguments, out, doubtful)
        field, entity, tail = np.unravel_index(doubtful[:n], (n_fields, n_entities, len(tails)))
        for f in np.unique(field).tolist():
            of_field = field == f
            self._write_exact(slices, f, entity[of_field], tail[of_field], out)

    def _write_exact(self, slices, f, entity, tail, out):
        """Write moments and shape of tails of a field, from whole numbers."""
        tails, summaries, *_ = self._arguments
        entities = np.unique(entity)
        x, starts, stops = slices.take(f, entities).observed()
        moments = ExactMoments(x, 0, len(x), Scratch())
        part = out[entities]
        for w in np.unique(tail):
            rows = np.searchsorted(entities, np.unique(entity[tail == w]))
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
        n_fields = len(self.fields)
        statistics = sorted(self._statistics, key=lambda wanted: wanted[2])
        tails = np.array([tail for *_, tail, _ in statistics], dtype=np.int64)
        summaries = np.full((n_fields, len(tails), len(_kernels.SUMMARIES)), -1)
        fractions, of_fractions = [], []
        for w, (fields, columns, _, names) in enumerate(statistics):
            for name, column in zip(names, columns.T, strict=True):
                fraction = fraction_of(name)
                if fraction is None:
                    summaries[self._at(fields), w, _kernels.SUMMARIES.index(name)] = column
                else:
                    fractions.append(fraction)
                    of_fractions.append((self._at(fields), w, column))
        quantiles = np.full((n_fields, len(tails), len(fractions)), -1)
        for k, (positions, w, column) in enumerate(of_fractions):
            quantiles[positions, w, k] = column
        smoothed = np.full((len(self._smoothed), n_fields, 2), -1)
        for k, (fields, columns, _) in enumerate(self._smoothed):
            smoothed[k, self._at(fields)] = columns
        lags = [lag for *_, lags in self._lagged for lag in lags]
        lagged, end = np.full((n_fields, len(lags)), -1), 0
        for fields, columns, some in self._lagged:
            lagged[self._at(fields), end : end + len(some)] = columns
            end += len(some)
        trends = np.full((len(self._trends), n_fields, 2), -1)
        for k, (fields, columns) in enumerate(self._trends):
            trends[k, self._at(fields)] = columns
        alphas = np.array([alpha for *_, alpha in self._smoothed])
        of_tails = tails, summaries, np.array(fractions, dtype=np.float64), quantiles
        return *of_tails, alphas, smoothed, np.array(lags, dtype=np.int64), lagged, trends

    def _at(self, fields):
        """Positions among `fields` of some of them."""
        return np.searchsorted(self.fields, fields)


def _columns(fields, n, first):
    """The columns of the output: n for each field."""
    return first + np.arange(len(fields) * n).reshape(len(fields), n)


def _where(names):
    return [_kernels.SUMMARIES.index(name) for name in names]


def write_whole(column, names, out):
    """Compute statistics of whole histories; as `write_statistics` does, or faster."""
    if column.alone:
        _of_whole(tuple(names), len(column.slices.fields)).write(column.slices, out)
    else:
        write_statistics(column, column.whole, names, out)


@cache
def _of_whole(names, n_fields):
    tails = TailFeatures()
    tails.want_statistics(np.arange(n_fields), (EVERYTHING,), names, 0)
    return tails
