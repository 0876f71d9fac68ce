"""Histories side by side: eight slices of about the same length, step by step.

A *tile* has a row for each step, counted back from the last value, and a lane for each of its eight
slices: one load takes the same step of all eight. A fold over the rows then does for each lane what
the kernel for single slices does, in the same order; `counts` say where the lanes end.

A kernel gets tiles as four arrays: `values`, float64, the tiles one after the other; `firsts`, of
shape (n_tiles + 1,), where each begins; `owners`, of shape (2, 8 * n_tiles), the entity and the
field of the slice in each lane, those of the last slice also in the lanes that are left; and
`counts`, float64, the length of each slice. It writes into `out`, of shape (n_entities, n_fields,
n_columns). *Tails* are the last so many values of every slice; all of them come from one pass, back
from the last value.

Measured, on 26 values a slice, in nanoseconds a value: extremes 0.3, moments 0.7, sorting 1.2,
shape 0.5, smoothing 0.6; the kernels for single slices take 1 to 15. Writing results from registers
to places found once for a tile took a tenth off the whole. Tried, and slower: filling tiles from
the table of events without a compact copy, since neighbours in a tile lie far apart there (three
times the time of copy and tiles), and chunks of twice or half as many values.
"""

import numpy as np
from numba import types

from ._jit import (
    BLOCKS,
    COUNTS,
    INDEX,
    INDEX_TABLE,
    PLACES,
    VALUES,
    forced_inline,
    inlined,
    kernel,
)
from ._lanes import (
    LANES,
    all_hold,
    choose,
    load,
    over,
    places_of,
    product_rest,
    root,
    scatter,
    spread,
    store,
)
from .certified import ULP_SQUARED, finish, two_sum
from .exact import MOMENTS
from .shapes import skew_and_kurtosis
from .smoothing import step

_CV = MOMENTS.index("cv")
_EPSILON = np.finfo(np.float64).eps


@kernel(types.void(INDEX_TABLE, INDEX_TABLE, types.int64, PLACES, COUNTS))
def by_length(starts, stops, longest, owners, firsts):
    """Sort slices by length, to put those of about the same length into a tile.

    Parameters
    ----------
    starts, stops : int64 arrays of shape (n_fields, n_entities)
    longest : int
        Longer slices are left out.
    owners : int64 array of shape (2, 8 * n_tiles), as many as the slices need
        Receives the entity and the field of each slice, those of the last one also in the lanes
        that are left.
    firsts : int64 array of shape (n_tiles + 1,)
        Receives where each tile begins, and where the last one ends.
    """
    begins = np.zeros(longest + 2, dtype=np.int64)
    n_fields, n_entities = starts.shape
    for f in range(n_fields):
        for i in range(n_entities):
            length = stops[f, i] - starts[f, i]
            if length <= longest:
                begins[length + 1] += 1
    for length in range(longest + 1):
        begins[length + 1] += begins[length]
    n_sorted = begins[longest + 1]
    for f in range(n_fields):
        for i in range(n_entities):
            length = stops[f, i] - starts[f, i]
            if length <= longest:
                owners[0, begins[length]], owners[1, begins[length]] = i, f
                begins[length] += 1
    if n_sorted > 0:
        owners[0, n_sorted:] = owners[0, n_sorted - 1]
        owners[1, n_sorted:] = owners[1, n_sorted - 1]
    firsts[0] = 0
    for g in range(firsts.size - 1):
        longest_of_tile = (g + 1) * LANES - 1
        i, f = owners[0, longest_of_tile], owners[1, longest_of_tile]
        firsts[g + 1] = firsts[g] + (stops[f, i] - starts[f, i]) * LANES


@kernel(types.void(VALUES, INDEX_TABLE, INDEX_TABLE, INDEX_TABLE, INDEX, VALUES, VALUES))
def fill_tiles(x, starts, stops, owners, firsts, values, counts):
    """Write tiles, 0 where a slice has ended, and the lengths of the slices."""
    for g in range(firsts.size - 1):
        for k in range(LANES):
            i, f = owners[0, g * LANES + k], owners[1, g * LANES + k]
            place = np.uint64(firsts[g] + k)
            n, last = stops[f, i] - starts[f, i], stops[f, i] - 1
            for t in range(n):
                values[place] = x[np.uint64(last - t)]
                place += np.uint64(LANES)
            for _ in range((firsts[g + 1] - firsts[g]) // LANES - n):
                values[place] = 0.0
                place += np.uint64(LANES)
            counts[g * LANES + k] = n


@inlined
def tallest(firsts):
    """Return the size of the largest tile."""
    size = 0
    for g in range(firsts.size - 1):
        size = max(size, firsts[g + 1] - firsts[g])
    return size


@kernel(types.void(VALUES, INDEX, INDEX_TABLE, VALUES, INDEX, INDEX_TABLE, BLOCKS))
def extremes_of_tails(values, firsts, owners, counts, tails, places, out):
    """Do for tails what `queues.extremes` does for windows.

    Parameters
    ----------
    values, firsts, owners, counts : arrays
        Tiles.
    tails : int64 array of shape (n_tails,)
        How many values of each slice, ascending.
    places : int64 array of shape (n_tails, 6)
        The column of `out` for each of `queues.EXTREMES` of each tail; -1 for what is not wanted.
    out : float64 array of shape (n_entities, n_fields, n_columns)
    """
    at = np.empty(LANES, dtype=np.int64)
    for g in range(firsts.size - 1):
        places_of(out, owners, g * LANES, at)
        height = (firsts[g + 1] - firsts[g]) // LANES
        n = load(counts, g * LANES)
        none = n == 0.0
        low, high, first = spread(np.inf), spread(-np.inf), spread(np.nan)
        last = choose(none, first, load(values, firsts[g])) if height > 0 else first
        t = 0
        for w in range(tails.size):
            end = min(tails[w], height)
            while t < end:
                value = load(values, firsts[g] + t * LANES)
                inside = n > float(t)
                low = choose(inside & (value < low), value, low)
                high = choose(inside & (value > high), value, high)
                first = choose(inside, value, first)
                t += 1
            tail = spread(float(tails[w]))
            undefined = spread(np.nan)
            least, most = choose(none, undefined, low), choose(none, undefined, high)
            count = choose(n < tail, n, tail)
            results = (count, least, most, most - least, first, last)
            for k in range(len(results)):
                if places[w, k] >= 0:
                    scatter(out, at, places[w, k], results[k])


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


@kernel(types.int64(VALUES, INDEX, INDEX_TABLE, VALUES, INDEX, INDEX_TABLE, BLOCKS, COUNTS))
def moments_of_tails(values, firsts, owners, counts, tails, places, out, doubtful):
    r"""Do for tails what `certified.moments_of_parts` does for windows.

    Parameters
    ----------
    values, firsts, owners, counts : arrays
        Tiles.
    tails : int64 array of shape (n_tails,)
        How many values of each slice, ascending.
    places : int64 array of shape (n_tails, 5)
        The column of `out` for each of `exact.MOMENTS` of each tail; -1 for what is not wanted.
    out : float64 array of shape (n_entities, n_fields, n_columns)
    doubtful : int64 array of shape (n_slices * n_tails,)
        Receives what is left to `exact`: (field * n_entities + entity) * n_tails + tail.

    Returns
    -------
    n_doubtful : int

    Notes
    -----
    The sum is a cascade of two floats, exact as long as nothing is lost. With the last value c, and
    :math:`d_i = x_i - c` as exact pairs, the squares are summed as a pair, and the numerator of the
    variance is :math:`m \sum d_i^2 - (S - m c)^2`: c being one of the values, little cancels.
    Rounding errors are below :math:`(8 m^2 + 256) 2^{-106} m \sum d_i^2` for the squares, and below
    :math:`8 \cdot 2^{-106} |S - m c| (|S| + m |c|)` for the square of the sum.
    """
    buffer = np.empty(LANES)
    with_cv = bool((places[:, _CV] >= 0).any())
    n_doubtful = 0
    at = np.empty(LANES, dtype=np.int64)
    for g in range(firsts.size - 1):
        places_of(out, owners, g * LANES, at)
        height = (firsts[g + 1] - firsts[g]) // LANES
        n = load(counts, g * LANES)
        zero = spread(0.0)
        center = load(values, firsts[g]) if height > 0 else zero
        total = rest = lost = square = square_rest = farthest = zero
        t = 0
        for w in range(tails.size):
            end = min(tails[w], height)
            while t < end:
                value = load(values, firsts[g] + t * LANES)
                inside = n > float(t)
                total, low = two_sum(total, choose(inside, value, zero))
                rest, low = two_sum(rest, low)
                lost = lost + abs(low)
                d, d_rest = two_sum(choose(inside, value, center), center * -1.0)
                farthest = choose(abs(d) > farthest, abs(d), farthest)
                dd = d * d
                low = product_rest(d, d, dd) + (d * d_rest) * 2.0
                square, more = two_sum(square, dd)
                square_rest = square_rest + (more + low)
                t += 1
            tail = spread(float(tails[w]))
            m = choose(n < tail, n, tail)
            high, low = two_sum(total, rest)
            equal = farthest == 0.0
            numerator = _numerator(m, square, square_rest, center, high, low)
            moments, sure = finish(m, equal, with_cv, high, low, *numerator)
            sure = sure & (lost == 0.0)
            for k in range(len(moments)):
                if places[w, k] >= 0:
                    scatter(out, at, places[w, k], moments[k])
            if not all_hold(sure):
                store(buffer, 0, choose(sure, spread(1.0), zero))
                for j in range(g * LANES, (g + 1) * LANES):
                    i, f = owners[0, j], owners[1, j]
                    repeated = j > 0 and i == owners[0, j - 1] and f == owners[1, j - 1]
                    if buffer[j - g * LANES] == 0.0 and not repeated:
                        doubtful[n_doubtful] = (f * out.shape[0] + i) * tails.size + w
                        n_doubtful += 1
    return n_doubtful


@forced_inline
def _in_order(a, b):
    """Return the smaller and the larger of two rows, lane by lane."""
    smaller = a < b
    return choose(smaller, a, b), choose(smaller, b, a)


@forced_inline
def _sort_eight(ordered, i):
    """Sort eight rows without leaving the registers: 19 comparisons, as the merges below."""
    a, b = _in_order(load(ordered, i), load(ordered, i + LANES))
    c, d = _in_order(load(ordered, i + 2 * LANES), load(ordered, i + 3 * LANES))
    e, f = _in_order(load(ordered, i + 4 * LANES), load(ordered, i + 5 * LANES))
    g, h = _in_order(load(ordered, i + 6 * LANES), load(ordered, i + 7 * LANES))
    (a, c), (b, d), (e, g), (f, h) = (
        _in_order(a, c),
        _in_order(b, d),
        _in_order(e, g),
        _in_order(f, h),
    )
    (b, c), (f, g) = _in_order(b, c), _in_order(f, g)
    (a, e), (b, f), (c, g), (d, h) = (
        _in_order(a, e),
        _in_order(b, f),
        _in_order(c, g),
        _in_order(d, h),
    )
    (c, e), (d, f) = _in_order(c, e), _in_order(d, f)
    (b, c), (d, e), (f, g) = _in_order(b, c), _in_order(d, e), _in_order(f, g)
    store(ordered, i, a)
    store(ordered, i + LANES, b)
    store(ordered, i + 2 * LANES, c)
    store(ordered, i + 3 * LANES, d)
    store(ordered, i + 4 * LANES, e)
    store(ordered, i + 5 * LANES, f)
    store(ordered, i + 6 * LANES, g)
    store(ordered, i + 7 * LANES, h)


@inlined
def _sort_rows(ordered, n):
    """Sort rows of eight lanes, each lane by itself: Batcher's odd-even merge sort.

    `ordered` holds n rows, and infinities up to a multiple of eight. Which rows meet does not
    depend on the values, so there is not one branch on them. On 51 values measured 5 times as fast
    as counting, for each value, the smaller ones; eight rows in registers take a fifth off.
    """
    for i in range(0, n * LANES, 8 * LANES):
        _sort_eight(ordered, i)
    size = 8
    while size < n:
        apart, skip = size, 0
        while apart > 0:
            block = 0
            while block < n:
                first, end = block + skip, min(block + 2 * size - skip, n - apart)
                while first < end:
                    for i in range(first, min(first + apart, end)):
                        a, b = load(ordered, i * LANES), load(ordered, (i + apart) * LANES)
                        a, b = _in_order(a, b)
                        store(ordered, i * LANES, a)
                        store(ordered, (i + apart) * LANES, b)
                    first += 2 * apart
                block += 2 * size
            apart //= 2
            skip = apart
        size *= 2


@forced_inline
def _between(a, b, t):
    """Interpolate, from the nearer neighbour (numpy's rounding)."""
    return a + (b - a) * t if t < 0.5 else b - (b - a) * (1.0 - t)


@inlined
def _quantile(ordered, m, fraction, buffer):
    """Interpolate at a fraction of the way in each lane, of which `m` are the lengths."""
    if m[0] > 0.0 and m[0] == m[LANES - 1]:  # the shortest and the longest
        place = (m[0] - 1.0) * fraction
        below = int(place)
        a = load(ordered, below * LANES)
        b = load(ordered, min(below + 1, int(m[0]) - 1) * LANES)
        return _between(a, b, place - below)
    for k in range(LANES):
        n = m[k]
        buffer[k] = np.nan
        if n > 0.0:
            place = (n - 1.0) * fraction
            below = int(place)
            above = min(below + 1, int(n) - 1)
            a, b = ordered[below * LANES + k], ordered[above * LANES + k]
            buffer[k] = _between(a, b, place - below)
    return load(buffer, 0)


@kernel(types.void(VALUES, INDEX, INDEX_TABLE, VALUES, INDEX, VALUES, INDEX_TABLE, BLOCKS))
def order_of_tails(values, firsts, owners, counts, tails, fractions, places, out):
    """Do for tails what `ordering.order_statistics` does for windows.

    Parameters
    ----------
    values, firsts, owners, counts : arrays
        Tiles.
    tails : int64 array of shape (n_tails,)
        How many values of each slice, ascending.
    fractions : float64 array of shape (n_quantiles,)
    places : int64 array of shape (n_tails, n_quantiles + 1)
        The columns of `out`, those of the number of distinct values last, -1 where not wanted.
    out : float64 array of shape (n_entities, n_fields, n_columns)
    """
    ordered = np.empty(tallest(firsts) + 8 * LANES)
    lengths, buffer = np.empty((2, LANES))
    at = np.empty(LANES, dtype=np.int64)
    for g in range(firsts.size - 1):
        places_of(out, owners, g * LANES, at)
        height = (firsts[g + 1] - firsts[g]) // LANES
        n = load(counts, g * LANES)
        for w in range(tails.size):
            end = min(tails[w], height)
            if w == 0 or end > min(tails[w - 1], height):
                for t in range(end):
                    value = load(values, firsts[g] + t * LANES)
                    store(ordered, t * LANES, choose(n > float(t), value, spread(np.inf)))
                for t in range(end, end + 7):
                    store(ordered, t * LANES, spread(np.inf))
                _sort_rows(ordered, end)
            tail = spread(float(tails[w]))
            m = choose(n < tail, n, tail)
            store(lengths, 0, m)
            for k in range(fractions.size):
                result = _quantile(ordered, lengths, fractions[k], buffer)
                scatter(out, at, places[w, k], result)
            if places[w, fractions.size] >= 0:
                distinct = choose(m > 0.0, spread(1.0), spread(0.0))
                for t in range(1, end):
                    a, b = load(ordered, (t - 1) * LANES), load(ordered, t * LANES)
                    new = (m > float(t)) & (a != b)
                    distinct = distinct + choose(new, spread(1.0), spread(0.0))
                scatter(out, at, places[w, fractions.size], distinct)


@kernel(types.void(VALUES, INDEX, INDEX_TABLE, VALUES, types.int64, INDEX, BLOCKS, BLOCKS))
def shape_of_tails(values, firsts, owners, counts, tail, places, mean_and_std, out):
    """Do for tails what `shapes.shape` does for windows.

    Parameters
    ----------
    values, firsts, owners, counts : arrays
        Tiles.
    tail : int
        How many values of each slice.
    places : int64 array of shape (2,)
        The column of `out` for each of `shapes.SHAPE`; -1 for what is not wanted.
    mean_and_std : float64 array of shape (n_entities, n_fields, 2)
        Of every tail.
    out : float64 array of shape (n_entities, n_fields, n_columns)
    """
    means, stds = np.empty((2, LANES))
    at = np.empty(LANES, dtype=np.int64)
    for g in range(firsts.size - 1):
        places_of(out, owners, g * LANES, at)
        n, most = load(counts, g * LANES), spread(float(tail))
        n = choose(n < most, n, most)
        for k in range(LANES):
            i, f = owners[0, g * LANES + k], owners[1, g * LANES + k]
            means[k], stds[k] = mean_and_std[i, f, 0], mean_and_std[i, f, 1]
        mean, std = load(means, 0), load(stds, 0)
        zero = spread(0.0)
        s1 = s2 = s3 = s4 = zero
        height = min((firsts[g + 1] - firsts[g]) // LANES, tail)
        for t in range(height - 1, -1, -1):
            value = load(values, firsts[g] + t * LANES)
            d = choose(n > float(t), over(value - mean, std), zero)
            dd = d * d
            s1 = s1 + d
            s2 = s2 + dd
            s3 = s3 + dd * d
            s4 = s4 + dd * dd
        defined = std > abs(mean) * _EPSILON
        results = skew_and_kurtosis(over(s1, n), over(s2, n), over(s3, n), over(s4, n))
        for k in range(len(results)):
            if places[k] >= 0:
                lanes = choose(defined, results[k], spread(np.nan))
                scatter(out, at, places[k], lanes)


@kernel(types.void(VALUES, INDEX, INDEX_TABLE, VALUES, types.float64, BLOCKS))
def smoothing_of_tiles(values, firsts, owners, counts, alpha, out):
    """Do for tiles what `smoothing.exponential_smoothing` does for slices.

    Parameters
    ----------
    values, firsts, owners, counts : arrays
        Tiles.
    alpha : float
        Weight of the newest value, in (0, 1].
    out : float64 array of shape (n_entities, n_fields, 2)
    """
    at = np.empty(LANES, dtype=np.int64)
    for g in range(firsts.size - 1):
        places_of(out, owners, g * LANES, at)
        n = load(counts, g * LANES)
        level, rest, variance = spread(np.nan), spread(0.0), spread(np.nan)
        for t in range((firsts[g + 1] - firsts[g]) // LANES - 1, -1, -1):
            value = load(values, firsts[g] + t * LANES)
            begins, goes_on = n == float(t + 1), n > float(t + 1)
            after = step(value, (level, rest, variance), alpha)
            level = choose(begins, value, choose(goes_on, after[0], level))
            rest = choose(goes_on, after[1], rest)
            variance = choose(begins, spread(0.0), choose(goes_on, after[2], variance))
        scatter(out, at, 0, level)
        scatter(out, at, 1, root(variance))


@kernel(types.void(VALUES, INDEX, INDEX_TABLE, VALUES, INDEX, BLOCKS))
def lags_of_tiles(values, firsts, owners, counts, lags, out):
    """Do for tiles what `slices.lagged` does for slices.

    Parameters
    ----------
    values, firsts, owners, counts : arrays
        Tiles.
    lags : int64 array of shape (n_lags,)
        How far back from the last value, which is lag 0.
    out : float64 array of shape (n_entities, n_fields, n_lags)
    """
    at = np.empty(LANES, dtype=np.int64)
    for g in range(firsts.size - 1):
        places_of(out, owners, g * LANES, at)
        height = (firsts[g + 1] - firsts[g]) // LANES
        n = load(counts, g * LANES)
        for k in range(lags.size):
            result = spread(np.nan)
            if lags[k] < height:
                value = load(values, firsts[g] + lags[k] * LANES)
                result = choose(n > float(lags[k]), value, result)
            scatter(out, at, k, result)


@inlined
def _slopes(tile, n, height):
    """Do for lanes what `trends.slope` does."""
    zero = spread(0.0)
    total = zero
    for t in range(height - 1, -1, -1):
        total = total + choose(n > float(t), load(tile, t * LANES), zero)
    mean, middle = over(total, n), (n - 1.0) * 0.5
    moment = zero
    for t in range(height - 1, -1, -1):
        place = (n - 1.0) - float(t)
        term = (place - middle) * (load(tile, t * LANES) - mean)
        moment = moment + choose(n > float(t), term, zero)
    slope = over(moment * 12.0, n * (n * n - 1.0))
    return choose(n < 2.0, spread(np.nan), slope)


@inlined
def _volatilities(tile, n, height, returns):
    """Do for lanes what `trends.volatility` does."""
    zero = spread(0.0)
    count = total = zero
    for t in range(height - 2, -1, -1):
        before = load(tile, (t + 1) * LANES)
        counts = (n > float(t + 1)) & (before != 0.0)
        change = over(load(tile, t * LANES) - before, before)
        store(returns, t * LANES, choose(counts, change, spread(np.nan)))
        total = total + choose(counts, change, zero)
        count = count + choose(counts, spread(1.0), zero)
    mean = over(total, count)
    s1 = s2 = zero
    for t in range(height - 2, -1, -1):
        change = load(returns, t * LANES)
        d = change - mean
        counts = (n > float(t + 1)) & (load(tile, (t + 1) * LANES) != 0.0)
        s1 = s1 + choose(counts, d, zero)
        s2 = s2 + choose(counts, d * d, zero)
    first = over(s1, count)
    variance = over(s2, count) - first * first
    # As max(variance, 0.0) has it: what is not larger than 0, and NaN, is as there.
    variance = choose(variance < 0.0, zero, variance)
    return choose(count == 0.0, spread(np.nan), root(variance))


@kernel(types.void(VALUES, INDEX, INDEX_TABLE, VALUES, BLOCKS))
def trends_of_tiles(values, firsts, owners, counts, out):
    """Do for tiles what `trends.trend_and_volatility` does for slices.

    Parameters
    ----------
    values, firsts, owners, counts : arrays
        Tiles.
    out : float64 array of shape (n_entities, n_fields, 2)
    """
    returns = np.empty(tallest(firsts))
    at = np.empty(LANES, dtype=np.int64)
    for g in range(firsts.size - 1):
        places_of(out, owners, g * LANES, at)
        height = (firsts[g + 1] - firsts[g]) // LANES
        n = load(counts, g * LANES)
        tile = values[firsts[g] : firsts[g + 1]]
        scatter(out, at, 0, _slopes(tile, n, height))
        scatter(out, at, 1, _volatilities(tile, n, height, returns))
