"""Times written as text: ISO 8601, or a format of one's own."""

import datetime
import re

import numpy as np

from .. import _kernels


def iso_to_microseconds(text, subject):
    """Read ISO 8601 datetimes.

    Parameters
    ----------
    text : pyarrow.ChunkedArray of large_string
        Without nulls.
    subject : Subject

    Returns
    -------
    microseconds : int64 array
    nanoseconds : int16 array
        Beyond the microseconds.
    local : bool array
        Where there is no offset, so that the microseconds are those of a clock.
    """
    n = len(text)
    microseconds = np.empty(n, dtype=np.int64)
    nanoseconds = np.empty(n, dtype=np.int16)
    local = np.empty(n, dtype=bool)
    start = 0
    for chunk in text.chunks:
        stop = start + len(chunk)
        if start == stop:
            continue
        _, bounds, signs = chunk.buffers()
        bounds = np.frombuffer(bounds, dtype=np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
        signs = np.frombuffer(signs or b"", dtype=np.uint8)
        parts = microseconds[start:stop], nanoseconds[start:stop], local[start:stop]
        wrong = _kernels.read_datetimes(signs, bounds, *parts)
        if wrong >= 0:
            raise _not_iso(subject, start + wrong, chunk[wrong].as_py())
        start = stop
    return microseconds, nanoseconds, local


# What text may be that is not ISO 8601, and what to do about it.
_LIKELY = {
    r"\d{8}": "give time_format='%Y%m%d'",
    r"\d+(\.\d*)?": "numbers must not be text",
    r"\d\d?/\d\d?/\d{4}.*": "give time_format='%d/%m/%Y', or '%m/%d/%Y', or the like",
    r".*(\d\d:60|[T ]24:).*": "hours go from 00 to 23, seconds from 00 to 59",
}


def _not_iso(subject, i, text):
    ways_out = (way for pattern, way in _LIKELY.items() if re.fullmatch(pattern, text, re.ASCII))
    return ValueError(
        f"{subject.name} must be ISO 8601, like 2026-01-31, 2026-01-31 12:00 or "
        f"2026-01-31T12:00:00.5+01:00, or have a time_format; {subject.at(i)} is {text[:60]!r}"
        + next((f": {way}" for way in ways_out), "")
    )


# Digits of a directive where it has a fixed number of them.
_WIDTHS = {"Y": 4, "G": 4, "j": 3, "u": 1, "w": 1, "f": 1, "%": 1}


def digits_in(time_format):
    """Count the signs of a time in a format that has digits alone, at the least."""
    return sum(
        _WIDTHS.get(part[1:], 2) if part[0] == "%" else 1
        for part in re.findall("%.|.", time_format)
    )


def formatted_to_microseconds(text, time_format, subject, given):
    """Read datetimes in a format of strptime; returns what `iso_to_microseconds` does.

    An error shows what was given, of which the text was made.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    with_offset = "z" in re.findall("%(.)", time_format)
    series = pd.Series(text.to_pandas())
    try:
        moments = pd.to_datetime(series, format=time_format, utc=with_offset, errors="coerce")
    except ValueError as error:  # directives that do not make a day
        raise ValueError(f"time_format={time_format!r} cannot be read: {error}") from error
    # pandas reads these two as the current time, whatever the format.
    moments[pc.is_in(text, pa.array(["now", "today"], pa.large_string())).to_numpy()] = pd.NaT
    for i in np.flatnonzero(pc.match_substring_regex(text, _READ_ON).to_numpy()).tolist():
        if not _is_written(moments[i], series[i], time_format):
            moments[i] = pd.NaT
    wrong = moments.isna().to_numpy()
    if wrong.any():
        i = int(wrong.argmax())
        value = text[i].as_py() if given is text else given[i].item()
        raise ValueError(
            f"{subject.name} must be text in the time_format {time_format!r}; {subject.at(i)} "
            f"is {value!r}"
        )
    if with_offset:
        moments = moments.dt.tz_convert(None)
    datetimes = moments.to_numpy()
    microseconds = datetimes.astype("datetime64[us]").view(np.int64)
    nanoseconds = (datetimes - microseconds.view("datetime64[us]")).astype("timedelta64[ns]")
    local = np.full(len(series), not with_offset)
    return microseconds, nanoseconds.view(np.int64).astype(np.int16), local


# Where pandas reads more than is written: a second 60, years below 1; or less: seconds of offsets.
_READ_ON = r"^-|6[01]|[+-]\d\d:?\d\d:\d\d"


def _is_written(moment, text, time_format):
    """Tell whether a moment is what Python reads, which knows no nanoseconds."""
    text = re.sub(r"(\.\d{6})\d{1,3}(?!\d)", r"\1", text)
    try:
        expected = datetime.datetime.strptime(text, time_format)
    except ValueError:
        return False
    return moment.floor("us") == expected
