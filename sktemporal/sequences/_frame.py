"""Event logs in data frames to slices of a table."""

import numpy as np

from ._labels import factorized
from ._moments import moments_of_columns
from ._numbers import float_type, floats_of, is_number
from ._order import check_policies, order_of_events
from ._roles import warn_of_roles
from ._schema import coded, with_fitted_kinds


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
    check_policies(time, arrival, duplicates, unsorted)
    as_it_came, frame = frame, _with_inferred_types(frame, but=(time, arrival))
    if schema is not None:
        fields, categorical_fields = schema.fields, schema.categorical_fields
        frame = with_fitted_kinds(frame, schema)
    keys = [name for name in (entity, time, arrival) if name is not None]
    defaults = fields is None, categorical_fields is None
    fields, categorical_fields = _selected(frame, keys, fields, categorical_fields)
    warn_of_roles(frame, fields if defaults[0] else (), categorical_fields if defaults[1] else ())
    owner, entity_ids = factorized(frame.get_column(entity))
    if (owner < 0).any():
        raise ValueError(f"column {entity!r} names no entity in row {int((owner < 0).argmax())}")
    clocks = {name: as_it_came.get_column(name) for name in (time, arrival) if name is not None}
    times, finest, arrivals = moments_of_columns(clocks, time, arrival, notation)

    order = order_of_events(owner, finest, entity_ids, duplicates, unsorted)
    n_events = len(owner[order])
    values = np.empty((n_events, len(fields)), dtype=float_type(frame, fields), order="F")
    for j, name in enumerate(fields):
        values[:, j] = floats_of(frame.get_column(name))[order]
    codes = np.empty((n_events, len(categorical_fields)), dtype=np.int32, order="F")
    categories = []
    for j, name in enumerate(categorical_fields):
        code, distinct = factorized(frame.get_column(name))
        known = None if schema is None else schema.vocabularies[j]
        codes[:, j], found = coded(code[order] + 1, distinct.tolist(), known)
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


def _selected(frame, keys, fields, categorical_fields):
    """Resolve which columns are numerical and categorical fields, and check that they exist."""
    schema = frame.schema
    if fields is None:
        fields = [n for n, t in schema.items() if n not in keys and is_number(t)]
    if categorical_fields is None:
        categorical_fields = [
            n for n, t in schema.items() if n not in keys and n not in fields and _is_text(t)
        ]
    fields, categorical_fields = (
        (names,) if isinstance(names, str) else tuple(names)
        for names in (fields, categorical_fields)
    )
    for name in (*keys, *fields, *categorical_fields):
        if name not in schema:
            raise ValueError(f"column {name!r} is not in the frame; it has {list(schema)}")
    for name in fields:
        if not is_number(schema[name]):
            raise ValueError(f"field {name!r} must hold numbers; its type is {schema[name]}")
    return fields, categorical_fields


def _with_inferred_types(frame, but):
    """Give pandas columns of Python objects the type of what they hold: numbers or dates."""
    import narwhals as nw
    import pandas as pd

    if not frame.implementation.is_pandas():
        return frame
    native = frame.to_native()
    converted = {}
    objects = [name for name, dtype in frame.schema.items() if dtype == nw.Object]
    for name in [name for name in objects if name not in but]:
        held = pd.api.types.infer_dtype(native[name], skipna=True)
        if held in ("integer", "floating", "mixed-integer-float", "decimal", "boolean"):
            converted[name] = pd.to_numeric(native[name].astype("Float64"))
        elif held in ("date", "datetime", "datetime64"):
            converted[name] = pd.to_datetime(native[name], utc=True)
    return nw.from_native(native.assign(**converted)) if converted else frame


def _is_text(dtype):
    import narwhals as nw

    return dtype in (nw.String, nw.Categorical, nw.Enum, nw.Object)
