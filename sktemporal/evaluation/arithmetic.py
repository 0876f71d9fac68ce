"""Arithmetic of a row: the functions that a `Derived` node may name."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .. import _kernels


def _where_any(value, count):
    """Return the value where the count is not 0."""
    return np.where(count > 0, value, np.nan)


def _difference(a, b):
    return a - b


def _ratio(a, b):
    """Return a / b, undefined where b is 0."""
    return _divided(a, b, b != 0)


def _regularity(mean, cv):
    """Return 1 / (1 + std / mean), where the mean is positive."""
    return _divided(1.0, 1.0 + cv, mean > 0)


def _frequency(n_events, span, n_intervals, mean):
    """Return events per second, where the span is positive."""
    frequency = _divided(n_events, span, span > 0)
    beyond = span == np.inf
    frequency[beyond] = n_events[beyond] / n_intervals[beyond] / mean[beyond]
    return frequency


def _consistency(*counts_sums_cvs):
    """Average 1 / (1 + abs(cv)) over fields; see `_kernels.consistency`."""
    out = np.empty(len(counts_sums_cvs[0]))
    _kernels.consistency(np.column_stack(counts_sums_cvs), out)
    return out


def _divided(a, b, where):
    with np.errstate(over="ignore"):  # beyond the range of floats is infinite
        return np.divide(a, b, out=np.full(len(b), np.nan), where=where)


# Undefined where an argument is: all but those that leave such arguments out.
_NOT_STRICT = {"consistency"}


def is_strict(name):
    """Tell whether a function is undefined wherever one of its arguments is."""
    return name not in _NOT_STRICT


#: From the name of a function to the function: of float64 arrays of shape (n_rows,) to another.
FUNCTIONS = {
    "consistency": _consistency,
    "difference": _difference,
    "frequency": _frequency,
    "ratio": _ratio,
    "regularity": _regularity,
    "where_any": _where_any,
}


class FunctionWords(NamedTuple):
    """A function in words, filled with its arguments; see `sentences.Argument`."""

    phrase: str
    #: from the units of the arguments to that of the result
    unit: Callable
    #: when it is undefined, beyond where an argument is: words, or which argument is 0
    undefined: tuple = ()


def _unit_of_first(unit, *_):
    return unit


def _no_unit(*_):
    return "1"


def _common_unit(a, b):
    return a if a == b else None


def _unit_of_ratio(a, b):
    if None in (a, b) or a == b:
        return None if None in (a, b) else "1"
    return a if b == "1" else f"{a} per {b.removeprefix('of ')}"


def _per_second(*_):
    return "events per second"


_INFINITE = "both are beyond the range of floats"

#: From the name of a function to its words.
WORDS = {
    "consistency": FunctionWords(
        "mean of 1 / (1 + abs(coefficient of variation)) over the fields of {0.fields} with at "
        "least 2 values and a mean other than 0",
        _no_unit,
        ("no field with at least 2 values and a mean other than 0",),
    ),
    "difference": FunctionWords("{0.phrase} less {1.phrase}", _common_unit, (_INFINITE,)),
    "frequency": FunctionWords(
        "{0.phrase} divided by the {1.phrase}",
        _per_second,
        ("no time from the first of the events to the last",),
    ),
    "ratio": FunctionWords("{0.phrase} divided by {1.phrase}", _unit_of_ratio, (1, _INFINITE)),
    "regularity": FunctionWords(
        "1 / (1 + {1.phrase})", _no_unit, ("a {0.phrase} that is not positive",)
    ),
    "where_any": FunctionWords("{0.phrase}", _unit_of_first, (1,)),
}
