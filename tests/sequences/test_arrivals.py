"""What was known at a moment, where events arrive later than they happen."""

import numpy as np
import pandas as pd
import pytest
from histories import features, same_bits
from hypothesis import given
from hypothesis import strategies as st

from sktemporal import EventSequences, StatisticalFeatures

EPOCH = pd.Timestamp("2026-01-01")


@st.composite
def logs(draw):
    """Event logs of two cards: hours of the events and of their arrivals, the value a row's own."""
    n = draw(st.integers(1, 14))
    hours = st.lists(st.integers(0, 6), min_size=n, max_size=n)
    log = pd.DataFrame(
        {
            "card": draw(st.lists(st.sampled_from("ab"), min_size=n, max_size=n)),
            "hour": draw(hours),
            "late": draw(hours),
            "value": np.arange(n) + 0.5,
        }
    )
    log["at"] = EPOCH + pd.to_timedelta(log["hour"], unit="h")
    log["arrived"] = log["at"] + pd.to_timedelta(log["late"], unit="h")
    return log


def sequences(log, arrival="arrived"):
    parameters = {"entity": "card", "time": "at", "fields": "value", "arrival": arrival}
    return EventSequences.from_frame(log, **parameters)


def values_of(seqs):
    return [seqs.values[a:b, 0].tolist() for a, b in zip(seqs.starts, seqs.stops, strict=True)]


@given(logs(), st.booleans())
def test_as_of_knows_what_had_happened_and_arrived(log, inclusive):
    seqs = sequences(log)
    moments = [EPOCH + pd.Timedelta(hours=h) for h in (7, 0, 3, 5, 13, 3)]
    view = seqs.as_of(["a", "b"] * 3, moments, inclusive=inclusive, unknown="ignore")
    expected = []
    for card, moment in zip("ababab", moments, strict=True):
        last = log[["at", "arrived"]].max(axis=1)
        known = log[(log["card"] == card) & ((last <= moment) if inclusive else (last < moment))]
        expected.append(known.sort_values("at", kind="stable")["value"].tolist())
    assert values_of(view) == expected
    assert view.reference_times.tolist() == [int(m.value // 1000) for m in moments]


@given(logs(), st.booleans())
def test_each_event_knows_what_came_before_it_and_had_arrived(log, inclusive):
    seqs = sequences(log)
    ordered = log.sort_values(["card", "at"], kind="stable")
    expected = []
    for k in range(len(ordered)):
        event, before = ordered.iloc[k], ordered.iloc[:k]
        known = before[(before["card"] == event["card"]) & (before["arrived"] <= event["at"])]
        expected.append(known["value"].tolist() + [event["value"]] * inclusive)
    view = seqs.each_event(inclusive=inclusive)
    assert values_of(view) == expected
    assert ordered.index.tolist() == seqs.frame_rows.tolist()
    alone = [features(StatisticalFeatures(), view[i]) for i in range(len(view))]
    assert same_bits(features(StatisticalFeatures(), view), np.concatenate(alone))


@given(logs(), st.booleans())
def test_what_arrives_at_once_is_as_if_nothing_were_said(log, inclusive):
    at_once, without = sequences(log, arrival="at"), sequences(log, arrival=None)
    assert values_of(at_once.each_event(inclusive)) == values_of(without.each_event(inclusive))
    labels = (["a", "b"] * 3, np.arange(6) * 3600 + EPOCH.timestamp(), inclusive)
    at_once, without = (s.as_of(*labels, unknown="ignore") for s in (at_once, without))
    assert values_of(at_once) == values_of(without)


def in_order_of_arrival():
    return sequences(
        pd.DataFrame(
            {
                "card": "a",
                "at": EPOCH + pd.to_timedelta([0, 1, 2], unit="h"),
                "arrived": EPOCH + pd.to_timedelta([3, 4, 5], unit="h"),
                "value": [1.0, 2.0, 4.0],
            }
        )
    )


def test_a_history_whose_end_had_not_arrived_is_no_copy():
    seqs = in_order_of_arrival()
    view = seqs.as_of(["a"], EPOCH + pd.Timedelta("4h30min"))
    assert np.shares_memory(view.values, seqs.values)
    assert values_of(view) == [[1.0, 2.0]]


def test_copies_keep_all_parts_of_an_event():
    log = pd.DataFrame(
        {
            "card": ["a", "a", "a"],
            "at": EPOCH + pd.to_timedelta([0, 1, 2], unit="h"),
            "arrived": EPOCH + pd.to_timedelta([9, 1, 2], unit="h"),
            "value": [1.0, 2.0, 4.0],
            "kind": ["x", "y", "x"],
        }
    )
    seqs = EventSequences.from_frame(log, entity="card", time="at", arrival="arrived")
    view = seqs.as_of(["a"], EPOCH + pd.Timedelta("5h"))
    frame = view.to_frame()
    assert frame["value"].tolist() == [2.0, 4.0]
    assert frame["kind"].tolist() == ["y", "x"]
    assert frame["time"].tolist() == log["at"].tolist()[1:]
    assert frame["arrival"].tolist() == log["arrived"].tolist()[1:]
    assert view.frame_rows[view.event_rows()[0]].tolist() == [1, 2]
    # The late event is known in time, where one asks late enough, also of such a view.
    assert values_of(seqs.as_of(["a"], EPOCH + pd.Timedelta("10h"))) == [[1.0, 2.0, 4.0]]
    assert values_of(view.as_of(["a"], EPOCH + pd.Timedelta("10h"))) == [[2.0, 4.0]]


def test_arrivals_are_parts_like_others():
    parts = {"values": [[1.0], [2.0]], "starts": [0], "stops": [2]}
    seqs = EventSequences(**parts, times=[0, 5], arrivals=[7, 6])
    assert values_of(seqs.as_of([0], np.array([6], dtype="datetime64[us]"), True)) == [[2.0]]
    with pytest.raises(ValueError, match="arrivals need times; this container has none"):
        EventSequences(**parts, arrivals=[7, 6])
    with pytest.raises(ValueError, match="arrivals has 1 rows, values has 2"):
        EventSequences(**parts, times=[0, 5], arrivals=[7])


def test_a_later_reference_time_must_not_pass_over_a_later_arrival():
    seqs = in_order_of_arrival()
    with pytest.raises(ValueError, match="entity 'a' has an event that arrived later than its ref"):
        seqs.with_reference_times(EPOCH + pd.Timedelta("4h"))
    moved = seqs.with_reference_times(EPOCH + pd.Timedelta("5h"))
    assert values_of(moved) == [[1.0, 2.0, 4.0]]


def test_an_event_that_never_arrives_is_named():
    log = pd.DataFrame({"card": ["a", "a"], "at": [1, 2], "arrived": [3.0, None], "value": 1.0})
    with pytest.raises(ValueError, match="column 'arrived' has none in row 1"):
        sequences(log)
