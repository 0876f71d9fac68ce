"""Datetimes written as text."""

import numpy as np
from numba import types

from ._jit import INDEX, inlined, kernel

_TEXT = types.Array(types.uint8, 1, "C", readonly=True)
_DASH, _COLON, _PLUS, _POINT, _COMMA, _SPACE, _T, _Z = (ord(sign) for sign in "-:+., TZ")
_DAY = 86_400_000_000
_MINUTE = 60_000_000
_WRONG, _LOCAL, _WITH_OFFSET = -1, 0, 1
_DAYS_BEFORE_1970 = 719_162  # since the first day of the year 1
_NO_DAY = -_DAYS_BEFORE_1970 - 1
_NO_OFFSET = 24 * 60  # minutes
_DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)


@inlined
def _number(text, start, n_digits):
    """Read so many digits; -1 where something else is among them."""
    number = 0
    for i in range(start, start + n_digits):
        digit = np.int64(text[i]) - 48
        if (digit < 0) | (digit > 9):
            return -1
        number = 10 * number + digit
    return number


@inlined
def _day(text, start):
    """Read ``yyyy-mm-dd`` as days since 1970."""
    if (text[start + 4] != _DASH) | (text[start + 7] != _DASH):
        return _NO_DAY
    year = _number(text, start, 4)
    month = _number(text, start + 5, 2)
    day = _number(text, start + 8, 2)
    if (year < 1) | (month < 1) | (month > 12) | (day < 1):
        return _NO_DAY
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    before, after = _DAYS_BEFORE_MONTH[month - 1], _DAYS_BEFORE_MONTH[month]
    if day > after - before + (leap & (month == 2)):
        return _NO_DAY
    years = year - 1
    days = 365 * years + years // 4 - years // 100 + years // 400
    return days + before + (leap & (month > 2)) + day - 1 - _DAYS_BEFORE_1970


@inlined
def _offset(text, start, stop):
    """Read ``Z``, ``+hh``, ``+hhmm`` or ``+hh:mm`` as minutes."""
    n = stop - start
    if n == 1:
        return 0 if text[start] == _Z else _NO_OFFSET
    if ((text[start] != _PLUS) & (text[start] != _DASH)) | ((n != 3) & (n != 5) & (n != 6)):
        return _NO_OFFSET
    if n == 6 and text[start + 3] != _COLON:
        return _NO_OFFSET
    hours = _number(text, start + 1, 2)
    minutes = 0 if n == 3 else _number(text, stop - 2, 2)
    if (hours < 0) | (hours > 23) | (minutes < 0) | (minutes > 59):
        return _NO_OFFSET
    minutes += 60 * hours
    return minutes if text[start] == _PLUS else -minutes


@inlined
def _clock(text, start, stop):
    """Read ``hh:mm[:ss]`` as microseconds, -1 where it is none; and where it ends."""
    hour, minute, second = _number(text, start, 2), _number(text, start + 3, 2), 0
    end = start + 5
    if end < stop and text[end] == _COLON:
        second = -1 if stop - end < 3 else _number(text, end + 1, 2)
        end += 3
    wrong = (text[start + 2] != _COLON) | (hour < 0) | (hour > 23) | (minute < 0) | (minute > 59)
    if wrong | (second < 0) | (second > 59):
        return np.int64(-1), end
    return np.int64((60 * hour + minute) * _MINUTE + 1_000_000 * second), end


@inlined
def _fraction(text, start, stop):
    """Read ``.f`` as nanoseconds, -1 where it is none; and where it ends."""
    end = start + 1
    while end < stop and 48 <= text[end] <= 57:
        end += 1
    n_digits = end - start - 1
    if (n_digits < 1) | (n_digits > 9):
        return np.int64(-1), end
    return np.int64(_number(text, start + 1, n_digits) * 10 ** (9 - n_digits)), end


@inlined
def _moment(text, start, stop):
    """Read one datetime: microseconds, nanoseconds beyond them, and whether it has an offset."""
    wrong = np.int64(0), np.int64(0), _WRONG
    n = stop - start
    days = _day(text, start) if n >= 10 else _NO_DAY
    if days == _NO_DAY:
        return wrong
    microseconds, nanoseconds, minutes = np.int64(days) * _DAY, np.int64(0), 0
    if n == 10:
        return microseconds, nanoseconds, _LOCAL
    if (n < 16) or ((text[start + 10] != _T) & (text[start + 10] != _SPACE)):
        return wrong
    of_day, at = _clock(text, start + 11, stop)
    with_seconds = at == start + 19
    if with_seconds and at < stop and ((text[at] == _POINT) | (text[at] == _COMMA)):
        nanoseconds, at = _fraction(text, at, stop)
    if at < stop:
        minutes = _offset(text, at, stop)
    if (of_day < 0) | (nanoseconds < 0) | (minutes == _NO_OFFSET):
        return wrong
    microseconds += of_day + nanoseconds // 1000 - minutes * _MINUTE
    return microseconds, nanoseconds % 1000, _LOCAL if at == stop else _WITH_OFFSET


@kernel(types.int64(_TEXT, INDEX, types.int64[::1], types.int16[::1], types.boolean[::1]))
def read_datetimes(text, bounds, microseconds, nanoseconds, local):
    """Read ISO 8601 datetimes: ``yyyy-mm-dd[(T| )hh:mm[:ss[.f]][Z|+hh[[:]mm]]]``.

    Parameters
    ----------
    text : uint8 array
        All of them in ASCII, one after the other.
    bounds : int64 array of shape (n + 1,)
        Datetime ``i`` is ``text[bounds[i]:bounds[i + 1]]``.
    microseconds : int64 array of shape (n,)
        Receives those since 1970: of UTC where there is an offset, else of the clock.
    nanoseconds : int16 array of shape (n,)
        Receives those beyond the microsecond, 0 to 999.
    local : bool array of shape (n,)
        Receives whether there is no offset.

    Returns
    -------
    i : int
        The first that is no such datetime, -1 where all are.

    Notes
    -----
    Years 0001 to 9999 of the Gregorian calendar, hours 00 to 23, seconds 00 to 59, a fraction of
    one to nine digits after a point or a comma. One pass over the text.
    """
    for i in range(microseconds.size):
        microseconds[i], nanoseconds[i], kind = _moment(text, bounds[i], bounds[i + 1])
        if kind == _WRONG:
            return i
        local[i] = kind == _LOCAL
    return -1
