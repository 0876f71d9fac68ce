"""Logs where histories are expected: refused, with the call that is meant."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from numbers import Number

import numpy as np

from ._roles import is_id_name, is_time_name, warn_of_roles

# No more columns than these are named in an error.
_N_NAMED = 5


def check_no_log(X, by_default):
    """Refuse a list of records, and a frame with columns that are no numbers or make it a log.

    Where all columns of a frame are fields by default, those like ids or labels are warned of.

    Raises
    ------
    ValueError
        If X is a list of dicts, or a frame in which a column holds something else than numbers, or
        one with the name of an id repeats beside one with that of a time.
    """
    if isinstance(X, list) and X and isinstance(X[0], Mapping):
        raise ValueError(
            "X is a list of records, and a transformer needs the events of each entity together: "
            "EventSequences.from_records(X, entity=..., time=...) makes that of them"
        )
    if isinstance(X, np.ndarray) or not _has_columns(type(X)):
        return
    import narwhals as nw

    frame = nw.from_native(X, pass_through=True)
    if isinstance(frame, nw.LazyFrame):
        raise ValueError(f"X is lazy, and must be a frame with its rows; got {type(X).__name__}")
    if not isinstance(frame, nw.DataFrame):
        return
    kinds = {name: _kind(frame.get_column(name)) for name in frame.columns}
    entity, time = _entity_of(kinds), _time_of(kinds)
    found = [f"{kind} in {name!r}" for name, kind in kinds.items() if kind not in ("number", "id")]
    if not found and time is not None and kinds.get(entity) == "id":
        found = [f"ids that repeat in {entity!r}", f"moments in {time!r}"]
    if found:
        more = f" and {len(found) - _N_NAMED} more" if len(found) > _N_NAMED else ""
        entity, time = ("..." if name is None else repr(name) for name in (entity, time))
        call = f"EventSequences.from_frame(X, entity={entity}, time={time})"
        if "lists" in kinds.values():
            meant = f"with one row an event, and not lists of them, it goes to {call}"
        else:
            meant = f"of an event log, one row an event, {call} makes that"
        raise ValueError(
            f"X is a frame with {', '.join(found[:_N_NAMED])}{more}. A transformer needs numbers, "
            f"and the events of each entity together: {meant}"
        )
    if by_default:
        warn_of_roles(frame, [name for name in kinds if isinstance(name, str)], ())


def _has_columns(cls):
    """Tell frames without asking one for its columns, which is much to ask of a lazy one."""
    return hasattr(cls, "columns") or hasattr(cls, "schema")


def _entity_of(kinds):
    """The column that most looks like one of entities; None where none does."""
    labels = [name for name in kinds if kinds[name] in ("text", "categories")]
    likely = [name for name in kinds if kinds[name] == "id"]
    likely += [name for name in labels if is_id_name(str(name))]
    likely += [name for name in labels if not is_time_name(str(name))]
    return next(iter(likely), None)


def _time_of(kinds):
    likely = [name for name in kinds if kinds[name] == "times"]
    likely += [name for name in kinds if kinds[name] != "id" and is_time_name(str(name))]
    return next(iter(likely), None)


def _kind(column):
    """What a column holds: numbers, ids (numbers of that name that repeat), times, text, ..."""
    import narwhals as nw

    dtype = column.dtype
    if dtype.is_numeric():
        repeats = is_id_name(str(column.name)) and column.n_unique() < len(column)
        return "id" if repeats and dtype.is_integer() else "number"
    if column.is_null().all():
        return "number"
    kinds = {
        "times": (nw.Datetime, nw.Date, nw.Time, nw.Duration),
        "categories": (nw.Categorical, nw.Enum),
        "text": (nw.String,),
        "lists": (nw.List, nw.Array),
    }
    named = next((kind for kind, dtypes in kinds.items() if dtype in dtypes), None)
    return named or _kind_of_objects(column.to_list())


def _kind_of_objects(objects):
    """What Python objects are; those that are all numbers, or None, are left to scikit-learn."""
    import pandas as pd

    if any(isinstance(value, str) for value in objects):
        return "text"
    if any(isinstance(value, (list, tuple, np.ndarray)) for value in objects):
        return "lists"
    if any(isinstance(value, (datetime.date, datetime.timedelta)) for value in objects):
        return "times"
    missing = pd.isna(np.array(objects, dtype=object))
    odd = [v for v, gone in zip(objects, missing, strict=True) if not (gone or _is_number(v))]
    return "objects" if odd else "number"


def _is_number(value):
    return isinstance(value, (Number, Decimal, np.bool_))
