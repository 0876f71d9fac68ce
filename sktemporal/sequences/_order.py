"""The order of the events of a log, and what to do with those that have none."""

import numpy as np

from ._labels import values_of

_DUPLICATES = ("keep", "first", "last", "error")
_UNSORTED = ("sort", "error")


def check_policies(time, arrival, duplicates, unsorted):
    """Refuse what is no policy, and what needs a time column where there is none."""
    if duplicates not in _DUPLICATES:
        raise ValueError(f"duplicates must be one of {_DUPLICATES}; got {duplicates!r}")
    if unsorted not in _UNSORTED:
        raise ValueError(f"unsorted must be one of {_UNSORTED}; got {unsorted!r}")
    if time is None and duplicates != "keep":
        raise ValueError(f"duplicates={duplicates!r} needs a `time` column; got None")
    if arrival is not None and duplicates in ("first", "last"):
        raise ValueError(
            f"duplicates={duplicates!r} with `arrival` would leave out what was known until the "
            "other one arrived; it must be 'keep' or 'error'"
        )
    if time is None and arrival is not None:
        raise ValueError(f"arrival={arrival!r} needs a `time` column; got None")


def order_of_events(owner, times, entity_ids, duplicates, unsorted):
    """Rows by entity, then time, then row: as an array, or a slice where that is their order.

    `times` may be finer than those of the container.
    """
    order = _sorted_rows(owner, times)
    if times is None or len(owner) == 0:
        return order
    if unsorted == "error":
        _check_in_order(owner, times, entity_ids)
    return _without_duplicates(order, owner, times, entity_ids, duplicates)


def _sorted_rows(owner, times):
    changes = np.diff(owner)
    if (changes >= 0).all() and (times is None or (times[1:] >= times[:-1])[changes == 0].all()):
        return slice(None)
    return np.argsort(owner, kind="stable") if times is None else np.lexsort((times, owner))


def _check_in_order(owner, times, entity_ids):
    """Refuse a log in which the events of an entity are not in order of time."""
    rows = np.argsort(owner, kind="stable")
    sorted_times = times[rows]
    backwards = (np.diff(owner[rows]) == 0) & (sorted_times[1:] < sorted_times[:-1])
    if backwards.any():
        row, later_row = rows[backwards.argmax() + np.arange(2)]
        raise ValueError(
            f"unsorted='error', and the events of entity {_name(entity_ids, owner[row])} are "
            f"not in order of time: row {later_row} is earlier than row {row} before it"
        )


def _name(entity_ids, i):
    return repr(values_of(entity_ids[i : i + 1])[0])


def _without_duplicates(order, owner, times, entity_ids, duplicates):
    """Leave out of the order what the policy says of events of one entity at one instant."""
    if duplicates == "keep":
        return order
    rows = np.arange(len(owner))[order]
    sorted_times = times[rows]
    again = (np.diff(owner[rows]) == 0) & (sorted_times[1:] == sorted_times[:-1])
    if duplicates == "error" and again.any():
        row, next_row = rows[again.argmax() + np.arange(2)]
        raise ValueError(
            f"duplicates='error', and entity {_name(entity_ids, owner[row])} has two events at "
            f"one instant: rows {row} and {next_row}"
        )
    return rows[np.append(True, ~again) if duplicates == "first" else np.append(~again, True)]
