"""Features as known at moments: views of one table against histories cut by hand."""

import numpy as np
import pandas as pd
import pytest
from histories import features, histories, same_bits, seeded_histories, sequences_of
from hypothesis import given
from hypothesis import strategies as st
from oracles.families import History
from sklearn.model_selection import cross_val_predict
from sklearn.tree import DecisionTreeClassifier

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
    make_temporal_pipeline,
)
from sktemporal.sequences import duration_in_microseconds

EVERY_AGGREGATION = (
    "count",
    "sum",
    "mean",
    "var",
    "std",
    "cv",
    "min",
    "max",
    "range",
    "first",
    "last",
    "median",
    "q90",
    "n_unique",
    "skew",
    "kurtosis",
)
WINDOWS = (1, 3, "1us", "2s", "90min", 50)


def every_family(windows=WINDOWS, **rolling):
    nan = {"fill_value": np.nan}
    rolling = {"closed": None, "gap": None, **nan} | rolling
    return TemporalFeatureUnion(
        [
            ("statistical", StatisticalFeatures(EVERY_AGGREGATION, **nan)),
            ("categorical", CategoricalFeatures(**nan)),
            ("temporal", TemporalPatternFeatures(**nan)),
            ("some", TemporalPatternFeatures(fields=(0,), **nan)),
            ("behavioral", BehavioralFeatures(**nan)),
            ("rolling", RollingWindowFeatures(windows, EVERY_AGGREGATION, **rolling)),
            ("lag", LagFeatures((0, 1, 4), **nan)),
            ("smoothing", ExponentialSmoothingFeatures(0.3, **nan)),
        ]
    )


def part(history, chosen, reference, inclusive=True):
    """A history of some of the events of another."""
    return History(
        {name: [x[k] for k in chosen] for name, x in history.values.items()},
        {name: [c[k] for k in chosen] for name, c in history.codes.items()},
        [history.times[k] for k in chosen],
        reference=reference,
        inclusive=inclusive,
    )


def alone(parts, family):
    """Features of each history computed in a table of its own."""
    return np.concatenate([features(family, sequences_of([history])) for history in parts])


closed_windows = st.sampled_from((None, "right", "left", "both", "neither"))
gaps = st.sampled_from((None, "1us", "1s", "1h", "1d"))


@given(histories(max_entities=3), st.booleans(), closed_windows, gaps)
def test_each_event_has_the_features_of_the_history_before_it(drawn, inclusive, closed, gap):
    family = every_family(closed=closed, gap=gap)
    cut = [
        part(history, range(k + inclusive), history.times[k], inclusive)
        for history in drawn
        for k in range(len(history))
    ]
    if cut:
        got = features(family, sequences_of(drawn).each_event(inclusive=inclusive))
        assert same_bits(got, alone(cut, family))


@given(histories(max_entities=3), st.booleans(), closed_windows, gaps, st.randoms())
def test_as_of_in_any_order_has_the_features_of_histories_cut_by_hand(
    drawn, inclusive, closed, gap, random
):
    family = every_family(closed=closed, gap=gap)
    labels = [
        (i, t + late)
        for i, history in enumerate(drawn)
        for t in {*history.times, 0}
        for late in (-1, 0, 1, 10**6)
    ]
    random.shuffle(labels)
    cut = []
    for i, moment in labels:
        known = [
            k for k, t in enumerate(drawn[i].times) if t < moment or (inclusive and t == moment)
        ]
        cut.append(part(drawn[i], known, moment, inclusive))
    entities, moments = zip(*labels, strict=True)
    moments = np.array(moments).astype("datetime64[us]")
    view = sequences_of(drawn).as_of(entities, moments, inclusive=inclusive)
    assert same_bits(features(family, view), alone(cut, family))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_long_histories_have_the_bits_of_views_computed_alone(n_jobs):
    drawn = seeded_histories(3, n_entities=12, longest=300)
    union = every_family(windows=(2, 20, 100, "1h", "5h", "2d")).set_params(n_jobs=n_jobs)
    view = sequences_of(drawn).each_event(inclusive=True)
    got = features(union, view)
    chosen = np.random.default_rng(0).choice(len(view), 150, replace=False)
    for i in chosen:
        assert same_bits(got[[i]], features(union, view[[i]]))
    assert same_bits(got[chosen], features(union, view[chosen]))


@given(
    histories(max_entities=2, max_length=14),
    st.integers(0, 6),
    st.integers(1, 6),
    st.sampled_from(("1us", "2s", "1h", "3d")),
)
def test_windows_do_not_depend_on_where_the_table_starts(drawn, dropped, count, duration):
    """A row whose windows lie in what is left of a history keeps its bits."""
    family = RollingWindowFeatures((count, duration), EVERY_AGGREGATION, fill_value=np.nan)
    n = len(EVERY_AGGREGATION)
    for history in drawn:
        if len(history) <= dropped:
            continue
        rest = part(history, range(dropped, len(history)), None)
        rest.reference = rest.times[-1]
        for name, x in rest.values.items():
            only = {"values": {name: history.values[name]}, "codes": {}}
            whole = sequences_of([History(**only, times=history.times)]).each_event(True)
            left = sequences_of([History({name: x}, {}, rest.times)]).each_event(True)
            before, after = features(family, whole)[dropped:], features(family, left)
            observed = np.cumsum(~np.isnan(x))
            times = np.array(rest.times)
            seconds = times - times[0] >= duration_in_microseconds(duration)
            assert same_bits(before[observed >= count, :n], after[observed >= count, :n])
            assert same_bits(before[seconds, n:], after[seconds, n:])


@given(histories(max_entities=2), st.integers(0, 9), st.integers(0, 9))
def test_any_overlapping_views_have_the_bits_of_views_alone(drawn, tail, seed):
    rng = np.random.default_rng(seed)
    view = sequences_of(drawn).each_event(inclusive=True)
    view = view.tail(tail) if tail else view.since("2s")
    view = view[rng.integers(0, len(view), 2 * len(view))]
    family = every_family()
    if len(view):
        expected = [features(family, view[i]) for i in range(len(view))]
        assert same_bits(features(family, view), np.concatenate(expected))


@given(st.integers(0, 2**32))
def test_intervals_that_came_as_such_are_cut_with_the_history(seed):
    rng = np.random.default_rng(seed)
    deltas = rng.integers(0, 4, size=(4, 9)) * 0.5
    values = rng.choice([1.0, 2.0, np.nan], size=(4, 9, 1))
    numerical = np.concatenate([values, deltas[..., None]], axis=2)
    parameters = {"time_field": -1, "time_encoding": "delta"}
    seqs = EventSequences.from_padded(numerical, np.ones((4, 9)), **parameters)
    family = every_family()
    view = seqs.each_event(inclusive=True).tail(4)
    expected = [features(family, view[i]) for i in range(len(view))]
    assert same_bits(features(family, view), np.concatenate(expected))


MICROSECONDS = np.iinfo(np.int64)


def test_the_earliest_and_the_latest_times_of_64_bits():
    times = [MICROSECONDS.min + 1, MICROSECONDS.min + 2, 0, MICROSECONDS.max - 1, MICROSECONDS.max]
    history = History({"x": [1.0, 2.0, 4.0, 8.0, 16.0]}, {}, times)
    seqs = sequences_of([history])
    windows = ("1us", "2us", "106751991d")
    for closed in (None, "right", "left", "both", "neither"):
        for gap in (None, "1us", "106751991d"):
            for inclusive in (True, False):
                family = RollingWindowFeatures(windows, ("sum",), closed=closed, gap=gap)
                got = features(family, seqs.each_event(inclusive=inclusive))
                closes = closed or ("right" if inclusive else "left")
                for k, row in enumerate(got):
                    for window, total in zip(windows, row, strict=True):
                        assert total == sum_in_window(history, k, inclusive, window, closes, gap)
    pattern = TemporalPatternFeatures().set_output(transform="pandas")
    got = features(pattern, seqs)
    assert got["temporal_span"][0] == (MICROSECONDS.max - times[0]) / 1e6
    assert got["min_time_delta"][0] == 1e-6


def sum_in_window(history, k, inclusive, window, closed, gap):
    """The brute force, in Python's integers."""
    width = duration_in_microseconds(window)
    end = history.times[k] - (0 if gap is None else duration_in_microseconds(gap))
    total = 0.0
    for t, value in zip(history.times[: k + inclusive], history.values["x"], strict=False):
        inside = end - width < t < end
        inside |= t == end and closed in ("right", "both")
        inside |= t == end - width and closed in ("left", "both")
        total += value if inside else 0.0
    return total


def test_a_label_a_week_after_the_last_purchase_sees_an_empty_week():
    log = pd.DataFrame({"who": ["a"], "at": pd.to_datetime(["2026-03-01"]), "spent": [9.0]})
    seqs = EventSequences.from_frame(log, entity="who", time="at")
    moments = ["2026-03-01 00:00", "2026-03-01 00:01", "2026-03-08 00:00", "2026-03-08 00:01"]
    count = RollingWindowFeatures(("7d",), ("count",))
    view = seqs.as_of(["a"] * 4, pd.to_datetime(moments))
    assert features(count, view).ravel().tolist() == [0.0, 1.0, 1.0, 0.0]
    view = seqs.as_of(["a"] * 4, pd.to_datetime(moments), inclusive=True)
    assert features(count, view).ravel().tolist() == [1.0, 1.0, 0.0, 0.0]


def test_a_day_is_24_hours_also_where_the_clock_is_changed():
    wall = pd.to_datetime(["2026-03-28 12:00", "2026-03-29 11:59", "2026-03-29 12:00"])
    log = pd.DataFrame({"who": "a", "at": wall.tz_localize("Europe/Berlin"), "x": [1.0, 2.0, 4.0]})
    seqs = EventSequences.from_frame(log, entity="who", time="at")
    family = RollingWindowFeatures(("23h", "24h"), ("sum",))
    # From noon to noon that night were 23 hours.
    got = features(family, seqs.each_event(inclusive=True))
    assert got.tolist() == [[1.0, 1.0], [3.0, 3.0], [6.0, 7.0]]
    utc = log["at"].dt.tz_convert("UTC")
    assert same_bits(features(family, seqs.as_of(["a"] * 3, utc, inclusive=True)), got)


def test_rows_of_every_event_go_through_cross_validation():
    log = pd.DataFrame(
        {"who": np.arange(60) % 5, "at": np.arange(60) * 3600, "x": np.arange(60) * 0.25}
    )
    seqs = EventSequences.from_frame(log, entity="who", time="at", fields=["x"])
    rows = seqs.each_event(inclusive=True)
    y = (log["x"].to_numpy() > 7.0)[seqs.frame_rows]
    model = make_temporal_pipeline(windows=(2, "6h"), lags=(1,))
    model.steps.append(("tree", DecisionTreeClassifier(random_state=0)))
    assert (cross_val_predict(model, rows, y) == y).mean() > 0.9
