"""Trend and volatility of slices."""

import numpy as np
from numba import types

from ._jit import INDEX, OUT, OUT_COLUMN, VALUES, inlined, kernel
from .ordering import longest_slice


@inlined
def _slope(x):
    r"""Least-squares slope over the positions 0..n-1.

    :math:`\sum_t (t - \bar t)(x_t - \bar x) / \sum_t (t - \bar t)^2`, the denominator being
    :math:`n (n^2 - 1) / 12`. Deviations from the mean keep the digits of large, close values; an
    error of the mean itself cancels, since the position deviations sum to zero. O(n), two passes.
    """
    n = x.size
    if n < 2:
        return np.nan
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
def _volatility(x, returns):
    """Standard deviation (ddof=0) of simple returns; steps from 0 left out. O(n), two passes."""
    n = 0
    total = 0.0
    for j in range(1, x.size):
        if x[j - 1] != 0.0:
            returns[n] = (x[j] - x[j - 1]) / x[j - 1]
            total += returns[n]
            n += 1
    if n == 0:
        return np.nan
    mean = total / n
    s1 = s2 = 0.0
    for value in returns[:n]:
        d = value - mean
        s1 += d
        s2 += d * d
    return np.sqrt(max(s2 / n - (s1 / n) ** 2, 0.0))


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
        Receives the slope (n >= 2) and the volatility (at least one return); NaN where undefined.
    """
    returns = np.empty(longest_slice(starts, stops))
    for i in range(starts.size):
        values = x[starts[i] : stops[i]]
        out[i, 0] = _slope(values)
        out[i, 1] = _volatility(values, returns)


@kernel(types.void(OUT, OUT_COLUMN))
def consistency(count_mean_cv, out):
    """Average 1 / (1 + abs(cv)) over the fields with at least two values and a mean other than 0.

    Parameters
    ----------
    count_mean_cv : float64 array of shape (n_entities, 3 * n_fields)
        Count, mean and cv, field by field.
    out : float64 array of shape (n_entities,)
        Receives the averages; NaN where no field counts.
    """
    for i in range(out.size):
        total, n = 0.0, 0
        for k in range(0, count_mean_cv.shape[1], 3):
            if count_mean_cv[i, k] >= 2 and count_mean_cv[i, k + 1] != 0.0:
                total += 1.0 / (1.0 + abs(count_mean_cv[i, k + 2]))
                n += 1
        out[i] = total / n if n > 0 else np.nan
