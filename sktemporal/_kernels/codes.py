"""Diversity of categorical codes."""

import numpy as np
from numba import types

from ._jit import INDEX, OUT, VALUES, kernel
from .ordering import longest_slice, sorted_copy


@kernel(types.void(VALUES, INDEX, INDEX, INDEX, OUT))
def code_diversity(x, starts, stops, places, out):
    """Compute the distinct count, distinct share and mode share of every slice.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
        Codes, none of them missing.
    starts, stops : int64 arrays of shape (n_entities,)
        The slices of `x`.
    places : int64 array of shape (3,)
        The columns of `out` for the distinct count, distinct / n, and count of the commonest / n;
        -1 for what is not wanted.
    out : float64 array of shape (n_entities, n_columns)
        Receives them; NaN for n = 0.

    Notes
    -----
    Equal codes are runs of a sorted copy: O(n log n).
    """
    ordered = np.empty(longest_slice(starts, stops))
    for i in range(starts.size):
        n = stops[i] - starts[i]
        sorted_copy(x[starts[i] : stops[i]], ordered)
        distinct = run = commonest = min(n, 1)
        for j in range(1, n):
            if ordered[j] == ordered[j - 1]:
                run += 1
            else:
                distinct += 1
                run = 1
            commonest = max(commonest, run)
        if places[0] >= 0:
            out[i, places[0]] = distinct if n > 0 else np.nan
        if places[1] >= 0:
            out[i, places[1]] = distinct / n if n > 0 else np.nan
        if places[2] >= 0:
            out[i, places[2]] = commonest / n if n > 0 else np.nan
