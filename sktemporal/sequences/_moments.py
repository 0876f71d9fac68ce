"""Columns of datetimes, dates or seconds as microseconds."""

import numpy as np

from ._times import as_microseconds, datetimes_to_microseconds


def moments_of(series):
    """Microseconds of a column of datetimes, dates or seconds."""
    import narwhals as nw
    import pandas as pd

    native = series.to_native()
    if isinstance(getattr(native, "dtype", None), pd.DatetimeTZDtype):
        # narwhals 2.29 knows no time zone with an underscore, such as America/New_York.
        series = nw.from_native(native.dt.tz_convert("UTC"), series_only=True)
    if not (series.dtype.is_numeric() or series.dtype in (nw.Datetime, nw.Date)):
        raise ValueError(
            f"time column {series.name!r} must hold datetimes, dates or seconds; "
            f"its type is {series.dtype}"
        )
    missing = series.is_null()
    if series.dtype.is_float():
        missing = missing | series.is_nan()
    if missing.any():
        row = int(missing.to_numpy().argmax())
        raise ValueError(f"every event needs a time; column {series.name!r} has none in row {row}")
    if series.dtype.is_numeric():
        return as_microseconds(series.to_numpy(), f"time column {series.name!r}")
    if series.dtype == nw.Date:
        series = series.cast(nw.Datetime("us"))
    milliseconds = series.dt.timestamp("ms").to_numpy().astype("datetime64[ms]")
    # Refuses what microseconds would wrap around; their digits come from the next line.
    datetimes_to_microseconds(milliseconds, f"time column {series.name!r}")
    return series.dt.timestamp("us").to_numpy().astype(np.int64)


def finest_moments(series, microseconds):
    """What to sort by: the times as they came, where they are finer than microseconds."""
    import narwhals as nw

    if series.dtype == nw.Datetime and series.dtype.time_unit == "ns":
        return series.dt.timestamp("ns").to_numpy()
    return microseconds
