"""The codes of labels against dictionaries."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oracles.labels import first_seen_codes

from sktemporal import _kernels

WHOLE = st.integers(-(2**63), 2**63 - 1)


def coded(values):
    codes, distinct = np.empty(len(values), np.int32), np.empty(len(values), np.int64)
    n = _kernels.codes_of_integers(values, codes, distinct)
    return codes.tolist(), distinct[:n].tolist()


def coded_bytes(values, dtype=np.int64, before=b""):
    data = np.frombuffer(before + b"".join(values), np.uint8)
    offsets = np.cumsum([len(before), *map(len, values)]).astype(dtype)
    codes, bounds = np.empty(len(values), np.int32), np.empty(len(values) + 1, np.int64)
    text = np.empty(len(data), np.uint8)
    n = _kernels.codes_of_bytes(data, offsets, codes, bounds, text)
    held = text.tobytes()
    return codes.tolist(), [held[a:b] for a, b in pairwise(bounds[: n + 1])]


@given(st.lists(WHOLE | st.integers(-3, 3)))
def test_integers(values):
    assert coded(np.array(values, dtype=np.int64)) == first_seen_codes(values)


@pytest.mark.parametrize("step", [1, 2**40, 4096 * 2**20, -(2**52) + 1])
def test_many_integers_for_which_the_table_grows(step):
    values = np.arange(20_000) * step
    values = np.concatenate((values, values[::-7]))
    assert coded(values) == first_seen_codes(values.tolist())


@given(st.lists(st.binary(max_size=20) | st.sampled_from([b"", b"\0", b"a\0", b"a"])))
@example([b"12345678", b"123456789", b"123456780", b"12345678\0", b"1234567"])
def test_bytes(values):
    for dtype in (np.int64, np.int32):
        assert coded_bytes(values, dtype, b"xyz") == first_seen_codes(values)


def test_many_bytes_for_which_the_table_grows():
    values = [b"customer-%d" % (k % 9_000) for k in range(30_000)]
    assert coded_bytes(values) == first_seen_codes(values)


@given(st.lists(st.integers(-5, 20), min_size=1), st.booleans())
def test_a_small_range_is_numbered_in_ascending_order(values, ascending):
    values = np.array(sorted(values) if ascending else values, dtype=np.int64)
    distinct, expected = np.unique(values, return_inverse=True)
    codes, found = np.empty(len(values), np.int32), np.empty(len(values), np.int64)
    if ascending:
        n = _kernels.codes_of_runs(values, codes, found)
    else:
        table = np.zeros(np.ptp(values) + 1, np.int32)
        n = _kernels.codes_in_range(values, values.min(), table, codes, found)
    assert (codes.tolist(), found[:n].tolist()) == (expected.tolist(), distinct.tolist())


@given(st.lists(WHOLE, min_size=1))
def test_extent(values):
    n_descents = sum(a > b for a, b in pairwise(values))
    expected = min(values), max(values), n_descents
    assert _kernels.extent(np.array(values, dtype=np.int64)) == expected
