"""When events happen: the intervals between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.plan import Derived, Events, Fold, Intervals
from ._base import FeatureFamily

if TYPE_CHECKING:
    from .._types import ChosenFields, FloatType


class TemporalPatternFeatures(FeatureFamily):
    r"""Statistics of the intervals between successive events.

    Parameters
    ----------
    fields : sequence of str or int, default=None
        Names or positions of numerical fields: only events in which at least one of them is
        observed count. None: every event counts.
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
    With :math:`d_1..d_m` the intervals of an entity in seconds and n its number of events
    (not counting those in which only categorical fields were observed, where masks differ):
    ``avg_time_delta``, ``std_time_delta`` (ddof=0), ``min_time_delta``, ``max_time_delta`` of the
    :math:`d_j`; ``temporal_span`` is the last time less the first, or :math:`\sum_j d_j` where the
    data came as intervals; ``event_frequency`` is n / span, where the span is positive;
    ``interval_regularity`` is 1 / (1 + std / mean), where the mean is positive. All are undefined
    for m = 0, hence for everything without times. A result beyond the range of floats (1.8e308) is
    infinite; no other overflows on the way. O(n).

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import EventSequences, TemporalPatternFeatures
    >>> times = np.array(["2026-01-01", "2026-01-02", "2026-01-04"], dtype="datetime64[us]")
    >>> seqs = EventSequences(np.ones((3, 1)), starts=[0], stops=[3], times=times)
    >>> family = TemporalPatternFeatures().set_output(transform="pandas")
    >>> family.fit_transform(seqs)[["avg_time_delta", "temporal_span"]] / 86400
       avg_time_delta  temporal_span
    0             1.5            3.0
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
        observing = None if self.fields is None else tuple(fields)
        intervals, events = Intervals(observing), Events(observing)
        n, mean, std, low, high, cv = (
            Fold(statistic, intervals) for statistic in ("count", "mean", "std", "min", "max", "cv")
        )
        span = Derived("where_any", (Fold("span", events), n))
        return [
            ("avg_time_delta", mean),
            ("std_time_delta", std),
            ("min_time_delta", low),
            ("max_time_delta", high),
            ("temporal_span", span),
            ("event_frequency", Derived("frequency", (Fold("count", events), span, n, mean))),
            ("interval_regularity", Derived("regularity", (mean, cv))),
        ]
