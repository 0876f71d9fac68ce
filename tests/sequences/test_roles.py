"""Fields taken by default that look like ids or labels are named, and others are not."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sktemporal import EventSequences
from sktemporal.datasets import load_cdnow, make_transactions
from sktemporal.exceptions import DefaultFieldsWarning
from sktemporal.sequences._roles import is_id_name, is_time_name

LIBRARIES = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
}
every_library = pytest.mark.parametrize("library", LIBRARIES.values(), ids=list(LIBRARIES))

RNG = np.random.default_rng(0)
N = 200
AMOUNTS = {"card": RNG.integers(0, 9, N), "amount": RNG.normal(size=N)}


def read(columns, library=pd.DataFrame, **parameters):
    frame = library(pd.DataFrame({**AMOUNTS, **columns}))
    return EventSequences.from_frame(frame, entity="card", **parameters)


SUSPECTS = {
    "id of integers": ("shop_id", RNG.integers(0, 9, N), "'shop_id' for ids"),
    "id with nulls": ("shopId", np.where(np.arange(N) % 7, np.arange(N) % 5, np.nan), "'shopId'"),
    "row numbers": ("Unnamed: 0", np.arange(N) + 17, "'Unnamed: 0' for ids"),
    "id of text": ("uuid", [f"u{k}" for k in RNG.permutation(N)], "'uuid' for ids"),
    "text of its own in each row": ("note", [f"n{k}" for k in RNG.permutation(N)], "'note'"),
    "label": ("is_fraud", RNG.integers(0, 2, N), "'is_fraud' for labels"),
    "label of booleans": ("Class", RNG.integers(0, 2, N) > 0, "'Class' for labels"),
    "label of text": ("target", np.where(np.arange(N) % 3, "yes", "no"), "'target' for labels"),
    "one label": ("churned", np.zeros(N), "'churned' for labels"),
}


@every_library
@pytest.mark.parametrize("suspect", SUSPECTS)
def test_ids_and_labels_are_named_with_the_way_out(library, suspect):
    name, values, message = SUSPECTS[suspect]
    with pytest.warns(DefaultFieldsWarning, match=message) as caught:
        seqs = read({name: values}, library)
    assert len(caught) == 1
    assert name in seqs.fields + seqs.categorical_fields  # nothing is left out
    chosen = {"fields": ["amount"], "categorical_fields": []}
    is_text = name in seqs.categorical_fields
    way_out = "categorical_fields=[]" if is_text else "fields=['amount']"
    assert str(caught[0].message).endswith(way_out)
    assert caught[0].filename == __file__
    read({name: values}, library, **chosen)


def test_one_warning_names_them_all():
    log = make_transactions(20, random_state=0)
    with pytest.warns(DefaultFieldsWarning) as caught:
        EventSequences.from_frame(log, entity="customer_id", time="time")
    assert len(caught) == 1
    message = str(caught[0].message)
    assert "'transaction_id', 'terminal_id' for ids and 'is_fraud' for labels" in message
    assert message.endswith("fields=['amount', 'fraud_scenario']")


@every_library
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("items", RNG.integers(0, 2, N)),  # two values, but no label by its name
        ("y", RNG.normal(size=N)),
        ("y", np.tile([0.25, 0.5], N // 2)),
        ("y", [3, 7, *[None] * (N - 2)]),
        ("class", RNG.integers(0, 5, N)),
        ("rating_id", RNG.normal(size=N)),  # no whole numbers
        ("paid", RNG.integers(0, 9, N)),
        ("bid", RNG.integers(0, 9, N)),
        ("odometer", np.cumsum(RNG.integers(1, 9, N))),  # rises, but doesn't count the rows
        ("elapsed", np.arange(N) * 1.0),
        ("shop_id", np.where(np.arange(N) % 3, "x", "y")),  # categories
        ("online", RNG.integers(0, 2, N) > 0),
    ],
)
def test_other_fields_are_not(library, name, values):
    read({name: values}, library)


def test_few_rows_of_different_values_are_no_ids():
    frame = pd.DataFrame({"card": "a", "step": range(50), "note": map(str, range(50))})
    EventSequences.from_frame(frame, entity="card")


def test_keys_named_fields_and_those_of_a_fit_are_no_defaults():
    frame = pd.DataFrame({**AMOUNTS, "is_fraud": 0, "user_id": AMOUNTS["card"]})
    named = EventSequences.from_frame(frame, entity="user_id", fields=["is_fraud", "card"])
    EventSequences.from_frame(frame, entity="user_id", like=named)
    EventSequences.from_frame(frame, entity="user_id", fields=["amount"])


def test_a_log_of_the_package_has_none():
    EventSequences.from_frame(load_cdnow(), entity="customer_id", time="date")


def test_it_is_a_warning_of_its_own():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DefaultFieldsWarning)
        read({"is_fraud": 1})


@pytest.mark.parametrize(
    ("name", "is_id", "is_time"),
    [
        ("id", True, False),
        ("ID", True, False),
        ("card_id", True, False),
        ("card-id", True, False),
        ("cardId", True, False),
        ("cardID", True, False),
        ("grid", False, False),
        ("PAID", False, False),
        ("ids", False, False),
        ("time", False, True),
        ("event_time", False, True),
        ("createdAt", False, True),
        ("created_at", False, True),
        ("ts", False, True),
        ("Timestamp", False, True),
        ("lifetime", False, False),
        ("lat", False, False),
        ("cat", False, False),
        ("amounts", False, False),
    ],
)
def test_names(name, is_id, is_time):
    assert (is_id_name(name), is_time_name(name)) == (is_id, is_time)
