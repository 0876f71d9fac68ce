"""One chunk of entities, its fields compacted once for all families that read them."""

from functools import cached_property

import numpy as np

from .. import _kernels
from ..sequences import EventSequences


class Column:
    """Observed values of one field, none missing, and the slices of the entities in it.

    Entity ``i`` has the values ``x[starts[i]:stops[i]]``, in time order. Slices overlap where the
    histories do.
    """

    def __init__(self, x, starts, stops, place=None):
        self.x = x
        self.starts = starts
        self.stops = stops
        self._place = place

    def __iter__(self):
        return iter((self.x, self.starts, self.stops))

    def position_of(self, rows):
        """Positions in `x` of rows of the chunk; of the next observed one where missing."""
        return rows if self._place is None else self._place[rows]

    @cached_property
    def sums(self):
        """Exact running sums: width in limbs, lowest exponent and table; see `_kernels.exact`."""
        bits = self.x.view(np.int64)
        highest, lowest = _kernels.exponents(bits)
        width, lowest = _kernels.width_and_unit(highest, lowest, len(bits))
        table = np.empty((len(bits) + 1, 3 * width), dtype=np.uint64)
        _kernels.cumulate(width)(bits, lowest, table)
        return width, lowest, table


class ObservedColumns:
    """The observed values of each field of some sequences.

    The sequences are in the order of the table (see `in_table_order`). Where their slices overlap,
    the rows that they cover are taken once: these are *the rows of the chunk*.
    """

    def __init__(self, sequences):
        self.sequences = sequences
        self._kept = {}
        apart = newly_covered(sequences)[1]
        self._runs = _Runs(sequences.starts, sequences.stops, apart)

    def numerical(self, position):
        """Observed values of a numerical field."""
        column = self.sequences.values[:, position]
        return self._once(("numerical", position), self._compact, column, False)

    def categorical(self, position):
        """Nonzero codes of a categorical field."""
        column = self.sequences.codes[:, position]
        return self._once(("categorical", position), self._compact, column, True)

    def intervals(self):
        """Seconds between successive events, or those that the container brings."""
        return self._once("intervals", self._intervals)

    def younger_than(self, microseconds, or_equal):
        """First row of the chunk, for each entity, of less than this age at its reference time."""
        key = ("younger", microseconds, or_equal)
        return self._once(key, self._younger_than, microseconds, or_equal)

    def spans(self):
        """Seconds from the first event to the last, or the sum of the intervals brought; >= 0."""
        sequences = self.sequences
        if sequences.intervals is not None:
            intervals, total = self.intervals(), np.empty((len(sequences), 1))
            width, lowest, table = intervals.sums
            only_sum = np.array([0, -1, -1, -1, -1])
            _kernels.moments(width)(table, lowest, *intervals, only_sum, total)
            return total[:, 0]
        span = np.zeros(len(sequences))
        filled = sequences.stops > sequences.starts
        if sequences.times is not None:
            first = sequences.times[sequences.starts[filled]]
            span[filled] = _seconds_between(first, sequences.times[sequences.stops[filled] - 1])
        return span

    def n_events(self):
        """Number of events; those of which only categorical fields were observed don't count."""
        sequences = self.sequences
        if sequences.observed is None:
            return sequences.lengths
        counts = _counts_before(sequences.observed[self._runs.rows])
        return counts[self._runs.local_stops] - counts[self._runs.local_starts]

    def of_events_observing(self, positions):
        """Return the columns of only those events in which one of these fields is observed.

        Where the container brings intervals, an event left out gives its interval to the next one
        of the same slice; so slices that start differently share no rows.
        """
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
        return ObservedColumns(
            EventSequences(
                np.empty((len(rows), 0)),
                counts[runs.local_starts],
                counts[runs.local_stops],
                times=None if sequences.times is None else sequences.times[rows],
                intervals=intervals,
            )
        )

    def _once(self, key, compute, *arguments):
        if key not in self._kept:
            self._kept[key] = compute(*arguments)
        return self._kept[key]

    def _compact(self, column, skip_zero):
        runs = self._runs
        x = np.empty(runs.n_rows + 1)
        place = np.empty(runs.n_rows + 1, dtype=np.int64)
        _kernels.compact(_read_only(column), runs.starts, runs.stops, skip_zero, x, place)
        n_values = place[-1]
        if n_values == runs.n_rows:
            return Column(x[:n_values], runs.local_starts, runs.local_stops)
        starts, stops = place[runs.local_starts], place[runs.local_stops]
        return Column(x[:n_values], starts, stops, place)

    def _intervals(self):
        sequences, runs = self.sequences, self._runs
        if sequences.intervals is not None:
            return self._compact(sequences.intervals, False)
        if sequences.times is None:
            none = np.zeros(len(sequences), dtype=np.int64)
            return Column(np.empty(0), none, none)
        x = np.zeros(runs.n_rows)
        times = sequences.times[runs.rows]
        x[1:] = _seconds_between(times[:-1], times[1:])
        x[runs.firsts] = 0.0  # from one entity to another: in no slice
        return Column(x, np.minimum(runs.local_starts + 1, runs.local_stops), runs.local_stops)

    def _younger_than(self, microseconds, or_equal):
        return self.sequences.first_younger(microseconds, or_equal) - self._runs.shifts


class _Runs:
    """Runs of overlapping slices: the rows of the table that each covers, one after the other."""

    def __init__(self, starts, stops, opens):
        self._slices = starts, stops
        first = np.flatnonzero(opens)
        self.starts = starts[first]
        self.stops = np.maximum.reduceat(stops, first) if len(first) else stops
        lengths = self.stops - self.starts
        self.n_rows = int(lengths.sum())
        offsets = np.cumsum(lengths) - lengths
        self.firsts = offsets[lengths > 0]
        #: from rows of the chunk to rows of the table, for each slice
        self.shifts = (self.starts - offsets)[np.cumsum(opens) - 1]
        self.local_starts = starts - self.shifts
        self.local_stops = stops - self.shifts

    @cached_property
    def rows(self):
        """The row of the table for each row of the chunk."""
        lengths = self.stops - self.starts
        offsets = np.cumsum(lengths) - lengths
        return np.arange(self.n_rows) + np.repeat(self.starts - offsets, lengths)

    def of_one_start(self):
        """Runs of the slices that start in the same row."""
        starts, stops = self._slices
        opens = np.ones(len(starts), dtype=bool)
        opens[1:] = starts[1:] != starts[:-1]
        return _Runs(starts, stops, opens)


def in_table_order(sequences):
    """Sort entities by where their slices lie, so that moments of one history come in order.

    Returns
    -------
    sequences : EventSequences
    order : int64 array of shape (n_entities,) or None
        Which entities they are; None: as they came.
    """
    moments = sequences.reference_times
    moments = sequences.stops if moments is None else np.ascontiguousarray(moments)
    if _kernels.ascending(sequences.starts, sequences.stops, moments):
        return sequences, None
    order = np.lexsort((moments, sequences.stops, sequences.starts))
    return sequences[order], order


def newly_covered(sequences):
    """Count, for slices in the order of the table, the rows that none before covers.

    Returns
    -------
    covered : int64 array of shape (n_entities,)
    apart : bool array of shape (n_entities,)
        True where a slice overlaps none before it.
    """
    covered = np.empty(len(sequences), dtype=np.int64)
    apart = np.empty(len(sequences), dtype=bool)
    _kernels.newly_covered(sequences.starts, sequences.stops, covered, apart)
    return covered, apart


def _counts_before(chosen):
    counts = np.zeros(len(chosen) + 1, dtype=np.int64)
    np.cumsum(chosen, out=counts[1:])
    return counts


def _seconds_between(earlier, later):
    """Differences of int64 microseconds, which uint64 holds without overflow."""
    return (later.view(np.uint64) - earlier.view(np.uint64)) / 1e6


def _read_only(array):
    """View as read-only: the one array type that the kernels are compiled for."""
    view = array.view()
    view.flags.writeable = False
    return view
