import json
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sktemporal.__main__ import app
from sktemporal.exceptions import EmptyHistoryWarning, UnknownEntityWarning
from sktemporal.jobs import commands

SUFFIXES = {"numpy": ".npy", "parquet": ".parquet", "csv": ".csv"}
SETTINGS = {
    "VALUE_FIELDS": '["amount", "risk"]',
    "CATEGORICAL_FIELDS": '["category"]',
    "WINDOW_SIZES": "[3, 7]",
    "LAG_FEATURES": "[1, 2]",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """A cache of the test's own, and settings that fit the arrays below."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def arrays():
    """Normalized sequences of 40 entities, different masks, an empty first entity, NaN inside."""
    rng = np.random.default_rng(0)
    n, steps = 40, 9
    first = rng.integers(0, steps, n)
    mask = np.arange(steps) >= first[:, None]
    mask[0] = False
    categorical_mask = np.arange(steps) >= np.minimum(first + 1, steps)[:, None]
    categorical_mask[0] = False
    numerical = np.empty((n, steps, 4))
    numerical[..., 0] = rng.lognormal(size=(n, steps))
    numerical[..., 1] = rng.normal(size=(n, steps))
    numerical[..., 2] = rng.exponential(3600.0, size=(n, steps))
    numerical[..., 3] = mask
    numerical[5, -1, 0] = np.nan
    numerical[6, -2, 2] = np.nan
    numerical[~mask] = 1e30  # garbage behind the mask
    return {
        "numerical": numerical,
        "categorical": rng.integers(0, 4, size=(n, steps, 1)),
        "numerical_attention_mask": mask.astype(np.int8),
        "categorical_attention_mask": categorical_mask.astype(np.int8),
    }


def write_inputs(directory, arrays, file_format="numpy", entity_ids=None):
    """Write a directory of normalized sequences as another program would."""
    directory.mkdir()
    suffix = SUFFIXES[file_format]
    for name, array in arrays.items():
        path = directory / (name + suffix)
        frame = pd.DataFrame(array.reshape(len(array), -1)).rename(columns=str)
        if file_format == "numpy":
            np.save(path, array)
        elif file_format == "parquet":
            frame.to_parquet(path)
        else:
            frame.to_csv(path, index=False)
    if entity_ids is not None:
        path = directory / ("entity_ids" + suffix)
        frame = pd.DataFrame({"customerId": entity_ids})
        if file_format == "numpy":
            np.save(path, entity_ids)
        elif file_format == "parquet":
            frame.to_parquet(path)
        else:
            frame.to_csv(path, index=False)
    shapes = {name: list(array.shape) for name, array in arrays.items() if array.ndim == 3}
    (directory / "metadata.json").write_text(json.dumps({"shapes": shapes}))
    return directory


@pytest.fixture
def write():
    return write_inputs


@pytest.fixture
def sequences(tmp_path, arrays):
    return write_inputs(tmp_path / "sequences", arrays)


def read_outputs(directory, file_format="numpy"):
    """Read what a job wrote, with plain libraries."""
    path = directory / ("features" + SUFFIXES[file_format])
    names = json.loads((directory / "feature_names.json").read_text())
    if file_format == "numpy":
        features = np.load(path)
    else:
        frame = pd.read_parquet(path) if file_format == "parquet" else pd.read_csv(path)
        assert list(frame.columns) == names
        features = frame.to_numpy(dtype=np.float32)
    return SimpleNamespace(
        features=features,
        names=names,
        metadata=json.loads((directory / "feature_metadata.json").read_text()),
        report=json.loads((directory / "quality_report.json").read_text()),
    )


@pytest.fixture
def read():
    return read_outputs


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process; gives its exit status, output and errors."""

    def run_command(*arguments):
        monkeypatch.setattr("sys.argv", ["sktemporal", *map(str, arguments)])
        capsys.readouterr()
        with warnings.catch_warnings(), pytest.raises(SystemExit) as exit_:
            warnings.simplefilter("default", EmptyHistoryWarning)
            warnings.simplefilter("default", UnknownEntityWarning)
            commands.run(app)
        captured = capsys.readouterr()
        return SimpleNamespace(status=exit_.value.code or 0, out=captured.out, err=captured.err)

    return run_command
