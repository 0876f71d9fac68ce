"""The batch jobs and their settings."""

from .log_rows import LogSource
from .normalization import normalize
from .settings import JobSettings, read_settings
from .temporal_feature_engineering import engineer_features

__all__ = ["JobSettings", "LogSource", "engineer_features", "normalize", "read_settings"]
