"""What came out of a file: whether it is a pipeline, and as one was when it was saved."""

import json
import zipfile

from sklearn.base import BaseEstimator
from sklearn.pipeline import FeatureUnion, Pipeline

from .._state import check_members, check_state, refuse

# A file may unpack to so many times its size, and to this many bytes in any case.
_MOST_TIMES = 20
_ALWAYS_ALLOWED = 2**26


def check_size(path):
    """Check that a file does not unpack to far more than its size.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ValueError
        If it does: packed, or by naming a part many times, each of which is read.
    """
    most = _MOST_TIMES * path.stat().st_size + _ALWAYS_ALLOWED
    with zipfile.ZipFile(path) as file:
        sizes = {info.filename: info.file_size for info in file.infolist()}
        total = sum(info.file_size for info in file.infolist())
        if total <= most:
            total += sum(
                sizes.get(name, 0) for name in _parts(json.loads(file.read("schema.json")))
            )
    if total > most:
        raise ValueError(f"a file that unpacks to {total:,} bytes, {_MOST_TIMES} times its size")


def _parts(schema):
    """Yield the parts of the file that a schema names, each as often as it does."""
    rest = [schema]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            if isinstance(node.get("file"), str):
                yield node["file"]
            rest += node.values()
        elif isinstance(node, list):
            rest += node


def check_loaded(pipeline):
    """Check an estimator that was loaded, with all that it is made of.

    Parameters
    ----------
    pipeline : object

    Raises
    ------
    ValueError
        If it is no estimator, a parameter is not allowed, or what fit made of an estimator of this
        package is not what fit makes.
    """
    if not hasattr(pipeline, "fit") or isinstance(pipeline, type):
        raise ValueError(f"a {type(pipeline).__name__}, which is no estimator")
    for estimator in _estimators(pipeline):
        if isinstance(estimator, (Pipeline, FeatureUnion)):
            _check_members_of(estimator)
        if type(estimator).__module__.startswith("sktemporal."):
            _check_attributes(estimator)
        outputs = getattr(estimator, "_sklearn_output_config", {})
        if not isinstance(outputs, dict) or not all(isinstance(v, str) for v in outputs.values()):
            refuse(estimator, "_sklearn_output_config", "a dict of names", outputs)
        if getattr(estimator, "_parameter_constraints", None):
            estimator._validate_params()
        if not _is_fitted(estimator):
            continue
        if hasattr(estimator, "_check_loaded"):
            estimator._check_loaded()
        elif hasattr(estimator, "_check_fitted"):
            check_state(estimator)


def _estimators(pipeline):
    """Yield all estimators in an object, each once."""
    rest, seen = [pipeline], {}
    while rest:
        part = rest.pop()
        if id(part) in seen:
            continue
        seen[id(part)] = part
        if isinstance(part, BaseEstimator):
            yield part
            rest += vars(part).values()
        elif isinstance(part, dict):
            rest += part.values()
        elif isinstance(part, (list, tuple)):
            rest += part


def _check_members_of(estimator):
    if isinstance(estimator, Pipeline):
        check_members(estimator, "steps", (None, "passthrough"))
    else:
        check_members(estimator, "transformer_list", ("drop", "passthrough"), "transform")


def _check_attributes(estimator):
    """Refuse an attribute in place of a method or a constant of the class."""
    for name in vars(estimator):
        if hasattr(type(estimator), name):
            refuse(estimator, name, "that of its class", vars(estimator)[name])


def _is_fitted(estimator):
    if hasattr(estimator, "__sklearn_is_fitted__"):
        return estimator.__sklearn_is_fitted__()
    return any(name.endswith("_") and not name.startswith("__") for name in vars(estimator))
