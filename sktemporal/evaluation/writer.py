"""All features of chunk after chunk: the columns of fitted families, one beside the other."""

from functools import cached_property

import numpy as np

from .. import _kernels
from .._kernels import LANES
from .._state import check_state
from .._warnings import warn
from ..exceptions import EmptyHistoryWarning
from .columns import LONGEST, ObservedColumns, newly_covered
from .scratch import Scratch
from .tails import TailFeatures

# A chunk of entities stays in the processor's cache while all families read it: about this many
# values of all fields (1 MiB as float64), and at most this many features (2 MiB).
_VALUES_PER_CHUNK = 131_072
_FEATURES_PER_CHUNK = 262_144
# Of long histories that stand alone a chunk has as many as this, or a 16th of all, but at least
# eight: the more, the closer in length are those that go side by side.
_ALONE_PER_CHUNK = 64


class FeatureWriter:
    """Computes the columns of fitted families, one beside the other.

    The entities go through in chunks; every family reads a chunk while it is hot. A family's
    features of an entity depend on that entity alone, so the chunks leave no trace in the result.
    The state of the families is checked here, on every road to the kernels.
    """

    def __init__(self, families):
        for family in families:
            check_state(family)
        self.families = families
        self._n_columns_read = _n_columns_read(families)
        self._edges = np.cumsum([0, *(family._n_features_out for family in families)]).tolist()
        self._dtype = np.result_type(*(family.dtype for family in families))

    def columns_of(self, family):
        """Where in the matrix the columns of a family are, as a slice."""
        k = self.families.index(family)
        return slice(self._edges[k], self._edges[k + 1])

    def new_matrix(self, n_rows):
        """Make a matrix for the features of so many entities."""
        return np.empty((n_rows, self._edges[-1]), dtype=self._dtype)

    @cached_property
    def _told(self):
        """What families want of histories that stand alone, and whether of each that is all."""
        tails = TailFeatures()
        return tails, [
            family._want(tails, first)
            for family, first in zip(self.families, self._edges, strict=False)
        ]

    def write(self, sequences, out, rows=None, chunks=None):
        """Write the features.

        Parameters
        ----------
        sequences : EventSequences
            In the order of the table (see `in_table_order`).
        out : array of shape (n_rows, n_columns)
        rows : int64 array of shape (n_entities,), default=None
            The row of `out` for each entity; None: one after the other.
        chunks : iterator of slices, default=None
            The chunks to write; None: all of them. Several workers may share an iterator.
        """
        self._check_columns(sequences)
        scratch = Scratch()
        for chunk in self.chunks(sequences) if chunks is None else chunks:
            scratch.clear()
            columns = ObservedColumns(sequences.part(chunk), scratch)
            direct = rows is None and out.dtype == np.float64
            block = out[chunk] if direct else np.empty((chunk.stop - chunk.start, self._edges[-1]))
            complete = self._write_tails(columns, block)
            for k, family in enumerate(self.families):
                part = block[:, self._edges[k] : self._edges[k + 1]]
                if not complete[k]:
                    family._compute(columns, part)
                if not np.isnan(fill_value := float(family.fill_value)):
                    _kernels.fill_undefined(part, fill_value)
                if family.dtype != out.dtype:
                    part[...] = part.astype(family.dtype)
            if not direct:
                out[chunk if rows is None else rows[chunk]] = block

    def _check_columns(self, sequences):
        """Refuse sequences without a field that a family reads."""
        there = sequences.values.shape[1], sequences.codes.shape[1]
        kinds = "numerical", "categorical"
        for kind, n_read, n in zip(kinds, self._n_columns_read, there, strict=True):
            if n_read > n:
                raise ValueError(
                    f"X must have at least {n_read} {kind} fields, which the features were fitted "
                    f"on; got {n}"
                )

    def _write_tails(self, columns, block):
        """Write what families want of tails; return which of them are done with that."""
        if not columns.alone:
            return [False] * len(self.families)
        tails, complete = self._told
        tails.write(columns.numerical(tails.fields).slices, block)
        return complete

    def chunks(self, sequences):
        """Cut sequences in the order of the table into slices of entities."""
        return _chunks(sequences, self._edges[-1])

    def features(self, sequences):
        """Return the features of sequences in the order of the table."""
        out = self.new_matrix(len(sequences))
        self.write(sequences, out)
        return out


def _n_columns_read(families):
    """How many columns a table must have of numerical and of categorical fields."""
    needed = [0, 0]
    for family in families:
        kind = int(family._of_categorical_fields)
        needed[kind] = max(needed[kind], max(family.field_positions_.tolist(), default=-1) + 1)
    return needed


def _chunks(sequences, n_columns):
    """Slices of entities, with bounds for the events that they cover and the features they get.

    Entities whose slices overlap stay together, whatever their number, so that what they share is
    computed once. Of those that stand alone, some go together however long they are, unless one is
    too long for that: it gets a chunk to itself.
    """
    n_entities = max(_FEATURES_PER_CHUNK // max(n_columns, 1), 1)
    n_events = max(_VALUES_PER_CHUNK // max(sequences.values.shape[1], 1), 1)
    if 0 < len(sequences) <= n_entities and sequences.n_events <= min(n_events, LONGEST):
        yield slice(0, len(sequences))
        return
    covered, apart = newly_covered(sequences)
    edges = np.append(np.flatnonzero(apart), len(covered))
    events = np.append(0, np.cumsum(covered))[edges]
    too_long = np.flatnonzero(np.diff(events) > LONGEST)
    together = max(min(len(sequences) // 16, _ALONE_PER_CHUNK), LANES)
    i = 0
    while i < len(edges) - 1:
        last = np.searchsorted(events, events[i] + n_events, side="right")
        if edges[min(i + together, len(edges) - 1)] <= edges[i] + together:
            last = max(last, i + together + 1)
        last = min(last, np.searchsorted(edges, edges[i] + n_entities, side="right"), len(edges))
        next_too_long = np.searchsorted(too_long, i)
        if next_too_long < len(too_long):
            last = min(last, too_long[next_too_long] + 1)
        last = max(int(last) - 1, i + 1)
        yield slice(int(edges[i]), int(edges[last]))
        i = last


def warn_of_empty_histories(sequences):
    """Warn, once for a call of transform, of rows without a valid event."""
    n_empty = int((sequences.stops == sequences.starts).sum())
    if n_empty:
        warn(
            f"{n_empty} of {len(sequences)} rows have no valid event in their history; their "
            "features are undefined (count and sum are 0)",
            EmptyHistoryWarning,
        )
