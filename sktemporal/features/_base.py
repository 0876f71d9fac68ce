"""What all feature families share: parameters, the gate, chunks, names, filling."""

from functools import cached_property

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils._param_validation import Options
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from .. import _kernels
from .._constraints import SequenceOf, That, is_float, is_integer
from .._kernels import LANES
from .._state import check_names, check_positions, check_state, checked_count
from .._warnings import warn
from ..exceptions import EmptyHistoryWarning
from ..sequences import as_sequences
from ._columns import LONGEST, ObservedColumns, in_table_order, newly_covered
from ._scratch import Scratch
from ._tails import TailFeatures

# A chunk of entities stays in the processor's cache while all families read it: about this many
# values of all fields (1 MiB as float64), and at most this many features (2 MiB).
_VALUES_PER_CHUNK = 131_072
_FEATURES_PER_CHUNK = 262_144
# Of long histories that stand alone a chunk has as many as this, or a 16th of all, but at least
# eight: the more, the closer in length are those that go side by side.
_ALONE_PER_CHUNK = 64


class FeatureFamily(TransformerMixin, BaseEstimator):
    """Base of the feature families.

    A family writes two methods: `_names(fields)`, its column names, and `_compute(columns, out)`,
    its computation into a block of the feature matrix, with NaN where a feature is undefined. It
    may write a third, `_want`, for histories that stand alone.
    """

    _parameter_constraints = {
        "fields": [
            SequenceOf(lambda f: isinstance(f, str) or is_integer(f), "field names or positions"),
            None,
        ],
        "fill_value": [That(is_float, "a number that float64 holds, or nan")],
        "prefix": [str],
        "dtype": [Options(type, {np.float32, np.float64}), Options(str, {"float32", "float64"})],
    }
    _of_categorical_fields = False

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "_compute" in vars(cls) and "_want" not in vars(cls):
            cls._want = FeatureFamily._want  # what a base wants is not what this computes

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn the fields of X.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields) or of shape \
                (n_entities, n_fields)
            Event histories; see :func:`sktemporal.sequences.as_sequences`.
        y : None
            Ignored.

        Returns
        -------
        self : object
            Fitted transformer.
        """
        self._learn_fields(self._sequences(X, reset=True))
        return self

    def transform(self, X):
        """Compute the features.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields) or of shape \
                (n_entities, n_fields)
            Event histories with the fields seen in fit.

        Returns
        -------
        features : ndarray of shape (n_entities, n_columns)
            In the order of :meth:`get_feature_names_out`. A frame of pandas, where that is set, has
            the labels of the rows as its index; see :meth:`EventSequences.row_index`.
        """
        check_is_fitted(self)
        writer = FeatureWriter([self])
        sequences = self._sequences(X, reset=False)
        out = writer.new_matrix(len(sequences))
        in_order, rows = in_table_order(sequences)
        writer.write(in_order, out, rows)
        warn_of_empty_histories(sequences)
        return out

    def get_feature_names_out(self, input_features=None):
        """Name the output columns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the input fields; None: those seen in fit, or ``x0, x1, ...``.

        Returns
        -------
        names : ndarray of str objects
        """
        check_is_fitted(self)
        check_state(self)
        given = _check_feature_names_in(self, input_features)
        if self._of_categorical_fields and len(self.categorical_feature_names_in_):
            given = self.categorical_feature_names_in_
        fields = [given[j] for j in self.field_positions_]
        return np.array([self.prefix + name for name in self._names(fields)], dtype=object)

    def _want(self, tails, first):
        """Say what is wanted of histories that stand alone.

        Parameters
        ----------
        tails : TailFeatures
        first : int
            The family's first column.

        Returns
        -------
        everything : bool
            Whether nothing is left for `_compute`. If so, it is not called where `columns.alone`.
        """
        return False

    def _sequences(self, X, reset):
        return as_sequences(X, self, reset=reset)

    def _learn_fields(self, sequences):
        names = sequences.categorical_fields if self._of_categorical_fields else sequences.fields
        chosen = range(len(names)) if self.fields is None else self.fields
        self.field_positions_ = np.array([_position(f, names) for f in chosen], dtype=np.int64)
        if len(np.unique(self.field_positions_)) < len(self.field_positions_):
            raise ValueError(f"fields must be distinct; {self.fields!r} names a field twice")
        columns = self._names([names[j] for j in self.field_positions_])
        if len(set(columns)) < len(columns):
            twice = next(column for column in columns if columns.count(column) > 1)
            raise ValueError(
                f"fields {list(names)} would give two columns the name {twice!r}; rename a field"
            )

    def _check_fitted(self):
        n_fields = checked_count(self, "n_features_in_")
        if hasattr(self, "feature_names_in_"):
            check_names(self, "feature_names_in_", n_fields)
        check_names(self, "categorical_feature_names_in_")
        if self._of_categorical_fields:
            n_fields = len(self.categorical_feature_names_in_) or n_fields
        check_positions(self, "field_positions_", n_fields)

    @property
    def _n_features_out(self):
        return len(self._names([""] * len(self.field_positions_)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags


def is_plain_family(transformer):
    """Tell families that compute their features as all do from what overrides that."""
    return isinstance(transformer, FeatureFamily) and all(
        getattr(type(transformer), method) is getattr(FeatureFamily, method)
        for method in ("transform", "fit_transform")
    )


def _position(field, names):
    if field in names:
        return names.index(field)
    if is_integer(field) and -len(names) <= field < len(names):
        return field % len(names)
    raise ValueError(f"fields must be names or positions of {list(names)}; got {field!r}")


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
