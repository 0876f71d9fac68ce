"""Padded arrays to slices of a table, and back."""

import numpy as np

from .. import _kernels
from ._numbers import warn_of_inexact
from ._parts import floating, integer_codes
from ._times import PER_SECOND, Subject, TimeNotation, numbers_to_microseconds

_ENCODINGS = ("timestamp", "age", "delta")


def parts_of_padded(
    numerical, mask, categorical, categorical_mask, fields, time_field, time_encoding, time_unit
):
    """Make the constructor arguments of an EventSequences from padded arrays."""
    if time_encoding not in _ENCODINGS:
        raise ValueError(f"time_encoding must be one of {_ENCODINGS}; got {time_encoding!r}")
    TimeNotation(time_unit).checked()
    if time_unit is not None and time_field is None:
        raise ValueError(f"time_unit={time_unit!r} needs a time_field; got None")
    integers = _integers(numerical)
    numerical, mask = _unmasked(numerical, mask)
    n_entities, n_steps, n_columns = numerical.shape
    table = numerical.reshape(n_entities * n_steps, n_columns)
    codes = _codes(categorical, n_entities, n_steps)

    if mask is None and categorical_mask is None:
        starts, stops = _trimmed(table, codes, n_entities, n_steps)
        valid = code_valid = _between(starts, stops, n_steps)
    else:
        valid = _validity(mask, "mask", n_entities, n_steps)
        code_valid = _validity(categorical_mask, "categorical_mask", n_entities, n_steps)
        if valid is None:
            starts, stops = _trimmed(table, codes[:, :0], n_entities, n_steps)
            valid = _between(starts, stops, n_steps)
        code_valid = valid if code_valid is None else code_valid
    event = valid | code_valid
    codes = integer_codes(np.where(code_valid.reshape(-1, 1), codes, 0), "categorical")

    columns, names, time_column = _columns(fields, time_field, n_columns)
    clock = _clock(table, time_column, time_encoding, time_unit, event, valid)
    table = table[:, columns]
    if integers is not None:
        integers = np.where(valid[:, :, None], integers, 0).reshape(-1, n_columns)[:, columns]
        for j, column in enumerate(integers.T):
            name = names[j] if names is not None and j < len(names) else f"x{j}"
            warn_of_inexact(
                column, name, lambda row: "entity {}, step {}".format(*divmod(row, n_steps))
            )
    observed = None
    if (event & ~valid).any():
        observed = valid.ravel()
        table = np.where(observed[:, None], table, np.asarray(np.nan, dtype=table.dtype))

    rows = {"values": table, "codes": codes, "observed": observed, **clock}
    starts, stops, order = _slices(event, clock.get("times"))
    if order is not None:
        rows = {name: None if part is None else part[order] for name, part in rows.items()}
    return {**rows, "starts": starts, "stops": stops, "fields": names}


def _integers(numerical):
    """Return integers that floats may not hold, 0 where masked; else None."""
    dtype = np.ma.getdata(numerical).dtype
    if dtype.kind not in "iu" or dtype.itemsize < 8:
        return None
    return np.ma.filled(numerical, 0)


def _unmasked(numerical, mask):
    """Split a masked array into data and step mask; what is masked in a valid step becomes NaN."""
    data = np.ma.getdata(numerical)
    if data.ndim != 3 or data.dtype.kind not in "biuf":
        raise ValueError(
            "numerical must be a three-dimensional array of numbers (n_entities, n_steps, "
            f"n_columns); got {data.ndim} dimensions of {data.dtype}"
        )
    data = floating(data)
    if not isinstance(numerical, np.ma.MaskedArray):
        return data, mask
    if mask is not None:
        raise ValueError("mask must be None where numerical is a masked array; got both")
    elements = np.ma.getmaskarray(numerical)
    steps = ~elements.all(axis=2)
    if (elements & steps[:, :, None]).any():
        data = np.where(elements, np.asarray(np.nan, dtype=data.dtype), data)
    return data, steps


def _codes(categorical, n_entities, n_steps):
    if categorical is None:
        return np.empty((n_entities * n_steps, 0), dtype=np.int32)
    categorical = np.ma.filled(np.ma.asanyarray(categorical), 0)
    if categorical.ndim != 3 or categorical.shape[:2] != (n_entities, n_steps):
        raise ValueError(
            f"categorical must have shape ({n_entities}, {n_steps}, n_categorical) to match "
            f"numerical; got {categorical.shape}"
        )
    if categorical.dtype.kind not in "biuf":
        raise ValueError(f"categorical must be integer codes; got {categorical.dtype}")
    return categorical.reshape(n_entities * n_steps, categorical.shape[2])


def _validity(mask, name, n_entities, n_steps):
    """Read a mask of any number type as True where nonzero."""
    if mask is None:
        return None
    mask = np.asarray(mask)
    if mask.shape != (n_entities, n_steps) or mask.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} must be an array of bool or numbers of shape ({n_entities}, {n_steps}) to "
            f"match numerical; got {mask.dtype} of shape {mask.shape}"
        )
    if np.isnan(mask).any():
        raise ValueError(f"{name} must not contain NaN")
    return mask != 0


def _trimmed(table, codes, n_entities, n_steps):
    """All steps, less those at either end that are missing altogether."""
    starts = np.arange(n_entities) * n_steps
    stops = starts + n_steps
    if codes.shape[1]:
        table = np.column_stack([table, np.where(codes == 0, np.nan, codes.astype(np.float64))])
    _kernels.trim_missing(table, starts, stops)
    return starts, stops


def _between(starts, stops, n_steps):
    first = np.arange(len(starts)) * n_steps
    step = np.arange(n_steps)
    return (step >= (starts - first)[:, None]) & (step < (stops - first)[:, None])


def _columns(fields, time_field, n_columns):
    """Return the value columns (a slice where it can be one), their names, the time column."""
    names = None if fields is None else ((fields,) if isinstance(fields, str) else tuple(fields))
    if time_field is None:
        return slice(None), names, None
    if isinstance(time_field, str):
        if names is None or time_field not in names:
            raise ValueError(f"time_field {time_field!r} is not one of fields {names!r}")
        if len(names) != n_columns:
            raise ValueError(
                f"where time_field is a name, fields must name all {n_columns} columns; "
                f"got {names!r}"
            )
        time_column = names.index(time_field)
    elif -n_columns <= time_field < n_columns:
        time_column = time_field % n_columns
    else:
        raise ValueError(
            f"time_field must be a name or a position below {n_columns}; got {time_field!r}"
        )
    if names is not None and len(names) == n_columns:
        names = names[:time_column] + names[time_column + 1 :]
    if time_column == 0:
        return slice(1, None), names, time_column
    if time_column == n_columns - 1:
        return slice(time_column), names, time_column
    return [j for j in range(n_columns) if j != time_column], names, time_column


def _clock(table, time_column, encoding, unit, event, valid):
    """Times, and intervals where the column holds those, of every row of the table."""
    if time_column is None:
        return {}
    column = table[:, time_column].astype(np.float64)
    if encoding == "delta":
        intervals = np.where(valid.ravel(), column, np.nan) / PER_SECOND[unit or "s"]
        return _clock_of_intervals(intervals, event)
    timeless = event.ravel() & ~(valid.ravel() & np.isfinite(column))
    if timeless.any():
        entity, step = divmod(int(timeless.argmax()), event.shape[1])
        raise ValueError(
            f"every valid event needs a time; entity {entity}, step {step} has "
            f"{column[timeless][0] if valid[entity, step] else 'none observed'}"
        )
    rows = np.flatnonzero(event)

    def place(i):
        entity, step = divmod(int(rows[i]), event.shape[1])
        return f"entity {entity}, step {step}"

    numbers = column[rows]
    if encoding == "age":
        numbers, unit = -numbers, unit or "s"
    times = np.zeros(len(column), dtype=np.int64)
    times[rows], _ = numbers_to_microseconds(numbers, Subject("time", place), unit)
    return {"times": times}


def _clock_of_intervals(intervals, event):
    """Add up intervals to times, from the entity's first event on; None where they don't add up.

    Intervals may be scaled or shifted, hence negative; such data has intervals but no times.
    """
    if np.isinf(intervals).any():
        entity, step = divmod(int(np.isinf(intervals).argmax()), event.shape[1])
        raise ValueError(f"Input contains infinity: entity {entity}, step {step}, the interval")
    known = np.nan_to_num(intervals)
    totals = known.reshape(event.shape).sum(axis=1)
    if (known < 0).any() or (totals > np.iinfo(np.int64).max / 2e6).any():
        return {"intervals": intervals}
    # Whole microseconds: differences of this running sum are exact, whatever it starts from.
    ticks = np.rint(known * 1e6).astype(np.int64).reshape(event.shape)
    return {"intervals": intervals, "times": np.cumsum(ticks, axis=1).ravel()}


def _slices(event, times):
    """Return starts and stops, and the rows to take first where the slices are not in place."""
    n_entities, n_steps = event.shape
    lengths = event.sum(axis=1)
    first = event.argmax(axis=1) if n_steps else lengths
    last = n_steps - event[:, ::-1].argmax(axis=1) if n_steps else lengths
    in_order = True
    if times is not None:
        steps = times.reshape(event.shape)
        drop = steps[:, 1:] < steps[:, :-1]
        in_order = not (drop & event[:, 1:] & event[:, :-1]).any()
    if in_order and (last - first == lengths)[lengths > 0].all():
        starts = np.arange(n_entities) * n_steps + first
        return starts, starts + lengths, None
    order = np.flatnonzero(event)
    if times is not None:
        order = order[np.lexsort((times[order], order // n_steps))]
    stops = np.cumsum(lengths)
    return stops - lengths, stops, order


def padded_of_sequences(seqs, length, padding, truncation):
    """Make the padded arrays of an EventSequences."""
    if length is None:
        length = seqs.shape[1]
    elif isinstance(length, bool) or not isinstance(length, (int, np.integer)) or length < 1:
        raise ValueError(f"length must be a positive int or None; got {length!r}")
    for name, side in (("padding", padding), ("truncation", truncation)):
        if side not in ("pre", "post"):
            raise ValueError(f"{name} must be 'pre' or 'post'; got {side!r}")
    kept = np.minimum(seqs.lengths, length)
    starts = seqs.stops - kept if truncation == "pre" else seqs.starts
    rows, entity = seqs.replace(starts=starts, stops=starts + kept).event_rows()
    step = rows - starts[entity] + (length - kept[entity] if padding == "pre" else 0)

    def scattered(column, fill):
        padded = np.full((len(seqs), length, *column.shape[1:]), fill, dtype=column.dtype)
        padded[entity, step] = column[rows]
        return padded

    mask = np.zeros((len(seqs), length), dtype=bool)
    mask[entity, step] = True
    times = None
    if seqs.times is not None:
        times = scattered(seqs.times.astype("datetime64[us]"), np.datetime64("NaT"))
    return scattered(seqs.values, np.nan), mask, scattered(seqs.codes, 0), times
