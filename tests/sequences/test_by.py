"""`EventSequences.by`: the same events as histories by another key."""

import copy
import pickle
import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from histories import same_bits
from hypothesis import given
from hypothesis import strategies as st

from sktemporal import EventSequences, StatisticalFeatures, make_temporal_pipeline
from sktemporal.exceptions import MixedTypesWarning
from sktemporal.sequences import _gathering, _threads

LOG = pd.DataFrame(
    {
        "customer": ["b", "a", "b", "a", "c", "b"],
        "terminal": ["t2", "t1", None, "t2", "t1", "t2"],
        "country": ["de", "de", "fr", None, "fr", "de"],
        "at": pd.to_datetime(["2026-01-03", "2026-01-01", "2026-01-02"] * 2),
        "amount": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0],
        "kind": ["x", "y", "x", None, "y", "x"],
    }
)
KEYS = ["terminal", ("terminal", "country")]
COLUMNS = ("values", "codes", "times", "arrivals")


def sequences(log=LOG, keys=KEYS, **parameters):
    parameters = {"categorical_fields": ["kind"], **parameters}
    return EventSequences.from_frame(log, entity="customer", time="at", keys=keys, **parameters)


def assert_same_histories(found, expected, lines=None):
    """Compare the slices and all that is in them; `lines` are the rows of the log of `expected`."""
    rows, others = found.event_rows()[0], expected.event_rows()[0]
    assert found.starts.tolist() == expected.starts.tolist()
    assert found.stops.tolist() == expected.stops.tolist()
    assert found.entity_ids.dtype == expected.entity_ids.dtype
    assert found.entity_ids.tolist() == expected.entity_ids.tolist()
    assert found.entity_name == expected.entity_name
    assert (found.time_name, found.inclusive) == (expected.time_name, expected.inclusive)
    for name in COLUMNS:
        column, other = getattr(found, name), getattr(expected, name)
        assert (column is None) == (other is None)
        if column is not None:
            assert same_bits(column[rows], other[others])
    if found.times is not None:
        assert found.reference_times.tolist() == expected.reference_times.tolist()
    lines = np.arange(len(expected.table)) if lines is None else lines
    assert found.frame_rows[rows].tolist() == lines[expected.frame_rows[others]].tolist()
    assert (found.fields, found.categories) == (expected.fields, expected.categories)


def logs(draw):
    """A log of few instants, with keys that may be missing."""
    n = draw(st.integers(1, 30))

    def column(values):
        return draw(st.lists(st.sampled_from(values), min_size=n, max_size=n))

    terminals = draw(st.sampled_from([["t1", "t2", "t10", None], [3, 1, 2], [2**60, 2**60 + 1]]))
    # Some of them differ by nanoseconds alone.
    moments = np.array(column([0, 1, 2, 1000, 1001, 5_000_000]), dtype="M8[ns]")
    return pd.DataFrame(
        {
            "customer": column(["a", "b", "c"]),
            "terminal": column(terminals),
            "country": column(["de", "fr", None]),
            "at": np.sort(moments) if draw(st.booleans()) else moments,
            "known": moments.max() + np.array(column([0, 7_000])).astype("m8[ns]"),
            "amount": np.arange(n) * 1.5,
            "kind": column(["x", "y", None]),
        }
    )


@pytest.mark.parametrize("key", ["terminal", ("terminal", "country")])
@given(data=st.data())
def test_the_histories_are_those_that_the_log_gives_by_that_entity(key, data):
    log = logs(data.draw)
    times = {"time": "at"} if data.draw(st.booleans()) else {}
    times |= {"arrival": "known"} if times and data.draw(st.booleans()) else {}
    columns = {"fields": ["amount"], "categorical_fields": ["kind"], **times}
    seqs = EventSequences.from_frame(log, entity="customer", keys=[key], **columns)
    columns_of_key = [key] if isinstance(key, str) else list(key)
    there = log[columns_of_key].notna().all(axis=1).to_numpy()
    by_key = seqs.by(key)
    assert len(by_key.table) == len(log)
    if not there.any():
        assert len(by_key) == 0
        return
    kept = log[there]
    entity = key if isinstance(key, str) else list(key)
    expected = EventSequences.from_frame(kept, entity=entity, **columns)
    expected = expected.replace(categories=seqs.categories, codes=coded(expected, seqs))
    assert_same_histories(by_key, expected, np.flatnonzero(there))
    back = by_key.by("customer")
    expected = EventSequences.from_frame(kept, entity="customer", **columns)
    expected = expected.replace(categories=seqs.categories, codes=coded(expected, seqs))
    assert_same_histories(back, expected, np.flatnonzero(there))
    some = data.draw(st.lists(st.sampled_from(range(len(seqs))), unique=True, min_size=1))
    names = seqs.entity_ids[some]
    chosen = log["customer"].isin(names).to_numpy() & there
    if chosen.any():
        expected = EventSequences.from_frame(log[chosen], entity=entity, **columns)
        expected = expected.replace(categories=seqs.categories, codes=coded(expected, seqs))
        assert_same_histories(seqs[some].by(key), expected, np.flatnonzero(chosen))


def coded(seqs, others):
    """The codes of the one categorical field by the categories of others."""
    places = [0, *(others.categories[0].index(value) + 1 for value in seqs.categories[0])]
    return np.array(places, dtype=np.int32)[seqs.codes]


def test_many_events_in_threads_and_buckets(monkeypatch):
    monkeypatch.setattr(_threads, "_ROWS_PER_THREAD", 100)
    monkeypatch.setattr(_threads, "cpu_count", lambda: 3)
    monkeypatch.setattr(_threads, "effective_n_jobs", lambda n_jobs: 3)
    monkeypatch.setattr(_gathering, "_ROWS_PER_BUCKET", 64)
    rng = np.random.default_rng(0)
    log = pd.DataFrame(
        {
            "customer": rng.integers(0, 40, 3000),
            "terminal": rng.integers(0, 300, 3000),
            "at": rng.integers(0, 500, 3000),
            "amount": rng.random(3000).astype(np.float32),
        }
    )
    columns = {"time": "at", "time_unit": "s", "fields": ["amount"]}
    found = EventSequences.from_frame(log, entity="customer", keys="terminal", **columns)
    expected = EventSequences.from_frame(log, entity="terminal", **columns)
    assert_same_histories(found.by("terminal"), expected)
    assert found.by("terminal").values.flags.f_contiguous
    assert found.by("terminal").values.dtype == np.float32


def test_the_example_of_the_log():
    seqs = sequences()
    assert "keys=('terminal', ('terminal', 'country'))" in repr(seqs)
    by_terminal = seqs.by("terminal")
    assert by_terminal.entity_ids.tolist() == ["t1", "t2"]
    assert by_terminal.lengths.tolist() == [2, 3]
    assert by_terminal.values[: by_terminal.stops[-1], 0].tolist() == [20.0, 50.0, 60.0, 10.0, 40.0]
    assert by_terminal.frame_rows.tolist() == [1, 4, 5, 0, 3, 2]
    pairs = seqs.by(["terminal", "country"])
    assert pairs.entity_ids.tolist() == [("t1", "de"), ("t1", "fr"), ("t2", "de")]
    assert pairs.entity_name == ("terminal", "country")


def test_events_at_one_instant_follow_the_log_whoever_they_are_of():
    log = LOG.assign(at=pd.Timestamp("2026-01-01"), terminal="t")
    assert sequences(log).by("terminal").frame_rows.tolist() == [0, 1, 2, 3, 4, 5]
    finer = log.assign(at=pd.Timestamp("2026-01-01") + pd.to_timedelta([5, 4, 3, 2, 1, 0], "ns"))
    by_terminal = sequences(finer).by("terminal")
    assert by_terminal.frame_rows.tolist() == [5, 4, 3, 2, 1, 0]
    assert len(set(by_terminal.times.tolist())) == 1


def test_a_second_call_costs_nothing_and_a_copy_of_the_container_neither():
    seqs = sequences()
    by_terminal = seqs.by("terminal")
    assert seqs.by("terminal") is by_terminal
    assert copy.copy(seqs).by("terminal") is by_terminal
    assert seqs.by(("terminal", "country")) is seqs.by(["terminal", "country"])


@pytest.mark.parametrize("ask_first", [True, False])
def test_what_is_kept_is_not_taken_for_that_of_other_slices(ask_first):
    seqs = sequences()
    if ask_first:
        seqs.by("terminal")
    assert seqs[:2].by("terminal").frame_rows.tolist() == [1, 5, 0, 3, 2]
    assert seqs[[2, 0]].by("terminal").frame_rows.tolist() == [1, 4, 3]
    turned = seqs[::-1].by("terminal")
    assert_same_histories(turned, seqs.by("terminal"))
    assert turned.by("customer").entity_ids.tolist() == ["c", "b", "a"]
    last = seqs.tail(1).by("terminal")
    assert last.frame_rows[: last.n_events].tolist() == [4, 0, 3]
    renamed = seqs.replace(entity_ids=np.array(["x", "y", "z"]))
    assert renamed.by("terminal").table.keys["customer"].ids.tolist() == ["x", "y", "z"]


def test_views_of_it_are_those_of_any_other_container():
    log = LOG.dropna(subset="terminal")
    by_terminal = sequences(LOG).by("terminal")
    alone = EventSequences.from_frame(
        log, entity="terminal", time="at", fields=["amount"], categorical_fields=["kind"]
    )
    union = make_temporal_pipeline(windows=(2, "1d"), lags=(1,))[0].fit(alone)
    moments = pd.to_datetime(["2026-01-02", "2026-01-03"])
    views = [each.as_of(["t1", "t2"], moments) for each in (by_terminal, alone)]
    assert same_bits(*(union.transform(view) for view in views))
    views = by_terminal.each_event(inclusive=True), alone.each_event(inclusive=True)
    assert same_bits(*(union.transform(view) for view in views))
    assert views[0].row_labels().equals(views[1].row_labels())


def test_rows_go_back_to_the_log():
    before = sequences().by("terminal").each_event()
    family = StatisticalFeatures(statistics=("sum",)).set_output(transform="pandas").fit(before)
    with pytest.warns(Warning, match="have no valid event"):
        sums = family.transform(before)
    with pytest.raises(ValueError, match=r"first of them row 2: .* without a key"):
        before.to_log_order(sums)
    in_log_order = before.to_log_order(sums, absent="nan")["sum_amount"]
    assert in_log_order.tolist()[:2] == [60.0, 0.0]
    assert np.isnan(in_log_order[2])
    assert in_log_order.tolist()[3:] == [70.0, 20.0, 0.0]
    assert in_log_order.index.equals(LOG.index)


@pytest.mark.parametrize(
    "form", [lambda log: log, pl.from_pandas, lambda log: pl.from_pandas(log).to_arrow()]
)
def test_a_frame_of_it_keeps_the_keys(form):
    log = LOG.assign(at=LOG["at"] + pd.to_timedelta(range(6), "min"))
    seqs = sequences(form(log), keys=["terminal", ["terminal", "country"]])
    frame = seqs.to_frame()
    assert list(frame) == ["entity", "terminal", "country", "time", "amount", "kind"]
    assert frame["terminal"].fillna("").tolist() == ["t1", "t2", "", "t2", "t2", "t1"]
    assert frame["country"].fillna("").tolist() == ["de", "", "", "de", "de", "fr"]
    again = EventSequences.from_frame(
        frame, entity="entity", time="time", keys=KEYS, categorical_fields=["kind"]
    )
    for key in KEYS:
        found, other = seqs.by(key).to_frame(), again.by(key).to_frame()
        if key == "terminal":
            found = found.drop(columns="terminal").rename(columns={"entity": "terminal"})
        pd.testing.assert_frame_equal(found.rename(columns={"customer": "entity"}), other)
    by_terminal = seqs.by("terminal").to_frame()
    assert by_terminal["customer"].tolist() == ["a", "c", "b", "b", "a"]
    pairs = seqs.by(("terminal", "country")).to_frame()
    assert list(pairs) == ["terminal", "country", "customer", "time", "amount", "kind"]


def test_keys_are_no_fields_by_default_and_can_be_some():
    log = LOG.assign(terminal=range(6))
    assert sequences(log).fields == ("amount",)
    both = sequences(log, fields=["amount", "terminal"])
    assert both.by("terminal").values.tolist() == [[x, i] for i, x in enumerate(log["amount"])]
    with pytest.raises(ValueError, match="two would be called 'terminal'"):
        both.to_frame()


def test_without_times_the_order_of_the_log_is_that_of_time():
    log = LOG.drop(columns="at")
    seqs = EventSequences.from_frame(log, entity="customer", keys=KEYS[:1], fields=["amount"])
    by_terminal = seqs.by("terminal")
    assert by_terminal.frame_rows.tolist() == [1, 4, 0, 3, 5, 2]
    assert by_terminal.reference_times is None
    assert by_terminal.each_event().lengths.tolist() == [0, 1, 0, 1, 2]


def test_duplicates_are_those_of_the_entity():
    log = LOG.assign(at=pd.Timestamp("2026-01-01"))
    seqs = sequences(log, duplicates="last")
    by_terminal = seqs.by("terminal")
    assert by_terminal.entity_ids.tolist() == ["t1", "t2"]
    assert by_terminal.frame_rows.tolist() == [4, 3, 5]


def test_values_of_a_key_without_events_are_left_out():
    log = LOG.assign(terminal=["t9", "t1", "t1", "t1", "t1", "t1"], at=pd.Timestamp("2026-01-01"))
    assert sequences(log, duplicates="last").by("terminal").entity_ids.tolist() == ["t1"]
    assert len(sequences(LOG.assign(terminal=None)).by("terminal")) == 0


def test_pickles_take_the_keys_of_their_rows_along():
    seqs = sequences()
    seqs.by("terminal")
    for part in (seqs, seqs[1:], seqs.tail(1)):
        loaded = pickle.loads(pickle.dumps(part))
        assert len(loaded.table) == part.reached_rows().sum()
        for key in KEYS:
            pd.testing.assert_frame_equal(loaded.by(key).to_frame(), part.by(key).to_frame())
    by_terminal = seqs.by("terminal")
    loaded = pickle.loads(pickle.dumps(by_terminal))
    pd.testing.assert_frame_equal(loaded.to_frame(), by_terminal.to_frame())
    assert len(loaded.table) == by_terminal.n_events
    assert "made_by_key" not in vars(pickle.loads(pickle.dumps(seqs)).table)


@pytest.mark.parametrize(
    "codes", [[0, 1, 2, 0, 1, 9], [0, 1], np.zeros(6), np.zeros((6, 1), dtype=np.int32)]
)
def test_keys_of_a_pickle_are_checked(codes):
    seqs = sequences(keys=["terminal"])
    codes = np.array(codes, dtype=np.int32) if isinstance(codes, list) else codes
    key = seqs.table.keys["terminal"]._replace(codes=codes)
    state = {**seqs.__getstate__(), "table": seqs.table.replace(keys={"terminal": key})}
    with pytest.raises(ValueError, match="the key 'terminal' must be"):
        EventSequences.__new__(EventSequences).__setstate__(state)


RECORDS = {
    "text and None": LOG.assign(terminal=["t2", "t1", None, "t2", "t1", "t2"]),
    "integers": LOG.assign(terminal=[5, 3, 5, 4, 3, 5]),
    "integers and None": LOG.assign(terminal=pd.Series([5, None, 5, 4, 3, 5], dtype=object)),
    "none at all": LOG.assign(terminal=None),
    "not plain": LOG.assign(terminal=pd.to_datetime(["2026-01-01"] * 6)),
    "finer": LOG.assign(at=LOG["at"] + pd.to_timedelta([5, 4, 3, 2, 1, 0], "ns")),
}


@pytest.mark.parametrize("log", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("fitted", [False, True])
def test_records_are_as_a_frame_of_them(log, fitted):
    names = {"fields": ["amount"], "categorical_fields": ["kind"]}
    names = {"like": sequences(**names)} if fitted else names
    columns = {"entity": "customer", "time": "at", "keys": KEYS, **names}
    records = [
        {name: None if value is None or value is pd.NaT else value for name, value in row.items()}
        for row in log.astype(object).where(log.notna(), None).to_dict("records")
    ]
    found = EventSequences.from_records(records, **columns)
    expected = EventSequences.from_frame(log, **columns)
    for key in KEYS:
        assert found.table.keys[key].ids.tolist() == expected.table.keys[key].ids.tolist()
        assert found.table.keys[key].codes.dtype == np.int32
        assert_same_histories(found.by(key), expected.by(key))
    one = EventSequences.from_records(records[:1], **columns)
    assert one.by("terminal").frame_rows.tolist() == [0]


def test_other_types_of_keys_are_told_of():
    with pytest.warns(MixedTypesWarning, match="column 'terminal'"):
        seqs = sequences(LOG.assign(terminal=pd.Series([7, "7"] * 3, dtype=object)))
    assert seqs.by("terminal").entity_ids.tolist() == [7, "7"]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("country", "key must be one of the keys that these sequences know, ['terminal', ("),
        (["country", "terminal"], "got ['country', 'terminal']. from_frame and from_records take"),
        (3, "got 3"),
        ("customer", "key='customer' is what names the entities of these sequences already"),
    ],
)
def test_a_key_that_is_not_there_is_named(key, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        sequences().by(key)


def test_a_container_without_keys_says_where_they_come_from():
    seqs = EventSequences([[1.0]], [0], [1], entity_ids=["a"])
    with pytest.raises(ValueError, match=r"know, \[\]; got 'terminal'. from_frame and"):
        seqs.by("terminal")


@pytest.mark.parametrize(
    "view",
    [
        lambda seqs: seqs.each_event(),
        lambda seqs: seqs.as_of(["a"], "2026-01-03"),
        lambda seqs: seqs.as_of(["a"], "2026-01-04", inclusive=True),
        lambda seqs: seqs.with_reference_times("2026-02-01"),
        lambda seqs: seqs.since("1d", closed="left"),
        lambda seqs: seqs.each_event(inclusive=True),
        lambda seqs: seqs[[0, 0]],
        lambda seqs: seqs[[0, 0, 2, 2, 2, 2]],  # as many as there are events
    ],
)
def test_views_at_moments_of_their_own_are_refused(view):
    for ask_first in (True, False):
        seqs = sequences()
        if ask_first:
            seqs.by("terminal")
        with pytest.raises(ValueError, match=r"by needs .*: by\(key\) first, then as_of"):
            view(seqs).by("terminal")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["nowhere"], "column 'nowhere' is not in the frame"),
        ([("terminal", "nowhere")], "column 'nowhere' is not in the frame"),
        (["customer"], "keys must differ from each other and from entity='customer'"),
        ([["customer"]], "keys must differ from each other and from entity='customer'"),
        (["terminal", "terminal"], "keys must differ from each other"),
        (["at"], "keys must name entities by other columns than time='at'; got ['at']"),
        ([("terminal", "at")], "other columns than time='at'; got [('terminal', 'at')]"),
        ([None], "each of the keys must be the name of a column, or a list of different ones"),
        ([[]], "each of the keys must be the name of a column"),
        ([("terminal", "terminal")], "each of the keys must be the name of a column"),
        ({"terminal"}, "keys must be a list of columns, or of tuples of columns"),
        (7, "keys must be a list of columns, or of tuples of columns"),
    ],
)
def test_what_is_no_key_is_named(keys, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        sequences(keys=keys)
    for like in (None, sequences()):
        with pytest.raises(ValueError, match=f"{re.escape(message)}|record needs 'nowhere'"):
            EventSequences.from_records(
                LOG.to_dict("records"), entity="customer", time="at", keys=keys, like=like
            )


@pytest.mark.parametrize("entity", ["at", ["customer", "at"]])
def test_the_time_is_no_entity(entity):
    with pytest.raises(ValueError, match="entity must name entities by other columns than time"):
        EventSequences.from_frame(LOG, entity=entity, time="at", fields=["amount"])
