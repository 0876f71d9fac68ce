"""How unequal intervals are."""

import numpy as np
from numba import types

from ._jit import INDEX, OUT_COLUMN, VALUES, inlined, kernel
from .ordering import longest_slice, moves_on, slide, sorted_copy

# A unit in which no sum of differences overflows, however many there are.
_DOWN = 2.0**-100


@inlined
def _sums(ordered, n, unit):
    """Sum ascending values, and their weighted distances from a middle one."""
    middle = ordered[n // 2] * unit
    total = weighted = 0.0
    for j in range(n):
        value = ordered[j] * unit
        total += value
        weighted += (2 * j + 1 - n) * (value - middle)
    return n * total, weighted


@inlined
def _gini_of(ordered, n):
    if n < 2:
        return np.nan
    total, weighted = _sums(ordered, n, 1.0)
    if not (abs(total) < np.inf and weighted < np.inf):
        total, weighted = _sums(ordered, n, _DOWN)
    return weighted / total if total > 0.0 else np.nan


@kernel(types.void(VALUES, INDEX, INDEX, OUT_COLUMN))
def gini(x, starts, stops, out):
    r"""Compute the Gini coefficient of every slice.

    With the values in ascending order,
    :math:`G = \frac{2 \sum_i i\,x_{(i)}}{n \sum_i x_i} - \frac{n + 1}{n}`; defined for at least
    two values with a positive sum. Computed as
    :math:`\sum_i (2i - n - 1)(x_{(i)} - x_{(k)}) / (n \sum_i x_i)` with a middle value
    :math:`x_{(k)}`: no term is negative, so nothing cancels and there is nothing to clip. Sorts a
    copy, O(n log n); but if the slice is the one before, moved on by a little, what left is taken
    out of the copy and what entered is put in.
    """
    ordered = np.empty(longest_slice(starts, stops) + 1)
    a = b = 0  # `ordered` holds x[a:b]
    for i in range(starts.size):
        start, stop = starts[i], stops[i]
        if stop > start:
            if moves_on(a, b, start, stop):
                slide(x, a, b, start, stop, ordered)
            else:
                sorted_copy(x[start:stop], ordered)
            a, b = start, stop
        out[i] = _gini_of(ordered, stop - start)
