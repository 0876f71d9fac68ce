"""`sktemporal.describe` and `sktemporal.explain`: which rows there are, and whose."""

import numpy as np
import pandas as pd
import pytest
from evaluation.sessions import SessionFeatures
from histories import seeded_histories, sequences_of
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from sktemporal import (
    BehavioralFeatures,
    CategoricalFeatures,
    LagFeatures,
    QualityReportTransformer,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    describe,
    explain,
    make_temporal_pipeline,
    prune,
)
from sktemporal.features._base import FeatureFamily

COLUMNS = [
    *("name", "member", "family", "field", "window", "statistic"),
    *("definition", "unit", "reads", "undefined_when", "state"),
]
WITHOUT_PLAN = COLUMNS[3:6] + COLUMNS[7:]


@pytest.fixture(scope="module")
def seqs():
    return sequences_of([h for h in seeded_histories(0) if len(h) > 3])


def last_values(X):
    return X.values[np.maximum(X.stops - 1, X.starts)]


class Lengths(FeatureFamily):
    """A family without a plan."""

    def __init__(self, fields=None, fill_value=0.0, prefix="", dtype=np.float64):
        self.fields = fields
        self.fill_value = fill_value
        self.prefix = prefix
        self.dtype = dtype

    def _names(self, fields):
        return ["length"]

    def _compute(self, columns, out):
        out[:, 0] = columns.stops - columns.starts


class Doubled(LagFeatures):
    """A family that makes something else of what its plan says."""

    def transform(self, X):
        return 2 * super().transform(X)


class Named(FunctionTransformer):
    def get_feature_names_out(self, input_features=None):
        return np.array(["last_a", "last_b", "last_c", "last_d"], dtype=object)


def union(**parameters):
    members = [("lag", LagFeatures((1,))), ("statistical", StatisticalFeatures(("mean", "q10")))]
    return TemporalFeatureUnion(members, **parameters)


EVERY_FAMILY = make_temporal_pipeline(windows=(3, "2h"), lags=(1,), gap="1min")
FITTABLE = {
    "default": make_temporal_pipeline(),
    "windows": EVERY_FAMILY,
    "dropping": make_temporal_pipeline().set_params(quality__drop=True),
    "no quality": make_temporal_pipeline(quality=False),
    "family": RollingWindowFeatures((2, "1h"), ("sum", "median"), prefix="p_"),
    "no fields": BehavioralFeatures(fields=()),
    "own": Lengths(),
    "overridden": Doubled((1, 2)),
    "union": union(),
    "plain names": union(verbose_feature_names_out=False),
    "dropped member": TemporalFeatureUnion([("a", LagFeatures((1,))), ("b", "drop")]),
    "foreign member": TemporalFeatureUnion([("a", LagFeatures((1,))), ("b", Named(last_values))]),
    "scikit-learn's union": FeatureUnion([("a", LagFeatures((1,))), ("b", CategoricalFeatures())]),
    "nested": TemporalFeatureUnion([("in", union()), ("codes", CategoricalFeatures())]),
    "pipeline in a union": FeatureUnion([("a", make_pipeline(union(), VarianceThreshold()))]),
    "scaled": make_pipeline(union(), StandardScaler()),
    "frames between": make_pipeline(
        union().set_output(transform="pandas"), QualityReportTransformer(drop=True)
    ),
    "chosen": make_pipeline(union(), VarianceThreshold(0.5)),
    "passthrough": Pipeline([("a", union()), ("b", "passthrough"), ("c", None)]),
    "something before": make_pipeline(FunctionTransformer(), union()),
    "union behind": make_pipeline(
        union(), FeatureUnion([("as_is", "passthrough"), ("scaled", StandardScaler())])
    ),
}


@pytest.mark.parametrize("name", FITTABLE)
def test_there_is_a_row_for_each_column_in_order(name, seqs):
    fitted = FITTABLE[name].fit(seqs)
    description = describe(fitted)
    assert description.columns.tolist() == COLUMNS
    last = fitted[-1] if name == "something before" else fitted
    assert description["name"].tolist() == last.get_feature_names_out().tolist()
    assert len(description) == np.shape(fitted.transform(seqs))[1]
    assert set(map(type, description.to_numpy().ravel())) <= {str, type(None)}
    assert description["definition"].notna().all()


def test_what_comes_out_of_the_quality_step_is_described(seqs):
    pipeline = make_temporal_pipeline().set_params(quality__drop=True).fit(seqs)
    every = describe(pipeline["features"]).set_index("name")
    kept = describe(pipeline).set_index("name")
    assert 0 < len(kept) < len(every)
    pd.testing.assert_frame_equal(kept, every.loc[kept.index])


def test_what_prune_leaves_is_described_as_before(seqs):
    pipeline = make_temporal_pipeline(windows=(3, "2h")).set_params(quality__drop=True).fit(seqs)
    expected = describe(pipeline)
    pd.testing.assert_frame_equal(describe(prune(pipeline)), expected)
    wanted = ["trend_slope_tied", "rolling_2h_max_amount", "interval_regularity"]
    some = describe(prune(pipeline["features"], wanted)).set_index("name")
    every = describe(pipeline["features"]).set_index("name")
    pd.testing.assert_frame_equal(some, every.loc[some.index])
    assert sorted(some.index) == sorted(wanted)


@pytest.mark.parametrize("name", ["own", "overridden", "scaled"])
def test_what_has_no_plan_is_said_to_be_computed_by_its_class(name, seqs):
    fitted = FITTABLE[name].fit(seqs)
    description = describe(fitted)
    last = fitted[-1] if isinstance(fitted, Pipeline) else fitted
    of = type(last).__name__
    assert description["family"].unique().tolist() == [of]
    assert description["definition"].unique().tolist() == [f"computed by {of}"]
    assert description[WITHOUT_PLAN].isna().all(axis=None)


def test_members_and_families_of_unions(seqs):
    nested = FITTABLE["nested"].fit(seqs)
    pairs = describe(nested)[["member", "family"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [
        ["in__lag", "LagFeatures"],
        ["in__statistical", "StatisticalFeatures"],
        ["codes", "CategoricalFeatures"],
    ]
    foreign = describe(FITTABLE["foreign member"].fit(seqs))
    assert foreign["definition"].tolist()[-1] == "computed by Named"
    assert foreign["member"].tolist()[-1] == "b"
    assert describe(LagFeatures((1,)).fit(seqs))["member"].isna().all()


def test_what_passes_through_is_described_as_it_came(seqs):
    passing = FeatureUnion([("as_is", "passthrough"), ("scaled", StandardScaler())])
    before = union().fit(seqs)
    description = describe(make_pipeline(union(), passing).fit(seqs))
    same = description[: len(description) // 2]
    pd.testing.assert_frame_equal(same.iloc[:, 1:], describe(before).iloc[:, 1:])
    assert same["name"].tolist() == ["as_is__" + name for name in before.get_feature_names_out()]


def test_weights_of_a_union_are_said(seqs):
    union_of_weights = union(transformer_weights={"lag": 0.5}).fit(seqs)
    definitions = describe(union_of_weights)["definition"].tolist()
    assert definitions[0] == "value of amount 1 value before the last, times 0.5"
    assert definitions[-2] == "mean of constant over the whole history"


def test_a_classifier_at_the_end_is_left_out(seqs):
    y = np.arange(len(seqs)) % 2
    family = StatisticalFeatures(("mean", "max", "count"), fields=("amount", "large"))
    steps = family.set_output(transform="pandas"), QualityReportTransformer()
    pipeline = make_pipeline(*steps, SelectKBest(k=4), LogisticRegression()).fit(seqs, y)
    pd.testing.assert_frame_equal(describe(pipeline), describe(pipeline[:-1]))
    assert len(describe(pipeline)) == 4


STATES = {
    "C": ("p25_", "p50_", "p75_", "skew_", "kurtosis_", "activity_concentration"),
    "B": ("rolling_", "lag_"),
    "A*": ("unique_count_", "diversity_", "mode_freq_"),
}


def test_states_of_the_default_pipeline(seqs):
    description = describe(make_temporal_pipeline().fit(seqs))
    expected = [
        next((s for s, starts in STATES.items() if name.startswith(starts)), "A")
        for name in description["name"]
    ]
    assert description["state"].tolist() == expected
    assert set(expected) == {"A", "A*", "B", "C"}


def test_windows_and_units_of_the_default_pipeline(seqs):
    rows = describe(EVERY_FAMILY.fit(seqs)).set_index("name")
    assert rows["window"].unique().tolist() == [
        "whole history",
        "last 3 values, gap 1min",
        "2h, gap 1min",
    ]
    assert set(rows["unit"]) == {
        *("values", "seconds", "events per second", "1"),
        *(f"of {field}" for field in ("amount", "large", "tied", "constant")),
        *(f"of {field} per step" for field in ("amount", "large", "tied", "constant")),
    }
    assert rows.loc["event_frequency", "field"] is None
    assert rows.loc["consistency_score", "field"] == "amount, large, tied, constant"
    assert rows.loc["consistency_score", "definition"] == (
        "mean of 1 / (1 + abs(coefficient of variation)) over the fields of amount, large, tied "
        "and constant with at least 2 values and a mean other than 0, over the whole history"
    )
    assert rows.loc["event_frequency", "definition"] == (
        "number of events divided by the seconds from the first to the last of the events, over "
        "the whole history"
    )
    assert rows.loc["interval_regularity", "definition"] == (
        "1 / (1 + coefficient of variation of the seconds between events), over the whole history"
    )


def test_explain_says_the_row(seqs):
    pipeline = EVERY_FAMILY.fit(seqs)
    explanation = explain(pipeline, "rolling_2h_mean_amount")
    assert isinstance(explanation, str)
    assert repr(explanation) == explanation == (
        "rolling_2h_mean_amount: mean of amount over the 2 hours that end 1 minute before the "
        "reference time\n"
        "    member: rolling\n"
        "    family: RollingWindowFeatures\n"
        "    field: amount\n"
        "    window: 2h, gap 1min\n"
        "    statistic: mean\n"
        "    unit: of amount\n"
        "    reads: events of the 2 hours that end 1 minute before the reference time\n"
        "    undefined when: no value in the window\n"
        "    state: B"
    )  # fmt: skip
    assert explain(Lengths().fit(seqs), "length") == (
        "length: computed by Lengths\n    family: Lengths"
    )


def test_explain_names_columns_that_may_be_meant(seqs):
    with pytest.raises(ValueError, match=r"one of the \d+ columns .* got 'rolling_3_men_amount'"):
        explain(EVERY_FAMILY.fit(seqs), "rolling_3_men_amount")
    with pytest.raises(ValueError, match=r"did you mean .*'rolling_3_mean_amount'"):
        explain(EVERY_FAMILY.fit(seqs), "rolling_3_men_amount")
    with pytest.raises(ValueError, match="got 3"):
        explain(EVERY_FAMILY.fit(seqs), 3)


@pytest.mark.parametrize(
    "estimator", [LagFeatures(), union(), make_temporal_pipeline(), make_pipeline(union())]
)
def test_what_is_not_fitted_is_refused(estimator):
    with pytest.raises(NotFittedError):
        describe(estimator)


@pytest.mark.parametrize("other", [StandardScaler(), QualityReportTransformer(), None, "pipeline"])
def test_what_makes_no_features_is_refused(other):
    with pytest.raises(TypeError, match="pipeline must be a fitted Pipeline"):
        describe(other)


def test_a_pipeline_of_a_classifier_alone_is_refused(seqs):
    y = np.arange(len(seqs)) % 2
    classifier = make_pipeline(LogisticRegression()).fit(seqs.n_events * np.ones((len(seqs), 1)), y)
    with pytest.raises(ValueError, match="must have a step that makes features"):
        describe(classifier)


def test_columns_without_names_are_refused(seqs):
    members = [("lag", LagFeatures((1,))), ("last", FunctionTransformer(last_values))]
    with pytest.raises(ValueError, match=r"FunctionTransformer.*'last'"):
        describe(TemporalFeatureUnion(members).fit(seqs))
    with pytest.raises(ValueError, match="get_feature_names_out in its FunctionTransformer"):
        describe(make_pipeline(union(), FunctionTransformer()).fit(seqs))


def test_state_that_was_changed_by_hand_is_refused(seqs):
    family = LagFeatures((1,)).fit(seqs)
    family.field_positions_ = np.array([99])
    with pytest.raises(ValueError, match="not as it was fitted"):
        describe(family)
    weighted = union().fit(seqs)
    weighted.transformer_weights = {"nobody": 2.0}
    with pytest.raises(ValueError, match="transformer_weights must be None or a dict"):
        describe(weighted)


def test_columns_of_an_encoder_are_its_own(seqs):
    encoded = make_pipeline(
        StatisticalFeatures(("count",), fields=("tied",)), OneHotEncoder(sparse_output=False)
    ).fit(seqs)
    description = describe(encoded)
    assert len(description) > 1
    assert description["family"].unique().tolist() == ["OneHotEncoder"]


def test_a_new_family_is_described_by_its_plan_alone(seqs):
    description = describe(SessionFeatures("1h", fields=("amount",)).fit(seqs)).set_index("name")
    assert description["definition"].tolist() == [
        "number of intervals between events where the interval >= 3600 seconds over the whole "
        "history",
        "number of events over the last session (since a gap of at least 1 hour)",
        "seconds from the first to the last of the events over the last session (since a gap of "
        "at least 1 hour)",
        "mean of the seconds between events over the last session (since a gap of at least 1 hour)",
        "seconds since the first event over the last session (since a gap of at least 1 hour)",
        "mean of amount over the last session (since a gap of at least 1 hour)",
    ]
    assert description["unit"].tolist() == [
        *("intervals", "events", "seconds", "seconds", "seconds", "of amount"),
    ]
    assert set(description["state"]) == {"A"}
    assert description.loc["session_mean_gap", "undefined_when"] == (
        "no interval between events in the window"
    )
