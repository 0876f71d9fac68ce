"""The register of families: what the ready-made pipeline, files, jobs and tests know of them."""

from typing import NamedTuple

from ..features.behavioral import BehavioralFeatures
from ..features.categorical import CategoricalFeatures
from ..features.lag import LagFeatures
from ..features.rolling import RollingWindowFeatures
from ..features.smoothing import ExponentialSmoothingFeatures
from ..features.statistical import StatisticalFeatures
from ..features.temporal import TemporalPatternFeatures


class Entry(NamedTuple):
    """A family of this package."""

    #: Of its member in the ready-made pipeline.
    name: str
    family: type
    #: The `feature_types` of :func:`make_temporal_pipeline` that it comes with; None: with any.
    feature_type: str | None
    #: What the job puts before its columns.
    prefix: str
    #: From its parameters to those of :func:`make_temporal_pipeline`.
    parameters: dict


def _same(*names):
    return {name: name for name in names}


FAMILIES = (
    Entry("statistical", StatisticalFeatures, "statistical", "generic_", _same("fields")),
    Entry(
        "categorical",
        CategoricalFeatures,
        "statistical",
        "generic_",
        {"fields": "categorical_fields"},
    ),
    Entry("temporal", TemporalPatternFeatures, "temporal", "generic_", {}),
    Entry("behavioral", BehavioralFeatures, "behavioral", "generic_", _same("fields")),
    Entry(
        "rolling",
        RollingWindowFeatures,
        None,
        "window_",
        _same("windows", "aggregations", "closed", "gap", "fields"),
    ),
    Entry("lag", LagFeatures, None, "window_", _same("lags", "fields")),
    Entry("smoothing", ExponentialSmoothingFeatures, None, "window_", _same("alpha", "fields")),
)

#: Names of the kinds of features that a pipeline may do without.
FEATURE_TYPES = tuple(dict.fromkeys(e.feature_type for e in FAMILIES if e.feature_type is not None))
