"""The table of events: what it holds, and that its slices share it."""

import copy
import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest
from histories import same_bits, seeded_histories, sequences_of

from sktemporal import EventSequences
from sktemporal.sequences import EventTable

N_EVENTS = 6


@pytest.fixture
def seqs():
    """Two entities, three events each, with every column that a table can have."""
    return EventSequences(
        np.arange(12.0).reshape(N_EVENTS, 2),
        [0, 3],
        [3, 6],
        codes=[[1], [2], [0], [1], [1], [2]],
        times=np.arange(N_EVENTS),
        intervals=np.arange(N_EVENTS) / 2,
        observed=[True, True, False, True, True, True],
        arrivals=np.arange(N_EVENTS) + 1,
        frame_rows=np.arange(N_EVENTS)[::-1],
        time_zone="Europe/Berlin",
        entity_ids=["a", "b"],
        entity_name="card",
        time_name="at",
        fields=["x", "y"],
        categorical_fields=["kind"],
        categories=[["food", "fuel"]],
    )


PARTS = {field.name for field in dataclasses.fields(EventTable)}


@pytest.mark.parametrize("name", sorted(PARTS - {"keys", "instants"}))
def test_every_part_is_an_attribute_of_the_slices(seqs, name):
    for each in (seqs, seqs[1:], seqs.tail(2), seqs.each_event(), copy.copy(seqs)):
        assert getattr(each, name) is getattr(seqs.table, name)


def test_views_share_the_table(seqs):
    plain = seqs.replace(arrivals=None, time_zone=None)
    moments = seqs.reference_times.view("datetime64[us]")
    views = [
        plain[1:],
        plain[[1, 0, 1]],
        plain.part(slice(0, 1)),
        plain.tail(2),
        plain.since("2us"),
        plain.with_reference_times(moments),
        plain.as_of(["b", "a", "b"], moments[0]),
        plain.each_event(),
        copy.copy(plain),
        plain.replace(entity_ids=None),
    ]
    for view in views:
        assert view.table is plain.table


def test_a_column_has_an_entry_for_each_event(seqs):
    assert len(seqs.table) == N_EVENTS
    assert [len(part) for part in seqs.table.columns().values()] == [N_EVENTS] * 7
    assert list(seqs.replace(times=None, observed=None).table.columns()) == [
        "values",
        "codes",
        "intervals",
        "arrivals",
        "frame_rows",
    ]


@pytest.mark.parametrize("rows", [slice(2, 5), np.array([5, 0, 0]), np.arange(N_EVENTS) % 2 == 0])
def test_other_rows_are_the_same_of_every_column(seqs, rows):
    table = seqs.table.of_rows(rows)
    for name, part in seqs.table.columns().items():
        assert same_bits(getattr(table, name), part[rows])
    assert table.fields is seqs.table.fields
    twice = seqs.table.of_rows(lambda column: np.concatenate((column, column)))
    assert len(twice) == 2 * N_EVENTS


def test_nothing_can_be_set(seqs):
    for name in ("values", "fields", "anything"):
        with pytest.raises(dataclasses.FrozenInstanceError, match=name):
            setattr(seqs.table, name, None)


def test_what_is_no_part_is_refused(seqs):
    with pytest.raises(TypeError, match="anything"):
        seqs.replace(anything=1)
    with pytest.raises(TypeError, match="starts"):
        seqs.table.replace(starts=[0])


def test_parts_of_the_table_and_of_the_slices_are_replaced_together(seqs):
    other = seqs.replace(fields=("u", "v"), stops=np.array([2, 6]), inclusive=False)
    assert (other.fields, other.stops.tolist(), other.inclusive) == (("u", "v"), [2, 6], False)
    assert (seqs.fields, seqs.stops.tolist(), seqs.inclusive) == (("x", "y"), [3, 6], True)
    assert other.values is seqs.values
    assert other.starts is seqs.starts


def test_a_pickle_takes_along_the_rows_that_the_slices_reach():
    whole = sequences_of(seeded_histories(2, n_entities=50))
    for part in (whole[7:9], whole[[3, 40, 3]], whole.tail(1), whole[[]], whole.each_event()[::9]):
        loaded = pickle.loads(pickle.dumps(part))
        assert len(loaded.table) == part.reached_rows().sum()
        pd.testing.assert_frame_equal(loaded.to_frame(), part.to_frame())
        assert loaded.reference_times.tolist() == part.reference_times.tolist()
    assert pickle.loads(pickle.dumps(whole)).to_frame().equals(whole.to_frame())
