"""What slices were selected from is found again by the slices, or not at all."""

import gc
import pickle

import numpy as np
import pytest
from histories import seeded_histories, sequences_of
from hypothesis import given
from hypothesis import strategies as st

from sktemporal import EventSequences
from sktemporal.sequences import _selections
from sktemporal.sequences._selections import rows_among


@pytest.fixture
def seqs():
    return sequences_of(seeded_histories(4, n_entities=40))


def source_of(sequences):
    source, rows = sequences.table.selections.source_of(sequences)
    return source, None if rows is None else rows.tolist()


def test_selections_are_found_in_what_they_were_selected_from(seqs):
    assert source_of(seqs) == (seqs, None)
    selected = seqs[[4, 2, 9, 2]]
    assert source_of(selected) == (seqs, [4, 2, 9, 2])
    assert source_of(selected[1:]) == (seqs, [2, 9, 2])
    assert source_of(seqs) == (seqs, None)
    assert source_of(seqs[:0]) == (seqs, [])
    view = seqs.each_event(inclusive=True)
    assert source_of(view[[7, 3]]) == (view, [7, 3])


def test_views_start_anew(seqs):
    selected = seqs[[4, 2, 9]]
    for view in (selected.tail(2), selected.each_event(), selected.replace(inclusive=False)):
        assert source_of(view) == (view, None)
    loaded = pickle.loads(pickle.dumps(selected))
    assert source_of(loaded) == (loaded, None)
    assert source_of(loaded[1:]) == (loaded, [1, 2])
    changed = selected.replace(values=seqs.values * 2)
    assert source_of(changed) == (changed, None)


def test_nobody_is_kept_alive(seqs):
    selected = seqs.each_event()[3:9]
    gc.collect()
    assert source_of(selected) == (selected, None)
    view = seqs
    for _ in range(2000):
        view = view[::-1]
    assert source_of(view) == (seqs, list(range(len(seqs))))
    assert len(seqs.table.selections._selected_from) < 5


def slices(draw):
    """Slices over a table of six events: starts, stops, reference times, inclusive."""
    n = draw(st.integers(0, 6))
    pairs = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=n, max_size=n))
    starts = np.array([start for start, _ in pairs], dtype=np.int64)
    stops = starts + np.array([length for _, length in pairs], dtype=np.int64)
    moments = np.array(draw(st.lists(st.integers(6, 8), min_size=n, max_size=n)), dtype=np.int64)
    return starts, stops, moments


@pytest.mark.parametrize("mixed", ["as it is", "all the same"])
@given(data=st.data())
def test_rows_are_those_of_the_very_slices(mixed, data):
    table = np.zeros((6, 1)), np.arange(6)

    def sequences(has_times):
        starts, stops, moments = slices(data.draw)
        times = {"times": table[1], "reference_times": moments} if has_times else {}
        return EventSequences(table[0], starts, stops, **times)

    has_times = data.draw(st.booleans())
    known = sequences(has_times)
    chosen = data.draw(st.lists(st.integers(0, max(len(known) - 1, 0)), max_size=6))
    selected = known[chosen if len(known) else []]
    others = sequences(has_times)
    with pytest.MonkeyPatch.context() as patch:
        if mixed == "all the same":  # the worst of all numbers for slices
            patch.setattr(_selections, "_mixed", lambda parts: np.zeros(len(parts[0])))
        found = rows_among(selected, known), rows_among(others, known)
    there = set(triples(known))
    for wanted, rows in zip((selected, others), found, strict=True):
        if rows is not None:
            assert triples(known.part(rows)) == triples(wanted)
        elif mixed == "as it is":
            assert not there.issuperset(triples(wanted))


def triples(seqs):
    moments = seqs.starts if seqs.reference_times is None else seqs.reference_times
    return list(zip(seqs.starts.tolist(), seqs.stops.tolist(), moments.tolist(), strict=True))
