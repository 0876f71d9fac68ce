"""The file formats by the name that settings give them."""

from . import csv_files, npy_files, parquet_files

#: Each module has `SUFFIX`, `read_rows(path, n_rows)` and `write_rows(path, rows, names)`, where
#: rows are a two-dimensional array, one row an entity, and `read_ids(path, n_rows)` and
#: `write_ids(path, ids, name)`. Those of tables have `write_table(path, table)`.
FORMATS = {"numpy": npy_files, "parquet": parquet_files, "csv": csv_files}
