"""Times that clocks showed as moments."""

import datetime

import numpy as np

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)
# Python and pandas know the years 1 to 9999, of which offsets and changes of clocks take some.
_FIRST, _LAST = np.array(["0001-01-03", "9999-12-30"], dtype="M8[us]").astype(np.int64) - [0, 1]
# So many times take less one by one.
_FEW = 64


def utc_to_clock(utc, zone):
    """Make datetimes of microseconds: with the zone, or of UTC without one where it is None."""
    import pandas as pd

    moments = pd.DatetimeIndex(utc.astype("datetime64[us]"))
    return moments if zone is None else moments.tz_localize("UTC").tz_convert(zone)


def check_in_calendar(microseconds, subject, places=None):
    """Refuse moments that no clock of a zone shows."""
    beyond = (microseconds < _FIRST) | (microseconds > _LAST)
    if beyond.any():
        k = int(beyond.argmax())
        raise ValueError(
            f"{subject.name} must be from 0001-01-03 to 9999-12-29 to have a time zone; "
            f"{subject.at(k if places is None else places[k])} is {microseconds.view('M8[us]')[k]}"
        )


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

    zone = zoneinfo.ZoneInfo(zone)
    check_in_calendar(local, subject, places)
    if len(local) <= _FEW:
        both = _both_moments(local, zone)
        utc, unclear = both[:, 0].copy(), np.flatnonzero(both[:, 0] != both[:, 1])
        both = both[unclear]
    else:
        utc, unclear = _clear_moments(local, zone)
        both = _both_moments(local[unclear], zone)
    if len(unclear) and ambiguous == "raise":
        first = unclear[0]
        i = first if places is None else places[first]
        why = "showed twice" if both[0, 0] < both[0, 1] else "skipped, when they were set forward"
        raise ValueError(
            f"{subject.name} must be times that clocks in {zone.key} showed once; {subject.at(i)} "
            f"is {local[first : first + 1].view('datetime64[us]').item()}, which they {why}: give "
            "the offset, or ambiguous='earlier' or 'later'"
        )
    utc[unclear] = both.min(axis=1) if ambiguous == "earlier" else both.max(axis=1)
    return utc


def _clear_moments(local, zone):
    """Microseconds of UTC, and the positions of those that are not clear."""
    import pandas as pd

    clock = pd.DatetimeIndex(local.view("datetime64[us]"))
    utc = clock.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").asi8.copy()
    return utc, np.flatnonzero(utc == pd.NaT._value)


def _both_moments(local, zone):
    """Microseconds of UTC by the offsets before and after a change of clocks, shape (n, 2)."""
    both = [
        [(time.replace(tzinfo=zone, fold=fold) - _EPOCH) // _MICROSECOND for fold in (0, 1)]
        for time in local.view("datetime64[us]").tolist()
    ]
    return np.array(both, dtype=np.int64).reshape(-1, 2)
