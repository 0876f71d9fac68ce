import copy
import pickle
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sktemporal import EventSequences, StatisticalFeatures
from sktemporal.sequences._objects import object_array

DAYS = pd.to_datetime(["2026-01-03", "2026-01-01", "2026-01-02", "2026-01-05", "2026-01-04"])
LOG = pd.DataFrame(
    {"card": list("babac"), "at": DAYS, "amount": [30.0, 10.0, 20.0, 5.0, 1.0]},
    index=[7, 3, 9, 4, 1],
)
IN_ORDER = [1, 3, 2, 0, 4]  # rows of the log by card and moment


def sequences(frame=LOG, **parameters):
    return EventSequences.from_frame(frame, entity="card", time="at", **parameters)


def same(labels, **columns):
    pd.testing.assert_frame_equal(labels, pd.DataFrame(columns), check_dtype=False)


def test_labels_are_called_as_in_the_log():
    seqs = sequences()
    same(seqs.row_labels(), card=list("abc"))
    last = pd.to_datetime(["2026-01-05", "2026-01-03", "2026-01-04"])
    same(seqs.row_labels(moments=True), card=list("abc"), at=last)
    same(seqs.each_event().row_labels(), card=list("aabbc"), at=DAYS[IN_ORDER])
    same(seqs.each_event().row_labels(moments=False), card=list("aabbc"))
    records = EventSequences.from_records(LOG.to_dict("records"), entity="card", time="at")
    same(records.each_event().row_labels(), card=list("aabbc"), at=DAYS[IN_ORDER])


def test_labels_have_plain_names_where_there_are_none():
    parts = {"starts": [0, 1], "stops": [1, 2], "times": np.array([0, 1])}
    seqs = EventSequences([[1.0], [2.0]], **parts, entity_ids=["x", "x"])
    assert list(seqs.row_labels()) == ["entity", "time"]  # one entity has two rows
    assert seqs.row_index().names == ["entity", "time"]
    assert seqs.tail(1)[[1]].row_index().names == ["entity", "time"]
    named = EventSequences([[1.0], [2.0]], **parts, entity_ids=["x", "y"], entity_name="card")
    assert named.row_index().names == ["card"]
    with pytest.raises(ValueError, match="must differ; both are 'time'"):
        EventSequences([[1.0], [2.0]], **parts, entity_name="time")
    without = EventSequences([[1.0], [2.0]], **parts)
    assert without.row_labels().shape == (2, 0)
    assert without.row_index() is None
    assert without.each_event().row_index().names == ["entity", "time"]
    timeless = EventSequences([[1.0], [2.0]], [0], [2], entity_ids=["x"])
    assert timeless.each_event().row_index().tolist() == ["x", "x"]
    with pytest.raises(ValueError, match="need event times"):
        timeless.row_labels(moments=True)


@pytest.mark.parametrize("ids", [[2**53, 2**53 + 1], ["1", 1], [True, "a"]])
def test_ids_are_not_changed(ids):
    seqs = EventSequences(np.ones((2, 1)), [0, 1], [1, 2], entity_ids=np.array(ids, dtype=object))
    assert list(map(type, seqs.row_index())) == list(map(type, ids))
    assert seqs.row_index().tolist() == ids
    assert seqs.row_labels()["entity"].tolist() == ids


@pytest.mark.parametrize(
    "ids",
    [
        np.array([1, 1.0, True, "1", Decimal(1)], dtype=object),
        np.array([0.1, 0.2, 0.3], dtype=np.float16),
        np.array([1, 2, 3], dtype=np.longdouble) / 3,
        np.array([2**70, 2**70 + 1], dtype=object),
        object_array([("a", 1), ("a", 1.0), ("a", None)]),
    ],
    ids=lambda ids: f"{ids.dtype}",
)
def test_ids_of_any_type_are_labels_in_pandas(ids):
    n = len(ids)
    seqs = EventSequences(
        np.arange(n)[:, None], range(n), range(1, n + 1), times=[0] * n, entity_ids=ids
    )
    assert seqs.row_index().nlevels == 1
    twice = seqs[[*range(n)] * 2]
    for view, level in ((seqs, seqs.row_index()), (twice, twice.row_index().get_level_values(0))):
        expected = ids[np.arange(len(view)) % n].tolist()
        assert level.tolist() == expected
        assert list(map(type, level)) == list(map(type, expected))
    family = StatisticalFeatures(statistics=("sum",)).set_output(transform="pandas")
    assert family.fit_transform(twice).index.equals(twice.row_index())


def test_as_of_names_moments_where_an_entity_is_asked_for_twice():
    seqs = sequences()
    assert seqs.as_of(["b", "a"], "2026-01-06").row_index().tolist() == ["b", "a"]
    view = seqs.as_of(["b", "z", "b"], ["2026-01-06", "2026-01-02", "2026-01-01"], unknown="ignore")
    expected = pd.MultiIndex.from_arrays(
        [["b", "z", "b"], pd.to_datetime(["2026-01-06", "2026-01-02", "2026-01-01"])],
        names=["card", "at"],
    )
    pd.testing.assert_index_equal(view.row_index(), expected, exact=False)
    # a selection has labels of the same shape, also where each of its entities is there once
    for part in (view[[2]], view[1:], view.part(slice(1, 3)), view[[2]].tail(1), copy.copy(view)):
        assert part.row_index().names == ["card", "at"]
    assert view[[True, False, True]].row_index().tolist() == expected[[0, 2]].tolist()


LABELS = pd.DataFrame(
    {"card": ["b", "a", "b"], "asked": pd.to_datetime(["2026-01-06", "2026-01-02", "2026-01-01"])},
    index=pd.Index([5, 2, 5], name="case"),
)


@pytest.mark.parametrize(
    "arguments",
    [
        (LABELS["card"], LABELS["asked"]),
        (LABELS["card"], LABELS["asked"].to_numpy()),
        (LABELS["card"].tolist(), LABELS["asked"]),
        (LABELS["card"], "2026-01-06"),
    ],
)
def test_rows_asked_for_with_series_have_their_index(arguments):
    view = sequences().as_of(*arguments)
    index = LABELS.index
    pd.testing.assert_index_equal(view.row_index(), index)
    assert list(view.row_labels()) == ["card", "at"]
    for kept in (view.tail(1), view.since("2d"), pickle.loads(pickle.dumps(view))):
        pd.testing.assert_index_equal(kept.row_index(), index)
    for key in ([2, 0], slice(1, 3), np.array([False, True, True])):
        pd.testing.assert_index_equal(view[key].row_index(), index[key])
    assert view.each_event().row_index().names == ["card", "at"]


def test_what_has_arrived_keeps_labels():
    log = LOG.assign(known=DAYS[::-1])
    seqs = EventSequences.from_frame(log, entity="card", time="at", arrival="known")
    view = seqs.as_of(LABELS["card"], LABELS["asked"])
    pd.testing.assert_index_equal(view.row_index(), LABELS.index)
    before = seqs.each_event()
    same(before.row_labels(), card=list("aabbc"), at=DAYS[IN_ORDER])
    assert before.to_log_order(np.arange(5)).tolist() == np.argsort(IN_ORDER).tolist()


def test_series_with_different_indexes_belong_to_no_rows():
    asked = LABELS["asked"].reset_index(drop=True)
    with pytest.raises(ValueError, match="entities and times must have the same index"):
        sequences().as_of(LABELS["card"], asked)
    sequences().as_of(LABELS["card"], asked.to_numpy())


def test_labels_before_the_columns():
    before = sequences().each_event()
    features = pd.DataFrame({"f": np.arange(5.0)})
    same(before.with_row_labels(features), card=list("aabbc"), at=DAYS[IN_ORDER], f=np.arange(5.0))
    indexed = before.with_row_labels(features.set_axis(before.row_index()))
    pd.testing.assert_index_equal(indexed.index, before.row_index())
    assert list(indexed) == ["card", "at", "f"]
    labelled = before.with_row_labels(pl.DataFrame({"f": np.arange(5.0)}))
    assert labelled["card"].to_list() == list("aabbc")
    assert labelled["at"].to_list() == DAYS[IN_ORDER].to_pydatetime().tolist()
    assert labelled.columns == ["card", "at", "f"]
    table = before.with_row_labels(pa.table({"f": np.arange(5.0)}), moments=False)
    assert table.column_names == ["card", "f"]
    for features, error, match in (
        (pl.DataFrame({"f": [1.0]}), ValueError, "a row for each of the 5"),
        (pl.DataFrame({"card": np.ones(5)}), ValueError, "'card'"),
        (np.ones((5, 1)), TypeError, "must be a data frame .* got ndarray"),
    ):
        with pytest.raises(error, match=match):
            before.with_row_labels(features)


def test_entities_of_several_columns_have_a_label_for_each():
    log = LOG.assign(shop=[1, 2, 1, 2, 3])
    seqs = EventSequences.from_frame(log, entity=["card", "shop"], time="at")
    pairs = [("a", 2), ("b", 1), ("c", 3)]
    expected = pd.MultiIndex.from_tuples(pairs, names=["card", "shop"])
    pd.testing.assert_index_equal(seqs.row_index(), expected, exact=False)
    before = seqs.each_event()
    same(before.row_labels(), card=list("aabbc"), shop=[2, 2, 1, 1, 3], at=DAYS[IN_ORDER])
    labelled = before.with_row_labels(pl.DataFrame({"f": np.ones(5)}))
    assert labelled.columns == ["card", "shop", "at", "f"]
    assert before.to_log_order(np.arange(5)).tolist() == np.argsort(IN_ORDER).tolist()
    assert pickle.loads(pickle.dumps(before)).row_index().equals(before.row_index())


def test_moments_of_a_zone_are_told_in_it():
    before = sequences(time_zone="Europe/Berlin").each_event()
    local = DAYS[IN_ORDER].tz_localize("Europe/Berlin")
    assert before.row_labels()["at"].tolist() == local.tolist()
    features = pl.DataFrame({"f": np.ones(5)})
    assert before.with_row_labels(features)["at"].to_list() == local.to_pydatetime().tolist()
    assert before.row_index().get_level_values("at").tz.key == "Europe/Berlin"


@pytest.mark.parametrize("ids", [[1, "1"], [1, 2**70]])
def test_ids_that_fit_no_column_of_polars(ids):
    ids = np.array(ids, dtype=object)
    seqs = EventSequences(np.ones((2, 1)), [0, 1], [1, 2], entity_ids=ids)
    with pytest.raises(ValueError, match="'entity' are of types that no one column of polars"):
        seqs.with_row_labels(pl.DataFrame({"f": [1.0, 2.0]}))
    assert seqs.with_row_labels(pd.DataFrame({"f": [1.0, 2.0]}))["entity"].tolist() == ids.tolist()


@pytest.mark.parametrize("index", [LOG.index, pd.RangeIndex(5), pd.Index([1, 1, 2, 2, 1])])
@pytest.mark.parametrize("of_the_view", [True, False])
def test_features_come_back_in_the_order_of_the_log(index, of_the_view):
    log = LOG.set_axis(index)
    seqs = sequences(log)
    seqs = seqs.each_event() if of_the_view else seqs
    amounts = log["amount"].to_numpy()
    given = amounts[IN_ORDER]
    assert seqs.to_log_order(given).tolist() == amounts.tolist()
    two = np.column_stack([given, -given])
    assert seqs.to_log_order(two).tolist() == np.column_stack([amounts, -amounts]).tolist()
    back = seqs.to_log_order(pd.DataFrame({"f": given}))
    pd.testing.assert_frame_equal(back, log[["amount"]].set_axis(["f"], axis=1))
    pd.testing.assert_series_equal(
        seqs.to_log_order(pd.Series(given, name="amount")), log["amount"]
    )
    assert seqs.to_log_order(pl.DataFrame({"f": given}))["f"].to_list() == amounts.tolist()
    assert seqs.to_log_order(pl.Series("f", given)).to_list() == amounts.tolist()
    assert seqs.to_log_order(pa.table({"f": given}))["f"].to_pylist() == amounts.tolist()
    assert pickle.loads(pickle.dumps(seqs)).to_log_order(given).tolist() == amounts.tolist()
    assert seqs.tail(1).since("1d").row_index().equals(seqs.row_index())


def test_logs_of_other_libraries_have_no_index():
    given = np.arange(5.0)
    before = sequences(pl.from_pandas(LOG)).each_event()
    back = before.to_log_order(pd.Series(given))
    pd.testing.assert_series_equal(back, pd.Series(np.argsort(IN_ORDER).astype(float)))


def test_rows_of_the_log_without_features():
    log = pd.concat([LOG, LOG.iloc[:2]])
    before = sequences(log, duplicates="first").each_event()
    given = log["amount"].to_numpy()[IN_ORDER]
    with pytest.raises(ValueError, match=r"2 of 7 rows of the log have none .* row 5: .*'nan'"):
        before.to_log_order(given)
    expected = [30.0, 10.0, 20.0, 5.0, 1.0, np.nan, np.nan]
    np.testing.assert_array_equal(before.to_log_order(given, absent="nan"), expected)
    frame = pd.DataFrame({"f": given})
    back = before.to_log_order(frame, absent="nan")
    pd.testing.assert_frame_equal(back, pd.DataFrame({"f": expected}, index=log.index))
    pd.testing.assert_series_equal(before.to_log_order(frame["f"], absent="nan"), back["f"])
    nulls = [*expected[:5], None, None]
    assert before.to_log_order(pl.DataFrame({"f": given}), absent="nan")["f"].to_list() == nulls
    assert before.to_log_order(pl.Series("f", given), absent="nan").to_list() == nulls
    assert before.to_log_order(pa.table({"f": given}), absent="nan")["f"].to_pylist() == nulls
    for wrong, name in ((np.arange(5), "the array"), (pd.DataFrame({"n": range(5)}), "n")):
        with pytest.raises(ValueError, match=f"needs floats, .*'{name}' is int64"):
            before.to_log_order(wrong, absent="nan")
    part = before[[4, 0]]
    back = part.to_log_order(np.array([1.0, 2.0]), absent="nan")
    np.testing.assert_array_equal(back, [np.nan, 2.0, np.nan, np.nan, 1.0, np.nan, np.nan])


@pytest.mark.parametrize(
    ("make", "features", "match"),
    [
        (lambda: sequences().each_event(), np.ones(4), "a row for each of the 5"),
        (lambda: sequences().each_event()[[0, 0]], np.ones(2), "row 1 of the log has several"),
        (
            lambda: EventSequences([[1.0]], [0], [1]).each_event(),
            np.ones(1),
            "made by from_frame",
        ),
        (
            lambda: sequences().each_event(),
            pd.DataFrame({"f": np.ones(5)}, sequences().each_event().row_index()[::-1]),
            r"\['card', 'at'\] in another order",
        ),
    ],
)
def test_what_would_be_misaligned_is_refused(make, features, match):
    with pytest.raises(ValueError, match=match):
        make().to_log_order(features)


def test_other_arguments_are_refused():
    before = sequences().each_event()
    with pytest.raises(ValueError, match=r"absent must be one of .* got 'drop'"):
        before.to_log_order(np.ones(5), absent="drop")
    with pytest.raises(TypeError, match="an array, a data frame or a series; got list"):
        before.to_log_order([1.0] * 5)
