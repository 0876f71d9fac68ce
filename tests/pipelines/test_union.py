import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pandas as pd
import pytest
from histories import features, same_bits, seeded_histories, sequences_of
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import FunctionTransformer

from sktemporal import (
    BehavioralFeatures,
    CategoricalFeatures,
    EventSequences,
    ExponentialSmoothingFeatures,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    TemporalPatternFeatures,
    prepare,
)
from sktemporal.exceptions import EmptyHistoryWarning

FAMILIES = [
    ("statistical", StatisticalFeatures(fill_value=np.nan)),
    ("categorical", CategoricalFeatures()),
    ("temporal", TemporalPatternFeatures(fill_value=-1.0)),
    ("behavioral", BehavioralFeatures(fields=("large", "amount"))),
    ("rolling", RollingWindowFeatures((3, "2h"))),
    ("lag", LagFeatures((1, 5), prefix="p_")),
    ("smoothing", ExponentialSmoothingFeatures(0.7)),
]


def union_of(members=FAMILIES, **parameters):
    """A union with members of its own, for set_params and set_output reach into them."""
    return TemporalFeatureUnion([(name, clone(m)) for name, m in members], **parameters)


class Lengths(TransformerMixin, BaseEstimator):
    """A member of somebody else: the number of events."""

    def fit(self, X, y=None):
        self.n_fitted_ = len(X)
        self.target_mean_ = None if y is None else float(np.mean(y))
        return self

    def transform(self, X):
        return (X.stops - X.starts)[:, np.newaxis].astype(float)

    def get_feature_names_out(self, input_features=None):
        return np.array(["length"], dtype=object)


@pytest.fixture(scope="module")
def seqs():
    return sequences_of(seeded_histories(1, n_entities=60))


@pytest.fixture(scope="module")
def alone(seqs):
    return {name: features(clone(family), seqs) for name, family in FAMILIES}


def test_columns_have_the_bits_of_each_family_alone(seqs, alone):
    union = union_of(FAMILIES)
    expected = np.hstack(list(alone.values()))
    assert same_bits(features(union, seqs), expected)
    names = [f"{n}__{c}" for n, f in FAMILIES for c in clone(f).fit(seqs).get_feature_names_out()]
    assert union.get_feature_names_out().tolist() == names


def test_fit_then_transform_has_the_bits_of_fit_transform(seqs):
    union = union_of(FAMILIES)
    with pytest.warns(EmptyHistoryWarning):
        once = union.fit_transform(seqs)
    with pytest.warns(EmptyHistoryWarning):
        twice = clone(union).fit(seqs).transform(seqs)
    assert same_bits(once, twice)


def test_scikit_learn_s_feature_union_gives_the_same(seqs):
    with pytest.warns(EmptyHistoryWarning):
        expected = FeatureUnion(FAMILIES).fit_transform(seqs)
    np.testing.assert_array_equal(features(union_of(FAMILIES), seqs), expected)


def test_warns_once_of_empty_histories(seqs):
    n_empty = int((seqs.starts == seqs.stops).sum())
    with pytest.warns(EmptyHistoryWarning, match=f"^{n_empty} of 60 rows") as caught:
        union_of(FAMILIES).fit_transform(seqs)
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_fit_leaves_the_given_members_unfitted(seqs):
    members = [(name, clone(family)) for name, family in FAMILIES]
    union = TemporalFeatureUnion(members).fit(seqs)
    assert all(not hasattr(member, "n_features_in_") for _, member in members)
    assert union.named_transformers_.rolling.n_features_in_ == 4
    assert union.n_features_in_ == 4
    assert union.feature_names_in_.tolist() == ["amount", "large", "tied", "constant"]


def test_set_params_reaches_the_members_and_drops(seqs, alone):
    union = union_of(FAMILIES).set_params(
        rolling__windows=(2,), statistical="drop", behavioral="drop", categorical="drop"
    )
    got = features(union, seqs)
    rolling = features(RollingWindowFeatures((2,)), seqs)
    parts = [alone["temporal"], rolling, alone["lag"], alone["smoothing"]]
    assert same_bits(got, np.hstack(parts))


def test_weights_multiply(seqs, alone):
    union = union_of(FAMILIES[4:], transformer_weights={"lag": 10.0, "rolling": 0.5})
    expected = [0.5 * alone["rolling"], 10.0 * alone["lag"], alone["smoothing"]]
    assert same_bits(features(union, seqs), np.hstack(expected))


def test_dtypes_of_members_mix(seqs, alone):
    members = [("lag", LagFeatures((1,), dtype=np.float32)), ("rolling", RollingWindowFeatures())]
    mixed = features(TemporalFeatureUnion(members), seqs)
    lag = features(LagFeatures((1,)), seqs).astype(np.float32)
    assert mixed.dtype == np.float64
    assert same_bits(mixed[:, :4], lag.astype(np.float64))
    members[1][1].set_params(dtype="float32")
    single = features(TemporalFeatureUnion(members), seqs)
    assert same_bits(single[:, :4], lag)
    assert single.dtype == np.float32


def test_members_of_others_keep_their_place(seqs, alone):
    members = [FAMILIES[5], ("lengths", Lengths()), FAMILIES[6]]
    union = TemporalFeatureUnion(members, transformer_weights={"lengths": 2.0})
    with pytest.warns(EmptyHistoryWarning):
        got = union.fit_transform(seqs, np.arange(60.0))
    lengths = 2.0 * (seqs.stops - seqs.starts)[:, np.newaxis]
    assert same_bits(got, np.hstack([alone["lag"], lengths, alone["smoothing"]]))
    assert union.get_feature_names_out()[16 // 2] == "lengths__length"
    assert union.named_transformers_["lengths"].target_mean_ == 29.5
    assert not hasattr(members[1][1], "n_fitted_")
    with pytest.warns(EmptyHistoryWarning):
        assert same_bits(union.transform(seqs), got)


def test_passthrough_on_a_table():
    X = np.array([[1.0, 2.0], [3.0, 4.0]])
    union = TemporalFeatureUnion(
        [("lag", LagFeatures((0,))), ("same", "passthrough"), ("log", FunctionTransformer(np.log))]
    )
    assert same_bits(union.fit_transform(X), np.hstack([X, X, np.log(X)]))


def test_only_members_of_others(seqs):
    got = TemporalFeatureUnion([("lengths", Lengths())]).fit_transform(seqs)
    assert got[:, 0].tolist() == (seqs.stops - seqs.starts).tolist()


def test_all_dropped_gives_no_column(seqs):
    assert TemporalFeatureUnion([("lag", "drop")]).fit_transform(seqs).shape == (60, 0)


@pytest.mark.parametrize("output", ["pandas", "polars"])
def test_set_output_names_the_columns(seqs, output):
    union = union_of(FAMILIES, verbose_feature_names_out=False)
    union.set_output(transform=output)
    frame = features(union, seqs)
    assert list(frame.columns) == union.get_feature_names_out().tolist()
    amount = StatisticalFeatures(("mean",), fields=("amount",), fill_value=np.nan)
    np.testing.assert_array_equal(frame["mean_amount"], features(amount, seqs)[:, 0])


def test_pickle_gives_the_same_and_carries_no_events(seqs):
    union = union_of(FAMILIES)
    expected = features(union, seqs)
    data = pickle.dumps(union)
    assert len(data) < 10_000
    with pytest.warns(EmptyHistoryWarning):
        assert same_bits(pickle.loads(data).transform(seqs), expected)


def test_plain_array_has_no_categorical_columns():
    X = np.random.default_rng(0).normal(size=(4, 6, 2))
    union = TemporalFeatureUnion([("categorical", CategoricalFeatures()), ("lag", LagFeatures())])
    assert same_bits(union.fit_transform(X), LagFeatures().fit_transform(X))


def test_zero_entities():
    seqs = EventSequences(np.ones((2, 1)), [0], [2])
    union = TemporalFeatureUnion([("lag", LagFeatures()), ("rolling", RollingWindowFeatures())])
    assert union.fit(seqs).transform(seqs[[]]).shape == (0, 28)


def test_other_fields_in_transform_are_named(seqs):
    union = TemporalFeatureUnion([("lag", LagFeatures())]).fit(seqs)
    with pytest.raises(ValueError, match="X has 2 features, but LagFeatures is expecting 4"):
        union.transform(np.ones((2, 3, 2)))
    renamed = EventSequences(np.ones((1, 4)), [0], [1], fields=list("abcd"))
    with pytest.raises(ValueError, match=r"fitted on \['amount'.*X has \['a', 'b', 'c', 'd'\]"):
        union.transform(renamed)


def test_frame_with_names_then_array_without_warns():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    union = TemporalFeatureUnion([("lag", LagFeatures((0,)))]).fit(frame)
    assert union.get_feature_names_out().tolist() == ["lag__lag_0_a", "lag__lag_0_b"]
    with pytest.warns(UserWarning, match="feature names"):
        union.transform(frame.to_numpy())


@pytest.mark.parametrize(
    ("members", "parts"),
    [
        ([("r", RollingWindowFeatures((-3,)))], ["'windows'", "-3"]),
        ([("s", ExponentialSmoothingFeatures(2))], ["'alpha'", "2"]),
        ([("s", StatisticalFeatures(("mode",)))], ["'statistics'", "mode"]),
        ([("a", LagFeatures()), ("a", LagFeatures())], ["not unique", "'a'"]),
    ],
)
def test_errors_of_members_come_through(members, parts):
    with pytest.raises(ValueError) as error:
        TemporalFeatureUnion(members).fit(np.ones((2, 3, 1)))
    for part in parts:
        assert part in str(error.value)


@pytest.mark.parametrize(("work", "n_workers"), [(100, None), (150, None), (200, 2), (1000, 7)])
def test_a_further_worker_needs_enough_to_do(seqs, monkeypatch, work, n_workers):
    started = []

    def pool(n_threads):
        started.append(1 + n_threads)  # this one works, too
        return ThreadPoolExecutor(n_threads)

    model = union_of(n_jobs=7).fit(seqs)
    serial = features(union_of().fit(seqs), seqs)
    everything = int(seqs.lengths.sum()) * len(seqs.fields) + serial.size
    monkeypatch.setattr("sktemporal.pipelines.schedule.ThreadPoolExecutor", pool)
    share = -(-100 * everything // work)
    monkeypatch.setattr("sktemporal.pipelines.schedule._WORK_PER_WORKER", share)
    assert same_bits(features(model, seqs), serial)
    assert started == ([] if n_workers is None else [n_workers])


class Doubled(StatisticalFeatures):
    def transform(self, X):
        return 2.0 * super().transform(X)


class Halved(StatisticalFeatures):
    def fit_transform(self, X, y=None):
        return 0.5 * super().fit_transform(X, y)


def test_a_family_that_overrides_transform_is_applied_as_it_is():
    X = np.array([[[1.0], [2.0], [6.0]]])
    union = TemporalFeatureUnion(
        [
            ("doubled", Doubled(("sum",))),
            ("halved", Halved(("sum",))),
            ("plain", StatisticalFeatures(("sum",))),
        ]
    )
    assert union.fit_transform(X).tolist() == [[18.0, 4.5, 9.0]]
    assert union.transform(X).tolist() == [[18.0, 9.0, 9.0]]
    assert prepare(union)(X).tolist() == [[18.0, 9.0, 9.0]]
    assert prepare(Doubled(("sum",)).fit(X))(X).tolist() == [[18.0]]


# As many columns as make chunks of about 500 entities.
MANY = tuple(range(500))


@pytest.mark.parametrize("in_main", [True, False])
def test_an_error_in_any_thread_comes_out(in_main):
    failed = threading.Event()

    class FailsInOneThread(LagFeatures):
        def _compute(self, columns, out):
            if (threading.current_thread() is threading.main_thread()) == in_main:
                failed.set()
                raise ValueError("of one chunk")
            failed.wait(30)
            super()._compute(columns, out)

    X = np.ones((2000, 1, 1))
    union = TemporalFeatureUnion([("failing", FailsInOneThread(MANY))], n_jobs=2).fit(X)
    with pytest.raises(ValueError, match="of one chunk"):
        union.transform(X)


@pytest.mark.parametrize(
    ("backend", "place"), [("threading", 0), ("threading", 1999), ("loky", 900)]
)
def test_an_error_of_one_chunk_comes_out_of_every_backend(backend, place):
    class Fails(LagFeatures):
        def _compute(self, columns, out):
            super()._compute(columns, out)
            if np.nanmax(out) > 1.0:
                raise ValueError("of one chunk")

    X = np.ones((2000, 1, 1))
    union = TemporalFeatureUnion([("failing", Fails((0, 1), fill_value=np.nan))], n_jobs=2).fit(X)
    with joblib.parallel_config(backend=backend):
        assert np.nanmax(union.transform(X)) == 1.0
        X[place] = 2.0
        with pytest.raises(ValueError, match="of one chunk"):
            union.transform(X)


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_workers_write_every_row_in_its_place(backend):
    rng = np.random.default_rng(0)
    seqs = EventSequences.from_padded(rng.normal(size=(3000, 2, 1)))[rng.permutation(3000)]
    expected = LagFeatures(MANY).fit_transform(seqs)
    union = TemporalFeatureUnion([("lag", LagFeatures(MANY))], n_jobs=2).fit(seqs)
    with joblib.parallel_config(backend=backend):
        assert same_bits(union.transform(seqs), expected)


def test_a_weight_of_zero_is_a_weight(seqs):
    members = [("lag", LagFeatures((0,))), ("lengths", Lengths())]
    union = TemporalFeatureUnion(members, transformer_weights={"lag": 0.0, "lengths": 0.0})
    assert not features(union, seqs).any()


def test_weights_that_were_changed_to_those_of_nobody_are_refused():
    union = TemporalFeatureUnion([("lag", LagFeatures((0,)))]).fit(np.ones((2, 3, 1)))
    union.transformer_weights = {"leg": 2.0}
    with pytest.raises(ValueError, match="transformer_weights must be None or a dict of members"):
        union.transform(np.ones((2, 3, 1)))


@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_parameters_that_no_member_takes_are_refused(method):
    union = TemporalFeatureUnion([("lag", LagFeatures((0,)))])
    with pytest.raises(TypeError, match=rf"{method} got \['sample_weight'\], but all members are"):
        getattr(union, method)(np.ones((2, 3, 1)), sample_weight=[1.0, 2.0])


class Taking(Lengths):
    def fit(self, X, y=None, factor=None):
        self.factor_ = factor
        return super().fit(X, y)


@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_parameters_reach_other_members(seqs, method):
    union = TemporalFeatureUnion([("taking", Taking())])
    getattr(union, method)(seqs, factor=7)
    assert union.named_transformers_["taking"].factor_ == 7


def test_the_fields_of_every_member_are_checked():
    union = union_of([("lag", LagFeatures((0,))), ("all", StatisticalFeatures(("sum",)))])
    union.fit(np.ones((2, 3, 2)))
    of_others = StatisticalFeatures(("sum",)).fit(np.ones((2, 3, 3)))
    union.transformers_ = [union.transformers_[0], ("all", of_others)]
    with pytest.raises(ValueError, match="StatisticalFeatures is expecting 3 features"):
        union.transform(np.ones((2, 3, 2)))
