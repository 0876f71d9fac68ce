"""One chunk of entities, its fields compacted once for all families that read them."""

from functools import cached_property, partial

import numpy as np

from .. import _kernels
from .._kernels import LANES
from ..sequences import EventSequences, seconds_between
from .moments import Moments
from .summaries import Windows
from .tails import Slices, write_whole

#: Histories that are longer do not go side by side: eight of them would not stay in the cache.
LONGEST = 16_384
# The same where there are fewer than eight of them.
_LONGEST_OF_FEW = 256

_ONE_FIELD = np.zeros(1, dtype=np.int64)


class Column:
    """Observed values of fields, none missing, and the slices of the entities in them.

    Entity ``i`` has, of field ``k``, the values ``x[starts[k, i]:stops[k, i]]``, in time order.
    Slices overlap where the histories do. They are copied out of the table on first use.

    Parameters
    ----------
    slices : Slices
        Of the table, with what is missing.
    alone : bool
        Whether `TailFeatures` may take them.
    compact : callable
        Returns `x`, `starts`, `stops`, where in `x` each field begins, and for each row of the
        chunk its position in `x`, or None where nothing is missing.
    scratch : Scratch
        Where memory comes from.
    """

    def __init__(self, slices, alone, compact, scratch):
        self.slices = slices
        self.alone = alone
        self._compact = compact
        self._scratch = scratch

    @cached_property
    def _compacted(self):
        return self._compact()

    @cached_property
    def x(self):
        """The values, float64."""
        return self._compacted[0]

    @cached_property
    def starts(self):
        """Where slices begin, int64 of shape (n_fields, n_entities)."""
        return self._compacted[1]

    @cached_property
    def stops(self):
        """Where slices end."""
        return self._compacted[2]

    def positions_of(self, rows):
        """Positions in `x`, field by field, of rows of the chunk; of the next observed one."""
        begins, place = self._compacted[3:]
        if place is None:
            return rows[np.newaxis] if len(begins) == 1 else np.add.outer(begins, rows)
        return place.take(rows, axis=1)

    @cached_property
    def whole(self):
        """The histories as windows."""
        return Windows(self.starts[:, np.newaxis], self.stops)

    @cached_property
    def moments(self):
        """`Moments` of each field; of a single entity one for all fields together."""
        n_fields, n_entities = self.starts.shape
        if n_entities == 1 or n_fields == 1:
            return [Moments(self.x, 0, len(self.x), self._scratch)]
        edges = [*self._compacted[3].tolist(), len(self.x)]
        return [Moments(self.x, *edges[f : f + 2], self._scratch) for f in range(n_fields)]

    @cached_property
    def own_moments(self):
        """All `_kernels.MOMENTS` of the histories, shape (n_entities, n_fields, 5)."""
        n_fields, n_entities = self.starts.shape
        every = np.arange(len(_kernels.MOMENTS))
        blocks = np.empty((n_entities, n_fields, len(every)))
        for f in range(n_fields):
            part = np.empty((n_entities, len(every)))
            self.moments[f].write(self.starts[f], self.stops[f], every, part)
            blocks[:, f] = part
        return blocks


class ObservedColumns:
    """The observed values of each field of some sequences.

    Memory comes from a `Scratch`, so columns last as long as it is not cleared.
    The sequences are in the order of the table (see `in_table_order`). Where their slices overlap,
    the rows that they cover are taken once: these are *the rows of the chunk*.
    """

    def __init__(self, sequences, scratch):
        self.sequences = sequences
        self.scratch = scratch
        self._kept = {}
        self._runs = _Runs(sequences.starts, sequences.stops)

    def numerical(self, fields):
        """Observed values of numerical fields."""
        return self._once("numerical", fields, self._column, self.sequences.values, False)

    def categorical(self, fields):
        """Nonzero codes of categorical fields."""
        return self._once("categorical", fields, self._column, self.sequences.codes, True)

    def intervals(self):
        """Seconds between successive events, or those that the container brings."""
        return self._once("intervals", _ONE_FIELD, self._intervals)

    @property
    def has_intervals(self):
        """Whether there are times, or intervals that the container brings."""
        return self.sequences.times is not None or self.sequences.intervals is not None

    def window_bounds(self, durations, closed, gap):
        """Rows of the chunk of windows; see `EventSequences.window_bounds`."""
        starts, stops = self.sequences.window_bounds(durations, closed, gap)
        return starts - self._runs.shifts, stops - self._runs.shifts

    def spans(self):
        """Seconds from the first event to the last, or the sum of the intervals brought; >= 0."""
        sequences = self.sequences
        if sequences.intervals is not None:
            total = np.empty((len(sequences), 1))
            write_whole(self.intervals(), ("sum",), total)
            return total[:, 0]
        span = np.zeros(len(sequences))
        filled = sequences.stops > sequences.starts
        if sequences.times is not None:
            first = sequences.times[sequences.starts[filled]]
            span[filled] = seconds_between(first, sequences.times[sequences.stops[filled] - 1])
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
            ),
            self.scratch,
        )

    def _once(self, kind, fields, compute, *arguments):
        key = kind, fields.tobytes()
        if key not in self._kept:
            self._kept[key] = compute(fields, *arguments)
        return self._kept[key]

    @cached_property
    def alone(self):
        """Whether histories overlap nowhere, and `TailFeatures` are the quicker way to theirs."""
        n_entities = len(self.sequences)
        if n_entities < 2 or not self._runs.apart:
            return False
        return self._runs.lengths.max() <= (_LONGEST_OF_FEW if n_entities < LANES else LONGEST)

    def _column(self, fields, table, skip_zero):
        bounds = self.sequences.starts[np.newaxis], self.sequences.stops[np.newaxis]
        slices = Slices(_read_only(table), fields, *bounds)
        compact = partial(_compact, slices, self._runs, self.scratch, skip_zero)
        return Column(slices, self.alone and not skip_zero, compact, self.scratch)

    def _intervals(self, one_field):
        sequences, runs = self.sequences, self._runs
        if sequences.intervals is not None:
            return self._column(one_field, sequences.intervals[:, np.newaxis], False)
        if sequences.times is None:
            x = np.empty(0)
            starts = stops = np.zeros((1, len(sequences)), dtype=np.int64)
        else:
            x = np.zeros(runs.n_rows)
            times = sequences.times[runs.rows]
            x[1:] = seconds_between(times[:-1], times[1:])
            x[runs.firsts] = 0.0  # from one entity to another: in no slice
            starts = np.minimum(runs.local_starts + 1, runs.local_stops)[np.newaxis]
            stops = runs.local_stops[np.newaxis]
        slices = Slices(_read_only(x[:, np.newaxis]), one_field, starts, stops)
        compacted = x, starts, stops, one_field, None
        return Column(slices, self.alone, lambda: compacted, self.scratch)


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


def _read_only(array):
    """View as read-only: the one array type that the kernels are compiled for."""
    view = array.view()
    view.flags.writeable = False
    return view
