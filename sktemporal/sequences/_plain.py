"""Plain values of a few events, which need no data frame: text, numbers, datetimes, None."""

import datetime
import math
import re
from decimal import Decimal

import numpy as np

from ._labels import combined, owner_columns
from ._moments import moments_of_columns
from ._objects import object_array
from ._order import frame_rows, order_of_events
from ._table import Key
from ._times import TimeNotation

_NUMBERS = {float, int, bool, type(None), Decimal, np.float64, np.float32, np.int64, np.bool_}
# Integers beyond are not all floats.
_LARGEST_EXACT = 2.0**53
# The common part of what text of moments may be. (datetime.fromisoformat takes more than that.)
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):\d\d(:\d\d(\.\d{3}(\d{3})?)?)?"
    r"(Z|[+-](0\d|1[0-4]):[0-5]\d)?",
    re.ASCII,
)
_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH_UTC = _EPOCH.replace(tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)
_UTC = TimeNotation()


def plain_parts(table, entity, time, arrival, keys, schema, duplicates, unsorted, notation):
    """Make the parts of an EventSequences from columns, each a list; they need no further check.

    Returns None where a value is not plain, or nothing there: that takes the road of a frame.
    """
    owners = owner_columns(entity)
    wanted = [name for names in (owners, *keys.values()) for name in names]
    wanted += [name for name in (time, arrival) if name is not None]
    if any(name not in table for name in (*wanted, *schema.fields, *schema.categorical_fields)):
        return None
    n_events = len(table[owners[0]])
    owner, entity_ids = _plain_ids([table[name] for name in owners], isinstance(entity, str))
    values = _plain_values([table[name] for name in schema.fields], n_events)
    coded = [
        _plain_codes(table[name], vocabulary)
        for name, vocabulary in zip(schema.categorical_fields, schema.vocabularies, strict=True)
    ]
    keyed = {name: _plain_key(table, name, columns) for name, columns in keys.items()}
    if owner is None or values is None or None in coded or None in keyed.values():
        return None
    times, finest, arrivals = _moments(table, time, arrival, notation)
    codes = np.array([codes for codes, _ in coded], dtype=np.int32).reshape(len(coded), n_events).T
    rows, instants = np.arange(n_events), None
    if n_events > 1:
        order = order_of_events(owner, finest, entity_ids, duplicates, unsorted)
        rows = frame_rows(order)
        values, codes = (np.asfortranarray(part[rows]) for part in (values, codes))
        is_finer = finest is not times
        times, arrivals = (None if part is None else part[rows] for part in (times, arrivals))
        keyed = {name: Key(codes[rows], ids) for name, (codes, ids) in keyed.items()}
        instants = order.times if keys and is_finer else None
    starts, stops = np.zeros((2, len(entity_ids)), dtype=np.int64)
    np.cumsum(np.bincount(owner[rows], minlength=len(entity_ids)), out=stops)
    starts[1:] = stops[:-1]
    return {
        "values": values,
        "codes": codes,
        "times": times,
        "arrivals": arrivals,
        "frame_rows": rows,
        "starts": starts,
        "stops": stops,
        "entity_ids": entity_ids,
        "fields": schema.fields,
        "categorical_fields": schema.categorical_fields,
        "categories": tuple(tuple(categories) for _, categories in coded),
        "keys": keyed,
        "instants": instants,
    }


def _moments(table, time, arrival, notation):
    """As `moments_of_columns`, for the commonest forms with less ado."""
    columns = {name: table[name] for name in (time, arrival) if name is not None}
    if notation == _UTC:
        moments = {name: _plain_moments(column) for name, column in columns.items()}
        if not any(each is None for each in moments.values()):
            return moments.get(time), moments.get(time), moments.get(arrival)
    return moments_of_columns(columns, time, arrival, notation)


def _plain_moments(column):
    """Microseconds of datetimes or ISO 8601 text, all aware or none; None of anything else."""
    types = set(map(type, column))
    if types == {str} and all(map(_ISO.fullmatch, column)):
        try:
            column = [datetime.datetime.fromisoformat(text) for text in column]
        except ValueError:  # no such day
            return None
    elif len(types) == 1 and next(iter(types)).__name__ == "Timestamp":
        if any(moment.nanosecond for moment in column):
            return None
        column = [moment.to_pydatetime() for moment in column]
    elif types != {datetime.datetime}:
        return None
    aware = {moment.utcoffset() is not None for moment in column}
    if len(aware) > 1:
        return None
    epoch = _EPOCH_UTC if aware == {True} else _EPOCH
    if aware == {False}:
        column = [moment.replace(tzinfo=None) for moment in column]
    return np.array([(moment - epoch) // _MICROSECOND for moment in column], dtype=np.int64)


def _plain_ids(columns, single):
    """Codes of text or integers, or of tuples, and what is behind them sorted; or nothing."""
    kinds = [set(map(type, column)) for column in columns]
    for column, types in zip(columns, kinds, strict=True):
        whole = types == {int} and -(2**63) <= min(column) <= max(column) < 2**63
        if not (whole or types == {str}):
            return None, None
    ids = columns[0] if single else list(zip(*columns, strict=True))
    distinct = sorted(set(ids))
    places = {value: k for k, value in enumerate(distinct)}
    whole = single and kinds == [{int}]
    names = np.array(distinct, dtype=np.int64) if whole else object_array(distinct)
    return np.array([places[value] for value in ids]), names


def _plain_key(table, name, columns):
    """Codes of text or integers, -1 where missing, and what is behind them; of tuples of several.

    Returns None where a value is not plain.
    """
    parts = []
    for column in columns:
        coded = _plain_codes(table[column], None)
        if coded is None:
            return None
        codes, distinct = coded
        whole = bool(distinct) and isinstance(distinct[0], int)
        ids = np.array(distinct, dtype=np.int64) if whole else object_array(distinct)
        parts.append((np.array(codes, dtype=np.int32) - np.int32(1), ids))
    return Key(*(combined(parts) if isinstance(name, tuple) else parts[0]))


def _plain_values(columns, n_events):
    """Numbers as floats, None as NaN, shape (n_events, n_fields)."""
    types = set()
    for column in columns:
        types.update(map(type, column))
    if not types <= _NUMBERS or types == {np.float32}:  # which a frame keeps
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
    code_of = dict(zip(distinct, places, strict=True))
    return [code_of.get(value, 0) for value in column], categories


def _is_nan(value):
    return isinstance(value, float) and math.isnan(value)
