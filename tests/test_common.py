"""What every public object keeps to: scikit-learn's checks, our own, documentation, imports."""

import importlib
import inspect
import re
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

import sktemporal
from sktemporal import (
    BehavioralFeatures,
    CategoricalFeatures,
    ExponentialSmoothingFeatures,
    LagFeatures,
    QualityReportTransformer,
    RollingWindowFeatures,
    SequenceQualityReport,
    StatisticalFeatures,
    TemporalFeatureUnion,
    TemporalPatternFeatures,
    make_temporal_pipeline,
)
from sktemporal.testing import sequence_transformer_checks

# Public modules, and where an object is documented to come from.
MODULES = (
    "sktemporal",
    "sktemporal.sequences",
    "sktemporal.features",
    "sktemporal.pipelines",
    "sktemporal.quality",
    "sktemporal.datasets",
    "sktemporal.testing",
    "sktemporal.exceptions",
)

PUBLIC_ESTIMATORS = {
    name: value
    for name in sktemporal.__all__
    if inspect.isclass(value := getattr(sktemporal, name)) and issubclass(value, BaseEstimator)
}

UNION = TemporalFeatureUnion(
    [
        ("statistical", StatisticalFeatures()),
        ("categorical", CategoricalFeatures()),
        ("temporal", TemporalPatternFeatures()),
        ("behavioral", BehavioralFeatures()),
        ("rolling", RollingWindowFeatures(windows=(2, 7))),
        ("lag", LagFeatures(lags=(0, 1))),
        ("smoothing", ExponentialSmoothingFeatures()),
    ]
)
# What a class without obligatory parameters is checked with.
INSTANCES = {
    TemporalFeatureUnion: [UNION],
    QualityReportTransformer: [QualityReportTransformer(), QualityReportTransformer(drop=True)],
}


def instances(classes):
    return [instance for cls in classes for instance in INSTANCES.get(cls) or [cls()]]


# scikit-learn's checks


@parametrize_with_checks(instances(PUBLIC_ESTIMATORS.values()))
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_scikit_learn_checks_do_not_shrink():
    assert len(PUBLIC_ESTIMATORS) >= 9
    for estimator in instances(PUBLIC_ESTIMATORS.values()):
        assert len(list(estimator_checks_generator(estimator))) >= 40, estimator


# Our checks

SEQUENCE_TRANSFORMERS = {
    **{
        name: cls()
        for name, cls in PUBLIC_ESTIMATORS.items()
        if cls not in (TemporalFeatureUnion, QualityReportTransformer, SequenceQualityReport)
    },
    "statistical-float32": StatisticalFeatures(dtype=np.float32, fill_value=np.nan),
    "statistical-one-field": StatisticalFeatures(fields=("x1",), prefix="amount_"),
    "statistical-no-field": StatisticalFeatures(fields=()),
    "temporal-fields": TemporalPatternFeatures(fields=("x0",)),
    "rolling-no-window": RollingWindowFeatures(windows=()),
    "union": UNION,
    "union-float32-member": TemporalFeatureUnion(
        [("a", StatisticalFeatures()), ("b", LagFeatures(dtype="float32"))], n_jobs=2
    ),
    "union-weights": TemporalFeatureUnion(
        [("a", StatisticalFeatures()), ("b", LagFeatures()), ("c", "drop")],
        transformer_weights={"b": 0.1},
    ),
    "union-of-pipelines": TemporalFeatureUnion(
        [("a", make_pipeline(StatisticalFeatures(), "passthrough")), ("b", LagFeatures())]
    ),
    "pipeline": make_temporal_pipeline(),
    "pipeline-no-quality": make_temporal_pipeline(quality=False),
    "pipeline-float32-nan": make_temporal_pipeline(dtype=np.float32, fill_value=np.nan),
}
NEED_TIMES = {
    "rolling-durations": RollingWindowFeatures(windows=("12h", "7d", 3)),
    "pipeline-durations": make_temporal_pipeline(windows=("7d", "30d")),
}


def sequence_checks():
    found = []
    for needs_times, transformers in ((False, SEQUENCE_TRANSFORMERS), (True, NEED_TIMES)):
        for name, transformer in transformers.items():
            for estimator, check in sequence_transformer_checks(
                transformer, needs_times=needs_times
            ):
                found.append(pytest.param(estimator, check, id=f"{name}-{check.__name__}"))
    return found


@pytest.mark.parametrize(("transformer", "check"), sequence_checks())
def test_sequence_checks(transformer, check):
    check(transformer)


def test_sequence_checks_do_not_shrink():
    assert len(sequence_checks()) >= 823


def test_no_estimator_is_left_out():
    checked = {type(e) for e in (*SEQUENCE_TRANSFORMERS.values(), *NEED_TIMES.values())}
    checked |= {type(step) for _, step in make_temporal_pipeline().steps}
    checked.add(SequenceQualityReport)  # it transforms nothing
    assert set(PUBLIC_ESTIMATORS.values()) <= checked


# Documentation

WITHOUT_EXAMPLES = ("as_sequences", "values_as_codes")


def issubclass_of(thing, cls):
    return inspect.isclass(thing) and issubclass(thing, cls)


def public_names(module):
    if hasattr(module, "__all__"):
        return module.__all__
    return [name for name, value in vars(module).items() if issubclass_of(value, Exception)]


def public_objects():
    return [
        (module, name)
        for module in MODULES
        for name in public_names(importlib.import_module(module))
    ]


def sections(text):
    """Split a numpydoc docstring into summary and sections by title."""
    parts = re.split(r"^(\S[\w ]+)\n-{3,}$", inspect.cleandoc(text), flags=re.MULTILINE)
    return parts[0], dict(zip(parts[1::2], parts[2::2], strict=True))


def documented_names(section):
    """Names that a Parameters section explains, without stars."""
    heads = re.findall(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: :.*)?$", section, flags=re.MULTILINE)
    return [name.strip(" *") for head in heads for name in head.split(",")]


def parameters_of(function):
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


@pytest.mark.parametrize(("module", "name"), public_objects())
def test_docstrings(module, name):
    thing = getattr(importlib.import_module(module), name)
    summary, titled = sections(thing.__doc__)
    first = summary.strip().split("\n\n")[0]
    assert first.endswith(".")
    assert len(first) < 100
    if not issubclass_of(thing, (Exception, tuple)):
        assert documented_names(titled.get("Parameters", "")) == parameters_of(thing)
        assert ">>>" in titled.get("Examples", ">>>" if name in WITHOUT_EXAMPLES else "")


def methods():
    """Public methods of public classes, as far as they are defined in this package."""
    found = {
        method.__qualname__: method
        for module, name in public_objects()
        if inspect.isclass(cls := getattr(importlib.import_module(module), name))
        for method_name, method in inspect.getmembers(cls, inspect.isroutine)
        if not method_name.startswith("_")
        and getattr(method, "__module__", "").startswith("sktemporal")
    }
    return list(found.values())


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.__qualname__)
def test_docstrings_of_methods(method):
    summary, titled = sections(method.__doc__)
    assert summary.strip().split("\n\n")[0].endswith(".")
    assert documented_names(titled.get("Parameters", "")) == parameters_of(method)


@pytest.mark.parametrize("cls", list(PUBLIC_ESTIMATORS.values()))
def test_fitted_attributes_are_documented(cls):
    _, titled = sections(cls.__doc__)
    documented = set(re.findall(r"^(\w+) :", titled["Attributes"], flags=re.MULTILINE))
    fitted = clone(instances([cls])[0]).fit(np.arange(12.0).reshape(4, 3))
    learned = {name for name in vars(fitted) if name.endswith("_") and not name.startswith("_")}
    assert learned <= documented


# Imports


@pytest.mark.parametrize("name", sktemporal.__all__)
def test_documented_home(name):
    """Every name of the top level is that of the subpackage it lives in."""
    thing = getattr(sktemporal, name)
    home = ".".join(thing.__module__.split(".")[:2])
    assert home in MODULES
    assert getattr(importlib.import_module(home), name) is thing
    assert name in importlib.import_module(home).__all__


@pytest.mark.parametrize("module", MODULES)
def test_all_is_sorted_and_complete(module):
    module = importlib.import_module(module)
    names = public_names(module)
    assert sorted(names) == list(names)
    assert all(hasattr(module, name) for name in names)


def modules_after(statement):
    code = f"import sys; {statement}; print(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(run.stdout.split())


def test_import_is_light():
    loaded = modules_after("import sktemporal")
    heavy = {"matplotlib", "polars", "typer", "pydantic", "tqdm", "numba", "skops", "pytest"}
    assert not loaded & heavy
    # Nothing of data frames beyond what scikit-learn itself loads, whatever that is today.
    assert loaded - modules_after("import sklearn.pipeline") == {"sktemporal"}
