"""Ids, keys and categories as codes: which rows of a column hold the same value.

Codes are 0, 1, ... in the order in which the values first occur, unless a kernel says otherwise.
"""

import numpy as np
from numba import types

from ._jit import INDEX, folded_product, inlined, kernel, load_word, swapped_bytes

_CODES = types.int32[::1]
_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_TEXT = types.uint8[::1]
_KEYS = types.uint64[:, ::1]
_READ_KEYS = types.Array(types.uint64, 2, "C", readonly=True)
_OFFSETS = tuple(types.Array(kind, 1, "C", readonly=True) for kind in (types.int64, types.int32))
# Odd numbers without a pattern, for hashing.
_MIX_A, _MIX_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_FIRST_CAPACITY = 1 << 12
_SPACE = 2  # slots a table has at least for each value in it
_GROWTH = 4
_BLOCK = 1 << 10  # rows for which the table stays as it is


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


@kernel(types.void(INDEX, types.int64, _CODES))
def mark(values, low, table):
    """Write 1 to the place of each value in a table that begins with `low`."""
    for value in values:
        table[value - low] = 1


@kernel(types.int64(_CODES, types.int64, types.int64[::1]))
def number_marked(table, low, distinct):
    """Number the places that are marked, write their values, and return how many there are."""
    n = 0
    for place in range(table.size):
        if table[place]:
            table[place] = n
            distinct[n] = low + place
            n += 1
    return n


@kernel(types.void(INDEX, types.int64, _CODES, _CODES))
def look_up(values, low, table, codes):
    """Write the number of each value in a table that begins with `low`."""
    for i in range(values.size):
        codes[i] = table[values[i] - low]


@inlined
def _hash_of_pair(first, second):
    return folded_product(folded_product(first ^ _MIX_A, _MIX_B) ^ second, _MIX_B)


@inlined
def _grown(slots, keys, n):
    """Make a larger table for the n keys."""
    slots = np.full(slots.size * _GROWTH, -1, dtype=np.int32)
    mask = np.uint64(slots.size - 1)
    for code in range(n):
        place = _hash_of_pair(keys[code, 0], keys[code, 1]) & mask
        while slots[place] >= 0:
            place = (place + np.uint64(1)) & mask
        slots[place] = code
    return slots


@inlined
def _number(pairs, codes, slots, keys, n):
    """Number the pairs of a block, those that are new from n on; return how many there are then.

    In a function of its own, where the table is the same all the time: several times as fast.
    """
    mask = np.uint64(slots.size - 1)
    for i in range(codes.size):
        first, second = pairs[i, 0], pairs[i, 1]
        place = _hash_of_pair(first, second) & mask
        code = slots[place]
        while code >= 0 and (keys[code, 0] != first or keys[code, 1] != second):
            place = (place + np.uint64(1)) & mask
            code = slots[place]
        if code < 0:
            code = np.int32(n)
            slots[place] = code
            keys[n, 0] = first
            keys[n, 1] = second
            n += 1
        codes[i] = code
    return n


@kernel(types.int64(_READ_KEYS, _CODES, _KEYS))
def codes_of_pairs(pairs, codes, keys):
    """Number distinct pairs of words, and return how many there are.

    Parameters
    ----------
    pairs : uint64 array of shape (n_rows, 2)
    codes : int32 array of shape (n_rows,)
        Receives the codes.
    keys : uint64 array of shape (n_rows, 2)
        Receives the pairs behind the codes.

    Notes
    -----
    A hash table with open addressing and linear probing: O(n) expected.
    """
    slots = np.full(_FIRST_CAPACITY, -1, dtype=np.int32)
    n = 0
    for start in range(0, codes.size, _BLOCK):
        if (n + _BLOCK) * _SPACE > slots.size:
            slots = _grown(slots, keys, n)
        stop = start + _BLOCK
        n = _number(pairs[start:stop], codes[start:stop], slots, keys, n)
    return n


@inlined
def _pairs_of_integers(values, pairs):
    for i in range(values.size):
        pairs[i, 0] = np.uint64(values[i])


@kernel(types.int64(INDEX, _CODES, _KEYS))
def codes_of_integers(values, codes, keys):
    """Number distinct integers, as `codes_of_pairs` does pairs of them and 0."""
    slots = np.full(_FIRST_CAPACITY, -1, dtype=np.int32)
    pairs = np.zeros((_BLOCK, 2), dtype=np.uint64)
    n = 0
    for start in range(0, codes.size, _BLOCK):
        if (n + _BLOCK) * _SPACE > slots.size:
            slots = _grown(slots, keys, n)
        stop = start + _BLOCK
        _pairs_of_integers(values[start:stop], pairs)
        n = _number(pairs, codes[start:stop], slots, keys, n)
    return n


@inlined
def _word(data, start, length):
    """Read up to eight bytes as a number, the first byte highest, zeros behind the last one."""
    if length <= 0:
        return np.uint64(0)
    if start + 8 <= data.size:
        word = swapped_bytes(load_word(data, start))
        if length >= 8:
            return word
        behind = np.uint64(64 - 8 * length)
        return (word >> behind) << behind
    word = np.uint64(0)
    for k in range(min(length, 8)):
        word |= np.uint64(data[start + k]) << np.uint64(56 - 8 * k)
    return word


@inlined
def _pairs_of_short_text(data, offsets, pairs):
    for i in range(offsets.size - 1):
        start = np.int64(offsets[i])
        length = np.int64(offsets[i + 1]) - start
        pairs[i, 0] = _word(data, start, length)
        pairs[i, 1] = _word(data, start + 8, length - 8) | np.uint64(length)


@kernel(*(types.int64(_BYTES, offsets, _CODES, _KEYS) for offsets in _OFFSETS))
def codes_of_short_text(data, offsets, codes, keys):
    """Number distinct strings of at most 15 bytes, and return how many there are.

    Parameters
    ----------
    data : uint8 array of shape (n_bytes,)
    offsets : int64 or int32 array of shape (n_rows + 1,)
        Row i holds ``data[offsets[i] : offsets[i + 1]]``.
    codes : int32 array of shape (n_rows,)
        Receives the codes.
    keys : uint64 array of shape (n_rows, 2)
        Receives the strings behind the codes: their bytes, the first one highest, then zeros, and
        in the last byte their length. The keys are in the order of the strings.
    """
    slots = np.full(_FIRST_CAPACITY, -1, dtype=np.int32)
    pairs = np.empty((_BLOCK, 2), dtype=np.uint64)
    n = 0
    for start in range(0, codes.size, _BLOCK):
        if (n + _BLOCK) * _SPACE > slots.size:
            slots = _grown(slots, keys, n)
        stop = start + _BLOCK
        _pairs_of_short_text(data, offsets[start : stop + 1], pairs)
        n = _number(pairs, codes[start:stop], slots, keys, n)
    return n


@inlined
def _hash_of_text(data, start, length):
    """Hash bytes word by word; the last word overlaps the one before it."""
    spread = np.uint64(length)
    if length < 8:
        return spread ^ _word(data, start, length)
    k = 0
    while k + 8 < length:
        spread = folded_product(load_word(data, start + k) ^ spread ^ _MIX_A, _MIX_B)
        k += 8
    return folded_product(load_word(data, start + length - 8) ^ spread ^ _MIX_A, _MIX_B)


@inlined
def _same_bytes(a, start, b, other, length):
    if length < 8:
        return _word(a, start, length) == _word(b, other, length)
    different = load_word(a, start + length - 8) ^ load_word(b, other + length - 8)
    k = 0
    while k + 8 < length:
        different |= load_word(a, start + k) ^ load_word(b, other + k)
        k += 8
    return different == 0


@inlined
def _number_text(data, offsets, codes, slots, keys, bounds, text, n):
    """Do for strings what `_number` does for pairs: their hashes and lengths."""
    mask = np.uint64(slots.size - 1)
    for i in range(codes.size):
        start = np.int64(offsets[i])
        length = np.int64(offsets[i + 1]) - start
        first = _hash_of_text(data, start, length)
        place = _hash_of_pair(first, np.uint64(length)) & mask
        code = slots[place]
        while code >= 0 and (
            keys[code, 0] != first
            or keys[code, 1] != np.uint64(length)
            or not _same_bytes(data, start, text, bounds[code], length)
        ):
            place = (place + np.uint64(1)) & mask
            code = slots[place]
        if code < 0:
            code = np.int32(n)
            slots[place] = code
            keys[n, 0] = first
            keys[n, 1] = np.uint64(length)
            text[bounds[n] : bounds[n] + length] = data[start : start + length]
            bounds[n + 1] = bounds[n] + length
            n += 1
        codes[i] = code
    return n


@kernel(
    *(types.int64(_BYTES, offsets, _CODES, _KEYS, types.int64[::1], _TEXT) for offsets in _OFFSETS)
)
def codes_of_text(data, offsets, codes, keys, bounds, text):
    """Number distinct strings of any length, and return how many there are.

    Parameters
    ----------
    data : uint8 array of shape (n_bytes,)
    offsets : int64 or int32 array of shape (n_rows + 1,)
        Row i holds ``data[offsets[i] : offsets[i + 1]]``.
    codes : int32 array of shape (n_rows,)
        Receives the codes.
    keys : uint64 array of shape (n_rows, 2)
        Receives the hash and the length of each.
    bounds : int64 array of shape (n_rows + 1,)
        Receives where in `text` the strings behind the codes begin, and where the last one ends.
    text : uint8 array of shape (n_bytes,)
        Receives these strings, one after the other.

    """
    slots = np.full(_FIRST_CAPACITY, -1, dtype=np.int32)
    n = 0
    bounds[0] = 0
    for start in range(0, codes.size, _BLOCK):
        if (n + _BLOCK) * _SPACE > slots.size:
            slots = _grown(slots, keys, n)
        stop = start + _BLOCK
        rows = offsets[start : stop + 1]
        n = _number_text(data, rows, codes[start:stop], slots, keys, bounds, text, n)
    return n


@kernel(types.void(_READ_KEYS, types.int64[::1], _TEXT))
def text_of_keys(keys, bounds, text):
    """Write the strings behind the keys of `codes_of_short_text` one after the other.

    Parameters
    ----------
    keys : uint64 array of shape (n, 2)
    bounds : int64 array of shape (n + 1,)
        Where each string begins in `text`, and where the last one ends.
    text : uint8 array
    """
    for code in range(len(keys)):
        start = bounds[code]
        for k in range(bounds[code + 1] - start):
            word = keys[code, k // 8]
            text[start + k] = np.uint8((word >> np.uint64(56 - 8 * (k % 8))) & np.uint64(255))


@kernel(
    types.int64(types.Array(types.int64, 1, "C", readonly=True)),
    types.int64(types.Array(types.int32, 1, "C", readonly=True)),
)
def longest_step(offsets):
    """Return the largest difference of offsets that follow each other."""
    longest = 0
    for i in range(1, offsets.size):
        longest = max(longest, np.int64(offsets[i]) - np.int64(offsets[i - 1]))
    return longest


@kernel(types.void(_CODES, _CODES))
def recode(codes, ranks):
    """Replace each code by its rank, in place."""
    for i in range(codes.size):
        codes[i] = ranks[codes[i]]
