"""Sorting one long column, and what can be counted along it then."""

import numpy as np
from numba import types

from ._jit import BITS, COUNTS, inlined, kernel, leading_zeros

_DIGIT_BITS = 11
_N_DIGITS = 6  # of 64 bits
_N_UPPER = 3  # that leave few neighbours of continuous data in disorder
_BASE = 1 << _DIGIT_BITS
_KEYS = types.uint64[::1]


@inlined
def _sort_digits(keys, scratch, first):
    """Sort by all digits from `first` on; return whether the result is in `scratch`."""
    low = np.uint64(_BASE - 1)
    counts = np.zeros((_N_DIGITS, _BASE), dtype=np.int64)
    for i in range(keys.size):
        for digit in range(first, _N_DIGITS):
            counts[digit, np.int64((keys[i] >> np.uint64(_DIGIT_BITS * digit)) & low)] += 1
    source, target = keys, scratch
    swapped = False
    for digit in range(first, _N_DIGITS):
        shift = np.uint64(_DIGIT_BITS * digit)
        if keys.size == 0 or counts[digit, np.int64((source[0] >> shift) & low)] == keys.size:
            continue
        place = 0
        for d in range(_BASE):
            count = counts[digit, d]
            counts[digit, d] = place
            place += count
        for i in range(keys.size):
            d = np.int64((source[i] >> shift) & low)
            target[counts[digit, d]] = source[i]
            counts[digit, d] += 1
        source, target = target, source
        swapped = not swapped
    return swapped


@inlined
def _insert(keys):
    """Sort by insertion; give up and return False after twice as many moves as there are keys."""
    moves = 2 * keys.size
    for i in range(1, keys.size):
        key = keys[i]
        j = i
        while j > 0 and keys[j - 1] > key:
            keys[j] = keys[j - 1]
            j -= 1
        keys[j] = key
        moves -= i - j
        if moves < 0:
            return False
    return True


@kernel(types.void(_KEYS, _KEYS))
def radix_sort(keys, scratch):
    """Sort float64 values, given as their bits, in place.

    The bits are brought into the order of the values: those of negative values inverted, the sign
    of others set. NaN of positive sign come last. The three upper digits of 11 bits are sorted,
    the least significant first, and what is then still in disorder by insertion; where that is
    much, all six digits. A digit that all keys share is left out. O(n) in any case. `scratch` is
    as long as `keys`.
    """
    sign = np.uint64(1) << np.uint64(63)
    everything = ~np.uint64(0)
    for i in range(keys.size):
        keys[i] ^= everything if keys[i] & sign else sign
    if _sort_digits(keys, scratch, _N_DIGITS - _N_UPPER):
        keys[:] = scratch
    if not _insert(keys) and _sort_digits(keys, scratch, 0):
        keys[:] = scratch
    for i in range(keys.size):
        keys[i] ^= sign if keys[i] & sign else everything


@kernel(types.Tuple((types.int64, types.int64, types.int64, types.boolean))(types.float64[::1]))
def count_runs(ascending):
    """Count distinct values.

    Parameters
    ----------
    ascending : float64 array of shape (n,), n > 0
        Finite.

    Returns
    -------
    n_distinct : int
    start, length : int
        Of the longest run of equal values, the first of those.
    whole : bool
        Whether all values are whole numbers.
    """
    n_distinct = 1
    start = begin = longest = 0
    whole = True
    for i in range(ascending.size):
        whole &= np.floor(ascending[i]) == ascending[i]
        if ascending[i] != ascending[begin]:
            n_distinct += 1
            if i - begin > longest:
                start, longest = begin, i - begin
            begin = i
    if ascending.size - begin > longest:
        start, longest = begin, ascending.size - begin
    return n_distinct, start, longest, whole


@inlined
def _place(bits):
    """Return an int64 that is ordered as the float64 values are."""
    return bits if bits >= 0 else bits ^ np.int64(0x7FFFFFFFFFFFFFFF)


@kernel(types.UniTuple(types.int64, 2)(BITS, COUNTS, COUNTS))
def bin_ascending(bits, keys, counts):
    """Count ascending values in the finest bins of which there are no more than room for.

    Parameters
    ----------
    bits : int64 array of shape (n,), n > 0
        Finite float64 values as their bits.
    keys, counts : int64 arrays of shape (n_most,), n_most > 1
        Receive the keys of the bins that are not empty, ascending, and the numbers of values.

    Returns
    -------
    level : int
        The key of a value is its place among all float64 numbers, shifted right by `level`.
    n_bins : int
    """
    differing = np.zeros(65, dtype=np.int64)  # neighbours, by the highest bit that differs
    previous = _place(bits[0])
    for i in range(bits.size):
        place = _place(bits[i])
        differing[64 - leading_zeros(np.uint64(place ^ previous))] += 1
        previous = place
    n_bins = 1 + differing[1:].sum()
    level = 0
    while n_bins > keys.size:
        level += 1
        n_bins -= differing[level]
    j = 0
    keys[0] = _place(bits[0]) >> level
    counts[0] = 0
    for i in range(bits.size):
        key = _place(bits[i]) >> level
        if key != keys[j]:
            j += 1
            keys[j] = key
            counts[j] = 0
        counts[j] += 1
    return level, n_bins
