"""Summary statistics of each numerical field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._constraints import SequenceOf
from ..evaluation.plan import Fold, Numeric
from ..evaluation.statistics import DESCRIPTION, STATISTICS, is_statistic, statistic_of
from ._base import FeatureFamily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._types import ChosenFields, FloatType


class StatisticalFeatures(FeatureFamily):
    r"""Summary statistics of the observed values of each numerical field.

    Parameters
    ----------
    statistics : tuple of str, default=all, in this order
        From ``count``, ``sum``, ``mean``, ``std``, ``min``, ``max``, ``p25``, ``p50``, ``p75``,
        ``skew``, ``kurtosis``, ``range``, ``cv``; and beyond these, ``var``, ``median``, the
        percentiles ``q0`` to ``q100`` (``p25`` is ``q25`` by another name), ``first``, ``last``,
        and ``n_unique``, the number of distinct values.
    fields : sequence of str or int, default=None
        Names or positions of numerical fields; None: all.
    fill_value : float, default=0.0
        Stands for undefined; ``np.nan`` leaves them NaN.
    prefix : str, default=""
        Put before every column name.
    dtype : {np.float64, np.float32}, default=np.float64
        Of the output; computed in float64 whatever it is.

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

    See Also
    --------
    RollingWindowFeatures : The same over the latest events.

    Notes
    -----
    With :math:`x_1..x_n` the observed (valid, not NaN) values of an entity: ``var`` is
    :math:`m_2` and ``std`` :math:`\sqrt{m_2}`, with
    :math:`m_k = \frac1n \sum_i (x_i - \bar x)^k`; the percentiles interpolate linearly; ``skew`` is
    :math:`m_3 / m_2^{3/2}` and ``kurtosis`` :math:`m_4 / m_2^2 - 3`, undefined where
    :math:`m_2 \le (\epsilon \bar x)^2`, as in `scipy.stats`; ``cv`` is ``std / mean``, 0 where the
    mean is 0. For no values, ``count``, ``sum`` and ``n_unique`` are 0 and the rest is undefined.

    Sums of values and of squares are kept as exact integers and rounded once, at the end: ``sum``
    is the float nearest to the true sum, ``mean``, ``var`` and ``std`` are within a few units of
    the last place, also of large, close values, and none depends on an order of summation. That is
    what they are by definition; eight histories or windows at a time, they are computed as pairs of
    floats with a bound of the error, and taken from these wherever both ends of the bound round to
    the same float. The deviations behind ``skew`` and ``kurtosis`` are added in time order. A
    negative zero counts as zero.

    Nothing overflows on the way, and no digits are lost, however large or small the values are:
    a statistic that is itself beyond the range of floats (1.8e308), such as a sum, a variance or a
    range may be, is infinite. What is within a unit of the smallest float (5e-324) is 0 or that;
    ``skew`` and ``kurtosis`` are undefined where ``std`` is 0 for that reason. With a dtype of
    float32, what is beyond its range (3.4e38) is infinite, with numpy's warning.

    Where histories are successive moments of one entity
    (:meth:`~sktemporal.EventSequences.each_event`, :meth:`~sktemporal.EventSequences.as_of`),
    running sums and running extremes are shared: ``count``, ``sum``, ``mean``, ``var``, ``std``,
    ``cv``, ``min``, ``max``, ``range``, ``first`` and ``last`` take O(1) a row, however long the
    history. Percentiles and ``n_unique`` move a sorted copy on, O(log n) and a block move for each
    value; ``skew`` and ``kurtosis`` take O(n). A history by itself takes O(n), with percentiles
    O(n log n).

    References
    ----------
    R. M. Neal, "Fast exact summation using small and large superaccumulators", arXiv:1505.05571.

    A. Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded last bit",
    ACM Transactions on Mathematical Software 17, 1991.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import StatisticalFeatures
    >>> X = np.array([[[1.0], [2.0], [6.0]], [[np.nan], [np.nan], [4.0]]])
    >>> family = StatisticalFeatures(statistics=("count", "mean", "max")).fit(X)
    >>> family.get_feature_names_out()
    array(['count_x0', 'mean_x0', 'max_x0'], dtype=object)
    >>> family.transform(X)
    array([[3., 3., 6.],
           [1., 4., 4.]])
    """

    _parameter_constraints = {
        **FeatureFamily._parameter_constraints,
        "statistics": [SequenceOf(is_statistic, DESCRIPTION)],
    }

    def __init__(
        self,
        statistics: Sequence[str] = STATISTICS,
        *,
        fields: ChosenFields = None,
        fill_value: float = 0.0,
        prefix: str = "",
        dtype: FloatType = np.float64,
    ) -> None:
        self.statistics = statistics
        self.fields = fields
        self.fill_value = fill_value
        self.prefix = prefix
        self.dtype = dtype

    def _plan(self, fields):
        return [
            (f"{name}_{field}", Fold(statistic, Numeric(field), parameter=parameter))
            for field in fields
            for name in self.statistics
            for statistic, parameter in (statistic_of(name),)
        ]
