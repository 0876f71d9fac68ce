"""All families in one pass: the union, the ready-made pipeline, what fitted ones are made into."""

from .describing import describe, explain
from .memory import FeatureMemory
from .persistence import load_pipeline, save_pipeline
from .pipeline import Pipeline, make_temporal_pipeline
from .pruning import prune
from .serving import PreparedPipeline, prepare
from .union import TemporalFeatureUnion

__all__ = [
    "FeatureMemory",
    "Pipeline",
    "PreparedPipeline",
    "TemporalFeatureUnion",
    "describe",
    "explain",
    "load_pipeline",
    "make_temporal_pipeline",
    "prepare",
    "prune",
    "save_pipeline",
]
