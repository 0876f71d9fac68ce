"""Exponentially smoothed level and deviation."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils._param_validation import Interval

from ..evaluation.plan import Fold, Numeric
from ._base import FeatureFamily

if TYPE_CHECKING:
    from .._types import ChosenFields, FloatType


class ExponentialSmoothingFeatures(FeatureFamily):
    r"""Exponentially smoothed level and deviation of each numerical field.

    Parameters
    ----------
    alpha : float, default=0.3
        Weight of the newest value, in (0, 1].
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
    ``exp_smooth`` is :math:`s_n` with :math:`s_1 = x_1`,
    :math:`s_t = \alpha x_t + (1 - \alpha) s_{t-1}`; ``exp_smooth_std`` is :math:`\sqrt{v_n}` with
    :math:`v_1 = 0`, :math:`v_t = \alpha (x_t - s_t)^2 + (1 - \alpha) v_{t-1}`. Undefined for
    n = 0. The level is that of `pandas.Series.ewm(alpha=alpha, adjust=False).mean()`. Neither
    overflows on the way, nor loses its digits, however large or small the values are: only a
    deviation that is itself beyond the range of floats (1.8e308) is infinite. O(n).

    References
    ----------
    R. G. Brown, "Smoothing, Forecasting and Prediction of Discrete Time Series", 1963.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import ExponentialSmoothingFeatures
    >>> X = np.array([[[1.0], [2.0], [6.0]]])
    >>> ExponentialSmoothingFeatures(alpha=0.5).fit_transform(X).round(3)
    array([[3.75 , 1.611]])
    """

    _parameter_constraints = {
        **FeatureFamily._parameter_constraints,
        "alpha": [Interval(Real, 0, 1, closed="right")],
    }

    def __init__(
        self,
        alpha: float = 0.3,
        *,
        fields: ChosenFields = None,
        fill_value: float = 0.0,
        prefix: str = "",
        dtype: FloatType = np.float64,
    ) -> None:
        self.alpha = alpha
        self.fields = fields
        self.fill_value = fill_value
        self.prefix = prefix
        self.dtype = dtype

    def _plan(self, fields):
        columns = (("exp_smooth", "smoothed"), ("exp_smooth_std", "smoothed_std"))
        return [
            (f"{name}_{field}", Fold(statistic, Numeric(field), parameter=float(self.alpha)))
            for field in fields
            for name, statistic in columns
        ]
