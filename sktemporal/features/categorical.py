"""Diversity of each categorical field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.plan import Codes, Fold
from ..sequences import EventSequences, values_as_codes
from ._base import FeatureFamily

if TYPE_CHECKING:
    from .._types import ChosenFields, FloatType

# Text that is longer would make an array of text too large: it has the width of the longest.
_LONGEST = 64


class CategoricalFeatures(FeatureFamily):
    r"""Diversity of the codes of each categorical field.

    Reads the categorical fields of an `EventSequences`. A plain array is read as an array of
    codes: every distinct number is a category, 0 and NaN are missing. (In a
    `TemporalFeatureUnion` a plain array holds numerical fields only, so there this family adds no
    column.)

    Parameters
    ----------
    fields : sequence of str or int, default=None
        Names or positions of categorical fields; None: all.
    fill_value : float, default=0.0
        Stands for undefined; ``np.nan`` leaves them NaN.
    prefix : str, default=""
        Put before every column name.
    dtype : {np.float64, np.float32}, default=np.float64
        Of the output.

    Attributes
    ----------
    n_features_in_ : int
        Number of (numerical) fields seen in fit.
    feature_names_in_ : ndarray of str of shape (n_features_in_,)
        Names of the fields seen in fit, where X had names.
    categorical_feature_names_in_ : ndarray of str
        Names of the categorical fields seen in fit.
    field_positions_ : ndarray of int
        Positions of the categorical fields that `fields` selects.
    categories_ : list of (ndarray, list or None)
        For each categorical field seen in fit the values behind the codes 1, 2, ..., or None where
        they are not known, or not all text, numbers or booleans. No feature depends on them;
        ``EventSequences.from_frame(..., like=...)`` codes later events as those of the training.

    Notes
    -----
    Over the n codes that are not 0: ``unique_count`` is the number of distinct ones; ``diversity``
    is that divided by n; ``mode_freq`` is the count of the commonest divided by n. Undefined for
    n = 0. O(n log n).

    Examples
    --------
    >>> from sktemporal import CategoricalFeatures
    >>> codes = [[[0], [3], [3], [5]]]
    >>> family = CategoricalFeatures()
    >>> family.fit_transform(codes).round(2)
    array([[2.  , 0.67, 0.67]])
    >>> family.get_feature_names_out()
    array(['unique_count_x0', 'diversity_x0', 'mode_freq_x0'], dtype=object)
    """

    _of_categorical_fields = True

    def __init__(
        self,
        *,
        fields: ChosenFields = None,
        fill_value: float = 0.0,
        prefix: str = "",
        dtype: FloatType = np.float64,
    ) -> None:
        self.fields = fields
        self.fill_value = fill_value
        self.prefix = prefix
        self.dtype = dtype

    def _sequences(self, X, reset):
        sequences = super()._sequences(X, reset)
        return sequences if isinstance(X, EventSequences) else values_as_codes(sequences)

    def _learn_fields(self, sequences):
        super()._learn_fields(sequences)
        self.categories_ = [_kept(values) for values in sequences.categories]

    def _plan(self, fields):
        columns = (("unique_count", "n_unique"), ("diversity",) * 2, ("mode_freq", "mode_share"))
        return [
            (f"{name}_{field}", Fold(statistic, Codes(field)))
            for field in fields
            for name, statistic in columns
        ]


def _kept(categories):
    """Categories as an array, which files hold compactly, where it gives back the very values."""
    if categories is None:
        return None
    values = [value.item() if isinstance(value, np.generic) else value for value in categories]
    types = set(map(type, values))
    if not types <= {str, int, float, bool}:
        return None
    if len(types) > 1 or any(len(value) > _LONGEST for value in values if types == {str}):
        return values
    array = np.array(values)
    return array if array.tolist() == values and array.dtype != object else values
