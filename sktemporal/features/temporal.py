"""When events happen: the intervals between them."""

import numpy as np

from ..evaluation.tails import write_whole
from ._base import FeatureFamily


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

    def __init__(self, *, fields=None, fill_value=0.0, prefix="", dtype=np.float64):
        self.fields = fields
        self.fill_value = fill_value
        self.prefix = prefix
        self.dtype = dtype

    def _names(self, fields):
        return [
            "avg_time_delta",
            "std_time_delta",
            "min_time_delta",
            "max_time_delta",
            "temporal_span",
            "event_frequency",
            "interval_regularity",
        ]

    def _compute(self, columns, out):
        if not columns.has_intervals:
            out[:] = np.nan
            return
        if self.fields is not None:
            columns = columns.of_events_observing(tuple(self.field_positions_))
        intervals = columns.intervals()
        write_whole(intervals, ("mean", "std", "min", "max", "cv"), out[:, :5])
        mean, cv = out[:, 0], out[:, 4].copy()
        span, frequency, regularity = out[:, 4], out[:, 5], out[:, 6]
        regularity[:] = np.nan
        np.divide(1.0, 1.0 + cv, out=regularity, where=mean > 0)
        n_intervals = intervals.stops[0] - intervals.starts[0]
        span[:] = np.where(n_intervals > 0, columns.spans(), np.nan)
        frequency[:] = np.nan
        n_events = columns.n_events()
        with np.errstate(over="ignore"):  # beyond the range of floats is infinite
            np.divide(n_events, span, out=frequency, where=span > 0)
        beyond = span == np.inf
        frequency[beyond] = n_events[beyond] / n_intervals[beyond] / mean[beyond]
