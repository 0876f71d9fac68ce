"""Fitted state, checked before it is used: it may come from a file or have been changed by hand."""

import reprlib
from typing import NoReturn
from weakref import WeakKeyDictionary

import numpy as np

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = 60

# Of estimators that were found right, what they held then.
_checked: WeakKeyDictionary = WeakKeyDictionary()


def check_state(estimator):
    """Check the parameters and the fitted attributes of an estimator of this package.

    What was found right is not looked at again as long as it is the same, which takes about a
    microsecond to see.

    Parameters
    ----------
    estimator : estimator
        Fitted. It has a method `_check_fitted`, which raises ValueError.

    Raises
    ------
    ValueError
        If a parameter is not allowed, or a fitted attribute is not what fit makes it.
    """
    state = vars(estimator)
    if type(estimator).__hash__ is not object.__hash__:  # equal ones are not the same
        _check(estimator)
        return
    held = _checked.get(estimator)
    if held is not None and held.is_still(state):
        return
    _check(estimator)
    _checked[estimator] = _Held(state)


def _check(estimator):
    if hasattr(estimator, "_parameter_constraints"):
        estimator._validate_params()
    estimator._check_fitted()


def kept(estimator, key, make):
    """Return what an estimator's parameters and fitted attributes make, made once.

    Parameters
    ----------
    estimator : estimator
        Fitted; its state is checked.
    key : hashable
        What is made.
    make : callable
        Called with the estimator, when that has not been done in its present state.

    Returns
    -------
    made : object
        Shared: not to be changed.
    """
    check_state(estimator)
    held = _checked.get(estimator) if type(estimator).__hash__ is object.__hash__ else None
    if held is None:
        return make(estimator)
    if key not in held.made:
        held.made[key] = make(estimator)
    return held.made[key]


class _Held:
    """What an estimator held: the very objects, and what was in those that may change."""

    def __init__(self, state):
        self.made = {}
        self._values = [*state.values()]  # referred to, so that no other object gets the id
        self._names, self._ids = [*state], [*map(id, self._values)]
        arrays = [value for value in self._values if isinstance(value, np.ndarray)]
        self._arrays = [(array, array.dtype, array.shape, array.tobytes()) for array in arrays]
        others = [value for value in self._values if isinstance(value, (list, dict))]
        self._others = [(value, value.copy()) for value in others]

    def is_still(self, state):
        """Tell whether a state is the same; in a microsecond or two, since every call asks."""
        if [*state] != self._names or [*map(id, state.values())] != self._ids:
            return False
        for array, dtype, shape, content in self._arrays:
            if array.dtype is not dtype or array.shape != shape or array.tobytes() != content:
                return False
        return all(value == content for value, content in self._others)


def refuse(estimator: object, attribute: str, rule: str, value: object) -> NoReturn:
    """Raise the error for a fitted attribute that is not what fit makes it."""
    shown = _repr.repr(value)
    if isinstance(value, np.ndarray):
        few = f", {value.tolist()}" if value.size < 20 else ""
        shown = f"{value.dtype} of shape {value.shape}{few}"
    raise ValueError(
        f"{type(estimator).__name__} is not as it was fitted: {attribute} must be {rule}; got "
        f"{shown[:300]}. Fit it again"
    )


def checked_count(estimator, attribute):
    """Return an attribute that is a number of something."""
    value = getattr(estimator, attribute, None)
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
        refuse(estimator, attribute, "an int of at least 0", value)
    return int(value)


def check_members(estimator, attribute, words, method="fit"):
    """Check an attribute that lists named estimators with a method, or words in place of some."""
    members = getattr(estimator, attribute, None)
    if (
        not isinstance(members, (list, tuple))
        or not all(
            isinstance(member, tuple)
            and len(member) == 2
            and isinstance(member[0], str)
            and (_is_word(member[1], words) or hasattr(member[1], method))
            for member in members
        )
        or len({name for name, _ in members}) < len(members)
    ):
        refuse(estimator, attribute, "a list of (name, estimator), of distinct names", members)


def _is_word(value, words):
    return (value is None and None in words) or (isinstance(value, str) and value in words)


def check_names(estimator, attribute, n=None):
    """Check an attribute that holds distinct names, as many as `n` where that is given."""
    names = getattr(estimator, attribute, None)
    expected = "distinct names" if n is None else f"{n} distinct names"
    if (
        not isinstance(names, np.ndarray)
        or names.dtype != object
        or names.ndim != 1
        or (n is not None and len(names) != n)
        or not all(isinstance(name, str) for name in names)
        or len(set(names)) < len(names)
    ):
        refuse(estimator, attribute, f"a one-dimensional object array of {expected}", names)


def check_positions(estimator, attribute, n):
    """Check an attribute that holds distinct positions below `n`."""
    positions = getattr(estimator, attribute, None)
    if (
        not isinstance(positions, np.ndarray)
        or positions.dtype != np.int64
        or positions.ndim != 1
        or not positions.flags.c_contiguous
        or len(positions) > n
        or (len(positions) and not (positions.min() >= 0 and positions.max() < n))
        or len(np.unique(positions)) < len(positions)
    ):
        rule = f"a one-dimensional int64 array of distinct positions from 0 to below {n}"
        refuse(estimator, attribute, rule, positions)
