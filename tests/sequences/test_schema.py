"""Frames read like what was fitted: names, kinds and codes of the training."""

import datetime
import decimal
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline

from sktemporal import (
    CategoricalFeatures,
    EventSequences,
    LagFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    make_temporal_pipeline,
    prepare,
)
from sktemporal.io import load_pipeline, save_pipeline

LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
every_library = pytest.mark.parametrize("library", LIBRARIES.values(), ids=list(LIBRARIES))

LOG = {
    "card": ["a", "a", "b", "b", "c", "c"],
    "amount": [1.0, 2.0, None, 4.0, 5.0, 8.0],
    "items": [1, 2, 3, 4, 5, 6],
    "shop": ["x", "z", None, "x", "y", "x"],
    "channel": ["web", "pos", "web", "web", "pos", "pos"],
}
TRAIN = EventSequences.from_frame(pd.DataFrame(LOG), entity="card")
NEW = {"card": ["d", "d"], "amount": [7.0, 9.0], "items": [1, 2], "shop": ["z", "x"]}


def like_train(frame, like=TRAIN, **parameters):
    return EventSequences.from_frame(frame, entity="card", like=like, **parameters)


FITTED = {
    "sequences": TRAIN,
    "view": TRAIN.tail(1)[1:],
    "pipeline": make_temporal_pipeline(windows=(2,), lags=(1,)).fit(TRAIN),
    "prepared": prepare(make_temporal_pipeline(windows=(2,), lags=(1,)).fit(TRAIN)),
    "union": TemporalFeatureUnion(
        [("lag", LagFeatures(lags=(1,))), ("k", CategoricalFeatures())]
    ).fit(TRAIN),
    "family": CategoricalFeatures().fit(TRAIN),
    "sklearn": make_pipeline(
        FeatureUnion([("lag", LagFeatures(lags=(1,))), ("k", CategoricalFeatures())]), Ridge()
    ).fit(TRAIN, [1.0, 2.0, 3.0]),
    "target": TransformedTargetRegressor(make_pipeline(CategoricalFeatures(), Ridge())).fit(
        TRAIN, [1.0, 2.0, 3.0]
    ),
    "search": GridSearchCV(
        make_pipeline(
            TemporalFeatureUnion([("lag", LagFeatures()), ("k", CategoricalFeatures())]), Ridge()
        ),
        {"temporalfeatureunion__lag__lags": [(0,), (1,)]},
        cv=2,
        scoring="neg_mean_absolute_error",
    ).fit(TRAIN, [1.0, 2.0, 3.0]),
}


@every_library
@pytest.mark.parametrize("like", FITTED)
def test_names_kinds_and_codes_are_those_of_the_training(library, like):
    frame = {"note": [1, 2], "channel": ["pos", "app"], **dict(reversed(NEW.items()))}
    seqs = like_train(library(frame), FITTED[like])
    assert seqs.fields == ("amount", "items")
    assert seqs.categorical_fields == ("shop", "channel")
    assert_array_equal(seqs.values, [[7, 1], [9, 2]])
    assert seqs.categories == (("x", "y", "z"), ("pos", "web", "app"))
    assert seqs.codes.tolist() == [[3, 1], [1, 3]]


def test_without_known_categories_those_of_the_frame_are_coded():
    family = LagFeatures(lags=(1,)).fit(TRAIN)
    seqs = like_train(pd.DataFrame({**NEW, "channel": ["web", "app"]}), family)
    assert seqs.categories == (("x", "z"), ("app", "web"))


@pytest.mark.parametrize("how", ["pickle", "skops"])
def test_what_was_saved_knows_them_too(how, tmp_path):
    pipeline = FITTED["pipeline"]
    if how == "pickle":
        loaded = pickle.loads(pickle.dumps(pipeline))
    else:
        save_pipeline(pipeline, tmp_path / "p.skops")
        loaded = load_pipeline(tmp_path / "p.skops")
    frame = pd.DataFrame({**NEW, "channel": ["web", "app"]})
    seqs, expected = like_train(frame, loaded), like_train(frame, pipeline)
    assert seqs.categories == expected.categories == (("x", "y", "z"), ("pos", "web", "app"))
    assert_array_equal(seqs.codes, expected.codes)


@pytest.mark.parametrize(
    "categories",
    [
        ["a", "b\0", "a\0"],
        ["a" * 1000, "b"],
        [1, 2, 2**40],
        [2**70, 1],
        [1, "1", 2.5, True],
        [False, True],
        [0.1, np.float64(0.2)],
        [],
        None,
    ],
    ids=repr,
)
def test_categories_of_every_plain_type_come_back(categories, tmp_path):
    seqs = EventSequences([[1.0]], [0], [1], codes=[[0]], fields=["a"], categories=[categories])
    family = CategoricalFeatures().fit(seqs)
    save_pipeline(family, tmp_path / "f.skops")
    loaded = load_pipeline(tmp_path / "f.skops")
    frame = pd.DataFrame({"card": ["a"], "a": [1.0], "c0": [None]})
    found = like_train(frame, loaded).categories[0]
    assert found == tuple(categories or ())
    assert list(map(repr, found)) == [
        repr(v.item() if isinstance(v, np.generic) else v) for v in categories or ()
    ]


def test_categories_of_other_types_are_not_kept_and_do_no_harm(tmp_path):
    days = [datetime.date(2026, 1, 1)]
    seqs = EventSequences([[1.0]], [0], [1], codes=[[1]], fields=["a"], categories=[days])
    family = CategoricalFeatures().fit(seqs)
    assert family.categories_ == [None]
    save_pipeline(family, tmp_path / "f.skops")
    assert_array_equal(load_pipeline(tmp_path / "f.skops").transform(seqs), [[1.0, 1.0, 1.0]])


def test_equal_numbers_are_one_category_and_what_differs_stays_apart():
    like = EventSequences([[1.0]], [0], [1], codes=[[0]], fields=["a"], categories=[(1, "1", 2)])
    frame = pd.DataFrame({"card": "a", "a": 1.0, "c0": [1.0, 2.0, None]})
    seqs = like_train(frame, like)
    assert seqs.codes.ravel().tolist() == [1, 3, 0]
    assert seqs.categories == ((1, "1", 2),)
    seqs = like_train(frame.assign(c0=["1", "2", None]), like)
    assert seqs.codes.ravel().tolist() == [2, 4, 0]
    assert seqs.categories == ((1, "1", 2, "2"),)


def test_a_value_of_the_same_type_goes_before_an_equal_one():
    like = EventSequences([[1.0]], [0], [1], codes=[[0]], fields=["a"], categories=[(1.0, 1)])
    frame = pd.DataFrame({"card": "a", "a": 1.0, "c0": [1]})
    assert like_train(frame, like, time=None).codes.tolist() == [[2]]
    assert like_train(frame.assign(c0=1.0), like).codes.tolist() == [[1]]


def test_unseen_categories_are_told_apart_and_reported():
    frame = pd.DataFrame({**NEW, "shop": ["q", "r"], "channel": ["web", "web"]})
    pipeline = FITTED["pipeline"]
    seqs = like_train(frame, pipeline)
    assert pipeline["features"].transform(seqs)["unique_count_shop"].tolist() == [2.0]
    report = pipeline.report(seqs)["sequences"]["categories"]
    assert report["shop"]["unseen"] == ["q", "r"]
    assert report["channel"]["unseen"] == []


NOTHING = {
    "pandas-none": lambda: pd.DataFrame({**NEW, "amount": [None, None]}, dtype=object),
    "pandas-text": lambda: pd.DataFrame(NEW).assign(amount=pd.array([None] * 2, dtype="string")),
    "pandas-time": lambda: pd.DataFrame(NEW).assign(amount=pd.to_datetime([None, None])),
    "pandas-na": lambda: pd.DataFrame(NEW).assign(amount=pd.array([pd.NA] * 2, dtype=object)),
    "polars-null": lambda: pl.DataFrame({**NEW, "amount": [None, None]}),
    "polars-text": lambda: pl.DataFrame(
        {**NEW, "amount": pl.Series([None, None], dtype=pl.String)}
    ),
    "pyarrow-null": lambda: pa.table({**NEW, "amount": pa.nulls(2)}),
    "pyarrow-text": lambda: pa.table({**NEW, "amount": pa.nulls(2, pa.string())}),
}


@pytest.mark.parametrize("frame", NOTHING)
def test_a_column_without_a_value_is_missing_whatever_its_type(frame):
    like = EventSequences.from_frame(
        pd.DataFrame(LOG), entity="card", fields=["amount", "items"], categorical_fields=["shop"]
    )
    seqs = like_train(NOTHING[frame](), like)
    assert_array_equal(seqs.values, [[np.nan, 1], [np.nan, 2]])


@every_library
def test_a_categorical_column_without_a_value_is_missing(library):
    frame = library({**NEW, "shop": [None, None], "channel": ["web", "web"]})
    seqs = like_train(frame)
    assert seqs.codes.tolist() == [[0, 2], [0, 2]]
    assert seqs.categories == TRAIN.categories


def test_numbers_of_several_types_in_one_column():
    held = [decimal.Decimal("3.30"), True, None, 2.5, np.int8(4), float("nan")]
    frame = pd.DataFrame({"card": "a", "amount": pd.array(held, dtype=object), "items": 1})
    seqs = like_train(frame.assign(shop="x", channel="pos"))
    assert_array_equal(seqs.values[:, 0], [3.3, 1, np.nan, 2.5, 4, np.nan])


@pytest.mark.parametrize(
    ("amounts", "message"),
    [
        ([1.0, "12,50"], "field 'amount' must hold numbers; row 1 has '12,50' of type str"),
        (["7", "8"], "field 'amount' must hold numbers; row 0 has '7' of type str"),
        ([None, datetime.date(2026, 1, 1)], "row 1 has .*2026"),
        ([[1.0], None], r"row 0 has \[1.0\] of type list"),
    ],
)
def test_what_is_no_number_is_named(amounts, message):
    frame = pd.DataFrame({**NEW, "channel": "pos", "amount": pd.array(amounts, dtype=object)})
    with pytest.raises(ValueError, match=message):
        like_train(frame)


@every_library
@pytest.mark.parametrize("name", ["amount", "shop"])
def test_a_column_that_is_not_there_is_named(library, name):
    frame = {**NEW, "channel": ["pos", "pos"]}
    del frame[name]
    with pytest.raises(ValueError, match=f"column '{name}' is not in the frame; it has"):
        like_train(library(frame))


@pytest.mark.parametrize(
    ("like", "error", "message"),
    [
        (Ridge(), TypeError, "like must be an EventSequences, or a pipeline.*; got Ridge"),
        (StatisticalFeatures(), TypeError, "that is fitted; got StatisticalFeatures"),
        (make_temporal_pipeline(), TypeError, "that is fitted; got Pipeline"),
        ("card", TypeError, "got str"),
        (StatisticalFeatures().fit(np.ones((2, 2, 1))), ValueError, "must know the names"),
        (EventSequences([[1.0]], [0], [1]), ValueError, "must know the names"),
    ],
)
def test_what_cannot_be_followed(like, error, message):
    with pytest.raises(error, match=message):
        like_train(pd.DataFrame(NEW), like)


@pytest.mark.parametrize("given", [{"fields": ["amount"]}, {"categorical_fields": ()}])
def test_fields_beside_like(given):
    with pytest.raises(ValueError, match="fields and categorical_fields are those of `like`"):
        like_train(pd.DataFrame(NEW), **given)


def test_fitting_again_is_noticed():
    family = CategoricalFeatures().fit(TRAIN)
    frame = pd.DataFrame({**NEW, "channel": ["web", "app"]})
    assert like_train(frame, family).fields == ("amount", "items")
    other = EventSequences.from_frame(
        pd.DataFrame(LOG), entity="card", fields=["items"], categorical_fields=["shop"]
    )
    family.fit(other)
    seqs = like_train(frame, family)
    assert (seqs.fields, seqs.categorical_fields) == (("items",), ("shop",))
