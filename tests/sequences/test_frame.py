import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from histories import seeded_histories, sequences_of
from numpy.testing import assert_array_equal

from sktemporal import EventSequences

SECOND = 1_000_000
LIBRARIES = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
}
every_library = pytest.mark.parametrize("library", LIBRARIES.values(), ids=list(LIBRARIES))


@pytest.fixture
def log():
    return pd.DataFrame(
        {
            "card": ["b", "a", "b", "a", "b"],
            "at": pd.to_datetime(["2026-01-05", "2026-01-02", "2026-01-01", "2026-01-02", None])
            .fillna(pd.Timestamp("2026-01-05"))
            .as_unit("ns"),
            "amount": [1.0, 2.0, None, 4.0, 5.0],
            "items": pd.array([1, None, 3, 4, 5], dtype="Int64"),
            "online": pd.array([True, False, None, True, True], dtype="boolean"),
            "shop": ["z", None, "y", "z", "x"],
            "country": pd.Categorical([None, "nl", "de", "nl", "de"], categories=["nl", "de"]),
        }
    )


@every_library
def test_sorts_by_entity_and_time_and_keeps_ties_in_the_order_of_rows(library, log):
    seqs = EventSequences.from_frame(library(log), entity="card", time="at")
    assert seqs.entity_ids.tolist() == ["a", "b"]
    assert seqs.fields == ("amount", "items", "online")
    assert seqs.categorical_fields == ("shop", "country")
    nan = np.nan
    assert_array_equal(seqs.values, [[2, nan, 0], [4, 4, 1], [nan, 3, nan], [1, 1, 1], [5, 5, 1]])
    assert seqs.categories == (("x", "y", "z"), ("de", "nl"))
    assert seqs.codes.tolist() == [[0, 2], [3, 2], [2, 1], [3, 0], [1, 1]]
    days = (seqs.times - seqs.times[2]) / (86_400 * SECOND)
    assert days.tolist() == [1, 1, 0, 4, 4]
    assert (seqs.starts.tolist(), seqs.stops.tolist()) == ([0, 2], [2, 5])


@every_library
def test_without_time_the_order_of_rows_is_the_order_of_time(library, log):
    seqs = EventSequences.from_frame(library(log), entity="card", fields=["amount"])
    assert_array_equal(seqs.values[:, 0], [2, 4, 1, np.nan, 5])
    assert seqs.times is None


@every_library
def test_columns_can_be_chosen(library, log):
    seqs = EventSequences.from_frame(
        library(log), entity="card", time="at", fields="items", categorical_fields=["items", "shop"]
    )
    assert seqs.fields == ("items",)
    assert seqs.categories[0] == (1, 3, 4, 5)
    assert {type(value) for value in seqs.categories[0]} == {int}
    assert seqs.codes[:, 0].tolist() == [0, 3, 2, 1, 4]


@every_library
def test_float32_alone_stays_float32(library):
    frame = pd.DataFrame({"e": [1, 1], "x": np.float32([0.1, np.nan]), "y": [0.1, 0.2]})
    single = EventSequences.from_frame(library(frame), entity="e", fields=["x"])
    assert single.values.dtype == np.float32
    assert_array_equal(single.values[:, 0], np.float32([0.1, np.nan]))
    mixed = EventSequences.from_frame(library(frame), entity="e")
    assert mixed.values.dtype == np.float64
    assert mixed.values[0].tolist() == [float(np.float32(0.1)), 0.1]


@every_library
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_datetime_units(library, unit):
    moments = np.array(["1969-12-31T23:59:58", "2026-01-01", "1960-02-29"], dtype="M8[s]")
    frame = pd.DataFrame({"e": [0, 0, 0], "t": moments.astype(f"M8[{unit}]"), "x": [1.0, 2.0, 3.0]})
    seqs = EventSequences.from_frame(library(frame), entity="e", time="t")
    assert seqs.values[:, 0].tolist() == [3.0, 1.0, 2.0]
    assert_array_equal(seqs.times, np.sort(moments).astype("M8[us]").astype(int))


@every_library
def test_nanoseconds_are_floored_also_before_the_epoch(library):
    frame = pd.DataFrame({"e": [0] * 4, "t": np.array([-1001, -1, 999, 1999], "M8[ns]"), "x": 1.0})
    seqs = EventSequences.from_frame(library(frame), entity="e", time="t")
    assert seqs.times.tolist() == [-2, -1, 0, 1]


@every_library
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_time_zones_are_converted_to_utc_also_when_clocks_change(library, unit):
    utc = np.array(
        ["2026-03-29T00:30", "2026-03-29T01:30", "2026-10-25T00:30", "2026-10-25T01:30"],
        dtype="M8[s]",
    )
    for zone in ("Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata"):
        aware = pd.Series(utc.astype(f"M8[{unit}]")).dt.tz_localize("UTC").dt.tz_convert(zone)
        frame = pd.DataFrame({"e": 0, "t": aware, "x": 1.0})
        seqs = EventSequences.from_frame(library(frame), entity="e", time="t")
        assert_array_equal(seqs.times, utc.astype("M8[us]").astype(int))


@every_library
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([3, 1, 2], [SECOND, 2 * SECOND, 3 * SECOND]),
        (np.array([3, 1, 2], dtype=np.uint8), [SECOND, 2 * SECOND, 3 * SECOND]),
        ([1_750_000_000.25, -0.5, 0.0000015], [-500_000, 2, 1_750_000_000_250_000]),
    ],
)
def test_numbers_are_seconds(library, seconds, expected):
    frame = pd.DataFrame({"e": [0, 0, 0], "t": seconds, "x": [1.0, 2.0, 3.0]})
    seqs = EventSequences.from_frame(library(frame), entity="e", time="t")
    assert seqs.times.tolist() == expected
    assert seqs.fields == ("x",)


@pytest.mark.parametrize("library", [pl.DataFrame, pa.table], ids=["polars", "pyarrow"])
def test_dates(library):
    days = [datetime.date(2026, 1, 2), datetime.date(1969, 12, 31)]
    seqs = EventSequences.from_frame(
        library({"e": ["a", "a"], "t": days, "x": [1.0, 2.0]}), entity="e", time="t"
    )
    assert_array_equal(seqs.times, np.array(days[::-1], dtype="M8[us]").astype(int))
    assert seqs.values[:, 0].tolist() == [2.0, 1.0]


def test_arrow_dates_in_pandas():
    days = pd.array([datetime.date(2026, 1, 2)], dtype=pd.ArrowDtype(pa.date32()))
    frame = pd.DataFrame({"e": ["a"], "t": days, "x": [1.0]})
    seqs = EventSequences.from_frame(frame, entity="e", time="t")
    assert_array_equal(seqs.times, np.array(["2026-01-02"], dtype="M8[us]").astype(int))


@every_library
@pytest.mark.parametrize("ids", [["b", "a", "b"], [2, 1, 2], [10, 9, 10], [2.5, 1.5, 2.5]])
def test_entities_come_sorted_by_value(library, ids):
    frame = pd.DataFrame({"e": ids, "x": [1.0, 2.0, 3.0]})
    seqs = EventSequences.from_frame(library(frame), entity="e")
    assert seqs.entity_ids.tolist() == sorted(set(ids))
    assert seqs.values[:, 0].tolist() == [2.0, 1.0, 3.0]


@every_library
@pytest.mark.parametrize("ordered", [False, True])
def test_entities_that_are_categories_come_sorted_and_unused_ones_not_at_all(library, ordered):
    ids = pd.Categorical(["b", "a", "b"], categories=["b", "unused", "a"], ordered=ordered)
    frame = pd.DataFrame({"e": ids, "x": [1.0, 2.0, 3.0]})
    seqs = EventSequences.from_frame(library(frame), entity="e")
    in_their_order = ordered and library is not pl.from_pandas  # polars has only Enum for that
    assert seqs.entity_ids.tolist() == (["b", "a"] if in_their_order else ["a", "b"])
    assert seqs.values[:, 0].tolist() == ([1.0, 3.0, 2.0] if in_their_order else [2.0, 1.0, 3.0])


def test_ordered_categories_are_coded_in_their_order():
    sizes = pd.Categorical(["l", "s", None], categories=["s", "m", "l"], ordered=True)
    seqs = EventSequences.from_frame(pd.DataFrame({"e": 0, "size": sizes}), entity="e")
    assert seqs.categories == (("s", "l"),)
    assert seqs.codes.ravel().tolist() == [2, 1, 0]
    enum = pl.DataFrame(
        {"e": [0, 0], "size": pl.Series(["l", "s"], dtype=pl.Enum(["s", "m", "l"]))}
    )
    assert EventSequences.from_frame(enum, entity="e").codes.ravel().tolist() == [2, 1]


def test_polars_categories_do_not_depend_on_what_the_process_saw_before():
    for first in (["b", "a"], ["a", "b"]):
        pl.Series(first, dtype=pl.Categorical)
        frame = pl.DataFrame({"e": [0, 0], "k": pl.Series(first, dtype=pl.Categorical)})
        seqs = EventSequences.from_frame(frame, entity="e")
        assert seqs.categories == (("a", "b"),)


@pytest.mark.parametrize("dictionary", [False, True])
def test_nulls_of_pyarrow_are_missing(dictionary):
    kinds = pa.array(["z", "y", None])
    table = pa.table(
        {
            "e": [0, 0, 0],
            "k": kinds.dictionary_encode() if dictionary else kinds,
            "x": [1.0, 2, None],
        }
    )
    seqs = EventSequences.from_frame(table, entity="e")
    assert seqs.codes.ravel().tolist() == [2, 1, 0]
    assert np.isnan(seqs.values).ravel().tolist() == [False, False, True]


@every_library
def test_all_libraries_give_one_container(library):
    frame = sequences_of(seeded_histories(4)).to_frame().sample(frac=1, random_state=0)
    frame["kind"] = frame["kind"].map({1: "one", 2: "two", 3: "three"})
    expected = EventSequences.from_frame(frame, entity="entity", time="time")
    seqs = EventSequences.from_frame(library(frame), entity="entity", time="time")
    for part in ("values", "codes", "times", "starts", "stops", "entity_ids"):
        assert_array_equal(getattr(seqs, part), getattr(expected, part))
    assert seqs.fields == expected.fields
    assert seqs.categories == expected.categories


class TestErrors:
    @every_library
    @pytest.mark.parametrize("infinity", [np.inf, -np.inf])
    def test_infinity_names_the_field_and_the_row(self, library, log, infinity):
        log.loc[3, "amount"] = infinity
        with pytest.raises(ValueError, match="infinity: field 'amount', row 3"):
            EventSequences.from_frame(library(log), entity="card", time="at")

    @every_library
    def test_a_missing_time_names_the_row(self, library, log):
        log.loc[2, "at"] = pd.NaT
        with pytest.raises(ValueError, match=r"every event needs a time; column 'at' has .* row 2"):
            EventSequences.from_frame(library(log), entity="card", time="at")

    @every_library
    def test_a_missing_number_as_time_names_the_row(self, library, log):
        with pytest.raises(ValueError, match="column 'amount' has none in row 2"):
            EventSequences.from_frame(library(log), entity="card", time="amount", fields="items")

    @every_library
    def test_a_missing_entity_names_the_row(self, library, log):
        with pytest.raises(ValueError, match="column 'shop' names no entity in row 1"):
            EventSequences.from_frame(library(log), entity="shop", time="at")

    @pytest.mark.parametrize(
        "parameters",
        [
            {"entity": "nope"},
            {"entity": "card", "time": "nope"},
            {"entity": "card", "fields": ["nope"]},
            {"entity": "card", "categorical_fields": ["nope"]},
        ],
    )
    def test_an_unknown_column_is_named_with_those_there_are(self, log, parameters):
        with pytest.raises(
            ValueError, match=r"column 'nope' is not in the frame; it has \['card',"
        ):
            EventSequences.from_frame(log, **parameters)

    def test_a_field_of_text_is_named(self, log):
        with pytest.raises(
            ValueError, match="field 'shop' must hold numbers; row 0 has 'z' of type str"
        ):
            EventSequences.from_frame(log, entity="card", time="at", fields=["shop"])

    def test_times_of_text_that_is_no_date_are_an_error(self, log):
        rule = "time column 'card' must be ISO 8601, like .*; row 0 is 'b'"
        with pytest.raises(ValueError, match=rule):
            EventSequences.from_frame(log, entity="at", time="card")

    def test_times_of_nanoseconds_are_not_taken_for_seconds(self, log):
        log["at"] = log["at"].astype(np.int64)
        with pytest.raises(
            ValueError,
            match=r"row 0 is .*, in nanoseconds 2026-01-05T00:00:00: give time_unit='ns'",
        ):
            EventSequences.from_frame(log, entity="card", time="at")

    @pytest.mark.parametrize("frame", [{"e": [1]}, np.ones((2, 2)), [1], None, "log.csv"])
    def test_what_is_no_frame_is_an_error(self, frame):
        with pytest.raises(TypeError, match=r"frame must be a data frame .* got "):
            EventSequences.from_frame(frame, entity="e")

    def test_a_lazy_frame_is_an_error(self, log):
        with pytest.raises(TypeError, match=r"frame must be a data frame .* got LazyFrame"):
            EventSequences.from_frame(pl.from_pandas(log).lazy(), entity="card")

    def test_fields_named_twice(self, log):
        with pytest.raises(ValueError, match="fields must be unique; 'amount' occurs more"):
            EventSequences.from_frame(log, entity="card", fields=["amount", "amount"])


class TestToFrame:
    @every_library
    def test_round_trip(self, library, log):
        seqs = EventSequences.from_frame(library(log), entity="card", time="at")
        frame = seqs.to_frame()
        assert list(frame) == ["entity", "time", *seqs.fields, *seqs.categorical_fields]
        assert frame["entity"].tolist() == ["a", "a", "b", "b", "b"]
        assert frame["time"].dtype == "datetime64[us]"
        back = EventSequences.from_frame(frame, entity="entity", time="time")
        pd.testing.assert_frame_equal(back.to_frame(), frame)
        for part in ("values", "codes", "times", "starts", "stops", "entity_ids"):
            assert_array_equal(getattr(back, part), getattr(seqs, part))
        assert back.categories == seqs.categories

    def test_missing_categories_and_codes_without_categories(self):
        parts = {"codes": [[1, 7], [0, 0]], "categorical_fields": ["k", "l"]}
        seqs = EventSequences([[1.0], [2.0]], [0], [2], categories=[["a"], None], **parts)
        frame = seqs.to_frame()
        assert frame["k"].tolist()[0] == "a"
        assert frame["k"].isna().tolist() == [False, True]
        assert frame["l"].tolist() == [7, 0]

    def test_positions_stand_for_entities_without_ids(self):
        seqs = EventSequences([[1.0], [2.0]], [1, 0, 0], [2, 0, 1])
        assert seqs.to_frame()["entity"].tolist() == [0, 2]

    def test_intervals(self):
        seqs = EventSequences([[1.0], [2.0]], [0], [2], intervals=[0.0, 2.5])
        assert seqs.to_frame()["interval"].tolist() == [0.0, 2.5]

    @pytest.mark.parametrize("name", ["entity", "time"])
    def test_a_field_with_the_name_of_another_column_is_an_error(self, name):
        seqs = EventSequences([[1.0]], [0], [1], times=[1], fields=[name])
        with pytest.raises(ValueError, match=f"unique column names; two would be called '{name}'"):
            seqs.to_frame()

    def test_a_field_of_both_kinds_is_an_error_and_no_silent_loss(self):
        frame = pd.DataFrame({"e": [0], "k": [3]})
        seqs = EventSequences.from_frame(frame, entity="e", fields="k", categorical_fields="k")
        with pytest.raises(ValueError, match="two would be called 'k'"):
            seqs.to_frame()

    def test_the_frame_is_a_copy(self):
        seqs = EventSequences([[1.0], [2.0]], [0], [2])
        frame = seqs.to_frame()
        frame.loc[0, "x0"] = 99.0
        assert seqs.values[0, 0] == 1.0

    def test_nothing(self):
        frame = EventSequences(np.empty((0, 1)), [], [], times=np.array([], int)).to_frame()
        assert list(frame) == ["entity", "time", "x0"]
        assert len(frame) == 0


def test_an_empty_frame():
    frame = pd.DataFrame({"e": pd.Series([], dtype=str), "x": pd.Series([], dtype=float)})
    seqs = EventSequences.from_frame(frame, entity="e")
    assert (len(seqs), seqs.n_events, seqs.fields) == (0, 0, ("x",))


def test_object_columns_are_what_they_hold():
    log = pd.DataFrame(
        {
            "e": [1, 1, 2],
            "at": pd.Series(pd.to_datetime(["2026-01-02", "2026-01-01", "2026-01-03"]).date),
            "x": pd.Series([1, None, 3], dtype=object),
            "flag": pd.Series([True, None, False], dtype=object),
            "kind": pd.Series(["a", None, "b"], dtype=object),
        }
    )
    seqs = EventSequences.from_frame(log, entity="e", time="at")
    assert seqs.fields == ("x", "flag")
    assert seqs.categorical_fields == ("kind",)
    np.testing.assert_array_equal(seqs.values, [[np.nan, np.nan], [1, 1], [3, 0]])
    assert seqs.times.astype("datetime64[us]").astype(str)[0].startswith("2026-01-01")


def duplicated():
    return pd.DataFrame(
        {
            "who": ["b", "a", "b", "b", "a", "b"],
            "at": [3, 1, 2, 2, 1, 2],
            "value": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
        }
    )


@pytest.mark.parametrize("library", [lambda log: log, pl.from_pandas, pa.Table.from_pandas])
@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("keep", [[1.0, 4.0], [2.0, 3.0, 5.0, 0.0]]),
        ("first", [[1.0], [2.0, 0.0]]),
        ("last", [[4.0], [5.0, 0.0]]),
    ],
)
def test_events_of_one_entity_at_one_instant(library, policy, expected):
    log = library(duplicated())
    seqs = EventSequences.from_frame(log, entity="who", time="at", duplicates=policy)
    got = [seqs.values[a:b, 0].tolist() for a, b in zip(seqs.starts, seqs.stops, strict=True)]
    assert got == expected
    assert seqs.values[:, 0].tolist() == duplicated()["value"].to_numpy()[seqs.frame_rows].tolist()


def test_duplicates_can_be_refused():
    log = duplicated()
    parameters = {"entity": "who", "time": "at", "duplicates": "error"}
    message = "entity 'a' has two events at one instant: rows 1 and 4"
    with pytest.raises(ValueError, match=message):
        EventSequences.from_frame(log, **parameters)
    once = log.drop_duplicates(["who", "at"])
    assert EventSequences.from_frame(once, **parameters).n_events == 3
    other = log.assign(who=range(6))  # one instant, but of different entities
    assert EventSequences.from_frame(other, **parameters).n_events == 6


def test_unsorted_logs_can_be_refused():
    log = duplicated()
    parameters = {"entity": "who", "time": "at", "unsorted": "error"}
    message = "events of entity 'b' are not in order of time: row 2 is earlier than row 0 before"
    with pytest.raises(ValueError, match=message):
        EventSequences.from_frame(log, **parameters)
    # In order for each entity, though not altogether.
    assert EventSequences.from_frame(log.drop(index=0), **parameters).n_events == 5
    log["at"] = log["at"].iloc[0]
    assert EventSequences.from_frame(log, **parameters).n_events == 6


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"duplicates": "drop"}, "duplicates must be one of .*'keep', 'first'.*; got 'drop'"),
        ({"unsorted": True}, "unsorted must be one of .*; got True"),
        ({"duplicates": "first", "time": None}, "duplicates='first' needs a `time` column"),
        ({"arrival": "at", "time": None}, "arrival='at' needs a `time` column"),
        ({"arrival": "nope"}, "column 'nope' is not in the frame"),
        ({"arrival": "who"}, "time column 'who' must be ISO 8601"),
    ],
)
def test_policies_that_are_none_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        EventSequences.from_frame(duplicated(), **{"entity": "who", "time": "at"} | parameters)


def test_nanoseconds_decide_the_order():
    at = pd.to_datetime(["2026-01-01 00:00:00.000000900", "2026-01-01 00:00:00.000000100"])
    log = pd.DataFrame({"who": "a", "at": at, "value": [3.0, 1.0]})
    parameters = {"entity": "who", "time": "at"}
    for frame in (log, pl.from_pandas(log), pa.Table.from_pandas(log)):
        seqs = EventSequences.from_frame(frame, duplicates="error", **parameters)
        assert seqs.values.ravel().tolist() == [1.0, 3.0]
        assert seqs.times[0] == seqs.times[1]
        with pytest.raises(ValueError, match="row 1 is earlier than row 0"):
            EventSequences.from_frame(frame, unsorted="error", **parameters)


@pytest.mark.parametrize("policy", ["first", "last"])
def test_of_two_events_the_later_arrival_does_not_hide_the_one_that_was_known(policy):
    parameters = {"entity": "who", "time": "at", "arrival": "at"}
    with pytest.raises(ValueError, match=f"duplicates='{policy}' with `arrival` would leave out"):
        EventSequences.from_frame(duplicated(), duplicates=policy, **parameters)


def test_of_nothing_every_policy_is_met():
    for duplicates in ("keep", "first", "last", "error"):
        parameters = {"time": "at", "duplicates": duplicates, "unsorted": "error"}
        seqs = EventSequences.from_frame(duplicated()[:0], entity="who", **parameters)
        assert len(seqs) == seqs.n_events == 0


def test_the_rows_of_the_frame_are_known():
    log = duplicated()
    seqs = EventSequences.from_frame(log, entity="who", time="at")
    assert seqs.frame_rows.tolist() == [1, 4, 2, 3, 5, 0]
