"""Entities that are asked for, among those that there are."""

import numpy as np

from .._warnings import warn
from ..exceptions import UnknownEntityWarning
from ._labels import values_of
from ._objects import NUMBERS, kind_of, kinds_in

#: What to do about entities that are asked for and not there.
UNKNOWN = ("warn", "raise", "ignore")

_EXACT = 2.0**53  # floats beyond do not tell integers apart


def positions_of(wanted, entity_ids):
    """Find distinct labels among the ids of entities, -1 where one is not among them.

    An id of the same kind goes first, then a number that is equal: 7 and 7.0 are found as each
    other, where not both are there; 7 and "7" are not.
    """
    if wanted.dtype.kind in "iu" and entity_ids.dtype.kind in "iu":
        return _positions_of_integers(wanted, entity_ids)
    names, ids = values_of(wanted), values_of(entity_ids)
    kinds, kinds_of_ids = kinds_in(names), kinds_in(ids)
    if "float" in kinds and "int" in kinds_of_ids:
        _check_exact(names)
    if len(kinds_of_ids) <= 1 and kinds <= kinds_of_ids:
        positions = {name: k for k, name in enumerate(ids)}
        _check_unique(ids, positions, lambda name: name)
        return np.array([positions.get(name, -1) for name in names], dtype=np.int64)
    positions = {(kind_of(name), name): k for k, name in enumerate(ids)}
    _check_unique(ids, positions, lambda name: (kind_of(name), name))
    numbers = {}
    for k, name in enumerate(ids):
        if kind_of(name) in NUMBERS:
            numbers.setdefault(name, k)
    found = np.empty(len(names), dtype=np.int64)
    for j, name in enumerate(names):
        kind = kind_of(name)
        equal = numbers.get(name, -1) if kind in NUMBERS else -1
        found[j] = positions.get((kind, name), equal)
    return found


def _positions_of_integers(wanted, entity_ids):
    order = None
    if not (entity_ids[1:] > entity_ids[:-1]).all():
        order = np.argsort(entity_ids, kind="stable")
        entity_ids = entity_ids[order]
        again = entity_ids[1:] == entity_ids[:-1]
        if again.any():
            raise ValueError(_twice(entity_ids[again.argmax()].item()))
    if not len(entity_ids):
        return np.full(len(wanted), -1)
    positions = np.full(len(wanted), -1)
    limits = np.iinfo(entity_ids.dtype)
    fit = (wanted >= limits.min) & (wanted <= limits.max)
    of_type = wanted[fit].astype(entity_ids.dtype)
    places = np.minimum(np.searchsorted(entity_ids, of_type), len(entity_ids) - 1)
    positions[fit] = np.where(entity_ids[places] == of_type, places, -1)
    return positions if order is None else np.append(order, -1)[positions]


def _check_unique(ids, positions, key):
    if len(positions) < len(ids):
        raise ValueError(
            _twice(next(name for k, name in enumerate(ids) if positions[key(name)] != k))
        )


def _twice(name):
    return f"as_of needs unique entity_ids; {name!r} occurs more than once"


def _check_exact(names):
    for name in names:
        if kind_of(name) == "float" and abs(name) >= _EXACT:
            raise ValueError(
                "entities must be exact, and floats do not tell integers beyond 2**53 apart; "
                f"got {name!r}"
            )


def check_policy(unknown):
    """Refuse what is no policy for unknown entities."""
    if unknown not in UNKNOWN:
        raise ValueError(f"unknown must be one of {UNKNOWN}; got {unknown!r}")


def tell_unknown(wanted, positions, entity_ids, unknown):
    """Warn of labels that are not among the ids, or refuse them."""
    missing = positions < 0
    n = np.count_nonzero(missing)
    if unknown == "ignore" or n == 0:
        return
    first = values_of(wanted[missing][:1])[0]
    if n == len(wanted):
        there = f"the container has {_described(entity_ids)}"
        raise ValueError(
            f"none of the entities asked for is known: they are {_described(wanted)}, {there}. "
            "Give them as the log has them; unknown='ignore' takes them for entities without events"
        )
    message = (
        f"{n} of {len(wanted)} entities asked for are unknown, such as {first!r}; their histories "
        "are empty"
    )
    if unknown == "raise":
        raise ValueError(f"{message} (unknown='raise' refuses them)")
    warn(f"{message} (unknown='ignore' where that is expected)", UnknownEntityWarning)


def _described(labels):
    if not len(labels):
        return "no ids"
    some = ", ".join(map(repr, values_of(labels[:2])))
    kinds = " or ".join(sorted(kinds_in(values_of(labels))))
    return f"of type {kinds} ({some}{', ...' if len(labels) > 2 else ''})"
