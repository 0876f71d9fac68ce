"""Earlier values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._constraints import SequenceOf, is_integer
from ..evaluation.plan import Fold, Numeric
from ._base import FeatureFamily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._types import ChosenFields, FloatType


class LagFeatures(FeatureFamily):
    r"""Earlier values of each numerical field.

    Parameters
    ----------
    lags : tuple of int, default=(1, 7, 14, 30)
        How many observed values back from the last one, which is lag 0.
    fields : sequence of str or int, default=None
        Names or positions of numerical fields; None: all.
    fill_value : float, default=0.0
        Stands for undefined; ``np.nan`` leaves them NaN.
    prefix : str, default=""
        Put before every column name.
    dtype : {np.float64, np.float32}, default=np.float64
        Of the output.

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
    ``lag_k`` is :math:`x_{n-k}` of the observed values :math:`x_1..x_n`, undefined for k >= n. So
    lag 1 is the value before the last. O(1) for each lag.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import LagFeatures
    >>> X = np.array([[[1.0], [2.0], [6.0]]])
    >>> LagFeatures(lags=(1, 2, 3)).fit_transform(X)
    array([[2., 1., 0.]])
    """

    _parameter_constraints = {
        **FeatureFamily._parameter_constraints,
        "lags": [
            SequenceOf(
                lambda lag: is_integer(lag) and 0 <= lag <= np.iinfo(np.int64).max,
                "non-negative ints",
            )
        ],
    }

    def __init__(
        self,
        lags: Sequence[int] = (1, 7, 14, 30),
        *,
        fields: ChosenFields = None,
        fill_value: float = 0.0,
        prefix: str = "",
        dtype: FloatType = np.float64,
    ) -> None:
        self.lags = lags
        self.fields = fields
        self.fill_value = fill_value
        self.prefix = prefix
        self.dtype = dtype

    def _plan(self, fields):
        return [
            (f"lag_{lag}_{field}", Fold("lag", Numeric(field), parameter=int(lag)))
            for field in fields
            for lag in self.lags
        ]
