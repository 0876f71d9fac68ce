"""Columns of every library and type as codes, and the distinct values behind them."""

import numpy as np

from ._numbering import codes_of_integers, codes_of_text
from ._objects import factorized_objects, object_array

# What polars gives to Arrow as addresses, or not at all.
_NOT_OF_ARROW = ("Object", "Int128", "UInt128", "Float16")


def codes_of(column, what, ordered=True):
    """Codes and distinct values of a native column; missing is -1.

    The distinct values are sorted where `ordered`, and else in any order.
    """
    import pandas as pd
    import pyarrow as pa

    if isinstance(column, (pd.Series, pd.Index, pd.api.extensions.ExtensionArray)):
        return _codes_of_pandas(column, what, ordered)
    if isinstance(column, (pa.Array, pa.ChunkedArray)):
        return _codes_of_arrow(column, what, ordered)
    if isinstance(column, np.ndarray):
        return _codes_of_numpy(column, what, ordered)
    if str(getattr(column, "dtype", None)) in _NOT_OF_ARROW:
        return _codes_of_objects(object_array(column.to_list()), what, ordered)
    for convert in ("to_arrow", "to_pandas"):
        if hasattr(column, convert):
            return codes_of(getattr(column, convert)(), what, ordered)
    return _codes_of_numpy(np.asarray(column), what, ordered)


def _codes_of_pandas(column, what, ordered):
    import pandas as pd
    import pyarrow as pa

    column = pd.Series(column, copy=False)
    dtype = column.dtype
    if isinstance(dtype, np.dtype):
        return _codes_of_numpy(column.to_numpy(), what, ordered)
    if isinstance(dtype, pd.CategoricalDtype):
        return _codes_of_dictionary(
            column.cat.codes.to_numpy(), dtype.categories, dtype.ordered, what, ordered
        )
    if isinstance(dtype, pd.DatetimeTZDtype):
        moments = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        codes, distinct = _codes_of_numpy(moments, what, ordered)
        distinct = pd.DatetimeIndex(distinct).tz_localize("UTC").tz_convert(dtype.tz)
        return codes, object_array(list(distinct))
    if isinstance(dtype, (pd.ArrowDtype, pd.StringDtype)) or hasattr(column.array, "_mask"):
        return _codes_of_arrow(pa.array(column, from_pandas=True), what, ordered)
    return _codes_of_objects(object_array(list(column)), what, ordered)


def _codes_of_dictionary(places, dictionary, in_its_order, what, ordered):
    """Codes of places in a dictionary, -1 being missing; what it has in vain is left out."""
    codes, distinct = codes_of(dictionary, what, ordered and not in_its_order)
    codes = np.append(codes, np.int32(-1))[places]
    used = np.zeros(len(distinct) + 1, dtype=bool)
    used[codes] = True
    used = used[:-1]
    if not used.all():
        codes = np.append(np.cumsum(used, dtype=np.int32) - 1, np.int32(-1))[codes]
    return codes.astype(np.int32, copy=False), distinct[used]


# How many units of these types the dates and times of Python tell apart.
_FINEST = {"time64[ns]": 1_000, "date64[ms]": 86_400_000}


def _codes_of_arrow(column, what, ordered):
    import pyarrow as pa
    from pyarrow import types

    column = _whole_array(column)
    kind = column.type
    if types.is_nested(kind):
        raise ValueError(
            f"{what} holds values of type {kind}, which cannot name anything; give the columns "
            "that together do, entity=[...], or make text of them"
        )
    if types.is_dictionary(kind):
        places = column.indices.cast(pa.int64()).fill_null(-1).to_numpy()
        return _codes_of_dictionary(places, column.dictionary, kind.ordered, what, ordered)
    if column.null_count:
        present = column.is_valid().to_numpy(zero_copy_only=False)
        return scattered(present, *_codes_of_arrow(column.drop_null(), what, ordered))
    if types.is_large_string(kind) or types.is_large_binary(kind):
        return codes_of_text(column, ordered)
    if types.is_timestamp(kind) and kind.tz is not None:
        codes, distinct = codes_of_integers(column.view(pa.int64()).to_numpy(), ordered)
        return codes, object_array(list(pa.array(distinct).view(kind).to_pandas()))
    if _is_of_numpy(kind):
        return _codes_of_numpy(column.to_numpy(zero_copy_only=False), what, ordered)
    return _codes_of_arrow_values(column, what, ordered)


def _is_of_numpy(kind):
    from pyarrow import types

    number = types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind)
    return number or types.is_timestamp(kind) or types.is_duration(kind)


def _whole_array(column):
    """One Arrow array of a column, text and binaries being of the large kind."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    kind = column.type
    if types.is_run_end_encoded(kind):
        column = pc.run_end_decode(column)
    elif types.is_string(kind) or types.is_string_view(kind):
        column = column.cast(pa.large_string())
    elif types.is_binary(kind) or types.is_binary_view(kind):
        column = column.cast(pa.large_binary())
    if isinstance(column, pa.ChunkedArray):
        if types.is_dictionary(kind):
            column = column.unify_dictionaries()
        # Which would copy a single one.
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return column


def _codes_of_arrow_values(column, what, ordered):
    """Codes of what Arrow gives as Python objects alone."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    kind = column.type
    if not (types.is_date(kind) or types.is_time(kind) or types.is_decimal(kind)):
        return _codes_of_objects(object_array(column.to_pylist()), what, ordered)
    column = pc.dictionary_encode(column)
    step = _FINEST.get(str(kind))
    if step and (column.dictionary.view(pa.int64()).to_numpy() % step).any():
        raise ValueError(
            f"{what} of type {kind} holds values that are finer than those of Python; make "
            "integers of them"
        )
    codes, distinct = _codes_of_objects(object_array(column.dictionary.to_pylist()), what, ordered)
    return codes[column.indices.to_numpy()], distinct


def scattered(present, codes, distinct):
    """Put the codes of the rows that are present among those that are missing."""
    all_codes = np.full(len(present), -1, dtype=np.int32)
    all_codes[present] = codes
    return all_codes, distinct


def _codes_of_numpy(values, what, ordered):
    kind = values.dtype.kind
    if kind == "O":
        return _codes_of_objects(values, what, ordered)
    if kind in "USTVc":
        return _codes_of_objects(object_array(values.tolist()), what, ordered)
    values = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
    missing = np.isnat(values) if kind in "mM" else np.isnan(values) if kind == "f" else None
    if missing is not None and missing.any():
        return scattered(~missing, *_codes_of_numpy(values[~missing], what, ordered))
    if kind == "f" and values.dtype.itemsize > 8:
        distinct, codes = np.unique(values, return_inverse=True)
        return codes.astype(np.int32), distinct
    codes, distinct = codes_of_integers(_as_integers(values), ordered)
    return codes, _from_integers(distinct, values.dtype)


def _as_integers(values):
    """Integers in the order of the values, one for each, of numbers and times of any type."""
    dtype = values.dtype
    if dtype.kind in "mM":
        return values.view(np.int64)
    if dtype == np.uint64:
        return values.view(np.int64) ^ _SIGN
    if dtype.kind == "f":
        bits = (values.astype(np.float64) + 0.0).view(np.int64)  # one zero
        return bits ^ ((bits >> 63) & ~_SIGN)
    return values.astype(np.int64, copy=False)


def _from_integers(integers, dtype):
    if dtype.kind in "mM":
        return integers.view(dtype)
    if dtype == np.uint64:
        return (integers ^ _SIGN).view(np.uint64)
    if dtype.kind == "f":
        return (integers ^ ((integers >> 63) & ~_SIGN)).view(np.float64).astype(dtype)
    return integers.astype(dtype, copy=False)


_SIGN = np.int64(-(2**63))


def _codes_of_objects(values, what, ordered):
    """Codes and distinct values of Python objects, by way of arrays where all have one type."""
    import pandas as pd
    import pyarrow as pa

    try:
        missing = pd.isna(values)
    except ArithmeticError as error:
        raise ValueError(f"{what} holds a signalling NaN; None is missing") from error
    if missing.any():
        return scattered(~missing, *_codes_of_objects(values[~missing], what, ordered))
    types = set(map(type, values))
    if types == {str}:
        try:
            return codes_of_text(pa.array(values, pa.large_string()), ordered)
        except UnicodeEncodeError:  # half of a surrogate pair
            return factorized_objects(values, what, ordered)
    if types == {int}:
        try:
            return codes_of_integers(values.astype(np.int64), ordered)
        except OverflowError:
            return factorized_objects(values, what, ordered)
    return factorized_objects(values, what, ordered)
