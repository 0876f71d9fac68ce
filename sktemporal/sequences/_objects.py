"""Python objects as labels: which are the same, their order, and which look alike.

Labels are the same if they are equal and of one kind: 1, 1.0, True and "1" are four.
"""

import datetime
import enum
import functools
from collections import Counter
from decimal import Decimal

import numpy as np

from .._warnings import warn
from ..exceptions import MixedTypesWarning

#: The kinds that are ordered, and can be looked for, by the numbers that they are.
NUMBERS = ("int", "float", "Decimal")

# Types that mean the same, in the order in which they are asked.
_KINDS = (
    ("bool", (bool, np.bool_)),
    ("int", (int, np.integer)),
    ("float", (float, np.float16, np.float32)),
    ("Decimal", Decimal),
    ("str", str),
    ("bytes", bytes),
    ("datetime", (datetime.datetime, np.datetime64)),
    ("date", datetime.date),
    ("timedelta", (datetime.timedelta, np.timedelta64)),
)


def object_array(values):
    """Return a list as a one-dimensional array of its values, tuples and all."""
    return np.fromiter(values, dtype=object, count=len(values))


def kind_of(value):
    """Name the kind of a label: its type or one that means the same; of a tuple, all in it."""
    if isinstance(value, tuple):
        return f"({', '.join(map(kind_of, value))})"
    return _kind_of_type(type(value))  # type: ignore[arg-type]


@functools.lru_cache(maxsize=1024)
def _kind_of_type(cls):
    if issubclass(cls, enum.Enum):
        return cls.__qualname__
    return next((kind for kind, bases in _KINDS if issubclass(cls, bases)), cls.__qualname__)


def kinds_in(values):
    """Return the kinds of some labels, as a set."""
    types = set(map(type, values))
    if any(issubclass(cls, tuple) for cls in types):
        return set(map(kind_of, values))
    return set(map(_kind_of_type, types))


def label_text(value: object) -> str:
    """Return a label as text, another one for each label: what is no text says what it is.

    Parameters
    ----------
    value : object
        An id or a category.

    Returns
    -------
    text : str

    Examples
    --------
    >>> from sktemporal.sequences import label_text
    >>> label_text("7"), label_text(7)
    ('7', '7 (int)')
    """
    return value if isinstance(value, str) else f"{value} ({kind_of(value)})"


def factorized_objects(values, what, ordered):
    """Codes and distinct values of an array of objects, none of them missing.

    Numbers come first in the order of their values, whatever their kinds; then what is of other
    kinds, by the name of the kind and in its own order.
    """
    import pandas as pd

    if not len(values):
        return np.empty(0, dtype=np.int32), values
    if any(issubclass(cls, np.generic) for cls in set(map(type, values))):
        values = object_array([_plain(value) for value in values])
    kinds = kinds_in(values)
    groups = [slice(None)]
    if len(kinds) > 1:
        of_kind = pd.factorize(object_array([kind_of(value) for value in values]))[0]
        groups = [of_kind == k for k in range(len(kinds))]
    codes, distinct = np.empty(len(values), dtype=np.int32), []
    try:
        for rows in groups:
            found, of_kind = pd.factorize(values[rows])
            codes[rows] = found + len(distinct)
            distinct.extend(of_kind)
    except TypeError as error:
        raise ValueError(_without_a_hash(values, what)) from error
    if not ordered:
        return codes, object_array(distinct)
    simple = len(kinds) == 1 and not isinstance(distinct[0], (tuple, enum.Enum))
    keys = distinct if simple else [_key(value) for value in distinct]
    try:
        if "frozenset" in kinds:
            raise TypeError("'<' between sets is no order")
        order = sorted(range(len(distinct)), key=keys.__getitem__)
    except TypeError as error:
        raise ValueError(
            f"{what} holds values that cannot be sorted, of type {', '.join(sorted(kinds))}; make "
            f"text or numbers of them ({error})"
        ) from error
    ranks = np.empty(len(order), dtype=np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return ranks[codes], object_array([distinct[k] for k in order])


def _plain(value):
    """Return the Python value of a scalar of numpy."""
    import pandas as pd

    if isinstance(value, np.datetime64):
        return pd.Timestamp(value)
    if isinstance(value, np.timedelta64):
        return pd.Timedelta(value)
    return value.item() if isinstance(value, np.generic) else value


def _key(value):
    """What a label of several kinds is sorted by."""
    kind = kind_of(value)
    if isinstance(value, tuple):
        return 1, "tuple", tuple(map(_key, value))
    if isinstance(value, enum.Enum):
        return 1, kind, value.name
    if value is None or value != value:  # noqa: PLR0124 - missing, in a tuple
        return 2, kind
    return (0, value, kind) if kind in NUMBERS else (1, kind, value)


def _without_a_hash(values, what):
    row = next(row for row, value in enumerate(values) if not _has_a_hash(value))
    return (
        f"{what} holds {values[row]!r} of type {type(values[row]).__name__} in row {row}, which "
        "can change and so cannot name anything; make tuples or text of such values"
    )


def _has_a_hash(value):
    try:
        hash(value)
    except TypeError:
        return False
    return True


def warn_of_several_types(distinct, what):
    """Warn of labels of several kinds, and say how many of them look like another one."""
    if distinct.dtype != object or len(kinds_in(distinct)) <= 1:
        return
    by_text = {}
    for value in distinct:
        by_text.setdefault(_text(value), []).append(value)
    alike = [values for values in by_text.values() if len(values) > 1]
    counts = Counter(map(kind_of, distinct))
    example = f", such as {' and '.join(map(repr, alike[0]))}" if alike else ""
    warn(
        f"{what} holds labels of several types ("
        + ", ".join(f"{kind}: {count}" for kind, count in sorted(counts.items()))
        + f"). Each stays what it is; {sum(map(len, alike))} of them look like another one"
        f"{example}. Give the column one type if they are the same",
        MixedTypesWarning,
    )


def _text(value):
    """What a label looks like: whole numbers without their decimals, text without spaces around."""
    if isinstance(value, tuple):
        return tuple(map(_text, value))
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    whole, point, decimals = text.strip().partition(".")
    is_whole = point and not decimals.strip("0") and whole.lstrip("-").isdigit()
    return whole if is_whole else text.strip()
