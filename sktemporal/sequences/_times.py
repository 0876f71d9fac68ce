"""Times and durations as whole microseconds."""

import datetime
import re
from numbers import Real

import numpy as np

_UNITS = {
    "w": 604_800_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "min": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
}
_NUMPY_UNITS = ("W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as")
_DURATION = re.compile(rf"(?:\d+(?:{'|'.join(sorted(_UNITS, key=len, reverse=True))}))+", re.ASCII)
_PART = re.compile(r"(\d+)([a-z]+)", re.ASCII)

# Seconds beyond this have no int64 microseconds.
_LONGEST_SECONDS = np.iinfo(np.int64).max // 1_000_000


def duration_in_microseconds(duration):
    """Convert a duration to whole microseconds.

    Parameters
    ----------
    duration : str, datetime.timedelta, pandas.Timedelta or numpy.timedelta64
        A string is whole numbers with units from ``w d h min s ms us``: ``"7d"``, ``"1h30min"``.

    Returns
    -------
    microseconds : int

    Raises
    ------
    ValueError
        If the string is not a duration, or the duration is not positive.

    Examples
    --------
    >>> from sktemporal.sequences import duration_in_microseconds
    >>> duration_in_microseconds("1h30min")
    5400000000
    """
    if isinstance(duration, str):
        if not _DURATION.fullmatch(duration):
            raise ValueError(_rule(duration))
        microseconds = sum(int(n) * _UNITS[unit] for n, unit in _PART.findall(duration))
    elif isinstance(duration, datetime.timedelta):
        microseconds = duration // datetime.timedelta(microseconds=1)
    elif isinstance(duration, np.timedelta64) and np.datetime_data(duration)[0] in _NUMPY_UNITS:
        microseconds = int(duration.astype("timedelta64[us]").astype(np.int64))
    else:
        raise ValueError(_rule(duration))
    finer = getattr(duration, "nanoseconds", 0)  # of a pandas.Timedelta
    if isinstance(duration, np.timedelta64):
        finer = np.timedelta64(microseconds, "us") != duration
    if finer or not 0 < microseconds <= np.iinfo(np.int64).max:
        raise ValueError(_rule(duration))
    return microseconds


def _rule(duration):
    return (
        "a duration must be positive, of whole microseconds, like '7d', '24h', '5min', '1h30min' "
        f"(units w, d, h, min, s, ms, us); got {duration!r}"
    )


def duration_name(duration):
    """Name a duration in column names: as it was written, or in the largest unit that divides it.

    Parameters
    ----------
    duration : str, datetime.timedelta, pandas.Timedelta or numpy.timedelta64
        As :func:`duration_in_microseconds` takes it.

    Returns
    -------
    name : str

    Examples
    --------
    >>> import datetime
    >>> from sktemporal.sequences import duration_name
    >>> duration_name("24h"), duration_name(datetime.timedelta(days=14))
    ('24h', '2w')
    """
    if isinstance(duration, str):
        return duration
    microseconds = duration_in_microseconds(duration)
    return next(f"{microseconds // n}{unit}" for unit, n in _UNITS.items() if microseconds % n == 0)


def seconds_to_microseconds(seconds, name):
    """Round an array of seconds to int64 microseconds; `name` is what an error calls it."""
    beyond = ~(np.abs(seconds) <= _LONGEST_SECONDS)
    if beyond.any():
        raise ValueError(
            f"{name} must be finite seconds that fit 64-bit microseconds "
            f"(up to {_LONGEST_SECONDS}); got {seconds[beyond][0]}"
        )
    if seconds.dtype.kind in "iu":
        return seconds.astype(np.int64) * 1_000_000
    return np.rint(seconds.astype(np.float64) * 1e6).astype(np.int64)


def as_microseconds(times, name):
    """Convert moments to int64 microseconds since the epoch.

    Parameters
    ----------
    times : array-like or scalar
        Datetimes of any kind pandas reads (time-zone-aware ones are converted to UTC, naive ones
        taken as UTC; what is finer than a microsecond is cut off), or numbers, which are seconds.
    name : str
        What an error calls them.

    Returns
    -------
    microseconds : int64 array, 0- or 1-dimensional

    Examples
    --------
    >>> from sktemporal.sequences import as_microseconds
    >>> as_microseconds(["1970-01-01 00:00:01", "1970-01-01T02:00+02:00"], "times")
    array([1000000,       0])
    """
    array = np.asarray(times)
    if array.dtype.kind == "O" and all(isinstance(time, Real) for time in array.flat):
        array = array.astype(np.float64)
    if array.dtype.kind in "iuf":
        return seconds_to_microseconds(array, name)
    if array.dtype.kind != "M":  # strings, datetime objects, time-zone-aware columns
        array = _parsed(array, name)
    if np.isnat(array).any():
        raise ValueError(f"{name} must not be missing; entry {int(np.isnat(array).argmax())} is")
    return datetimes_to_microseconds(array, name)


def _parsed(array, name):
    """Let pandas read datetimes; strings in the ISO format need not be of one length."""
    import pandas as pd

    series = pd.Series(np.atleast_1d(array))
    try:
        try:
            parsed = pd.to_datetime(series, utc=True, format="ISO8601")
        except ValueError:
            parsed = pd.to_datetime(series, utc=True)
    except (ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{name} must be datetimes or seconds: {reason}") from error
    return parsed.dt.tz_localize(None).to_numpy().reshape(array.shape)


def datetimes_to_microseconds(datetimes, name):
    """Convert a datetime64 array without NaT; what is finer than a microsecond is cut off."""
    seconds = datetimes.astype("datetime64[s]").astype(np.int64)
    beyond = np.abs(seconds) >= _LONGEST_SECONDS
    if beyond.any():
        raise ValueError(
            f"{name} must fit 64-bit microseconds (years -290000 to 290000); "
            f"got {datetimes[beyond][0]}"
        )
    return datetimes.astype("datetime64[us]").astype(np.int64)
