import datetime
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.preprocessing import FunctionTransformer

from sktemporal import EventSequences, FeatureMemory, make_temporal_pipeline
from sktemporal.exceptions import InputError
from sktemporal.io import load_pipeline, save_pipeline

X = np.random.default_rng(0).lognormal(size=(30, 8, 2))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, "float32"])
def test_same_bits(dtype, tmp_path):
    pipeline = make_temporal_pipeline(windows=(3, "7d"), dtype=dtype, quality=True)
    pipeline.set_params(features__rolling__windows=(3, 5)).fit(X)
    save_pipeline(pipeline, tmp_path / "p.skops")
    loaded = load_pipeline(tmp_path / "p.skops")
    np.testing.assert_array_equal(loaded.transform(X), pipeline.transform(X))
    assert list(loaded.get_feature_names_out()) == list(pipeline.get_feature_names_out())
    assert loaded["quality"].report_ == pipeline["quality"].report_


def evil(x):
    raise AssertionError("code from the file ran")


def test_unknown_types_are_refused_by_name(tmp_path):
    path = tmp_path / "evil.skops"
    skops.io.dump(FunctionTransformer(evil), path)
    with pytest.raises(InputError, match=r"not trusted: .*evil"):
        load_pipeline(path)
    loaded = load_pipeline(path, trusted=[f"{evil.__module__}.evil"])
    assert isinstance(loaded, FunctionTransformer)


@pytest.mark.parametrize("content", [None, b"", b"garbage", pickle.dumps({"a": 1})])
def test_files_that_are_no_pipeline(content, tmp_path):
    path = tmp_path / "p.skops"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="expected a pipeline saved by skops") as error:
        load_pipeline(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    "duration",
    [pd.Timedelta(days=7), datetime.timedelta(days=7), np.timedelta64(7, "D"), "7d"],
)
def test_durations_of_every_kind_are_read_again(duration, tmp_path):
    seqs = EventSequences(X[0, :, :1], [0], [8], times=np.arange(8) * 86_400_000_000)
    pipeline = make_temporal_pipeline(windows=(3, duration), gap=duration, quality=False).fit(seqs)
    save_pipeline(pipeline, tmp_path / "p.skops")
    loaded = load_pipeline(tmp_path / "p.skops")
    assert loaded.get_feature_names_out().tolist() == pipeline.get_feature_names_out().tolist()
    assert loaded.transform(seqs).tobytes() == pipeline.transform(seqs).tobytes()
    assert pipeline.get_params()["features__rolling__gap"] is duration


def test_a_memory_is_not_saved(tmp_path):
    for memory in (FeatureMemory(), joblib.Memory(tmp_path / "memory", verbose=0)):
        pipeline = make_temporal_pipeline(windows=(3,)).set_params(features__memory=memory).fit(X)
        save_pipeline(pipeline, tmp_path / "p.skops")
        assert pipeline.get_params()["features__memory"] is memory
        loaded = load_pipeline(tmp_path / "p.skops")
        assert loaded.get_params()["features__memory"] is None
        assert loaded.transform(X).tobytes() == pipeline.transform(X).tobytes()
