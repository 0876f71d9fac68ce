"""Times written as text: ISO 8601, or a format of one's own."""

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


def formatted_to_microseconds(text, time_format, subject):
    """Read datetimes in a format of strptime; returns what `iso_to_microseconds` does."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    with_offset = "z" in re.findall("%(.)", time_format)
    series = pd.Series(text.to_pandas())
    moments = pd.to_datetime(series, format=time_format, utc=with_offset, errors="coerce")
    # pandas reads these two as the current time, whatever the format.
    moments[pc.is_in(text, pa.array(["now", "today"], pa.large_string())).to_numpy()] = pd.NaT
    wrong = moments.isna().to_numpy()
    if wrong.any():
        i = int(wrong.argmax())
        raise ValueError(
            f"{subject.name} must be text in the time_format {time_format!r}; {subject.at(i)} "
            f"is {series.iloc[i]!r}"
        )
    if with_offset:
        moments = moments.dt.tz_convert(None)
    datetimes = moments.to_numpy()
    microseconds = datetimes.astype("datetime64[us]").view(np.int64)
    nanoseconds = (datetimes - microseconds.view("datetime64[us]")).astype("timedelta64[ns]")
    local = np.full(len(series), not with_offset)
    return microseconds, nanoseconds.view(np.int64).astype(np.int16), local
