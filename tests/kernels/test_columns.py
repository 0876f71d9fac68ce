"""The radix sort against numpy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sktemporal import _kernels


def radix_sorted(values):
    result = values.copy()
    _kernels.radix_sort(result.view(np.uint64), np.empty(len(values), dtype=np.uint64))
    return result


@given(hnp.arrays(np.float64, st.integers(0, 50), elements=st.floats(allow_nan=False)))
def test_any_values(values):
    values = values + 0.0
    np.testing.assert_array_equal(radix_sorted(values), np.sort(values))


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300])
def test_many_values(scale):
    values = np.random.default_rng(0).normal(size=20_000) * scale
    values[::11] = np.nan
    values[5], values[6] = np.inf, -np.inf
    np.testing.assert_array_equal(radix_sorted(values), np.sort(values))
