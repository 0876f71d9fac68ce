"""Logs where histories are expected: refused, with the call that is meant."""

from collections.abc import Mapping

import numpy as np

from ._roles import is_id_name, is_time_name, warn_of_roles


def check_no_log(X, by_default):
    """Refuse a list of records, and a frame with columns that are no numbers or make it a log.

    Where all columns of a frame are fields by default, those like ids or labels are warned of.

    Raises
    ------
    ValueError
        If X is a list of dicts, or a frame in which a column holds text, categories or times, or
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
        entity, time = ("..." if name is None else repr(name) for name in (entity, time))
        raise ValueError(
            f"X is a frame with {', '.join(found)}: an event log, as it seems. A transformer needs "
            "the events of each entity together, which "
            f"EventSequences.from_frame(X, entity={entity}, time={time}) makes of it; a frame with "
            "one row an entity must hold numbers only"
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
    """What a column holds: a number, an id (numbers of that name that repeat), times, text, ..."""
    import narwhals as nw

    dtype = column.dtype
    if dtype.is_numeric():
        repeats = is_id_name(str(column.name)) and column.n_unique() < len(column)
        return "id" if repeats and dtype.is_integer() else "number"
    if dtype in (nw.Datetime, nw.Date, nw.Time, nw.Duration):
        return "times"
    if dtype in (nw.Categorical, nw.Enum):
        return "categories"
    if dtype == nw.String:
        return "text"
    return _kind_of_objects(column) if dtype == nw.Object else "number"


def _kind_of_objects(column):
    """Numbers among Python objects are left to scikit-learn, and so is what it has a word for."""
    import pandas as pd

    values = column.to_list()
    if pd.api.types.infer_dtype(values, skipna=True) in ("date", "datetime", "datetime64"):
        return "times"
    return "text" if any(isinstance(value, str) for value in values) else "number"
