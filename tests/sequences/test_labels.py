"""Ids and categories of every type: what came in comes back, and two that differ stay two."""

import datetime
import enum
import itertools
import pickle
import re
import uuid
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.labels import kind_and_value

from sktemporal import EventSequences
from sktemporal.exceptions import MixedTypesWarning
from sktemporal.sequences import _numbering
from sktemporal.sequences._codes import codes_of
from sktemporal.sequences._objects import object_array

BIG = 2**53
DAY = datetime.date(2026, 1, 1)
MOMENTS = np.array(["2026-01-02", "2026-01-01T00:00:00.000000001"], dtype="M8[ns]")


class Text(str):
    """A string of a type of its own."""


class Size(enum.Enum):
    S = 1
    L = 2


def objects(values):
    return pd.Series(values, dtype=object)


#: Columns of two labels or more, all of them different, in descending order.
COLUMNS = {
    "pandas int8": pd.Series([2, -1], dtype="int8"),
    "pandas uint64": pd.Series([2**64 - 1, 2**64 - 2, 2**63, 1], dtype="uint64"),
    "pandas big-endian": pd.Series(np.array([BIG + 1, BIG], dtype=">i8")),
    "pandas bool": pd.Series([True, False]),
    "pandas float": pd.Series([np.inf, 0.1 + 0.2, 0.3, 5e-324, -0.5, -np.inf]),
    "pandas float32": pd.Series([0.2, 0.1], dtype="float32"),
    "pandas float16": pd.Series([0.2, 0.1], dtype="float16"),
    "pandas longdouble": pd.Series([1 + np.finfo(np.longdouble).eps, 1], dtype=np.longdouble),
    "pandas Int64": pd.Series([BIG + 1, BIG], dtype="Int64"),
    "pandas UInt8": pd.Series([200, 100], dtype="UInt8"),
    "pandas boolean": pd.Series([True, False], dtype="boolean"),
    "pandas Float32": pd.Series([0.2, 0.1], dtype="Float32"),
    "pandas sparse": pd.Series(pd.arrays.SparseArray([8, 7, 0])),
    "pandas datetime ns": pd.Series(MOMENTS),
    "pandas datetime s": pd.Series(MOMENTS.astype("M8[s]")),
    "pandas datetime zone": pd.Series(MOMENTS).dt.tz_localize("Europe/Berlin"),
    "pandas timedelta": pd.Series(pd.to_timedelta([3, 1], "ns")),
    "pandas period": pd.Series(pd.period_range("2026-01", periods=2, freq="M")[::-1]),
    "pandas category": pd.Series(["b", "a"], dtype="category"),
    "pandas category int": pd.Series([BIG + 1, BIG], dtype="category"),
    "objects int": objects([BIG + 1, BIG]),
    "objects large int": objects([2**70 + 1, 2**70, 2**63, -(2**63)]),
    "objects Decimal": objects([Decimal(10**17 + 2), Decimal(10**17 + 1)]),
    "objects bool": objects([True, False]),
    "objects bytes": objects([b"a\0", b"a"]),
    "objects UUID": objects([uuid.UUID(int=2), uuid.UUID(int=1)]),
    "objects date": objects([datetime.date(2026, 1, 2), datetime.date(2026, 1, 1)]),
    "objects datetime": objects([pd.Timestamp("2026-01-02"), pd.Timestamp("2026-01-01")]),
    "objects time": objects([datetime.time(2), datetime.time(1)]),
    "objects tuple": objects([("b", 1), ("a", 2), ("a", 1)]),
    "objects enum": objects([Size.S, Size.L]),
    "objects surrogate": objects(["\ud800", "a"]),
    "polars Int128": pl.Series([2**100 + 1, 2**100], dtype=pl.Int128),
    "polars UInt64": pl.Series([2**64 - 1, 2**64 - 2], dtype=pl.UInt64),
    "polars Boolean": pl.Series([True, False]),
    "polars Categorical": pl.Series(["b", "a"], dtype=pl.Categorical),
    "polars Enum": pl.Series(["a", "b"], dtype=pl.Enum(["c", "b", "a"])),
    "polars Date": pl.Series([datetime.date(2026, 1, 2), datetime.date(2026, 1, 1)]),
    "polars Datetime": pl.Series(MOMENTS),
    "polars zone": pl.Series(MOMENTS).dt.replace_time_zone("UTC"),
    "polars Duration": pl.Series([3, 1]).cast(pl.Duration("ns")),
    "polars Time": pl.Series([datetime.time(2), datetime.time(1)]),
    "polars Decimal": pl.Series([Decimal(f"{10**17}.2"), Decimal(f"{10**17}.1")]),
    "polars Binary": pl.Series([b"a\0", b"a"]),
    "polars Object": pl.Series([uuid.UUID(int=2), uuid.UUID(int=1)], dtype=pl.Object),
    "arrow decimal": pa.array([Decimal(10**37 + 2), Decimal(10**37 + 1)], pa.decimal128(38, 0)),
    "arrow float16": pa.array(np.array([0.2, 0.1], dtype="float16")),
    "arrow binary view": pa.array([b"a\0", b"a"], pa.binary_view()),
    "arrow fixed binary": pa.array([b"ab", b"aa"], pa.binary(2)),
    "arrow date": pa.array([datetime.date(2026, 1, 2), datetime.date(2026, 1, 1)]),
    "arrow time": pa.array([datetime.time(2), datetime.time(1)]),
    "arrow timestamp": pa.array(MOMENTS),
    "arrow zone": pa.array(MOMENTS).cast(pa.timestamp("ns", "UTC")),
    "arrow duration": pa.array([3, 1], pa.duration("ns")),
    "arrow dictionary": pa.array(["b", "a"]).dictionary_encode(),
    "arrow runs": pa.RunEndEncodedArray.from_arrays([1, 2], [8, 7]),
    "arrow UUID": pa.array([uuid.UUID(int=2).bytes, uuid.UUID(int=1).bytes], pa.uuid()),
}
TEXT = ["é", "z" * 30, "b", "a\0", "a", ""]  # and what sorts behind in UTF-16
TEXT = ["\U0001f600", "\uffff", *TEXT]
for kind in ("str", "string", "string[python]", "string[pyarrow]", object):
    COLUMNS[f"pandas {kind}"] = pd.Series(TEXT, dtype=kind)
for kind in (pa.string(), pa.large_string(), pa.string_view()):
    COLUMNS[f"pandas arrow {kind}"] = pd.Series(TEXT, dtype=pd.ArrowDtype(kind))
    COLUMNS[f"arrow {kind}"] = pa.array(TEXT, kind)
COLUMNS["pandas text"] = objects([Text("b"), Text("a")])
COLUMNS["polars String"] = pl.Series(TEXT)


def python_values(column):
    """The labels of a column as it gives them itself."""
    if isinstance(column, pa.Array):
        return column.to_pandas().tolist() if column.type == pa.float16() else column.to_pylist()
    if isinstance(column, pl.Series) and column.dtype in (pl.Datetime, pl.Duration):
        return column.to_pandas().tolist()
    return list(column) if isinstance(column, pd.Series) else column.to_list()


def frame_of(column, name):
    """A frame with a column of labels, one of row numbers, and one that is always 0."""
    rows, zeros = range(len(column)), [0] * len(column)
    if isinstance(column, pd.Series):
        return pd.DataFrame({name: column, "row": rows, "zero": zeros})
    if isinstance(column, pl.Series):
        return pl.DataFrame({name: column, "row": rows, "zero": zeros})
    return pa.table({name: column, "row": rows, "zero": zeros})


def with_missing(column):
    """The column with a missing label between the others, and each label twice."""
    if isinstance(column, pd.Series):
        return pd.concat([column, objects([None]), column]).reset_index(drop=True)
    if isinstance(column, pl.Series):
        return column.append(pl.Series([None], dtype=column.dtype)).append(column[:-1])
    return pa.chunked_array([column, pa.nulls(1, column.type), column])


def every_column_but(*left_out):
    names = [name for name in COLUMNS if name not in left_out]
    return pytest.mark.parametrize("column", [COLUMNS[name] for name in names], ids=names)


every_column = every_column_but()


@every_column
def test_ids_come_back(column):
    values = python_values(column)
    frame = frame_of(column, "e")
    seqs = EventSequences.from_frame(frame, entity="e", fields=["row"])
    ids = pd.Series(seqs.entity_ids, dtype=object).tolist()
    assert list(map(kind_and_value, ids)) == list(map(kind_and_value, values[::-1]))
    assert seqs.values.ravel().tolist() == list(range(len(values)))[::-1]


@every_column
def test_categories_come_back(column):
    values = python_values(column)
    frame = frame_of(column, "k")
    seqs = EventSequences.from_frame(frame, entity="zero", fields=["row"], categorical_fields=["k"])
    (categories,) = seqs.categories
    assert list(map(kind_and_value, categories)) == list(map(kind_and_value, values[::-1]))
    assert seqs.codes.ravel().tolist() == list(range(len(values), 0, -1))


@every_column_but("pandas longdouble")  # pandas joins none to others
def test_what_is_missing_has_no_category_and_changes_no_other(column):
    values = python_values(column)
    column = column.clone() if isinstance(column, pl.Series) else column
    frame = frame_of(with_missing(column), "k")
    seqs = EventSequences.from_frame(frame, entity="zero", fields=[], categorical_fields=["k"])
    assert list(seqs.categories[0]) == values[::-1]
    descending = list(range(len(values), 0, -1))
    assert seqs.codes.ravel().tolist()[: len(values) + 1] == [*descending, 0]


@every_column
def test_labels_find_the_ids_that_they_are(column):
    frame = frame_of(column, "e")
    seqs = EventSequences.from_frame(frame, entity="e", fields=["row"])
    timed = EventSequences(
        seqs.values, seqs.starts, seqs.stops, times=[0] * len(seqs), entity_ids=seqs.entity_ids
    )
    for asked in (column, seqs.entity_ids, python_values(column)):
        order = [*range(len(column))] * (asked is not seqs.entity_ids)
        order = order or [*range(len(column))][::-1]
        view = timed.as_of(asked, 1)
        assert view.values[view.starts, 0].tolist() == order
        assert view.lengths.tolist() == [1] * len(column)


@every_column_but("objects surrogate")  # pandas makes no text of it
def test_exports_keep_labels(column):
    values = python_values(column)
    frame = frame_of(column, "k")
    seqs = EventSequences.from_frame(frame, entity="zero", fields=[], categorical_fields=["k"])
    assert seqs.to_frame()["k"].tolist() == values


class TestSeveralTypes:
    @pytest.mark.parametrize(
        ("values", "expected", "n_alike"),
        [
            ([1004, "1004", 1004.0], [1004.0, 1004, "1004"], 3),
            ([True, 1, 1.0, Decimal(1), "1"], [Decimal(1), 1.0, 1, True, "1"], 4),
            ([b"a", "a", None, "b"], [b"a", "a", "b"], 2),
            (["b", 3, "a", 2.5, -7], [-7, 2.5, 3, "a", "b"], 0),
            ([("a", 1), ("a", 1.0), ("a", None)], [("a", 1.0), ("a", 1), ("a", None)], 2),
            (
                [datetime.date(2026, 1, 1), "2026-01-01"],
                [datetime.date(2026, 1, 1), "2026-01-01"],
                2,
            ),
            (
                [
                    datetime.datetime(2026, 1, 1),
                    datetime.date(2026, 1, 1),
                    datetime.date(2025, 1, 1),
                ],
                [
                    datetime.date(2025, 1, 1),
                    datetime.date(2026, 1, 1),
                    datetime.datetime(2026, 1, 1),
                ],
                0,
            ),
        ],
    )
    def test_stay_apart_and_are_said_in_one_warning(self, values, expected, n_alike):
        frame = pd.DataFrame({"e": 0, "k": objects(values)})
        with pytest.warns(MixedTypesWarning) as told:
            seqs = EventSequences.from_frame(frame, entity="e", fields=[], categorical_fields=["k"])
        assert len(told) == 1
        assert re.search(
            f"column 'k' .* types .*; {n_alike} of them look like", str(told[0].message)
        )
        assert list(map(kind_and_value, seqs.categories[0])) == list(map(kind_and_value, expected))
        back = [None if code == 0 else expected[code - 1] for code in seqs.codes.ravel()]
        assert list(map(kind_and_value, back)) == list(map(kind_and_value, values))
        exported = seqs.to_frame()["k"]
        assert [kind_and_value(v) for v in exported.dropna()] == [
            kind_and_value(v) for v in values if v is not None
        ]

    @given(
        st.lists(
            st.integers(-3, 3)
            | st.sampled_from([2**53, 2**53 + 1, -0.5, 1.0, 2.0, True, "1", "2", "a", b"1"])
            | st.decimals(-3, 3, places=1)
            | st.tuples(st.sampled_from([1, "1", 1.0, None]), st.integers(0, 1)),
            min_size=1,
        )
    )
    def test_any(self, values):
        frame = pd.DataFrame({"e": objects(values), "row": range(len(values))})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MixedTypesWarning)
            seqs = EventSequences.from_frame(frame, entity="e", fields=["row"])
        expected = {kind_and_value(value) for value in values}
        assert len(seqs) == len(expected)
        ids = [seqs.entity_ids.tolist()[k] for k in seqs.event_rows()[1]]
        came = [values[row] for row in seqs.frame_rows]
        assert list(map(kind_and_value, ids)) == list(map(kind_and_value, came))
        numbers = [v for v in seqs.entity_ids.tolist() if type(v) in (int, float, Decimal)]
        assert numbers == sorted(numbers)

    def test_the_order_does_not_depend_on_that_of_the_rows(self):
        values = [1, "1", 1.0, True, b"1", ("a", 1), ("a", "1"), 0.5]
        orders = []
        for rows in (values, values[::-1], values[3:] + values[:3]):
            with pytest.warns(MixedTypesWarning):
                seqs = EventSequences.from_frame(
                    pd.DataFrame({"e": objects(rows)}), entity="e", fields=[]
                )
            orders.append([kind_and_value(v) for v in seqs.entity_ids.tolist()])
        assert orders[0] == orders[1] == orders[2]

    def test_types_of_one_meaning_are_one(self):
        values = [np.int64(7), 7, np.str_("a"), "a", np.float32(0.5), 0.5, np.bool_(True), True]
        with pytest.warns(MixedTypesWarning, match="bool: 1, float: 1, int: 1, str: 1"):
            seqs = EventSequences.from_frame(
                pd.DataFrame({"e": objects(values)}), entity="e", fields=[]
            )
        assert list(map(kind_and_value, seqs.entity_ids)) == [
            ("float", 0.5),
            ("int", 7),
            ("bool", True),
            ("str", "a"),
        ]


class TestMissing:
    @pytest.mark.parametrize(
        "missing", [None, np.nan, pd.NA, pd.NaT, Decimal("NaN"), np.datetime64("NaT")]
    )
    @pytest.mark.parametrize("label", ["a", 7, 2.5, Decimal(1), ("a",)])
    def test_of_every_kind(self, missing, label):
        column = np.empty(2, dtype=object)
        column[:] = [label, missing] if not isinstance(label, tuple) else [None, None]
        column[0] = label
        frame = pd.DataFrame({"e": pd.Series(column, dtype=object), "zero": [0, 0]})
        seqs = EventSequences.from_frame(frame, entity="zero", fields=[], categorical_fields=["e"])
        assert seqs.categories == ((label,),)
        assert seqs.codes.ravel().tolist() == [1, 0]
        with pytest.raises(ValueError, match="column 'e' names no entity in row 1"):
            EventSequences.from_frame(frame, entity="e", fields=[])

    def test_not_a_number_is_missing_whatever_the_library(self):
        for frame in (
            pd.DataFrame({"e": [1.0, np.nan, np.nan]}),
            pl.DataFrame({"e": [1.0, np.nan, None]}),
            pa.table({"e": [1.0, np.nan, None]}),
        ):
            with pytest.raises(ValueError, match="column 'e' names no entity in row 1"):
                EventSequences.from_frame(frame, entity="e", fields=[])

    def test_zeros_of_both_signs_are_one(self):
        frame = pd.DataFrame({"e": [0.0, -0.0, 0.0]})
        seqs = EventSequences.from_frame(frame, entity="e", fields=[])
        assert str(seqs.entity_ids.tolist()) == "[0.0]"

    def test_nothing_but_missing(self):
        for column in (objects([None, None]), pl.Series([None, None]), pa.nulls(2)):
            seqs = EventSequences.from_frame(
                frame_of(column, "k"), entity="zero", fields=[], categorical_fields=["k"]
            )
            assert seqs.categories == ((),)
            assert seqs.codes.ravel().tolist() == [0, 0]


class TestUnfit:
    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ([["a"], ["b"]], r"column 'e' holds \['a'\] of type list in row 0"),
            (["a", {"b": 1}], r"column 'e' holds \{'b': 1\} of type dict in row 1"),
            ([("a", [1])], r"column 'e' holds \('a', \[1\]\) of type tuple in row 0"),
            ([1j, 2j], "values that cannot be sorted, of type complex"),
            ([frozenset("a"), frozenset("b")], "cannot be sorted, of type frozenset"),
            ([object(), object()], "cannot be sorted, of type object"),
            ([Decimal("sNaN"), Decimal(1)], "holds a signalling NaN"),
        ],
    )
    def test_objects(self, values, message):
        column = np.empty(len(values), dtype=object)
        for row, value in enumerate(values):
            column[row] = value
        with pytest.raises(ValueError, match=message):
            EventSequences.from_frame(pd.DataFrame({"e": column}), entity="e", fields=[])

    @pytest.mark.parametrize(
        "column",
        [
            pl.Series([[1], [2]]),
            pl.Series([{"a": 1}, {"a": 2}]),
            pa.array([[1], [2]]),
            pa.array([{"a": 1}, {"a": 2}]),
        ],
    )
    def test_nested_columns(self, column):
        with pytest.raises(
            ValueError, match=r"column 'e' holds values of type .*entity=\[\.\.\.\]"
        ):
            EventSequences.from_frame(frame_of(column, "e"), entity="e", fields=[])

    def test_times_of_day_that_python_cannot_tell_apart(self):
        column = pa.array([1, 2], pa.time64("ns"))
        with pytest.raises(ValueError, match=r"column 'e' of type time64.*finer"):
            EventSequences.from_frame(frame_of(column, "e"), entity="e", fields=[])


class TestSeveralColumns:
    LOG = {
        "card": ["b", "a", "b", "a", "b"],
        "shop": [2, 10, 2, 9, 10],
        "x": [1.0, 2.0, 3.0, 4.0, 5.0],
        "t": [5, 4, 3, 2, 1],
    }
    LIBRARIES = (pd.DataFrame, pl.DataFrame, pa.table)
    IDS = [("a", 9), ("a", 10), ("b", 2), ("b", 10)]

    @pytest.mark.parametrize("library", LIBRARIES)
    @pytest.mark.parametrize("entity", [["card", "shop"], ("card", "shop")])
    def test_make_tuples_in_lexicographic_order(self, library, entity):
        seqs = EventSequences.from_frame(library(self.LOG), entity=entity, time="t")
        assert seqs.entity_ids.tolist() == self.IDS
        assert seqs.fields == ("x",)
        assert seqs.categorical_fields == ()
        assert seqs.values.ravel().tolist() == [4.0, 2.0, 3.0, 1.0, 5.0]

    def test_of_one_column_are_tuples_too(self):
        seqs = EventSequences.from_frame(pd.DataFrame(self.LOG), entity=["card"], fields=["x"])
        assert seqs.entity_ids.tolist() == [("a",), ("b",)]

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_are_asked_for_as_tuples_frames_or_an_index(self, library):
        seqs = EventSequences.from_frame(library(self.LOG), entity=["card", "shop"], time="t")
        asked = {"card": ["b", "a"], "shop": [2, 10]}
        index = pd.MultiIndex.from_arrays([asked["card"], asked["shop"]])
        tuples = [("b", 2), ("a", 10)]
        for entities in (library(asked), index, tuples, objects(tuples)):
            view = seqs.as_of(entities, 100)
            assert view.entity_ids.tolist() == tuples
            assert view.lengths.tolist() == [2, 1]

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_are_taken_from_a_frame_by_name(self, library):
        seqs = EventSequences.from_frame(pd.DataFrame(self.LOG), entity=["card", "shop"], time="t")
        asked = {"amount": [0, 0], "shop": [2, 10], "card": ["b", "a"]}
        view = seqs.as_of(library(asked), 100)
        assert view.entity_ids.tolist() == [("b", 2), ("a", 10)]
        index = pd.MultiIndex.from_arrays([[2], ["b"]], names=["shop", "card"])
        assert seqs.as_of(index, 100).lengths.tolist() == [2]
        with pytest.raises(ValueError, match=r"needs \['shop'\], and has \['card'\]"):
            seqs.as_of(library({"card": ["a"]}), 100)
        of_one = EventSequences.from_frame(pd.DataFrame(self.LOG), entity="card", time="t")
        assert of_one.as_of(library(asked), 100).entity_ids.tolist() == ["b", "a"]

    def test_come_back_as_columns(self):
        seqs = EventSequences.from_frame(pd.DataFrame(self.LOG), entity=["card", "shop"], time="t")
        frame = seqs.to_frame()
        assert list(frame) == ["card", "shop", "time", "x"]
        assert list(zip(frame["card"], frame["shop"], strict=True)) == [
            *self.IDS[:2],
            *([self.IDS[2]] * 2),
            self.IDS[3],
        ]
        assert frame["shop"].dtype == np.int64
        again = EventSequences.from_frame(frame, entity=["card", "shop"], time="time")
        assert again.entity_ids.tolist() == self.IDS
        assert seqs[:0].to_frame().shape == (0, 4)

    def test_name_the_rows_of_features(self):
        seqs = EventSequences.from_frame(pd.DataFrame(self.LOG), entity=["card", "shop"], time="t")
        assert seqs.row_index().names == ["card", "shop"]
        assert seqs.row_index().tolist() == self.IDS
        assert seqs.each_event().row_index().names == ["card", "shop", "t"]
        back = pickle.loads(pickle.dumps(seqs))
        assert back.row_index().equals(seqs.row_index())

    @pytest.mark.parametrize("asked", [["a"], [("a", 9, 1)], ("a", 9), pd.Series(["a"])])
    def test_are_asked_for_by_all_their_parts(self, asked):
        seqs = EventSequences.from_frame(pd.DataFrame(self.LOG), entity=["card", "shop"], time="t")
        with pytest.raises(ValueError, match=r"named by \['card', 'shop'\] must be tuples of 2"):
            seqs.as_of(asked, 100)

    def test_that_differ_stay_two(self):
        frame = pd.DataFrame({"a": objects([BIG, BIG + 1]), "b": ["x", "x"], "v": 1.0})
        seqs = EventSequences.from_frame(frame, entity=["b", "a"])
        assert seqs.entity_ids.tolist() == [("x", BIG), ("x", BIG + 1)]

    def test_one_of_which_is_missing_names_its_column(self):
        frame = pd.DataFrame({**self.LOG, "shop": [1, 2, None, 4, 5]})
        with pytest.raises(ValueError, match="column 'shop' names no entity in row 2"):
            EventSequences.from_frame(frame, entity=["card", "shop"])

    @pytest.mark.parametrize("entity", [[], ["card", "card"], ()])
    def test_that_are_no_distinct_names(self, entity):
        with pytest.raises(ValueError, match=r"entity must be .* got "):
            EventSequences.from_frame(pd.DataFrame(self.LOG), entity=entity)

    def test_of_records(self):
        records = [
            dict(zip(self.LOG, row, strict=True)) for row in zip(*self.LOG.values(), strict=True)
        ]
        seqs = EventSequences.from_records(records, entity=["card", "shop"], time="t")
        assert seqs.entity_ids.tolist() == self.IDS
        one = EventSequences.from_records(records[:1], entity=["card", "shop"], time="t", like=seqs)
        assert one.entity_ids.tolist() == [("b", 2)]


@pytest.mark.parametrize("n", [0, 1, 3])
def test_shuffled_sorted_and_chunked_columns_have_the_codes_of_one(n):
    rng = np.random.default_rng(n)
    ids = rng.integers(0, 500, 5_000) * 10**n * (n > 0 or 1)
    for labels in (ids, np.sort(ids), ids.astype(str), np.sort(ids.astype(str))):
        values = pd.Series(labels.tolist())
        expected, distinct = pd.factorize(values, sort=True)
        pieces = [pa.array(values[k : k + 700]) for k in range(0, 5_000, 700)]
        for frame in (
            pd.DataFrame({"e": values}),
            pd.DataFrame({"e": values.astype(object)}),
            pl.DataFrame({"e": values.tolist()}),
            pa.table({"e": pa.chunked_array(pieces)}),
            pa.table({"e": pa.chunked_array([p.dictionary_encode() for p in pieces])}),
            pa.table({"e": pa.chunked_array(pieces)}).slice(0, 5_000),
        ):
            seqs = EventSequences.from_frame(frame, entity="e", fields=[])
            assert seqs.entity_ids.tolist() == distinct.tolist()
            assert seqs.frame_rows.tolist() == np.argsort(expected, kind="stable").tolist()


@pytest.mark.parametrize("n", range(13, 19))
def test_text_of_any_length_is_told_apart_by_its_last_sign(n):
    signs = [chr(k) for k in range(128)]
    values = [(n - 1) * "x" + sign for sign in signs] + [n * "x" + signs[0]]
    codes, distinct = codes_of(pd.Series(values[::-1]), "ids")
    assert distinct.tolist() == sorted(values)
    assert distinct[codes].tolist() == values[::-1]


@pytest.mark.parametrize("n_threads", [1, 2, 3])
@pytest.mark.parametrize("kind", ["integers", "small range", "short text", "long text", "objects"])
def test_parts_that_threads_number_have_the_codes_of_one(kind, n_threads, monkeypatch):
    def parts_of(n_rows):
        bounds = [n_rows * k // n_threads for k in range(n_threads + 1)]
        return list(itertools.pairwise(bounds))

    monkeypatch.setattr(_numbering, "parts_of", parts_of)
    rng = np.random.default_rng(n_threads)
    ids = np.concatenate((rng.integers(0, 900, 3_000), rng.integers(500, 1500, 3_000)))
    make = {
        "integers": lambda k: k * -(2**40),
        "small range": int,
        "short text": "é{}".format,
        "long text": "a customer of the shop in the {}th street".format,
        "objects": lambda k: ("a", k),
    }[kind]
    values = object_array([make(k) for k in ids.tolist()])
    distinct = sorted(set(values))
    places = {value: place for place, value in enumerate(distinct)}
    codes, found = codes_of(pd.Series(values, dtype=object), "ids")
    assert found.tolist() == distinct
    assert codes.tolist() == [places[value] for value in values]
    codes, found = codes_of(values, "ids", ordered=False)
    assert sorted(found.tolist()) == distinct
    assert [found.tolist()[code] for code in codes] == values.tolist()


@pytest.mark.parametrize(
    "entity",
    [None, [], ["card", "card"], ["card", None], np.array(["card"]), pd.Index(["card"]), {"card"}],
    ids=repr,
)
def test_what_is_no_name_of_a_column_is_refused(entity):
    log = pd.DataFrame({"card": [1], "x": [1.0]})
    with pytest.raises(ValueError, match="entity must be the name of a column, or a list of diff"):
        EventSequences.from_frame(log, entity=entity)
    with pytest.raises(ValueError, match="entity must be the name of a column, or a list of diff"):
        EventSequences.from_records(log.to_dict("records"), entity=entity)
