"""What readers of event logs have in common: names of columns, numbers that floats round."""

import difflib
import math
import re
from decimal import Decimal

from .._warnings import warn
from ..exceptions import InexactIntegerWarning, InputError

_INTEGER = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)


def checked_names(names, path, wanted, rest=False, hint=""):
    """Refuse names that occur twice, and columns that are not there.

    Parameters
    ----------
    names : list of str
        Those of the file; columns without a name may be several.
    path : Path
    wanted : collection of str
        Those that must be there.
    rest : bool, default=False
        Whether the others are to be read, too; of those without a name, one alone.
    hint : str, default=""
        To say where there is only one column.

    Returns
    -------
    names : list of str
        The columns to read.
    """
    there = [name for name in names if name]
    for i, name in enumerate(there):
        if name in there[:i]:
            raise InputError(f"{path}: columns must have distinct names; {name!r} occurs twice")
    for name in wanted:
        if name not in there:
            close = difflib.get_close_matches(name.strip().lower(), _by_lower(there), 1, 0.8)
            meant = f"; did you mean {_by_lower(there)[close[0]]!r}?" if close else ""
            raise InputError(
                f"{path}: column {name!r} is not in the file; it has {there}"
                f"{meant or (hint if len(names) == 1 else '')}"
            )
    if not rest:
        return list(wanted)
    return [name for name in names if name or names.count("") == 1]  # as of an index


def _by_lower(names):
    return {name.strip().lower(): name for name in names}


def integers_beyond_floats(numbers):
    """The texts of some numbers, or of texts of such, that are integers no float64 is equal to."""
    texts = [str(n).strip() for n in numbers if n is not None]
    return [text for text in texts if _INTEGER.fullmatch(text) and _is_rounded(text)]


def _is_rounded(text):
    # What is beyond the range of floats is infinite, and refused where fields are read.
    number = float(text)
    return math.isfinite(number) and int(number) != Decimal(text)


def warn_of_inexact(integers, name, path):
    """Warn of integers that float64 rounds, if there are any."""
    if integers:
        warn(
            f"{path}: {len(integers)} integers of field {name!r} are beyond what a float64 tells "
            f"apart (2**53) and are rounded, such as {integers[0]}; if they are ids, name the "
            "field among the categorical ones",
            InexactIntegerWarning,
        )


def of_one_type(tables, paths, roles):
    """Give the columns of the tables of several files one type each, without a change of a value.

    Parameters
    ----------
    tables : list of pyarrow.Table
    paths : list of Path
        Their files, for an error.
    roles : dict of str to str
        What the columns are for.

    Returns
    -------
    tables : list of pyarrow.Table

    Raises
    ------
    InputError
        If a column holds text in one file and numbers in another, say.
    """
    import pyarrow as pa

    kinds = {}
    for name, role in roles.items():
        held = {
            _plain(table.schema.field(name).type): path
            for table, path in zip(tables, paths, strict=True)
            if table[name].null_count < len(table)
        }
        if len(held) > 1:
            kinds[name] = _common(list(held), role)
            if kinds[name] is None:
                (one, path), (other, other_path) = list(held.items())[:2]
                raise InputError(
                    f"{other_path}: column {name!r} must be of one type in all files; it is of "
                    f"{other}, and of {one} in {path}"
                )
        else:
            kinds[name] = next(iter(held), _plain(tables[0].schema.field(name).type))
    schema = pa.schema(kinds)
    return [
        pa.table({n: _cast(table[n], schema.field(n).type, n, path) for n in schema.names}, schema)
        for table, path in zip(tables, paths, strict=True)
    ]


def _plain(kind):
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _common(kinds, role):
    """Return the type that holds the values of all of some types, None where there is none."""
    import pyarrow as pa

    types = pa.types
    if all(map(types.is_integer, kinds)):
        return pa.uint64() if all(map(types.is_unsigned_integer, kinds)) else pa.int64()
    is_number = [types.is_integer(k) or types.is_floating(k) or types.is_decimal(k) for k in kinds]
    if (role == "number" and all(is_number)) or all(map(types.is_floating, kinds)):
        return pa.float64()
    if all(types.is_string(k) or types.is_large_string(k) for k in kinds):
        return pa.large_string()
    if all(map(types.is_timestamp, kinds)) and len({kind.tz is None for kind in kinds}) == 1:
        finest = max((kind.unit for kind in kinds), key=["s", "ms", "us", "ns"].index)
        return pa.timestamp(finest, None if kinds[0].tz is None else "UTC")
    return None


def _cast(column, kind, name, path):
    import pyarrow as pa

    if column.type == kind:
        return column
    if column.null_count == len(column):
        return pa.chunked_array([pa.nulls(len(column), kind)])
    try:
        if pa.types.is_integer(column.type) and pa.types.is_floating(kind):
            warn_of_inexact(integers_beyond_floats(column.to_pylist()), name, path)
            return column.cast(kind, safe=False)
        return column.cast(kind)
    except pa.ArrowInvalid as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: column {name!r} does not fit {kind}: {reason}") from error
