"""The one gate: every X a transformer accepts becomes an EventSequences here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils.validation import validate_data

from .._warnings import warn
from ._container import EventSequences
from ._log_frames import check_no_log

if TYPE_CHECKING:
    from typing import Any

    from .._types import Estimator, Histories


def are_histories(X: Histories) -> bool:
    """Tell whether X has a history for each entity, not only one row.

    Parameters
    ----------
    X : EventSequences or array-like

    Returns
    -------
    are_histories : bool
        Whether X has three dimensions.

    Examples
    --------
    >>> from sktemporal.sequences import are_histories
    >>> are_histories([[[1.0], [2.0]]]), are_histories([[1.0, 2.0]])
    (True, False)
    """
    return len(X.shape if hasattr(X, "shape") else np.asarray(X).shape) == 3


def as_sequences(X: Histories, estimator: Estimator, *, reset: bool) -> EventSequences:
    """Check X and convert it to an EventSequences.

    Parameters
    ----------
    X : EventSequences, array-like of shape (n_entities, n_steps, n_fields) or of shape \
            (n_entities, n_fields)
        Three-dimensional arrays may be masked arrays (True = masked out, as numpy has it);
        in ordinary ones NaN is missing, and steps at either end that are NaN altogether are
        padding. A two-dimensional array or frame has one event per entity, or none where all of
        its fields are missing.
    estimator : estimator
        Gets, or is asked for, `n_features_in_` and `feature_names_in_` (the fields), and for an
        EventSequences `categorical_feature_names_in_`.
    reset : bool
        True in fit: set these attributes. False: compare with them.

    Returns
    -------
    sequences : EventSequences

    Raises
    ------
    ValueError
        If X has another form, such as a frame that is an event log, holds infinity outside the
        mask, or its fields are not those that the estimator was fitted on.
    """
    if isinstance(X, EventSequences):
        _check_fields(X, estimator, reset, X.fields if X.has_field_names else None)
        return X
    check_no_log(X, by_default=reset and getattr(estimator, "fields", None) is None)
    if are_histories(X):
        X = EventSequences.from_padded(X)
        _check_fields(X, estimator, reset, None)
        return X
    if isinstance(X, np.ma.MaskedArray) and X.dtype.kind in "biuf":
        X = np.ma.filled(X.astype(np.float64), np.nan)
    table = validate_data(
        estimator, X, reset=reset, dtype=[np.float64, np.float32], ensure_all_finite="allow-nan"
    )
    if reset:
        estimator.categorical_feature_names_in_ = np.array([], dtype=object)
    return EventSequences.from_padded(
        table[:, np.newaxis], fields=getattr(estimator, "feature_names_in_", None)
    )


def _check_fields(seqs, estimator, reset, names):
    """Do for sequences what scikit-learn's validate_data does for tables."""
    categorical = seqs.categorical_fields
    if reset:
        estimator.n_features_in_ = len(seqs.fields)
        estimator.categorical_feature_names_in_ = np.array(categorical, dtype=object)
        if names is not None:
            estimator.feature_names_in_ = np.array(names, dtype=object)
        elif hasattr(estimator, "feature_names_in_"):
            del estimator.feature_names_in_
        return
    name = type(estimator).__name__
    if len(seqs.fields) != estimator.n_features_in_:
        raise ValueError(
            f"X has {len(seqs.fields)} features, but {name} is expecting "
            f"{estimator.n_features_in_} features as input"
        )
    fitted: Any = getattr(estimator, "feature_names_in_", None)
    if (names is None) != (fitted is None):
        given, seen = ("no", "with") if names is None else ("", "without")
        warn(
            f"X has {given + ' ' if given else ''}field names, but {name} was fitted {seen} them",
            UserWarning,
        )
    elif names is not None and list(fitted) != list(names):
        raise ValueError(
            "The feature names should match those that were passed during fit, in their order. "
            f"{name} was fitted on {list(fitted)}; X has {list(names)}"
        )
    fitted = getattr(estimator, "categorical_feature_names_in_", np.array([], dtype=object))
    if list(fitted) != list(categorical):
        raise ValueError(
            f"The categorical fields should match those that were passed during fit. {name} was "
            f"fitted on {list(fitted)}; X has {list(categorical)}"
        )


def values_as_codes(seqs: EventSequences) -> EventSequences:
    """Read the numerical fields of sequences made from a plain array as categorical ones.

    Each distinct number is a category; 0 and NaN are missing.

    Parameters
    ----------
    seqs : EventSequences

    Returns
    -------
    sequences : EventSequences
        The same events, with `codes` for each numerical field.
    """
    codes = np.zeros(seqs.values.shape, dtype=np.int32, order="F")
    for j in range(codes.shape[1]):
        distinct, code = np.unique(seqs.values[:, j], return_inverse=True)
        missing = np.isnan(distinct) | (distinct == 0)
        codes[:, j] = np.where(missing, 0, np.arange(1, len(distinct) + 1))[code]
    return EventSequences(
        seqs.values,
        seqs.starts,
        seqs.stops,
        codes=codes,
        fields=seqs.fields if seqs.has_field_names else None,
        categorical_fields=seqs.fields,
    )
