"""What all feature families share: parameters, the gate, chunks, names, filling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import Options
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from .._constraints import SequenceOf, That, checks_parameters, is_float, is_integer
from .._state import check_names, check_positions, check_state, checked_count, kept, refuse
from ..evaluation.executor import Executor, compute_plan, warn_of_empty_histories
from ..sequences import as_sequences

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import ArrayLike

    from .._types import Features, Histories, Names


class FeatureFamily(TransformerMixin, BaseEstimator):
    """Base of the feature families, to be subclassed.

    A family writes `__init__`, which assigns its own parameters and the four that all have, and one
    method, `_plan(fields)`: for the names of its fields, a list of its columns, each a name and the
    node of the plan that says what it is (see `sktemporal.evaluation.plan`). Everything else
    follows from that: names, computation by every road, pruning, description.

    What no node can say is computed by a family with two other methods: `_names(fields)`, the names
    of its columns, and `_compute(columns, out)`, which writes them, NaN for undefined, for a chunk
    of slices; see `sktemporal.evaluation.ObservedColumns`.

    Attributes
    ----------
    n_features_in_ : int
        Number of fields seen in fit.
    feature_names_in_ : ndarray of str of shape (n_features_in_,)
        Names of the fields seen in fit, where X had names.
    categorical_feature_names_in_ : ndarray of str
        Names of the categorical fields seen in fit.
    field_positions_ : ndarray of int
        Positions of the fields that `fields` selects.

    Notes
    -----
    The parameters that all families have are `fields` (names or positions; None: all),
    `fill_value` (stands for undefined), `prefix` (put before every column name) and `dtype` (of the
    output). `_parameter_constraints` says what they may be; a family adds its own. The columns may
    depend on the parameters and the names of the fields, and on nothing else.
    `docs/how_it_works.md` has an example of both kinds.

    See Also
    --------
    sktemporal.testing.check_sequence_transformer : What a family has to keep to.
    sktemporal.testing.check_no_leakage : That it does not see the future.

    Examples
    --------
    The ratio of the last value to the mean of all:

    >>> import numpy as np
    >>> from sktemporal.evaluation import Derived, Fold, Numeric
    >>> from sktemporal.features import FeatureFamily
    >>> class LastToMean(FeatureFamily):
    ...     def __init__(self, *, fields=None, fill_value=0.0, prefix="", dtype=np.float64):
    ...         self.fields = fields
    ...         self.fill_value = fill_value
    ...         self.prefix = prefix
    ...         self.dtype = dtype
    ...
    ...     def _plan(self, fields):
    ...         last, mean = ([Fold(s, Numeric(f)) for f in fields] for s in ("last", "mean"))
    ...         return [
    ...             (f"last_to_mean_{field}", Derived("ratio", (a, b)))
    ...             for field, a, b in zip(fields, last, mean, strict=True)
    ...         ]
    >>> X = np.array([[[1.0], [2.0], [6.0]]])
    >>> family = LastToMean().fit(X)
    >>> family.transform(X)
    array([[2.]])
    >>> family.get_feature_names_out()
    array(['last_to_mean_x0'], dtype=object)
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

    @checks_parameters
    def fit(self, X: Histories, y: object = None) -> Self:
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

    def transform(self, X: Histories) -> Features:
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
        executor = Executor([self])
        sequences = self._sequences(X, reset=False)
        features = executor.features(sequences)
        warn_of_empty_histories(sequences)
        return features

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> Names:
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
        if input_features is None:
            return kept(self, "names", FeatureFamily._names_out).copy()
        return self._names_out(input_features)

    def _names_out(self, input_features=None):
        names = _names_of(self, self._chosen_fields(input_features))
        return np.array([self.prefix + name for name in names], dtype=object)

    def _names(self, fields):
        return [name for name, _ in self._plan(fields)]

    def _planned(self, fields):
        """Return the plan, but for the columns that `prune` has left out."""
        plan = self._plan(fields)
        return [plan[k] for k in getattr(self, "columns_", range(len(plan)))]

    def _compute(self, columns, out):
        """Compute the columns of the plan, for those who change what comes of it."""
        compute_plan(self, columns, out)

    def _chosen_fields(self, input_features=None):
        """Name the fields that fit has chosen."""
        given = _check_feature_names_in(self, input_features)
        if self._of_categorical_fields and len(self.categorical_feature_names_in_):
            given = self.categorical_feature_names_in_
        return [given[j] for j in self.field_positions_]

    def _positions_of_fields(self):
        """Map the names of numerical and of categorical fields to their positions."""
        numerical = {name: j for j, name in enumerate(_check_feature_names_in(self))}
        names = self.categorical_feature_names_in_
        return numerical, {name: j for j, name in enumerate(names)} or numerical

    @property
    def _computes(self):
        """Whether the family computes its columns by itself, and has no plan for that."""
        return type(self)._compute is not FeatureFamily._compute

    def _sequences(self, X, reset):
        return as_sequences(X, self, reset=reset)

    def _learn_fields(self, sequences):
        self.__dict__.pop("columns_", None)
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
        if hasattr(self, "columns_"):
            check_positions(self, "columns_", len(self._names(self._chosen_fields())))
            if self._computes:
                refuse(self, "columns_", "absent, since it computes all", self.columns_)

    @property
    def _n_features_out(self):
        return kept(self, "n_features_out", _n_features_out)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags


def _n_features_out(family):
    return len(_names_of(family, [""] * len(family.field_positions_)))


def _names_of(family, fields):
    names = family._names(fields)
    return [names[k] for k in getattr(family, "columns_", range(len(names)))]


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
