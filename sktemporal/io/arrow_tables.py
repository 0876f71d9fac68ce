"""Two-dimensional arrays as Arrow tables, for the formats that go by columns."""

import numpy as np

from ..exceptions import InputError
from ..sequences import by_columns


def table_of(rows, names, leading=None):
    """Make a table of the columns of an array, with other columns before them."""
    import pyarrow as pa

    columns = dict(leading or {})
    for name, column in zip(names, by_columns(np.asarray(rows)).T, strict=True):
        if name in columns:
            raise InputError(f"two columns would have the name {name!r}; rename a field")
        columns[name] = pa.array(column)
    return pa.table(columns)


def rows_of(table):
    """Make an array of the columns of a table, in their order; null is NaN."""
    import pyarrow as pa

    if table.num_columns == 0:
        return np.empty((table.num_rows, 0))
    columns = [
        column.cast(pa.float64()) if pa.types.is_null(column.type) else column
        for column in table.columns
    ]
    return np.column_stack([column.to_numpy() for column in columns])


def label_column(values, name):
    """Make a column of ids or moments, without a change of any."""
    import pandas as pd
    import pyarrow as pa

    check_one_type(values, name)
    try:
        if isinstance(values, np.ndarray):
            return pa.array(values)
        return pa.Array.from_pandas(pd.Series(values))
    except pa.ArrowException as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{name!r} cannot be written: {reason}") from error


def check_one_type(values, name):
    """Refuse 7 beside "7", which would be the same in a file."""
    types = {type(value) for value in values} if values.dtype.kind == "O" else set()
    if len(types) > 1:
        kinds = " and ".join(sorted(kind.__name__ for kind in types))
        raise InputError(f"{name!r} holds {kinds}, which no file keeps apart; give them one type")
