"""Matrices are one to the last bit, or it is said where they differ."""

import numpy as np
import pytest

from sktemporal.testing._comparison import assert_same_bits


class Named:
    def get_feature_names_out(self):
        return np.array(["a", "b"], dtype=object)


@pytest.mark.parametrize("value", [0.0, -0.0, 1.0, np.inf, np.nan])
def test_the_same(value):
    found = np.full((2, 2), value)
    assert_same_bits(found, found.copy(), Named(), "here")
    assert_same_bits(found.astype(np.float32), found.astype(np.float32), Named(), "here")


def test_nan_is_nan_whatever_its_sign():
    assert_same_bits(np.full((1, 2), np.nan), np.full((1, 2), -np.nan), Named(), "here")


@pytest.mark.parametrize(
    ("expected", "found"),
    [(0.0, -0.0), (-0.0, 0.0), (1.0, np.nan), (np.nan, 1.0), (1.0, np.nextafter(1.0, 2.0))],
)
def test_others_are_told_by_row_and_column(expected, found):
    before, after = np.zeros((2, 4, 2))
    before[2, 1], after[2, 1] = expected, found
    after[3] = 7.0
    message = (
        f"Named gives other features here: 2 of 4 rows differ, first in row 2, column 'b': "
        f"{expected} became {found}"
    )
    with pytest.raises(AssertionError) as error:
        assert_same_bits(after, before, Named(), "here")
    assert str(error.value) == message


@pytest.mark.parametrize(
    "found", [np.zeros((2, 2), dtype=np.float32), np.zeros((2, 1)), np.zeros((1, 2), dtype=int)]
)
def test_another_shape_or_type_is_another_matrix(found):
    with pytest.raises(AssertionError, match=r"Named gives another matrix here: shape \(2, 2\) of"):
        assert_same_bits(found, np.zeros((2, 2)), Named(), "here")
