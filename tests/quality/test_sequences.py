"""The report on sequences against pandas, by hand, and that nothing is too odd for it."""

import json
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sktemporal import (
    EventSequences,
    LagFeatures,
    RollingWindowFeatures,
    TemporalFeatureUnion,
    make_temporal_pipeline,
    prune,
)
from sktemporal.exceptions import EmptyHistoryWarning, MixedTypesWarning
from sktemporal.io import load_pipeline, save_pipeline
from sktemporal.pipelines import Pipeline
from sktemporal.quality import QualityReportTransformer, SequenceQualityReport
from sktemporal.quality.sequences import SEQUENCE_CHECKS
from sktemporal.sequences import CLOSED

DAY = 86_400


@pytest.fixture
def log():
    rng = np.random.default_rng(0)
    n = 3000
    log = pd.DataFrame(
        {
            "card": rng.integers(0, 400, size=n) ** 2 // 400,
            "time": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.integers(0, 2000, n), unit="h"),
            "amount": rng.lognormal(size=n),
            "shop": rng.choice(["a", "b", "c", None], size=n),
        }
    )
    log.loc[rng.random(n) < 0.1, "amount"] = np.nan
    return log


def sequences_of(log):
    return EventSequences.from_frame(
        log, entity="card", time="time", fields=["amount"], categorical_fields=["shop"]
    )


def strict(report):
    return json.loads(json.dumps(report, allow_nan=False))


def found(report):
    return {finding["check"]: finding["value"] for finding in report["checks"]}


def test_the_size_of_the_report_is_bounded_by_the_histories():
    seqs = EventSequences(np.ones((3, 2)), [0, 2], [2, 3])
    report = SequenceQualityReport(n_positions=10**12).fit(seqs)
    assert [len(field["by_position"]) for field in report.report_["missing"].values()] == [2, 2]
    assert SequenceQualityReport(n_positions=2).fit(seqs).report_ == report.report_


@pytest.mark.parametrize("overlapping", [False, True])
def test_rows_that_no_history_has_take_no_part(overlapping):
    # A few histories of a long table: as of a table that ends with them.
    rng = np.random.default_rng(0)
    n = 10_000
    part = {
        "times": np.arange(n) * 3_600_000_000,
        "codes": rng.integers(0, 3, size=(n, 1)),
        "frame_rows": rng.permutation(n),
    }
    values = np.where(rng.random((n, 2)) < 0.3, np.nan, 1.0)
    starts, stops = [0, 20, 40], [20, 40, 55]
    if overlapping:
        starts, stops = [0, 0, 40], [20, 40, 55]
    long = EventSequences(values, starts, stops, **part)
    short = {name: column[:55] for name, column in part.items()}
    short = EventSequences(values[:55], starts, stops, **short)
    settings = {"windows": (3, "5h"), "now": "1970-01-02"}
    found = SequenceQualityReport(**settings).fit(long)
    assert found.report_ == SequenceQualityReport(**settings).fit(short).report_
    assert found.report(short) == found.report(long)


def test_numbers_against_pandas(log):
    sequences = sequences_of(log)
    params = {"windows": (7, "20d"), "long_gap": "3d", "now": "2024-03-01", "n_positions": 3}
    report = strict(SequenceQualityReport(**params).fit(sequences).report_)
    counts = log.groupby("card").size()
    lengths = report["lengths"]
    assert (report["n_entities"], report["n_events"]) == (len(counts), len(log))
    assert [lengths[k] for k in ("min", "median", "max", "mean")] == [
        counts.min(),
        counts.median(),
        counts.max(),
        counts.mean(),
    ]
    assert lengths["n_single"] == (counts == 1).sum()
    for part in lengths["histogram"]:
        assert part["n_entities"] == counts.between(part["from"], part["to"]).sum()
    assert sum(part["n_entities"] for part in lengths["histogram"]) == len(counts)
    assert report["share_padded"] == pytest.approx(1 - len(log) / len(counts) / counts.max())
    shares = {"share_empty": 0.0, "share_short": (counts < 7).mean(), "share_cut": None}
    assert report["windows"]["7"] == shares

    ordered = log.sort_values(["card", "time"], kind="stable")
    gaps = ordered.groupby("card")["time"].diff().dropna()
    cards = ordered.loc[gaps.index, "card"]
    assert report["times"] == {
        "n_intervals": len(gaps),
        "n_duplicates": (gaps == pd.Timedelta(0)).sum(),
        "n_entities_with_duplicates": cards[gaps == pd.Timedelta(0)].nunique(),
        "n_long_gaps": (gaps > pd.Timedelta(days=3)).sum(),
        "n_entities_with_long_gaps": cards[gaps > pd.Timedelta(days=3)].nunique(),
        "longest_gap": gaps.max().total_seconds(),
        "n_future": (log["time"] > "2024-03-01").sum(),
    }
    late = log["time"] < log.groupby("card")["time"].cummax()
    assert report["order"] == {
        "n_unsorted": late.sum(),
        "n_entities_unsorted": log.loc[late, "card"].nunique(),
    }
    for field in ("amount", "shop"):
        missing = ordered[field].isna()
        back = ordered.groupby("card").cumcount(ascending=False)
        assert report["missing"][field]["rate"] == pytest.approx(missing.mean())
        expected = [missing[back == p].mean() for p in range(3)]
        assert report["missing"][field]["by_position"] == pytest.approx(expected)
        assert report["missing"][field]["earlier"] == pytest.approx(missing[back >= 3].mean())
    assert report["categories"]["shop"] == {"n_categories": 3, "n_unseen_events": 0, "unseen": []}


def test_empty_windows_before_the_reference_time():
    sequences = EventSequences(
        np.ones((3, 1)),
        [0, 2, 3],
        [2, 3, 3],
        times=np.array([0, 5 * DAY, 9 * DAY]) * 10**6,
        reference_times=np.full(3, 10 * DAY * 10**6),
    )
    report = SequenceQualityReport(windows=("2d", "6d")).fit(sequences).report_
    assert report["windows"]["2d"]["share_empty"] == pytest.approx(2 / 3)
    assert report["windows"]["6d"]["share_empty"] == pytest.approx(1 / 3)
    assert found(report)["empty_windows"] == pytest.approx(2 / 3)
    assert found(report)["empty"] == pytest.approx(1 / 3)


def test_windows_end_where_those_of_the_features_do():
    days = np.arange(30)
    times = np.datetime64("2026-01-01", "us") + days * np.timedelta64(86_400_000_000, "us")
    seqs = EventSequences(np.ones((30, 1)), [0], [30], times=times)
    for inclusive in (True, False):
        asked = times[:] + np.timedelta64(7, "D")
        view = seqs.as_of(np.zeros(30, dtype=int), asked, inclusive=inclusive).tail(1)
        for closed in (None, "right", "left", "both", "neither"):
            for gap in (None, "1d"):
                cut = {"closed": closed, "gap": gap}
                report = SequenceQualityReport(windows=("1d", "7d", 2), **cut).fit(view).report_
                rolling = RollingWindowFeatures(("1d", "7d", 2), ("count",), **cut)
                empty = (rolling.fit_transform(view) == 0).mean(axis=0)
                shares = [window["share_empty"] for window in report["windows"].values()]
                assert shares == empty.tolist()


@settings(max_examples=60)
@given(
    days=st.lists(st.lists(st.integers(0, 12), max_size=8).map(sorted), min_size=1, max_size=5),
    kept=st.integers(1, 5),
    late=st.integers(1, 3),
    inclusive=st.booleans(),
    closed=st.sampled_from((None, *CLOSED)),
    window=st.integers(1, 12),
)
def test_windows_are_cut_where_the_whole_history_has_more_in_them(
    days, kept, late, inclusive, closed, window
):
    stops = np.cumsum([len(history) for history in days])
    day = np.array([d for history in days for d in history], dtype=np.int64)
    starts = stops - [len(history) for history in days]
    start = np.datetime64("2026-01-01", "us")
    times = start + day * np.timedelta64(1, "D")
    asked = start + np.timedelta64(12 + late, "D")
    whole = EventSequences(np.ones((len(day), 1)), starts, stops, times=times)
    whole = whole.as_of(np.arange(len(days)), asked, inclusive=inclusive)
    left_out = [
        times[b - kept - 1] if b - a > kept else np.datetime64("NaT")
        for a, b in zip(starts, stops, strict=True)
    ]
    left_out = np.array(left_out, dtype="datetime64[us]")
    windows = (f"{window}d", window)
    quality = SequenceQualityReport(windows=windows, closed=closed).fit(whole)
    report = quality.report(whole.tail(kept), left_out=left_out)
    rolling = RollingWindowFeatures(windows, ("count",), closed=closed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyHistoryWarning)
        fewer = rolling.fit_transform(whole.tail(kept)) < rolling.transform(whole)
    shares = [measured["share_cut"] for measured in report["windows"].values()]
    assert shares == fewer.mean(axis=0).tolist()
    assert found(report).get("cut_windows", 0.0) == max(shares)
    assert quality.report_["windows"][str(window)]["share_cut"] is None


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ([1], "must be a datetime64 array of shape .1,., NaT where nothing was"),
        (np.array(["2026-01-01"] * 2, dtype="datetime64[s]"), "got datetime64.s. of shape .2,."),
        (np.array(["2026-01-03"], dtype="datetime64[s]"), "before the reference time.*2026-01-03"),
    ],
)
def test_left_out_that_is_none_is_named(left_out, message):
    times = np.array(["2026-01-02"], dtype="datetime64[us]")
    seqs = EventSequences([[1.0]], [0], [1], times=times)
    with pytest.raises(ValueError, match=message):
        SequenceQualityReport().fit(seqs, left_out=left_out)


def with_report(*families, **parameters):
    return Pipeline(
        [("features", TemporalFeatureUnion([*families]))],
        sequence_quality=SequenceQualityReport(windows=None, **parameters),
    )


def test_the_pipeline_looks_at_the_windows_of_its_families():
    log = EventSequences(np.ones((2, 1)), [0], [2], times=np.array([0, 5 * DAY]) * 10**6)
    rolling = "rolling", RollingWindowFeatures(("2d", 1), gap="1d")
    windows = with_report(rolling).fit(log).sequence_quality_.report_["windows"]
    assert [window["share_empty"] for window in windows.values()] == [1.0, 0.0]
    other = "other", RollingWindowFeatures(("5d",), closed="left")
    windows = with_report(rolling, other).fit(log).sequence_quality_.report_["windows"]
    assert {name: window["share_empty"] for name, window in windows.items()} == {
        "2d": 0.0,
        "1": 0.0,
        "5d": 0.0,
    }
    model = with_report(rolling).set_params(features__rolling__windows=("9d",)).fit(log)
    assert list(model.sequence_quality_.report_["windows"]) == ["9d"]
    assert model.sequence_quality.windows is None
    family = Pipeline(
        [("rolling", RollingWindowFeatures(("3d", 2)))],
        sequence_quality=SequenceQualityReport(windows=None),
    )
    assert list(family.fit(log).sequence_quality_.report_["windows"]) == ["3d", "2"]
    lag = with_report(("lag", LagFeatures((1,)))).fit(log)
    assert lag.sequence_quality_.report_["windows"] == {}


def test_what_is_asked_of_the_histories_is_looked_at():
    log = EventSequences(np.ones((2, 1)), [0], [2], times=np.array([0, 5 * DAY]) * 10**6)
    rolling = "rolling", RollingWindowFeatures(("2d",), gap="1d")
    asked = with_report(rolling, gap="4d", long_gap="4d").fit(log).sequence_quality_
    assert asked.report_["windows"]["2d"]["share_empty"] == 0.0
    assert asked.report_["times"]["n_long_gaps"] == 1
    model = make_temporal_pipeline(windows=("2d",))
    model.set_params(sequence_quality__windows=("9d",), sequence_quality__thresholds={"padded": 1})
    report = model.fit(log).report_["sequences"]
    assert list(report["windows"]) == ["9d"]
    assert "sequence_quality__long_gap" in clone(model).get_params()
    assert "sequences" not in model.set_params(sequence_quality=None).fit(log).report_
    with pytest.raises(ValueError, match="'sequence_quality' parameter of Pipeline must be"):
        model.set_params(sequence_quality="yes").fit(log)


def test_outside_of_a_pipeline_no_window_is_looked_at():
    assert SequenceQualityReport(windows=None).fit(np.ones((3, 2, 1))).report_["windows"] == {}


def test_one_that_was_saved_before_windows_followed_their_view_is_as_it_was():
    times = np.array([0, DAY]) * 10**6
    view = EventSequences(np.ones((2, 1)), [0], [2], times=times)
    view = view.as_of([0], np.datetime64(2 * DAY, "s"))
    quality = SequenceQualityReport(windows=("1d",)).fit(view)
    state = {k: v for k, v in quality.__getstate__().items() if k not in ("closed", "gap")}
    old = SequenceQualityReport.__new__(SequenceQualityReport)
    old.__setstate__(state)
    assert quality.report(view)["windows"]["1d"]["share_empty"] == 0.0
    assert old.report(view)["windows"]["1d"]["share_empty"] == 1.0


def test_unseen_categories_are_those_of_other_values(log):
    quality = SequenceQualityReport().fit(sequences_of(log))
    other = log.iloc[:500].copy()
    other.loc[:19, "shop"] = "z"
    other.loc[20:24, "shop"] = "y"
    report = quality.report(sequences_of(other))
    measured = report["categories"]["shop"]
    assert (measured["n_unseen_events"], measured["unseen"]) == (25, ["z", "y"])
    assert found(report)["unseen_categories"] == 0.05
    assert report["checks"][0]["severity"] in ("error", "warning")


def test_categories_that_look_alike_are_not_the_same(log):
    log["shop"] = pd.Series([1, "1", 1.0, 2] * (len(log) // 4), dtype=object)
    with pytest.warns(MixedTypesWarning, match="3 of them look like"):
        mixed = sequences_of(log)
    assert SequenceQualityReport().fit(mixed).report_["categories"]["shop"]["n_categories"] == 4
    ones = sequences_of(log.assign(shop=1))
    texts = sequences_of(log.assign(shop="1"))
    measured = SequenceQualityReport().fit(ones).report(texts)["categories"]["shop"]
    assert measured == {"n_categories": 1, "n_unseen_events": len(log), "unseen": ["1"]}
    measured = SequenceQualityReport().fit(texts).report(ones)["categories"]["shop"]
    assert measured["unseen"] == ["1 (int)"]


def test_codes_that_are_spread_out():
    rng = np.random.default_rng(0)
    hashes = rng.integers(1, 2**31 - 1, size=6)
    codes = hashes[rng.integers(0, 5, size=(30, 4, 1))]
    new = codes.copy()
    new[:3] = hashes[5]
    new[3] = 0  # missing
    values = np.ones((30, 4, 1))
    quality = SequenceQualityReport().fit(EventSequences.from_padded(values, categorical=codes))
    measured = quality.report(EventSequences.from_padded(values, categorical=new))
    assert measured["categories"]["c0"] == {
        "n_categories": len(np.unique(new)) - 1,
        "n_unseen_events": 12,
        "unseen": [str(hashes[5])],
    }
    assert found(measured)["unseen_categories"] == 0.1


def test_overlapping_histories_count_their_events_once(log):
    sequences = sequences_of(log)
    whole = SequenceQualityReport(now="2024-02-01").fit(sequences)
    each = whole.report(sequences.each_event(inclusive=True))
    for part in ("times", "order", "missing", "categories"):
        assert each[part] == whole.report_[part]
    assert each["n_entities"] == len(log)


def test_now_is_a_single_moment(log):
    several = ["2024-02-01", "2024-03-01"]
    with pytest.raises(
        ValueError, match=r"now must be a single moment or None; got \['2024-02-01'"
    ):
        SequenceQualityReport(now=several).fit(sequences_of(log))


def test_intervals_take_the_place_of_times():
    intervals = np.array([np.nan, 0.0, 5.0, 4e6, np.nan])
    sequences = EventSequences(np.ones((5, 1)), [0, 4], [4, 5], intervals=intervals)
    times = SequenceQualityReport().fit(sequences).report_["times"]
    assert (times["n_intervals"], times["n_duplicates"], times["n_long_gaps"]) == (3, 1, 1)
    assert (times["longest_gap"], times["n_future"]) == (4e6, None)


def test_arrays(log):
    X = np.random.default_rng(0).normal(size=(50, 6, 2))
    X[:10, :5] = np.nan
    report = strict(SequenceQualityReport(windows=(3, "7d")).fit(X).report_)
    assert report["times"] is report["order"] is None
    assert report["lengths"]["n_single"] == 10
    assert report["windows"]["7d"] == dict.fromkeys(("share_empty", "share_short", "share_cut"))
    assert found(report) == {}
    assert "single_event" in found(
        SequenceQualityReport(thresholds={"single_event": 0.1}).fit(X).report_
    )


@pytest.mark.parametrize("shape", [(0, 3, 1), (3, 0, 1), (2, 3, 0), (1, 1, 1)])
def test_nothing_is_too_small(shape):
    quality = SequenceQualityReport().fit(np.zeros(shape))
    strict(quality.report_)
    assert quality.report_["n_entities"] == shape[0]
    assert not quality.drift(np.zeros(shape))["drift"]


def test_odd_names():
    names = ["ä" * 10_000, "\n\0"]
    sequences = EventSequences(np.full((3, 2), np.nan), [0], [3], fields=names)
    report = strict(SequenceQualityReport().fit(sequences).report_)
    assert list(report["missing"]) == names
    assert [field["rate"] for field in report["missing"].values()] == [1.0, 1.0]


def test_drift_of_lengths(log):
    sequences = sequences_of(log)
    quality = SequenceQualityReport().fit(sequences)
    assert not quality.drift(sequences[::2])["drift"]
    assert quality.drift(sequences.tail(4))["drifted"] == ["length"]


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"n_positions": 0}, "n_positions"),
        ({"thresholds": {"late": 1}}, "thresholds.*'late'"),
        ({"thresholds": {"empty": "all"}}, "thresholds: that of 'empty' .* got 'all'"),
        ({"thresholds": {"empty": -np.inf}}, "thresholds: that of 'empty' .* got -inf"),
        ({"long_gap": "soon"}, "'soon'"),
        ({"windows": ("7 apples",)}, "7 apples"),
    ],
)
def test_parameters_are_checked(log, params, match):
    with pytest.raises(ValueError, match=match):
        SequenceQualityReport(**params).fit(sequences_of(log))


def test_is_an_estimator(log):
    quality = SequenceQualityReport(windows=(3,))
    with pytest.raises(NotFittedError):
        quality.report(sequences_of(log))
    assert not hasattr(quality, "report_")
    assert not hasattr(clone(quality.fit(sequences_of(log))), "report_")
    back = pickle.loads(pickle.dumps(quality))
    assert back.report_ == quality.report_
    assert back.reference_ == quality.reference_


@pytest.fixture
def pipeline():
    return make_temporal_pipeline(windows=(3, "30d"), lags=(1,))


@pytest.mark.parametrize("value", [3, {}, "report"])
@pytest.mark.parametrize("measured", ["report", "drift"])
def test_a_pipeline_with_another_report_is_refused(measured, value, log, pipeline):
    sequences = sequences_of(log)
    pipeline.fit(sequences).sequence_quality_ = value
    with pytest.raises(ValueError, match="sequence_quality_ must be a SequenceQualityReport"):
        getattr(pipeline, measured)(sequences)


def test_report_of_the_pipeline(log, pipeline, tmp_path):
    sequences = sequences_of(log)
    assert not hasattr(pipeline, "report_")
    pipeline.fit(sequences)
    report = strict(pipeline.report_)
    assert list(report["sequences"]["windows"]) == ["3", "30d"]
    assert report["sequences"] == pipeline.sequence_quality_.report_
    assert {**pipeline["quality"].report_, "sequences": report["sequences"]} == report
    assert pipeline.report(sequences)["sequences"] == report["sequences"]
    assert pipeline.report(sequences)["features"] == report["features"]
    save_pipeline(pipeline, tmp_path / "pipeline.skops")
    back = load_pipeline(tmp_path / "pipeline.skops")
    assert back.report_ == report
    assert back.drift(sequences.tail(2)) == pipeline.drift(sequences.tail(2))


def test_drift_of_the_pipeline(log, pipeline):
    sequences = sequences_of(log)
    pipeline.fit(sequences)
    assert not pipeline.drift(sequences)["drift"]
    short = strict(pipeline.drift(sequences.tail(2)))
    assert short["drift"]
    assert short["sequences"]["drift"]


def test_pruned_pipeline_still_reports(log, pipeline):
    sequences = sequences_of(log)
    pipeline.set_params(quality__drop=True).fit(sequences)
    pruned = prune(pipeline)
    assert pruned.report_ == pipeline.report_
    assert not pruned.drift(sequences)["drift"]


@pytest.mark.parametrize("method", ["fit", "fit_transform", "fit_predict"])
def test_every_way_to_fit_measures_the_histories(log, pipeline, method):
    from sklearn.cluster import KMeans

    if method == "fit_predict":
        pipeline.steps.append(("model", KMeans(2, n_init=1, random_state=0)))
    sequences = sequences_of(log)
    getattr(pipeline, method)(X=sequences)
    assert pipeline.report_["sequences"]["n_entities"] == len(sequences)
    getattr(pipeline, method)(sequences[:50])
    assert pipeline.report_["sequences"]["n_entities"] == 50


def test_parts_that_begin_with_the_first_step_keep_the_report_on_the_histories(log, pipeline):
    from sklearn.preprocessing import StandardScaler

    pipeline.steps.append(("scale", StandardScaler()))
    pipeline.fit(sequences_of(log))
    assert pipeline[:-1].report_ == pipeline.report_
    assert pipeline[:2].get_params()["sequence_quality"] is pipeline.sequence_quality
    assert pipeline[1:].report_ == pipeline["quality"].report_
    assert pipeline["quality"] is pipeline[1]
    assert len(pipeline[:0]) == 0


def test_features_that_are_computed_already_are_reported_on(log, pipeline):
    sequences, y = sequences_of(log), np.arange(len(sequences_of(log))) % 2
    expected = clone(pipeline).fit(sequences, y)
    features = pipeline["features"].fit_transform(sequences)
    left_out = sequences.reference_times.astype("datetime64[us]")
    pipeline.fit_quality(sequences, y, features=features, left_out=left_out)
    report = pipeline.report_
    for part in ("n_entities", "features", "selection", "recommendations"):
        assert report[part] == expected.report_[part]
    assert report["sequences"] == pipeline.report(sequences, left_out=left_out)["sequences"]
    assert {w["share_cut"] for w in report["sequences"]["windows"].values()} != {None}
    again = pipeline.report(sequences, y, features=features)
    assert again["features"] == expected.report(sequences, y)["features"] == report["features"]
    assert "mutual_information" in pipeline.report(sequences, y)["features"]["mean_amount"]
    other = features.copy()
    other.iloc[:] += 1e9
    assert pipeline.report(sequences, features=other)["features"]["mean_amount"]["mean"] > 1e8
    drift = pipeline.drift(sequences, features=other, level=0.01, method="by")
    assert drift["drift"]
    assert (drift["level"], drift["method"]) == (0.01, "by")
    assert (drift["sequences"]["level"], drift["sequences"]["method"]) == (0.01, "by")
    plain = pipeline.drift(sequences.tail(2))
    assert pipeline.drift(sequences.tail(2), features=features.iloc[:0])["n_new"] == 0
    assert plain["sequences"]["drift"]


def test_one_that_was_saved_with_its_report_on_the_union_has_it(log, pipeline):
    pipeline.fit(sequences_of(log))
    state = {**pipeline.__getstate__()}
    del state["sequence_quality"]
    state["steps"][0][1].sequence_quality_ = state.pop("sequence_quality_")
    old = Pipeline.__new__(Pipeline)
    old.__setstate__(state)
    assert old.report_ == pipeline.report_
    assert old.sequence_quality is None
    assert not hasattr(old["features"], "sequence_quality_")


def test_tables_have_no_sequences(pipeline):
    X = np.random.default_rng(0).normal(size=(40, 2))
    pipeline.set_params(features__temporal="drop", features__rolling__windows=(3,)).fit(X)
    assert "sequences" not in pipeline.report_
    assert "sequences" not in pipeline.drift(X)


def test_without_a_quality_step(log):
    pipeline = make_temporal_pipeline(quality=False).fit(sequences_of(log))
    assert isinstance(pipeline, Pipeline)
    assert not hasattr(pipeline, "report_")
    with pytest.raises(AttributeError, match="QualityReportTransformer"):
        pipeline.drift(sequences_of(log))


def test_steps_that_follow(log):
    from sklearn.preprocessing import StandardScaler

    pipeline = make_temporal_pipeline(windows=(3,), lags=(1,))
    pipeline.steps.append(("scale", StandardScaler()))
    pipeline.fit(sequences_of(log))
    assert isinstance(pipeline["quality"], QualityReportTransformer)
    assert not pipeline.drift(sequences_of(log))["drift"]


def test_a_share_at_its_threshold_is_no_finding():
    X = np.ones((4, 3, 1))
    X[0, :2] = np.nan
    at = SequenceQualityReport(thresholds={"single_event": 0.25}).fit(X)
    assert "single_event" not in found(at.report_)
    below = SequenceQualityReport(thresholds={"single_event": 0.2499}).fit(X)
    assert found(below.report_)["single_event"] == 0.25


def test_now_is_not_in_the_future():
    times = np.array([0, 1, 2, 3]) * DAY * 10**6
    seqs = EventSequences(np.ones((4, 1)), [0], [4], times=times)
    for now, n_future in (("1970-01-04", 0), ("1970-01-03T23:59:59.999999", 1), ("1970-01-03", 1)):
        assert SequenceQualityReport(now=now).fit(seqs).report_["times"]["n_future"] == n_future


@pytest.mark.parametrize("within", [False, True])
def test_histories_that_only_touch_are_not_one(within):
    # The second of these overlaps the first, the last begins where that ends, long before it.
    times = np.array([100, 101, 102, 0, 1]) * DAY * 10**6
    starts, stops = ([0, 1, 3], [3, 2, 5]) if within else ([0, 1, 3], [2, 3, 5])
    seqs = EventSequences(np.ones((5, 1)), starts, stops, times=times, frame_rows=np.arange(5))
    report = SequenceQualityReport(long_gap="12h").fit(seqs).report_
    assert report["times"]["n_intervals"] == 3
    assert report["times"]["n_long_gaps"] == 3
    assert report["times"]["n_entities_with_long_gaps"] == 2
    assert report["times"]["longest_gap"] == DAY


@pytest.mark.parametrize("n_unseen", [20, 21])
def test_of_unseen_categories_the_commonest_are_listed(n_unseen):
    names = [f"new {k:02}" for k in range(n_unseen)]
    counts = np.where(np.arange(n_unseen) % 2, 3, 2)
    log = pd.DataFrame({"card": 0, "shop": np.repeat(names, counts), "amount": 1.0})
    quality = SequenceQualityReport()
    quality.fit(
        EventSequences.from_frame(
            log.assign(shop="old"), entity="card", fields=["amount"], categorical_fields=["shop"]
        )
    )
    new = EventSequences.from_frame(
        log, entity="card", fields=["amount"], categorical_fields=["shop"]
    )
    expected = (names[1::2] + names[::2])[:20]
    for _ in range(2):  # what is unseen stays so
        measured = quality.report(new)["categories"]["shop"]
        assert measured["unseen"] == expected
        assert measured["n_unseen_events"] == len(log)


def test_findings_come_by_severity_and_then_in_the_order_of_the_checks(log):
    late = SequenceQualityReport(
        windows=("1h",), now="2024-01-02", long_gap="1h", thresholds={"duplicate_times": 0.0}
    )
    sequences = sequences_of(log)
    left_out = sequences.reference_times.astype("datetime64[us]")
    findings = late.fit(sequences, left_out=left_out).report_["checks"]
    severities = ["error", "warning", "info"]
    expected = sorted(
        SEQUENCE_CHECKS, key=lambda name: severities.index(SEQUENCE_CHECKS[name].severity)
    )
    names = [finding["check"] for finding in findings]
    assert names == [name for name in expected if name in names]
    assert names.index("cut_windows") < names.index("long_gaps")
    assert {finding["severity"] for finding in findings} == set(severities)


def test_the_emptiest_window_is_found():
    seqs = EventSequences(
        np.ones((2, 1)),
        [0, 1],
        [1, 2],
        times=np.array([0, 9]) * DAY * 10**6,
        reference_times=np.full(2, 10 * DAY * 10**6),
    )
    report = SequenceQualityReport(windows=("30d", "1h", "5d")).fit(seqs).report_
    assert found(report)["empty_windows"] == 1.0


def test_what_was_left_out_may_be_of_the_reference_time():
    times = np.array(["2026-01-02"], dtype="datetime64[us]")
    seqs = EventSequences([[1.0]], [0], [1], times=times)
    report = SequenceQualityReport(windows=("1d",)).fit(seqs, left_out=times).report_
    assert report["windows"]["1d"]["share_cut"] == 1.0
