import datetime
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sktemporal import EventSequences
from sktemporal.exceptions import DefaultFieldsWarning, InexactIntegerWarning, MixedTypesWarning

LARGE = 2**53


def values_of(column, **parameters):
    """The field `x` of a log of one entity, from a frame's column or the frame."""
    frame = column if hasattr(column, "columns") else {"x": column}
    if isinstance(frame, dict):
        frame = pd.DataFrame(frame)
    n = len(frame)
    if isinstance(frame, pd.DataFrame):
        frame = frame.assign(e=0)
    elif isinstance(frame, pl.DataFrame):
        frame = frame.with_columns(pl.lit(0).alias("e"))
    else:
        frame = frame.append_column("e", pa.array([0] * n))
    seqs = EventSequences.from_frame(frame, entity="e", **parameters)
    assert seqs.fields == ("x",)
    return seqs.values[:, 0]


def objects(values):
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def arrow_backed(values, kind):
    return pd.array(pa.array(values, kind), dtype=pd.ArrowDtype(kind))


HALVES = pa.array(np.float16([1, 2, 3.5]), mask=np.array([False, True, False]))
KINDS = {
    "sparse": (pd.arrays.SparseArray([1.0, np.nan, 0.0]), [1, np.nan, 0]),
    "sparse ints": (pd.arrays.SparseArray([1, 0, 5]), [1, 0, 5]),
    "sparse bools": (pd.arrays.SparseArray([True, False]), [1, 0]),
    "big-endian floats": (np.array([1.5, np.nan], ">f8"), [1.5, np.nan]),
    "big-endian ints": (np.array([1, -2], ">i4"), [1, -2]),
    "big-endian long ints": (np.array([1, -2], ">i8"), [1, -2]),
    "long doubles": (np.array([0.1, np.nan], np.longdouble), [np.float64(0.1), np.nan]),
    "half floats": (np.float16([0.1, np.nan]), [float(np.float16(0.1)), np.nan]),
    "bytes": (np.array([-128, 127], np.int8), [-128, 127]),
    "unsigned": (np.array([2**32 - 1, 0], np.uint32), [2**32 - 1, 0]),
    "bools": (np.array([True, False]), [1, 0]),
    "masked ints": (pd.array([1, None, 3], dtype="UInt16"), [1, np.nan, 3]),
    "masked long ints": (pd.array([-LARGE, None], dtype="Int64"), [-LARGE, np.nan]),
    "masked floats": (pd.array([0.5, None], dtype="Float64"), [0.5, np.nan]),
    "masked bools": (pd.array([True, None, False], dtype="boolean"), [1, np.nan, 0]),
    "NA as objects": (objects([1, pd.NA, 2.5]), [1, np.nan, 2.5]),
    "objects of bools": (objects([True, None, np.bool_(False)]), [1, np.nan, 0]),
    "objects of decimals": (
        objects([Decimal("3.30"), Decimal("NaN"), Decimal("sNaN"), None, Decimal("0.1")]),
        [3.3, np.nan, np.nan, np.nan, 0.1],
    ),
    "objects, mixed": (
        objects([Decimal("3.30"), Fraction(1, 3), np.float32(0.1), 7, np.int8(-3)]),
        [3.3, 1 / 3, float(np.float32(0.1)), 7, -3],
    ),
    "Arrow decimals in pandas": (
        arrow_backed([Decimal("3.30"), None], pa.decimal128(9, 2)),
        [3.3, np.nan],
    ),
    "Arrow half floats in pandas": (
        pd.array(HALVES, dtype=pd.ArrowDtype(pa.float16())),
        [1, np.nan, 3.5],
    ),
    "Arrow bools in pandas": (arrow_backed([True, None], pa.bool_()), [1, np.nan]),
    "Arrow ints in pandas": (arrow_backed([7, None], pa.int64()), [7, np.nan]),
    "Arrow": (pa.table({"x": pa.chunked_array([[1, 2], [None, 4]])}), [1, 2, np.nan, 4]),
    "Arrow, sliced": (pa.table({"x": pa.array([9, 1, None, 3, 9])}).slice(1, 3), [1, np.nan, 3]),
    "Arrow half floats": (pa.table({"x": HALVES}), [1, np.nan, 3.5]),
    "Arrow bools": (pa.table({"x": pa.array([True, None, False])}), [1, np.nan, 0]),
    "Arrow bools, sliced": (pa.table({"x": [True] * 9 + [False, None]}).slice(8), [1, 0, np.nan]),
    "Arrow runs": (
        pa.table({"x": pa.RunEndEncodedArray.from_arrays([2, 3], pa.array([1.5, 0.0]))}),
        [1.5, 1.5, 0],
    ),
    "polars": (pl.DataFrame({"x": [1, None, 3]}), [1, np.nan, 3]),
    "polars, chunks": (
        pl.concat([pl.DataFrame({"x": [1, 2]}), pl.DataFrame({"x": [3]})], rechunk=False),
        [1, 2, 3],
    ),
    "polars bools": (pl.DataFrame({"x": [True, None]}), [1, np.nan]),
    "polars 128 bits": (pl.DataFrame({"x": pl.Series([5, None], dtype=pl.Int128)}), [5, np.nan]),
    "polars decimals": (pl.DataFrame({"x": [Decimal("3.30"), None]}), [3.3, np.nan]),
    "polars objects": (
        pl.DataFrame({"x": pl.Series([1, 2.5, None], dtype=pl.Object)}),
        [1, 2.5, np.nan],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_numeric_is_read(kind):
    column, expected = KINDS[kind]
    assert_array_equal(values_of(column), np.array(expected, dtype=float))


DECIMALS = {
    "pandas": lambda values, kind: pd.DataFrame({"x": objects(values)}),
    "arrow_backed": lambda values, kind: pd.DataFrame({"x": arrow_backed(values, kind)}),
    "pyarrow": lambda values, kind: pa.table({"x": pa.array(values, kind)}),
    "polars": lambda values, kind: pl.DataFrame(
        {"x": pl.Series(values, dtype=pl.Decimal(38, kind.scale))}
    ),
}


@pytest.mark.parametrize("library", DECIMALS)
@given(
    st.integers(0, 25).flatmap(
        lambda scale: st.lists(
            st.none()
            | st.integers(-(10**30) + 1, 10**30 - 1)
            | st.integers(-(10**15), 10**15)
            | st.sampled_from([330, 2**53, 2**53 + 1, -(2**63), 2**63, 2**64 + 5, 0]),
            min_size=1,
        ).map(
            lambda digits: (
                [None if d is None else Decimal(d).scaleb(-scale) for d in digits]
                + [Decimal(1).scaleb(-scale)]
            )
        )
    )
)
def test_decimals_become_the_nearest_float(library, decimals):
    scale = -decimals[-1].as_tuple().exponent
    frame = DECIMALS[library](decimals, pa.decimal128(38, scale))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InexactIntegerWarning)
        values = values_of(frame, fields=["x"])
    expected = [np.nan if d is None else float(Fraction(d)) for d in decimals]
    assert_array_equal(values, expected)


@pytest.mark.parametrize(
    "kind",
    [
        pa.decimal32(5, 2),
        pa.decimal64(9, 2),
        pa.decimal128(38, 30),
        pa.decimal256(60, 2),
        pa.decimal128(5, -2),
    ],
)
def test_decimals_of_any_width(kind):
    held = [Decimal("3.30") if kind.scale > 0 else Decimal("300"), None]
    values = values_of(pa.table({"x": pa.array(held, kind)}))
    assert_array_equal(values, [float(held[0]), np.nan])


@pytest.mark.parametrize(
    "column",
    [
        pd.Categorical([7, None, LARGE - 1]),
        pa.table({"x": pa.array([7, None, LARGE - 1]).dictionary_encode()}),
    ],
)
def test_categories_that_are_numbers_can_be_chosen_as_a_field(column):
    values = values_of(column, fields="x", categorical_fields=())
    assert_array_equal(values, [7, np.nan, LARGE - 1])


INEXACT = {
    "ints": np.array([1, LARGE, LARGE + 1, LARGE + 2, -LARGE - 3]),
    "unsigned": np.array([1, LARGE, LARGE + 1, 2**64 - 2048, 2**64 - 1], dtype=np.uint64),
    "masked": pd.array([1, None, LARGE + 1, LARGE + 2, LARGE + 3], dtype="Int64"),
    "Arrow": arrow_backed([1, None, LARGE + 1, LARGE + 2, LARGE + 3], pa.int64()),
    "objects": objects([1, None, LARGE + 1, LARGE + 2, -(2**90) - 1]),
    "decimals": objects([Decimal("3.30"), None, Decimal(LARGE + 1), 2.0**60, Decimal(10**17 + 1)]),
    "Arrow decimals": arrow_backed(
        [Decimal(n) if n else None for n in (1, 0, LARGE + 1, 10**17, 10**17 + 1)],
        pa.decimal128(38, 0),
    ),
    "polars": pl.DataFrame({"x": [1, None, LARGE + 1, LARGE + 2, LARGE + 3]}),
    "polars, 128 bits": pl.DataFrame(
        {"x": pl.Series([1, None, LARGE + 1, 2**90, 2**90 + 1], dtype=pl.Int128)}
    ),
    "long doubles": np.longdouble([0.1, 1e300, 2**53, 2**60, 5]) + [0, 0, 1, 1, 0],
}


@pytest.mark.parametrize("kind", INEXACT)
def test_integers_that_are_no_floats_are_counted(kind):
    message = rf"'x' has 2 integers .* row 2 has {LARGE + 1}(\.0)?, which becomes {LARGE}\."
    with pytest.warns(InexactIntegerWarning, match=message) as caught:
        values = values_of(INEXACT[kind])
    assert values[2] == LARGE
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("integer", [LARGE + 1, -LARGE - 1])
def test_the_first_integer_that_is_no_float_is_told_on_either_side(integer):
    for column in (np.array([1, integer]), pd.array([1, integer]), pa.array([1, integer])):
        frame = pa.table({"x": column}) if isinstance(column, pa.Array) else column
        with pytest.warns(InexactIntegerWarning, match=rf"has 1 integers .* row 1 has {integer},"):
            values_of(frame)


def test_what_lies_below_a_null_is_not_spoken_of():
    data = pa.array([1, LARGE + 1, 3]).buffers()[1]
    column = pa.Array.from_buffers(pa.int64(), 3, [pa.py_buffer(bytes([0b101])), data])
    assert_array_equal(values_of(pa.table({"x": column})), [1, np.nan, 3])


def test_integers_that_are_floats_are_not():
    exact = [LARGE, -LARGE, 2**62, 2**63 - 1024]
    assert values_of(np.array(exact)).tolist() == exact
    assert values_of(objects([*exact, 10**22])).tolist() == [*exact, 10**22]
    rest = values_of(pa.table({"x": pa.array([2**63 - 1, 5]).slice(1)}))
    assert rest.tolist() == [5]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (objects([1, 10**400]), "field 'x' must fit float64, .*; row 1 has 1000"),
        (objects([1, Decimal("-1e400")]), r"field 'x' must fit float64, .*; row 1 has -1E\+400"),
        (np.array([0.5, 2], np.longdouble) ** 2000, "field 'x' must fit float64, .*; row 1 has "),
        (objects([1, float("inf")]), "infinity: field 'x', row 1"),
        (objects([1, Decimal("-Infinity")]), "infinity: field 'x', row 1"),
        (np.array([0, np.inf], ">f8"), "infinity: field 'x', row 1"),
        (np.array([0, np.inf], np.float16), "infinity: field 'x', row 1"),
    ],
)
def test_what_no_float_can_hold_is_an_error(column, message):
    with pytest.raises(ValueError, match=message):
        values_of(column)


MAP = pa.map_(pa.string(), pa.int8())
LEFT_OUT = {
    "timedeltas": (pd.to_timedelta([1, 2], unit="s"), "timedelta64"),
    "datetimes": (pd.to_datetime(["2026-01-01"] * 2), "datetime64"),
    "zoned": (pd.to_datetime(["2026-01-01"] * 2, utc=True), "UTC"),
    "periods": (pd.period_range("2026", periods=2, freq="Y"), "period"),
    "complex": (np.array([1j, 2]), "complex128"),
    "lists": ([[1], [2]], "object: list"),
    "dicts": ([{"a": 1}, None], "object: dict"),
    "binary": ([b"a", b"b"], "object: bytes"),
    "dates": ([datetime.date(2026, 1, 1), None], "object: date"),
    "nothing": (objects([None, None]), "object: nothing"),
    "Arrow lists": (arrow_backed([[1], [2]], pa.list_(pa.int64())), "list"),
    "Arrow binary": (arrow_backed([b"a", b"b"], pa.binary()), "binary"),
    "polars durations": (pl.DataFrame({"y": [datetime.timedelta(1)] * 2}), "duration"),
    "polars structs": (pl.DataFrame({"y": [{"a": 1}, {"a": 2}]}), "struct"),
    "polars times": (pl.DataFrame({"y": [datetime.time(1)] * 2}), "time64"),
    "polars nulls": (pl.DataFrame({"y": [None, None]}), "null"),
    "pyarrow nulls": (pa.table({"y": pa.nulls(2)}), "null"),
    "pyarrow maps": (pa.table({"y": pa.array([[("a", 1)]] * 2, MAP)}), "map"),
}


def log_of(column):
    if isinstance(column, pl.DataFrame):
        return column.with_columns(pl.Series("e", [1, 2]), pl.Series("x", [3, 4]))
    if isinstance(column, pa.Table):
        return column.append_column("e", pa.array([1, 2])).append_column("x", pa.array([3, 4]))
    return pd.DataFrame({"y": column, "e": [1, 2], "x": [3, 4]})


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_what_can_be_no_field_is_named_where_fields_are_chosen_by_default(kind):
    column, name = LEFT_OUT[kind]
    frame = log_of(column)
    with pytest.warns(
        DefaultFieldsWarning, match=rf"no fields by default.*'y' \(.*{name}"
    ) as caught:
        seqs = EventSequences.from_frame(frame, entity="e")
    assert (seqs.fields, seqs.categorical_fields) == (("x",), ())
    assert [warning.filename for warning in caught] == [__file__]
    EventSequences.from_frame(frame, entity="e", fields=["x"])  # chosen: nothing to say


def test_numbers_mixed_with_text_are_named():
    frame = pd.DataFrame({"e": [1, 1, 2], "amount": objects([1.5, None, "n/a"])})
    with (
        pytest.warns(DefaultFieldsWarning, match=r"numbers and text: 'amount' \(row 2 has 'n/a'"),
        pytest.warns(MixedTypesWarning, match="'amount' holds labels of several types"),
    ):
        EventSequences.from_frame(frame, entity="e")
    with pytest.raises(ValueError, match="'amount' must hold numbers; row 2 has 'n/a' of type str"):
        EventSequences.from_frame(frame, entity="e", fields=["amount"])


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame([[1, 2, 3.0]], columns=["e", "x", "x"]),
        pa.table([[1], [2], [3.0]], names=["e", "x", "x"]),
    ],
)
def test_columns_of_one_name_are_an_error(frame):
    with pytest.raises(ValueError, match="columns of frame must have different names"):
        EventSequences.from_frame(frame, entity="e")


def test_names_that_are_not_strings():
    frame = pd.DataFrame({"e": [1, 1], 0: [1.0, 2.0], "x": [3.0, 4.0]})
    with pytest.raises(ValueError, match=r"names of fields must be strings; column 0 has .* int"):
        EventSequences.from_frame(frame, entity="e")
    assert EventSequences.from_frame(frame, entity="e", fields="x").values.tolist() == [[3], [4]]
    seqs = EventSequences.from_frame(frame, entity="x", time=None, fields=["e"])
    assert seqs.entity_ids.tolist() == [3, 4]
    assert EventSequences.from_frame(frame, entity=0, fields=["x"]).entity_ids.tolist() == [1, 2]


@pytest.mark.parametrize("integer", [int, np.int64, np.uint64])
def test_integers_among_objects_are_compared_as_integers(integer):
    column = pd.Series([integer(2**53 + 1), 0.5, None], dtype=object)
    frame = pd.DataFrame({"e": 1, "x": column})
    with pytest.warns(InexactIntegerWarning, match="row 0 has 9007199254740993"):
        seqs = EventSequences.from_frame(frame, entity="e", fields=["x"])
    np.testing.assert_array_equal(seqs.values.ravel(), [2.0**53, 0.5, np.nan])
