import copy
import datetime
import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from histories import check_columns, features, histories, seeded_histories, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import families
from oracles.families import History
from oracles.statistics import ALL, FURTHER
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sktemporal import (
    EventSequences,
    RollingWindowFeatures,
    StatisticalFeatures,
    make_temporal_pipeline,
    prepare,
)
from sktemporal.sequences import duration_in_microseconds

DEFAULT_WINDOWS = (7, 14, 30, 90)
DEFAULT_AGGREGATIONS = ("mean", "sum", "std", "min", "max", "count")


EVERY = (*ALL, *FURTHER)
CLOSED = ("right", "left", "both", "neither")


def slack(name, history):
    if "_skew_" in name or "_kurtosis_" in name:
        return 1e-11
    if "_q29_" in name:  # a value between two that cancel, at a hundredth that is no float
        return 1e-13 * np.nanmax(np.abs([0.0, *history.values[name.split("_q29_")[1]]]))
    return 0.0


def oracle_of(windows, aggregations, closed=None, gap=None):
    resolved = [w if isinstance(w, int) else (w, duration_in_microseconds(w)) for w in windows]
    gap = 0 if gap is None else duration_in_microseconds(gap)
    return lambda history: families.RollingWindowFeatures(
        history, resolved, aggregations, closed, gap
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_column_is_the_oracle_s_on_seeded_histories(dtype):
    check_columns(
        RollingWindowFeatures(),
        seeded_histories(1, longest=120, n_entities=15),
        oracle_of(DEFAULT_WINDOWS, DEFAULT_AGGREGATIONS),
        slack,
        dtype,
        junk=2,
    )


def test_every_statistic_over_counts_and_durations_is_the_oracle_s():
    windows = (1, 2, "1h", "6h", "3h30min", "7d")
    check_columns(
        RollingWindowFeatures(windows, EVERY),
        seeded_histories(2, n_entities=15),
        oracle_of(windows, EVERY),
        slack,
        junk=2,
    )


@given(histories(), st.integers(1, 12), st.sampled_from(("1us", "1s", "2s", "1h", "1d", "25h")))
def test_every_column_is_the_oracle_s_on_any_history(drawn, count, duration):
    windows = (count, duration)
    check_columns(
        RollingWindowFeatures(windows), drawn, oracle_of(windows, DEFAULT_AGGREGATIONS), slack
    )


@given(histories(), st.integers(0, 3 * 10**6))
def test_durations_end_at_the_reference_time(drawn, late):
    for history in drawn:
        history.reference = (history.times[-1] if history.times else 0) + late
    windows = ("1s", "3s", "1d")
    check_columns(
        RollingWindowFeatures(windows), drawn, oracle_of(windows, DEFAULT_AGGREGATIONS), slack
    )


ENDS = ("count", "sum", "first", "last", "median", "n_unique")
# The steps between events are of these, so events are at either end of a window, or tied there.
DURATIONS = st.sampled_from(("1us", "1s", "1000001us", "1h", "1d", "25h"))
CUTS = {"closed": st.sampled_from((None, *CLOSED)), "gap": st.one_of(st.none(), DURATIONS)}


@settings(max_examples=150)
@given(
    histories(),
    st.sampled_from((None, 0, 1, 1_000_000, 3_600_000_000, 86_400_000_001)),
    st.tuples(st.integers(1, 12), DURATIONS, st.just(2**62)),
    st.fixed_dictionaries(CUTS),
    st.booleans(),
)
def test_windows_with_either_end_and_a_gap_are_the_oracle_s(drawn, late, windows, cut, inclusive):
    for history in drawn:
        history.inclusive = inclusive
        if late is not None:
            history.reference = (history.times[-1] if history.times else 0) + late
    family = RollingWindowFeatures(windows, ENDS, **cut)
    check_columns(family, drawn, oracle_of(windows, ENDS, **cut), slack, junk=1)


@given(
    histories(max_entities=1, max_length=15),
    st.integers(1, 5),
    DURATIONS,
    st.fixed_dictionaries(CUTS),
)
def test_windows_at_every_moment_of_one_history_are_the_oracle_s(drawn, count, duration, cut):
    history = drawn[0]
    stops = np.arange(1, len(history) + 1)
    X = np.array([*history.values.values()]).T.reshape(-1, 2)
    seqs = EventSequences(
        X, np.zeros_like(stops), stops, times=np.array(history.times, dtype=np.int64)
    )
    windows = (count, duration)
    family = RollingWindowFeatures(windows, ENDS, fill_value=np.nan, **cut)
    oracle = oracle_of(windows, ENDS, **cut)
    for row, stop in zip(features(family, seqs), stops, strict=True):
        known = {name: x[:stop] for name, x in history.values.items()}
        expected = [*oracle(History(known, times=history.times[:stop])).values()]
        np.testing.assert_allclose(row, expected, rtol=1e-10)


@pytest.mark.parametrize("closed", [None, *CLOSED])
@pytest.mark.parametrize("gap", [None, "1us", "106751991d"])
@pytest.mark.parametrize("earliest", [-(2**63) + 1, -(2**62)])
def test_windows_over_all_of_time_are_the_oracle_s(closed, gap, earliest):
    longest = duration_in_microseconds("106751991d")
    latest = 2**63 - 1
    times = sorted({earliest, earliest + 1, latest - 2 * longest, -1, latest - longest - 1})
    times = [t for t in times if t >= earliest] + [latest - longest, latest - 1, latest, latest]
    drawn = [
        History({"x": [2.0**k for k in range(n)]}, times=times[:n], reference=reference)
        for n, reference in ((0, latest), (3, latest), (3, times[2]), (len(times), latest))
    ]
    windows = (2, "1us", "106751991d")
    family = RollingWindowFeatures(windows, ENDS, closed=closed, gap=gap)
    check_columns(family, drawn, oracle_of(windows, ENDS, closed, gap))


@pytest.mark.parametrize("closed", CLOSED)
def test_pandas_rolling_agrees(closed):
    drawn = seeded_histories(3, longest=60)
    half_hour = 1_800_000_000
    for history in drawn:
        history.times = [t // half_hour * half_hour for t in history.times]
    names = ("mean", "sum", "min", "max", "count", "median", "std")
    family = RollingWindowFeatures(
        ("2h",), names, fields=("amount",), closed=closed, fill_value=np.nan
    )
    got = features(family, sequences_of(drawn))
    for row, history in zip(got, drawn, strict=True):
        if len(history) == 0:
            continue
        index = pd.DatetimeIndex(np.array(history.times, dtype="datetime64[us]"))
        windows = pd.Series(history.values["amount"], index=index).rolling(
            "2h", min_periods=0, closed=closed
        )
        # To pandas an event is before another of its instant: the first of the last instant has
        # none there before it, the last has all.
        closes = closed in ("right", "both")
        place = len(history) - 1 if closes else history.times.index(history.times[-1])
        expected = [windows.agg(name).iloc[place] for name in names[:-1]]
        expected.append(windows.std(ddof=0).iloc[place])
        # pandas keeps running sums, which limits its own accuracy.
        np.testing.assert_allclose(row, expected, rtol=1e-8, atol=1e-5)


def test_pandas_tail_agrees():
    drawn = seeded_histories(3, longest=60)
    names = ("mean", "sum", "min", "max", "count", "median", "std")
    family = RollingWindowFeatures((5,), names, fields=("amount",), fill_value=np.nan)
    for row, history in zip(features(family, sequences_of(drawn)), drawn, strict=True):
        last_five = pd.Series(history.values["amount"], dtype=float).dropna().tail(5)
        expected = [*(last_five.agg(name) for name in names[:-1]), last_five.std(ddof=0)]
        np.testing.assert_allclose(row, expected, rtol=1e-12)


@pytest.mark.parametrize("closed", ["right", "both", None])
@pytest.mark.parametrize("gap", ["1us", "90min", "1d"])
@pytest.mark.parametrize("inclusive", [True, False])
def test_a_gap_has_the_bits_of_looking_earlier(closed, gap, inclusive):
    seqs = sequences_of(seeded_histories(6))
    seqs = seqs[seqs.stops > seqs.starts]
    who, moments = np.arange(len(seqs)), seqs.reference_times
    earlier = (moments - duration_in_microseconds(gap)).view("datetime64[us]")
    known = seqs.as_of(who, earlier, inclusive=inclusive or closed is not None)
    seqs = seqs.as_of(who, moments.view("datetime64[us]"), inclusive=inclusive)
    parameters = {"windows": (3, "5h"), "aggregations": EVERY, "closed": closed}
    expected = features(RollingWindowFeatures(**parameters), known)
    assert features(RollingWindowFeatures(gap=gap, **parameters), seqs).tobytes() == (
        expected.tobytes()
    )


START = np.datetime64("2026-01-01", "us")
DAY = np.timedelta64(86_400_000_000, "us")


@given(
    n_days=st.integers(1, 40),
    week=st.integers(1, 30),
    gap=st.integers(0, 5),
    closed=st.sampled_from((None, *CLOSED)),
    inclusive=st.booleans(),
    per_day=st.integers(1, 3),
    data=st.data(),
)
def test_windows_of_days_are_masks_of_the_days(n_days, week, gap, closed, inclusive, per_day, data):
    """Values of days, several to a day at one instant, against a mask over all of them."""
    day = np.repeat(np.arange(n_days), per_day)
    value = 2.0 ** (np.arange(len(day)) % 50)
    seqs = EventSequences(value[:, None], [0], [len(day)], times=START + day * DAY)
    at = data.draw(st.integers(-1, n_days + 3))
    view = seqs.as_of([0], START + at * DAY, inclusive=inclusive)
    family = RollingWindowFeatures(
        (f"{week}d", 3), ("sum", "count"), closed=closed, gap=f"{gap}d" if gap else None
    )
    known = day <= at if inclusive else day < at
    closes = closed or ("right" if inclusive else "left")
    end = at - gap
    before = (day < end) | ((day == end) & (closes in ("right", "both")))
    since = (day > end - week) | ((day == end - week) & (closes in ("left", "both")))
    in_days, latest = known & before & since, np.flatnonzero(known & before)[-3:]
    expected = [value[in_days].sum(), in_days.sum(), value[latest].sum(), len(latest)]
    assert features(family, view).tolist() == [expected]
    if not gap:
        assert view.since(f"{week}d", closed).n_events == in_days.sum()
    if closed is None and week + gap <= at < n_days:
        assert in_days.sum() == week * per_day


@given(histories(), DURATIONS, st.sampled_from((None, *CLOSED)), st.booleans())
def test_windows_have_the_bits_of_what_since_keeps(drawn, duration, closed, inclusive):
    view = sequences_of(drawn).each_event(inclusive=inclusive)
    rolling = RollingWindowFeatures((duration,), EVERY, closed=closed, fill_value=np.nan)
    kept = view.since(duration, closed)
    assert kept.inclusive == (inclusive and closed not in ("left", "neither"))
    whole = StatisticalFeatures(EVERY, fill_value=np.nan)
    assert features(rolling, view).tobytes() == features(whole, kept).tobytes()


def test_what_came_before_an_event_at_its_instant_is_in_its_windows():
    times = START + np.array([0, 1, 1, 1]) * DAY
    seqs = EventSequences([[1.0], [2.0], [4.0], [8.0]], [0], [4], times=times)
    family = RollingWindowFeatures(("1d", 9), ("sum",))
    assert features(family, seqs.each_event()).tolist() == [[0, 0], [1, 1], [3, 3], [7, 7]]
    inclusive = features(family, seqs.each_event(inclusive=True))
    assert inclusive.tolist() == [[1, 1], [2, 3], [6, 7], [14, 15]]


def test_a_window_follows_its_view_through_all_that_is_done_to_it():
    days = np.arange(30)
    table = np.ones((60, 1))
    times = np.tile(START + days * DAY, 2)
    seqs = EventSequences(table, [0, 30], [30, 60], times=times, entity_ids=["a", "b"])
    cut = seqs.as_of(["b", "a"], START + 20 * DAY)
    asked = START + 20 * DAY
    family = RollingWindowFeatures(("7d",), ("count",), fields=(0,)).fit(cut)
    week = np.array([[7.0], [7.0]])
    views = {
        "itself": cut,
        "tail": cut.tail(12),
        "since": cut.since("10d"),
        "selection": cut[[1, 0]],
        "reversed": cut[::-1],
        "part": cut.part(slice(0, 2)),
        "copy": copy.copy(cut),
        "pickle": pickle.loads(pickle.dumps(cut)),
        "deepcopy": copy.deepcopy(cut),
        "moved to the same": cut.with_reference_times(asked),
        "cut again": seqs.as_of(["a", "b"], START + 29 * DAY).as_of(["a", "b"], asked),
        "of the day": seqs.with_reference_times(START + 30 * DAY, inclusive=False),
    }
    for name, view in views.items():
        assert not view.inclusive, name
        assert "inclusive=False" in repr(view), name
        np.testing.assert_array_equal(family.transform(view), week, err_msg=name)
        np.testing.assert_array_equal(prepare(family)(view), week, err_msg=name)
        one_by_one = [prepare(family)(view[i]) for i in range(2)]
        np.testing.assert_array_equal(np.concatenate(one_by_one), week, err_msg=name)
    again = cut.as_of(["a", "b"], START + 18 * DAY, inclusive=True)
    assert again.inclusive
    assert again.since("7d").n_events == 14
    assert seqs.inclusive
    assert EventSequences.from_padded(np.ones((2, 3, 1))).inclusive


def test_what_had_arrived_is_a_view_like_any_other():
    times = START + np.arange(30) * DAY
    late = times + np.where(np.arange(30) == 16, 9, 0) * DAY  # so histories have holes
    seqs = EventSequences(np.ones((30, 1)), [0], [30], times=times, arrivals=late)
    family = RollingWindowFeatures(("7d",), ("count",))
    for inclusive in (True, False):
        view = seqs.as_of([0, 0], START + np.array([20, 27]) * DAY, inclusive=inclusive)
        assert view.inclusive == inclusive
        assert features(family, view).ravel().tolist() == [6.0, 7.0]
        view = seqs.each_event(inclusive=inclusive)
        assert view.inclusive == inclusive
        assert features(family, view)[[20, 29]].ravel().tolist() == [6.0, 7.0]


def test_a_moment_that_is_left_out_has_no_event():
    seqs = EventSequences([[1.0], [1.0]], [0, 2], [2, 2], times=[0, 5], entity_ids=["a", "b"])
    moved = seqs.with_reference_times(6e-6, inclusive=False)
    assert not moved.inclusive
    assert moved.with_reference_times(6e-6, inclusive=True).inclusive
    with pytest.raises(ValueError, match="inclusive=False: entity 'a' has an event at its ref"):
        seqs.with_reference_times(5e-6, inclusive=False)
    with pytest.raises(ValueError, match="inclusive must be True or False; got 1"):
        seqs.with_reference_times(6e-6, inclusive=1)
    with pytest.raises(ValueError, match="inclusive must be True or False; got 'no'"):
        EventSequences([[1.0]], [0], [1], inclusive="no")


def test_a_grid_reaches_closed():
    rng = np.random.default_rng(0)
    seqs = sequences_of([h for h in seeded_histories(7) if len(h)])
    pipeline = make_pipeline(
        make_temporal_pipeline(windows=("1h", 3), lags=(1,)).set_params(quality__n_jobs=1),
        LogisticRegression(max_iter=10_000),
    )
    grid = {"pipeline__features__rolling__closed": [None, "left"]}
    y = rng.integers(0, 2, len(seqs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the model, which learns nothing here
        search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(seqs, y)
    assert len(search.cv_results_["params"]) == 2


@pytest.mark.parametrize("window", [3, "5h"])
def test_windows_open_at_their_end_have_the_bits_of_the_time_just_before_it(window):
    seqs = sequences_of(seeded_histories(6))
    seqs = seqs[seqs.stops > seqs.starts]
    moments = seqs.reference_times.view("datetime64[us]")
    known = seqs.as_of(np.arange(len(seqs)), moments)
    for closed, same in (("neither", "right"), ("left", None)):
        got = features(RollingWindowFeatures((window,), EVERY, closed=closed), seqs)
        expected = features(RollingWindowFeatures((window,), EVERY, closed=same), known)
        assert got.tobytes() == expected.tobytes()


@pytest.mark.parametrize("duration", ["1us", "90min", "1d", "2w"])
def test_duration_windows_have_the_bits_of_hand_cut_histories(duration):
    seqs = sequences_of(seeded_histories(4))
    rolling = RollingWindowFeatures((duration,), EVERY, fill_value=np.nan)
    whole = StatisticalFeatures(EVERY, fill_value=np.nan)
    assert features(rolling, seqs).tobytes() == features(whole, seqs.since(duration)).tobytes()


@pytest.mark.parametrize("window", [1, 3, 1000])
def test_count_windows_have_the_bits_of_tails(window):
    seqs = sequences_of(seeded_histories(5, missing=0.0))
    rolling = RollingWindowFeatures((window,), EVERY, fill_value=np.nan)
    whole = StatisticalFeatures(EVERY, fill_value=np.nan)
    assert features(rolling, seqs).tobytes() == features(whole, seqs.tail(window)).tobytes()


@pytest.mark.parametrize(
    ("closed", "sums"),
    [
        ("right", [4.0, 6.0, 6.0, 7.0, 6.0]),
        ("left", [2.0, 2.0, 3.0, 3.0, 3.0]),
        ("both", [6.0, 6.0, 7.0, 7.0, 6.0]),
        ("neither", [0.0, 2.0, 2.0, 3.0, 3.0]),
    ],
)
def test_closed_says_which_ends_belong_to_a_window(closed, sums):
    second = 1_000_000
    seqs = EventSequences([[1.0], [2.0], [4.0]], [0], [3], times=np.arange(3) * second)
    family = RollingWindowFeatures(("1s", "1001ms", "2s", "2001ms", 2), ("sum",), closed=closed)
    assert family.fit_transform(seqs).tolist() == [sums]


def test_a_gap_moves_windows_back():
    second = 1_000_000
    seqs = EventSequences([[1.0], [2.0], [4.0]], [0], [3], times=np.arange(3) * second)
    for gap, sums in {"999ms": [2.0, 3.0], "1s": [2.0, 3.0], "1001ms": [1.0, 1.0]}.items():
        family = RollingWindowFeatures(("1s", 2), ("sum",), gap=gap)
        assert family.fit_transform(seqs).tolist() == [sums]


def test_window_may_end_after_the_last_event():
    seqs = EventSequences([[1.0]], [0], [1], times=[0], reference_times=[10_000_000])
    family = RollingWindowFeatures(("10s", "11s"), ("count", "mean"), fill_value=-1.0)
    assert family.fit_transform(seqs).tolist() == [[0.0, -1.0, 1.0, 1.0]]


@pytest.mark.parametrize("first", [-(10**14), 0, 10**15])
def test_the_longest_duration_reaches_everything(first):
    times = np.array([first, first + 1])
    seqs = EventSequences(np.ones((2, 1)), [0], [2], times=times)
    family = RollingWindowFeatures(("106751991d",), ("count",))
    assert family.fit_transform(seqs).tolist() == [[2.0]]


@pytest.mark.parametrize(
    "duration",
    [
        datetime.timedelta(hours=36),
        pd.Timedelta("36h"),
        np.timedelta64(36, "h"),
        np.timedelta64(36 * 3600 * 10**9, "ns"),
    ],
)
def test_durations_of_any_type_are_named_in_their_largest_unit(duration):
    family = RollingWindowFeatures((36, duration), ("sum",), fields=(0,))
    times = np.arange(5) * 86_400_000_000
    seqs = EventSequences(np.ones((5, 1)), [0], [5], times=times)
    assert family.fit_transform(seqs).tolist() == [[5.0, 2.0]]
    assert family.get_feature_names_out().tolist() == ["rolling_36_sum_x0", "rolling_36h_sum_x0"]


def test_names_and_order():
    family = RollingWindowFeatures((2, "7d"), ("max", "sum"), fields=(1, 0), prefix="r_")
    family.fit(np.ones((1, 2, 2)))
    assert family.get_feature_names_out().tolist() == [
        f"r_rolling_{window}_{aggregation}_{field}"
        for field in ("x1", "x0")
        for window in (2, "7d")
        for aggregation in ("max", "sum")
    ]


def test_no_windows_give_no_columns():
    assert RollingWindowFeatures(()).fit_transform(np.ones((3, 2, 2))).shape == (3, 0)


@pytest.mark.parametrize(
    "windows",
    [
        (-3,),
        (0,),
        (True,),
        (2.5,),
        (7, 7),
        ("7d", "7d"),
        ("1w", datetime.timedelta(days=7)),
        ("7",),
        ("d",),
        ("0d",),
        ("-7d",),
        ("7 d",),
        ("7m",),
        ("1.5h",),
        ("",),
        (datetime.timedelta(0),),
        (np.timedelta64("NaT"),),
        (None,),
        "7d",
        7,
    ],
)
def test_windows_that_are_none_are_named(windows):
    with pytest.raises(ValueError) as error:
        RollingWindowFeatures(windows).fit(np.ones((1, 2, 1)))
    assert "'windows'" in str(error.value)
    assert repr(windows) in str(error.value)


@pytest.mark.parametrize(
    "aggregations", [("q101",), ("q-1",), ("q1.5",), ("mode",), ("sum", "sum"), "sum", None]
)
def test_aggregations_that_are_none_are_named(aggregations):
    with pytest.raises(ValueError) as error:
        RollingWindowFeatures(aggregations=aggregations).fit(np.ones((1, 2, 1)))
    assert "'aggregations'" in str(error.value)
    assert repr(aggregations) in str(error.value)


@pytest.mark.parametrize("closed", ["middle", "Right", "", 0, True, ("right",)])
def test_closed_that_is_none_is_named(closed):
    with pytest.raises(ValueError) as error:
        RollingWindowFeatures(closed=closed).fit(np.ones((1, 2, 1)))
    for part in ("'closed'", *map(repr, CLOSED), repr(closed)):
        assert part in str(error.value)


@pytest.mark.parametrize(
    "gap", [0, 7, 1.5, True, "", "7", "0d", "-7d", "7m", datetime.timedelta(0), ("7d",)]
)
def test_gap_that_is_none_is_named(gap):
    with pytest.raises(ValueError) as error:
        RollingWindowFeatures(gap=gap).fit(np.ones((1, 2, 1)))
    for part in ("'gap'", "a duration like '7d'", repr(gap)):
        assert part in str(error.value)


@pytest.mark.parametrize(
    "parameters",
    [
        {"windows": ("7d",)},
        {"windows": (2,), "gap": "1s"},
        {"windows": (2,), "closed": "left"},
        {"windows": (2,), "closed": "neither"},
    ],
)
def test_moments_without_times_say_where_times_come_from(parameters):
    with pytest.raises(ValueError, match=r"need event times.*`time`.*`time_field`"):
        RollingWindowFeatures(**parameters).fit_transform(np.ones((1, 2, 1)))


@pytest.mark.parametrize("closed", ["right", "both", None])
def test_numbers_of_events_up_to_the_last_need_no_times(closed):
    family = RollingWindowFeatures((2,), ("sum",), closed=closed)
    assert family.fit_transform([[[1.0], [2.0], [4.0]]]).tolist() == [[6.0]]


@pytest.mark.parametrize("pair", [("7d", "7D"), ("7d", "1w"), ("24h", pd.Timedelta("1D")), (7, 7)])
def test_one_window_is_not_taken_twice(pair):
    rule = re.escape(f"({pair[0]!r} and {pair[1]!r} are one)")
    with pytest.raises(ValueError, match=rule):
        RollingWindowFeatures(pair).fit(np.ones((2, 3, 1)))


def test_windows_of_capital_letters_have_the_small_ones_names():
    family = RollingWindowFeatures(("7D", "12H"), ("count",)).fit(np.ones((2, 3, 1)))
    assert family.get_feature_names_out().tolist() == [
        "rolling_7d_count_x0",
        "rolling_12h_count_x0",
    ]


@pytest.mark.parametrize(
    ("parameters", "question"),
    [
        ({"windows": (3, "7 days")}, "did you mean '7d'?"),
        ({"windows": "7d"}, "did you mean ('7d',)?"),
        ({"windows": 7}, "did you mean (7,)?"),
        ({"windows": ("7",)}, "did you mean '7d', or the int 7 for events?"),
        ({"gap": "P1D"}, "did you mean '1d'?"),
    ],
)
def test_what_may_be_meant_by_a_window_is_asked_back(parameters, question):
    with pytest.raises(ValueError, match=re.escape(question)):
        RollingWindowFeatures(**parameters).fit(np.ones((2, 3, 1)))
