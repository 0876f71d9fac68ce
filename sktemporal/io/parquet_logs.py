"""Event logs as Parquet files."""

from ..exceptions import InputError
from .columns import checked_names


def read_columns(path, roles, notation, rest=False):
    """Read columns of a Parquet file in the types that they have.

    Parameters
    ----------
    path : Path
    roles : dict of str to {"label", "number", "moment", "any"}
        What the columns are for. A column without a value gets a type that fits.
    notation : LogNotation
        Nothing in it is for Parquet.
    rest : bool, default=False
        Read the other columns of the file, too, as "any".

    Returns
    -------
    table : pyarrow.Table

    Raises
    ------
    InputError
        If the file is none, or a column is not there or of an unfit type.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            names = checked_names(schema.names, path, roles, rest)
            kinds = {name: roles.get(name, "any") for name in names}
            for name, kind in kinds.items():
                _check_type(schema.field(name).type, name, kind, path)
            table = file.read(columns=names)
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: expected a parquet file, found: {reason}") from error
    return pa.table({name: _fit(table[name], kind) for name, kind in kinds.items()})


def _check_type(kind, name, role, path):
    """Refuse types that hold neither labels, numbers nor moments."""
    import pyarrow as pa

    types = pa.types
    value = kind.value_type if types.is_dictionary(kind) else kind
    is_number = types.is_integer(value) or types.is_floating(value) or types.is_decimal(value)
    is_text = types.is_string(value) or types.is_large_string(value) or types.is_string_view(value)
    is_moment = types.is_timestamp(value) or types.is_date(value)
    flag_or_none = types.is_boolean(value) or types.is_null(value)
    expected = {
        "label": ("text, numbers, dates or truth values", True),
        "number": ("numbers", not is_moment),
        "moment": ("datetimes, dates, numbers or text", not types.is_boolean(value)),
    }
    if role == "any":
        return
    rule, fits = expected[role]
    if not fits or not (is_number or is_text or is_moment or flag_or_none):
        raise InputError(f"{path}: column {name!r} must hold {rule}; its type is {kind}")


def _fit(column, role):
    """Give a column without a value the type of its role, numbers one that frames read as such."""
    import pyarrow as pa

    kind = column.type
    if column.null_count == len(column) and len(column):
        kind = {"number": pa.float64(), "label": pa.string()}.get(role, kind)
        if kind != column.type:
            return pa.nulls(len(column), kind)
    if role == "number" and pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)
    return column
