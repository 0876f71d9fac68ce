"""The codes of labels against dictionaries."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.labels import first_seen_codes

from sktemporal import _kernels

WHOLE = st.integers(-(2**63), 2**63 - 1)


def coded(values):
    codes, keys = np.empty(len(values), np.int32), np.empty((len(values), 2), np.uint64)
    n = _kernels.codes_of_integers(values, codes, keys)
    assert not keys[:n, 1].any()
    pairs, again = keys[codes], np.empty_like(codes)
    assert _kernels.codes_of_pairs(pairs, again, np.empty_like(pairs)) == n
    assert again.tolist() == codes.tolist()
    return codes.tolist(), keys[:n, 0].view(np.int64).tolist()


def coded_text(values, dtype=np.int64, before=b"", after=b""):
    data = np.frombuffer(before + b"".join(values) + after, np.uint8)
    offsets = np.cumsum([len(before), *map(len, values)]).astype(dtype)
    codes, bounds = np.empty(len(values), np.int32), np.empty(len(values) + 1, np.int64)
    keys, text = np.empty((len(values), 2), np.uint64), np.empty(len(data), np.uint8)
    n = _kernels.codes_of_text(data, offsets, codes, keys, bounds, text)
    held = text.tobytes()
    return codes.tolist(), [held[a:b] for a, b in pairwise(bounds[: n + 1])]


def coded_short_text(values, dtype=np.int64, before=b"", after=b""):
    data = np.frombuffer(before + b"".join(values) + after, np.uint8)
    offsets = np.cumsum([len(before), *map(len, values)]).astype(dtype)
    assert _kernels.longest_step(offsets) == max(map(len, values), default=0)
    codes, keys = np.empty(len(values), np.int32), np.empty((len(values), 2), np.uint64)
    keys = keys[: _kernels.codes_of_short_text(data, offsets, codes, keys)]
    bounds = np.append(0, np.cumsum(keys[:, 1] & np.uint64(255), dtype=np.int64))
    text = np.empty(bounds[-1], np.uint8)
    _kernels.text_of_keys(keys, bounds, text)
    held = text.tobytes()
    distinct = [held[a:b] for a, b in pairwise(bounds)]
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    assert [distinct[k] for k in order] == sorted(distinct)
    return codes.tolist(), distinct


@given(st.lists(WHOLE | st.integers(-3, 3)))
def test_integers(values):
    assert coded(np.array(values, dtype=np.int64)) == first_seen_codes(values)


@pytest.mark.parametrize("step", [1, 2**40, 4096 * 2**20, -(2**52) + 1])
def test_many_integers_for_which_the_table_grows(step):
    values = np.arange(20_000) * step
    values = np.concatenate((values, values[::-7]))
    assert coded(values) == first_seen_codes(values.tolist())


SOME = st.sampled_from([b"", b"\0", b"a\0", b"a", b"12345678", b"12345678\0", b"1234567"])


@given(st.lists(st.binary(max_size=40) | SOME), st.binary(max_size=9))
def test_text(values, after):
    for dtype in (np.int64, np.int32):
        assert coded_text(values, dtype, b"xyz", after) == first_seen_codes(values)


@given(st.lists(st.binary(max_size=15) | SOME), st.binary(max_size=9))
def test_short_text(values, after):
    for dtype in (np.int64, np.int32):
        assert coded_short_text(values, dtype, b"xyz", after) == first_seen_codes(values)


@pytest.mark.parametrize("coded", [coded_text, coded_short_text])
def test_much_text_for_which_the_table_grows(coded):
    values = [b"customer-%d" % (k % 9_000) for k in range(30_000)]
    assert coded(values) == first_seen_codes(values)


@given(st.lists(st.integers(-5, 20), min_size=1), st.booleans())
def test_a_small_range_is_numbered_in_ascending_order(values, ascending):
    values = np.array(sorted(values) if ascending else values, dtype=np.int64)
    distinct, expected = np.unique(values, return_inverse=True)
    codes, found = np.empty(len(values), np.int32), np.empty(len(values), np.int64)
    if ascending:
        n = _kernels.codes_of_runs(values, codes, found)
    else:
        table = np.zeros(np.ptp(values) + 1, np.int32)
        _kernels.mark(values, values.min(), table)
        n = _kernels.number_marked(table, values.min(), found)
        _kernels.look_up(values, values.min(), table, codes)
    assert (codes.tolist(), found[:n].tolist()) == (expected.tolist(), distinct.tolist())


@given(st.permutations(range(7)), st.lists(st.integers(0, 6)))
def test_recode(ranks, codes):
    again = np.array(codes, dtype=np.int32)
    _kernels.recode(again, np.array(ranks, dtype=np.int32))
    assert again.tolist() == [ranks[code] for code in codes]


@given(st.lists(WHOLE, min_size=1))
def test_extent(values):
    n_descents = sum(a > b for a, b in pairwise(values))
    expected = min(values), max(values), n_descents
    assert _kernels.extent(np.array(values, dtype=np.int64)) == expected
