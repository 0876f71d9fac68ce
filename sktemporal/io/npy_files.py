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
    check_one_type(ids, name)
    if {type(value) for value in ids.tolist()} == {datetime.date}:
        ids = ids.astype("datetime64[D]")
    if ids.dtype.kind == "O":
        texts = [str(value) for value in ids.tolist()]
        ids = np.array(texts, dtype=str)
        if ids.tolist() != texts:
            raise InputError(f"{name!r} holds text that ends in NUL, which numpy does not keep")
    write_rows(path, ids, [name])
