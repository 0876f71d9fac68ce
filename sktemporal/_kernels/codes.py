"""Diversity of categorical codes."""

import numpy as np
from numba import types

from ._jit import INDEX, OUT, VALUES, kernel
from .ordering import longest_slice, sorted_copy


@kernel(types.void(VALUES, INDEX, INDEX, OUT))
def code_diversity(x, starts, stops, out):
    """Compute the distinct count, distinct share and mode share of every slice.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
        Codes, none of them missing.
    starts, stops : int64 arrays of shape (n_entities,)
        The slices of `x`.
    out : float64 array of shape (n_entities, 3)
        Receives the distinct count, distinct / n, and count of the commonest / n; NaN for n = 0.

    Notes
    -----
    Equal codes are runs of a sorted copy: O(n log n).
    """
    ordered = np.empty(longest_slice(starts, stops))
    for i in range(starts.size):
        n = stops[i] - starts[i]
        if n == 0:
            out[i, :] = np.nan
            continue
        sorted_copy(x[starts[i] : stops[i]], ordered)
        distinct = run = commonest = 1
        for j in range(1, n):
            if ordered[j] == ordered[j - 1]:
                run += 1
            else:
                distinct += 1
                run = 1
            commonest = max(commonest, run)
        out[i, 0] = distinct
        out[i, 1] = distinct / n
        out[i, 2] = commonest / n
