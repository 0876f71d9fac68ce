"""Event logs in data frames to slices of a table."""

import numpy as np

from ._fields import selected_fields
from ._labels import (
    factorized,
    factorized_key,
    factorized_owners,
    key_columns,
    owner_columns,
    values_of,
)
from ._moments import moments_of_columns
from ._numbers import float_type, numbers_of, raise_infinite
from ._order import check_policies, frame_rows, order_of_events
from ._parts import field_names, vocabularies
from ._schema import coded
from ._table import Key


def parts_of_frame(
    frame,
    entity,
    time,
    arrival,
    fields,
    categorical_fields,
    duplicates,
    unsorted,
    notation,
    schema=None,
    keys=None,
):
    """Make the parts of an EventSequences from an event log."""
    import narwhals as nw

    try:
        frame = nw.from_native(frame, eager_only=True)
    except TypeError as error:
        raise TypeError(
            f"frame must be a data frame (pandas, polars, pyarrow, ...); got {type(frame).__name__}"
        ) from error
    except nw.exceptions.DuplicateError as error:
        raise ValueError(f"the columns of frame must have different names: {error}") from error
    check_policies(time, arrival, duplicates, unsorted)
    keys = key_columns(keys, entity, time)
    of_keys = [column for columns in keys.values() for column in columns]
    no_fields = [c for c in (*owner_columns(entity), *of_keys, time, arrival) if c is not None]
    if schema is not None:
        fields, categorical_fields = schema.fields, schema.categorical_fields
    fields, categorical_fields = selected_fields(frame, no_fields, fields, categorical_fields)
    owner, entity_ids = factorized_owners(frame, entity)
    clocks = {name: frame.get_column(name) for name in (time, arrival) if name is not None}
    times, finest, arrivals = moments_of_columns(clocks, time, arrival, notation)

    order = order_of_events(owner, finest, entity_ids, duplicates, unsorted)
    del owner
    is_finer = finest is not times
    if is_finer:
        times = order.arrange(times)[0]
    elif times is not None:
        times = _own(order.times, frame)
    del finest
    rows = frame_rows(order)
    values = np.empty((len(rows), len(fields)), dtype=float_type(frame, fields), order="F")
    for j, name in enumerate(fields):
        numbers = numbers_of(frame.get_column(name))
        _, infinite = order.arrange(numbers.data, values[:, j], numbers.missing)
        if infinite:
            raise_infinite(numbers, name)
    codes = np.empty((len(rows), len(categorical_fields)), dtype=np.int32, order="F")
    categories = []
    for j, name in enumerate(categorical_fields):
        code, distinct = factorized(frame.get_column(name))
        known = None if schema is None else schema.vocabularies[j]
        code, found = coded(code + 1, values_of(distinct), known)
        order.arrange(code.astype(np.int32, copy=False), codes[:, j])
        categories.append(found)
    return {
        "values": values,
        "codes": codes,
        "times": times,
        "arrivals": None if arrivals is None else order.arrange(arrivals)[0],
        "frame_rows": rows,
        "starts": order.starts,
        "stops": order.stops,
        "entity_ids": entity_ids,
        "fields": field_names(fields, len(fields), "fields", "x"),
        "categorical_fields": field_names(
            categorical_fields, len(categorical_fields), "categorical_fields", "c"
        ),
        "categories": vocabularies(categories, categorical_fields),
        "keys": {name: _key(frame, name, order) for name in keys},
        "instants": order.times if keys and is_finer else None,
    }


def _key(frame, name, order):
    codes, ids = factorized_key(frame, name)
    return Key(order.arrange(codes.astype(np.int32, copy=False))[0], ids)


def _own(times, frame):
    """Copy times that are still those of a pandas frame, which may be changed; Arrow's may not."""
    return times.copy() if frame.implementation.is_pandas() and times.base is not None else times
