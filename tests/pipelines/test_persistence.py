import ast
import datetime
import io
import json
import pickle
import re
import zipfile

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from sktemporal import EventSequences, FeatureMemory, LagFeatures, make_temporal_pipeline
from sktemporal.exceptions import InputError, UntrustedTypesWarning
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


ENDINGS = {
    "nothing": (),
    "logistic regression": (LogisticRegression(),),
    "scaler and ridge": (StandardScaler(), Ridge()),
    "imputer": (SimpleImputer(), LogisticRegression()),
    "robust scaler": (RobustScaler(),),
    "power transform": (PowerTransformer(),),
    "columns": (
        ColumnTransformer([("a", StandardScaler(), [0, 2]), ("b", MinMaxScaler(), [1])]),
        LogisticRegression(),
    ),
    "decision tree": (DecisionTreeClassifier(max_depth=3),),
    "forest": (RandomForestClassifier(5, random_state=0),),
    "extra trees": (ExtraTreesRegressor(5, random_state=0),),
    "gradient boosting": (GradientBoostingClassifier(n_estimators=5),),
    "histogram boosting": (HistGradientBoostingClassifier(max_iter=5),),
    "isolation forest": (IsolationForest(n_estimators=5, random_state=0),),
    "neighbours": (KNeighborsClassifier(algorithm="brute"),),
    "calibrated": (CalibratedClassifierCV(LogisticRegression(), cv=2),),
    "searched": (GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),),
    "voting": (VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())]),),
    "selected": (SelectKBest(k=2), LogisticRegression()),
}
TREES = {
    "decision tree",
    "forest",
    "extra trees",
    "gradient boosting",
    "histogram boosting",
    "isolation forest",
}


@pytest.mark.parametrize("ending", [*ENDINGS])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_common_endings(ending, tmp_path):
    features = make_temporal_pipeline(windows=(3,), lags=(1,))
    features.set_params(quality__drop=True)
    pipeline = make_pipeline(features, *ENDINGS[ending])
    pipeline.fit(X, np.arange(30) % 2)
    path = tmp_path / "p.skops"
    if ending in TREES:
        with pytest.warns(UntrustedTypesWarning, match="load_pipeline") as warned:
            save_pipeline(pipeline, path)
        with pytest.raises(InputError, match="not trusted") as error:
            load_pipeline(path)
        (call,) = re.findall(r"trusted=(\[.*\])", str(warned[0].message))
        assert call in str(error.value)  # both say the same
        loaded = load_pipeline(path, trusted=ast.literal_eval(call))
    else:
        save_pipeline(pipeline, path)
        loaded = load_pipeline(path)
    method = "predict" if hasattr(pipeline, "predict") else "transform"
    expected = getattr(pipeline, method)(X)
    np.testing.assert_array_equal(getattr(loaded, method)(X), expected)


class Doubled(FunctionTransformer):
    def transform(self, X):
        return 2 * X


def test_a_class_of_ones_own(tmp_path):
    pipeline = make_pipeline(make_temporal_pipeline(windows=(3,)), Doubled()).fit(X)
    path = tmp_path / "p.skops"
    name = f"{__name__}.Doubled"
    with pytest.warns(UntrustedTypesWarning, match=re.escape(name)) as warned:
        save_pipeline(pipeline, path)
    assert warned[0].filename == __file__
    loaded = load_pipeline(path, trusted=[name])
    np.testing.assert_array_equal(loaded.transform(X), pipeline.transform(X))
    with pytest.raises(ValueError, match="trusted must be a sequence of names"):
        load_pipeline(path, trusted=name)


@pytest.mark.parametrize("what", [{"a": 1}, [1], np.ones(3), "text", 5, None])
def test_what_is_no_estimator(what, tmp_path):
    path = tmp_path / "p.skops"
    with pytest.raises(TypeError, match="must be an estimator"):
        save_pipeline(what, path)
    assert not path.exists()
    skops.io.dump(what, path)
    with pytest.raises(InputError, match="which is no estimator"):
        load_pipeline(path)


def test_what_cannot_be_saved_leaves_no_file(tmp_path):
    path = tmp_path / "p.skops"
    family = LagFeatures(lags=(1,)).fit(X)
    family.note = (number for number in (1, 2))
    with pytest.raises(TypeError, match="cannot be saved"):
        save_pipeline(family, path)
    assert not path.exists()


def members_of(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def tampered(path, change, compression=zipfile.ZIP_STORED):
    members = members_of(path)
    change(members)
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def as_array(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def set_arrays(array):
    def change(members):
        members.update({name: as_array(array) for name in members if name.endswith(".npy")})

    return change


def set_text(old, new):
    def change(members):
        assert old in members["schema.json"]
        members["schema.json"] = members["schema.json"].replace(old, new, 1)

    return change


CHANGES = {
    "positions beyond the fields": (set_arrays(np.array([7])), "field_positions_ must be"),
    "positions before the fields": (set_arrays(np.array([-1])), "field_positions_ must be"),
    "positions twice": (set_arrays(np.array([1, 1])), "field_positions_ must be"),
    "numbers for positions": (set_arrays(np.array([0.0])), "field_positions_ must be"),
    "nothing for positions": (set_arrays(np.empty((0, 0))), "field_positions_ must be"),
    "a parameter": (set_text(b'"1"', b'"-1"'), "lags"),
    "a method": (set_text(b'"prefix"', b'"transform"'), "transform must be that of its class"),
    "constraints": (
        set_text(b'"prefix"', b'"_parameter_constraints"'),
        "_parameter_constraints must be that of its class",
    ),
    "deep": (
        lambda members: members.update({"schema.json": b"[" * 100_000}),
        "recursion",
    ),
    "no schema": (lambda members: members.pop("schema.json"), "schema.json"),
}


@pytest.mark.parametrize("name", [*CHANGES])
def test_tampered_files(name, tmp_path):
    change, message = CHANGES[name]
    path = tmp_path / "p.skops"
    save_pipeline(LagFeatures(lags=(1,)).fit(X), path)
    with pytest.raises(InputError, match=message) as error:
        load_pipeline(tampered(path, change))
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_would_fill_the_memory(tmp_path):
    path = tmp_path / "p.skops"
    save_pipeline(LagFeatures(lags=(1,)).fit(X), path)
    tampered(path, lambda members: members.update(more=bytes(2**27)), zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**20
    with pytest.raises(InputError, match="unpacks to"):
        load_pipeline(path)

    save_pipeline(LagFeatures(lags=(1,)).fit(X), path)

    def repeat(members):
        members["big.npy"] = bytes(2**20)
        schema = json.loads(members["schema.json"])
        schema["more"] = [{"file": "big.npy"}] * 100
        members["schema.json"] = json.dumps(schema).encode()

    with pytest.raises(InputError, match="unpacks to"):
        load_pipeline(tampered(path, repeat))


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
