"""Times that clocks showed as moments."""

import datetime

import numpy as np

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


def utc_to_clock(utc, zone):
    """Make datetimes of microseconds: with the zone, or of UTC without one where it is None."""
    import pandas as pd

    moments = pd.DatetimeIndex(utc.astype("datetime64[us]"))
    return moments if zone is None else moments.tz_localize("UTC").tz_convert(zone)


def local_to_utc(local, zone, ambiguous, subject, places=None):
    """Convert microseconds that clocks in a zone showed to those of UTC.

    Parameters
    ----------
    local : int64 array
    zone : str
        IANA name.
    ambiguous : {"raise", "earlier", "later"}
        What to do with a time that clocks showed twice, when they were set back, or skipped, when
        they were set forward: refuse it, or take the earlier or later moment that the offset before
        the change or the one after it gives.
    subject : Subject
    places : int64 array, default=None
        What an error calls the elements. None: their positions.

    Returns
    -------
    utc : int64 array
    """
    import zoneinfo

    import pandas as pd

    clock = pd.DatetimeIndex(local.view("datetime64[us]"))
    zone = zoneinfo.ZoneInfo(zone)
    try:
        utc = clock.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").asi8
    except (OverflowError, ValueError) as error:
        raise ValueError(
            f"{subject.name} must be of the years 1 to 9999 where they have a time zone: {error}"
        ) from error
    unclear = np.flatnonzero(utc == pd.NaT._value)
    if not len(unclear):
        return utc
    if ambiguous == "raise":
        first = unclear[0]
        shown, i = clock[first], first if places is None else places[first]
        raise ValueError(
            f"{subject.name} must be times that clocks in {zone.key} showed once; {subject.at(i)} "
            f"is {shown}, which they {_why(shown, zone)}: give the offset, or ambiguous='earlier' "
            "or 'later'"
        )
    choose = min if ambiguous == "earlier" else max
    utc = utc.copy()
    utc[unclear] = [choose(_both_moments(time, zone)) for time in clock[unclear].to_pydatetime()]
    return utc


def _both_moments(time, zone):
    """Microseconds since 1970 in UTC by the offset before a change of clocks, and after it."""
    for fold in (0, 1):
        yield (time.replace(tzinfo=zone, fold=fold) - _EPOCH) // _MICROSECOND


def _why(time, zone):
    before, after = _both_moments(time.to_pydatetime(), zone)
    return "showed twice" if before < after else "skipped, when they were set forward"
