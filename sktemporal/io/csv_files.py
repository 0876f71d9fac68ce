"""Arrays as CSV files, one row an entity."""

from ..exceptions import InputError
from .arrow_tables import label_column, rows_of, table_of

SUFFIX = ".csv"


def read_rows(path, n_rows):
    """Read a file as a two-dimensional array; an empty cell is NaN.

    There may be a line of column names or not: there is one if the file has a line more than
    `n_rows`. A number is read as the nearest float64, so what was written comes back.
    """
    table = _read(path, skip_rows=1)
    if table.num_rows == n_rows - 1:
        table = _read(path, skip_rows=0)
    return rows_of(_checked(table, path, n_rows))


def read_ids(path, n_rows):
    """Read a column of entity ids as text, so that 007 stays 007."""
    table = _read(path, as_text=True)
    if table.num_rows == n_rows + 1:
        table = table.slice(1)
    return rows_of(_checked(table, path, n_rows))


def _read(path, *, skip_rows=0, as_text=False):
    import pyarrow as pa
    from pyarrow import csv

    try:
        return csv.read_csv(
            path,
            csv.ReadOptions(skip_rows=skip_rows, autogenerate_column_names=True),
            csv.ParseOptions(newlines_in_values=as_text),
            csv.ConvertOptions(
                column_types={"f0": pa.string()} if as_text else None,
                strings_can_be_null=not as_text,
            ),
        )
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: expected a CSV file of numbers, found: {reason}") from error


def _checked(table, path, n_rows):
    if table.num_rows != n_rows:
        raise InputError(
            f"{path}: expected {n_rows} rows (entities) by metadata.json's shapes, "
            f"found {table.num_rows}"
        )
    return table


def write_rows(path, rows, names):
    """Write a two-dimensional array with a line of column names."""
    write_table(path, table_of(rows, names))


def write_ids(path, ids, name):
    """Write a column of entity ids: text in quotes, numbers without."""
    import pyarrow as pa

    write_table(path, pa.table({name: label_column(ids, name)}))


def write_table(path, table):
    """Write an Arrow table."""
    import pyarrow as pa
    from pyarrow import csv

    try:
        csv.write_csv(table, path)
    except pa.ArrowException as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path.name}: cannot be written as CSV: {reason}") from error
