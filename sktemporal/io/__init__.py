"""Files: one module a format, and the job's directories."""

from .._moved import names_of
from .contract import (
    FEATURE_FILES,
    NORMALIZED_FILES,
    NormalizedSequences,
    read_normalized,
    write_features,
    write_json,
    write_labelled_features,
    write_labels,
    write_normalized,
)
from .event_logs import LOG_FORMATS, LogNotation, has_known_ending, log_files, read_event_log
from .formats import FORMATS
from .publish import published

__all__ = [
    "FEATURE_FILES",
    "FORMATS",
    "LOG_FORMATS",
    "NORMALIZED_FILES",
    "LogNotation",
    "NormalizedSequences",
    "has_known_ending",
    "log_files",
    "published",
    "read_event_log",
    "read_normalized",
    "write_features",
    "write_json",
    "write_labelled_features",
    "write_labels",
    "write_normalized",
]

__getattr__ = names_of(__name__, "sktemporal.pipelines", ("load_pipeline", "save_pipeline"))
