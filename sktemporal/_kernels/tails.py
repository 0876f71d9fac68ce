"""Folds over a tile: eight histories side by side, step by step.

A *tile* has a row for each step, counted back from the last value, and a lane for each of its eight
histories: one load takes the same step of all eight. A fold over the rows does for each lane what
the kernel for single slices does, in the same order; `n`, the lengths, say where the lanes end, and
`height` is the largest of them. *Tails* are the last so many values of every history; all of them
come from one pass, back from the last value.

Results go into the columns of `out`, of shape (n_entities, n_columns), that are named, -1 being for
what is not wanted; `at` says in which rows (see `_lanes.rows_at`).
"""

import numpy as np

from ._jit import forced_inline, inlined
from ._lanes import (
    LANES,
    all_hold,
    choose,
    exchange,
    floor,
    load,
    over,
    product_rest,
    root,
    scatter,
    spread,
    store,
)
from .certified import ULP_SQUARED, finish, in_range, two_sum
from .exact import MOMENTS
from .queues import EXTREMES
from .shapes import SHAPE, skew_and_kurtosis
from .smoothing import LEAST, careful, step

#: What can be wanted of a tail beside its quantiles.
SUMMARIES = (*MOMENTS, *EXTREMES, *SHAPE, "n_unique")
CV, STD = MOMENTS.index("cv"), MOMENTS.index("std")
FIRST_EXTREME = len(MOMENTS)
FIRST_OF_SHAPE = FIRST_EXTREME + len(EXTREMES)
N_UNIQUE = len(SUMMARIES) - 1
#: tiles that `smooth` takes at a time
ABREAST = 4
_EPSILON = np.finfo(np.float64).eps


@forced_inline
def place_of(tiles, k):
    """Say where a tile begins: there is the same room for each."""
    return k * (tiles.size // ABREAST)


@forced_inline
def _write(out, at, k, columns, f, w, first, results):
    """Scatter what is wanted of some results, columns[f, w, first:]."""
    for j in range(len(results)):
        if columns[f, w, first + j] >= 0:
            scatter(out, at, k * LANES, columns[f, w, first + j], results[j])


@forced_inline
def _numerator(m, square, square_rest, center, high, low):
    """Take the square of the sum of deviations from m times the sum of their squares.

    All in pairs; returned with a bound of the error.
    """
    a, b = m * square, m * center
    a_rest = product_rest(m, square, a) + m * square_rest
    total, rest = two_sum(high, b * -1.0)
    total, rest = two_sum(total, rest + (low - product_rest(m, center, b)))
    c = total * total
    c_rest = product_rest(total, total, c) + (total * rest) * 2.0
    error = (((m * m) * 8.0 + 256.0) * a) * ULP_SQUARED
    error = error + ((abs(total) * (abs(high) + abs(b))) * 8.0) * ULP_SQUARED
    numerator, rest = two_sum(a, c * -1.0)
    return numerator, rest + (a_rest - c_rest), error


@forced_inline
def _with(sums, value, inside, center):
    """Add values to sums: of values as a cascade, of squared deviations from the center as a pair.

    Where they are inside. With what the cascade lost, and the largest deviation.
    """
    total, rest, lost, square, square_rest, farthest = sums
    total, more = two_sum(total, choose(inside, value, spread(0.0)))
    rest, more = two_sum(rest, more)
    d, d_rest = two_sum(choose(inside, value, center), center * -1.0)
    dd = d * d
    dd_rest = product_rest(d, d, dd) + (d * d_rest) * 2.0
    farthest = choose(abs(d) > farthest, abs(d), farthest)
    square, carry = two_sum(square, dd)
    return total, rest, lost + abs(more), square, square_rest + (carry + dd_rest), farthest


@forced_inline
def _moments(m, sums, center, with_cv):
    """Round the moments of m values each; see `certified.finish`."""
    total, rest, lost, square, square_rest, farthest = sums
    high, low = two_sum(total, rest)
    numerator = _numerator(m, square, square_rest, center, high, low)
    moments, sure = finish(m, farthest == 0.0, with_cv, high, low, *numerator)
    return moments, sure & (lost == 0.0)


@forced_inline
def _skew_and_kurtosis(tiles, tile, n, height, mean, std):
    """Do for lanes what `shapes.shape` does for a slice."""
    zero = spread(0.0)
    s1 = s2 = s3 = s4 = zero
    for t in range(height - 1, -1, -1):
        value = load(tiles, tile + t * LANES)
        d = choose(n > float(t), over(value - mean, std), zero)
        dd = d * d
        s1 = s1 + d
        s2 = s2 + dd
        s3 = s3 + dd * d
        s4 = s4 + dd * dd
    defined = std > abs(mean) * _EPSILON
    skew, kurtosis = skew_and_kurtosis(over(s1, n), over(s2, n), over(s3, n), over(s4, n))
    undefined = spread(np.nan)
    return choose(defined, skew, undefined), choose(defined, kurtosis, undefined)


@forced_inline
def summarize(tiles, k, n, height, tails, f, columns, at, out, sure):
    r"""Write moments, extremes and shape of tails.

    Parameters
    ----------
    tiles, k, n, height
        A tile.
    tails : int64 array of shape (n_tails,)
        How many values of each history, ascending.
    f : int
        The field.
    columns : int64 array of shape (n_fields, n_tails, len(SUMMARIES))
    at : int64 array of shape (4 * 8,)
    out : float64 array of shape (n_entities, n_columns)
    sure : float64 array of shape (n_tails * 8,)
        Receives 0 where moments and shape are left to the exact kernels: see `certified`.

    Returns
    -------
    all_sure : bool

    Notes
    -----
    The sum is a cascade of two floats, exact as long as nothing is lost. With the last value c, and
    :math:`d_i = x_i - c` as exact pairs, the squares are summed as a pair, and the numerator of the
    variance is :math:`m \sum d_i^2 - (S - m c)^2`: c being one of the values, little cancels.
    Rounding errors are below :math:`(8 m^2 + 256) 2^{-106} m \sum d_i^2` for the squares, and below
    :math:`8 \cdot 2^{-106} |S - m c| (|S| + m |c|)` for the square of the sum.
    """
    tile = place_of(tiles, k)
    zero, undefined = spread(0.0), spread(np.nan)
    none = n == 0.0
    low, high, first = spread(np.inf), spread(-np.inf), undefined
    last = choose(none, undefined, load(tiles, tile))
    center = load(tiles, tile)
    sums = (zero, zero, zero, zero, zero, zero)
    all_sure = True
    t = 0
    for w in range(tails.size):
        end = min(tails[w], height)
        while t < end:
            value = load(tiles, tile + t * LANES)
            inside = n > float(t)
            low = choose(inside & (value < low), value, low)
            high = choose(inside & (value > high), value, high)
            first = choose(inside, value, first)
            sums = _with(sums, value, inside, center)
            t += 1
        tail = spread(float(tails[w]))
        m = choose(n < tail, n, tail)
        least, most = choose(none, undefined, low), choose(none, undefined, high)
        _write(
            out, at, k, columns, f, w, FIRST_EXTREME, (m, least, most, most - least, first, last)
        )
        of_moments = of_shape = False
        for j in range(FIRST_EXTREME):
            of_moments |= columns[f, w, j] >= 0
        for j in range(FIRST_OF_SHAPE, N_UNIQUE):
            of_shape |= columns[f, w, j] >= 0
        if of_moments or of_shape:
            moments, proved = _moments(m, sums, center, columns[f, w, CV] >= 0)
            _write(out, at, k, columns, f, w, 0, moments)
            if of_shape:
                shape = _skew_and_kurtosis(tiles, tile, m, end, moments[1], moments[3])
                _write(out, at, k, columns, f, w, FIRST_OF_SHAPE, shape)
            store(sure, w * LANES, choose(proved, spread(1.0), zero))
            all_sure &= all_hold(proved)
        else:
            store(sure, w * LANES, spread(1.0))
    return all_sure


@forced_inline
def _in_order(a, b):
    """Return the smaller and the larger of two rows, lane by lane."""
    smaller = a < b
    return choose(smaller, a, b), choose(smaller, b, a)


def _merge_exchange(n):
    """The comparisons of Batcher's merge exchange, which sorts n rows."""
    pairs = []
    highest = 1 << ((n - 1).bit_length() - 1)
    p = highest
    while p > 0:
        q, r, d = highest, 0, p
        while d > 0:
            pairs += [(i, i + d) for i in range(n - d) if i & p == r]
            d, q, r = q - p, q // 2, p
        p //= 2
    return pairs


_sort_8, _sort_16, _sort_24, _sort_32 = (exchange(_merge_exchange(n)) for n in (8, 16, 24, 32))
# The last steps of a bitonic merge: of 32 rows that descend and ascend, or the other way round.
_merge_32 = exchange(
    [(i, i + apart) for apart in (16, 8, 4, 2, 1) for i in range(32) if not i & apart]
)


@forced_inline
def _exchange(ordered, i, j):
    """Put two rows in order, lane by lane."""
    a, b = _in_order(load(ordered, i * LANES), load(ordered, j * LANES))
    store(ordered, i * LANES, a)
    store(ordered, j * LANES, b)


@inlined
def _sort_rows(ordered, n):
    """Sort rows of eight lanes, each lane by itself.

    `ordered` holds n rows, and infinities up to a multiple of 32. Which rows meet does not depend
    on the values, so there is not one branch on them: 32 rows are sorted without leaving the
    registers (Batcher's merge exchange), sorted blocks merged bitonically.
    """
    for block in range(0, n, 32):
        if n - block > 24:
            _sort_32(ordered, block * LANES)
        elif n - block > 16:
            _sort_24(ordered, block * LANES)
        elif n - block > 8:
            _sort_16(ordered, block * LANES)
        else:
            _sort_8(ordered, block * LANES)
    end = (n + 31) // 32 * 32
    size = 32
    while size < end:
        # Beyond the end all rows would be infinite: comparing with them changes nothing.
        for first in range(0, end - size, 2 * size):
            last = first + 2 * size - 1
            for i in range(max(first, first + last + 1 - end), first + size):
                _exchange(ordered, i, first + last - i)
            apart = size // 2
            while apart >= 32:
                for block in range(first, min(last, end - apart), 2 * apart):
                    for i in range(block, min(block + apart, end - apart)):
                        _exchange(ordered, i, i + apart)
                apart //= 2
            for block in range(first, min(last, end), 32):
                _merge_32(ordered, block * LANES)
        size *= 2


@forced_inline
def _quantile(ordered, m, shortest, longest, fraction):
    """Interpolate at a fraction of the way in each lane, of which `m` are the lengths."""
    place = (m - 1.0) * fraction
    below = floor(place)
    a = b = spread(np.nan)
    for t in range(int(max(shortest - 1.0, 0.0) * fraction), int((longest - 1.0) * fraction) + 1):
        here = below == float(t)
        a = choose(here, load(ordered, t * LANES), a)
        b = choose(here, load(ordered, (t + 1) * LANES), b)
    t = place - below
    b = choose(t > 0.0, b, a)
    apart = b - a
    # From the nearer neighbour (numpy's rounding).
    between = choose(t < 0.5, a + apart * t, b - apart * (1.0 - t))
    if not all_hold(apart != np.inf):  # the same between values half as large
        too_far, a, b = apart == np.inf, a * 0.5, b * 0.5
        apart = b - a
        halved = choose(t < 0.5, a + apart * t, b - apart * (1.0 - t))
        between = choose(too_far, halved * 2.0, between)
    return choose(m > 0.0, between, spread(np.nan))


@forced_inline
def order(tiles, k, counts, height, tails, f, columns, fractions, quantiles, at, out, ordered):
    """Write quantiles and numbers of distinct values of tails.

    Parameters
    ----------
    tiles, k, height
        A tile.
    counts : float64 array of shape (4 * 8,)
        The lengths, ascending.
    tails : int64 array of shape (n_tails,)
        How many values of each history, ascending.
    f : int
        The field.
    columns : int64 array of shape (n_fields, n_tails, len(SUMMARIES))
    fractions : float64 array of shape (n_quantiles,)
    quantiles : int64 array of shape (n_fields, n_tails, n_quantiles)
        Their columns.
    at : int64 array of shape (4 * 8,)
    out : float64 array of shape (n_entities, n_columns)
    ordered : float64 array of shape ((height + 32) * 8,)
        Room for a sorted tile.
    """
    tile, first = place_of(tiles, k), k * LANES
    n = load(counts, first)
    n_sorted = -1
    for w in range(tails.size):
        wanted = columns[f, w, N_UNIQUE] >= 0
        for q in range(fractions.size):
            wanted |= quantiles[f, w, q] >= 0
        if not wanted:
            continue
        end = min(tails[w], height)
        if end != n_sorted:
            for t in range(end):
                value = load(tiles, tile + t * LANES)
                store(ordered, t * LANES, choose(n > float(t), value, spread(np.inf)))
            for t in range(end, end + 32):
                store(ordered, t * LANES, spread(np.inf))
            _sort_rows(ordered, end)
            n_sorted = end
        tail = float(tails[w])
        m = choose(n < tail, n, tail)
        shortest, longest = min(counts[first], tail), min(counts[first + LANES - 1], tail)
        for q in range(fractions.size):
            if quantiles[f, w, q] >= 0:
                result = _quantile(ordered, m, shortest, longest, fractions[q])
                scatter(out, at, first, quantiles[f, w, q], result)
        if columns[f, w, N_UNIQUE] >= 0:
            distinct = choose(m > 0.0, spread(1.0), spread(0.0))
            for t in range(1, end):
                a, b = load(ordered, (t - 1) * LANES), load(ordered, t * LANES)
                new = (m > float(t)) & (a != b)
                distinct = distinct + choose(new, spread(1.0), spread(0.0))
            scatter(out, at, first, columns[f, w, N_UNIQUE], distinct)


@inlined
def _copy_lane(tiles, tile, lane, n, values, first):
    """Copy the values of a lane in order of time, to values[first:]."""
    for t in range(n):
        values[first + n - 1 - t] = tiles[tile + t * LANES + lane]


@forced_inline
def _all_equal(tiles, tile, n, height):
    """Tell in which lanes all values are those of the last."""
    last = load(tiles, tile)
    equal = last == last
    for t in range(1, height):
        equal = equal & ((n <= float(t)) | (load(tiles, tile + t * LANES) == last))
    return equal


@inlined
def _smooth_carefully(tiles, tile, counts, first, height, alpha, spare):
    """Do lanes again of which the variance has overflowed or lacks digits; see `smoothing`.

    Levels and variances are in spare[:16]; levels and deviations will be.
    """
    n, variance = load(counts, first), load(spare, LANES)
    store(spare, LANES, root(variance))
    right = ((variance >= LEAST) & (variance < np.inf)) | (n < 2.0)
    right = right | ((variance == 0.0) & _all_equal(tiles, tile, n, height))
    if all_hold(right):
        return
    store(spare, 2 * LANES, choose(right, spread(1.0), spread(0.0)))
    begin = 3 * LANES
    for lane in range(LANES):
        if spare[2 * LANES + lane] == 0.0:
            length = int(counts[first + lane])
            _copy_lane(tiles, tile, lane, length, spare, begin)
            state = (spare[begin], 0.0, 0.0)
            level, _, deviation = careful(spare, begin + 1, begin + length, state, alpha)
            if not abs(spare[lane]) < np.inf:
                spare[lane] = level
            spare[LANES + lane] = deviation


@forced_inline
def _smoothed(tiles, k, t, n, state, alpha):
    """Go on from step t + 1 to step t, in the lanes that have them."""
    value = load(tiles, place_of(tiles, k) + t * LANES)
    begins, goes_on = n == float(t + 1), n > float(t + 1)
    level, rest, variance = step(value, state, alpha)
    return (
        choose(begins, value, choose(goes_on, level, state[0])),
        choose(goes_on, rest, state[1]),
        choose(begins, spread(0.0), choose(goes_on, variance, state[2])),
    )


@forced_inline
def smooth(tiles, counts, height, alpha, a, fields, columns, at, out, spare):
    """Do for four tiles what `smoothing.exponential_smoothing` does for slices.

    Each step waits for the one before, so four tiles take theirs in turns.

    Parameters
    ----------
    tiles
        The four.
    counts : float64 array of shape (4 * 8,)
    height : int
        Of the tallest.
    alpha : float
        Weight of the newest value, in (0, 1].
    a : int
        Which alpha it is.
    fields : int64 array of shape (4,)
        The field of each tile; -1 for one that is not to be.
    columns : int64 array of shape (n_alphas, n_fields, 2)
    at : int64 array of shape (4 * 8,)
    out : float64 array of shape (n_entities, n_columns)
    spare : float64 array of shape ((height + 32) * 8,)
        Room for a lane.
    """
    none = (spread(np.nan), spread(0.0), spread(np.nan))
    p, q, r, s = none, none, none, none
    of_p, of_q = load(counts, 0), load(counts, LANES)
    of_r, of_s = load(counts, 2 * LANES), load(counts, 3 * LANES)
    for t in range(height - 1, -1, -1):
        p = _smoothed(tiles, 0, t, of_p, p, alpha)
        q = _smoothed(tiles, 1, t, of_q, q, alpha)
        r = _smoothed(tiles, 2, t, of_r, r, alpha)
        s = _smoothed(tiles, 3, t, of_s, s, alpha)
    states = (p, q, r, s)
    least = LEAST if alpha < 1.0 else 0.0
    for k in range(ABREAST):
        if fields[k] >= 0:
            level, _, variance = states[k]
            deviation = root(variance)
            if not all_hold((variance >= least) & (variance < np.inf)):
                store(spare, 0, level)
                store(spare, LANES, variance)
                tile = place_of(tiles, k)
                _smooth_carefully(tiles, tile, counts, k * LANES, height, alpha, spare)
                level, deviation = load(spare, 0), load(spare, LANES)
            _write(out, at, k, columns, a, fields[k], 0, (level, deviation))


@forced_inline
def lag(tiles, k, n, height, lags, f, columns, at, out):
    """Do for a tile what `slices.lagged` does for slices."""
    for j in range(lags.size):
        if columns[f, j] >= 0:
            result = spread(np.nan)
            if lags[j] < height:
                value = load(tiles, place_of(tiles, k) + lags[j] * LANES)
                result = choose(n > float(lags[j]), value, result)
            scatter(out, at, k * LANES, columns[f, j], result)


@forced_inline
def _slopes(tiles, tile, n, height):
    """Compute the least-squares slopes of lanes, and where they have the bits of `trends.slopes`.

    The sum of the weighted values is a cascade of two floats; what that loses bounds the error.
    """
    zero = spread(0.0)
    total = rest = lost = zero
    for t in range(height - 1, -1, -1):
        value = choose(n > float(t), load(tiles, tile + t * LANES), zero)
        weight = n - (1.0 + 2.0 * t)
        product = weight * value
        total, more = two_sum(total, product)
        rest, first = two_sum(rest, more)
        rest, second = two_sum(rest, product_rest(weight, value, product))
        lost = lost + (abs(first) + abs(second))
    total, rest = two_sum(total, rest)
    error = choose(lost > 0.0, lost * 2.0 + abs(rest) * 2.0**-51, zero)
    sure = (total + (rest + error) == total + (rest - error)) & in_range(total)
    none = n < 2.0
    slope = over(total, over(n * (n * n - 1.0), spread(6.0)))
    undefined = spread(np.nan)
    return choose(none, undefined, choose(sure, slope, undefined)), none | sure


@forced_inline
def _volatilities(tiles, tile, n, height):
    """Compute the volatilities of lanes, and where they have the bits of `exact`."""
    zero = spread(0.0)
    m, sums, center = zero, (zero, zero, zero, zero, zero, zero), zero
    for t in range(height - 1):
        before = load(tiles, tile + (t + 1) * LANES)
        inside = (n > float(t + 1)) & (before != 0.0)
        change = choose(inside, over(load(tiles, tile + t * LANES) - before, before), zero)
        center = choose(m == 0.0, change, center)
        m = m + choose(inside, spread(1.0), zero)
        sums = _with(sums, change, inside, center)
    moments, sure = _moments(m, sums, center, False)
    return moments[STD], sure


@forced_inline
def trend(tiles, k, n, height, a, f, columns, at, out, sure, first):
    """Write slopes and volatilities of a tile, into columns[a, f].

    sure[first : first + 8] receives 0 where they are left to the exact kernels. Returns whether
    none is.
    """
    tile = place_of(tiles, k)
    slopes = volatilities = spread(0.0)
    right = n == n
    if columns[a, f, 0] >= 0:
        slopes, proved = _slopes(tiles, tile, n, height)
        right = right & proved
    if columns[a, f, 1] >= 0:
        volatilities, proved = _volatilities(tiles, tile, n, height)
        right = right & proved
    _write(out, at, k, columns, a, f, 0, (slopes, volatilities))
    store(sure, first, choose(right, load(sure, first), spread(0.0)))
    return all_hold(right)
