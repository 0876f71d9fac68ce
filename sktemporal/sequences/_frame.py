"""Event logs in data frames to slices of a table, and back."""

import html

import numpy as np

from ._order import check_policies, order_of_events
from ._times import as_microseconds, datetimes_to_microseconds


def parts_of_frame(frame, entity, time, arrival, fields, categorical_fields, duplicates, unsorted):
    """Make the constructor arguments of an EventSequences from an event log."""
    import narwhals as nw

    try:
        frame = nw.from_native(frame, eager_only=True)
    except TypeError as error:
        raise TypeError(
            f"frame must be a data frame (pandas, polars, pyarrow, ...); got {type(frame).__name__}"
        ) from error
    frame = _with_inferred_types(frame)
    check_policies(time, arrival, duplicates, unsorted)
    keys = [name for name in (entity, time, arrival) if name is not None]
    fields, categorical_fields = _selected(frame, keys, fields, categorical_fields)
    owner, entity_ids = _factorized(frame.get_column(entity))
    if (owner < 0).any():
        raise ValueError(f"column {entity!r} names no entity in row {int((owner < 0).argmax())}")
    times = None if time is None else _times(frame.get_column(time))
    finest = None if time is None else _finest_times(frame.get_column(time), times)
    arrivals = None if arrival is None else _times(frame.get_column(arrival))

    order = order_of_events(owner, finest, entity_ids, duplicates, unsorted)
    n_events = len(owner[order])
    values = np.empty((n_events, len(fields)), dtype=_float_type(frame, fields), order="F")
    for j, name in enumerate(fields):
        values[:, j] = _numbers(frame.get_column(name))[order]
    codes = np.empty((n_events, len(categorical_fields)), dtype=np.int32, order="F")
    categories = []
    for j, name in enumerate(categorical_fields):
        code, vocabulary = _factorized(frame.get_column(name))
        codes[:, j] = code[order] + 1
        categories.append(vocabulary.tolist())

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
        fields = [n for n, t in schema.items() if n not in keys and _is_number(t)]
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
        if not _is_number(schema[name]):
            raise ValueError(f"field {name!r} must hold numbers; its type is {schema[name]}")
    return fields, categorical_fields


def _with_inferred_types(frame):
    """Give pandas columns of Python objects the type of what they hold: numbers or dates."""
    import narwhals as nw
    import pandas as pd

    if not frame.implementation.is_pandas():
        return frame
    native = frame.to_native()
    converted = {}
    for name in [name for name, dtype in frame.schema.items() if dtype == nw.Object]:
        held = pd.api.types.infer_dtype(native[name], skipna=True)
        if held in ("integer", "floating", "mixed-integer-float", "decimal", "boolean"):
            converted[name] = pd.to_numeric(native[name].astype("Float64"))
        elif held in ("date", "datetime", "datetime64"):
            converted[name] = pd.to_datetime(native[name], utc=True)
    return nw.from_native(native.assign(**converted)) if converted else frame


def _is_number(dtype):
    import narwhals as nw

    return dtype.is_numeric() or dtype == nw.Boolean


def _is_text(dtype):
    import narwhals as nw

    return dtype in (nw.String, nw.Categorical, nw.Enum, nw.Object)


def _float_type(frame, fields):
    import narwhals as nw

    only_single = fields and all(frame.schema[name] == nw.Float32 for name in fields)
    return np.float32 if only_single else np.float64


def _numbers(series):
    """One numerical column as floats, null as NaN."""
    import narwhals as nw

    single = series.dtype == nw.Float32
    column = series.cast(nw.Float32 if single else nw.Float64).to_numpy()
    if np.isinf(column).any():
        row = int(np.isinf(column).argmax())
        raise ValueError(
            f"Input contains infinity: field {series.name!r}, row {row}. "
            "Values must be finite, or null where missing"
        )
    return column


def _factorized(series):
    """Codes 0, 1, ... in sorted order of the distinct values, and these; null is -1.

    The order of ordered categories is theirs; that of others is an accident of how they were made.
    """
    import pandas as pd

    # narwhals 2.29 reads the nulls of a pyarrow dictionary as its last value; pyarrow does not.
    arrow = series.implementation.is_pyarrow()
    column = series.to_native().to_pandas() if arrow else series.to_pandas()
    try:
        if isinstance(column.dtype, pd.CategoricalDtype) and not column.dtype.ordered:
            column = column.cat.set_categories(column.cat.categories.sort_values())
        codes, distinct = pd.factorize(column, sort=True)
    except TypeError as error:
        raise ValueError(
            f"column {series.name!r} holds values that cannot be sorted: {error}"
        ) from error
    distinct = np.asarray(distinct)
    return codes.astype(np.int64), distinct


def _times(series):
    """Microseconds of a column of datetimes, dates or seconds."""
    import narwhals as nw
    import pandas as pd

    native = series.to_native()
    if isinstance(getattr(native, "dtype", None), pd.DatetimeTZDtype):
        # narwhals 2.29 knows no time zone with an underscore, such as America/New_York.
        series = nw.from_native(native.dt.tz_convert("UTC"), series_only=True)
    if not (series.dtype.is_numeric() or series.dtype in (nw.Datetime, nw.Date)):
        raise ValueError(
            f"time column {series.name!r} must hold datetimes, dates or seconds; "
            f"its type is {series.dtype}"
        )
    missing = series.is_null()
    if series.dtype.is_float():
        missing = missing | series.is_nan()
    if missing.any():
        row = int(missing.to_numpy().argmax())
        raise ValueError(f"every event needs a time; column {series.name!r} has none in row {row}")
    if series.dtype.is_numeric():
        return as_microseconds(series.to_numpy(), f"time column {series.name!r}")
    if series.dtype == nw.Date:
        series = series.cast(nw.Datetime("us"))
    milliseconds = series.dt.timestamp("ms").to_numpy().astype("datetime64[ms]")
    # Refuses what microseconds would wrap around; their digits come from the next line.
    datetimes_to_microseconds(milliseconds, f"time column {series.name!r}")
    return series.dt.timestamp("us").to_numpy().astype(np.int64)


def _finest_times(series, microseconds):
    """What to sort by: the times as they came, where they are finer than microseconds."""
    import narwhals as nw

    if series.dtype == nw.Datetime and series.dtype.time_unit == "ns":
        return series.dt.timestamp("ns").to_numpy()
    return microseconds


def frame_of_sequences(seqs):
    """Make the data frame of an EventSequences, one row an event."""
    names, columns = _named_columns(seqs)
    for i, name in enumerate(names):
        if name in names[:i]:
            raise ValueError(f"to_frame needs unique column names; two would be called {name!r}")
    return _frame(names, columns)


def _named_columns(seqs):
    import pandas as pd

    rows, entity = seqs.event_rows()
    names = ["entity"]
    columns = [entity if seqs.entity_ids is None else seqs.entity_ids[entity]]
    if seqs.times is not None:
        names.append("time")
        columns.append(seqs.times[rows].astype("datetime64[us]"))
    if seqs.arrivals is not None:
        names.append("arrival")
        columns.append(seqs.arrivals[rows].astype("datetime64[us]"))
    if seqs.intervals is not None:
        names.append("interval")
        columns.append(seqs.intervals[rows])
    columns.extend(seqs.values[rows].T)
    for codes, vocabulary in zip(seqs.codes[rows].T, seqs.categories, strict=True):
        known = vocabulary is not None
        columns.append(
            pd.Categorical.from_codes(codes - 1, categories=list(vocabulary)) if known else codes
        )
    return [*names, *seqs.fields, *seqs.categorical_fields], columns


def _frame(names, columns):
    import pandas as pd

    frame = pd.DataFrame(dict(enumerate(columns)))
    frame.columns = names
    return frame


def html_of_sequences(seqs):
    """Make the HTML that notebooks show: what there is, field by field, and the first events."""
    import pandas as pd

    values = seqs.values[seqs.reached_rows()]
    with np.errstate(invalid="ignore"):
        observed = ~np.isnan(values)
        fields = pd.DataFrame(
            {
                "observed": observed.sum(axis=0),
                "missing": (~observed).sum(axis=0),
                "min": np.where(observed, values, np.inf).min(axis=0, initial=np.inf),
                "max": np.where(observed, values, -np.inf).max(axis=0, initial=-np.inf),
            },
            index=pd.Index(seqs.fields, name="field"),
        ).replace([np.inf, -np.inf], np.nan)
    return (
        f"<div><p><code>{html.escape(repr(seqs))}</code></p>"
        f"{fields.to_html(border=0)}"
        f"{_frame(*_named_columns(seqs[:3].tail(2))).to_html(border=0, index=False)}</div>"
    )
