"""The order of a log, held against numpy's, on every road that a log can take."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joblib import parallel_config
from numpy.testing import assert_array_equal

from sktemporal import EventSequences
from sktemporal.sequences import _gathering, _order, _threads

# How small a log, and a bucket of it, may be to go by several threads, and by several buckets; and
# from which size on row numbers have 64 bits.
ROADS = {
    "as they are": (100_000, 1 << 15, 2**31),
    "threads": (1, 1 << 15, 2**31),
    "buckets": (100_000, 1, 2**31),
    "threads and buckets": (1, 2, 2**31),
    "long row numbers": (1, 2, 0),
}


@pytest.fixture(params=ROADS)
def road(request, monkeypatch):
    rows_per_thread, rows_per_bucket, many_rows = ROADS[request.param]
    monkeypatch.setattr(_threads, "_ROWS_PER_THREAD", rows_per_thread)
    monkeypatch.setattr(_threads, "cpu_count", lambda: 3)
    monkeypatch.setattr(_threads, "effective_n_jobs", lambda n_jobs: 3)
    monkeypatch.setattr(_gathering, "_ROWS_PER_BUCKET", rows_per_bucket)
    monkeypatch.setattr(_order, "_MANY_ROWS", many_rows)
    return request.param


@st.composite
def logs(draw):
    """Owners and times: shuffled, in order of time, by owner, or in order."""
    n_owners = draw(st.integers(1, 40))
    n_rows = draw(st.sampled_from([1, 2, 7, 40, 300]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    owner = rng.integers(0, n_owners, n_rows)
    if draw(st.booleans()):
        owner[rng.random(n_rows) < 0.7] = 0  # one has most of the rows
    times = rng.integers(0, draw(st.sampled_from([1, 5, 10**6])), n_rows) * 1_000_000
    order = draw(st.sampled_from(["shuffled", "time", "owner", "both"]))
    if order != "shuffled":
        keys = {"time": (times,), "owner": (owner,), "both": (times, owner)}[order]
        rows = np.lexsort(keys)
        owner, times = owner[rows], times[rows]
    return owner, times


LOG = {"entity": "who", "fields": ["x", "n", "some"], "categorical_fields": ["kind"]}


def frame_of(owner, times):
    rows = np.arange(len(owner))
    return pl.DataFrame(
        {
            "who": owner,
            "at": times.view("M8[us]"),
            "x": rows + 0.5,
            "n": pl.Series(rows).cast(pl.Int16),
            "some": pl.Series([None if row % 3 == 0 else row for row in rows], dtype=pl.Float32),
            "kind": [f"k{row % 5}" for row in rows],
        }
    )


def check(seqs, frame, rows):
    """Hold a container against the rows of a polars frame in their order."""
    expected = frame[rows]
    assert_array_equal(seqs.frame_rows, rows)
    assert seqs.frame_rows.dtype == np.int64
    values = expected.select("x", "n", "some").cast(pl.Float64).fill_null(np.nan).to_numpy()
    assert_array_equal(seqs.values, values)
    assert [seqs.categories[0][code - 1] for code in seqs.codes[:, 0]] == expected["kind"].to_list()
    owners, lengths = np.unique(expected["who"].to_numpy(), return_counts=True)
    assert_array_equal(seqs.entity_ids, owners)
    assert_array_equal(seqs.stops, np.cumsum(lengths))
    assert_array_equal(seqs.lengths, lengths)


@pytest.mark.parametrize(
    "library", [lambda frame: frame, pl.DataFrame.to_pandas, pl.DataFrame.to_arrow]
)
def test_the_order_is_that_of_a_stable_sort(road, library):
    @given(logs())
    def law(log):
        frame = frame_of(*log)
        rows = np.lexsort(log[::-1])
        seqs = EventSequences.from_frame(library(frame), time="at", **LOG)
        check(seqs, frame, rows)
        assert_array_equal(seqs.times, log[1][rows])
        assert_array_equal(seqs.reference_times, seqs.times[seqs.stops - 1])
        seqs = EventSequences.from_frame(library(frame.drop("at")), **LOG)
        check(seqs, frame, np.argsort(log[0], kind="stable"))

    law()


@pytest.mark.parametrize("policy", ["first", "last"])
def test_what_is_left_of_events_at_one_instant(road, policy):
    @given(logs())
    def law(log):
        frame = frame_of(*log)
        kept = pd.DataFrame(dict(zip(("who", "at"), log, strict=True))).drop_duplicates(keep=policy)
        rows = np.sort(kept.index.to_numpy())
        rows = rows[np.lexsort((log[1][rows], log[0][rows]))]
        seqs = EventSequences.from_frame(frame, time="at", duplicates=policy, **LOG)
        check(seqs, frame, rows)
        assert_array_equal(seqs.times, log[1][rows])

    law()


def test_nanoseconds_decide_the_order_alone(road):
    rng = np.random.default_rng(0)
    owner, at = rng.integers(0, 9, 400), rng.integers(0, 5000, 400)
    frame = pd.DataFrame({"who": owner, "at": at.view("M8[ns]"), "x": at.astype(float)})
    seqs = EventSequences.from_frame(frame, entity="who", time="at")
    rows = np.lexsort((at, owner))
    assert_array_equal(seqs.frame_rows, rows)
    assert_array_equal(seqs.times, at[rows] // 1000)


def test_errors_name_the_first_row_of_the_frame(road):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"who": rng.integers(0, 9, 400), "at": np.arange(400.0), "x": 1.0})
    frame.loc[[350, 77], "x"] = [np.inf, -np.inf]
    with pytest.raises(ValueError, match="infinity: field 'x', row 77"):
        EventSequences.from_frame(frame, entity="who", time="at")
    behind_nulls = pl.DataFrame({"who": [1, 0], "x": [1.0, np.inf]}).with_columns(
        pl.when(pl.col("x").is_finite()).then("x")
    )
    assert np.isnan(EventSequences.from_frame(behind_nulls, entity="who").values[0, 0])
    frame["x"] = 1.0
    frame.loc[[5, 6], "at"] = [6.0, 5.0]
    frame.loc[[5, 6], "who"] = 3
    with pytest.raises(
        ValueError, match=r"entity 3 are not in order .*: row 6 is earlier than row 5"
    ):
        EventSequences.from_frame(frame, entity="who", time="at", unsorted="error")
    frame.loc[6, "at"] = 6.0
    with pytest.raises(ValueError, match="entity 3 has two events at one instant: rows 5 and 6"):
        EventSequences.from_frame(frame, entity="who", time="at", duplicates="error")


def test_long_histories_in_any_disorder(road):
    rng = np.random.default_rng(0)
    n = 3000
    for at in (np.arange(n)[::-1], rng.permutation(n), rng.integers(0, 9, n), np.arange(n) ^ 1):
        frame = pd.DataFrame({"who": 0, "at": at, "x": np.arange(n) / 2})
        seqs = EventSequences.from_frame(frame, entity="who", time="at", time_unit="s")
        assert_array_equal(seqs.frame_rows, np.argsort(at, kind="stable"))


def test_frames_that_change_later_do_not_change_what_was_read():
    frame = pd.DataFrame({"who": [0, 0, 1], "x": np.arange(3.0)})
    at = np.array([1, 2, 3], "M8[us]")
    frame["at"] = at
    seqs = EventSequences.from_frame(frame, entity="who", time="at")
    for name in ("x", "at"):
        column = frame[name].to_numpy()
        column.flags.writeable = True
        column[:] = column[::-1].copy()
    assert seqs.times.tolist() == [1, 2, 3]
    assert seqs.values[:, 0].tolist() == [0, 1, 2]


def test_parts_are_for_the_processors_that_joblib_leaves(monkeypatch):
    monkeypatch.setattr(_threads, "cpu_count", lambda: 4)
    with parallel_config(backend="sequential"):
        assert _threads.parts_of(10**6) == [(0, 10**6)]
    monkeypatch.setattr(_threads, "effective_n_jobs", lambda n_jobs: 4)
    assert _threads.parts_of(10**6) == [(k * 250_000, (k + 1) * 250_000) for k in range(4)]
    assert _threads.parts_of(150_000) == [(0, 150_000)]
    assert _threads.parts_of(0) == [(0, 0)]
