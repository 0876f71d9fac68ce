"""What was changed after fit is refused before a kernel runs, on every road to one."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
from sklearn.base import clone

from sktemporal import (
    BehavioralFeatures,
    CategoricalFeatures,
    EventSequences,
    ExponentialSmoothingFeatures,
    FeatureMemory,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    TemporalPatternFeatures,
    make_temporal_pipeline,
    prepare,
)

FAMILIES = {
    "statistical": StatisticalFeatures(),
    "categorical": CategoricalFeatures(),
    "temporal": TemporalPatternFeatures(fields=(0, 1)),
    "behavioral": BehavioralFeatures(),
    "rolling": RollingWindowFeatures(windows=(3, "7d")),
    "lag": LagFeatures(lags=(1, 2)),
    "smoothing": ExponentialSmoothingFeatures(),
}


def sequences(n_categorical=2):
    rng = np.random.default_rng(0)
    return EventSequences(
        rng.lognormal(size=(60, 2)),
        np.arange(0, 60, 6),
        np.arange(6, 66, 6),
        times=np.tile(np.arange(6) * 86_400_000_000, 10),
        codes=rng.integers(0, 4, size=(60, n_categorical)),
    )


SEQS = sequences()

# By attribute or parameter, what it must not become.
STATES = {
    "field_positions_": [
        np.array([0, 7]),
        np.array([-1]),
        np.array([2**62]),
        np.array([0, 0]),
        np.array([0.0]),
        np.array([0], dtype=np.int32),
        np.array([0], dtype=">i8"),
        np.array([[0]]),
        np.array([0, 1, 0, 1])[::2],
        np.array([None]),
        np.empty(0, dtype="V0"),
        [0],
        None,
    ],
    "n_features_in_": [-1, 2.0, "2", None, True, np.array([2, 2])],
    "categorical_feature_names_in_": [
        None,
        "ab",
        ["a", "b"],
        np.array(["c0", "c0"], dtype=object),
        np.array([["c0"], ["c1"]], dtype=object),
        np.array([0, 1], dtype=object),
    ],
    "feature_names_in_": [np.array(["a"], dtype=object), np.array([1, 2]), "ab", None],
}
PARAMETERS = {
    "dtype": [np.int8, "float16", object, None],
    "fill_value": ["0", None, 1j, Fraction(10**400), np.timedelta64(1, "s")],
    "prefix": [None, 3],
    "windows": [(0,), (-3,), (2.5,), ("nonsense",), (2**63,), 7, None, ((7,),), (7, 7)],
    "aggregations": [("nonsense",), "mean", None, (0,), ("mean", "mean")],
    "closed": ["middle", 3],
    "gap": ["nonsense", 5, -1],
    "lags": [(-1,), (2**63,), (1.5,), (True,), None, ("1",)],
    "statistics": [("q101",), ("nonsense",), None, ([],)],
    "alpha": [0.0, 1.5, -1, np.nan, "0.3", None],
}


def roads(name, family):
    """Ways to the features of a fitted family, each called with sequences."""
    as_made = FAMILIES[name]
    union = TemporalFeatureUnion([("one", LagFeatures()), ("changed", clone(as_made))]).fit(SEQS)
    union.transformers_[1] = ("changed", family)
    remembering = TemporalFeatureUnion([("changed", clone(as_made))], memory=FeatureMemory())
    remembering.fit(SEQS).transformers_[0] = ("changed", family)
    return {
        "transform": family.transform,
        "union": union.transform,
        "union with a memory": remembering.transform,
        "prepared": lambda X: prepare(family)(X),
        "prepared union": lambda X: prepare(union)(X),
        "names": lambda X: family.get_feature_names_out(),
    }


def changes():
    for name, family in FAMILIES.items():
        for attribute, values in STATES.items():
            yield from ((name, attribute, value) for value in values)
        for parameter in family.get_params():
            yield from ((name, parameter, value) for value in PARAMETERS.get(parameter, ()))


@pytest.mark.parametrize(("name", "attribute", "value"), [*changes()])
def test_a_changed_family_is_refused(name, attribute, value):
    family = clone(FAMILIES[name]).fit(SEQS)
    family.transform(SEQS)  # what was right before is looked at again
    setattr(family, attribute, value)
    for road in roads(name, family).values():
        with pytest.raises(ValueError, match=attribute):
            road(SEQS)


@pytest.mark.parametrize("name", [*FAMILIES])
def test_what_is_changed_in_place_is_refused(name):
    family = clone(FAMILIES[name]).fit(SEQS)
    before = family.transform(SEQS)
    family.field_positions_[0] = 5
    for road in roads(name, family).values():
        with pytest.raises(ValueError, match=r"field_positions_ must be .* below 2"):
            road(SEQS)
    family.field_positions_[0] = 0
    assert family.transform(SEQS).tobytes() == before.tobytes()


def test_a_list_that_grows_is_looked_at_again():
    family = LagFeatures(lags=[1]).fit(SEQS)
    family.transform(SEQS)
    family.lags.append(2)
    assert family.transform(SEQS).shape == (10, 4)
    family.lags.append(-1)
    with pytest.raises(ValueError, match="lags"):
        family.transform(SEQS)


def test_allowed_changes_take_effect():
    for memory in (None, FeatureMemory()):
        union = TemporalFeatureUnion([("lag", LagFeatures(lags=(1,)))], memory=memory).fit(SEQS)
        first = union.transform(SEQS)
        union.named_transformers_["lag"].field_positions_ = np.array([1])
        np.testing.assert_array_equal(union.transform(SEQS)[:, 0], first[:, 1])
        union.named_transformers_["lag"].set_params(lags=(0,))
        assert union.transform(SEQS)[0, 0] == SEQS.values[5, 1]


@pytest.mark.parametrize("fill_value", [Fraction(1, 2), np.float32(0.5), 0.5])
def test_every_kind_of_real_number_fills(fill_value):
    family = LagFeatures(lags=(9,), fill_value=fill_value)
    assert (family.fit_transform(SEQS) == 0.5).all()


def test_a_fitted_field_that_x_lacks():
    # Fitted on the codes in a plain array; the sequences have numbers alone.
    family = CategoricalFeatures().fit(np.ones((3, 4, 2)))
    numbers = EventSequences.from_padded(np.ones((3, 4, 2)))
    for road in (family.transform, prepare(family)):
        with pytest.raises(ValueError, match="at least 2 categorical fields"):
            road(numbers)


def test_members_that_were_fitted_on_other_fields():
    union = TemporalFeatureUnion([("a", LagFeatures()), ("b", StatisticalFeatures())]).fit(SEQS)
    wider = StatisticalFeatures().fit(np.ones((3, 4, 9)))
    union.transformers_[1] = ("b", wider)
    for road in (union.transform, prepare(union)):
        with pytest.raises(ValueError, match="9"):
            road(SEQS)


def test_the_state_survives_copies():
    pipeline = make_temporal_pipeline(windows=(3,), lags=(1,)).fit(SEQS)
    copied = pickle.loads(pickle.dumps(pipeline))
    assert copied.transform(SEQS).tobytes() == pipeline.transform(SEQS).tobytes()
