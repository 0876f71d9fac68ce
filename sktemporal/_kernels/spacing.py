"""How unequal intervals are."""

import numpy as np
from numba import types

from ._jit import INDEX, OUT_COLUMN, VALUES, inlined, kernel
from .ordering import longest_slice, sorted_copy


@inlined
def _gini_of(x, ordered):
    n = x.size
    if n < 2:
        return np.nan
    sorted_copy(x, ordered)
    middle = ordered[n // 2]
    total = weighted = 0.0
    for j in range(n):
        total += ordered[j]
        weighted += (2 * j + 1 - n) * (ordered[j] - middle)
    if not total > 0.0:
        return np.nan
    return weighted / (n * total)


@kernel(types.void(VALUES, INDEX, INDEX, OUT_COLUMN))
def gini(x, starts, stops, out):
    r"""Compute the Gini coefficient of every slice.

    With the values in ascending order,
    :math:`G = \frac{2 \sum_i i\,x_{(i)}}{n \sum_i x_i} - \frac{n + 1}{n}`; defined for at least
    two values with a positive sum. Computed as
    :math:`\sum_i (2i - n - 1)(x_{(i)} - x_{(k)}) / (n \sum_i x_i)` with a middle value
    :math:`x_{(k)}`: no term is negative, so nothing cancels and there is nothing to clip. Sorts a
    copy: O(n log n).
    """
    ordered = np.empty(longest_slice(starts, stops))
    for i in range(starts.size):
        out[i] = _gini_of(x[starts[i] : stops[i]], ordered)
