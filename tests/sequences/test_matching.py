"""Entities that are asked for, among the ids of another type, another library, or none."""

import datetime
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sktemporal import EventSequences
from sktemporal.exceptions import UnknownEntityWarning

BIG = 2**53


def container(ids):
    n = len(ids)
    values = np.arange(n, dtype=float)[:, None]
    return EventSequences(
        values, np.arange(n), np.arange(n) + 1, times=np.zeros(n, int), entity_ids=ids
    )


def found(seqs, entities, unknown="ignore"):
    """The positions of the entities asked for, -1 where they have no history."""
    view = seqs.as_of(entities, 1, unknown=unknown)
    return [
        int(seqs.values[a, 0]) if b > a else -1
        for a, b in zip(view.starts, view.stops, strict=True)
    ]


INTEGERS = {
    "int8": np.array([1, 7], dtype="int8"),
    "int64": np.array([1, 7]),
    "uint64": np.array([1, 7], dtype="uint64"),
    "float": np.array([1.0, 7.0]),
    "big-endian": np.array([1, 7], dtype=">i4"),
    "objects": np.array([1, 7], dtype=object),
    "list": [1, 7],
    "tuple": (1, 7),
    "range": range(1, 13, 6),
    "pandas": pd.Series([1, 7], dtype="int16"),
    "Int64": pd.Series([1, 7], dtype="Int64"),
    "arrow in pandas": pd.Series([1, 7], dtype="uint8[pyarrow]"),
    "index": pd.Index([1, 7]),
    "categorical": pd.Categorical([1, 7], categories=[7, 1]),
    "polars": pl.Series([1, 7]),
    "arrow": pa.array([1, 7]),
    "chunks": pa.chunked_array([[1], [7]]),
    "dictionary": pa.array([1, 7]).dictionary_encode(),
    "Decimals": [Decimal(1), Decimal(7)],
    "numpy scalars": [np.int8(1), np.float32(7)],
}
TEXT = {
    "numpy": np.array(["1", "7"]),
    "StringDType": np.array(["1", "7"], dtype=np.dtypes.StringDType()),
    "objects": np.array(["1", "7"], dtype=object),
    "list": ["1", "7"],
    "pandas": pd.Series(["1", "7"]),
    "string": pd.Series(["1", "7"], dtype="string"),
    "categorical": pd.Categorical(["1", "7"]),
    "polars": pl.Series(["1", "7"]),
    "polars categorical": pl.Series(["1", "7"], dtype=pl.Categorical),
    "arrow": pa.array(["1", "7"], pa.string_view()),
}


@pytest.mark.parametrize("labels", INTEGERS.values(), ids=list(INTEGERS))
@pytest.mark.parametrize("ids", INTEGERS.values(), ids=list(INTEGERS))
def test_numbers_are_found_as_what_they_equal(ids, labels):
    assert found(container(ids), labels, "raise") == [0, 1]


@pytest.mark.parametrize("labels", TEXT.values(), ids=list(TEXT))
@pytest.mark.parametrize("ids", TEXT.values(), ids=list(TEXT))
def test_text_is_found_whatever_holds_it(ids, labels):
    assert found(container(ids), labels, "raise") == [0, 1]


@pytest.mark.parametrize(
    ("ids", "labels", "expected"),
    [
        ([1, "1", 1.0], ["1", 1.0, 1, Decimal(1), True], [1, 2, 0, 0, -1]),
        ([BIG, BIG + 1], [BIG + 1, BIG, BIG + 2], [1, 0, -1]),
        (np.array([BIG, BIG + 1]), np.array([BIG + 1], dtype="uint64"), [1]),
        (np.array([2**63, 2**64 - 1], dtype="uint64"), [-1, 2**64 - 1], [-1, 1]),
        ([-1, 2**63 - 1], np.array([2**64 - 1, 2**63 - 1], dtype="uint64"), [-1, 1]),
        (np.array([1, 2], dtype="int8"), [257, 2], [-1, 1]),
        ([0.1, 0.5], [np.float32(0.1), np.float32(0.5)], [-1, 1]),
        ([2.5, 7.0], [7, 2], [1, -1]),
        ([2.0**60, -(2.0**53), 0.5], [-(2.0**53), 2.0**60, 1.5], [1, 0, -1]),
        ([True, False], [1, True], [-1, 0]),
        (["a", "a\0"], ["a\0", "a", "a "], [1, 0, -1]),
        ([b"a"], ["a", b"a"], [-1, 0]),
        ([datetime.date(2026, 1, 1)], [datetime.datetime(2026, 1, 1)], [-1]),
        (
            np.array(["2026-01-01", "2026-01-02"], dtype="M8[D]"),
            [pd.Timestamp("2026-01-02"), "2026-01-01", datetime.datetime(2026, 1, 1)],
            [1, -1, 0],
        ),
        ([("a", 1), ("a", "1")], [("a", "1"), ("a", 1), ("a", 1.0), ("a",)], [1, 0, -1, -1]),
        ([3, 1, 2], [2, 3, 9, 1], [2, 0, -1, 1]),
    ],
)
def test_types_are_compared_exactly(ids, labels, expected):
    assert found(container(ids), labels) == expected


@given(
    st.lists(st.integers(0, 5) | st.sampled_from(["0", "1", 2.5, 3.0]), unique_by=repr),
    st.lists(st.integers(0, 5) | st.sampled_from(["0", "1", 2.5, 3.0])),
)
def test_any(ids, labels):
    def place(label):
        same = [k for k, name in enumerate(ids) if (type(name), name) == (type(label), label)]
        return (same or [k for k, name in enumerate(ids) if name == label] or [-1])[0]

    assert found(container(ids), labels) == list(map(place, labels))


@pytest.mark.parametrize(
    "labels", [[1, "a"], (1, "a"), np.array([1, "a"], dtype=object), [2**70, "a"], ["a", 1.5]]
)
def test_labels_and_ids_stay_what_they_are(labels):
    for seqs in (container(labels), container(labels).as_of(labels, 1)):
        assert [(type(a), a) for a in seqs.entity_ids.tolist()] == [(type(a), a) for a in labels]


@pytest.mark.parametrize("entity", [7, "a", np.int64(7), pd.Timestamp("2026-01-01"), np.array("a")])
def test_a_single_label(entity):
    label = entity.item() if isinstance(entity, np.ndarray) else entity
    assert found(container([label]), entity) == [0]


class TestUnknown:
    def test_some_are_counted_in_one_warning(self):
        seqs = container(["a", "b"])
        with pytest.warns(UnknownEntityWarning) as told:
            view = seqs.as_of(["x", "a", "x", "y"], 1)
        assert len(told) == 1
        assert "2 of 3 entities asked for are unknown, such as 'x'; their" in str(told[0].message)
        assert told[0].filename == __file__
        assert view.lengths.tolist() == [0, 1, 0, 0]

    def test_some_can_be_refused(self):
        with pytest.raises(ValueError, match="1 of 2 entities asked for are unknown, such as 'x'"):
            container(["a"]).as_of(["a", "x"], 1, unknown="raise")

    @pytest.mark.parametrize("unknown", ["warn", "raise"])
    @pytest.mark.parametrize(
        ("ids", "labels", "message"),
        [
            (
                ["1", "2"],
                [1, 2, 3],
                r"of type int \(1, 2, \.\.\.\), .* has of type str \('1', '2'\)",
            ),
            ([1], np.array(["1"]), r"of type str \('1'\), .* has of type int \(1\)"),
            ([datetime.date(2026, 1, 1)], ["2026-01-01"], "of type str .* of type date"),
            ([("a", 1)], ["a"], r"of type str \('a'\), .* of type \(str, int\)"),
            ([], ["a"], "the container has no ids"),
        ],
    )
    def test_all_of_them_are_an_error_that_names_both_types(self, ids, labels, message, unknown):
        with pytest.raises(ValueError, match=f"none of the entities asked for is known.*{message}"):
            container(ids).as_of(labels, 1, unknown=unknown)

    def test_all_of_them_can_be_ignored(self):
        assert found(container(["1", "2"]), [1, 2], "ignore") == [-1, -1]

    def test_no_label_is_no_error(self):
        assert len(container(["a"]).as_of([], 1)) == 0
        assert len(container([7]).as_of(pd.Series([], dtype="int64"), 1, unknown="raise")) == 0

    @pytest.mark.parametrize("unknown", ["no", None, True])
    def test_another_policy_is_an_error(self, unknown):
        with pytest.raises(ValueError, match=r"unknown must be one of .*got") as error:
            container(["a"]).as_of(["a"], 1, unknown=unknown)
        assert repr(unknown) in str(error.value)

    def test_known_ones_are_not_spoken_of(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert found(container(["a", "b"]), ["b", "b"], "warn") == [1, 1]


class TestErrors:
    @pytest.mark.parametrize(
        "labels",
        [
            ["a", None],
            ["a", np.nan],
            pd.Series(["a", pd.NA]),
            pl.Series(["a", None]),
            pa.array(["a", None]),
            pd.Series([1, None], dtype="Int64"),
            np.array([1.0, np.nan]),
            pd.MultiIndex.from_arrays([["a", "a"], [1.0, np.nan]]),
            pd.MultiIndex.from_arrays([["a", None], [1.0, 2.0]]),
        ],
    )
    def test_a_missing_label_is_named_by_its_place(self, labels):
        with pytest.raises(ValueError, match="entities must not be missing; entry 1 is"):
            container(["a"]).as_of(labels, 1)

    @pytest.mark.parametrize("labels", [np.array([["a"]]), np.zeros((2, 2), int)])
    def test_labels_of_two_dimensions(self, labels):
        with pytest.raises(ValueError, match="entities must be one-dimensional; got shape"):
            container(["a"]).as_of(labels, 1)

    def test_lists_as_labels(self):
        with pytest.raises(ValueError, match=r"entities holds \['a', 1\] of type list"):
            container([("a", 1)]).as_of([["a", 1]], 1)

    @pytest.mark.parametrize("labels", [np.array([2.0**60]), [float(BIG), "a"], [0.5, -float(BIG)]])
    def test_floats_that_cannot_tell_integers_apart(self, labels):
        with pytest.raises(ValueError, match=r"entities must be exact.* got "):
            container([2**60, BIG]).as_of(labels, 1)

    @pytest.mark.parametrize(
        "ids", [[1, 2, 1], [2, 1, 1], ["a", "a"], [1, "a", 1], [("a",), ("a",)], [0.5, 0.5]]
    )
    def test_ids_that_are_not_unique(self, ids):
        with pytest.raises(ValueError, match=r"as_of needs unique entity_ids; .* more than once"):
            container(ids).as_of(ids[:1], 1)

    def test_equal_numbers_of_two_types_are_unique(self):
        assert found(container([1, 1.0, True]), [1.0, True, 1]) == [1, 2, 0]


def test_masked_entities_are_missing():
    labels = np.ma.array([1, 7], mask=[False, True])
    with pytest.raises(ValueError, match="entities must not be missing; entry 1 is"):
        found(container([1, 7]), labels)
    assert found(container([1, 7]), np.ma.array([1, 7])) == [0, 1]
