"""Warnings that point at the user's own line."""

import sys
import warnings

# Whose code calls ours on the user's behalf.
_BETWEEN = {"sktemporal", "sklearn", "joblib"}


def warn(message, category):
    """Warn at the first caller that is neither of this package nor of scikit-learn or joblib.

    How many calls lie between depends on the road: a pipeline, a union, a search, `set_output`.
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and _package(frame) in _BETWEEN:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _package(frame):
    return frame.f_globals.get("__name__", "").partition(".")[0]
