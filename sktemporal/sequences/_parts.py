"""The parts of a container: converted to the types that it keeps, and checked."""

import numpy as np

from .. import _kernels
from ._table import EventTable
from ._times import LATEST, Subject, TimeNotation, beyond_range, datetimes_to_microseconds

_OF_TABLE = {
    "values": ("float32", "float64"),
    "codes": ("int32",),
    "times": ("int64",),
    "intervals": ("float64",),
    "observed": ("bool",),
    "arrivals": ("int64",),
    "frame_rows": ("int64",),
    "instants": ("int64",),
}

NO_TIME = np.iinfo(np.int64).min  # numpy's "not a time"


def floating(array):
    """Return the array as float32 or float64, without a copy where it is one."""
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def integer_codes(array, name):
    """Return integer codes as int32; NaN becomes 0, anything else not an int32 is an error."""
    if array.dtype == np.int32:
        return array
    if array.dtype.kind == "f":
        array = np.where(np.isnan(array), 0, array)
    limits = np.iinfo(np.int32)
    with np.errstate(invalid="ignore"):
        codes = array.astype(np.int32)
    wrong = (codes != array) | (array > limits.max) | (array < limits.min)
    if wrong.any():
        raise ValueError(f"{name} must be integers of 32 bits, 0 = missing; got {array[wrong][0]}")
    return codes


def number_table(table, name):
    """Return a two-dimensional array of numbers."""
    table = np.asarray(table)
    if table.ndim != 2 or table.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} must be a two-dimensional array of numbers; got {table.ndim} dimensions "
            f"of {table.dtype}"
        )
    return table


def row_positions(positions, name):
    """Return one-dimensional int64 positions."""
    positions = np.asarray(positions)
    if positions.dtype.kind not in "iu" and positions.size:
        raise ValueError(f"{name} must be integers; got {positions.dtype}")
    return np.ascontiguousarray(positions, dtype=np.int64)


def int_microseconds(times, name):
    """Return int64 microseconds; integers are that already."""
    times = np.asarray(times)
    if times.dtype.kind == "M":
        return datetimes_to_microseconds(times, Subject(name))[0]
    if times.dtype.kind not in "iu":
        raise ValueError(f"{name} must be int64 microseconds or datetime64; got {times.dtype}")
    if times.dtype == np.uint64 and times.size and times.max() > LATEST:
        raise beyond_range(Subject(name), int(times.argmax()), f"{times.max()} us")
    return np.ascontiguousarray(times, dtype=np.int64)


def field_names(names, n, parameter, letter):
    """Return names as a tuple of distinct strings, made up where none are given."""
    if names is None:
        return tuple(f"{letter}{i}" for i in range(n))
    names = (names,) if isinstance(names, str) else tuple(names)
    if not all(isinstance(name, str) for name in names):
        raise ValueError(f"{parameter} must be strings; got {names!r}")
    if len(names) != n:
        raise ValueError(f"{parameter} names {len(names)} columns, the data have {n}")
    if len(set(names)) < n:
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{parameter} must be unique; {twice!r} occurs more than once")
    return names


def vocabularies(categories, categorical_fields):
    """Return one tuple of categories, or None, for each categorical field."""
    if categories is None:
        return (None,) * len(categorical_fields)
    if len(categories) != len(categorical_fields):
        raise ValueError(
            f"categories has {len(categories)} vocabularies for "
            f"{len(categorical_fields)} categorical fields"
        )
    return tuple(None if values is None else tuple(values) for values in categories)


def frozen(array):
    """Make an array that is the container's own read-only, and return it."""
    if array is not None:
        array.flags.writeable = False
    return array


def checked_table(
    values,
    codes,
    *,
    times,
    intervals,
    observed,
    arrivals,
    frame_rows,
    time_zone,
    entity_name,
    time_name,
    fields,
    categorical_fields,
    categories,
):
    """Make a table of columns that fit each other; what is in them its slices decide about."""
    values = floating(number_table(values, "values"))
    codes = np.empty((len(values), 0), dtype=np.int32) if codes is None else codes
    codes = integer_codes(number_table(codes, "codes"), "codes")
    has_field_names = fields is not None
    fields = field_names(fields, values.shape[1], "fields", "x")
    categorical_fields = field_names(categorical_fields, codes.shape[1], "categorical_fields", "c")
    entity_name = tuple(entity_name) if isinstance(entity_name, list) else entity_name
    if time_name in (entity_name, *(entity_name if isinstance(entity_name, tuple) else ())):
        raise ValueError(f"entity_name and time_name must differ; both are {time_name!r}")
    table = EventTable(
        values,
        codes,
        fields,
        categorical_fields,
        vocabularies(categories, categorical_fields),
        has_field_names,
        times=None if times is None else int_microseconds(times, "times"),
        intervals=None if intervals is None else np.asarray(intervals, dtype=np.float64),
        observed=None if observed is None else np.asarray(observed, dtype=bool),
        arrivals=None if arrivals is None else int_microseconds(arrivals, "arrivals"),
        frame_rows=None if frame_rows is None else row_positions(frame_rows, "frame_rows"),
        time_zone=TimeNotation(zone=time_zone).checked().zone,
        entity_name=entity_name,
        time_name=time_name,
    )
    _check_columns(table)
    return table


def _check_columns(table):
    """Check that columns have an entry for each event, and what holds for all of these."""
    for name, part in table.columns().items():
        if part.shape[:1] != (len(table),):
            raise ValueError(f"{name} has {len(part)} rows, values has {len(table)}")
        if name not in ("values", "codes") and part.ndim != 1:
            raise ValueError(f"{name} must be one-dimensional; got shape {part.shape}")
    if table.intervals is not None and np.isinf(table.intervals).any():
        raise ValueError("Input contains infinity: intervals must be finite, or NaN where missing")
    for j, vocabulary in enumerate(table.categories):
        if vocabulary is not None and table.codes[:, j].max(initial=0) > len(vocabulary):
            raise ValueError(
                f"codes of {table.categorical_fields[j]!r} must be at most {len(vocabulary)}, its "
                f"number of categories; got {table.codes[:, j].max()}"
            )
    if table.arrivals is not None and table.times is None:
        raise ValueError("arrivals need times; this container has none")


def check_bounds(seqs):
    """Check that the slices lie in the table; no kernel looks whether they do."""
    n_events, n_entities = len(seqs.values), len(seqs.starts)
    if seqs.starts.ndim != 1 or seqs.starts.shape != seqs.stops.shape:
        raise ValueError(
            "starts and stops must be one-dimensional and of one length; "
            f"got shapes {seqs.starts.shape} and {seqs.stops.shape}"
        )
    wrong = (seqs.starts < 0) | (seqs.starts > seqs.stops) | (seqs.stops > n_events)
    if wrong.any():
        i = int(wrong.argmax())
        raise ValueError(
            f"a slice must satisfy 0 <= start <= stop <= {n_events} (the number of events); "
            f"entity {i} has start {seqs.starts[i]} and stop {seqs.stops[i]}"
        )
    if seqs.entity_ids is not None and seqs.entity_ids.shape != (n_entities,):
        raise ValueError(f"entity_ids must have shape ({n_entities},); got {seqs.entity_ids.shape}")


def check_unpickled(seqs):
    """Check what a container was unpickled from: arrays of its types and of one length."""
    if not isinstance(vars(seqs).get("table"), EventTable):
        raise ValueError(
            "this is no EventSequences as it was pickled by this version: it has no EventTable; "
            "make it again from what it was made of"
        )
    table = seqs.table
    for name, dtypes in _OF_TABLE.items():
        part = getattr(table, name)
        if name in ("values", "codes"):
            _check_array(part, name, dtypes, 2, len(table))
        elif part is not None:
            _check_array(part, name, dtypes, 1, len(table))
    for name in ("starts", "stops"):
        _check_array(getattr(seqs, name), name, ("int64",), 1)
    if seqs.reference_times is not None:
        _check_array(seqs.reference_times, "reference_times", ("int64",), 1, len(seqs.starts))
    for name, (codes, ids) in table.keys.items():
        _check_array(codes, f"the key {name!r}", ("int32",), 1, len(table))
        if codes.max(initial=-1) >= len(ids):
            raise ValueError(
                f"this is no EventSequences as it was pickled: codes of the key {name!r} must be "
                f"below {len(ids)}, the number of its ids; got {codes.max()}"
            )
    check_bounds(seqs)


def _check_array(part, name, dtypes, n_dimensions, length=None):
    if (
        not isinstance(part, np.ndarray)
        or part.dtype not in dtypes
        or part.ndim != n_dimensions
        or (length is not None and len(part) != length)
    ):
        found = f"{part.dtype} of shape {part.shape}" if hasattr(part, "dtype") else repr(part)
        raise ValueError(
            f"this is no EventSequences as it was pickled: {name} must be of "
            f"{' or '.join(dtypes)} and fit the other arrays; got {found}"
        )


def check_slices(seqs):
    """Check that the slices lie in the table, and what they hold: finite values, sorted times."""
    check_bounds(seqs)
    values, n_elements = seqs.values, 1
    if values.flags.c_contiguous:  # the rows of a slice are one piece
        values, n_elements = values.reshape(-1, 1), values.shape[1]
    bounds = seqs.starts * n_elements, seqs.stops * n_elements
    i, position = _kernels.first_infinity(values, *bounds)
    if i >= 0:
        row, j = divmod(position, seqs.values.shape[1])
        raise ValueError(
            f"Input contains infinity: entity {seqs._name_of(i)}, event {row - seqs.starts[i]}, "
            f"field {seqs.fields[j]!r}. Values must be finite, or NaN where missing"
        )
    if seqs.times is not None:
        drops = np.flatnonzero(seqs.times[1:] < seqs.times[:-1])
        last = np.maximum(seqs.stops - 1, seqs.starts)
        unsorted = np.searchsorted(drops, seqs.starts) < np.searchsorted(drops, last)
        if unsorted.any():
            i = seqs._name_of(int(unsorted.argmax()))
            raise ValueError(f"times must be sorted inside each slice; those of entity {i} are not")
        filled = np.flatnonzero(seqs.stops > seqs.starts)
        missing = seqs.times[seqs.starts[filled]] == NO_TIME
        if missing.any():
            i = seqs._name_of(int(filled[missing.argmax()]))
            raise ValueError(f"times must not be missing; the first of entity {i} is")


def checked_flag(inclusive):
    """Return whether the reference time itself is in, as a bool."""
    if not isinstance(inclusive, (bool, np.bool_)):
        raise ValueError(f"inclusive must be True or False; got {inclusive!r}")
    return bool(inclusive)


def checked_reference_times(seqs, reference_times):
    """Return the reference times given, or those of the last events; none before these."""
    if seqs.times is None:
        if reference_times is not None:
            raise ValueError("reference_times need times; this container has none")
        return None
    filled = seqs.stops > seqs.starts
    last = np.full(len(seqs), NO_TIME)
    last[filled] = seqs.times[seqs.stops[filled] - 1]
    if reference_times is None:
        return last
    reference_times = int_microseconds(reference_times, "reference_times")
    if reference_times.shape != (len(seqs),):
        raise ValueError(
            f"reference_times must have shape ({len(seqs)},); got {reference_times.shape}"
        )
    early = filled & (last > reference_times)
    if early.any():
        i = seqs._name_of(int(early.argmax()))
        raise ValueError(f"entity {i} has an event later than its reference time")
    return reference_times.copy()
