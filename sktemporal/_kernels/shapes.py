"""Skewness and kurtosis of slices."""

import numpy as np
from numba import types

from ._jit import INDEX, OUT, VALUES, forced_inline, kernel

# Positions in the argument `places` of `shape`.
SHAPE = ("skew", "kurtosis")

_EPSILON = np.finfo(np.float64).eps
# Of a larger deviation, differences from the mean may overflow; a smaller one lacks digits.
_LARGE, _SMALL = 2.0**900, 2.0**-1022
_DOWN, _UP = 2.0**-100, 2.0**200


@forced_inline
def skew_and_kurtosis(delta, m2, m3, m4):
    """From mean powers of deviations, shifted by the first of them."""
    skew = m3 - delta * (m2 * 3.0 - delta * 2.0 * delta)
    kurtosis = m4 - delta * (m3 * 4.0 - delta * (m2 * 6.0 - delta * 3.0 * delta))
    return skew, kurtosis - 3.0


@kernel(types.void(VALUES, INDEX, INDEX, INDEX, OUT, OUT))
def shape(x, starts, stops, places, mean_and_std, out):
    r"""Compute skewness and excess kurtosis of every slice.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
        Observed values in time order, no NaN.
    starts, stops : int64 arrays of shape (n_slices,)
        The slices of `x`.
    places : int64 array of shape (2,)
        The column of `out` for each of `SHAPE`; -1 for what is not wanted.
    mean_and_std : float64 array of shape (n_slices, 2)
        Of every slice, from `moments`.
    out : float64 array of shape (n_slices, n_columns)
        Receives the statistics; NaN where undefined: for empty slices, and where scipy.stats calls
        the values nearly identical.

    Notes
    -----
    One pass over a slice, in time order. A mean is off by half a unit in its last place, far more
    than a rounding error of the deviations when the values are large and close together. So the
    moments are taken about the mean as given, and shifted by the mean deviation :math:`\delta`
    from it:
    :math:`m_3 = M_3 - 3 \delta M_2 + 2 \delta^3`,
    :math:`m_4 = M_4 - 4 \delta M_3 + 6 \delta^2 M_2 - 3 \delta^4` (the compensated two-pass
    algorithm of Chan, Golub & LeVeque, 1983, carried to the fourth moment). Deviations are measured
    in standard deviations, so that no power of them overflows. Very large and very small values
    go in other units, powers of two, which changes no digit; a standard deviation that is too small
    for all of its digits is made up for by the second moment.
    """
    for i in range(starts.size):
        mean, std = mean_and_std[i, 0], mean_and_std[i, 1]
        skew = kurtosis = np.nan
        if std > _EPSILON * abs(mean):
            n = stops[i] - starts[i]
            unit = _DOWN if std > _LARGE else _UP if std < _SMALL else 1.0
            center, deviation = mean * unit, std * unit
            s1 = s2 = s3 = s4 = 0.0
            for value in x[starts[i] : stops[i]]:
                d = (value * unit - center) / deviation
                dd = d * d
                s1 += d
                s2 += dd
                s3 += dd * d
                s4 += dd * dd
            skew, kurtosis = skew_and_kurtosis(s1 / n, s2 / n, s3 / n, s4 / n)
            if std < _SMALL:
                variance = s2 / n - (s1 / n) * (s1 / n)
                skew /= variance * np.sqrt(variance)
                kurtosis = (kurtosis + 3.0) / (variance * variance) - 3.0
        if places[0] >= 0:
            out[i, places[0]] = skew
        if places[1] >= 0:
            out[i, places[1]] = kurtosis
