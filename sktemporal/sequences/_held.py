"""What the columns of a data frame hold: numbers, text, or what can be no field."""

import datetime
from decimal import Decimal
from numbers import Real

import numpy as np

#: what a column can hold beside what can be no field
NUMBERS, TEXT, NUMBERS_AND_TEXT, NOTHING, OTHER = range(5)

#: of Python objects that are numbers
NUMBER_TYPES = (Real, Decimal, np.bool_)
# What can be sorted or hashed is a category, but for these.
_NO_CATEGORIES = (
    bytes,
    bytearray,
    complex,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    np.complexfloating,
    np.datetime64,
    np.timedelta64,
    tuple,
)


def held_in(series):
    """Tell what a column holds: one of the constants, and the name of the type."""
    import narwhals as nw

    if series.implementation.is_pandas():
        return _held_in_pandas(series.to_native())
    if series.implementation.is_pyarrow():
        kind = series.to_native().type
        return _held_in_arrow(kind), kind
    if series.dtype == nw.Object:
        return _held_in_objects(as_arrow(series))
    if series.dtype in (nw.Int128, nw.UInt128):
        return NUMBERS, series.dtype
    if series.dtype in (nw.Categorical, nw.Enum):
        return TEXT, series.dtype
    kind = as_arrow(series[:0]).type
    return _held_in_arrow(kind), kind


def as_arrow(series):
    """Return a column that is none of pandas as one of Arrow, or of Python objects."""
    import narwhals as nw

    if series.implementation.is_pyarrow():
        return series.to_native()
    if series.dtype in (nw.Object, nw.Int128, nw.UInt128):  # Arrow has no such types
        objects = np.empty(len(series), dtype=object)
        objects[:] = series.to_list()
        return objects
    return series.to_arrow()


def _held_in_pandas(series):
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.ArrowDtype):
        return _held_in_arrow(dtype.pyarrow_dtype), dtype
    if isinstance(dtype, (pd.CategoricalDtype, pd.StringDtype)):
        return TEXT, dtype
    held = dtype.subtype if isinstance(dtype, pd.SparseDtype) else dtype
    if isinstance(held, np.dtype):
        if held.kind == "O":
            return _held_in_objects(np.asarray(series))
        return NUMBERS if held.kind in "biuf" else OTHER, dtype
    return NUMBERS if pd.api.types.is_numeric_dtype(held) else OTHER, dtype


def _held_in_arrow(kind):
    import pyarrow as pa

    is_a = pa.types
    if is_a.is_run_end_encoded(kind):
        kind = kind.value_type
    if is_a.is_integer(kind) or is_a.is_floating(kind) or is_a.is_decimal(kind):
        return NUMBERS
    if is_a.is_boolean(kind):
        return NUMBERS
    if is_a.is_string(kind) or is_a.is_large_string(kind) or is_a.is_string_view(kind):
        return TEXT
    if is_a.is_dictionary(kind):
        return TEXT
    return NOTHING if is_a.is_null(kind) else OTHER


def _held_in_objects(objects):
    types = types_of(objects, missing_objects(objects))
    numbers = {kind for kind in types if issubclass(kind, NUMBER_TYPES)}
    name = f"object: {', '.join(sorted(kind.__name__ for kind in types)) or 'nothing'}"
    if not types:
        return NOTHING, name
    if any(kind.__hash__ is None or issubclass(kind, _NO_CATEGORIES) for kind in types):
        return OTHER, name
    if numbers == types:
        return NUMBERS, name
    return NUMBERS_AND_TEXT if numbers and any(
        issubclass(kind, str) for kind in types
    ) else TEXT, name


def types_of(objects, missing):
    """The types of the Python objects that are there."""
    return set(map(type, objects[~missing].tolist()))


def missing_objects(objects):
    """Tell which Python objects stand for nothing: None, NaN, NA, NaT, signalling NaN as well."""
    import pandas as pd

    try:
        return pd.isna(objects)
    except ArithmeticError:  # a decimal that must not be looked at
        return np.array([_is_missing(value) for value in objects.tolist()], dtype=bool)


def _is_missing(value):
    import pandas as pd

    if isinstance(value, Decimal):
        return value.is_nan()
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))
