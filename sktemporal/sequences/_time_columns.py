"""Times of any library as a plain array of numbers or datetimes, or as text."""

import datetime
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

_RULE = "must hold datetimes, dates, ISO 8601 text, or numbers, which are seconds"
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


class PlainTimes(NamedTuple):
    """Times in the one form of their kind."""

    #: "numbers", "datetimes" or "text"
    kind: str
    #: array of numbers, datetime64 array, or pyarrow.ChunkedArray of large_string
    column: Any
    #: whether datetimes are of UTC, not of an unknown clock
    aware: bool = False


def plain_times(column, subject):
    """Take times as numbers, datetimes or text, copied only where their form is another one.

    Parameters
    ----------
    column : pandas.Series, pyarrow.Array, pyarrow.ChunkedArray or numpy.ndarray
        One-dimensional.
    subject : Subject

    Returns
    -------
    times : PlainTimes
    """
    import pandas as pd
    import pyarrow as pa

    if isinstance(column, pd.Series):
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            return PlainTimes("datetimes", column.dt.tz_convert(None).to_numpy(), True)
        if isinstance(column.dtype, pd.PeriodDtype):
            raise unfit(subject, column.dtype, "; give the start or the end of each period")
        numpy_kind = isinstance(column.dtype, (np.dtype, pd.SparseDtype))
        column = np.asarray(column) if numpy_kind else pa.array(column)
    if isinstance(column, np.ma.MaskedArray):
        subject.check_there(np.ma.getmaskarray(column))
        column = column.data
    if isinstance(column, np.ndarray):
        if column.dtype.kind == "O":
            return _of_objects(column, subject)
        if column.dtype.kind != "U":
            return _of_numpy(column, subject)
        column = pa.array(column.tolist(), pa.large_string())
    if isinstance(column, pa.Array):
        column = pa.chunked_array([column])
    return _of_arrow(column, subject)


def unfit(subject, kind, way_out=""):
    """Make the error for what holds no times."""
    return ValueError(f"{subject.name} {_RULE}; its type is {kind}{way_out}")


def _of_numpy(array, subject, aware=False):
    if array.dtype.kind in "iuf":
        return PlainTimes("numbers", array)
    if array.dtype.kind != "M":
        raise unfit(subject, array.dtype)
    return PlainTimes("datetimes", array, aware)


def _of_arrow(column, subject):
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if column.null_count:
        subject.check_there(column.is_null().to_numpy())
    if kind in (pa.string(), pa.large_string(), pa.string_view()):
        return PlainTimes("text", column.cast(pa.large_string()))
    if pa.types.is_date(kind):
        kind = pa.timestamp("s" if pa.types.is_date32(kind) else "ms")
        column = column.cast(kind)
    elif pa.types.is_decimal(kind):
        try:
            column = column.cast(pa.int64())
        except pa.ArrowInvalid:  # not whole
            column = column.cast(pa.float64())
    elif not (
        pa.types.is_timestamp(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)
    ):
        raise unfit(subject, kind)
    if not pa.types.is_timestamp(kind):
        return PlainTimes("numbers", column.to_numpy())
    ticks = [chunk.view(pa.int64()).to_numpy() for chunk in column.chunks]
    whole = ticks[0] if len(ticks) == 1 else np.concatenate([np.empty(0, dtype=np.int64), *ticks])
    return PlainTimes("datetimes", whole.view(f"datetime64[{kind.unit}]"), kind.tz is not None)


def _of_objects(objects, subject):
    """Take Python objects: numbers; or text, dates and datetimes, also mixed."""
    import pandas as pd
    import pyarrow as pa

    subject.check_there(pd.isna(objects))
    times = objects.tolist()
    types = set(map(type, times))
    if types and all(issubclass(each, (Real, Decimal)) and each is not bool for each in types):  # type: ignore[comparison-overlap]
        if all(map(_is_whole, times if Decimal in types else types)):
            return PlainTimes("numbers", _integers(objects, subject))
        return PlainTimes("numbers", objects.astype(np.float64))
    if types == {datetime.date}:
        return PlainTimes("datetimes", objects.astype("datetime64[D]"))
    if types == {datetime.datetime}:
        aware = {time.utcoffset() is not None for time in times}
        if aware == {False}:
            return PlainTimes("datetimes", objects.astype("datetime64[us]"))
        if aware == {True}:
            ticks = [(time - _EPOCH) // _MICROSECOND for time in times]
            return PlainTimes("datetimes", np.array(ticks).view("datetime64[us]"), True)
    if types != {str}:
        times = [_iso_text(time, i, subject) for i, time in enumerate(times)]
    return PlainTimes("text", pa.chunked_array([pa.array(times, pa.large_string())]))


def _is_whole(number):
    """Tell whether a number is an integer, or a type of them."""
    if isinstance(number, type):
        return issubclass(number, Integral)
    if isinstance(number, Decimal):
        return number.is_finite() and number == int(number)
    return isinstance(number, Integral)


def _integers(objects, subject):
    for dtype in (np.int64, np.uint64):
        try:
            return objects.astype(dtype)
        except OverflowError:
            pass
    i = max(range(len(objects)), key=lambda i: abs(objects[i]))
    raise ValueError(f"{subject.name} must fit 64 bits; {subject.at(i)} is {objects[i]}")


def _iso_text(time, i, subject):
    """Write one time in ISO 8601, in UTC where it knows its offset."""
    if isinstance(time, np.datetime64):
        coarse = np.datetime_data(time.dtype)[0] in "YMWDh"
        return str(time.astype("datetime64[s]") if coarse else time)
    if isinstance(time, datetime.datetime):
        return (time if time.utcoffset() is None else time.astimezone(datetime.UTC)).isoformat()
    if isinstance(time, datetime.date):
        return time.isoformat()
    if isinstance(time, str):
        return time
    rule = _RULE
    if isinstance(time, (Real, Decimal)) and not isinstance(time, bool):
        rule = "must not hold numbers among other times"
    raise ValueError(
        f"{subject.name} {rule}; {subject.at(i)} is {time!r}, of type {type(time).__name__}"
    )
