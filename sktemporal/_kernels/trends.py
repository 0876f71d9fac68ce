"""Trend and volatility of slices."""

import numpy as np
from numba import types

from ._jit import INDEX, OUT, OUT_COLUMN, VALUES, inlined, kernel
from .ordering import longest_slice

# Units in which no sum of n values, or of n squares of returns, overflows.
_DOWN, _UP = 2.0**-100, 2.0**100
_FAR_DOWN, _FAR_UP = 2.0**-600, 2.0**600


@inlined
def _least_squares(x):
    n = x.size
    total = 0.0
    for value in x:
        total += value
    mean = total / n
    middle = (n - 1) / 2.0
    moment = 0.0
    for j in range(n):
        moment += (j - middle) * (x[j] - mean)
    return moment * 12.0 / (float(n) * (float(n) * n - 1.0))


@inlined
def _slope_of_large(x):
    return _least_squares(x * _DOWN) * _UP


@inlined
def slope(x):
    r"""Least-squares slope over the positions 0..n-1.

    :math:`\sum_t (t - \bar t)(x_t - \bar x) / \sum_t (t - \bar t)^2`, the denominator being
    :math:`n (n^2 - 1) / 12`. Deviations from the mean keep the digits of large, close values; an
    error of the mean itself cancels, since the position deviations sum to zero. O(n), two passes;
    two more, in a larger unit, where one of them overflows.
    """
    if x.size < 2:
        return np.nan
    result = _least_squares(x)
    return result if abs(result) < np.inf else _slope_of_large(x)


@inlined
def _deviation(returns, n, total):
    """Standard deviation of the first n returns, which add up to the total."""
    mean = total / n
    s1 = s2 = 0.0
    for value in returns[:n]:
        d = value - mean
        s1 += d
        s2 += d * d
    return np.sqrt(max(s2 / n - (s1 / n) ** 2, 0.0))


@inlined
def _deviation_of_large(x, returns):
    """Do the same for returns of values, or with returns, that overflow on the way."""
    n = 0
    total = largest = 0.0
    for j in range(1, x.size):
        if x[j - 1] != 0.0:
            change = x[j] - x[j - 1]
            if abs(change) < np.inf:
                returns[n] = change / x[j - 1]
            else:
                returns[n] = (0.5 * x[j] - 0.5 * x[j - 1]) / (0.5 * x[j - 1])
            total += returns[n]
            largest = max(largest, abs(returns[n]))
            n += 1
    if largest == np.inf:
        return np.nan
    result = _deviation(returns, n, total)
    if result < np.inf:
        return result
    total = 0.0
    for j in range(n):
        returns[j] *= _FAR_DOWN
        total += returns[j]
    return _deviation(returns, n, total) * _FAR_UP


@inlined
def volatility(x, returns):
    """Standard deviation (ddof=0) of simple returns; steps from 0 left out.

    O(n), two passes. Undefined where a return is beyond the range of floats.
    """
    n = 0
    total = 0.0
    for j in range(1, x.size):
        if x[j - 1] != 0.0:
            returns[n] = (x[j] - x[j - 1]) / x[j - 1]
            total += returns[n]
            n += 1
    if n == 0:
        return np.nan
    result = _deviation(returns, n, total)
    return result if result < np.inf else _deviation_of_large(x, returns)


@kernel(types.void(VALUES, INDEX, INDEX, OUT))
def trend_and_volatility(x, starts, stops, out):
    """Compute the least-squares slope and the volatility of returns of every slice.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
        Observed values in time order, no NaN.
    starts, stops : int64 arrays of shape (n_entities,)
        The slices of `x`.
    out : float64 array of shape (n_entities, 2)
        Receives the slope (n >= 2) and the volatility (at least one return, and none beyond the
        range of floats); NaN where undefined.
    """
    returns = np.empty(longest_slice(starts, stops))
    for i in range(starts.size):
        values = x[starts[i] : stops[i]]
        out[i, 0] = slope(values)
        out[i, 1] = volatility(values, returns)


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
