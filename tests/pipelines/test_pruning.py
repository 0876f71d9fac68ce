"""`sktemporal.prune`: the same bits without what the quality step drops."""

import copy
import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from histories import same_bits, seeded_histories, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sktemporal import (
    BehavioralFeatures,
    CategoricalFeatures,
    ExponentialSmoothingFeatures,
    FeatureMemory,
    LagFeatures,
    QualityReportTransformer,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    TemporalPatternFeatures,
    make_temporal_pipeline,
    prepare,
    prune,
)
from sktemporal.exceptions import EmptyHistoryWarning
from sktemporal.features._base import FeatureFamily
from sktemporal.io import load_pipeline, save_pipeline

pytestmark = pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")

SEQS = sequences_of(seeded_histories(0))
OTHERS = sequences_of(seeded_histories(1))


def last_values(X):
    return X.values[np.maximum(X.stops - 1, X.starts)]


def members():
    return [
        ("lag", LagFeatures((1, 3))),
        ("inner", TemporalFeatureUnion([("smooth", ExponentialSmoothingFeatures())])),
        ("statistical", StatisticalFeatures(("mean", "skew", "q10"), fields=[2, "amount"])),
        ("off", "drop"),
    ]


def union(*more, **parameters):
    return TemporalFeatureUnion([*members(), *more], **parameters)


FEATURES = {
    "statistical": StatisticalFeatures(),
    "categorical": CategoricalFeatures(),
    "temporal": TemporalPatternFeatures(fields=(0, 2)),
    "behavioral": BehavioralFeatures(),
    "rolling": RollingWindowFeatures((3, "2h", 9), ("sum", "skew", "p75"), closed="left", gap="1s"),
    "lag": LagFeatures([0, 2, 5], fields=("tied", 0), prefix="my_"),
    "smoothing": ExponentialSmoothingFeatures(),
    "default": make_temporal_pipeline(windows=(3, "2h"), lags=(1, 4), n_jobs=2)["features"],
    "union": union(),
    "plain names": TemporalFeatureUnion(
        [("a", LagFeatures()), ("b", BehavioralFeatures())], verbose_feature_names_out=False
    ),
    "weights": union(transformer_weights={"lag": 0.1, "statistical": 3.0}),
    "memory": union(memory=FeatureMemory()),
    "mixed dtypes": TemporalFeatureUnion(
        [
            ("narrow", LagFeatures(dtype=np.float32)),
            ("wide", StatisticalFeatures(("sum",))),
            ("behavioral", BehavioralFeatures(dtype="float32")),
        ],
        transformer_weights={"narrow": 0.1},
    ),
    "float32": make_temporal_pipeline(windows=(3,), dtype=np.float32)["features"],
    "foreign member": union(("last", FunctionTransformer(last_values))),
    "foreign member and float32": TemporalFeatureUnion(
        [
            ("last", FunctionTransformer(last_values)),
            ("lag", LagFeatures(dtype=np.float32)),
            (
                "inner",
                TemporalFeatureUnion([("lag", LagFeatures()), ("mean", TemporalPatternFeatures())]),
            ),
        ]
    ),
}


def fitted(features, container, seed, share):
    pipeline = make_pipeline(clone(features), QualityReportTransformer(drop=True, copy=False))
    if container == "frames" and "FunctionTransformer" not in str(features):
        pipeline.set_output(transform="pandas")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        pipeline.fit(SEQS)
    rng = np.random.default_rng(seed)
    support = rng.random(len(pipeline[1].support_)) < share
    support[rng.integers(len(support))] = True
    pipeline[1].support_ = support
    return pipeline


def families_of(features):
    if isinstance(features, TemporalFeatureUnion):
        return [f for _, m in features.transformers_ if m != "drop" for f in families_of(m)]
    return [features] if isinstance(features, FeatureFamily) else []


def n_computed(features):
    return sum(family._n_features_out for family in families_of(features))


def names_of(pipeline):
    try:
        return pipeline.get_feature_names_out().tolist()
    except AttributeError:  # a foreign member without names
        return None


@pytest.mark.parametrize("features", FEATURES.values(), ids=list(FEATURES))
@given(
    seed=st.integers(0, 10**6),
    share=st.sampled_from((0.0, 0.1, 0.5, 0.9)),
    container=st.sampled_from(("arrays", "frames")),
)
@settings(max_examples=6)
def test_same_bits_and_names(features, seed, share, container):
    pipeline = fitted(features, container, seed, share)
    pruned = prune(pipeline)
    for X in (SEQS, OTHERS, SEQS[7], SEQS.each_event()[::11]):
        expected, got = pipeline.transform(X), pruned.transform(X)
        assert type(got) is type(expected)
        assert same_bits(got, expected)
        if isinstance(expected, pd.DataFrame):
            pd.testing.assert_frame_equal(got, expected, check_exact=True)
    assert names_of(pipeline) in (None, names_of(pruned))
    assert pruned.n_features_in_ == pipeline.n_features_in_ == 4
    assert pruned[0].feature_names_in_.tolist() == pipeline[0].feature_names_in_.tolist()
    assert n_computed(pruned[0]) <= n_computed(pipeline[0])
    assert pruned[1].support_.sum() == pipeline[1].support_.sum()
    assert same_bits(prune(pruned).transform(SEQS), pipeline.transform(SEQS))


@pytest.mark.parametrize("features", FEATURES.values(), ids=list(FEATURES))
@given(seed=st.integers(0, 10**6), share=st.sampled_from((0.1, 0.5)))
@settings(max_examples=4)
def test_what_is_computed_drifts_as_before(features, seed, share):
    pipeline = fitted(features, "arrays", seed, share)
    pruned = prune(pipeline)
    expected, found = (p[1].drift(p[0].transform(OTHERS))["features"] for p in (pipeline, pruned))
    for name, feature in found.items():
        measured = {key: feature[key] for key in feature.keys() - {"p_adjusted", "drift"}}
        if feature["psi"] is not None:
            assert measured == {key: expected[name][key] for key in measured}
    assert not any(feature["psi"] is None for feature in found.values())


def dropping(pipeline, keeps):
    """Let the quality step keep just the columns with these names."""
    names = pipeline[0].get_feature_names_out()
    pipeline[1].support_ = np.array([keeps(name) for name in names])
    return pipeline


@pytest.fixture
def default():
    return make_temporal_pipeline(windows=(3, "2h"), lags=(1, 4)).fit(SEQS)


def test_parameters_show_what_is_left(default):
    kept = ("p25_large", "kurtosis_large", "rolling_2h_min_amount", "lag_4_tied", "lag_4_amount")
    pruned = prune(dropping(default, kept.__contains__))
    left = pruned["features"].named_transformers_
    assert list(left) == ["statistical", "rolling", "lag"]
    assert left.statistical.statistics == ("p25", "kurtosis")
    assert left.statistical.fields == ("large",)
    assert left.rolling.windows == ("2h",)
    assert left.rolling.aggregations == ("min",)
    assert left.rolling.fields == ("amount",)
    assert left.lag.lags == (4,)
    assert left.lag.fields == ("amount", "tied")
    assert pruned["quality"].support_.all()
    parameters = pruned.get_params()
    assert parameters["features__rolling__windows"] == ("2h",)
    assert "features__smoothing" not in parameters
    assert pruned.get_feature_names_out().tolist() == sorted(kept, key=kept.index)[:3] + [
        "lag_4_amount",
        "lag_4_tied",
    ]


def test_what_is_no_product_is_computed_exactly(default):
    kept = ("rolling_3_max_amount", "rolling_2h_min_large")
    pruned = prune(dropping(default, kept.__contains__))
    rolling = pruned["features"].named_transformers_.rolling
    assert rolling.aggregations == ("min", "max")
    assert rolling.get_feature_names_out().tolist() == [*kept]
    assert n_computed(pruned["features"]) == 2
    assert pruned["quality"].support_.tolist() == [True, True]
    assert pruned.fit(SEQS)["features"].get_feature_names_out().shape == (8,)


def test_consistency_keeps_its_fields(default):
    pruned = prune(dropping(default, ("consistency_score", "volatility_tied").__contains__))
    assert pruned["features"].named_transformers_.behavioral.fields is None
    assert n_computed(pruned["features"]) == 2
    pruned = prune(dropping(default, ("activity_concentration", "volatility_tied").__contains__))
    assert pruned["features"].named_transformers_.behavioral.fields == ("tied",)
    assert n_computed(pruned["features"]) == 2
    pruned = prune(dropping(default, ("activity_concentration",).__contains__))
    assert pruned["features"].named_transformers_.behavioral.fields == ()
    assert same_bits(pruned.transform(SEQS), default.transform(SEQS))


@given(seed=st.integers(0, 10**6), share=st.sampled_from((0.02, 0.5)))
@settings(max_examples=10)
@pytest.mark.parametrize("kind", ["pipeline", "with quality", "union", "family"])
def test_any_columns_that_are_asked_for(kind, seed, share):
    whole = make_temporal_pipeline(windows=(3, "2h"), quality=kind == "with quality")
    features = whole if kind in ("pipeline", "with quality") else whole["features"]
    if kind == "family":
        features = RollingWindowFeatures((3, "2h", 9), ("sum", "skew", "p75"), gap="1s")
    features = clone(features).set_output(transform="pandas").fit(SEQS)
    names = features.get_feature_names_out()
    rng = np.random.default_rng(seed)
    columns = rng.permutation(names)[: max(1, int(share * len(names)))].tolist()
    pruned = prune(features, columns)
    got = pruned.transform(OTHERS)
    assert type(pruned) is type(features)
    assert sorted(got.columns) == sorted(columns)
    pd.testing.assert_frame_equal(got, features.transform(OTHERS)[got.columns], check_exact=True)
    assert n_computed(pruned if kind in ("union", "family") else pruned[0]) == len(columns)


def test_columns_that_are_not_there_are_refused(default):
    with pytest.raises(ValueError, match=r"such as \['mean_amount'.*got \['meen_amount'\]"):
        prune(default, ["meen_amount", "mean_large"])
    with pytest.raises(ValueError, match="columns must be a sequence of names"):
        prune(default, "mean_amount")
    with pytest.raises(ValueError, match="columns must be some of the"):
        prune(default, [])
    classified = make_pipeline(*(step for _, step in default.steps), StandardScaler()).fit(SEQS)
    with pytest.raises(ValueError, match="columns must be None where a step follows"):
        prune(classified, ["mean_amount"])
    with pytest.raises(ValueError, match="all or none of those of a member"):
        prune(Reversed((1, 2)).fit(SEQS), ["lag_1_amount"])


def test_fields_without_names_are_given_by_position():
    X = np.random.default_rng(0).normal(size=(20, 6, 3))
    pipeline = make_temporal_pipeline().fit(X)
    dropping(pipeline, ("mean_x1", "lag_7_x2", "lag_7_x0").__contains__)
    pruned = prune(pipeline)
    assert pruned["features"].named_transformers_.statistical.fields == (1,)
    assert pruned["features"].named_transformers_.lag.fields == (0, 2)
    assert same_bits(pruned.transform(X), pipeline.transform(X))


def test_categorical_fields_by_name_or_position(default):
    pruned = prune(dropping(default, ("diversity_shop",).__contains__))
    assert pruned["features"].named_transformers_.categorical.fields == ("shop",)
    codes = np.random.default_rng(0).integers(0, 4, size=(20, 6, 3))
    pipeline = make_pipeline(CategoricalFeatures(), QualityReportTransformer()).fit(codes)
    pipeline[1].support_[:] = np.arange(9) == 7
    assert prune(pipeline)[0].fields == (2,)
    assert same_bits(prune(pipeline).transform(codes), pipeline.transform(codes))


def test_default_names_stay_those_of_the_report():
    pipeline = make_pipeline(LagFeatures((0, 1, 2)), QualityReportTransformer()).fit(SEQS)
    pipeline[1].support_[:] = np.arange(12) % 3 == 1
    pruned = prune(pipeline)
    assert pruned[1].get_feature_names_out().tolist() == ["x1", "x4", "x7", "x10"]
    rates = pruned[1].report(pruned[0].transform(SEQS))["validation_results"]["missing_values"]
    assert list(rates["missing_rates"]) == ["x1", "x4", "x7", "x10"]
    pruned[1].set_output(transform="pandas")
    assert list(pruned.transform(SEQS)) == ["x1", "x4", "x7", "x10"]
    assert list(pruned.fit_transform(SEQS)) == ["x0", "x1", "x2", "x3"]


def test_a_narrowed_quality_step_keeps_its_report(default):
    pruned = prune(dropping(default, lambda name: name.startswith("p50")))
    assert pruned["quality"].report_ == default["quality"].report_
    assert pruned["quality"].feature_names_in_.tolist() == [f"p50_{f}" for f in SEQS.fields]
    with pytest.raises(ValueError, match="keep must have one bool for each of the 4 features"):
        pruned["quality"].narrowed([True])


def test_the_original_is_left_as_it_is(default):
    dropping(default, lambda name: "lag" in name)
    before = pickle.dumps(default)
    pruned = prune(default)
    assert pickle.dumps(default) == before
    pruned.set_output(transform="default").fit(OTHERS)
    assert pickle.dumps(default) == before


def test_nothing_dropped_gives_an_equal_copy(default):
    pruned = prune(default)
    assert pruned is not default
    assert repr(pruned.get_params()) == repr(default.get_params())
    assert same_bits(pruned.transform(SEQS), default.transform(SEQS))


def test_everything_dropped_is_refused(default):
    with pytest.raises(ValueError, match=r"its quality step drops all \d+ of them"):
        prune(dropping(default, lambda name: False))


@pytest.mark.parametrize("value", [None, 3, [True], np.ones(2, dtype=bool)])
def test_a_step_that_was_changed_is_refused(value):
    pipeline = make_temporal_pipeline(windows=(3,), lags=(1,)).fit(SEQS)
    pipeline["quality"].support_ = value
    with pytest.raises(ValueError, match="is not as it was fitted: support_ must be"):
        prune(pipeline)


def test_a_classifier_predicts_the_same():
    X, y = SEQS, SEQS.lengths > 20
    pipeline = make_temporal_pipeline().set_params(quality__drop=True)
    pipeline.steps += [("scale", StandardScaler()), ("model", LogisticRegression())]
    pipeline.fit(X, y)
    assert not pipeline["quality"].support_.all()
    pruned = prune(pipeline)
    assert n_computed(pruned["features"]) < n_computed(pipeline["features"])
    assert same_bits(pruned.predict_proba(OTHERS), pipeline.predict_proba(OTHERS))
    assert pruned["model"] is not pipeline["model"]


def test_other_fields_are_refused_and_empty_histories_warned_of(default):
    pruned = prune(dropping(default, lambda name: name.startswith("exp_smooth")))
    one = sequences_of(seeded_histories(0))
    one = one.replace(fields=("amount", "tied", "large", "constant"))
    with pytest.raises(ValueError, match="feature names should match"):
        pruned.transform(one)
    with pytest.warns(EmptyHistoryWarning):
        pruned.transform(SEQS)


@pytest.mark.parametrize("family", [StatisticalFeatures(), TemporalPatternFeatures()])
def test_a_family_stays_to_check_the_fields(family):
    foreign = ("last", FunctionTransformer(last_values))
    features = TemporalFeatureUnion([("family", family), foreign])
    pipeline = make_pipeline(features, QualityReportTransformer()).fit(SEQS[5:])
    pipeline[1].support_[:-4] = False
    pruned = prune(pipeline)
    assert list(pruned[0].named_transformers_) == ["family", "last"]
    assert same_bits(pruned.transform(SEQS), pipeline.transform(SEQS))
    with pytest.raises(ValueError, match="X has 1 features, but"):
        pruned.transform(np.ones((2, 3, 1)))


def test_a_foreign_member_is_dropped_whole():
    features = union(("last", FunctionTransformer(last_values)))
    pipeline = make_pipeline(features, QualityReportTransformer()).fit(SEQS[5:])
    pipeline[1].support_[-4:] = False
    assert "last" not in prune(pipeline)[0].named_transformers_
    pipeline[1].support_[-1] = True
    assert prune(pipeline)[1].n_features_in_ == len(pipeline[1].support_)
    two = union(*((name, FunctionTransformer(last_values)) for name in "ab"))
    pipeline = make_pipeline(two, QualityReportTransformer()).fit(SEQS[5:])
    with pytest.raises(ValueError, match=r"\['a', 'b'\] are not"):
        prune(pipeline)


class Reversed(LagFeatures):
    def _names(self, fields):
        return super()._names(fields)[::-1]

    def _compute(self, columns, out):
        super()._compute(columns, out[:, ::-1])


def test_families_of_others_are_not_narrowed():
    pipeline = make_pipeline(Reversed((1, 2)), QualityReportTransformer()).fit(SEQS)
    pipeline[1].support_[1:] = False
    assert prune(pipeline)[0].lags == (1, 2)
    assert same_bits(prune(pipeline).transform(SEQS), pipeline.transform(SEQS))


def test_survives_pickling_saving_and_preparing(default, tmp_path):
    dropping(default, lambda name: "max" in name or name.startswith("diversity"))
    expected = default.transform(SEQS)
    pruned = prune(default)
    save_pipeline(pruned, tmp_path / "pruned.skops")
    save_pipeline(default, tmp_path / "default.skops")
    for same in (
        pickle.loads(pickle.dumps(pruned)),
        load_pipeline(tmp_path / "pruned.skops"),
        prune(load_pipeline(tmp_path / "default.skops")),
    ):
        assert same_bits(same.transform(SEQS), expected)
        assert same.get_feature_names_out().tolist() == list(default.get_feature_names_out())
    serve = prepare(pruned)
    assert same_bits(serve(SEQS), expected)
    assert serve.feature_names.tolist() == default.get_feature_names_out().tolist()


def test_fitting_again_chooses_among_what_is_left(default):
    pruned = prune(dropping(default, lambda name: name.startswith(("rolling_3", "lag_1"))))
    columns = pruned[0].get_feature_names_out().tolist()
    again = clone(pruned).set_params(quality__drop=True).fit(OTHERS)
    assert again["quality"].feature_names_in_.tolist() == columns
    expected = pruned.set_params(quality__drop=True).fit(OTHERS).transform(SEQS)
    assert same_bits(again.transform(SEQS), expected)


def test_caching_on_disk(tmp_path):
    pipeline = make_temporal_pipeline(memory=joblib.Memory(tmp_path, verbose=0))
    pipeline.set_params(features__memory=str(tmp_path)).fit(SEQS)
    pruned = prune(dropping(pipeline, lambda name: name.startswith("rolling_30")))
    assert same_bits(pruned.transform(SEQS), pipeline.transform(SEQS))
    assert same_bits(pruned.transform(SEQS), pipeline.transform(SEQS))


@pytest.mark.parametrize(
    "other",
    [
        LagFeatures(),
        make_pipeline(LagFeatures()),
        make_pipeline(StandardScaler(), QualityReportTransformer()),
        make_pipeline(LagFeatures(), StandardScaler(), QualityReportTransformer()),
        make_temporal_pipeline(quality=False),
    ],
)
def test_other_pipelines_are_refused(other):
    with pytest.raises(ValueError, match="pipeline must "):
        prune(other)


def test_what_is_not_fitted_is_refused(default):
    with pytest.raises(NotFittedError):
        prune(make_temporal_pipeline())
    half = Pipeline([*make_temporal_pipeline().steps, ("model", copy.deepcopy(default["quality"]))])
    with pytest.raises(NotFittedError):
        prune(half)


def test_steps_that_fit_no_union_are_refused(default):
    other = copy.deepcopy(default)
    other.steps[1] = "quality", QualityReportTransformer().fit(np.eye(3))
    with pytest.raises(ValueError, match="must be fitted on the columns of the union; it saw 3"):
        prune(other)


def test_a_passthrough_between_is_kept(default):
    dropping(default, lambda name: "lag" in name)
    expected = default.transform(SEQS)
    default.steps.insert(1, ("nothing", "passthrough"))
    pruned = prune(default)
    assert list(pruned.named_steps) == ["features", "nothing", "quality"]
    assert same_bits(pruned.transform(SEQS), expected)
