"""Feature quality: what is missing, redundant, constant or wild, and what to do about it."""

from .display import QualityReportDisplay
from .drift import drift_report
from .report import quality_report
from .sequences import SequenceQualityReport
from .sketches import FeatureSketches
from .transformer import QualityReportTransformer

__all__ = [
    "FeatureSketches",
    "QualityReportDisplay",
    "QualityReportTransformer",
    "SequenceQualityReport",
    "drift_report",
    "quality_report",
]
