"""Single records, as a service gets them, to slices of a table."""

from collections.abc import Mapping
from numbers import Integral

from ._labels import key_columns, owner_columns
from ._order import check_policies
from ._plain import plain_parts

# Of more records than these a frame is made in less time than it saves.
_FEW = 2048


def parts_of_records(
    records,
    names,
    entity,
    time,
    arrival,
    fields,
    categorical_fields,
    duplicates,
    unsorted,
    notation,
    schema,
    keys,
):
    """Make the parts of an EventSequences from records; count these.

    Plain values need no frame. Whatever is not plain goes through
    one, with the result that plain values have; so does what is wrong, for the error.
    """
    check_policies(time, arrival, duplicates, unsorted)
    of_keys = key_columns(keys, entity, time)
    named = [owner_columns(entity), *of_keys.values(), [time, arrival]]
    wanted = [name for names in named for name in names if name is not None]
    wanted = None if schema is None else (*wanted, *schema.fields, *schema.categorical_fields)
    table = _columns(records, names, wanted)
    n_records = len(table[next(iter(table))]) if table else 0
    if schema is not None and n_records <= _FEW:
        columns = entity, time, arrival, of_keys
        parts = plain_parts(table, *columns, schema, duplicates, unsorted, notation)
        if parts is not None:
            return parts, n_records
    from ._frame import parts_of_frame

    columns = entity, time, arrival, fields, categorical_fields
    parts = parts_of_frame(_frame(table), *columns, duplicates, unsorted, notation, schema, keys)
    return parts, n_records


def _columns(records, names, wanted):
    """The values of the wanted columns, or of all, as a list for each."""
    kind = type(records)
    if (
        isinstance(records, (str, bytes, Mapping))
        or hasattr(kind, "columns")
        or not hasattr(kind, "__iter__")
    ):
        raise TypeError(
            "records must be a list of dicts or of tuples, one an event (a frame goes to "
            f"from_frame); got {kind.__name__}"
        )
    records = records if isinstance(records, list) else list(records)
    types = set(map(type, records))
    if names is None and all(issubclass(kind, Mapping) for kind in types):
        return _columns_of_mappings(records, wanted)
    return _columns_of_tuples(records, types, names)


def _columns_of_mappings(records, wanted):
    if wanted is None:
        wanted = [*dict.fromkeys(name for record in records for name in record)]
    try:
        return {name: [record[name] for record in records] for name in wanted}
    except KeyError:
        row, name = next(
            (row, name)
            for row, record in enumerate(records)
            for name in wanted
            if name not in record
        )
        raise ValueError(
            f"every record needs {name!r}, None where it is missing; record {row} has only "
            f"{list(records[row])}"
        ) from None


def _columns_of_tuples(records, types, names):
    for row, record in enumerate(records):
        if not isinstance(record, (tuple, list)):
            raise TypeError(
                "records must all be dicts, or all tuples; record "
                f"{row} is a {type(record).__name__}"
                + (" beside `columns`" if names else "")
                + (f", others are a {_another(types, record)}" if len(types) > 1 else "")
            )
    if names is None:
        if len(types) > 1 or not all(hasattr(kind, "_fields") for kind in types):
            raise ValueError(
                "tuples need `columns`, their names in order (or be named tuples of one type); "
                f"got {sorted(kind.__name__ for kind in types)}"
            )
        names = next(iter(types))._fields
    names = list(names)
    if len(set(names)) < len(names):
        raise ValueError(f"columns must be distinct; got {names}")
    for row, record in enumerate(records):
        if len(record) != len(names):
            raise ValueError(
                f"record {row} has {len(record)} values for the {len(names)} columns {names}"
            )
    return {name: [record[j] for record in records] for j, name in enumerate(names)}


def _another(types, record):
    return next(kind.__name__ for kind in types if kind is not type(record))


def _frame(table):
    """Make a frame of columns; where pandas would make floats of integers, of objects."""
    import pandas as pd

    def series(values):
        types = set(map(type, values))
        mixed = len(types) > 1 and any(issubclass(kind, Integral) for kind in types)
        return pd.Series(values, dtype=object if mixed else None if values else float)

    return pd.DataFrame({name: series(values) for name, values in table.items()})
