"""Matrices of rows as columns, each in one piece, as frames and files want them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._threads import in_threads, parts_of

if TYPE_CHECKING:
    from .._types import Array

# Rows of a block, which stays in the second cache for some hundred columns.
_BLOCK = 256


def by_columns(rows: Array) -> Array:
    """Copy a matrix so that each column is one piece; it is returned where that is so already.

    Parameters
    ----------
    rows : array of shape (n_rows, n_columns)

    Returns
    -------
    columns : array of shape (n_rows, n_columns)
        In Fortran order.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.sequences import by_columns
    >>> by_columns(np.ones((3, 2))).flags.f_contiguous
    True
    """
    n_rows, n_columns = rows.shape
    if rows.flags.f_contiguous:
        return rows
    columns = np.empty((n_columns, n_rows), dtype=rows.dtype)

    def copy(start, stop):
        for first in range(start, stop, _BLOCK):
            block = slice(first, min(first + _BLOCK, stop))
            columns[:, block] = rows[block].T

    elements = parts_of(rows.size)
    in_threads(copy, [(start // n_columns, stop // n_columns) for start, stop in elements])
    return columns.T
