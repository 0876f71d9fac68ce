r"""Moments of many slices at a time, with the bits of `exact` wherever that can be proved.

Eight slices go through together (see `_lanes`). Their sums are exact pairs of floats, and the
numerator of the variance is a pair with a bound of its error; where both ends of that bound round
to the same float, this is the exact number rounded, as `exact` has it. The few slices for which it
cannot be told are returned, for `exact` to compute.

References
----------
T. J. Dekker, "A floating-point technique for extending the available precision", Numerische
Mathematik 18, 1971; A. Ziv, "Fast evaluation of elementary mathematical functions with correctly
rounded last bit", ACM Transactions on Mathematical Software 17, 1991 (try, prove, else compute with
more digits); S. M. Rump, T. Ogita, S. Oishi, "Accurate floating-point summation", SIAM Journal on
Scientific Computing 31, 2008 (splitting against a large power of two).
"""

import numpy as np
from numba import types

from ._jit import COUNTS, INDEX, OUT, VALUES, forced_inline, inlined, kernel
from ._lanes import (
    LANES,
    all_hold,
    choose,
    floor,
    inverse_of_power,
    load,
    over,
    power_below,
    product_rest,
    root,
    spread,
    store,
    transpose,
)
from .exact import MOMENTS

_CV = MOMENTS.index("cv")
_SUM_PARTS, _SQUARE_PARTS = 3, 5
# Columns of the running sums.
PARTS = ("s0", "s1", "s2", "q0", "q1", "q2", "q3", "q4")
_N_PARTS = len(PARTS)

_FRACTION_BITS = 53
_BIAS = 1023 + 52  # the last bit of a float with exponent field e is 2**(e - _BIAS)
# Exponent fields for which no square, nor the rest of one, leaves the range of floats.
_LOWEST_SAFE, _HIGHEST_SAFE = 600, 1400
_TINY, _HUGE = 2.0**-900, 2.0**900
_SPLITTER = 2.0**27 + 1.0  # Veltkamp's
ULP_SQUARED = 2.0**-106


@forced_inline
def two_sum(a, b):
    """Add two floats: the rounded sum, and by how much it is too small (Knuth)."""
    total = a + b
    shift = total - a
    return total, (a - (total - shift)) + (b - shift)


@forced_inline
def _mean(high, low, n, share):
    """Divide the exact sum high + low by n, with the bits of `exact`.

    That takes the leading 62 bits of the sum, the last one set if anything is cut off.
    """
    size = abs(high)
    rest = choose(high < 0.0, low * -1.0, low)
    power = power_below(size)
    power = choose((size == power) & (rest < 0.0), power * 0.5, power)
    rest = (rest * inverse_of_power(power)) * 2.0**61
    whole = floor(rest)
    half = whole * 0.5
    whole = choose((whole != rest) & (floor(half) == half), whole + 1.0, whole)
    quotient = size * share
    split = quotient * _SPLITTER
    upper = split - (split - quotient)
    rest = ((size - upper * n) - (quotient - upper) * n) + (whole * power) * 2.0**-61
    mean = quotient + rest * share
    mean = choose(high < 0.0, mean * -1.0, mean)
    return choose(size == 0.0, spread(0.0), mean)


@forced_inline
def in_range(total):
    """Tell where an exact sum is 0, or far from the ends of the range of floats."""
    size = abs(total)
    return (size == 0.0) | ((size > _TINY) & (size < _HUGE))


@forced_inline
def finish(n, equal, with_cv, high, low, numerator, rest, error):
    """Round the moments of eight slices.

    Parameters
    ----------
    n : lanes
        Numbers of values.
    equal : mask
        Where all values are known to be equal.
    with_cv : bool
        Whether the deviation over the mean is wanted, which takes a division.
    high, low : lanes
        The exact sum, `high` being its rounded value.
    numerator, rest, error : lanes
        n times the sum of the squares less the square of the sum, as a pair, and a bound for how
        far it is off.

    Returns
    -------
    moments : tuple of five lanes
        As in `exact.MOMENTS`.
    sure : mask
        Where they have the bits of `exact`.
    """
    none = n == 0.0
    share = over(1.0, choose(none, spread(1.0), n))
    sure = in_range(high)
    mean = _mean(high, low, n, share)
    numerator, rest = two_sum(numerator, rest)
    certain = numerator + (rest + error) == numerator + (rest - error)
    certain = certain & (numerator > _TINY) & (numerator < _HUGE)
    sure = sure & (certain | equal)
    numerator = choose(equal, spread(0.0), numerator)
    std = root(numerator) * share
    var = (numerator * share) * share
    undefined = spread(np.nan)
    mean = choose(none, undefined, choose(n == 1.0, high, mean))
    std = choose(none, undefined, std)
    var = choose(none, undefined, var)
    cv = undefined
    if with_cv:
        cv = choose(mean == 0.0, spread(0.0), over(std, mean))
    return (high, mean, var, std, cv), sure


@inlined
def _sum_of_parts(parts):
    """Add three exact parts of a sum, from the largest to the smallest."""
    high, low = two_sum(parts[0], parts[1])
    low, lost = two_sum(low, parts[2])
    high, low = two_sum(high, low)
    return high, low, lost


@inlined
def part_bits(n):
    """How many bits a part has so that n of them add up without rounding."""
    bits = _FRACTION_BITS - 2
    while n > 0:
        n >>= 1
        bits -= 1
    return bits


def dropped_by_parts(highest, lowest, n):
    """Bound what `cumulate_parts` leaves out of a square; None where parts do not hold the sums.

    Parameters
    ----------
    highest, lowest : int
        Exponent fields that bound those of the values.
    n : int
        How many values there are.
    """
    bits = part_bits(n)
    if not (lowest >= _LOWEST_SAFE and highest <= _HIGHEST_SAFE):
        return None
    if highest - lowest + _FRACTION_BITS > _SUM_PARTS * bits:
        return None
    return 2.0 ** (2 * (highest - _BIAS + _FRACTION_BITS) - _SQUARE_PARTS * bits)


@forced_inline
def _square(a):
    """Square a float: the rounded square, and by how much it is too small (Dekker)."""
    square = a * a
    split = _SPLITTER * a
    upper = split - (split - a)
    lower = a - upper
    return square, ((upper * upper - square) + 2.0 * upper * lower) + lower * lower


@forced_inline
def _part_of(high, low, unit):
    """Take the whole units out of a pair: those, and the pair that is left.

    Adding and subtracting 1.5 * 2**52 units, as which the unit is given, rounds to whole ones.
    """
    part, small = (high + unit) - unit, (low + unit) - unit
    return part + small, high - part, low - small


@kernel(types.void(VALUES, types.int64, VALUES))
def cumulate_parts(x, highest, table):
    r"""Write running sums of the values and of their squares, exactly, in parts that floats hold.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
        The values.
    highest : int
        The highest of their exponent fields.
    table : float64 array of shape ((n_values + 1) * 8,)
        Receives, in row i, of the first i values three parts of the sum and five parts of the sum
        of squares.

    Notes
    -----
    Part k counts a unit :math:`u_k`, :math:`u_k / u_{k+1} = 2^b`, with so few bits b that n parts
    still add up without rounding. What a part leaves goes on to the next one. Of the squares, which
    are taken as exact pairs, what is less than half the last unit is left out.
    """
    bits = part_bits(x.size)
    down = 2.0**-bits
    high_unit = 1.5 * 2.0**52 * 2.0 ** (highest - _BIAS + _FRACTION_BITS - bits)
    high_square_unit = 1.5 * 2.0**52 * 2.0 ** (2 * (highest - _BIAS + _FRACTION_BITS) - bits)
    s0 = s1 = s2 = q0 = q1 = q2 = q3 = q4 = 0.0
    table[:_N_PARTS] = 0.0
    for i in range(x.size):
        value, unit = x[i], high_unit
        part, rest, _ = _part_of(value, 0.0, unit)
        s0 += part
        part, rest, _ = _part_of(rest, 0.0, unit * down)
        s1 += part
        s2 += rest
        rest, low = _square(value)
        unit = high_square_unit
        part, rest, low = _part_of(rest, low, unit)
        q0 += part
        unit *= down
        part, rest, low = _part_of(rest, low, unit)
        q1 += part
        unit *= down
        part, rest, low = _part_of(rest, low, unit)
        q2 += part
        unit *= down
        part, rest, low = _part_of(rest, low, unit)
        q3 += part
        part, rest, low = _part_of(rest, low, unit * down)
        q4 += part
        row = table[(i + 1) * _N_PARTS : (i + 2) * _N_PARTS]
        row[0], row[1], row[2] = s0, s1, s2
        row[3], row[4], row[5], row[6], row[7] = q0, q1, q2, q3, q4


@forced_inline
def _write(moments, places, buffer, out, i, used):
    """Put the lanes of each moment that is wanted into its column, from row i on."""
    for k in range(len(moments)):
        if places[k] >= 0:
            store(buffer, 0, moments[k])
            column = np.uint64(places[k])  # which needs no test for negative ones
            for j in range(used):
                out[np.uint64(i + j), column] = buffer[j]


@forced_inline
def _difference(table, starts, stops, i):
    """Subtract two rows of running sums."""
    return load(table, stops[i] * _N_PARTS) - load(table, starts[i] * _N_PARTS)


@kernel(types.int64(VALUES, types.float64, INDEX, INDEX, INDEX, OUT, COUNTS))
def moments_of_parts(table, dropped, starts, stops, places, out, doubtful):
    r"""Compute the moments of every slice from running sums in parts.

    Parameters
    ----------
    table : float64 array of shape ((n_values + 1) * 8,)
        What `cumulate_parts` wrote.
    dropped : float
        A bound of what it left out of a square.
    starts, stops : int64 arrays of shape (n_slices,)
        The slices, in any order, overlapping or not.
    places : int64 array of shape (5,)
        The column of `out` for each of `exact.MOMENTS`; -1 for what is not wanted.
    out : float64 array of shape (n_slices, n_columns)
        Receives the moments; NaN where undefined.
    doubtful : int64 array of shape (n_slices,)
        Receives the slices that are left to `exact`.

    Returns
    -------
    n_doubtful : int

    Notes
    -----
    A row of the table is one vector, and so is the difference of two; eight of them are transposed.
    Of :math:`n Q - S^2` the rounding errors are below :math:`20 \cdot 2^{-106} n Q`. The same
    number of steps for every slice.
    """
    buffer = np.empty(LANES)
    counts = np.empty(LANES)
    with_cv = places[_CV] >= 0
    n_doubtful = 0
    end = starts.size - 1
    for i in range(0, starts.size, LANES):
        for k in range(LANES):
            row = min(i + k, end)
            counts[k] = stops[row] - starts[row]
        parts = transpose(
            _difference(table, starts, stops, i),
            _difference(table, starts, stops, min(i + 1, end)),
            _difference(table, starts, stops, min(i + 2, end)),
            _difference(table, starts, stops, min(i + 3, end)),
            _difference(table, starts, stops, min(i + 4, end)),
            _difference(table, starts, stops, min(i + 5, end)),
            _difference(table, starts, stops, min(i + 6, end)),
            _difference(table, starts, stops, min(i + 7, end)),
        )
        n = load(counts, 0)
        high, low, lost = _sum_of_parts(parts)
        square, rest = two_sum(parts[6], parts[7])
        square, more = two_sum(parts[5], square)
        rest = rest + more
        square, more = two_sum(parts[4], square)
        rest = rest + more
        square, more = two_sum(parts[3], square)
        rest = rest + more
        a, b = n * square, high * high
        a_rest = product_rest(n, square, a) + n * rest
        b_rest = product_rest(high, high, b) + (high * low) * 2.0
        error = a * (32.0 * ULP_SQUARED) + (n * n) * dropped
        numerator, rest = two_sum(a, b * -1.0)
        rest = rest + (a_rest - b_rest)
        moments, sure = finish(n, n <= 1.0, with_cv, high, low, numerator, rest, error)
        sure = sure & (lost == 0.0)
        used = min(LANES, starts.size - i)
        _write(moments, places, buffer, out, i, used)
        if not all_hold(sure):
            store(buffer, 0, choose(sure, spread(1.0), spread(0.0)))
            for k in range(used):
                if buffer[k] == 0.0:
                    doubtful[n_doubtful] = i + k
                    n_doubtful += 1
    return n_doubtful
