"""Aggregations over the latest events."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils._param_validation import StrOptions

from .._constraints import DURATION, WINDOWS, SequenceOf, is_duration, is_integer, window_name
from ..evaluation.plan import Fold, Last, Numeric, Since
from ..evaluation.statistics import DESCRIPTION, is_statistic, statistic_of
from ..sequences import CLOSED, duration_in_microseconds
from ._base import FeatureFamily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._types import ChosenFields, Closed, Duration, FloatType, Window


def _as_numpy(duration):
    if isinstance(duration, datetime.timedelta) and is_duration(duration):
        return np.timedelta64(duration_in_microseconds(duration), "us")
    return duration


class RollingWindowFeatures(FeatureFamily):
    r"""Aggregations of each numerical field over the latest events.

    Parameters
    ----------
    windows : tuple of int or duration, default=(7, 14, 30, 90)
        An int w is the last w observed values of the field (all, where there are fewer). A
        duration (``"7d"``, ``"24h"``, ``"5min"``, or a timedelta) is the events from
        reference - gap - w to reference - gap, reference being the entity's reference time: by
        default its last event.
    aggregations : tuple of str, default=("mean", "sum", "std", "min", "max", "count")
        From the statistics of :class:`StatisticalFeatures`.
    closed : {"right", "left", "both", "neither"}, default=None
        Which ends belong to a window. "left" and "neither" leave out what happened at its very
        end, from windows of a number of events as well; "left" and "both" take in what happened at
        the very start of a duration. None: a window follows its view (see Notes), so that seven
        daily values make a week either way.
    gap : duration, default=None
        Windows, also those of a number of events, end so long before the reference time. None: at
        it.
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

    Raises
    ------
    ValueError
        In transform, if a window is a duration, or `gap` or `closed` ask for a moment, and X has
        no times.

    See Also
    --------
    StatisticalFeatures : The definitions, and where they are undefined.

    Notes
    -----
    With ``closed=None`` a window of a duration w is, r being the reference time and g the gap,

    - :math:`[r - g - w,\; r - g)` where the reference time itself is left out: of histories from
      :meth:`~sktemporal.EventSequences.as_of` or :meth:`~sktemporal.EventSequences.each_event`,
      unless they were asked with ``inclusive=True``;
    - :math:`(r - g - w,\; r - g]` where it is in: of all others.

    With a gap it is what the same view of so much earlier moments has without one. Without a gap it
    ends where the history does, as a window of a number of events does: of
    :meth:`~sktemporal.EventSequences.each_event`, what came before an event at its very instant is
    in.

    A value depends on the events of its window alone, to the bit: not on the history before it.
    :class:`StatisticalFeatures` says how each statistic is computed and what it costs.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import RollingWindowFeatures
    >>> X = np.array([[[1.0], [2.0], [6.0]]])
    >>> family = RollingWindowFeatures(windows=(2,), aggregations=("mean", "max"))
    >>> family.fit_transform(X)
    array([[4., 6.]])
    >>> family.get_feature_names_out()
    array(['rolling_2_mean_x0', 'rolling_2_max_x0'], dtype=object)
    """

    _parameter_constraints = {
        **FeatureFamily._parameter_constraints,
        "windows": [WINDOWS],
        "aggregations": [SequenceOf(is_statistic, DESCRIPTION)],
        "closed": [StrOptions(set(CLOSED)), None],
        "gap": [DURATION, None],
    }

    def __init__(
        self,
        windows: Sequence[Window] = (7, 14, 30, 90),
        aggregations: Sequence[str] = ("mean", "sum", "std", "min", "max", "count"),
        *,
        closed: Closed = None,
        gap: Duration | None = None,
        fields: ChosenFields = None,
        fill_value: float = 0.0,
        prefix: str = "",
        dtype: FloatType = np.float64,
    ) -> None:
        self.windows = windows
        self.aggregations = aggregations
        self.closed = closed
        self.gap = gap
        self.fields = fields
        self.fill_value = fill_value
        self.prefix = prefix
        self.dtype = dtype

    def __getstate__(self):
        # Timedeltas as numpy's: skops reads these, but not those of pandas.
        state = super().__getstate__()
        windows = state["windows"]
        if isinstance(windows, (tuple, list)):
            state["windows"] = type(windows)(map(_as_numpy, windows))
        return state | {"gap": _as_numpy(state["gap"])}

    def _plan(self, fields):
        gap = 0 if self.gap is None else duration_in_microseconds(self.gap)
        return [
            (
                f"rolling_{window_name(window)}_{name}_{field}",
                Fold(statistic, Numeric(field), _node_of(window, self.closed, gap), parameter),
            )
            for field in fields
            for window in self.windows
            for name in self.aggregations
            for statistic, parameter in (statistic_of(name),)
        ]


def _node_of(window, closed, gap):
    if is_integer(window):
        return Last(int(window), closed, gap)
    return Since(duration_in_microseconds(window), closed, gap)
