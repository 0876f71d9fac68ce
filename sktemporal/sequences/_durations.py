"""Durations as whole microseconds."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

import numpy as np

from ._duration_words import UNITS, did_you_mean

if TYPE_CHECKING:
    from .._types import Duration

# Letters that mean the same duration everywhere, capital or not.
_CAPITALS = str.maketrans("WDH", "wdh")
_NUMPY_UNITS = ("W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as")
_DURATION = re.compile(rf"(?:\d+(?:{'|'.join(sorted(UNITS, key=len, reverse=True))}))+", re.ASCII)
_PART = re.compile(r"(\d+)([a-z]+)", re.ASCII)


def duration_in_microseconds(duration: Duration) -> int:
    """Convert a duration to whole microseconds.

    Parameters
    ----------
    duration : str, datetime.timedelta, pandas.Timedelta or numpy.timedelta64
        A string is whole numbers with units from ``w d h min s ms us``: ``"7d"``, ``"1h30min"``;
        W, D and H may be capital.

    Returns
    -------
    microseconds : int

    Raises
    ------
    ValueError
        If it is not a duration (the message has what may be meant), or not positive.

    Examples
    --------
    >>> from sktemporal.sequences import duration_in_microseconds
    >>> duration_in_microseconds("1h30min")
    5400000000
    """
    if isinstance(duration, str):
        written = duration.translate(_CAPITALS)
        if not _DURATION.fullmatch(written):
            raise ValueError(_rule(duration))
        microseconds = sum(int(n) * UNITS[unit] for n, unit in _PART.findall(written))
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
    question = did_you_mean(duration)
    return (
        "a duration must be positive, of whole microseconds, like '7d', '24h', '5min', '1h30min' "
        f"(units w, d, h, min, s, ms, us); got {duration!r}{question and '; ' + question}"
    )


def duration_name(duration: Duration) -> str:
    """Name a duration in column names: as it was written, or in the largest unit that divides it.

    Capital letters are written small: "7D" and "7d" are one window, of one name.

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
    >>> duration_name("24h"), duration_name("7D"), duration_name(datetime.timedelta(days=14))
    ('24h', '7d', '2w')
    """
    if isinstance(duration, str):
        return duration.translate(_CAPITALS)
    microseconds = duration_in_microseconds(duration)
    return next(f"{microseconds // n}{unit}" for unit, n in UNITS.items() if microseconds % n == 0)
