"""Sketches: a function of the values, whatever the order and the merges; exact where few differ."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal

from sktemporal.quality import sketches as module
from sktemporal.quality.sketches import MAX_BINS, FeatureSketches, sketch_of

ANY = st.floats(allow_nan=True, allow_infinity=True)
NAMES = ["a", "b"]


def sketches_of(X):
    return FeatureSketches.from_matrix(X, NAMES)


@given(hnp.arrays(np.float64, st.tuples(st.integers(0, 40), st.just(2)), elements=ANY), st.data())
@settings(max_examples=150, deadline=None)
def test_any_order_of_merges_has_the_same_bytes(X, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_BINS", 4)
        whole = sketches_of(X)
        order = data.draw(st.permutations(range(len(X))))
        cuts = sorted(data.draw(st.lists(st.integers(0, len(X)), min_size=2, max_size=4)))
        parts = [sketches_of(part) for part in np.split(X[order], cuts)]
        parts = data.draw(st.permutations(parts))
        while len(parts) > 1:
            i = data.draw(st.integers(0, len(parts) - 2))
            parts[i : i + 2] = [parts[i].merge(parts[i + 1])]
        assert parts[0].to_bytes() == whole.to_bytes()
        assert all(len(s.keys) <= 4 for s in whole.sketches)


def test_many_rows_in_parts():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.lognormal(size=20_000), rng.poisson(3, size=20_000)])
    X[::7, 0] = np.nan
    parts = [sketches_of(part) for part in np.array_split(rng.permutation(X), 13)]
    merged = parts[0]
    for part in parts[1:]:
        merged = part.merge(merged)
    assert merged == sketches_of(X)
    assert merged.n_rows == 20_000
    assert MAX_BINS / 4 < len(merged.sketches[0].keys) <= MAX_BINS


@given(
    hnp.arrays(
        np.float64, st.integers(1, 60), elements=st.floats(allow_nan=False, allow_infinity=False)
    )
)
@settings(deadline=None)
def test_few_values_are_exact(x):
    x = np.sort(x + 0.0)
    sketch = sketch_of(x)
    values, counts = np.unique(x, return_counts=True)
    assert sketch.level == 0
    assert_array_equal(sketch.values, values)
    assert_array_equal(sketch.counts, counts)


@pytest.mark.parametrize(
    ("centre", "spread"), [(0.0, 1.0), (1e9, 1.0), (-1e-200, 1e-201), (0, 1e300)]
)
def test_bins_are_as_fine_as_the_values_need(centre, spread):
    x = np.sort(np.random.default_rng(0).normal(centre, spread, size=50_000))
    sketch = sketch_of(x)
    width = np.abs(np.repeat(sketch.values, sketch.counts) - x)
    assert np.quantile(width, 0.99) < spread / 4
    assert sketch.counts.max() < len(x) / 20


@given(hnp.arrays(np.float64, st.tuples(st.integers(0, 60), st.just(2)), elements=ANY))
@settings(deadline=None)
def test_few_values_are_rounded_as_numpy_does(X):
    with np.errstate(over="ignore"):
        expected = sketches_of(X.astype(np.float32))
    assert sketches_of(X).rounded() == expected


def test_many_values_are_rounded_but_for_those_at_the_edges_of_bins():
    x = np.random.default_rng(0).normal(1e9, 1e6, size=(50_000, 1))
    whole, rounded = (FeatureSketches.from_matrix(y, ["a"]) for y in (x, x.astype(np.float32)))
    assert 0 < whole.sketches[0].level < 40
    level = max(whole.rounded().sketches[0].level, rounded.sketches[0].level)
    a, b = (s.sketches[0].at_level(level) for s in (whole.rounded(), rounded))
    assert_array_equal(a.keys, b.keys)
    assert np.abs(np.cumsum(a.counts - b.counts)).max() <= 2**-12 * len(x)


def test_largest_numbers_stay_finite():
    largest = np.finfo(np.float64).max
    x = np.append(np.geomspace(1e-300, 1e308, 5000), largest)
    sketch = sketch_of(np.concatenate((-x[::-1], x)))
    assert sketch.level > 40
    assert np.isfinite(sketch.values).all()


def test_infinities_and_missing_are_counted():
    (sketch, _) = sketches_of(
        np.array([[np.inf, 0], [-np.inf, 0], [np.nan, 0], [np.inf, 0]])
    ).sketches
    assert (sketch.n_missing, sketch.n_lowest, sketch.n_highest) == (1, 1, 2)
    assert len(sketch.keys) == 0


def test_size_of_a_feature():
    x = np.random.default_rng(0).lognormal(size=(100_000, 2))
    sketches = sketches_of(x)
    assert len(sketches.to_bytes()) < 2 * 3_000


def test_bytes_and_pickle_bring_all_of_it_back():
    X = np.random.default_rng(0).normal(size=(3000, 2))
    X[5], X[6] = np.nan, -np.inf
    sketches = FeatureSketches.from_matrix(X, ["ä" * 10_000, "\n\0"])
    for back in (
        FeatureSketches.from_bytes(sketches.to_bytes()),
        pickle.loads(pickle.dumps(sketches)),
    ):
        assert back == sketches
        assert back.names == sketches.names


def test_other_features_do_not_merge():
    X = np.zeros((3, 2))
    with pytest.raises(ValueError, match="the same order"):
        sketches_of(X).merge(FeatureSketches.from_matrix(X, ["b", "a"]))


def test_a_bin_stands_for_its_middle():
    x = np.sort(np.random.default_rng(0).uniform(1.0, 2.0, size=100_000))
    sketch = sketch_of(x)
    assert sketch.level > 0
    assert abs(np.average(sketch.values, weights=sketch.counts) - x.mean()) < 2e-5


def test_the_middle_of_the_last_bin_is_a_number():
    # Bins of two octaves, of which the last reaches beyond the largest number.
    x = np.append(2.0 ** np.linspace(300, 1023, 5000), np.finfo(np.float64).max)
    sketch = sketch_of(x)
    assert sketch.level == 53
    assert sketch.values[-1] == np.finfo(np.float64).max


def test_rounded_bins_are_no_finer_than_float32():
    x = np.random.default_rng(0).uniform(1e9, 1.0001e9, size=(5000, 1))
    fine = FeatureSketches.from_matrix(x, ["a"])
    assert 0 < fine.sketches[0].level < 40
    assert fine.rounded().sketches[0].level == 40
    coarse = FeatureSketches.from_matrix(np.geomspace(1e-9, 1e9, 5000)[:, None], ["a"])
    assert coarse.sketches[0].level > 40
    assert coarse.rounded() == coarse
