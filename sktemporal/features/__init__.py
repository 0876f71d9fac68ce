"""Feature families, their union and the ready-made pipeline."""

from .behavioral import BehavioralFeatures
from .categorical import CategoricalFeatures
from .lag import LagFeatures
from .memory import FeatureMemory
from .pipeline import make_temporal_pipeline
from .pruning import prune
from .rolling import RollingWindowFeatures
from .serving import prepare
from .smoothing import ExponentialSmoothingFeatures
from .statistical import StatisticalFeatures
from .temporal import TemporalPatternFeatures
from .union import TemporalFeatureUnion

__all__ = [
    "BehavioralFeatures",
    "CategoricalFeatures",
    "ExponentialSmoothingFeatures",
    "FeatureMemory",
    "LagFeatures",
    "RollingWindowFeatures",
    "StatisticalFeatures",
    "TemporalFeatureUnion",
    "TemporalPatternFeatures",
    "make_temporal_pipeline",
    "prepare",
    "prune",
]
