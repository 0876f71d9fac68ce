"""Moments in any form as microseconds: columns of frames, arrays, single ones."""

from __future__ import annotations

import datetime
from numbers import Real
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ._clocks import check_in_calendar, local_to_utc
from ._held import as_arrow
from ._time_columns import plain_times
from ._time_text import digits_in, formatted_to_microseconds, iso_to_microseconds
from ._times import Subject, TimeNotation, datetimes_to_microseconds, numbers_to_microseconds

if TYPE_CHECKING:
    from typing import Any

    from .._types import Times

_PLAIN = TimeNotation()
# What no library has as a column: asking narwhals takes longer than reading one moment.
_NO_COLUMNS = (np.ndarray, np.generic, list, tuple, str, Real, datetime.date)


class _Moments(NamedTuple):
    #: int64 array of shape (n,), since 1970 in UTC
    microseconds: np.ndarray
    #: int64 array of shape (n,) to sort by: in the same order, finer where the times were
    finest: np.ndarray
    #: what they came as: "numbers", "text" or "datetimes"
    kind: str


def as_microseconds(times: Times, name: str, notation: TimeNotation = _PLAIN) -> Any:
    """Convert moments to int64 microseconds since 1970 in UTC.

    Parameters
    ----------
    times : array-like or scalar
        Datetimes, dates, text or numbers, as `EventSequences.from_frame` takes them.
    name : str
        What an error calls them.
    notation : TimeNotation
        How they are written, where they do not tell by themselves.

    Returns
    -------
    microseconds : int64 array, 0- or 1-dimensional

    Raises
    ------
    ValueError
        If they are no moments, or one is missing, implausible without a unit, or too far away.

    Examples
    --------
    >>> from sktemporal.sequences import as_microseconds
    >>> as_microseconds(["1970-01-01 00:00:01", "1970-01-01T02:00+02:00"], "times")
    array([1000000,       0])
    """
    column, is_one = _column_of(times, name)
    moments = _read(column, Subject(name), notation.checked())
    if len(moments.microseconds):
        notation.check_used({moments.kind})
    return moments.microseconds.reshape(()) if is_one else moments.microseconds


def moments_of_columns(columns, time, arrival, notation):
    """Read the columns of times and arrivals of a log.

    Parameters
    ----------
    columns : dict of str to (narwhals.Series or list)
        At most those two, by their names.
    time, arrival : str or None
        Their names.
    notation : TimeNotation

    Returns
    -------
    times, finest, arrivals : int64 arrays or None
        Microseconds since 1970 in UTC; and what to sort by, which has the order of the times, and
        of what is finer than a microsecond in them.
    """
    notation.checked()
    moments = {name: _read(*_column_of_log(name, columns[name]), notation) for name in columns}
    if not moments:
        notation.check_none_given()
    elif all(len(each.microseconds) for each in moments.values()):
        notation.check_used({each.kind for each in moments.values()})
    times, finest = (None, None) if time is None else moments[time][:2]
    return times, finest, None if arrival is None else moments[arrival].microseconds


def _column_of_log(name: str, column: Any) -> tuple[Any, Subject]:
    if isinstance(column, list):
        column = _array_of(column)
    elif column.implementation.is_pandas() or column.implementation.is_pyarrow():
        column = column.to_native()
    else:
        column = as_arrow(column)
    missing = f"every event needs a time; column {name!r} has none in row"
    return column, Subject(f"time column {name!r}", "row", missing)


def _column_of(times, name):
    """Return moments as a column, and whether they are a single one."""
    if isinstance(times, _NO_COLUMNS):
        return _one_dimensional(times, name)
    import narwhals as nw
    import pandas as pd
    import pyarrow as pa

    if isinstance(times, (pd.Series, pd.Index, pd.api.extensions.ExtensionArray)):
        return pd.Series(times), False
    if isinstance(times, (pa.Array, pa.ChunkedArray)):
        return times, False
    series = nw.from_native(times, series_only=True, pass_through=True)
    if isinstance(series, nw.Series):
        return as_arrow(series), False
    return _one_dimensional(times, name)


def _one_dimensional(times, name):
    array = times if isinstance(times, np.ndarray) else _array_of(times)
    if array.ndim > 1:
        raise ValueError(f"{name} must be one-dimensional; got shape {array.shape}")
    return array.reshape(-1), array.ndim == 0


def _array_of(times):
    """Make an array of numbers, or of Python objects as they are.

    numpy would make the same text of 1 and "1", and lose the offset of a datetime.
    """
    array = np.asarray(times)
    kinds = {type(time) for time in (times if array.ndim == 1 else [times])}
    if (array.dtype.kind in "iuf" and bool not in kinds) or kinds == {np.datetime64}:
        return array
    objects = np.empty(array.shape, dtype=object)
    if array.ndim < 2:
        objects[()] = list(times) if array.ndim else times
    return objects


def _read(column, subject, notation):
    """Read a pandas, Arrow or numpy column."""
    kind, column, aware = plain_times(column, subject)
    finer, local = None, not aware
    if kind == "text" or (kind == "numbers" and notation.format and not notation.unit):
        text = column if kind == "text" else _digits(column, notation.format, subject)
        if notation.format is None:
            microseconds, finer, local = iso_to_microseconds(text, subject)
        else:
            read = formatted_to_microseconds(text, notation.format, subject, column)
            microseconds, finer, local = read
    elif kind == "numbers":
        microseconds, finer = numbers_to_microseconds(column, subject, notation.unit)
        local = False
    else:
        microseconds, finer = datetimes_to_microseconds(column, subject)
    if notation.zone is not None:
        if np.any(local):
            microseconds = _in_zone(microseconds, local, subject, notation)
        if not np.all(local):
            check_in_calendar(microseconds, subject)
    return _Moments(microseconds, _finest(microseconds, finer), kind)


def _digits(numbers, time_format, subject):
    """Write whole numbers as text, with the zeros that a number does not have in front."""
    import pyarrow as pa
    import pyarrow.compute as pc

    subject.check_there(np.isnan(numbers))
    whole = (numbers >= 0) & (numbers < 2.0**63)
    whole[whole] = numbers[whole] == numbers[whole].astype(np.int64)
    if not whole.all():
        i = int(whole.argmin())
        raise ValueError(
            f"{subject.name} must be text or whole numbers, none below 0, to have a time_format; "
            f"{subject.at(i)} is {numbers[i]!s}"
        )
    text = pa.array(numbers.astype(np.int64)).cast(pa.large_string())
    return pa.chunked_array([pc.utf8_lpad(text, digits_in(time_format), "0")])


def _in_zone(microseconds, local, subject, notation):
    """Convert the times without an offset, which are those of clocks in the zone."""
    zone, ambiguous = notation[2:]
    if np.all(local):
        return local_to_utc(microseconds, zone, ambiguous, subject)
    places = np.flatnonzero(local)
    utc = microseconds.copy()
    utc[places] = local_to_utc(microseconds[places], zone, ambiguous, subject, places)
    return utc


def _finest(microseconds, finer):
    """Return what sorts moments by their microseconds, then by what is finer."""
    if finer is None or not finer.any():
        return microseconds
    scale = int(finer.max()) + 1
    farthest = max(int(microseconds.max()), -int(microseconds.min()))
    if farthest < np.iinfo(np.int64).max // scale:
        return microseconds * scale + finer
    order = np.lexsort((finer, microseconds))
    steps = (np.diff(microseconds[order]) != 0) | (np.diff(finer[order]) != 0)
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.concatenate(([0], np.cumsum(steps)))
    return ranks
