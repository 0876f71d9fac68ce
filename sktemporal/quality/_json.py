"""Numbers that JSON can hold."""

import numpy as np

_LARGEST = np.finfo(np.float64).max


def json_number(value):
    """Return None for NaN, and the largest float64 in place of infinity."""
    return None if np.isnan(value) else float(np.clip(value, -_LARGEST, _LARGEST))
