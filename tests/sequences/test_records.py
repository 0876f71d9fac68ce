"""Single records: the container that a frame of them gives, with and without a frame on the way."""

import datetime
import decimal
from collections import OrderedDict, namedtuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sktemporal import EventSequences, make_temporal_pipeline, prepare
from sktemporal.exceptions import InexactIntegerWarning
from sktemporal.sequences import _records

TRAIN = EventSequences.from_frame(
    pd.DataFrame(
        {
            "card": ["a", "a", "b", "b"],
            "at": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-01", "2026-01-03"]),
            "amount": [1.0, 2.0, 3.0, 4.5],
            "items": [1, 2, 3, 5],
            "online": [True, False, True, True],
            "shop": ["x", "z", None, "x"],
            "kind": [7, 1, 7, 30],
        }
    ),
    entity="card",
    time="at",
    fields=["amount", "items", "online"],
    categorical_fields=["shop", "kind"],
)
PIPELINE = make_temporal_pipeline(windows=(2, "7d"), lags=(1,)).fit(TRAIN)
EVENT = {"card": "q", "at": datetime.datetime(2026, 5, 1), "amount": 9.5, "items": 2}
EVENT |= {"online": True, "shop": "z", "kind": 7}


def from_records(records, like=TRAIN, **parameters):
    return EventSequences.from_records(
        records, **{"entity": "card", "time": "at", "like": like, **parameters}
    )


def parts_of(seqs):
    """Everything that a container holds, with the types of it."""
    return {
        name: (part.dtype, part.flags.c_contiguous, repr(part.tolist()))
        if isinstance(part, np.ndarray)
        else repr(part)
        for name, part in {**vars(seqs.table), **vars(seqs)}.items()
        if name != "table"
    }


@pytest.fixture
def no_frame(monkeypatch):
    """Fails where a frame is made: of values that need none."""

    def refuse(table):
        raise AssertionError(f"made a frame of {table}")

    monkeypatch.setattr(_records, "_frame", refuse)


@pytest.fixture
def only_frame(monkeypatch):
    """Takes the road of a frame for everything."""
    monkeypatch.setattr(_records, "_FEW", -1)


numbers = st.one_of(
    st.floats(allow_infinity=False),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.booleans(),
    st.none(),
    st.decimals(allow_infinity=False, allow_nan=False, min_value=-1e20, max_value=1e20),
    st.integers(-100, 100).map(np.int64),
    st.floats(-100, 100, width=32).map(np.float32),
    st.booleans().map(np.bool_),
)
ZONE = ZoneInfo("Europe/Amsterdam")
# In and around the hour that comes twice, and the one that does not come at all.
CHANGES = [datetime.datetime(2026, 10, 25, 1), datetime.datetime(2026, 3, 29, 1)]
minutes = st.integers(0, 180).map(lambda k: datetime.timedelta(minutes=k))
near_changes = st.builds(lambda a, b: a + b, st.sampled_from(CHANGES), minutes)
few_days = st.integers(1, 3).map(lambda day: datetime.datetime(2026, 5, day, 12, 30, 0, 1))
any_moment = st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2199, 12, 31))
TIMES = (
    few_days,
    any_moment,
    near_changes.map(lambda t: t.replace(tzinfo=datetime.UTC)),
    st.builds(
        lambda t, fold: t.replace(tzinfo=ZONE, fold=fold), near_changes, st.sampled_from((0, 1))
    ),
    few_days.map(datetime.datetime.date),
    near_changes.map(datetime.datetime.isoformat),
    near_changes.map(lambda t: f"{t:%Y-%m-%d %H:%M}+02:00"),
    st.sampled_from(["2026-05-01", "2026-05-01T12:30:05.5Z", "2026-05-01 00:00:00.000001+13:45"]),
    few_days.map(pd.Timestamp),
    st.integers(1_700_000_000, 1_700_000_002),
    st.floats(1_700_000_000, 1_700_000_002),
)
IDS = (st.sampled_from("abç"), st.integers(-2, 2), st.integers(2**62, 2**62 + 2))


@st.composite
def tables(draw):
    """Records with values of every plain kind, one kind of ids and one of times."""
    ids, times, arrivals = (draw(st.sampled_from(kinds)) for kinds in (IDS, TIMES, TIMES))
    record = st.fixed_dictionaries(
        {
            "note": st.just("left out"),
            "kind": st.one_of(st.integers(0, 40), st.just(7)),
            "shop": st.sampled_from(["x", "y", "z", "", "é", None, None]),
            "amount": numbers,
            "card": ids,
            "online": numbers,
            "items": numbers,
            "at": times,
            "arrived": arrivals,
        }
    )
    return draw(st.lists(record, min_size=1, max_size=6))


def frame_of(records):
    """A frame in which every column holds the very objects, where pandas would change them."""
    frame = {}
    for name in records[0]:
        values = [record[name] for record in records]
        mixed = len(set(map(type, values))) > 1
        frame[name] = pd.Series(values, dtype=object if mixed else None)
    return pd.DataFrame(frame)


@given(
    tables(),
    st.booleans(),
    st.sampled_from(["keep", "first", "last", "error"]),
    st.sampled_from(["sort", "error"]),
    st.sampled_from(
        [{}, {"time_zone": "Europe/Amsterdam", "ambiguous": "later"}, {"time_unit": "s"}]
    ),
)
def test_records_and_frames_give_one_container(
    records, with_arrival, duplicates, unsorted, notation
):
    parameters = {"duplicates": duplicates, "unsorted": unsorted, **notation}
    if with_arrival and duplicates in ("keep", "error"):
        parameters["arrival"] = "arrived"

    def outcome(take, data):
        try:
            return parts_of(take(data, entity="card", time="at", like=TRAIN, **parameters))
        except ValueError as error:
            return str(error)

    expected = outcome(EventSequences.from_frame, frame_of(records))
    assert outcome(EventSequences.from_records, records) == expected


@pytest.mark.parametrize("entity", [["card", "kind"], ("kind", "card"), ["card"]])
def test_several_columns_name_an_entity_without_a_frame(entity, monkeypatch, no_frame):
    keys = [("b", 10), ("a", 9), ("a", 10), ("b", 10), ("a", 9)]
    records = [{**EVENT, "card": card, "kind": kind} for card, kind in keys]
    seqs = from_records(records, entity=entity)
    monkeypatch.undo()
    frame = pd.DataFrame(records)
    expected = EventSequences.from_frame(frame, entity=entity, time="at", like=TRAIN)
    assert parts_of(seqs) == parts_of(expected)


def test_plain_values_need_no_frame(no_frame):
    for like in (TRAIN, PIPELINE, prepare(PIPELINE)):
        seqs = from_records([EVENT], like)
        assert seqs.values.tolist() == [[9.5, 2.0, 1.0]]
        assert seqs.codes.tolist() == [[2, 2]]
        assert seqs.categories == (("x", "z"), (1, 7, 30))
        assert (seqs.entity_ids.tolist(), seqs.frame_rows.tolist()) == (["q"], [0])
        assert seqs.times.tolist() == [1_777_593_600_000_000]


PLAIN = {
    "amount": [None, float("nan"), 3, True, decimal.Decimal("3.30"), np.float32(0.1), 2**53 - 1],
    "shop": [None, float("nan"), "new", ""],
    "at": [
        datetime.datetime(2026, 10, 25, 2, 30, tzinfo=ZONE, fold=1),
        pd.Timestamp("2026-05-01 10:00"),
        pd.Timestamp("2026-05-01 10:00", tz="Europe/Amsterdam"),
        datetime.date(2026, 5, 1),
        1_700_000_000,
        1_700_000_000.25,
    ],
    "card": ["", "x" * 1000, -5, 2**53 + 1],
}


@pytest.mark.parametrize(("name", "value"), [(k, v) for k, vs in PLAIN.items() for v in vs])
def test_each_plain_value_needs_no_frame_and_gives_the_same(name, value, monkeypatch, no_frame):
    event = {**EVENT, name: value}
    seqs = from_records([event])
    monkeypatch.undo()
    assert parts_of(seqs) == parts_of(
        EventSequences.from_frame(frame_of([event]), entity="card", time="at", like=TRAIN)
    )


NOT_PLAIN = {
    "amount": [np.int8(3), np.longdouble(0.5), pd.NA],
    "shop": [pd.NA],
    "kind": [np.int64(7), 2**63],
    "at": [pd.Timestamp("2026-05-01 10:00:00.000000001"), np.datetime64("2026-05-01T10", "us")],
    "card": [np.int64(3), 2.5, 2**63, -(2**63) - 1],
}


@pytest.mark.parametrize(("name", "value"), [(k, v) for k, vs in NOT_PLAIN.items() for v in vs])
def test_other_values_go_through_a_frame(name, value):
    event = {**EVENT, name: value}
    assert parts_of(from_records([event])) == parts_of(
        EventSequences.from_frame(frame_of([event]), entity="card", time="at", like=TRAIN)
    )


@pytest.mark.parametrize("integer", [2**53 + 1, -(2**53) - 1, 2**63 + 1])
def test_integers_that_are_no_floats_are_told_as_of_frames(integer):
    with pytest.warns(InexactIntegerWarning, match=f"row 0 has {integer}, which becomes"):
        assert from_records([{**EVENT, "amount": integer}]).values[0, 0] == float(integer)


@pytest.mark.parametrize("text", [False, True])
def test_times_with_and_without_an_offset_are_each_what_they_are(text):
    zone = datetime.timezone(datetime.timedelta(hours=2))
    times = [datetime.datetime(2026, 5, 1), datetime.datetime(2026, 5, 1, tzinfo=zone)]
    times = [time.isoformat() for time in times] if text else times
    seqs = from_records([{**EVENT, "at": time} for time in times])
    assert seqs.times.view("M8[us]").astype(str).tolist() == [
        "2026-04-30T22:00:00.000000",
        "2026-05-01T00:00:00.000000",
    ]


def test_a_nanosecond_decides_the_order():
    later, earlier = (pd.Timestamp(1_700_000_000_000_000_000 + k) for k in (2, 1))
    seqs = from_records(
        [{**EVENT, "at": later, "amount": 2}, {**EVENT, "at": earlier, "amount": 1}]
    )
    assert seqs.values[:, 0].tolist() == [1.0, 2.0]


def test_many_records_go_through_a_frame(only_frame):
    records = [{**EVENT, "amount": k, "card": "ba"[k % 2]} for k in range(5)]
    seqs = from_records(records)
    assert seqs.entity_ids.tolist() == ["a", "b"]
    assert seqs.values[:, 0].tolist() == [1, 3, 0, 2, 4]


def test_integers_beside_none_are_not_rounded_by_pandas(only_frame):
    seqs = from_records([{**EVENT, "items": 2**53 - 1}, {**EVENT, "items": None}])
    assert_array_equal(seqs.values[:, 1], [2**53 - 1, np.nan])


def test_one_row_of_features_has_the_bits_of_the_training():
    seqs = EventSequences.from_frame(
        pd.DataFrame([EVENT, {**EVENT, "at": datetime.datetime(2026, 5, 3), "amount": 0.1}]),
        entity="card",
        time="at",
        like=PIPELINE,
    )
    records = [{**EVENT, "at": datetime.datetime(2026, 5, 3), "amount": 0.1}, EVENT]
    row = prepare(PIPELINE)(from_records(records, PIPELINE))
    assert row.tobytes() == np.asarray(PIPELINE.transform(seqs)).tobytes()


Event = namedtuple("Event", ["at", "card", "amount", "items", "online", "shop", "kind"])


@pytest.mark.parametrize(
    ("records", "parameters"),
    [
        ([EVENT], {}),
        ([OrderedDict(EVENT)], {}),
        (iter([EVENT]), {}),
        (({**EVENT, "more": [1, 2]},), {}),
        ([Event(**EVENT)], {}),
        ([tuple(EVENT.values())], {"columns": list(EVENT)}),
        ([list(EVENT.values())], {"columns": tuple(EVENT)}),
        ([Event(**EVENT)], {"columns": Event._fields}),
    ],
)
def test_forms_of_records(records, parameters):
    assert parts_of(from_records(records, **parameters)) == parts_of(from_records([EVENT]))


def test_without_like_the_kinds_are_those_of_the_values():
    records = [{**EVENT, "items": None}, {**EVENT, "amount": 3.5, "items": 7}]
    seqs = from_records(records, like=None)
    assert seqs.fields == ("amount", "items", "online", "kind")
    assert seqs.categorical_fields == ("shop",)
    assert_array_equal(seqs.values, [[9.5, np.nan, 1, 7], [3.5, 7, 1, 7]])
    chosen = from_records(records, like=None, fields=["items"], categorical_fields=["kind"])
    assert (chosen.fields, chosen.categories) == (("items",), ((7,),))


@pytest.mark.parametrize("parameters", [{}, {"columns": list(EVENT)}])
def test_no_records_are_no_entities(parameters):
    seqs = from_records([], **parameters)
    assert (len(seqs), seqs.shape, seqs.codes.shape) == (0, (0, 0, 3), (0, 2))
    assert seqs.categories == TRAIN.categories


WITHOUT_ITEMS = {name: value for name, value in EVENT.items() if name != "items"}


@pytest.mark.parametrize(
    ("records", "parameters", "message"),
    [
        ([EVENT, WITHOUT_ITEMS], {}, r"needs 'items', None where it is missing; record 1 has only"),
        ([EVENT, WITHOUT_ITEMS], {"like": None}, r"needs 'items', .*; record 1 has only \['card'"),
        ([EVENT], {"time": "when"}, "needs 'when', .*; record 0 has only"),
        ([tuple(EVENT.values())], {}, "tuples need `columns`"),
        ([(1,), Event(**EVENT)], {}, "tuples need `columns`"),
        ([(1, 2)], {"columns": ["a", "b", "c"]}, "record 0 has 2 values for the 3 columns"),
        ([(1, 2)], {"columns": ["a", "a"]}, "columns must be distinct"),
        ([("q",)], {"columns": ["card"]}, "column 'at' is not in the frame"),
        ([{**EVENT, "amount": "12,50"}], {}, "'amount' must hold numbers.* row 0 has '12,50'"),
        ([EVENT, {**EVENT, "amount": "1"}], {}, "'amount' must hold numbers.* row 1 has '1'"),
        ([EVENT, {**EVENT, "amount": np.inf}], {}, "infinity: field 'amount', row 1"),
        ([EVENT, {**EVENT, "card": None}], {}, "column 'card' names no entity in row 1"),
        ([EVENT, {**EVENT, "at": None}], {}, "column 'at' has none in row 1"),
        ([EVENT, EVENT], {"duplicates": "error"}, "entity 'q' has two events at one instant"),
        ([EVENT], {"duplicates": "some"}, "duplicates must be one of"),
        ([EVENT], {"fields": ["amount"]}, "are those of `like`"),
        ([{**EVENT, "shop": ["x"]}], {}, "shop"),
        ([{**EVENT, "card": ["x"]}], {}, "card"),
    ],
)
def test_what_cannot_be_read(records, parameters, message):
    with pytest.raises(ValueError, match=message):
        from_records(records, **parameters)


@pytest.mark.parametrize(
    ("records", "parameters", "message"),
    [
        (EVENT, {}, "records must be a list of dicts .*; got dict"),
        ("text", {}, "got str"),
        (pd.DataFrame([EVENT]), {}, "a frame goes to from_frame.*; got DataFrame"),
        ([EVENT, Event(**EVENT)], {}, "records must all be dicts, or all tuples; record 0"),
        ([EVENT], {"columns": ["a"]}, "record 0 is a dict beside `columns`"),
        ([5], {}, "record 0 is a int"),
    ],
)
def test_what_is_no_record(records, parameters, message):
    with pytest.raises(TypeError, match=message):
        from_records(records, **parameters)


@pytest.mark.parametrize(
    ("records", "rule"),
    [
        (None, "got NoneType"),
        (7, "got int"),
        ([{"e": 1}, (1,)], "record 0 is a dict, others are a tuple"),
        ([(1,), {"e": 1}], "record 1 is a dict, others are a tuple"),
        ([object()], "record 0 is a object$"),
    ],
)
def test_what_is_no_list_of_records_is_refused(records, rule):
    with pytest.raises(TypeError, match=f"records must .*{rule}"):
        EventSequences.from_records(records, entity="e")
