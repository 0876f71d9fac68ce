"""Arrays as Parquet tables, one row an entity."""

from ..exceptions import InputError
from .arrow_tables import label_column, rows_of, table_of

SUFFIX = ".parquet"


def read_rows(path, n_rows):
    """Read a table as a two-dimensional array, its columns in their order; null is NaN."""
    return rows_of(_read(path, n_rows))


def read_ids(path, n_rows):
    """Read a column of entity ids in the type that it has."""
    import pyarrow as pa

    table = _read(path, n_rows)
    for column in table.columns:
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_nested(kind) or "binary" in str(kind) or pa.types.is_null(kind):
            raise InputError(f"{path}: expected ids that are text or numbers, found {kind}")
        if column.null_count:
            row = column.is_null().to_pylist().index(True)
            raise InputError(f"{path}: expected an id in each row, found none in row {row}")
    return rows_of(table)


def _read(path, n_rows):
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: expected a Parquet file, found: {reason}") from error
    if table.num_rows != n_rows:
        raise InputError(
            f"{path}: expected {n_rows} rows (entities) by metadata.json's shapes, "
            f"found {table.num_rows}"
        )
    return table


def write_rows(path, rows, names):
    """Write a two-dimensional array as a table with the given column names."""
    write_table(path, table_of(rows, names))


def write_ids(path, ids, name):
    """Write a column of entity ids in the type that they have."""
    import pyarrow as pa

    write_table(path, pa.table({name: label_column(ids, name)}))


def write_table(path, table):
    """Write an Arrow table."""
    import pyarrow.parquet as pq

    pq.write_table(table, path)
