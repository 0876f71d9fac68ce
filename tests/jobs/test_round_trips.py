"""From a log to normalized sequences to features, in every format: the same, ids as they are."""

import datetime

import numpy as np
import pandas as pd
import pytest

from sktemporal.exceptions import InputError
from sktemporal.io import contract
from sktemporal.jobs import LogSource, engineer_features, normalize, read_settings

DAYS = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-01"])
PLAIN = {
    "id": ["a", "a", "b", "b"],
    "x": [1.0, 2.0, 3.0, 4.0],
    "y": [1.0, None, 3.0, 4.0],
    "c": ["u", None, "v", "u"],
}
LOGS = {
    "plain": {},
    "one column without a value": {"x": [np.nan] * 4},
    "no value at all": {"x": [np.nan] * 4, "y": [np.nan] * 4, "c": [None] * 4},
    "of the type of nothing": {"x": [None] * 4, "y": [None] * 4, "c": [None] * 4},
    "text with everything in it": {
        "id": ['q"u', "a,b\nc", "", "007"],
        "c": ['a"b', "x\ny", "", ","],
    },
    "integers beyond floats": {"id": [2**53, 2**53 + 1, 7, 7], "c": [1, 2, 1, 2]},
    "negative integers": {"id": [-1, 0, 1, -1]},
    "dates": {"id": [day.date() for day in DAYS]},
    "one entity": {"id": ["a"] * 4},
    "one entity without a name": {"id": [""] * 4},
}


@pytest.fixture
def settings(tmp_path):
    fields = {"sequence_grouping_field": "id", "timestamp_field": "t"}
    fields |= {"value_fields": ["x", "y"], "categorical_fields": ["c"]}
    windows = {"window_sizes": [3], "lag_features": [1], "feature_parallelism": False}
    return lambda **more: read_settings(**fields, **windows, cache_intermediate=False, **more)


def read_ids(path):
    if path.suffix == ".npy":
        return np.load(path, allow_pickle=False).tolist()
    if path.suffix == ".parquet":
        return pd.read_parquet(path)["id"].tolist()
    return pd.read_csv(path, dtype=str, keep_default_na=False, lineterminator="\n")["id"].tolist()


@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize("name", LOGS)
def test_every_format_gives_the_same(name, length, settings, tmp_path):
    log = pd.DataFrame({**PLAIN, **LOGS[name], "t": DAYS})
    log.to_parquet(tmp_path / "log.parquet")
    found = {}
    for file_format in ("numpy", "parquet", "csv"):
        of_format = settings(input_format=file_format, output_format=file_format)
        directory = tmp_path / file_format
        options = {"length": length, "file_format": file_format}
        normalize(tmp_path / "log.parquet", directory / "sequences", of_format, **options)
        out = directory / "features"
        tensors = engineer_features("training", of_format, directory / "sequences", out)
        found[file_format] = tensors.features.tobytes()
        (ids,) = (read_ids(path) for path in out.glob("entity_ids.*"))
        expected = sorted(set(log["id"]))
        assert ids == (expected if file_format != "csv" else [str(i) for i in expected])
    assert len(set(found.values())) == 1
    if length == 4:
        source = LogSource([tmp_path / "log.parquet"])
        direct = engineer_features("training", settings(), source, tmp_path / "direct")
        assert direct.features.tobytes() == found["numpy"]


@pytest.mark.parametrize("file_format", ["numpy", "parquet", "csv"])
def test_ids_of_several_types_are_never_one(file_format, tmp_path):
    form = contract.FORMATS[file_format]
    ids = np.array([1, "1"], dtype=object)
    with pytest.raises(InputError, match="'id' holds int and str, which no file keeps apart"):
        contract.write_entity_ids(tmp_path, ids, form, "id")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("file_format", "ids"),
    [
        ("numpy", np.array([b"a", b"b"])),
        ("numpy", np.array([("a",), ("b",)], dtype=[("x", "U1")])),
        ("parquet", [b"a", b"b"]),
        ("parquet", [[1], [2]]),
        ("parquet", [{"a": 1}, {"a": 2}]),
        ("parquet", [None, None]),
        ("parquet", ["a", None]),
    ],
)
def test_ids_that_are_no_labels(file_format, ids, tmp_path):
    form = contract.FORMATS[file_format]
    path = tmp_path / f"entity_ids{form.SUFFIX}"
    if file_format == "numpy":
        np.save(path, ids)
    else:
        pd.DataFrame({"id": ids}).to_parquet(path)
    with pytest.raises(InputError, match=r"entity_ids\.\w+: expected (ids that are|an id in each)"):
        form.read_ids(path, 2)


def test_dates_stay_dates_in_arrays(tmp_path):
    ids = np.array([datetime.date(2026, 1, 1), datetime.date(2026, 1, 2)], dtype=object)
    contract.write_entity_ids(tmp_path, ids, contract.FORMATS["numpy"], "id")
    assert np.load(tmp_path / "entity_ids.npy").tolist() == ids.tolist()


def test_text_that_numpy_does_not_keep(tmp_path):
    ids = np.array(["a\0", "b"], dtype=object)
    with pytest.raises(InputError, match="ends in NUL"):
        contract.write_entity_ids(tmp_path, ids, contract.FORMATS["numpy"], "id")
