import pickle
import uuid
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import (
    GridSearchCV,
    TimeSeriesSplit,
    check_cv,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.pipeline import Pipeline

from sktemporal import EventSequences, make_temporal_pipeline
from sktemporal.model_selection import MomentSplit

DAY = np.timedelta64(1, "D")
START = np.datetime64("2026-01-01", "us")


def sequences(moments, ids=None):
    """One event at each moment, seen a row each; `moments` are days."""
    moments = START + np.round(np.asarray(moments) * 86_400e6).astype("timedelta64[us]")
    n = len(moments)
    ids = np.arange(n) if ids is None else np.asarray(ids)
    return EventSequences(
        np.ones((n, 1)), np.arange(n), np.arange(n) + 1, times=moments, entity_ids=ids
    )


def splits(splitter, X, **arguments):
    return [(train.tolist(), test.tolist()) for train, test in splitter.split(X, **arguments)]


@pytest.mark.parametrize(("n_rows", "n_splits", "size"), [(12, 5, None), (30, 3, 4), (7, 2, 1)])
def test_rows_in_order_of_distinct_moments_are_split_as_by_scikit_learn(n_rows, n_splits, size):
    X = sequences(np.arange(n_rows))
    expected = TimeSeriesSplit(n_splits, test_size=size).split(np.ones(n_rows))
    expected = [(train.tolist(), test.tolist()) for train, test in expected]
    assert splits(MomentSplit(n_splits, test_size=size), X) == expected
    shuffled = np.random.default_rng(0).permutation(n_rows)
    for (train, test), (old, new) in zip(
        splits(MomentSplit(n_splits, test_size=size), X[shuffled]), expected, strict=True
    ):
        assert (sorted(shuffled[train]), sorted(shuffled[test])) == (old, new)
        assert train == sorted(train)
        assert test == sorted(test)


def test_rows_of_each_event_are_not_in_order_of_time():
    log = pd.DataFrame({"card": list("aaabbb"), "at": pd.to_datetime(range(1, 7), unit="D")})
    log["at"] = log["at"].to_numpy()[[0, 2, 4, 1, 3, 5]]
    X = EventSequences.from_frame(log, entity="card", time="at").each_event()
    assert splits(MomentSplit(2), X) == [([0, 3], [1, 4]), ([0, 1, 3, 4], [2, 5])]
    labelled = pd.DataFrame({"f": np.zeros(6)}, index=X.row_index())
    assert splits(MomentSplit(2), labelled) == splits(MomentSplit(2), X)
    alone = pd.Series(np.zeros(6), index=pd.DatetimeIndex(log["at"], tz="Europe/Berlin"))
    assert splits(MomentSplit(2), alone) == splits(MomentSplit(2), X)


def test_the_gap_leaves_out_what_is_too_young():
    X = sequences([0, 1, 2, 3, 3.5, 4, 5])
    assert splits(MomentSplit(2, test_size=1), X)[0] == ([0, 1, 2, 3, 4], [5])
    for gap in ("1d", np.timedelta64(1, "D"), pd.Timedelta("24h")):
        assert splits(MomentSplit(2, test_size=1, gap=gap), X) == [
            ([0, 1, 2, 3], [5]),  # exactly a day older is old enough
            ([0, 1, 2, 3, 4, 5], [6]),
        ]


def test_one_moment_is_not_parted():
    X = sequences([0, 1, 1, 1, 2, 3, 3])
    assert splits(MomentSplit(2, test_size=2), X) == [
        ([0], [1, 2, 3, 4]),
        ([0, 1, 2, 3, 4], [5, 6]),
    ]


def test_sizes_of_tests():
    X = sequences(np.arange(20))
    assert [len(test) for _, test in MomentSplit(3).split(X)] == [5, 5, 5]
    assert [len(test) for _, test in MomentSplit(3, test_size=0.1).split(X)] == [2, 2, 2]
    assert [len(test) for _, test in MomentSplit(3, test_size=np.int64(6)).split(X)] == [6, 6, 6]
    for width in ("3d", 3 * DAY, pd.Timedelta(days=3)):
        tests = [test for _, test in splits(MomentSplit(2, test_size=width, gap="2d"), X)]
        assert tests == [[14, 15, 16], [17, 18, 19]]
    uneven = sequences([0, 5, 5, 6.5, 9, 9.5, 10])
    assert splits(MomentSplit(2, test_size="2d", gap="1d"), uneven) == [
        ([0, 1, 2], [3]),
        ([0, 1, 2, 3], [4, 5, 6]),
    ]


def test_moments_may_lie_far_apart():
    X = EventSequences(
        np.ones((3, 1)),
        [0, 1, 2],
        [1, 2, 3],
        times=np.array([-(2**63) + 1, 2**62, 2**63 - 1]),
    )
    assert splits(MomentSplit(2, test_size=1), X) == [([0], [1]), ([0, 1], [2])]
    assert splits(MomentSplit(2, test_size="53000000d"), X) == [([0], [1]), ([0, 1], [2])]


@settings(max_examples=60, deadline=None)
@given(
    moments=st.lists(st.integers(0, 40), min_size=12, max_size=40),
    n_splits=st.integers(2, 4),
    size=st.sampled_from([None, 1, 3, 0.1, "4d"]),
    gap=st.sampled_from([None, "1d", "3d"]),
    groups=st.sampled_from([None, "entity", "given"]),
)
def test_laws(moments, n_splits, size, gap, groups):
    X = sequences(moments, np.arange(len(moments)) % 7)
    own = groups if groups == "entity" else None
    given_groups = np.array(moments) % 5 if groups == "given" else None
    splitter = MomentSplit(n_splits, test_size=size, gap=gap, groups=own)
    try:
        found = list(splitter.split(X, groups=given_groups))
    except ValueError as error:
        assert "n_splits" in str(error) or "fewer" in str(error)  # noqa: PT017 - says what to do
        return
    assert len(found) == n_splits == splitter.get_n_splits()
    times = X.reference_times
    kept_apart = {"entity": X.entity_ids, "given": given_groups}.get(groups)
    delay = 0 if gap is None else int(gap[0]) * 86_400_000_000
    seen, last = set(), None
    for train, test in found:
        assert min(len(train), len(test)) > 0
        first = times[test].min()
        assert times[train].max() <= first - delay
        assert times[train].max() < first
        assert last is None or first > last
        last = times[test].max()
        assert not seen & set(test)
        seen |= set(test)
        if kept_apart is None:
            old = (times < first) & (times <= first - delay)
            assert train.tolist() == np.flatnonzero(old).tolist()
        else:
            assert not set(kept_apart[train]) & set(kept_apart[test])
    if kept_apart is None:
        assert last == times.max()


def test_no_group_is_in_both():
    X = sequences(np.arange(24), list("abcd") * 6)
    expected = [(list(range(1, 8, 2)), [8, 10, 12, 14]), (list(range(0, 16, 2)), [17, 19, 21, 23])]
    assert splits(MomentSplit(2, groups="entity"), X) == expected
    assert splits(MomentSplit(2), X, groups=X.entity_ids) == expected
    labelled = pd.DataFrame({"f": np.zeros(24)}, index=X.each_event(True).row_index())
    assert splits(MomentSplit(2, groups="entity"), labelled) == expected


def test_entities_of_several_columns():
    log = pd.DataFrame(
        {
            "card": [1, 1, 2, 2] * 4,
            "shop": list("abab") * 4,
            "at": START + np.arange(16) * DAY,
            "amount": np.ones(16),
        }
    )
    seqs = EventSequences.from_frame(log, entity=["card", "shop"], time="at")
    X = seqs.each_event(inclusive=True)
    found = splits(MomentSplit(2, groups="entity"), X)
    for train, test in found:
        assert not set(X.entity_ids[train]) & set(X.entity_ids[test])
    labelled = pd.DataFrame({"f": np.zeros(16)}, index=X.row_index())
    assert labelled.index.names == ["card", "shop", "at"]
    assert splits(MomentSplit(2, groups="entity"), labelled) == found


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"n_splits": 1}, "n_splits must be an int of at least 2; got 1"),
        ({"n_splits": 2.0}, "n_splits must be an int"),
        ({"n_splits": True}, "n_splits must be an int"),
        ({"test_size": 0}, "test_size must be a positive int .* got 0"),
        ({"test_size": 1.0}, "test_size must be"),
        ({"test_size": np.nan}, "test_size must be"),
        ({"test_size": True}, "test_size must be"),
        ({"test_size": "a week"}, "test_size must be .* got 'a week'"),
        ({"gap": 7}, "gap must be a duration like '7d', or None .* got 7"),
        ({"gap": "-7d"}, "gap must be"),
        ({"groups": "card"}, "groups must be 'entity' or None .* got 'card'"),
        ({"groups": np.arange(3)}, "groups must be"),
    ],
)
def test_parameters_are_checked(parameters, match):
    with pytest.raises(ValueError, match=match):
        MomentSplit(**parameters)


@pytest.mark.parametrize(
    ("parameters", "X", "match"),
    [
        ({}, np.ones((9, 2)), "needs the moment of each row: .* got ndarray"),
        ({}, pd.DataFrame({"f": np.ones(9)}), r"moment of each row: .* got levels \['int64'\]"),
        (
            {},
            pd.DataFrame({"f": [1.0]}, index=pd.MultiIndex.from_arrays([[pd.NaT], [pd.NaT]])),
            "one level of datetimes",
        ),
        ({}, EventSequences(np.ones((9, 1)), range(9), range(1, 10)), "has no times; give `time`"),
        ({}, sequences([0, 1, 2])[:0], "needs rows"),
        ({}, sequences(np.arange(9))[:4], "4 rows are too few for n_splits=5"),
        ({"test_size": 0.01}, sequences(np.arange(9)), "5 tests of 0 rows"),
        ({"n_splits": 3, "test_size": 3}, sequences(np.arange(9)), "9 rows are too few"),
        (
            {"n_splits": 2, "test_size": 1},
            sequences([0, 1, 2, 2]),
            "tests 0 and 1 of 2 would",
        ),
        ({"n_splits": 2, "test_size": 1}, sequences([1, 1, 1, 2]), "split 0 of 2 has no row to"),
        (
            {"n_splits": 2, "gap": "90d"},
            sequences(np.arange(9)),
            "2026-01-04.*by a gap of '90d'; give .* or a smaller gap",
        ),
        ({"n_splits": 2, "test_size": "1d"}, sequences([0, 1, 2, 9]), "test 0 of 2 has no row"),
        ({"n_splits": 3, "groups": "entity"}, sequences(range(9), [0, 1] * 4 + [0]), "at least as"),
        (
            {"n_splits": 2, "groups": "entity"},
            EventSequences(np.ones((9, 1)), range(9), range(1, 10), times=np.arange(9)),
            "needs entities",
        ),
        (
            {"n_splits": 2, "groups": "entity"},
            sequences(range(9), [0] * 3 + [1] * 6),
            "test 0 of 2 has no row: none .* group that falls to it",
        ),
    ],
)
def test_what_cannot_be_split_is_refused(parameters, X, match):
    with pytest.raises(ValueError, match=match):
        list(MomentSplit(**parameters).split(X))


def test_groups_that_make_no_sense_are_refused():
    X = sequences(np.arange(9), [0, 1, 2] * 3)
    with pytest.raises(ValueError, match="leave out either"):
        next(MomentSplit(2, groups="entity").split(X, groups=np.arange(9)))
    with pytest.raises(ValueError, match="groups must not be missing; that of row 4"):
        next(MomentSplit(2).split(X, groups=[0.0, 1.0, 0.0, 1.0, np.nan, 1.0, 0.0, 1.0, 1.0]))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        next(MomentSplit(2).split(X, groups=[1, 2]))
    missing = EventSequences([[1.0]], [0, 1], [1, 1], times=[5])  # the second has no event
    with pytest.raises(ValueError, match="1 of 2 have none, the first of them row 1"):
        next(MomentSplit(2).split(missing))


def test_it_is_copied_printed_and_sent_like_any_splitter():
    splitter = MomentSplit(3, test_size="2d", gap="1d", groups="entity")
    assert repr(splitter) == "MomentSplit(gap='1d', groups='entity', n_splits=3, test_size='2d')"
    for copy in (clone(splitter, safe=False), pickle.loads(pickle.dumps(splitter))):
        assert repr(copy) == repr(splitter)
    assert check_cv(splitter) is splitter


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(5)
    log = pd.DataFrame(
        {
            "card": rng.integers(0, 9, 150),
            "at": START + rng.integers(0, 60 * 24, 150) * np.timedelta64(1, "h"),
            "amount": rng.lognormal(size=150),
        }
    )
    seqs = EventSequences.from_frame(log, entity="card", time="at").each_event(inclusive=True)
    return seqs, seqs.to_log_order(np.arange(150.0))[seqs.frame_rows[seqs.event_rows()[0][:150]]]


def model():
    steps = make_temporal_pipeline(windows=(3,), lags=(1,), feature_types=("temporal",)).steps
    return Pipeline([*steps, ("model", LinearRegression())])


def test_it_goes_where_scikit_learn_takes_a_splitter(rows):
    X, y = rows
    cv = MomentSplit(3, gap="2d")
    scores = cross_val_score(model(), X, y, cv=cv)
    by_hand = [
        model().fit(X[train], y[train]).score(X[test], y[test]) for train, test in cv.split(X)
    ]
    np.testing.assert_array_equal(scores, by_hand)
    grid = {"features__rolling__windows": [(2,), ("5d",)]}
    search = GridSearchCV(model(), grid, cv=cv, n_jobs=2, refit=False).fit(X, y)
    alone = GridSearchCV(model(), grid, cv=cv).fit(X, y)
    for k in range(3):
        name = f"split{k}_test_score"
        np.testing.assert_array_equal(search.cv_results_[name], alone.cv_results_[name])
    assert clone(search).cv.gap == "2d"
    with pytest.raises(ValueError, match="partitions"):  # tests do not cover the first rows
        cross_val_predict(model(), X, y, cv=cv)
    features = model()[:-1].set_output(transform="pandas").fit_transform(X)
    sizes = learning_curve(LinearRegression(), features, y, cv=cv, train_sizes=[0.5, 1.0])[0]
    assert sizes[1] == min(len(train) for train, _ in cv.split(X))


def test_groups_are_passed_on(rows):
    X, y = rows
    cv = MomentSplit(2)
    found = cross_validate(model(), X, y, groups=X.entity_ids, cv=cv, return_indices=True)
    for train, test in zip(found["indices"]["train"], found["indices"]["test"], strict=True):
        assert not set(X.entity_ids[train]) & set(X.entity_ids[test])
    with config_context(enable_metadata_routing=True):
        routed = cross_validate(
            model(), X, y, params={"groups": X.entity_ids}, cv=cv, return_indices=True
        )
    for part in ("train", "test"):
        for one, other in zip(routed["indices"][part], found["indices"][part], strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "groups",
    [
        [(1, None), (1, "a"), ("x",)],
        [1, "1", 1.0],
        [b"a", "a", uuid.UUID(int=1)],
        [Decimal(k) for k in range(3)],
    ],
    ids=lambda groups: f"{groups}",
)
def test_groups_of_any_type_stay_apart(groups):
    X = sequences(range(12))
    parts = [groups[k % 3] for k in range(12)]
    expected = splits(MomentSplit(3, test_size=3), X, groups=[k % 3 for k in range(12)])
    named = splits(MomentSplit(3, test_size=3), X, groups=parts)
    sizes = [sorted(map(len, split)) for split in expected]
    assert [sorted(map(len, split)) for split in named] == sizes
    for train, test in named:
        assert not {(type(parts[k]), parts[k]) for k in train} & {
            (type(parts[k]), parts[k]) for k in test
        }
