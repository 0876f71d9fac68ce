"""Numerical columns of a data frame as arrays, in the type that they have."""

import math
from typing import NamedTuple

import numpy as np

from .._warnings import warn
from ..exceptions import InexactIntegerWarning
from ._held import NUMBER_TYPES, as_arrow, missing_objects, types_of

# Integers beyond are not all floats.
_LARGEST_EXACT = 2**53
# Powers of ten beyond are none.
_LARGEST_EXACT_POWER = 22


class Numbers(NamedTuple):
    """A column of numbers."""

    #: array of integers, of float32 or of float64 of shape (n,), of any strides
    data: np.ndarray
    #: bool array of shape (n,), True where there is no number (NaN is none either), or None
    missing: np.ndarray | None


def float_type(frame, fields):
    """The type of a table of columns: float32 where all of them are."""
    single = fields and all(_is_single(frame.get_column(name)) for name in fields)
    return np.float32 if single else np.float64


def _is_single(series):
    import pandas as pd
    import pyarrow as pa

    if not series.implementation.is_pandas():
        column = as_arrow(series[:0])
        return not isinstance(column, np.ndarray) and column.type == pa.float32()
    dtype = series.to_native().dtype
    if isinstance(dtype, pd.ArrowDtype):
        return dtype.pyarrow_dtype == pa.float32()
    return getattr(dtype, "numpy_dtype", dtype) == np.float32


def numbers_of(series):
    """Read one numerical column; one without a value is one, whatever its type.

    What float64 cannot hold becomes the nearest number that it can; of whole numbers that is said.
    """
    native = series.to_native()
    if series.implementation.is_pandas():
        return _of_pandas(native, series.name)
    return _of_arrow(as_arrow(series), series.name)


def _of_pandas(series, name):
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.ArrowDtype):
        return _of_arrow(series.array.__arrow_array__(), name)
    if isinstance(dtype, pd.CategoricalDtype):
        return _of_objects(series.astype(object).to_numpy(), name)
    if isinstance(dtype, pd.SparseDtype):
        series = series.sparse.to_dense()
    if isinstance(series.dtype, np.dtype):
        return _of_numpy(series.to_numpy(), name)
    missing = series.isna().to_numpy()
    if missing.all():
        return _nothing(len(series))
    if not pd.api.types.is_numeric_dtype(dtype):
        row = int(missing.argmin())
        raise _no_numbers(name, dtype, row, series.iloc[row])
    plain = getattr(dtype, "numpy_dtype", None)
    data = series.to_numpy(dtype=np.float64 if plain is None else plain, na_value=0)
    numbers = _of_numpy(data, name)
    return numbers._replace(missing=missing) if missing.any() else numbers


def _of_numpy(array, name):
    """Read a numpy array: of the machine's byte order, and of float64 what is wider."""
    if array.dtype.kind == "O":
        return _of_objects(array, name)
    if array.dtype.kind not in "biuf":
        missing = np.isnan(array) if array.dtype.kind == "c" else np.isnat(array)
        if missing.all():
            return _nothing(len(array))
        row = int(missing.argmin())
        raise _no_numbers(name, array.dtype, row, array[row])
    if array.dtype.kind == "b":
        return Numbers(array.view(np.uint8), None)
    if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        return _of_other_floats(array, name)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8:
        warn_of_inexact(array, name)
    return Numbers(array, None)


def _of_other_floats(array, name):
    """Half floats, which are all floats, and long ones, which are not."""
    with np.errstate(over="ignore"):
        floats = array.astype(np.float64)
    beyond = np.isinf(floats) & np.isfinite(array)
    if beyond.any():
        row = int(beyond.argmax())
        raise _out_of_range(name, row, array[row])
    rows = np.flatnonzero(np.isfinite(floats) & (np.abs(floats) >= _LARGEST_EXACT))
    inexact = rows[(array[rows] != floats[rows]) & (array[rows] == np.floor(array[rows]))]
    _warn_of_rows(inexact, array, name)
    return Numbers(floats, None)


def _of_arrow(column, name):
    """Read an Arrow column, without a copy where it is one piece of numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, np.ndarray):
        return _of_objects(column, name)
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if pa.types.is_run_end_encoded(column.type):
        column = pc.run_end_decode(column)
    elif pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if column.null_count == len(column):
        return _nothing(len(column))
    missing = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else None
    if pa.types.is_decimal(column.type):
        numbers = _of_decimals(column, missing, name)
    elif pa.types.is_boolean(column.type):
        numbers = Numbers(_buffer(column.cast(pa.uint8()), np.uint8), None)
    elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        data = _buffer(column, column.type.to_pandas_dtype())
        if missing is not None and data.dtype.itemsize == 8 and data.dtype.kind in "iu":
            data = np.where(missing, 0, data)  # whatever lies below a null
        numbers = _of_numpy(data, name)
    else:
        row = 0 if missing is None else int(missing.argmin())
        raise _no_numbers(name, column.type, row, column[row].as_py())
    return numbers._replace(missing=missing)


def _buffer(column, dtype):
    """The numbers of an Arrow array, in its own memory."""
    return np.frombuffer(column.buffers()[1], dtype=dtype)[column.offset :][: len(column)]


def _of_decimals(column, missing, name):
    """The nearest floats of decimals.

    Where the digits are an integer that is a float, and the power of ten is one, their quotient is
    rounded once. Others go by way of text.
    """
    import pyarrow as pa

    scale = column.type.scale
    if isinstance(column.type, pa.Decimal128Type) and 0 <= scale <= _LARGEST_EXACT_POWER:
        words = np.frombuffer(column.buffers()[1], dtype=np.int64).reshape(-1, 2)
        low, high = words[column.offset :][: len(column)].T
        if missing is not None:
            low, high = np.where(missing, 0, low), np.where(missing, 0, high)
        # The largest negative integer has no absolute value.
        if (high == low >> 63).all() and (np.abs(np.maximum(low, -(2**62))) < _LARGEST_EXACT).all():
            return Numbers(low / np.float64(10.0**scale), None)
    text = column.cast(pa.string())
    floats = text.cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(np.abs(floats) >= _LARGEST_EXACT)
    pairs = zip(column.take(pa.array(rows)).to_pylist(), floats[rows].tolist(), strict=True)
    inexact = [int(value) == value != number for value, number in pairs]
    _warn_of_rows(rows[np.array(inexact, dtype=bool)], column, name)
    return Numbers(floats, None)


def _of_objects(objects, name):
    """Read numbers of Python, of any kinds and mixed."""
    missing = missing_objects(objects)
    if missing.all():
        return _nothing(len(objects))
    if not all(issubclass(kind, NUMBER_TYPES) for kind in types_of(objects, missing)):
        row = next(
            row for row in np.flatnonzero(~missing) if not isinstance(objects[row], NUMBER_TYPES)
        )
        raise _no_numbers(name, "object", row, objects[row])
    filled = np.where(missing, np.nan, objects)
    try:
        with np.errstate(over="ignore"):
            floats = filled.astype(np.float64)
    except OverflowError:  # an integer of Python
        floats = np.array([_float(value) for value in filled])
    large = np.flatnonzero(np.abs(floats) >= _LARGEST_EXACT).tolist()
    pairs = [(row, objects[row], float(floats[row])) for row in large]
    for row, value, number in pairs:
        if math.isinf(number) and value != number:
            raise _out_of_range(name, row, value)
    inexact = [
        row
        for row, value, number in pairs
        # Integers of numpy would be compared as floats.
        if not math.isinf(number) and int(value) == value and int(value) != number
    ]
    _warn_of_rows(inexact, objects, name)
    return Numbers(floats, missing if missing.any() else None)


def _float(value):
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def raise_infinite(numbers, name):
    """Refuse a column that has an infinity."""
    infinite = np.isinf(numbers.data)
    if numbers.missing is not None:
        infinite &= ~numbers.missing
    raise ValueError(
        f"Input contains infinity: field {name!r}, row {int(infinite.argmax())}. "
        "Values must be finite, or null where missing"
    )


def _nothing(n):
    return Numbers(np.full(n, np.nan), None)


def _no_numbers(name, dtype, row, value):
    return ValueError(
        f"field {name!r} must hold numbers; row {row} has {value!r} of type "
        f"{type(value).__name__} (the column is of type {dtype})"
    )


def _out_of_range(name, row, value):
    return ValueError(
        f"field {name!r} must fit float64, whose largest number is 1.8e308; row {row} has {value!s}"
    )


def warn_of_inexact(integers, name, place="row {}".format):
    """Warn of integers of 64 bits that are no floats, with the place of the first."""
    if not integers.size or (
        integers.max() <= _LARGEST_EXACT and int(integers.min()) >= -_LARGEST_EXACT
    ):
        return
    rows = np.flatnonzero((integers > _LARGEST_EXACT) | (integers < -_LARGEST_EXACT))
    floats = integers[rows].astype(np.float64)
    exact = [int(x) == y for x, y in zip(floats.tolist(), integers[rows].tolist(), strict=True)]
    _warn_of_rows(rows[~np.array(exact, dtype=bool)], integers, name, place)


def _warn_of_rows(rows, values, name, place="row {}".format):
    if not len(rows):
        return
    row = int(rows[0])
    held = values[row].as_py() if hasattr(values[row], "as_py") else values[row]
    warn(
        f"field {name!r} has {len(rows)} integers that float64 does not hold (it holds all up to "
        f"2**53): {place(row)} has {held!s}, which becomes {int(float(held))}. An id belongs into "
        "categorical_fields; leave it out of `fields`",
        InexactIntegerWarning,
    )
