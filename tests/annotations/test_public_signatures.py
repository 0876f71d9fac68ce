"""`py.typed` is earned: every public function says what it takes and returns."""

import importlib
import inspect

import pytest

MODULES = (
    "sktemporal",
    "sktemporal.datasets",
    "sktemporal.evaluation",
    "sktemporal.features",
    "sktemporal.io",
    "sktemporal.jobs",
    "sktemporal.model_selection",
    "sktemporal.pipelines",
    "sktemporal.quality",
    "sktemporal.sequences",
    "sktemporal.testing",
)


def functions_of(value, name):
    """A function itself; of a class all that it defines here, but for what is private."""
    if inspect.isfunction(value):
        yield name, value
    elif inspect.isclass(value) and value.__module__.startswith("sktemporal"):
        for cls in value.__mro__:
            if not cls.__module__.startswith("sktemporal"):
                continue
            for key, member in vars(cls).items():
                if key.startswith("_") and key != "__init__":
                    continue
                found = getattr(member, "__func__", member)  # of a class method
                found = getattr(found, "fget", getattr(found, "func", found))  # of a property
                if inspect.isfunction(found):
                    yield f"{value.__name__}.{key}", found


def public():
    found = {}
    for module in map(importlib.import_module, MODULES):
        for name in module.__all__:
            found.update(functions_of(getattr(module, name), name))
    return found


PUBLIC = public()


def test_there_are_public_functions():
    assert len(PUBLIC) > 100
    assert {"EventSequences.as_of", "StatisticalFeatures.__init__", "prune"} <= PUBLIC.keys()


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_function_has_types(name):
    function = PUBLIC[name]
    parameters = list(inspect.signature(function).parameters.values())
    if "." in name and parameters and parameters[0].name in ("self", "cls"):
        del parameters[0]
    without = [p.name for p in parameters if p.annotation is p.empty]
    assert without == []
    if not name.endswith("__init__"):
        assert inspect.signature(function).return_annotation is not inspect.Signature.empty
