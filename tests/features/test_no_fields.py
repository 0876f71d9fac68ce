"""Sequences without numerical or categorical fields, events or entities, by every road."""

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
    "no statistics": StatisticalFeatures(statistics=()),
    "categorical": CategoricalFeatures(),
    "temporal": TemporalPatternFeatures(),
    "temporal of no field": TemporalPatternFeatures(fields=()),
    "behavioral": BehavioralFeatures(),
    "windows": RollingWindowFeatures(("7d", 3), ("count",)),
    "windows of many": RollingWindowFeatures((3, "7d", 5), ("median", "n_unique", "mean", "skew")),
    "windows up to a gap": RollingWindowFeatures(("7d", 3), ("count",), gap="1d"),
    "windows open at the end": RollingWindowFeatures(("7d", 3), ("mean",), closed="left"),
    "no windows": RollingWindowFeatures((), ("mean",)),
    "no aggregations": RollingWindowFeatures((3, "7d"), ()),
    "lag": LagFeatures(),
    "no lags": LagFeatures(lags=()),
    "smoothing": ExponentialSmoothingFeatures(),
}
LENGTHS = {
    "no entity": [],
    "no event": [0, 0, 0],
    "one event": [1],
    "one event each": [1, 1, 1],
    "some": [0, 5, 1, 3],
    "many": [4] * 20,
}


def sequences(lengths, n_numerical, n_categorical):
    rng = np.random.default_rng(0)
    stops = np.cumsum(lengths, dtype=np.int64)
    n = int(stops[-1]) if lengths else 0
    days = [day for length in lengths for day in range(length)]
    return EventSequences(
        rng.lognormal(size=(n, n_numerical)),
        stops - np.array(lengths, dtype=np.int64),
        stops,
        codes=rng.integers(0, 3, size=(n, n_categorical)),
        times=np.array(days, dtype=np.int64) * 86_400_000_000,
    )


@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
@pytest.mark.parametrize("n_categorical", [0, 1])
@pytest.mark.parametrize("n_numerical", [0, 1])
@pytest.mark.parametrize("lengths", [*LENGTHS])
@pytest.mark.parametrize("family", [*FAMILIES])
def test_every_family(family, lengths, n_numerical, n_categorical):
    seqs = sequences(LENGTHS[lengths], n_numerical, n_categorical)
    for view in (seqs, seqs[::-1], seqs.tail(1), seqs.each_event()):
        fitted = clone(FAMILIES[family]).fit(view)
        features = fitted.transform(view)
        assert features.shape == (len(view), len(fitted.get_feature_names_out()))
        union = TemporalFeatureUnion([("one", clone(FAMILIES[family]))], memory=FeatureMemory())
        for others in (prepare(fitted)(view), union.fit_transform(view)):
            assert others.tobytes() == features.tobytes()


@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
@pytest.mark.parametrize("lengths", [name for name in LENGTHS if name != "no entity"])
def test_the_pipeline_without_a_numerical_field(lengths):
    seqs = sequences(LENGTHS[lengths], 0, 1)
    pipeline = make_temporal_pipeline(windows=(3, "7d"), lags=(1,))
    features = pipeline.fit(seqs).transform(seqs)
    names = pipeline.get_feature_names_out().tolist()
    assert features.shape == (len(seqs), len(names))
    assert "unique_count_c0" in names
    assert "temporal_span" in names


@pytest.mark.parametrize("prefixes", [True, False])
@pytest.mark.parametrize("members", [[], [("one", "drop")]])
def test_a_union_without_members(members, prefixes):
    X = np.ones((3, 4, 2))
    union = TemporalFeatureUnion(members, verbose_feature_names_out=prefixes)
    assert repr(clone(union)) == repr(union)
    assert union.fit_transform(X).shape == (3, 0)
    assert union.fit(X).transform(X).shape == (3, 0)
    assert union.transform(EventSequences.from_padded(X)).shape == (3, 0)
    assert union.get_feature_names_out().tolist() == []
    assert prepare(union)(X).shape == (3, 0)
    assert not hasattr(union, "n_features_in_")
    assert union.set_output(transform="pandas").fit_transform(X).shape == (3, 0)
