r"""Exact sums and moments of slices.

Floats are whole numbers of units in the last place of the smallest one. So sums of values, and of
their squares, are kept as whole numbers, exactly, and rounded once, at the end: a result depends
on the values of a slice alone, not on their order, nor on how they were added. That makes running
sums safe: the sum of any slice is the difference of two of them, whatever was added before, also
where they have wrapped around. It costs one pass over a column, and then the same for every slice,
however long.

A number is an array of *limbs*, digits of base 2**64, the lowest first, negative ones as two's
complement. How many limbs are needed depends on how far the values are apart; the result does not.

References
----------
U. Kulisch, "Computer Arithmetic and Validity", 2008 (exact accumulators); R. M. Neal, "Fast exact
summation using small and large superaccumulators", arXiv:1505.05571.
"""

from functools import cache

import numpy as np
from numba import types

from ._jit import (
    BITS,
    INDEX,
    LIMBS,
    OUT,
    VALUES,
    forced_inline,
    high_product,
    kernel,
    leading_zeros,
    ready,
)

# Positions in the argument `places` of `moments`.
MOMENTS = ("sum", "mean", "var", "std", "cv")
_SUM, _MEAN, _VAR, _STD, _CV = range(len(MOMENTS))

# Enough for a ratio of 2**60 between the largest and the smallest value; of 2**180; for all floats.
WIDTHS = (2, 4, 34)

_ZERO, _ONE, _TWO, _THREE, _BIT_63 = (np.uint64(k) for k in (0, 1, 2, 3, 63))
_SPLITTER = 2.0**27 + 1.0  # Veltkamp's
_FRACTION_BITS = 52
_FRACTION = (1 << _FRACTION_BITS) - 1
_EXPONENT = 0x7FF
_ALL_BUT_SIGN = (1 << 63) - 1
_HIDDEN_BIT = np.uint64(1 << _FRACTION_BITS)
# The value of the last bit of a float with exponent field e is 2**(e - LAST_BIT).
LAST_BIT = 1075
_SMALLEST_POWER = -1022
_SMALLEST_NORMAL = 2.0**_SMALLEST_POWER
_POWERS = 2.0 ** np.arange(_SMALLEST_POWER, 1024)


def width_and_unit(highest, lowest, n):
    """Choose limbs and unit for sums of n values with exponent fields between these.

    Of the units that leave room for the largest sum the smallest is taken: most sums then need
    the highest limb, which makes the branches of the rounding predictable.
    """
    bits = _FRACTION_BITS + 2 + n.bit_length()
    width = next(width for width in WIDTHS if highest - lowest + bits <= 64 * width)
    return width, highest + bits - 64 * width


@kernel(types.UniTuple(types.int64, 2)(BITS))
def exponents(bits):
    """Find the highest and the lowest exponent field of a column; (1, 1) if all values are 0."""
    highest, lowest = 1, _EXPONENT
    for i in range(bits.size):
        exponent = max((bits[i] >> _FRACTION_BITS) & _EXPONENT, 1)
        highest = max(highest, exponent)
        zero = (bits[i] & _ALL_BUT_SIGN) == 0
        lowest = min(lowest, _EXPONENT if zero else exponent)
    return highest, min(lowest, highest)


@forced_inline
def _add(limbs, first, width, word, w0, w1, w2, negative):
    """Add three limbs, at position `word`, to the number in limbs[first : first + width]."""
    carry = _ZERO
    for k in range(width):
        limb = w0 if k == word else w1 if k == word + 1 else w2 if k == word + 2 else _ZERO
        old = limbs[first + k]
        if negative:
            step = old - limb
            new = step - carry
            carry = np.uint64(old < limb) | np.uint64(step < carry)
        else:
            step = old + limb
            new = step + carry
            carry = np.uint64(step < limb) | np.uint64(new < carry)
        limbs[first + k] = new


@forced_inline
def digits(bits, lowest):
    """Return the 53 bits of a float, and the place of the last in units of exponent `lowest`."""
    exponent = (bits >> _FRACTION_BITS) & _EXPONENT
    fraction = np.uint64(bits & _FRACTION)
    if exponent > 0:
        fraction |= _HIDDEN_BIT
    return fraction, max(exponent, 1) - lowest


@forced_inline
def add_shifted(limbs, first, width, low, high, place, negative):
    """Add two limbs, shifted by `place` bits, to the number in limbs[first : first + width]."""
    shift = np.uint64(place & 63)
    w0 = low << shift
    w1 = (high << shift) | ((low >> _ONE) >> (_BIT_63 - shift))
    w2 = (high >> _ONE) >> (_BIT_63 - shift)
    _add(limbs, first, width, place >> 6, w0, w1, w2, negative)


@forced_inline
def subtract_rows(table, i, j, first, width, result):
    """Write table[i] - table[j], of the limbs [first : first + width], into `result`."""
    borrow = _ZERO
    for k in range(width):
        step = table[i, first + k] - table[j, first + k]
        result[k] = step - borrow
        borrow = np.uint64(table[i, first + k] < table[j, first + k]) | np.uint64(step < borrow)


@forced_inline
def subtract(number, by, width):
    """Subtract one number from another."""
    borrow = _ZERO
    for k in range(width):
        old = number[k]
        step = old - by[k]
        number[k] = step - borrow
        borrow = np.uint64(old < by[k]) | np.uint64(step < borrow)


@forced_inline
def take_magnitude(number, width):
    """Replace a number by its absolute value; return whether it was negative."""
    negative = (number[width - 1] >> _BIT_63) != _ZERO
    if negative:
        carry = _ONE
        for k in range(width):
            number[k] = ~number[k] + carry
            carry = np.uint64(carry != _ZERO and number[k] == _ZERO)
    return negative


@forced_inline
def multiply(number, width, factor):
    """Multiply a number by one limb."""
    carry = _ZERO
    for k in range(width):
        low = number[k] * factor
        total = low + carry
        carry = high_product(number[k], factor) + np.uint64(total < low)
        number[k] = total


@forced_inline
def write_square(number, width, result):
    """Write the square of a number into `result`, which is twice as wide."""
    for k in range(2 * width):
        result[k] = _ZERO
    for p in range(width):
        carry = _ZERO
        for q in range(width):
            low = number[p] * number[q]
            high = high_product(number[p], number[q])
            step = low + carry
            high += np.uint64(step < low)
            total = step + result[p + q]
            carry = high + np.uint64(total < step)
            result[p + q] = total
        result[p + width] = carry


@forced_inline
def leading_bits(number, width):
    """Return (b, k): the number is b * 2**k.

    b has 62 bits, the last one set if anything is cut off. They do not depend on the unit, and
    suffice to round the number to a float.
    """
    k = width - 1
    while k > 0 and number[k] == _ZERO:
        k -= 1
    top = number[k]
    if top == _ZERO:
        return np.int64(0), 0
    below = number[k - 1] if k > 0 else _ZERO
    shift = leading_zeros(top)
    inexact = (below << np.uint64(shift)) != _ZERO
    for j in range(k - 1):
        inexact |= number[j] != _ZERO
    bits = (top << np.uint64(shift)) | ((below >> _ONE) >> np.uint64(63 - shift))
    inexact |= (bits & _THREE) != _ZERO
    return np.int64((bits >> _TWO) | np.uint64(inexact)), 64 * k - shift + 2


@forced_inline
def _quotient(bits, n, share):
    """Divide the number of `leading_bits` by n, to little more than half a unit in the last place.

    `share` is 1 / n: one division serves all moments.
    """
    f = np.float64(bits)
    quotient = f * share
    split = _SPLITTER * quotient
    high = split - (split - quotient)  # 26 bits, so that the products with n < 2**27 are exact
    rest = (f - high * n) - (quotient - high) * n + np.float64(bits - np.int64(f))
    return quotient + rest * share


@forced_inline
def scaled(x, power):
    """Return x * 2**power."""
    while power > 1023:
        x *= _POWERS[1023 - _SMALLEST_POWER]
        power -= 1023
    while power < _SMALLEST_POWER:
        x *= _POWERS[0]
        power -= _SMALLEST_POWER
    return x * _POWERS[power - _SMALLEST_POWER]


@cache
def cumulate(width):
    """Return the kernel that sums up a column in numbers of this width; see `_cumulate` below."""

    @kernel(types.void(BITS, types.int64, LIMBS))
    def _cumulate(bits, lowest, table):
        """Write the running sums of the values and of their squares.

        Parameters
        ----------
        bits : int64 array of shape (n_values,)
            The floats, read as integers.
        lowest : int
            A lower bound of their exponent fields.
        table : uint64 array of shape (n_values + 1, 3 * width)
            Receives, in row i, the sum of the first i values (`width` limbs) and the sum of their
            squares (twice as many), modulo the size of these numbers.
        """
        total = np.zeros(3 * width, dtype=np.uint64)
        table[0, :] = _ZERO
        for i in range(bits.size):
            fraction, place = digits(bits[i], lowest)
            if fraction > _ZERO:
                add_shifted(total, 0, width, fraction, _ZERO, place, bits[i] < 0)
                low, high = fraction * fraction, high_product(fraction, fraction)
                add_shifted(total, width, 2 * width, low, high, 2 * place, False)
            for k in range(3 * width):
                table[i + 1, k] = total[k]

    return ready(_cumulate)


@cache
def moments(width):
    """Return the kernel that takes moments from sums of this width; see `_moments` below."""

    @kernel(types.void(LIMBS, types.int64, VALUES, INDEX, INDEX, INDEX, OUT))
    def _moments(table, lowest, x, starts, stops, places, out):
        r"""Compute sum and mean, variance, standard deviation and their ratio of every slice.

        Parameters
        ----------
        table : uint64 array of shape (n_values + 1, 3 * width)
            What `cumulate` wrote.
        lowest : int
            As given to `cumulate`.
        x : float64 array of shape (n_values,)
            The values.
        starts, stops : int64 arrays of shape (n_slices,)
            The slices of `x`, in any order, overlapping or not.
        places : int64 array of shape (5,)
            The column of `out` for each of `MOMENTS`; -1 for what is not wanted.
        out : float64 array of shape (n_slices, n_columns)
            Receives the moments; NaN where undefined.

        Notes
        -----
        With the exact :math:`S = \sum x_i` and :math:`Q = \sum x_i^2`, the variance is
        :math:`(n Q - S^2) / n^2`, its numerator exact and rounded once; nothing can cancel. The sum
        is S, rounded once; the mean S / n, and of equal values the value itself. The ratio of
        deviation and mean is that of these two floats; where one of them is too small for all of
        its digits it is :math:`\sqrt{n Q - S^2} / S`.
        The same number of steps for every slice.
        """
        total = np.empty(width, dtype=np.uint64)
        square = np.empty(2 * width, dtype=np.uint64)
        squares = np.empty(2 * width, dtype=np.uint64)
        spread = max(places[_VAR], places[_STD], places[_CV]) >= 0
        for i in range(starts.size):
            start, stop = starts[i], stops[i]
            n = stop - start
            summed = 0.0
            mean = var = std = cv = np.nan
            if n == 1:
                summed = mean = x[start]
                var = std = 0.0
                cv = 0.0 if mean == 0.0 else std / mean
            elif n > 1:
                share = 1.0 / n
                subtract_rows(table, stop, start, 0, width, total)
                negative = take_magnitude(total, width)
                bits, power = leading_bits(total, width)
                bits = -bits if negative else bits
                sum_bits, sum_power = np.float64(bits), power + lowest - LAST_BIT
                summed = scaled(sum_bits, sum_power)
                mean = scaled(_quotient(bits, n, share), sum_power)
                if spread:
                    subtract_rows(table, stop, start, width, 2 * width, squares)
                    multiply(squares, 2 * width, np.uint64(n))
                    write_square(total, width, square)
                    subtract(squares, square, 2 * width)
                    bits, power = leading_bits(squares, 2 * width)
                    f = np.float64(bits) * (1.0 + (power & 1))
                    power = (power >> 1) + lowest - LAST_BIT
                    std = scaled(np.sqrt(f) * share, power)
                    var = scaled(f * share * share, 2 * power)
                    if sum_bits == 0.0:
                        cv = 0.0
                    elif min(abs(mean), std) >= _SMALLEST_NORMAL:
                        cv = std / mean
                    else:
                        cv = scaled(np.sqrt(f) / sum_bits, power - sum_power)
            if places[_SUM] >= 0:
                out[i, places[_SUM]] = summed
            if places[_MEAN] >= 0:
                out[i, places[_MEAN]] = mean
            if places[_VAR] >= 0:
                out[i, places[_VAR]] = var
            if places[_STD] >= 0:
                out[i, places[_STD]] = std
            if places[_CV] >= 0:
                out[i, places[_CV]] = cv

    return ready(_moments)
