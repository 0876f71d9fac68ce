"""How events and values behave: concentration, consistency, trend, volatility."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.plan import Derived, Fold, Intervals, Numeric, Undefined
from ._base import FeatureFamily

if TYPE_CHECKING:
    from .._types import ChosenFields, FloatType


class BehavioralFeatures(FeatureFamily):
    r"""Concentration of activity, consistency, trend and volatility.

    Parameters
    ----------
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
    ``activity_concentration`` is the Gini coefficient of the m intervals between events, in
    ascending order :math:`d_{(j)}`:
    :math:`\max(0, \frac{2 \sum_j j\,d_{(j)}}{m \sum_j d_j} - \frac{m + 1}{m})`, for m >= 2 and a
    positive sum. ``consistency_score`` is the mean of :math:`1 / (1 + |cv|)` over the fields with
    at least two values and a mean that is not 0. For each field with observed values
    :math:`x_1..x_n`: ``trend_slope`` is the least-squares slope of x on 0..n-1, n >= 2;
    ``volatility`` is the standard deviation (ddof=0) of the returns
    :math:`(x_t - x_{t-1}) / x_{t-1}`, steps from 0 left out, for at least one return. Nothing
    overflows on the way: a slope that is itself beyond the range of floats (1.8e308) is infinite;
    a volatility is undefined where one of the returns is.

    The numerator of the slope,
    :math:`12 \sum_j j\,x_j - 6 (n - 1) \sum_j x_j` over :math:`n (n^2 - 1)`, is an exact whole
    number, rounded once: a relative error of 2.3e-16 (5e-16 beyond 208,000 values). A return is a
    float; the sums of returns and of their squares are exact, as those of ``std`` in
    :class:`StatisticalFeatures` are. So at successive moments of one history slope and volatility
    take O(1) a row; the Gini coefficient moves a sorted order on and takes O(m). A history by
    itself takes O(n), and O(m log m).

    References
    ----------
    C. Gini, "Variabilità e mutabilità", 1912.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import BehavioralFeatures
    >>> X = np.array([[[2.0], [4.0], [6.0]]])
    >>> BehavioralFeatures().set_output(transform="pandas").fit_transform(X).round(3).T
                               0
    activity_concentration  0.00
    consistency_score       0.71
    trend_slope_x0          2.00
    volatility_x0           0.25
    """

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

    def _plan(self, fields):
        summaries = [Fold(s, Numeric(f)) for f in fields for s in ("count", "sum", "cv")]
        consistency = Derived("consistency", tuple(summaries)) if fields else Undefined()
        return [
            ("activity_concentration", Fold("gini", Intervals())),
            ("consistency_score", consistency),
            *(
                (f"{name}_{field}", Fold(statistic, Numeric(field)))
                for field in fields
                for name, statistic in (("trend_slope", "slope"), ("volatility", "volatility"))
            ),
        ]
