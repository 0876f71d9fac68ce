"""What all feature families share: parameters, the gate, chunks, names, filling."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils._param_validation import Options
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from .._constraints import SequenceOf, That, is_float, is_integer
from .._state import check_names, check_positions, check_state, checked_count
from ..evaluation.columns import in_table_order
from ..evaluation.writer import FeatureWriter, warn_of_empty_histories
from ..sequences import as_sequences


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
