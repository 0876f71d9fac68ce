"""Feature families."""

from .._moved import names_of
from ._base import FeatureFamily
from .behavioral import BehavioralFeatures
from .categorical import CategoricalFeatures
from .lag import LagFeatures
from .rolling import RollingWindowFeatures
from .smoothing import ExponentialSmoothingFeatures
from .statistical import StatisticalFeatures
from .temporal import TemporalPatternFeatures

__all__ = [
    "BehavioralFeatures",
    "CategoricalFeatures",
    "ExponentialSmoothingFeatures",
    "FeatureFamily",
    "LagFeatures",
    "RollingWindowFeatures",
    "StatisticalFeatures",
    "TemporalPatternFeatures",
]

__getattr__ = names_of(
    __name__,
    "sktemporal.pipelines",
    ("FeatureMemory", "TemporalFeatureUnion", "make_temporal_pipeline", "prepare", "prune"),
)
