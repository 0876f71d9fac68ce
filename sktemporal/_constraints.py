"""What parameters may be, beyond what scikit-learn has words for."""

import threading
from collections.abc import Callable
from numbers import Real
from typing import Any, TypeVar

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Options

from .sequences import did_you_mean, duration_in_microseconds, duration_name

_asked_back = threading.local()  # the constraint that was not met last, and the question


_Method = TypeVar("_Method", bound=Callable[..., Any])


def checks_parameters(fit: _Method) -> _Method:
    """Decorate `fit`, so that scikit-learn checks the parameters against the constraints first."""
    return _fit_context(prefer_skip_nested_validation=True)(fit)


class That(Options):
    """Parameter constraint: a value that is `valid`; of another one `ask_back` has what to ask."""

    def __init__(self, valid, description, ask_back=lambda value: ""):
        super().__init__(object, set())
        self.valid = valid
        self.description = description
        self.ask_back = ask_back

    def is_satisfied_by(self, value):
        """Say whether the value meets the constraint."""
        if self.valid(value):
            return True
        _asked_back.question = self, self.ask_back(value)
        return False

    def __str__(self):
        constraint, question = getattr(_asked_back, "question", (None, ""))
        return (
            f"{self.description} ({question})"
            if self is constraint and question
            else self.description
        )


class SequenceOf(That):
    """Parameter constraint: a tuple or list of items with distinct keys, each of them `valid`."""

    def __init__(self, valid, description, key=lambda item: item, ask_back=lambda value: ""):
        def ask_back_of_items(value):
            if not isinstance(value, (tuple, list)):
                return f"did you mean ({value!r},)?" if valid(value) else ask_back(value)
            for k, item in enumerate(value):
                if not valid(item):
                    return ask_back(item)
                same = [other for other in value[:k] if key(other) == key(item)]
                if same:
                    return f"{same[0]!r} and {item!r} are one"
            return ""

        super().__init__(
            lambda value: (
                isinstance(value, (tuple, list))
                and all(map(valid, value))
                and len(set(map(key, value))) == len(value)
            ),
            f"a tuple or list of distinct {description}",
            ask_back_of_items,
        )


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


def _length(window):
    return ("events", int(window)) if is_integer(window) else duration_in_microseconds(window)


#: Parameter constraint: distinct windows.
WINDOWS = SequenceOf(
    is_window, "positive ints or durations like '7d', '24h', '5min'", _length, did_you_mean
)
#: Parameter constraint: one duration.
DURATION = That(is_duration, "a duration like '7d', '24h', '5min'", did_you_mean)
