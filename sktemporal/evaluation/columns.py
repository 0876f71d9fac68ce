"""One chunk of entities, its fields compacted once for all families that read them."""

from __future__ import annotations

import operator
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .. import _kernels
from ..sequences import EventSequences, seconds_between
from .moments import Moments
from .tails import Slices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .._types import Closed, Floats, Integers
    from ..evaluation.scratch import Scratch

_ONE_FIELD = np.zeros(1, dtype=np.int64)

#: How values compare with another, by the sign for it.
COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


class Column:
    """Observed values of fields, none missing, and the slices of the entities in them.

    Entity ``i`` has, of field ``k``, the values ``x[starts[k, i]:stops[k, i]]``, in time order.
    Slices overlap where the histories do. They are copied out of the table on first use.

    Parameters
    ----------
    slices : Slices
        Of the table, with what is missing.
    compact : callable
        Returns `x`, `starts`, `stops`, where in `x` each field begins, and for each row of the
        chunk its position in `x`, or None where nothing is missing.
    scratch : Scratch
        Where memory comes from.
    n_before : int, default=0
        How many values before the first of a window are in its rows, but not in the window.
    """

    def __init__(
        self,
        slices: Slices | None,
        compact: Callable[[], tuple[Any, ...]],
        scratch: Scratch,
        n_before: int = 0,
    ) -> None:
        self.slices = slices
        self.n_before = n_before
        self._compact = compact
        self._scratch = scratch

    @cached_property
    def _compacted(self):
        return self._compact()

    @cached_property
    def x(self) -> Floats:
        """The values, float64."""
        return self._compacted[0]

    @cached_property
    def starts(self) -> Integers:
        """Where slices begin, int64 of shape (n_fields, n_entities)."""
        return self._compacted[1]

    @cached_property
    def stops(self) -> Integers:
        """Where slices end."""
        return self._compacted[2]

    def positions_of(self, rows: Integers) -> Integers:
        """Positions in `x`, field by field, of rows of the chunk; of the next observed one."""
        begins, place = self._compacted[3:]
        if place is None:
            return rows[np.newaxis] if len(begins) == 1 else np.add.outer(begins, rows)
        return place.take(rows, axis=1)

    def starts_of(self, rows: Integers, stops: Integers) -> Integers:
        """Positions of the first values of windows that begin with rows of the chunk.

        They end at rows `stops`.
        """
        return self.positions_of(np.minimum(rows + self.n_before, stops))

    def rows_of(self, positions: Integers) -> Integers:
        """Rows of the chunk of values; of a column of one field."""
        begins, place = self._compacted[3:]
        if place is None:
            return positions - begins[0]
        return np.searchsorted(place[0], positions, side="right") - 1

    @cached_property
    def moments(self) -> list[Moments]:
        """`Moments` of each field; of a single entity one for all fields together."""
        n_fields, n_entities = self.starts.shape
        if n_entities == 1 or n_fields == 1:
            return [Moments(self.x, 0, len(self.x), self._scratch)]
        edges = [*self._compacted[3].tolist(), len(self.x)]
        return [Moments(self.x, *edge, self._scratch) for edge in pairwise(edges)]


class ObservedColumns:
    """The observed values of each field of some sequences.

    Memory comes from a `Scratch`, so columns last as long as it is not cleared.
    The sequences are in the order of the table (see `roads`). Where their slices overlap,
    the rows that they cover are taken once: these are *the rows of the chunk*.
    """

    def __init__(self, sequences: EventSequences, scratch: Scratch) -> None:
        self.sequences = sequences
        self.scratch = scratch
        self._kept = {}
        self._runs = _Runs(sequences.starts, sequences.stops)

    def numerical(self, fields: Integers) -> Column:
        """Observed values of numerical fields."""
        return self._once("numerical", fields, self._column, self.sequences.values, False)

    def categorical(self, fields: Integers) -> Column:
        """Nonzero codes of categorical fields."""
        return self._once("categorical", fields, self._column, self.sequences.codes, True)

    def intervals(self) -> Column:
        """Seconds between successive events, or those that the container brings."""
        return self._once("intervals", _ONE_FIELD, self._intervals)

    def where(self, column: Column, compares: str, value: float) -> Column:
        """Those values of a column of one field that meet a condition."""
        kept = COMPARISONS[compares](column.x, value)
        counts = _counts_before(kept)
        place = counts[column.positions_of(np.arange(self._runs.n_rows + 1))]
        compacted = column.x[kept], counts[column.starts], counts[column.stops], _ONE_FIELD, place
        return Column(None, lambda: compacted, self.scratch, column.n_before)

    def window_bounds(
        self, durations: Sequence[int], closed: Closed, gap: int
    ) -> tuple[Integers, Integers]:
        """Rows of the chunk of windows; see `EventSequences.window_bounds`."""
        starts, stops = self.sequences.window_bounds(durations, closed, gap)
        return starts - self._runs.shifts, stops - self._runs.shifts

    def session_starts(self, timeout: int, stops: Integers) -> Integers:
        """Rows of the chunk with which the last sessions begin of slices that end at `stops`."""
        if self.sequences.times is None and self.sequences.intervals is None:
            raise ValueError("X must have times (or intervals) for windows that are sessions")
        gaps = self.where(self.intervals(), ">=", timeout / 1e6)
        first, behind = gaps.starts[0], gaps.positions_of(stops)[0]
        starts = self.starts.copy()
        found = behind > first
        starts[found] = gaps.rows_of(behind[found] - 1)
        return starts

    def ages(self, rows: Integers, slices: Integers) -> Floats:
        """Seconds from the events in rows of the chunk to the moments of slices."""
        sequences = self.sequences
        if sequences.times is None:
            return np.full(len(rows), np.nan)
        times = sequences.times[self._runs.rows[rows]]
        return seconds_between(times, sequences.reference_times[slices])

    def n_events(self, starts: Integers, stops: Integers) -> Integers:
        """Count events between rows of the chunk; the observed, where it is known which are."""
        if self.sequences.observed is None:
            return stops - starts
        counts = self._observed_before
        return counts[stops] - counts[starts]

    def spans(self, starts: Integers, stops: Integers) -> Floats:
        """Seconds from the first event to the last between rows of the chunk; 0 where is none."""
        span = np.zeros(len(starts))
        filled = stops > starts
        first, last = starts[filled] + self._runs.shifts[filled], stops[filled] - 1
        times = self.sequences.times
        span[filled] = seconds_between(times[first], times[last + self._runs.shifts[filled]])
        return span

    @property
    def starts(self) -> Integers:
        """Where slices begin, as rows of the chunk."""
        return self._runs.local_starts

    @property
    def stops(self) -> Integers:
        """Where slices end, as rows of the chunk."""
        return self._runs.local_stops

    def observing(self, positions: tuple[int, ...]) -> ObservedColumns:
        """Return the columns of only those events in which one of these fields is observed.

        Where the container brings intervals, an event left out gives its interval to the next one
        of the same slice; so slices that start differently share no rows.
        """
        key = "observing", positions
        if key not in self._kept:
            self._kept[key] = self._observing(list(positions))
        return self._kept[key]

    def _observing(self, positions):
        sequences, runs = self.sequences, self._runs
        intervals = sequences.intervals
        if intervals is not None:
            runs = runs.of_one_start()
        kept = ~np.isnan(sequences.values[np.ix_(runs.rows, positions)]).all(axis=1)
        rows = runs.rows[kept]
        if intervals is not None:
            opens = np.ones(len(kept), dtype=bool)
            opens[1:] = kept[:-1]
            opens[runs.firsts] = True
            groups = np.cumsum(opens) - 1
            sums = np.bincount(groups, weights=intervals[runs.rows], minlength=len(kept))
            intervals = sums[groups[kept]]
        counts = _counts_before(kept)
        seen = EventSequences(
            np.empty((len(rows), 0)),
            counts[runs.local_starts],
            counts[runs.local_stops],
            times=None if sequences.times is None else sequences.times[rows],
            intervals=intervals,
            reference_times=sequences.reference_times,
            inclusive=sequences.inclusive,
        )
        return ObservedColumns(seen, self.scratch)

    @cached_property
    def _observed_before(self):
        return _counts_before(self.sequences.observed[self._runs.rows])

    def _once(self, kind, fields, compute, *arguments):
        key = kind, fields.tobytes()
        if key not in self._kept:
            self._kept[key] = compute(fields, *arguments)
        return self._kept[key]

    def _column(self, fields, table, skip_zero, n_before=0):
        bounds = self.sequences.starts[np.newaxis], self.sequences.stops[np.newaxis]
        slices = Slices(_read_only(table), fields, *bounds)
        compact = partial(_compact, slices, self._runs, self.scratch, skip_zero)
        return Column(slices, compact, self.scratch, n_before)

    def _intervals(self, one_field):
        sequences, runs = self.sequences, self._runs
        if sequences.intervals is not None:
            return self._column(one_field, sequences.intervals[:, np.newaxis], False, n_before=1)
        place = None
        if sequences.times is None:
            x = np.empty(0)
            starts = stops = np.zeros((1, len(sequences)), dtype=np.int64)
            place = np.zeros((1, runs.n_rows + 1), dtype=np.int64)
        else:
            x = np.zeros(runs.n_rows)
            times = sequences.times[runs.rows]
            x[1:] = seconds_between(times[:-1], times[1:])
            x[runs.firsts] = 0.0  # from one entity to another: in no slice
            starts = np.minimum(runs.local_starts + 1, runs.local_stops)[np.newaxis]
            stops = runs.local_stops[np.newaxis]
        slices = Slices(_read_only(x[:, np.newaxis]), one_field, starts, stops)
        compacted = x, starts, stops, one_field, place
        # An interval is in the row of the event that ends it: that of a window's first is not in.
        return Column(slices, lambda: compacted, self.scratch, n_before=1)


def _compact(slices, runs, scratch, skip_zero):
    """Copy what is observed out of the table; see `Column`."""
    fields = slices.fields
    x = scratch.floats(len(fields) * runs.n_rows + 1)
    source = slices.table, fields, runs.starts, runs.stops, skip_zero
    bounds = runs.local_starts, runs.local_stops
    if _kernels.copy_observed(*source, x):
        begins = np.arange(len(fields)) * runs.n_rows
        starts, stops = (np.add.outer(begins, rows) for rows in bounds)
        return x[:-1], starts, stops, begins, None
    place = scratch.ints(len(fields), runs.n_rows + 1)
    _kernels.compact(*source, x, place)
    starts, stops = (place.take(rows, axis=1) for rows in bounds)
    return x[: place[-1, -1]], starts, stops, place[:, 0], place


class _Runs:
    """Runs of overlapping slices: the rows of the table that each covers, one after the other."""

    def __init__(self, starts, stops, one_start=False):
        self._slices = starts, stops
        bounds = np.empty((2, len(starts)), dtype=np.int64)
        #: from rows of the chunk to rows of the table, for each slice
        self.shifts = np.empty(len(starts), dtype=np.int64)
        n_runs, self.n_rows = _kernels.merge(starts, stops, one_start, *bounds, self.shifts)
        self.starts, self.stops = bounds[:, :n_runs]
        self.apart = n_runs == len(starts)
        self.local_starts = starts - self.shifts
        self.local_stops = stops - self.shifts

    @cached_property
    def lengths(self):
        """How many rows each run has."""
        return self.stops - self.starts

    @cached_property
    def firsts(self):
        """The row of the chunk with which each run begins that has any."""
        lengths = self.lengths
        return (np.cumsum(lengths) - lengths)[lengths > 0]

    @cached_property
    def rows(self):
        """The row of the table for each row of the chunk."""
        lengths = self.lengths
        offsets = np.cumsum(lengths) - lengths
        return np.arange(self.n_rows) + np.repeat(self.starts - offsets, lengths)

    def of_one_start(self):
        """Runs of the slices that start in the same row."""
        return _Runs(*self._slices, one_start=True)


def _counts_before(chosen):
    counts = np.zeros(len(chosen) + 1, dtype=np.int64)
    np.cumsum(chosen, out=counts[1:])
    return counts


def _read_only(array):
    """View as read-only: the one array type that the kernels are compiled for."""
    view = array.view()
    view.flags.writeable = False
    return view
