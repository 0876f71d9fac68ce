"""Plain values of a few events, which need no data frame: text, numbers, datetimes, None."""

import math
from decimal import Decimal

import numpy as np

from ._moments import moments_of_columns
from ._order import order_of_events

_NUMBERS = {float, int, bool, type(None), Decimal, np.float64, np.float32, np.int64, np.bool_}
# Integers beyond are not all floats.
_LARGEST_EXACT = 2.0**53


def plain_parts(table, entity, time, arrival, schema, duplicates, unsorted, notation):
    """Make the constructor arguments of an EventSequences from columns, each a list.

    Returns None where a value is not plain, or nothing there: that takes the road of a frame.
    """
    wanted = [name for name in (entity, time, arrival) if name is not None]
    if any(name not in table for name in (*wanted, *schema.fields, *schema.categorical_fields)):
        return None
    n_events = len(table[entity])
    owner, entity_ids = _plain_ids(table[entity])
    values = _plain_values([table[name] for name in schema.fields], n_events)
    coded = [
        _plain_codes(table[name], vocabulary)
        for name, vocabulary in zip(schema.categorical_fields, schema.vocabularies, strict=True)
    ]
    if owner is None or values is None or None in coded:
        return None
    clocks = {name: table[name] for name in (time, arrival) if name is not None}
    times, finest, arrivals = moments_of_columns(clocks, time, arrival, notation)
    codes = np.array([codes for codes, _ in coded], dtype=np.int32).reshape(len(coded), n_events).T
    rows = np.arange(n_events)
    if n_events > 1:
        rows = rows[order_of_events(owner, finest, entity_ids, duplicates, unsorted)]
        values, codes = (np.asfortranarray(part[rows]) for part in (values, codes))
        times, arrivals = (None if part is None else part[rows] for part in (times, arrivals))
    stops = np.cumsum(np.bincount(owner[rows], minlength=len(entity_ids)))
    return {
        "values": values,
        "codes": codes,
        "times": times,
        "arrivals": arrivals,
        "frame_rows": rows,
        "starts": np.concatenate(([0], stops[:-1])),
        "stops": stops,
        "entity_ids": entity_ids,
        "fields": schema.fields,
        "categorical_fields": schema.categorical_fields,
        "categories": [categories for _, categories in coded],
    }


def _plain_ids(ids):
    """Codes of text or integers, and what is behind them in sorted order; or nothing."""
    types = set(map(type, ids))
    if types == {str}:
        dtype = object
    elif types == {int} and -(2**63) <= min(ids) <= max(ids) < 2**63:
        dtype = np.int64
    else:
        return None, None
    distinct = sorted(set(ids))
    places = {value: k for k, value in enumerate(distinct)}
    return np.array([places[value] for value in ids]), np.array(distinct, dtype=dtype)


def _plain_values(columns, n_events):
    """Numbers as floats, None as NaN, shape (n_events, n_fields)."""
    types = set()
    for column in columns:
        types.update(map(type, column))
    if not types <= _NUMBERS:
        return None
    try:
        values = np.array(columns, dtype=np.float64).reshape(len(columns), n_events).T
    except (OverflowError, ValueError):  # an integer or a signalling NaN that is no float
        return None
    size = np.abs(values)
    if (size == np.inf).any() or (types != {float} and (size >= _LARGEST_EXACT).any()):
        return None
    return values


def _plain_codes(column, vocabulary):
    """Codes of text or integers, 0 where None or NaN, and the categories behind them."""
    if not set(map(type, column)) <= {str, int, float, type(None)}:
        return None
    present = {value for value in column if not (value is None or _is_nan(value))}
    types = set(map(type, present))
    if types == {int}:
        if not -(2**63) <= min(present) <= max(present) < 2**63:
            return None
    elif types and types != {str}:
        return None
    distinct = sorted(present)
    if vocabulary is None:
        places, categories = range(1, len(distinct) + 1), distinct
    else:
        places, categories = vocabulary.extended(distinct)
    places = dict(zip(distinct, places, strict=True))
    return [places.get(value, 0) for value in column], categories


def _is_nan(value):
    return isinstance(value, float) and math.isnan(value)
