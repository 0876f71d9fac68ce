"""A warning points at the line of the user, by whichever road it comes."""

import warnings
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler

from sktemporal import (
    EventSequences,
    QualityReportTransformer,
    StatisticalFeatures,
    TemporalFeatureUnion,
    make_temporal_pipeline,
)
from sktemporal.exceptions import EmptyHistoryWarning

SEQS = EventSequences(np.arange(6.0).reshape(6, 1), [0, 0, 0, 0], [3, 0, 6, 0], fields=["a"])

UNION = TemporalFeatureUnion([("a", StatisticalFeatures())])
ROADS = {
    "family": StatisticalFeatures(),
    "family-frame": StatisticalFeatures().set_output(transform="pandas"),
    "union": UNION,
    "union-frame": clone(UNION).set_output(transform="pandas"),
    "union-workers": clone(UNION).set_params(n_jobs=2),
    "union-members": TemporalFeatureUnion([("a", make_pipeline(StatisticalFeatures()))]),
    "sklearn-union": FeatureUnion([("a", StatisticalFeatures())]),
    "sklearn-pipeline": make_pipeline(StatisticalFeatures(), StandardScaler()),
    "pipeline": make_temporal_pipeline(),
    "nested": make_pipeline(make_pipeline(UNION)),
}


def only_warning(call, category):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    caught = [warning for warning in caught if warning.category is category]
    assert len(caught) == 1
    return caught[0]


def line_of(warning):
    return Path(warning.filename).read_text().splitlines()[warning.lineno - 1]


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("method", ["fit_transform", "transform"])
def test_empty_histories(road, method):
    transformer = clone(ROADS[road])
    if method == "transform":
        transformer.fit(SEQS[[0, 2]])
    warning = only_warning(lambda: getattr(transformer, method)(SEQS), EmptyHistoryWarning)
    assert warning.filename == __file__
    assert "getattr(transformer, method)(SEQS)" in line_of(warning)
    assert str(warning.message).startswith("2 of 4 rows have no valid event")


def test_empty_histories_through_joblib():
    family = StatisticalFeatures().fit(SEQS)
    call = lambda: joblib.Parallel()([joblib.delayed(family.transform)(SEQS)])  # noqa: E731
    assert "joblib.Parallel()(" in line_of(only_warning(call, EmptyHistoryWarning))


def test_empty_histories_through_cross_validation():
    model = make_pipeline(UNION, Ridge())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cross_val_predict(model, SEQS, [1.0, 2.0, 3.0, 4.0], cv=2)
    assert [warning.category for warning in caught] == [EmptyHistoryWarning] * 4
    assert {line_of(warning).strip() for warning in caught} == {
        "cross_val_predict(model, SEQS, [1.0, 2.0, 3.0, 4.0], cv=2)"
    }


def test_field_names_on_one_side_alone():
    family = StatisticalFeatures().fit(SEQS)
    warning = only_warning(lambda: family.transform(np.ones((2, 1, 1))), UserWarning)
    assert "family.transform(np.ones" in line_of(warning)


@pytest.mark.parametrize("in_pipeline", [False, True])
def test_no_feature_left(in_pipeline):
    step = QualityReportTransformer(drop=("constant",))
    fitted = make_pipeline(step) if in_pipeline else step
    warning = only_warning(lambda: fitted.fit(np.ones((5, 1))), UserWarning)
    assert "fitted.fit(np.ones" in line_of(warning)


@pytest.mark.parametrize("name", ["sklearn_extra.models", "sktemporal_users", "joblib2"])
def test_packages_whose_names_only_begin_alike_are_the_users(name):
    code = compile("def call(method, X):\n    return method(X)\n", "theirs.py", "exec")
    module = {"__name__": name}
    exec(code, module)
    family = StatisticalFeatures().fit(SEQS)
    warning = only_warning(lambda: module["call"](family.transform, SEQS), EmptyHistoryWarning)
    assert (Path(warning.filename).name, warning.lineno) == ("theirs.py", 2)
