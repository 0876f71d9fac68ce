"""A family as short as they come: what the plan leaves to write."""

import numpy as np

from sktemporal._constraints import DURATION
from sktemporal.evaluation import Age, Events, Fold, Intervals, Numeric, Session, Where
from sktemporal.features._base import FeatureFamily
from sktemporal.sequences import duration_in_microseconds


class SessionFeatures(FeatureFamily):
    """Sessions of events: a gap of `timeout`, or a longer one, ends a session."""

    _parameter_constraints = {**FeatureFamily._parameter_constraints, "timeout": [DURATION]}

    def __init__(
        self, timeout="30min", *, fields=None, fill_value=0.0, prefix="", dtype=np.float64
    ):
        self.timeout = timeout
        self.fields = fields
        self.fill_value = fill_value
        self.prefix = prefix
        self.dtype = dtype

    def _plan(self, fields):
        timeout = duration_in_microseconds(self.timeout)
        last = Session(timeout)
        ends = Where(Intervals(), ">=", timeout / 1e6)
        return [
            ("n_session_ends", Fold("count", ends)),
            ("session_events", Fold("count", Events(), last)),
            ("session_duration", Fold("span", Events(), last)),
            ("session_mean_gap", Fold("mean", Intervals(), last)),
            ("since_session_began", Age("first", Events(), last)),
            *((f"session_mean_{field}", Fold("mean", Numeric(field), last)) for field in fields),
        ]
