"""Ids, keys and categories as codes: which rows of a column hold the same value.

Codes are 0, 1, ... in the order in which the values first occur, unless a kernel says otherwise.
"""

import numpy as np
from numba import types

from ._jit import INDEX, folded_product, inlined, kernel, load_word

_CODES = types.int32[::1]
_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_TEXT_BYTES = types.uint8[::1]
_OFFSETS = tuple(types.Array(kind, 1, "C", readonly=True) for kind in (types.int64, types.int32))
# Odd numbers without a pattern, for hashing.
_MIX_A, _MIX_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_FIRST_CAPACITY = 1 << 12
_SPACE = 2  # slots a table has at least for each value in it
_GROWTH = 4


@kernel(types.Tuple((types.int64, types.int64, types.int64))(INDEX))
def extent(values):
    """Find the smallest and the largest value, and how many are less than the one before."""
    low = high = values[0]
    n_descents = 0
    for i in range(1, values.size):
        low = min(low, values[i])
        high = max(high, values[i])
        n_descents += values[i] < values[i - 1]
    return low, high, n_descents


@kernel(types.int64(INDEX, _CODES, types.int64[::1]))
def codes_of_runs(values, codes, distinct):
    """Number the runs of ascending values, and return how many there are.

    Parameters
    ----------
    values : int64 array of shape (n_rows,)
    codes : int32 array of shape (n_rows,)
        Receives the codes.
    distinct : int64 array of shape (n_rows,)
        Receives the values behind the codes.
    """
    n = 0
    for i in range(values.size):
        if i == 0 or values[i] != values[i - 1]:
            distinct[n] = values[i]
            n += 1
        codes[i] = n - 1
    return n


@kernel(types.int64(INDEX, types.int64, _CODES, _CODES, types.int64[::1]))
def codes_in_range(values, low, table, codes, distinct):
    """Number values of a small range in ascending order, and return how many there are.

    Parameters
    ----------
    values : int64 array of shape (n_rows,)
    low : int
        The smallest of them.
    table : int32 array of shape (largest - low + 1,)
        Zeros.
    codes : int32 array of shape (n_rows,)
        Receives the codes.
    distinct : int64 array of shape (n_rows,)
        Receives the values behind the codes.
    """
    for value in values:
        table[value - low] = 1
    n = 0
    for place in range(table.size):
        if table[place]:
            table[place] = n
            distinct[n] = low + place
            n += 1
    for i in range(values.size):
        codes[i] = table[values[i] - low]
    return n


@inlined
def _grown(slots, hashes, n):
    """Make a larger table for n values with their hashes."""
    capacity = slots.size * _GROWTH
    slots = np.full(capacity, -1, dtype=np.int32)
    mask = np.uint64(capacity - 1)
    for code in range(n):
        place = hashes[code] & mask
        while slots[place] >= 0:
            place = (place + np.uint64(1)) & mask
        slots[place] = code
    return slots


@kernel(types.int64(INDEX, _CODES, types.int64[::1]))
def codes_of_integers(values, codes, distinct):
    """Number distinct integers, and return how many there are.

    Parameters
    ----------
    values : int64 array of shape (n_rows,)
    codes : int32 array of shape (n_rows,)
        Receives the codes.
    distinct : int64 array of shape (n_rows,)
        Receives the values behind the codes.

    Notes
    -----
    A hash table with open addressing and linear probing: O(n) expected, whatever the range.
    """
    slots = np.full(_FIRST_CAPACITY, -1, dtype=np.int32)
    mask = np.uint64(slots.size - 1)
    hashes = np.empty(_FIRST_CAPACITY // _SPACE, dtype=np.uint64)
    n = 0
    for i in range(values.size):
        value = values[i]
        if i and value == values[i - 1]:
            codes[i] = codes[i - 1]
            continue
        spread = folded_product(np.uint64(value) ^ _MIX_A, _MIX_B)
        place = spread & mask
        code = slots[place]
        while code >= 0 and distinct[code] != value:
            place = (place + np.uint64(1)) & mask
            code = slots[place]
        if code < 0:
            if n == hashes.size:
                slots = _grown(slots, hashes, n)
                mask = np.uint64(slots.size - 1)
                longer = np.empty(slots.size // _SPACE, dtype=np.uint64)
                longer[:n] = hashes
                hashes = longer
                place = spread & mask
                while slots[place] >= 0:
                    place = (place + np.uint64(1)) & mask
            code = n
            slots[place] = code
            distinct[code] = value
            hashes[code] = spread
            n += 1
        codes[i] = code
    return n


@inlined
def _word(data, start, stop):
    """Read up to eight bytes as a number, the first byte lowest."""
    if stop - start >= 8:
        return load_word(data, start)
    word = np.uint64(0)
    for k in range(stop - start):
        word |= np.uint64(data[start + k]) << np.uint64(8 * k)
    return word


@inlined
def _hash(data, start, stop):
    spread = np.uint64(stop - start) ^ _MIX_A
    while stop - start > 8:
        spread = folded_product(spread ^ load_word(data, start), _MIX_B)
        start += 8
    return folded_product(spread ^ _word(data, start, stop), _MIX_B)


@inlined
def _same_bytes(a, start, b, other, n):
    while n > 8:
        if load_word(a, start) != load_word(b, other):
            return False
        start, other, n = start + 8, other + 8, n - 8
    return _word(a, start, start + n) == _word(b, other, other + n)


@kernel(
    *(types.int64(_BYTES, offsets, _CODES, types.int64[::1], _TEXT_BYTES) for offsets in _OFFSETS)
)
def codes_of_bytes(data, offsets, codes, bounds, text):
    """Number distinct strings of bytes, and return how many there are.

    Parameters
    ----------
    data : uint8 array of shape (n_bytes,)
    offsets : int64 or int32 array of shape (n_rows + 1,)
        Row i holds ``data[offsets[i] : offsets[i + 1]]``.
    codes : int32 array of shape (n_rows,)
        Receives the codes.
    bounds : int64 array of shape (n_rows + 1,)
        Receives where in `text` the strings behind the codes begin, and where the last one ends.
    text : uint8 array of shape (n_bytes,)
        Receives these strings, one after the other.

    Notes
    -----
    A hash table with open addressing and linear probing, which compares the hashes before the
    bytes: O(n) expected.
    """
    slots = np.full(_FIRST_CAPACITY, -1, dtype=np.int32)
    mask = np.uint64(slots.size - 1)
    hashes = np.empty(_FIRST_CAPACITY // _SPACE, dtype=np.uint64)
    n = 0
    bounds[0] = 0
    for i in range(codes.size):
        start, stop = np.int64(offsets[i]), np.int64(offsets[i + 1])
        length = stop - start
        spread = _hash(data, start, stop)
        place = spread & mask
        code = slots[place]
        while code >= 0:
            first = bounds[code]
            if (
                hashes[code] == spread
                and bounds[code + 1] - first == length
                and _same_bytes(data, start, text, first, length)
            ):
                break
            place = (place + np.uint64(1)) & mask
            code = slots[place]
        if code < 0:
            if n == hashes.size:
                slots = _grown(slots, hashes, n)
                mask = np.uint64(slots.size - 1)
                longer = np.empty(slots.size // _SPACE, dtype=np.uint64)
                longer[:n] = hashes
                hashes = longer
                place = spread & mask
                while slots[place] >= 0:
                    place = (place + np.uint64(1)) & mask
            code = n
            slots[place] = code
            hashes[code] = spread
            text[bounds[n] : bounds[n] + length] = data[start:stop]
            bounds[n + 1] = bounds[n] + length
            n += 1
        codes[i] = code
    return n


@kernel(types.void(_CODES, _CODES))
def recode(codes, ranks):
    """Replace each code by its rank, in place."""
    for i in range(codes.size):
        codes[i] = ranks[codes[i]]
