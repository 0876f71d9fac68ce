"""Pairs above the threshold, the score's formula and the grades."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sktemporal.quality.checks import (
    component_scores,
    grade,
    high_correlation_pairs,
    overall_score,
)


def test_pairs_are_distinct_sorted_and_strictly_above():
    correlation = np.array(
        [
            [1.0, 0.5, -0.9, np.nan],
            [0.5, 1.0, 0.8, 0.9],
            [-0.9, 0.8, 1.0, -0.95],
            [np.nan, 0.9, -0.95, 1.0],
        ]
    )
    first, second, values = high_correlation_pairs(correlation, 0.8)
    assert list(zip(first, second, values, strict=True)) == [
        (2, 3, -0.95),
        (0, 2, -0.9),
        (1, 3, 0.9),
    ]


@pytest.mark.parametrize("n_features", [0, 1])
def test_no_pairs_of_too_few_features(n_features):
    first, _, _ = high_correlation_pairs(np.ones((n_features, n_features)), 0.0)
    assert len(first) == 0


@pytest.mark.parametrize(
    ("arguments", "components"),
    [
        ((0.0, 10.0, 0), (1.0, 1.0, 1.0)),
        ((0.0, 1e308, 0), (1.0, 1.0, 1.0)),
        ((0.005, 12.5, 2), (0.995, 1.0, 0.8)),
        ((0.25, 2.5, 10), (0.75, 0.25, 0.0)),
        ((1.0, 0.0, 11), (0.0, 0.0, 0.0)),
    ],
)
def test_score_by_hand(arguments, components):
    assert component_scores(*arguments) == pytest.approx(components)
    assert overall_score(*arguments) == pytest.approx(sum(components) / 3)


@given(st.floats(0, 1), st.floats(0, 1e308), st.integers(0, 10_000))
def test_score_is_within_bounds_and_monotone(missing, variance, n_pairs):
    score = overall_score(missing, variance, n_pairs)
    assert 0 <= score <= 1
    assert overall_score(missing / 2, variance, n_pairs) >= score
    assert overall_score(missing, variance / 2, n_pairs) <= score
    assert overall_score(missing, variance, n_pairs + 1) <= score


def test_undefined_component_makes_the_score_undefined():
    assert component_scores(0.5, np.nan, 0)[0] == 0.5
    assert np.isnan(component_scores(0.5, np.nan, 0)[1])
    assert np.isnan(overall_score(0.5, np.nan, 0))
    assert np.isnan(overall_score(np.nan, 1.0, 0))


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (1.0, "excellent"),
        (np.nextafter(0.8, 1), "excellent"),
        (0.8, "good"),
        (0.6, "good"),
        (np.nextafter(0.6, 0), "fair"),
        (0.4, "fair"),
        (np.nextafter(0.4, 0), "poor"),
        (0.0, "poor"),
        (np.nan, None),
    ],
)
def test_grade(score, expected):
    assert grade(score) == expected


def test_equally_strong_pairs_come_in_the_order_of_the_columns():
    n = 30
    correlation = np.where(np.add.outer(np.arange(n), np.arange(n)) % 2, 0.9, -0.9)
    first, second, values = high_correlation_pairs(correlation, 0.5)
    pairs = list(zip(first.tolist(), second.tolist(), strict=True))
    assert pairs == [(i, j) for i in range(n) for j in range(i + 1, n)]
    assert set(values.tolist()) == {0.9, -0.9}
