"""Arrays in numpy's own format."""

import datetime

import numpy as np

from ..exceptions import InputError
from .arrow_tables import check_one_type

SUFFIX = ".npy"


def read_rows(path, n_rows):
    """Read an array, with whatever shape it has; it must have `n_rows` rows."""
    try:
        # Never unpickle: an object array would run code of whoever wrote it.
        rows = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: expected a numpy array (no objects), found: {reason}") from error
    if not isinstance(rows, np.ndarray):
        raise InputError(f"{path}: expected one numpy array, found an archive")
    if rows.ndim == 0 or len(rows) != n_rows:
        raise InputError(
            f"{path}: expected {n_rows} entities by metadata.json's shapes, "
            f"found shape {rows.shape}"
        )
    return rows


def read_ids(path, n_rows):
    """Read a column of entity ids in the type that it has."""
    ids = read_rows(path, n_rows)
    if ids.dtype.kind not in "biufUM":
        raise InputError(f"{path}: expected ids that are text or numbers, found {ids.dtype}")
    return ids


def write_rows(path, rows, names):
    """Write an array; numpy's format has no place for the names."""
    np.save(path, rows, allow_pickle=False)


def write_ids(path, ids, name):
    """Write a column of entity ids; those of a type that numpy has not as text."""
    write_columns(path, {name: ids})


def write_columns(path, columns):
    """Write a column of ids or moments, or several as the fields of one array."""
    arrays = {name: _plain(values, name) for name, values in columns.items()}
    (rows, *others) = arrays.values()
    if others:
        types = [(name, array.dtype) for name, array in arrays.items()]
        rows = np.empty(len(rows), dtype=types)
        for name, array in arrays.items():
            rows[name] = array
    write_rows(path, rows, list(columns))


def _plain(values, name):
    """Give ids a type that numpy keeps without pickling."""
    check_one_type(values, name)
    if {type(value) for value in values.tolist()} == {datetime.date}:
        return values.astype("datetime64[D]")
    if values.dtype.kind != "O":
        return values
    texts = [str(value) for value in values.tolist()]
    array = np.array(texts, dtype=str)
    if array.tolist() != texts:
        raise InputError(f"{name!r} holds text that ends in NUL, which numpy does not keep")
    return array
