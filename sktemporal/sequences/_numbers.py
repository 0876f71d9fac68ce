"""Numerical columns of a data frame as floats."""

import numpy as np


def is_number(dtype):
    import narwhals as nw

    return dtype.is_numeric() or dtype == nw.Boolean


def float_type(frame, fields):
    import narwhals as nw

    only_single = fields and all(frame.schema[name] == nw.Float32 for name in fields)
    return np.float32 if only_single else np.float64


def floats_of(series):
    """One numerical column as floats, null as NaN."""
    import narwhals as nw

    single = series.dtype == nw.Float32
    column = series.cast(nw.Float32 if single else nw.Float64).to_numpy()
    if np.isinf(column).any():
        row = int(np.isinf(column).argmax())
        raise ValueError(
            f"Input contains infinity: field {series.name!r}, row {row}. "
            "Values must be finite, or null where missing"
        )
    return column
