import datetime
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from sktemporal import EventSequences, StatisticalFeatures
from sktemporal.exceptions import DefaultFieldsWarning
from sktemporal.sequences import as_sequences, values_as_codes

NAN = np.nan


class Estimator(StatisticalFeatures):
    """What the gate writes to."""


def read(X):
    return as_sequences(X, Estimator(), reset=True)


def test_sequences_come_through_as_they_are():
    seqs = EventSequences(np.ones((2, 1)), [0], [2], codes=[[1], [2]], categorical_fields=["k"])
    estimator = Estimator()
    assert as_sequences(seqs, estimator, reset=True) is seqs
    assert estimator.n_features_in_ == 1
    assert estimator.categorical_feature_names_in_.tolist() == ["k"]
    assert not hasattr(estimator, "feature_names_in_")


@pytest.mark.parametrize("as_type", [np.asarray, np.float32, np.ndarray.tolist, np.ma.asarray])
def test_three_dimensions_are_entities_steps_and_fields(as_type):
    X = np.array([[[1.0, NAN], [NAN, NAN], [3.0, 4.0]], [[NAN, NAN], [5.0, 6.0], [NAN, NAN]]])
    seqs = read(as_type(X))
    n_events = 6 if as_type is np.ma.asarray else 4  # a masked array says itself what is padding
    assert (seqs.shape[2], seqs.n_events) == (2, n_events)
    rows, _ = seqs.event_rows()
    assert_array_equal(np.nansum(seqs.values[rows], axis=0), [9.0, 10.0])


def test_two_dimensions_are_one_event_an_entity_or_none_where_all_is_missing():
    seqs = read(np.array([[1.0, NAN], [NAN, NAN], [3, 4]]))
    assert (seqs.stops - seqs.starts).tolist() == [1, 0, 1]
    assert_array_equal(seqs.to_padded().numerical[[0, 2], 0], [[1.0, NAN], [3.0, 4.0]])


def test_what_is_masked_out_of_a_table_is_missing():
    X = np.ma.array([[1.0, np.inf], [2.0, 3.0]], mask=[[0, 1], [1, 1]])
    seqs = read(X)
    assert (seqs.stops - seqs.starts).tolist() == [1, 0]
    assert_array_equal(seqs.to_padded().numerical[0, 0], [1.0, NAN])


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_frames_bring_names(library):
    estimator = Estimator()
    seqs = as_sequences(library({"a": [1.0, 2.0], "b": [3, 4]}), estimator, reset=True)
    assert seqs.fields == ("a", "b")
    assert estimator.feature_names_in_.tolist() == ["a", "b"]
    assert seqs.values.tolist() == [[1.0, 3.0], [2.0, 4.0]]


def test_float32_tables_stay_float32():
    assert read(np.ones((2, 2), dtype=np.float32)).values.dtype == np.float32


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.array([[[1.0], [np.inf]]]), "infinity: entity 0, event 1, field 'x0'"),
        (np.array([[1.0, np.inf]]), "infinity"),
        (np.array([1.0, 2.0]), "Expected 2D array, got 1D"),
        (np.ones((1, 1, 1, 1)), "dim 4|expected <= 2"),
        (np.array([["a"]]), "could not convert string"),
        (np.array([[["a"]]]), "numerical must be .* got 3 dimensions of <U1"),
        (np.ones((2, 2)) * 1j, "Complex data not supported"),
        (np.ones((0, 2)), "0 sample"),
    ],
)
def test_what_is_no_input_is_a_value_error(X, message):
    with pytest.raises(ValueError, match=message):
        read(X)


LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
every_library = pytest.mark.parametrize("library", LIBRARIES.values(), ids=list(LIBRARIES))
DAYS = [datetime.datetime(2026, 1, day) for day in (1, 2, 3)]


@every_library
@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize(
    ("log", "found", "meant"),
    [
        (
            {"shop": ["x", "y", "x"], "card_id": ["b", "a", "b"], "at": DAYS, "amount": [1, 2, 3]},
            "text in 'shop', text in 'card_id', times in 'at'",
            "entity='card_id', time='at'",
        ),
        ({"at": DAYS, "amount": [1.0, 2.0, 3.0]}, "times in 'at'", "entity=..., time='at'"),
        (
            {"card": ["b", "a", "b"], "created_at": ["2026-01-01", "2026-01-02", "now"]},
            "text in 'card', text in 'created_at'",
            "entity='card', time='created_at'",
        ),
        (
            {"amount": [1.0, 2.0, 3.0], "userId": [7, 5, 7], "timestamp": [1, 2, 3]},
            "ids that repeat in 'userId', moments in 'timestamp'",
            "entity='userId', time='timestamp'",
        ),
    ],
)
def test_logs_are_refused_with_the_call_that_is_meant(library, log, found, meant, reset):
    estimator = Estimator().fit(np.ones((2, 4)))
    message = rf"X is a frame with {found}\. .*log.*EventSequences.from_frame\(X, {meant}\)"
    with pytest.raises(ValueError, match=message):
        as_sequences(library(log), estimator, reset=reset)


@pytest.mark.parametrize(
    "column",
    [
        pd.Categorical(["a", "b", "a"]),
        pd.to_timedelta([1, 2, 3], unit="s"),
        pd.to_datetime(DAYS).tz_localize("Europe/Amsterdam"),
        pd.array([1.5, "text", None], dtype=object),
        pd.array([day.date() for day in DAYS], dtype=object),
        pd.array(DAYS, dtype=object),
        pd.array([b"1", None, 2], dtype=object),
        pd.array([{"a": 1}, None, 2], dtype=object),
        pd.Series([[1.0], [2.0, 3.0], None]),
    ],
    ids=lambda column: str(column.dtype),
)
def test_every_kind_of_column_that_holds_no_numbers_is_named(column):
    with pytest.raises(ValueError, match=r"X is a frame with [a-z]+ in 'k'\. .*from_frame\("):
        read(pd.DataFrame({"x": [1.0, 2.0, 3.0], "k": column}))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"grid": [1, 1, 2], "time": [1.0, 2.0, 3.0]}),
        pd.DataFrame({0: [1, 2, 3], 1: pd.array([True, None, False], dtype="boolean")}),
        pd.DataFrame({"x": [1, None, 2.5]}, dtype=object),
        pl.DataFrame({"x": [1, None, 3], "nothing": [None, None, None]}),
        pl.DataFrame({"x": [1, None, 3], "nothing": pl.Series([None] * 3, dtype=pl.String)}),
        pa.table({"x": [1, 2, 3], "y": pa.array([1.0, None, 3.0])}),
    ],
)
def test_tables_of_numbers_are_no_logs(frame):
    if isinstance(frame, pd.DataFrame):
        frame = frame.rename(columns=str)
    assert len(read(frame)) == 3


@every_library
def test_lists_of_events_are_to_be_one_row_each(library):
    with pytest.raises(ValueError, match=r"lists in 'amounts'.*one row an event, and not lists"):
        read(library({"n": [1, 2], "amounts": [[1.0], [2.0, 3.0]]}))


def test_few_columns_are_named():
    with pytest.raises(ValueError, match=r"text in 'c3', text in 'c4' and 15 more\. "):
        read(pd.DataFrame({f"c{k}": ["a"] for k in range(20)}))


def test_ids_and_labels_in_a_table_are_warned_of_in_fit_unless_fields_are_named():
    table = pd.DataFrame({"region_id": [1, 1, 2], "x": [1.0, 2.0, 3.0], "is_fraud": [0, 1, 0]})
    estimator = Estimator()
    message = r"'region_id' for ids and 'is_fraud' for labels.*fields=\['x'\]"
    with pytest.warns(DefaultFieldsWarning, match=message) as caught:
        estimator.fit(table)
    assert [warning.filename for warning in caught] == [__file__]
    estimator.transform(table)
    Estimator(fields=["x", "is_fraud"]).fit(table)


def test_records_and_lazy_frames_are_refused():
    with pytest.raises(ValueError, match=r"list of records.*EventSequences.from_records\(X, "):
        read([{"card": "a", "amount": 1.0}])
    with pytest.raises(ValueError, match="X is lazy"):
        read(pl.LazyFrame({"x": [1.0]}))


def test_sparse_tables_are_a_type_error():
    with pytest.raises(TypeError, match=r"[Ss]parse"):
        read(sparse.csr_array(np.ones((2, 2))))


def named(*fields, categorical=()):
    return EventSequences(
        np.ones((1, len(fields))),
        [0],
        [1],
        codes=np.ones((1, len(categorical)), dtype=int),
        fields=fields,
        categorical_fields=categorical,
    )


@pytest.mark.parametrize(
    ("fitted", "given", "message"),
    [
        (named("a", "b"), named("a"), "X has 1 features, but Estimator is expecting 2"),
        (named("a", "b"), named("b", "a"), "fitted on ['a', 'b']; X has ['b', 'a']"),
        (named("a"), named("b"), "fitted on ['a']; X has ['b']"),
        (named("a", categorical=["k"]), named("a"), "fitted on ['k']; X has []"),
        (named("a"), named("a", categorical=["k"]), "fitted on []; X has ['k']"),
        (np.ones((2, 3, 2)), np.ones((2, 3, 3)), "X has 3 features, but Estimator is expecting 2"),
        (np.ones((2, 2)), np.ones((2, 3, 3)), "X has 3 features, but Estimator is expecting 2"),
    ],
)
def test_other_fields_than_in_fit_are_an_error(fitted, given, message):
    estimator = Estimator()
    as_sequences(fitted, estimator, reset=True)
    with pytest.raises(ValueError, match=re.escape(message)):
        as_sequences(given, estimator, reset=False)


@pytest.mark.parametrize(
    ("fitted", "given", "message"),
    [
        (named("a"), np.ones((1, 1, 1)), "X has no field names, but Estimator was fitted with"),
        (np.ones((1, 1, 1)), named("a"), "X has field names, but Estimator was fitted without"),
    ],
)
def test_names_on_one_side_alone_warn(fitted, given, message):
    estimator = Estimator()
    as_sequences(fitted, estimator, reset=True)
    with pytest.warns(UserWarning, match=message):
        as_sequences(given, estimator, reset=False)


def test_refitting_without_names_forgets_them():
    estimator = Estimator().fit(named("a"))
    estimator.fit(np.ones((1, 1, 1)))
    assert not hasattr(estimator, "feature_names_in_")
    assert estimator.get_feature_names_out()[0] == "count_x0"


def test_values_as_codes():
    seqs = EventSequences([[9.5, NAN], [0.0, -3.0], [-0.0, -3.0], [2.5, 7.0]], [0], [4])
    coded = values_as_codes(seqs)
    a, b = coded.codes.T
    assert (a != 0).tolist() == [True, False, False, True]
    assert (b != 0).tolist() == [False, True, True, True]
    assert a[0] != a[3]
    assert b[1] == b[2] != b[3]
    assert coded.categorical_fields == ("x0", "x1")
