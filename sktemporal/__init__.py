"""scikit-learn transformers that turn event histories into features."""

from importlib.metadata import version as _version

from .features import (
    BehavioralFeatures,
    CategoricalFeatures,
    ExponentialSmoothingFeatures,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalPatternFeatures,
)
from .pipelines import (
    FeatureMemory,
    TemporalFeatureUnion,
    describe,
    explain,
    make_temporal_pipeline,
    prepare,
    prune,
)
from .quality import QualityReportTransformer, SequenceQualityReport
from .sequences import EventSequences

__version__ = _version("sktemporal")

__all__ = [
    "BehavioralFeatures",
    "CategoricalFeatures",
    "EventSequences",
    "ExponentialSmoothingFeatures",
    "FeatureMemory",
    "LagFeatures",
    "QualityReportTransformer",
    "RollingWindowFeatures",
    "SequenceQualityReport",
    "StatisticalFeatures",
    "TemporalFeatureUnion",
    "TemporalPatternFeatures",
    "describe",
    "explain",
    "make_temporal_pipeline",
    "prepare",
    "prune",
]
