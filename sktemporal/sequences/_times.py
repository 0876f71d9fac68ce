"""Moments as whole microseconds since 1970: the rules for them, and numbers that mean them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from .._types import Floats, Integers

#: The latest moment, and without its sign the earliest: the int64 below is that of a missing one.
LATEST = 2**63 - 1
_MISSING = -(2**63)

# Microseconds of a unit; None where it is finer.
_PER_UNIT = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": None}
#: Of what numbers may count.
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_FINER_UNITS = {"ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
# Seconds of 1900-01-01 and 2200-01-01, between which numbers without a unit must lie.
_EARLIEST, _LATEST = -2_208_988_800, 7_258_118_400
# Days since 1899-12-30 in the years 2000 to 2050, as spreadsheets store dates.
_SPREADSHEET_DAYS = 36_526, 55_153
# The largest number of a unit that is not too far away; other units are too fine for that.
_LATEST_OF_UNIT = {
    "Y": 292_000,
    "M": 12 * 292_000,
    "W": LATEST // (7 * 86_400_000_000),
    "D": LATEST // 86_400_000_000,
    "h": LATEST // 3_600_000_000,
    "m": LATEST // 60_000_000,
    "s": LATEST // 1_000_000,
    "ms": LATEST // 1_000,
    "us": LATEST,
}
_FINER_PER_MICROSECOND = {"ns": 10**3, "ps": 10**6, "fs": 10**9, "as": 10**12}


class TimeNotation(NamedTuple):
    """How moments are written that do not tell by themselves; see `EventSequences.from_frame`."""

    unit: str | None = None
    format: str | None = None
    zone: str | None = None
    ambiguous: str = "raise"

    def checked(self) -> TimeNotation:
        """Return itself where its parts are what they must be."""
        if not (self.unit is None or self.unit in _PER_UNIT):
            raise ValueError(
                f"time_unit must be one of {tuple(_PER_UNIT)} or None; got {self.unit!r}"
            )
        if self.format is not None:
            _check_format(self.format)
        if self.zone is not None:
            _check_zone(self.zone)
        if self.ambiguous not in ("raise", "earlier", "later"):
            raise ValueError(
                f"ambiguous must be one of ('raise', 'earlier', 'later'); got {self.ambiguous!r}"
            )
        if self.ambiguous != "raise" and self.zone is None:
            raise ValueError(f"ambiguous={self.ambiguous!r} needs a time_zone; got None")
        return self

    def check_none_given(self) -> None:
        """Refuse to say how times are written that are not there."""
        for name, given in (
            ("time_unit", self.unit),
            ("time_format", self.format),
            ("time_zone", self.zone),
        ):
            if given is not None:
                raise ValueError(f"{name}={given!r} needs a `time` column; got None")

    def check_used(self, kinds: set[str]) -> None:
        """Refuse a unit where there are no numbers, and a format where nothing is read by it.

        Parameters
        ----------
        kinds : set of str
            What the times are: "numbers", "text", ...

        Raises
        ------
        ValueError
            If the unit or the format has nothing to read.
        """
        if self.unit is not None and "numbers" not in kinds:
            raise ValueError(f"time_unit={self.unit!r} is for numbers, and the times are none")
        by_format = {"text"} if self.unit is not None else {"text", "numbers"}
        if self.format is not None and not by_format & kinds:
            raise ValueError(
                f"time_format={self.format!r} is for text or whole numbers, and the times are "
                f"{' and '.join(sorted(kinds))}"
            )


class Subject(NamedTuple):
    """What an error calls the times."""

    name: str
    #: what each of them is the time of; or what makes the name of that of a position
    place: str | Callable[[int], str] = "entry"
    missing: str | None = None

    def at(self, i):
        """Name the place of a time."""
        return self.place(i) if callable(self.place) else f"{self.place} {i}"

    def check_there(self, missing):
        """Refuse moments that are missing."""
        if missing.any():
            i = int(missing.argmax())
            if self.missing is not None:
                raise ValueError(f"{self.missing} {i}")
            raise ValueError(f"{self.name} must not be missing; {self.at(i)} is")


def _check_format(time_format):
    # A year that is left out would be 1900; names of zones mean several.
    directives = []
    if isinstance(time_format, str):
        signs = iter(time_format)
        directives = [next(signs, "") for sign in signs if sign == "%"]
    if not {"Y", "y", "G"} & set(directives) or "Z" in directives:
        raise ValueError(
            "time_format must be a format of strptime with a year, like '%d/%m/%Y %H:%M', and %z, "
            f"not %Z, for an offset; got {time_format!r}"
        )


def _check_zone(zone):
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(zone)
    except (
        zoneinfo.ZoneInfoNotFoundError,
        ValueError,
        TypeError,
        OSError,
        AttributeError,
    ) as error:
        raise ValueError(
            f"time_zone must be an IANA name like 'Europe/Berlin' or 'UTC'; got {zone!r}"
        ) from error


def beyond_range(subject, i, value):
    """Make the error for a moment that is too far away."""
    return ValueError(
        f"{subject.name} must fit 64-bit microseconds, of the years -290000 to 290000; "
        f"{subject.at(i)} is {value}"
    )


def numbers_to_microseconds(numbers, subject, unit):
    """Convert an array of numbers to int64 microseconds, and what is left beyond them, or None.

    Without a unit they are seconds, and must look like it.
    """
    integers = numbers.dtype.kind in "iu"
    if not integers:
        numbers = numbers.astype(np.float64, copy=False)
        subject.check_there(np.isnan(numbers))
        if not np.isfinite(numbers).all():
            i = int(np.isinf(numbers).argmax())
            raise ValueError(f"{subject.name} must be finite; {subject.at(i)} is {numbers[i]}")
    elif numbers.dtype.itemsize == 8:
        if numbers.dtype.kind == "i" and numbers.size and numbers.min() == _MISSING:
            subject.check_there(numbers == _MISSING)
    else:
        numbers = numbers.astype(np.int64)
    if unit is None:
        _check_plausible(numbers, subject)
    per_unit = _PER_UNIT[unit or "s"]
    if integers:
        latest = 1000 * LATEST if per_unit is None else LATEST // per_unit
        within = _are_within(numbers, latest)
    else:
        with np.errstate(over="ignore"):
            nearest = np.rint(numbers * (per_unit or 1e-3))
        within = _are_within(nearest, np.nextafter(2.0**63, 0))
    if within is not True:
        i = int(within.argmin())
        raise beyond_range(subject, i, f"{numbers[i]} {unit or 's'}")
    if per_unit is None:
        parts = _split(numbers if integers else np.rint(numbers), 1000)
        return tuple(part.astype(np.int64, copy=False) for part in parts)
    if integers:
        return numbers.astype(np.int64) * per_unit, None
    return np.rint(numbers * per_unit).astype(np.int64), None


def _are_within(numbers, latest):
    """Tell which numbers are from -latest to latest; True where all are."""
    if not numbers.size or (numbers.max() <= latest and numbers.min() >= -latest):
        return True
    return (numbers <= latest) & (numbers >= -latest)


def _check_plausible(numbers, subject):
    """Refuse numbers that are hardly seconds since 1970."""
    if not numbers.size:
        return
    low, high = numbers.min(), numbers.max()
    means_seconds = "time_unit='s' takes numbers for seconds, whatever they look like"
    if not (low >= _EARLIEST and high < _LATEST):
        i = int((~((numbers >= _EARLIEST) & (numbers < _LATEST))).argmax())
        value = numbers[i]
        raise ValueError(
            f"{subject.name} must be seconds since 1970, from 1900 to 2200, or have a time_unit; "
            f"{subject.at(i)} is {value!s}{_guess(value)} ({means_seconds})"
        )
    reading = _other_reading(numbers, low, high, of_log=subject.missing is not None)
    if reading is not None:
        likeness, way_out = reading
        raise ValueError(
            f"{subject.name} must be seconds since 1970, or have a time_unit; these look like "
            f"{likeness}, the first is {numbers[0]!s}: {way_out} ({means_seconds})"
        )


def _guess(value):
    """Tell what a number that is no plausible second may be."""
    for after_day, digits in ((10**6, "%Y%m%d%H%M%S"), (10**4, "%Y%m%d%H%M")):
        hour = value // (after_day // 100) % 100
        if _are_days(value // after_day) and hour < 24 and value == value // 1:
            return f", which looks like a date: give time_format={digits!r}"
    for unit, name in _FINER_UNITS.items():
        per_second = PER_SECOND[unit]
        if _EARLIEST * per_second <= value < _LATEST * per_second:
            moment = np.datetime64(int(value // per_second), "s")
            return f", in {name} {moment}: give time_unit={unit!r}"
    return ""


def _other_reading(numbers, low, high, of_log):
    """Return what numbers look like that are written some other way, and the way out; or None."""
    if low > 22_001_231 or high < 1900:
        return None
    for are_dates, digits in ((_are_days, "%Y%m%d"), (_are_months, "%Y%m")):
        if np.count_nonzero(are_dates(numbers)) * 2 >= numbers.size:
            return "dates", f"give time_format={digits!r}"
    # One moment is as likely a count of seconds, and so are equal ones that are asked for.
    if numbers.size == 1 or (low == high and not of_log):
        return None
    if low >= 1900 and high < 2200 and (numbers == numbers // 1).all():
        return "years", "give time_format='%Y'"
    if low >= _SPREADSHEET_DAYS[0] and high < _SPREADSHEET_DAYS[1]:
        return (
            "days of a spreadsheet",
            "convert them, with pandas.to_datetime(unit='D', origin=...)",
        )
    return None


def _are_days(numbers):
    """Tell which numbers are written yyyymmdd, of the years 1900 to 2200."""
    year, month, day = numbers // 10_000, numbers // 100 % 100, numbers % 100
    return _are_months(year * 100 + month) & (day >= 1) & (day <= 31) & (day == day // 1)


def _are_months(numbers):
    """Tell which numbers are written yyyymm, of the years 1900 to 2200."""
    year, month = numbers // 100, numbers % 100
    whole = numbers == numbers // 1
    return whole & (year >= 1900) & (year <= 2200) & (month >= 1) & (month <= 12)


def seconds_between(earlier: Integers, later: Integers) -> Floats:
    """Return differences of microseconds, however far apart.

    Parameters
    ----------
    earlier, later : int64 arrays of one shape
        Microseconds; none of `later` before that of `earlier`.

    Returns
    -------
    seconds : float64 array

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.sequences import seconds_between
    >>> seconds_between(np.array([0, -(2**62)]), np.array([1_500_000, 2**62]))
    array([1.50000000e+00, 9.22337204e+12])
    """
    # What int64 may not hold, uint64 does.
    return (later.view(np.uint64) - earlier.view(np.uint64)) / 1e6


def datetimes_to_microseconds(datetimes, subject):
    """Convert a datetime64 array to int64 microseconds, and what is left beyond them, or None."""
    unit, n_units = np.datetime_data(datetimes.dtype)
    if unit == "generic" and datetimes.size and not np.isnat(datetimes).all():
        raise ValueError(f"{subject.name} must be datetimes of some unit; got {datetimes.dtype}")
    missing = np.isnat(datetimes)
    subject.check_there(missing)
    datetimes = datetimes.astype(datetimes.dtype.newbyteorder("="), copy=False)
    ticks = datetimes.view(np.int64)
    within = _are_within(ticks, _LATEST_OF_UNIT.get(unit, LATEST) // n_units)
    if within is not True:
        i = int(within.argmin())
        raise beyond_range(subject, i, f"{ticks[i]} {unit} from 1970")
    if unit not in _FINER_PER_MICROSECOND:
        return datetimes.astype("datetime64[us]", copy=False).view(np.int64), None
    return _split(ticks if n_units == 1 else ticks * n_units, _FINER_PER_MICROSECOND[unit])


def _split(ticks, per_microsecond):
    """Whole microseconds of int64 ticks, rounded down, and the ticks that are left."""
    microseconds = ticks // per_microsecond
    return microseconds, ticks - microseconds * per_microsecond
