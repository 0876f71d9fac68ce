"""Long arrays of integers and text as codes, in threads: each numbers a part of the rows.

What the parts found is numbered again, which is short, and with it their codes are brought into one
order.
"""

import numpy as np

from .. import _kernels
from ._threads import in_threads, parts_of

# Bytes of a string that fits two words, beside its length.
_LONGEST_KEY = 15


def codes_of_integers(values, ordered):
    """Codes and distinct values of int64 values, none of them missing."""
    values = np.ascontiguousarray(values)
    codes = np.empty(len(values), dtype=np.int32)
    if not len(values):
        return codes, np.empty(0, dtype=np.int64)
    low, high, n_descents = _kernels.extent(values)
    distinct = np.empty(len(values), dtype=np.int64)
    if n_descents == 0:
        n = _kernels.codes_of_runs(values, codes, distinct)
    elif high - low < len(values):
        table, parts = np.zeros(high - low + 1, dtype=np.int32), parts_of(len(values))
        in_threads(lambda a, b: _kernels.mark(values[a:b], low, table), parts)
        n = _kernels.number_marked(table, low, distinct)
        in_threads(lambda a, b: _kernels.look_up(values[a:b], low, table, codes[a:b]), parts)
    else:
        return _codes_in_parts(
            codes,
            lambda a, b, keys: _kernels.codes_of_integers(values[a:b], codes[a:b], keys),
            lambda keys: keys[:, 0].copy().view(np.int64),
            np.argsort if ordered else None,
        )
    return codes, distinct[:n].copy()


def _codes_in_parts(codes, number, values_of_keys, order):
    """Number parts of the rows in threads, then what they found, then in order, if there is one.

    Returns the codes, and the distinct values.
    """
    parts = parts_of(len(codes))

    def found_in(start, stop):
        keys = np.empty((stop - start, 2), dtype=np.uint64)
        return keys[: number(start, stop, keys)].copy()

    found = in_threads(found_in, parts)
    keys, ranks = found[0], [None]
    if len(parts) > 1:
        pairs = np.concatenate(found)
        merged, keys = np.empty(len(pairs), dtype=np.int32), np.empty_like(pairs)
        keys = keys[: _kernels.codes_of_pairs(pairs, merged, keys)]
        ranks = np.split(merged, np.cumsum([len(part) for part in found[:-1]]))
    distinct = values_of_keys(keys)
    return codes, _recoded(
        codes, parts, ranks, distinct, None if order is None else order(distinct)
    )


def _recoded(codes, parts, ranks, distinct, order):
    """Bring the codes of parts into one order, in place, and return the distinct values in it."""
    if order is not None:
        places = np.empty(len(order), dtype=np.int32)
        places[order] = np.arange(len(order), dtype=np.int32)
        ranks = [places if of_part is None else places[of_part] for of_part in ranks]
        distinct = distinct[order]
    if ranks[0] is not None:
        tables = zip(parts, ranks, strict=True)
        in_threads(
            lambda a, b, table: _kernels.recode(codes[a:b], table), [(*ab, t) for ab, t in tables]
        )
    return distinct


def codes_of_text(column, ordered):
    """Codes and distinct values of an Arrow array of large strings or binaries without nulls."""
    n_rows = len(column)
    codes = np.empty(n_rows, dtype=np.int32)
    if n_rows == 0:
        return codes, np.empty(0, dtype=object)
    _, offsets, data = column.buffers()
    offsets = np.frombuffer(offsets, dtype=np.int64)[column.offset :][: n_rows + 1]
    data = np.frombuffer(b"" if data is None else data, dtype=np.uint8)
    if _kernels.longest_step(offsets) > _LONGEST_KEY:
        return _codes_of_long_text(column.type, offsets, data, codes, ordered)
    codes, keys = _codes_in_parts(
        codes,
        lambda a, b, keys: _kernels.codes_of_short_text(data, offsets[a : b + 1], codes[a:b], keys),
        lambda keys: keys,
        (lambda keys: np.lexsort((keys[:, 1], keys[:, 0]))) if ordered else None,
    )
    bounds = np.zeros(len(keys) + 1, dtype=np.int64)
    np.cumsum(keys[:, 1] & np.uint64(255), out=bounds[1:], dtype=np.int64)
    text = np.empty(bounds[-1], dtype=np.uint8)
    _kernels.text_of_keys(np.ascontiguousarray(keys), bounds, text)
    return codes, _strings(column.type, bounds, text).to_numpy(zero_copy_only=False)


def _codes_of_long_text(kind, offsets, data, codes, ordered):
    import pyarrow.compute as pc

    parts = parts_of(len(codes))

    def found_in(start, stop):
        return _numbered_text(offsets[start : stop + 1], data, codes[start:stop])

    found = in_threads(found_in, parts)
    (bounds, text), ranks = found[0], [None]
    if len(parts) > 1:
        starts = np.cumsum([0, *(len(text) for _, text in found)])
        each = [bounds[:-1] + start for (bounds, _), start in zip(found, starts, strict=False)]
        offsets, data = np.append(np.concatenate(each), starts[-1]), [text for _, text in found]
        merged = np.empty(len(offsets) - 1, dtype=np.int32)
        bounds, text = _numbered_text(offsets, np.concatenate(data), merged)
        ranks = np.split(merged, np.cumsum([len(part) for part in each[:-1]]))
    strings = _strings(kind, bounds, text)
    order = pc.array_sort_indices(strings).to_numpy() if ordered else None
    distinct = strings.to_numpy(zero_copy_only=False)
    return codes, _recoded(codes, parts, ranks, distinct, order)


def _numbered_text(offsets, data, codes):
    """Number strings, and return the distinct ones: where they begin, and their bytes."""
    keys, bounds = np.empty((len(codes), 2), dtype=np.uint64), np.empty_like(offsets)
    text = np.empty(offsets[-1] - offsets[0], dtype=np.uint8)
    n = _kernels.codes_of_text(data, offsets, codes, keys, bounds, text)
    return bounds[: n + 1].copy(), text[: bounds[n]].copy()


def _strings(kind, bounds, text):
    import pyarrow as pa

    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(text)]
    return pa.Array.from_buffers(kind, len(bounds) - 1, buffers)
