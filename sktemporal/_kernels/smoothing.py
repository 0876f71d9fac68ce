"""Exponential smoothing of slices."""

import numpy as np
from numba import types

from ._jit import INDEX, OUT, VALUES, kernel


@kernel(types.void(VALUES, INDEX, INDEX, types.float64, OUT))
def exponential_smoothing(x, starts, stops, alpha, out):
    r"""Compute the exponentially smoothed level and its deviation for every slice.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
        Observed values in time order, no NaN.
    starts, stops : int64 arrays of shape (n_entities,)
        The slices of `x`.
    alpha : float
        Weight of the newest value, in (0, 1].
    out : float64 array of shape (n_entities, 2)
        Receives :math:`s_n` and :math:`\sqrt{v_n}`; NaN for n = 0.

    Notes
    -----
    :math:`s_1 = x_1`, :math:`s_t = \alpha x_t + (1 - \alpha) s_{t-1}`; :math:`v_1 = 0`,
    :math:`v_t = \alpha (x_t - s_t)^2 + (1 - \alpha) v_{t-1}`. One pass;
    a slice that begins where the one before did, and ends no earlier, goes on from there. The level
    is carried as an unevaluated sum of two floats (Knuth's two-sum), since the rounding of a large
    level is a large error of the small deviations from it. With the surprise
    :math:`e_t = x_t - s_{t-1}`, :math:`x_t - s_t = (1 - \alpha) e_t`, and :math:`s_t` is whichever
    is the smaller step: :math:`s_{t-1} + \alpha e_t` or :math:`x_t - (1 - \alpha) e_t`.

    References
    ----------
    D. E. Knuth, "The Art of Computer Programming", volume 2, section 4.2.2.
    """
    keep = 1.0 - alpha
    first = row = np.int64(-1)  # the state below is that of x[first:row]
    level = rest = variance = 0.0
    for i in range(starts.size):
        if starts[i] >= stops[i]:
            out[i, :] = np.nan
            continue
        if starts[i] != first or stops[i] < row:
            first = starts[i]
            level, rest, variance, row = x[first], 0.0, 0.0, first + 1
        for value in x[row : stops[i]]:
            surprise = (value - level) - rest
            deviation = keep * surprise
            if alpha < 0.5:
                step = rest + alpha * surprise
            else:
                level = value
                step = -deviation
            total = level + step
            kept = total - step
            rest = (level - kept) + (step - (total - kept))
            level = total
            variance = alpha * (deviation * deviation) + keep * variance
        row = stops[i]
        out[i, 0] = level
        out[i, 1] = np.sqrt(variance)
