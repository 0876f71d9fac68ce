"""Event logs in data frames to slices of a table."""

import numpy as np

from ._fields import selected_fields
from ._labels import factorized, factorized_owners, owner_columns, values_of
from ._moments import moments_of_columns
from ._numbers import check_finite, float_type, numbers_of
from ._order import check_policies, order_of_events
from ._schema import coded


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
):
    """Make the constructor arguments of an EventSequences from an event log."""
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
    keys = [name for name in (*owner_columns(entity), time, arrival) if name is not None]
    if schema is not None:
        fields, categorical_fields = schema.fields, schema.categorical_fields
    fields, categorical_fields = selected_fields(frame, keys, fields, categorical_fields)
    owner, entity_ids = factorized_owners(frame, entity)
    clocks = {name: frame.get_column(name) for name in (time, arrival) if name is not None}
    times, finest, arrivals = moments_of_columns(clocks, time, arrival, notation)

    order = order_of_events(owner, finest, entity_ids, duplicates, unsorted)
    n_events = len(owner[order])
    values = np.empty((n_events, len(fields)), dtype=float_type(frame, fields), order="F")
    for j, name in enumerate(fields):
        data, missing = numbers_of(frame.get_column(name))
        check_finite(data, name)
        values[:, j] = data[order]
        if missing is not None:
            values[missing[order], j] = np.nan
    codes = np.empty((n_events, len(categorical_fields)), dtype=np.int32, order="F")
    categories = []
    for j, name in enumerate(categorical_fields):
        code, distinct = factorized(frame.get_column(name))
        known = None if schema is None else schema.vocabularies[j]
        codes[:, j], found = coded(code[order] + 1, values_of(distinct), known)
        categories.append(found)

    stops = np.cumsum(np.bincount(owner[order], minlength=len(entity_ids)))
    return {
        "values": values,
        "codes": codes,
        "times": None if times is None else times[order],
        "arrivals": None if arrivals is None else arrivals[order],
        "frame_rows": np.arange(len(owner))[order],
        "starts": np.concatenate(([0], stops[:-1])) if len(stops) else stops,
        "stops": stops,
        "entity_ids": entity_ids,
        "fields": fields,
        "categorical_fields": categorical_fields,
        "categories": categories,
    }
