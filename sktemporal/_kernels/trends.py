r"""Trend and volatility of slices.

The least-squares slope of x on its positions is :math:`\sum_j w_j x_j` over
:math:`n (n^2 - 1) / 6`, with the whole weights :math:`w_j = 2j - n + 1`. Its numerator is exact,
so the slope of any slice comes from running sums of :math:`x` and of :math:`j\,x`, wherever they
have begun to count. Volatility is the standard deviation of a column of returns.
"""

from functools import cache

import numpy as np
from numba import types

from ._jit import (
    BITS,
    COUNTS,
    INDEX,
    LIMBS,
    OUT,
    OUT_COLUMN,
    VALUES,
    high_product,
    kernel,
    ready,
)
from .exact import (
    LAST_BIT,
    add_shifted,
    digits,
    leading_bits,
    multiply,
    scaled,
    subtract,
    subtract_rows,
    take_magnitude,
)

_ZERO = np.uint64(0)


@cache
def cumulate_positions(width):
    """Return the kernel for numbers of this width; see `_cumulate_positions` below."""

    @kernel(types.void(BITS, types.int64, LIMBS))
    def _cumulate_positions(bits, lowest, table):
        """Write the running sums of the values, and of the values times their positions.

        Parameters
        ----------
        bits : int64 array of shape (n_values,)
            The floats, read as integers.
        lowest : int
            From `exact.width_and_unit`, for the square of n_values: that many times the largest
            value there may be.
        table : uint64 array of shape (n_values + 1, 2 * width)
            Receives, in row i, both sums of the first i values (`width` limbs each), modulo the
            size of these numbers.
        """
        total = np.zeros(2 * width, dtype=np.uint64)
        table[0, :] = _ZERO
        for i in range(bits.size):
            fraction, place = digits(bits[i], lowest)
            if fraction > _ZERO:
                negative, position = bits[i] < 0, np.uint64(i)
                add_shifted(total, 0, width, fraction, _ZERO, place, negative)
                low, high = fraction * position, high_product(fraction, position)
                add_shifted(total, width, width, low, high, place, negative)
            for k in range(2 * width):
                table[i + 1, k] = total[k]

    return ready(_cumulate_positions)


@cache
def slopes(width):
    """Return the kernel that takes slopes from sums of this width; see `_slopes` below."""

    @kernel(types.void(LIMBS, types.int64, INDEX, INDEX, OUT_COLUMN))
    def _slopes(table, lowest, starts, stops, out):
        r"""Compute the least-squares slope of every slice.

        Parameters
        ----------
        table : uint64 array of shape (n_values + 1, 2 * width)
            What `cumulate_positions` wrote.
        lowest : int
            As given to it.
        starts, stops : int64 arrays of shape (n_slices,)
            The slices, in any order, overlapping or not.
        out : float64 array of shape (n_slices,)
            Receives the slopes; NaN for less than two values.

        Notes
        -----
        With S and T, the sums of :math:`x_g` and of :math:`g\,x_g` of a slice from a to b,
        positions counted from anywhere, the numerator is :math:`2 T - (a + b - 1) S`: rounded once,
        then divided: a relative error of 2.3e-16 at most, and of 5e-16 beyond 208,000 values, where
        the denominator has more digits than a float. The same number of steps for every slice.
        """
        total = np.empty(width, dtype=np.uint64)
        weighted = np.empty(width, dtype=np.uint64)
        for i in range(starts.size):
            start, stop = starts[i], stops[i]
            out[i] = np.nan
            if stop - start >= 2:
                subtract_rows(table, stop, start, 0, width, total)
                subtract_rows(table, stop, start, width, width, weighted)
                multiply(weighted, width, np.uint64(2))
                multiply(total, width, np.uint64(start + stop - 1))
                subtract(weighted, total, width)
                negative = take_magnitude(weighted, width)
                bits, power = leading_bits(weighted, width)
                numerator = np.float64(-bits if negative else bits)
                n = np.float64(stop - start)
                slope = numerator / (n * (n * n - 1.0) / 6.0)
                out[i] = scaled(slope, power + lowest - LAST_BIT)

    return ready(_slopes)


@kernel(types.void(VALUES, VALUES, COUNTS, COUNTS))
def returns(x, changes, before, beyond):
    """Compute the simple returns of a column, steps from 0 left out.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
        Observed values in time order, no NaN.
    changes : float64 array of shape (n_values,)
        Receives the returns, one after the other; 0 for those beyond the range of floats.
    before, beyond : int64 arrays of shape (n_values + 1,)
        Receive how many returns there are up to position i, and how many of them are beyond range.

    Notes
    -----
    The value at j has its return ``(x[j] - x[j - 1]) / x[j - 1]`` at j, so a slice from a to b has
    the returns from ``before[a + 1]`` to ``before[b]``. Where the difference overflows, it is that
    of halves.
    """
    n = n_beyond = 0
    before[0] = beyond[0] = 0
    for j in range(x.size):
        if j > 0 and x[j - 1] != 0.0:
            change = x[j] - x[j - 1]
            if abs(change) < np.inf:
                change /= x[j - 1]
            else:
                change = (0.5 * x[j] - 0.5 * x[j - 1]) / (0.5 * x[j - 1])
            if not abs(change) < np.inf:
                n_beyond += 1
                change = 0.0
            changes[n] = change
            n += 1
        before[j + 1], beyond[j + 1] = n, n_beyond


@kernel(types.void(OUT, OUT_COLUMN))
def consistency(count_sum_cv, out):
    """Average 1 / (1 + abs(cv)) over the fields with at least two values and a mean other than 0.

    Parameters
    ----------
    count_sum_cv : float64 array of shape (n_entities, 3 * n_fields)
        Count, sum (which is 0 where the mean is, however small that is) and cv, field by field.
    out : float64 array of shape (n_entities,)
        Receives the averages; NaN where no field counts.
    """
    for i in range(out.size):
        total, n = 0.0, 0
        for k in range(0, count_sum_cv.shape[1], 3):
            if count_sum_cv[i, k] >= 2 and count_sum_cv[i, k + 1] != 0.0:
                total += 1.0 / (1.0 + abs(count_sum_cv[i, k + 2]))
                n += 1
        out[i] = total / n if n > 0 else np.nan
