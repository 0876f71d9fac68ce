"""How events and values behave: concentration, consistency, trend, volatility."""

from functools import cache

import numpy as np

from .. import _kernels
from ..evaluation.summaries import each_field, write_statistics
from ..evaluation.tails import EVERYTHING, TailFeatures
from ._base import FeatureFamily

_SUMMARIES = ("count", "sum", "cv")


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
    a volatility is undefined where one of the returns is. O(m log m) and O(n).

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

    def __init__(self, *, fields=None, fill_value=0.0, prefix="", dtype=np.float64):
        self.fields = fields
        self.fill_value = fill_value
        self.prefix = prefix
        self.dtype = dtype

    def _names(self, fields):
        names = ["activity_concentration", "consistency_score"]
        return names + [f"{s}_{f}" for f in fields for s in ("trend_slope", "volatility")]

    def _compute(self, columns, out):
        intervals = columns.intervals()
        _kernels.gini(intervals.x, intervals.starts[0], intervals.stops[0], out[:, 0])
        column = columns.numerical(self.field_positions_)
        n_fields = len(self.field_positions_)
        summary = np.empty((len(out), 5 * n_fields))
        summaries, trends = summary[:, : 3 * n_fields], summary[:, 3 * n_fields :]
        if column.alone:
            _of_fields(n_fields).write(column.slices, summary)
        else:
            write_statistics(column, column.whole, _SUMMARIES, summaries)
            each_field(_kernels.trend_and_volatility, column, (), trends)
        _kernels.consistency(summaries, out[:, 1])
        out[:, 2:] = trends


@cache
def _of_fields(n_fields):
    tails = TailFeatures()
    tails.want_statistics(range(n_fields), (EVERYTHING,), _SUMMARIES, 0)
    tails.want_trends(range(n_fields), 3 * n_fields)
    return tails
