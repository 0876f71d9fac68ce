"""Roads: by which way the features of a slice are computed. The choice stands here alone.

==============  ====================================  ==============================================
Road            Which slices take it                  What it is for
==============  ====================================  ==============================================
one row         a single slice                        every window of every field is a slice of one
                                                      call: a row for serving costs as many calls as
                                                      there are kernels, not fields times windows
side by side    those that overlap no other and are   eight slices in the processor's vectors, all
                not too long, if there are enough     that is wanted of them in one pass (`Tails`);
                of them                               what has no such kernel goes field by field
moments         all others: successive moments of     running exact sums, monotonic queues and a
                one history, repeated or long slices  sorted order that moves on: O(1) or O(log n)
                                                      a row, however long the history
==============  ====================================  ==============================================

The bits are the same by every road. Slices are sorted into roads once a call, one by one, so that a
few which overlap don't keep all others from going side by side. Measured on 20,000 histories of 50
events, four fields and the default families: side by side 32 ms, moments 106 ms; with 0.2% of the
histories repeated 0.96 times as long as with none, with 10% 0.92 times, since what comes several
times is computed once (``python -m benchmarks.roads``).
"""

from typing import NamedTuple

import numpy as np

from .. import _kernels
from .._kernels import LANES
from ..sequences import EventSequences

# Slices that are longer do not go side by side: eight of them would not stay in the cache.
_LONGEST = 16_384
# The same where there are fewer than eight of them.
_LONGEST_OF_FEW = 256
# As many of all have to be able to go side by side, or none does: the others are quicker together.
_SHARE_SIDE_BY_SIDE = 0.25

# A chunk of slices stays in the processor's cache while all families read it: about this many
# values of all fields (1 MiB as float64), and at most this many features (2 MiB).
_VALUES_PER_CHUNK = 131_072
_FEATURES_PER_CHUNK = 262_144
# Of long slices that go side by side a chunk has as many as this, or a 16th of all, but at least
# eight: the more, the closer in length are those that go together.
_SIDE_BY_SIDE_PER_CHUNK = 64


class Stream(NamedTuple):
    """Slices that take the same road."""

    #: In the order of the table.
    sequences: EventSequences
    #: int64 array: the row of the output for each; None: one after the other.
    rows: np.ndarray | None
    side_by_side: bool


class Chunk(NamedTuple):
    """Some successive slices of a stream."""

    stream: Stream
    slices: slice

    @property
    def rows(self):
        """Which rows of the output they get, as a slice or an array."""
        return self.slices if self.stream.rows is None else self.stream.rows[self.slices]


class Work(NamedTuple):
    """All that has to be computed, and what is a copy of it."""

    streams: list[Stream]
    #: int64 array of shape (2, n_repeated): a row of the output, and one that is to be the same
    repeated: np.ndarray


_NONE_REPEATED = np.empty((2, 0), dtype=np.int64)


def sort_into_roads(sequences):
    """Sort the slices of sequences into roads; of equal ones only one is computed.

    Returns
    -------
    work : Work
    """
    if len(sequences) < 2:
        return Work([Stream(sequences, None, False)], _NONE_REPEATED)
    sequences, rows = in_table_order(sequences)
    apart = newly_covered(sequences)[1]
    repeated = _NONE_REPEATED
    if not apart.all() and (equal := _is_as_before(sequences)).any():
        rows = np.arange(len(sequences)) if rows is None else rows
        first = np.maximum.accumulate(np.where(equal, 0, np.arange(len(rows))))
        repeated = np.stack([rows[first[equal]], rows[equal]])
        sequences, rows = sequences.part(~equal), rows[~equal]
        apart = newly_covered(sequences)[1]
    abreast = _side_by_side(sequences, apart)
    if abreast.all() or not abreast.any():
        return Work([Stream(sequences, rows, bool(abreast[0]))], repeated)
    chosen = np.flatnonzero(abreast), np.flatnonzero(~abreast)
    streams = [
        Stream(sequences.part(some), some if rows is None else rows[some], side_by_side)
        for some, side_by_side in zip(chosen, (True, False), strict=True)
    ]
    return Work(streams, repeated)


def _is_as_before(sequences):
    """Tell, in the order of the table, which slices are the one before once more."""
    equal = np.zeros(len(sequences), dtype=bool)
    equal[1:] = (np.diff(sequences.starts) == 0) & (np.diff(sequences.stops) == 0)
    if sequences.reference_times is not None:
        equal[1:] &= sequences.reference_times[1:] == sequences.reference_times[:-1]
    return equal


def _side_by_side(sequences, apart):
    """Tell which slices, in the order of the table, go side by side."""
    lengths = sequences.lengths
    abreast = apart & np.append(apart[1:], True) & (lengths <= _LONGEST)
    if abreast.sum() < LANES:
        abreast &= lengths <= _LONGEST_OF_FEW
    if abreast.sum() < max(_SHARE_SIDE_BY_SIDE * len(abreast), 2):
        abreast[:] = False
    return abreast


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
    return sequences.part(order), order


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


def chunks(stream, n_columns):
    """Cut a stream into chunks, with bounds for the events they cover and the features they get.

    Slices that overlap stay together, whatever their number, so that what they share is computed
    once. Of those that go side by side, some are together however long they are.
    """
    sequences = stream.sequences
    n_entities = max(_FEATURES_PER_CHUNK // max(n_columns, 1), 1)
    n_events = max(_VALUES_PER_CHUNK // max(sequences.values.shape[1], 1), 1)
    if 0 < len(sequences) <= n_entities and sequences.n_events <= n_events:
        yield Chunk(stream, slice(0, len(sequences)))
        return
    covered, apart = newly_covered(sequences)
    edges = np.append(np.flatnonzero(apart), len(covered))
    events = np.append(0, np.cumsum(covered))[edges]
    together = max(min(len(sequences) // 16, _SIDE_BY_SIDE_PER_CHUNK), LANES)
    together *= stream.side_by_side
    i = 0
    while i < len(edges) - 1:
        last = np.searchsorted(events, events[i] + n_events, side="right")
        if edges[min(i + together, len(edges) - 1)] <= edges[i] + together:
            last = max(last, i + together + 1)
        last = min(last, np.searchsorted(edges, edges[i] + n_entities, side="right"), len(edges))
        last = max(int(last) - 1, i + 1)
        yield Chunk(stream, slice(int(edges[i]), int(edges[last])))
        i = last
