"""Cross-validation in the order of time."""

from .moment_split import MomentSplit

__all__ = ["MomentSplit"]
