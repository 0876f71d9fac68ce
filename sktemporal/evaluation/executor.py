"""The executor: the features of chunk after chunk, the columns of families one beside the other."""

from itertools import chain

import numpy as np

from .. import _kernels
from .._state import check_state, kept
from .._warnings import warn
from ..exceptions import EmptyHistoryWarning
from .checks import check_node
from .columns import ObservedColumns
from .plan import Codes, Numeric, nodes_of, with_fields
from .program import Program
from .roads import chunks, sort_into_roads
from .run import run
from .scratch import Scratch


class Executor:
    """Computes the columns of fitted families, one beside the other.

    The slices go through in chunks; every family reads a chunk while it is hot. A family's
    features of a slice depend on that slice alone, so the chunks leave no trace in the result.
    The state of the families is checked here, on every road to the kernels.

    Parameters
    ----------
    families : list of FeatureFamily
        Fitted.
    """

    def __init__(self, families):
        for family in families:
            check_state(family)
        self.families = families
        read = [kept(family, "columns read", _n_columns_read) for family in families]
        self._n_columns_read = np.max(read, axis=0).tolist()
        self._edges = np.cumsum([0, *(family._n_features_out for family in families)]).tolist()
        self._dtype = np.result_type(*(family.dtype for family in families))
        self._programs = {}

    def __getstate__(self):
        """Take the families along: workers compile their programs anew."""
        return self.__dict__ | {"_programs": {}}

    def columns_of(self, family):
        """Where in the matrix the columns of a family are, as a slice."""
        k = self.families.index(family)
        return slice(self._edges[k], self._edges[k + 1])

    @property
    def n_columns(self):
        """How many columns the matrix has."""
        return self._edges[-1]

    def new_matrix(self, n_rows):
        """Make a matrix for the features of so many entities."""
        return np.empty((n_rows, self._edges[-1]), dtype=self._dtype)

    def features(self, sequences, write=None):
        """Return the features of sequences.

        Parameters
        ----------
        sequences : EventSequences
        write : callable, default=None
            Does what :meth:`write` does, in parallel say; None: that.

        Returns
        -------
        features : ndarray of shape (n_entities, n_columns)
        """
        self._check_columns(sequences)
        out = self.new_matrix(len(sequences))
        work = sort_into_roads(sequences)
        cut = (chunks(stream, self.n_columns) for stream in work.streams)
        (write or self.write)(chain.from_iterable(cut), out)
        if work.repeated.size:
            source, target = work.repeated
            out[target] = out[source]
        return out

    def write(self, chunks, out):
        """Write the features of chunks.

        Parameters
        ----------
        chunks : iterator of Chunk
            Several workers may share one.
        out : array of shape (n_rows, n_columns)
        """
        scratch = Scratch()
        for chunk in chunks:
            scratch.clear()
            sequences = chunk.stream.sequences.part(chunk.slices)
            columns = ObservedColumns(sequences, scratch)
            program = self._program(sequences)
            direct = isinstance(chunk.rows, slice) and out.dtype == np.float64
            direct &= program.width == program.n_columns
            if direct:
                block = out[chunk.slices]
            else:
                block = scratch.floats(len(sequences) * program.width)
                block = block.reshape(len(sequences), program.width)
            run(program, columns, block, chunk.stream.side_by_side)
            self._finish(columns, block, out.dtype)
            if not direct:
                out[chunk.rows] = block[:, : self._edges[-1]]

    def _finish(self, columns, block, dtype):
        """Compute what has no plan, fill what is undefined, and round to a family's type."""
        for k, family in enumerate(self.families):
            part = block[:, self._edges[k] : self._edges[k + 1]]
            if family._computes:
                family._compute(columns, part)
            if not np.isnan(fill_value := float(family.fill_value)):
                _kernels.fill_undefined(part, fill_value)
            if family.dtype != dtype:
                part[...] = part.astype(family.dtype)

    def _program(self, sequences):
        """Compile the plans of the families, where that has not been done."""
        clock = _clock_of(sequences)
        if clock not in self._programs:
            plans = [kept(family, "nodes", _nodes_of) for family in self.families]
            # Lists are kept as long as the families are as they were: the same mean the same.
            key = clock, tuple(map(id, plans))
            self._programs[clock] = kept(
                self.families[0], key, lambda _: (Program(plans, clock), plans)
            )[0]
        return self._programs[clock]

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


def _clock_of(sequences):
    """Say where intervals come from; see `Program`."""
    if sequences.intervals is not None:
        return "intervals"
    return None if sequences.times is None else "times"


def compute_plan(family, columns, out):
    """Compute the columns of a family's plan for a chunk, field by field."""
    program = Program([_plan_of(family)], _clock_of(columns.sequences))
    block = np.empty((len(out), program.width))
    run(program, columns, block, side_by_side=False)
    out[...] = block[:, : program.n_columns]


def _nodes_of(family):
    """Return a family's nodes; how many columns it has, where it computes them by itself."""
    return family._n_features_out if family._computes else _plan_of(family)


def _plan_of(family):
    """Return a family's nodes, with the positions of fields for their names."""
    positions, plan = family._positions_of_fields(), family._planned(family._chosen_fields())
    for name, node in plan:
        check_node(node, name)
    try:
        return [with_fields(node, *positions) for _, node in plan]
    except KeyError as error:
        raise ValueError(
            f"the plan of {type(family).__name__} reads a field {error}, which X did not have in "
            f"fit; it had {[list(names) for names in positions]}"
        ) from error


def _n_columns_read(family):
    """How many columns a table must have of numerical and of categorical fields."""
    if family._computes:
        n = max(family.field_positions_.tolist(), default=-1) + 1
        return (0, n) if family._of_categorical_fields else (n, 0)
    needed = {Numeric: 0, Codes: 0}
    for part in chain.from_iterable(map(nodes_of, kept(family, "nodes", _nodes_of))):
        if type(part) in needed:
            needed[type(part)] = max(needed[type(part)], part.field + 1)
        for field in getattr(part, "observing", None) or ():
            needed[Numeric] = max(needed[Numeric], field + 1)
    return needed[Numeric], needed[Codes]


def warn_of_empty_histories(sequences):
    """Warn, once for a call of transform, of rows without a valid event."""
    n_empty = int((sequences.stops == sequences.starts).sum())
    if n_empty:
        warn(
            f"{n_empty} of {len(sequences)} rows have no valid event in their history; their "
            "features are undefined (count and sum are 0)",
            EmptyHistoryWarning,
        )
