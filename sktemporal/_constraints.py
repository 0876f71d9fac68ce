"""What parameters may be, beyond what scikit-learn has words for."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Options

from .sequences import duration_in_microseconds, duration_name


class That(Options):
    """Parameter constraint: a value that is `valid`."""

    def __init__(self, valid, description):
        super().__init__(object, set())
        self.valid = valid
        self.description = description

    def is_satisfied_by(self, value):
        """Say whether the value meets the constraint."""
        return self.valid(value)

    def __str__(self):
        return self.description


class SequenceOf(That):
    """Parameter constraint: a tuple or list of items with distinct keys, each of them `valid`."""

    def __init__(self, valid, description, key=lambda item: item):
        super().__init__(valid, f"a tuple or list of distinct {description}")
        self.key = key

    def is_satisfied_by(self, value):
        """Say whether the value meets the constraint."""
        if not isinstance(value, (tuple, list)) or not all(self.valid(item) for item in value):
            return False
        return len({self.key(item) for item in value}) == len(value)


def is_integer(value):
    """Tell integers, numpy's included, from booleans, numpy's timedelta64 and everything else."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.timedelta64))


def is_duration(value):
    """Tell what `duration_in_microseconds` takes."""
    try:
        duration_in_microseconds(value)
    except ValueError:
        return False
    return True


def is_float(value):
    """Tell real numbers that float64 can hold, NaN and infinities included."""
    if not isinstance(value, Real) or isinstance(value, np.timedelta64):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


def is_window(window):
    """Tell positive numbers of events, and durations."""
    if is_integer(window):
        return 0 < window <= np.iinfo(np.int64).max
    return is_duration(window)


def window_name(window):
    """Name a number of events or a duration, equal ones by one name."""
    return str(window) if is_integer(window) else duration_name(window)


#: Parameter constraint: distinct windows.
WINDOWS = SequenceOf(
    is_window, "positive ints or durations like '7d', '24h', '5min'", key=window_name
)
#: Parameter constraint: one duration.
DURATION = That(is_duration, "a duration like '7d', '24h', '5min'")
