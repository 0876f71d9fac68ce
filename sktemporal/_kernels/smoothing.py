"""Exponential smoothing of slices."""

import numpy as np
from numba import types

from ._jit import INDEX, OUT, VALUES, forced_inline, inlined, kernel

#: Variances that are smaller lack digits, or squares that they are made of do.
LEAST = 2.0**-960
# Differences of such values may overflow.
_LARGE = 2.0**1000


@forced_inline
def step(value, state, alpha):
    """Take one more value into level, its rest and variance."""
    level, rest, variance = state
    surprise = (value - level) - rest
    deviation = (1.0 - alpha) * surprise
    if alpha < 0.5:
        step = rest + alpha * surprise
    else:
        level = value
        step = deviation * -1.0
    total = level + step
    kept = total - step
    rest = (level - kept) + (step - (total - kept))
    return total, rest, alpha * (deviation * deviation) + (1.0 - alpha) * variance


@inlined
def _careful_step(value, state, alpha):
    """Take one more value into level, its rest and deviation, however large or small they are."""
    level, rest, deviation = state
    unit = 0.5 if max(abs(value), abs(level)) > _LARGE else 1.0
    surprise = (value * unit - level * unit) - rest * unit
    newest = abs((np.sqrt(alpha) * (1.0 - alpha)) * surprise / unit)
    if alpha < 0.5:
        change = rest + alpha * surprise / unit
    else:
        level = value
        change = (1.0 - alpha) * surprise / unit * -1.0
    total = level + change
    larger, smaller = (level, change) if abs(level) > abs(change) else (change, level)
    rest = smaller - (total - larger)  # Dekker's two-sum, of which no part exceeds the larger one
    older = np.sqrt(1.0 - alpha) * deviation
    larger, smaller = max(newest, older), min(newest, older)
    if larger > 0.0:
        ratio = smaller / larger
        larger *= np.sqrt(1.0 + ratio * ratio)
    return total, rest, larger


@inlined
def careful(x, first, stop, state, alpha):
    """Go on from a state, of level, rest and deviation, with the values x[first:stop]."""
    for row in range(first, stop):
        state = _careful_step(x[row], state, alpha)
    return state


@forced_inline
def _write(level, deviation, out, i, places):
    if places[0] >= 0:
        out[i, places[0]] = level
    if places[1] >= 0:
        out[i, places[1]] = deviation


@forced_inline
def _is_right(state, least):
    """Tell whether the variance neither overflowed nor lacks digits, and so the level neither."""
    return least <= state[2] < np.inf


@inlined
def _write_carefully(x, start, stop, alpha, level, kept, out, i, places):
    """Write what is not right, of which the level may be.

    Return what is kept for the next slice that begins here: this beginning, up to where all values
    are those of the first, up to where the careful steps went, and their state.
    """
    first, same, end, state = kept
    if first != start or stop < end:
        same = end = start + 1
        state = (x[start], 0.0, 0.0)
    while same < stop and x[same] == x[start]:
        same += 1
    if same < stop:
        state = careful(x, end, stop, state, alpha)
        end = stop
        _write(level if abs(level) < np.inf else state[0], state[2], out, i, places)
    return start, same, end, state


@kernel(types.void(VALUES, INDEX, INDEX, types.float64, INDEX, OUT))
def exponential_smoothing(x, starts, stops, alpha, places, out):
    r"""Compute the exponentially smoothed level and its deviation for every slice.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
        Observed values in time order, no NaN.
    starts, stops : int64 arrays of shape (n_entities,)
        The slices of `x`.
    alpha : float
        Weight of the newest value, in (0, 1].
    places : int64 array of shape (2,)
        The columns of `out` for :math:`s_n` and :math:`\sqrt{v_n}`; -1 for what is not wanted.
    out : float64 array of shape (n_entities, n_columns)
        Receives them; NaN for n = 0.

    Notes
    -----
    :math:`s_1 = x_1`, :math:`s_t = \alpha x_t + (1 - \alpha) s_{t-1}`; :math:`v_1 = 0`,
    :math:`v_t = \alpha (x_t - s_t)^2 + (1 - \alpha) v_{t-1}`. One pass;
    a slice that begins where the one before did, and ends no earlier, goes on from there. The level
    is carried as an unevaluated sum of two floats (Knuth's two-sum), since the rounding of a large
    level is a large error of the small deviations from it. With the surprise
    :math:`e_t = x_t - s_{t-1}`, :math:`x_t - s_t = (1 - \alpha) e_t`, and :math:`s_t` is whichever
    is the smaller step: :math:`s_{t-1} + \alpha e_t` or :math:`x_t - (1 - \alpha) e_t`.
    Where :math:`v_n` has overflowed, or is so small that it lacks digits, the deviation is that of
    a second pass for :math:`\sqrt{v_t}`, the hypotenuse of :math:`\sqrt\alpha (1 - \alpha) e_t` and
    :math:`\sqrt{(1 - \alpha) v_{t-1}}`,
    computed without squares, and without the difference of large values.

    References
    ----------
    D. E. Knuth, "The Art of Computer Programming", volume 2, section 4.2.2.
    """
    first = row = np.int64(-1)
    state = (0.0, 0.0, 0.0)  # of x[first:row]
    kept = (first, first, first, state)
    least = LEAST if alpha < 1.0 else 0.0
    for i in range(starts.size):
        if starts[i] >= stops[i]:
            _write(np.nan, np.nan, out, i, places)
            continue
        if starts[i] != first or stops[i] < row:
            first = starts[i]
            row, state = first + 1, (x[first], 0.0, 0.0)
        for value in x[row : stops[i]]:
            state = step(value, state, alpha)
        row = stops[i]
        _write(state[0], np.sqrt(state[2]), out, i, places)
        if not _is_right(state, least):
            kept = _write_carefully(x, first, row, alpha, state[0], kept, out, i, places)
