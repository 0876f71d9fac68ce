"""Ids, keys and categories of a column as codes, and what is behind the codes.

A label is never changed: what came in comes back, and two that differ stay two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._codes import codes_of, scattered
from ._numbering import codes_of_integers
from ._objects import object_array, warn_of_several_types

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import ArrayLike


def factorized(series):
    """Codes 0, 1, ... in sorted order of the distinct values, and these; missing is -1.

    The order of ordered categories is theirs; that of others is an accident of how they were made.
    """
    codes, distinct = codes_of(series.to_native(), f"column {series.name!r}")
    warn_of_several_types(distinct, f"column {series.name!r}")
    return codes, distinct


def owner_columns(entity, parameter="entity"):
    """Return the names of the columns that name the entity, as a list."""
    names = list(entity) if isinstance(entity, (list, tuple)) else [entity]
    try:
        are_different = len({*names, None}) == len(names) + 1
    except TypeError:  # arrays and sets are no names
        are_different = False
    if not (names and are_different):
        raise ValueError(
            f"{parameter} must be the name of a column, or a list of different ones; got {entity!r}"
        )
    return names


def key_columns(keys, entity, time):
    """Return the names of the columns of each key, by its name, which is a tuple of several."""
    if not (keys is None or isinstance(keys, (str, list, tuple))):
        raise ValueError(
            "keys must be a list of columns, or of tuples of columns that name an entity together; "
            f"got {keys!r}"
        )
    owners, named = owner_columns(entity), {}
    for key in [keys] if isinstance(keys, str) else keys or ():
        columns = owner_columns(key, "each of the keys")
        name = tuple(key) if isinstance(key, (list, tuple)) else key
        if name in named or columns == owners:
            raise ValueError(
                f"keys must differ from each other and from entity={entity!r}; got {keys!r}"
            )
        named[name] = columns
    if time in owners or any(time in columns for columns in named.values()):
        parameter, columns = ("entity", entity) if time in owners else ("keys", keys)
        raise ValueError(
            f"{parameter} must name entities by other columns than time={time!r}; got {columns!r}"
        )
    return named


def factorized_key(frame, name):
    """Codes and ids of a key, -1 where it, or one of several columns that make it, is missing."""
    if not isinstance(name, tuple):
        return factorized(frame.get_column(name))
    return combined([factorized(frame.get_column(part)) for part in name])


def factorized_owners(frame, entity):
    """Codes and ids of the entities, those of a list of columns being tuples in their order."""
    names = owner_columns(entity)
    parts = [factorized(frame.get_column(name)) for name in names]
    for name, (codes, _) in zip(names, parts, strict=True):
        if len(codes) and codes.min() < 0:
            row = int((codes < 0).argmax())
            raise ValueError(f"column {name!r} names no entity in row {row}")
    return combined(parts) if isinstance(entity, (list, tuple)) else parts[0]


def codes_of_labels(labels: ArrayLike, what: str) -> Any:
    """Code labels 0, 1, ... in the order of their values.

    Parameters
    ----------
    labels : array-like of shape (n,)
        Of any type, and of any library.
    what : str
        What they are called in messages.

    Returns
    -------
    codes : int32 array of shape (n,)
        -1 where missing.
    distinct : array
        What is behind them.

    Examples
    --------
    >>> from sktemporal.sequences import codes_of_labels
    >>> codes, distinct = codes_of_labels(["b", None, "a"], "groups")
    >>> codes.tolist(), distinct.tolist()
    ([1, -1, 0], ['a', 'b'])
    """
    labels = object_array(labels) if isinstance(labels, (list, tuple)) else labels
    return codes_of(labels, what)


def labels_of(labels, what):
    """Codes and distinct values, in any order, of labels in whatever form; none may be missing."""
    codes, distinct = _codes_of_any(labels, what)
    if len(codes) and codes.min() < 0:
        raise ValueError(f"{what} must not be missing; entry {int((codes < 0).argmax())} is")
    return codes, distinct


def labels_among(labels, names):
    """Take from a frame or an index of several columns those that name the entity, by name."""
    import narwhals as nw
    import pandas as pd

    if isinstance(labels, pd.MultiIndex) and None not in labels.names:
        labels = labels.to_frame(index=False)
    if not hasattr(labels, "columns"):
        return labels
    labels = nw.from_native(labels, eager_only=True)
    several = list(names) if isinstance(names, tuple) else [names]
    given = list(labels.columns)
    left_out = [name for name in several if name not in given]
    if left_out:
        raise ValueError(
            f"entities are named by {several}; a frame or index of them needs {left_out}, and has "
            f"{given}"
        )
    if isinstance(names, tuple):
        return labels.select(several).to_native()
    return labels.get_column(names).to_native()


def label_array(labels, what):
    """Return labels as an array, each as it came."""
    codes, distinct = labels_of(labels, what)
    return distinct[codes]


def check_parts(ids, names):
    """Refuse ids that are no tuples of as many labels as several columns name them by."""
    if not isinstance(names, tuple):
        return
    for label in ids:
        if not isinstance(label, tuple) or len(label) != len(names):
            raise ValueError(
                f"entities named by {list(names)} must be tuples of {len(names)} labels; got "
                f"{label!r}"
            )


def named_labels(ids, names):
    """Return the columns that ids came from, by name: one, or one for each part of the tuples."""
    if not isinstance(names, tuple):
        return {names: ids}
    parts = zip(*ids, strict=True) if len(ids) else [()] * len(names)
    return {
        name: label_array(part, f"column {name!r}") for name, part in zip(names, parts, strict=True)
    }


def values_of(labels):
    """Return the labels of an array as a list of Python values."""
    if labels.dtype.kind in "mM":  # tolist makes integers of nanoseconds
        import pandas as pd

        return list(pd.Index(labels))
    return labels.tolist()


def _codes_of_any(labels, what):
    import pandas as pd

    if isinstance(labels, pd.MultiIndex):
        levels = [labels.get_level_values(k) for k in range(labels.nlevels)]
        return combined([codes_of(level, what, ordered=False) for level in levels])
    if hasattr(labels, "columns"):
        import narwhals as nw

        columns = nw.from_native(labels, eager_only=True).iter_columns()
        return combined([codes_of(c.to_native(), what, ordered=False) for c in columns])
    if isinstance(labels, (str, bytes)) or not np.iterable(labels):
        labels = [labels.item() if isinstance(labels, np.ndarray) else labels]
    if not (hasattr(labels, "dtype") or hasattr(labels, "type")):
        labels = object_array(list(labels))
    if getattr(labels, "ndim", 1) != 1:
        raise ValueError(f"{what} must be one-dimensional; got shape {labels.shape}")
    if isinstance(labels, np.ma.MaskedArray):
        present = ~np.ma.getmaskarray(labels)
        return scattered(present, *codes_of(labels.data[present], what, ordered=False))
    return codes_of(labels, what, ordered=False)


def combined(parts):
    """Codes and tuples, in lexicographic order, of the codes and values of several columns."""
    codes, distinct = parts[0]
    places = [np.arange(len(distinct))]
    for next_codes, next_distinct in parts[1:]:
        n = max(len(next_distinct), 1)
        pairs = codes.astype(np.int64) * n + next_codes
        missing = (codes < 0) | (next_codes < 0)
        if missing.any():
            codes, pairs = scattered(~missing, *codes_of_integers(pairs[~missing], True))
        else:
            codes, pairs = codes_of_integers(pairs, True)
        places = [*(place[pairs // n] for place in places), pairs % n]
    parts = zip((distinct for _, distinct in parts), places, strict=True)
    values = [values_of(distinct[place]) for distinct, place in parts]
    return codes, object_array(list(zip(*values, strict=True)))
