"""Load saved pipelines that were tampered with, and use those that load.

``python tests/pipelines/mutated_pipelines.py 1500 --seed 1`` runs many. Each must be refused with
an InputError, or compute, or say with a ValueError why not: no crash, no hang, no memory without
end, no result that depends on what lay in memory before. The test of the same name runs a few.
"""

import argparse
import faulthandler
import io
import json
import random
import resource
import signal
import sys
import tempfile
import traceback
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from sktemporal import EventSequences, make_temporal_pipeline, prepare, prune
from sktemporal.exceptions import InputError
from sktemporal.io import load_pipeline, save_pipeline

_OTHER_STEPS = "to prepare must", "is ragged and has no array form", "needs a QualityReportTrans"
_SECONDS = 30
_BYTES = 6 * 2**30
_VALUES = [
    None, True, -1, 0, 1, 2, 3, 7, 2**31, 2**62, 2**63, -(2**63), 2**70, 10**30, 0.5, -0.0, 1e308,
    float("nan"), float("inf"), "", "x", "7d", "mean", "float32", "default", "passthrough", "drop",
    [], [1], {}, {"a": 1}, "9" * 50,
]  # fmt: skip
_CLASSES = [
    ("builtins", "list"), ("builtins", "tuple"), ("builtins", "dict"), ("builtins", "set"),
    ("builtins", "str"), ("builtins", "map"), ("numpy", "ndarray"), ("numpy", "int64"),
    ("numpy", "float32"), ("sklearn.pipeline", "Pipeline"), ("sklearn.pipeline", "FeatureUnion"),
    ("sklearn.preprocessing._data", "StandardScaler"),
    ("sktemporal.features.lag", "LagFeatures"),
    ("sktemporal.features.rolling", "RollingWindowFeatures"),
    ("sktemporal.features.categorical", "CategoricalFeatures"),
    ("sktemporal.pipelines.pipeline", "Pipeline"),
    ("sktemporal.quality.transformer", "QualityReportTransformer"),
    ("sktemporal.quality.sequences", "SequenceQualityReport"),
]  # fmt: skip
_ARRAYS = [
    np.array([0, 99]), np.array([-5]), np.array([2**62, 1]), np.zeros(3), np.zeros((2, 2)),
    np.array(["a", "b"]), np.array(7), np.ones(40, dtype=bool), np.empty(0),
    np.zeros(1, dtype=">i8"),
    np.array([1], dtype="M8[us]"), np.zeros(2, dtype=[("a", "i8")]), np.array([1j]),
]  # fmt: skip


def sequences():
    rng = np.random.default_rng(0)
    return EventSequences(
        rng.lognormal(size=(240, 2)),
        np.arange(0, 240, 6),
        np.arange(6, 246, 6),
        times=np.tile(np.arange(6) * 86_400_000_000, 40),
        codes=rng.integers(0, 4, size=(240, 1)),
        fields=["amount", "risk"],
        categorical_fields=["kind"],
        categories=[["a", "b", "c"]],
    )


def saved(seqs):
    """The members of some saved pipelines, by name."""
    plain = make_temporal_pipeline(windows=(3, "7d"), lags=(1, 2), dtype=np.float32)
    dropping = make_temporal_pipeline(windows=(3,), lags=(1,)).set_params(quality__drop=True)
    steps = Pipeline([*clone(dropping).steps, ("model", LogisticRegression(max_iter=5))])
    weighted = make_temporal_pipeline(windows=(3,), lags=(1,), quality=False)
    weighted.set_params(features__transformer_weights={"lag": 2.0})
    y = np.arange(len(seqs)) % 2
    for pipeline in (plain, dropping, steps, weighted):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pipeline.fit(seqs, y)
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "p.skops")
            save_pipeline(pipeline, path)
            with zipfile.ZipFile(path) as file:
                yield {name: file.read(name) for name in file.namelist()}


def nodes(schema):
    """All dicts and lists in a schema."""
    found, rest = [], [schema]
    while rest:
        node = rest.pop()
        if isinstance(node, dict | list):
            found.append(node)
            rest += node.values() if isinstance(node, dict) else node
    return found


def mutated_schema(schema, rng):
    """Change one thing in the description of a pipeline."""
    found = nodes(schema)
    typed = [n for n in found if isinstance(n, dict) and "__class__" in n]
    kind = rng.choice(["value", "value", "value", "class", "delete", "swap", "copy", "file", "any"])
    if kind == "value":  # of a number, a text, ...
        node = rng.choice([n for n in typed if n.get("is_json")])
        node["content"] = json.dumps(rng.choice(_VALUES))
    elif kind == "class":
        node = rng.choice(typed)
        node["__module__"], node["__class__"] = rng.choice(_CLASSES)
        if rng.random() < 0.5:
            node["__loader__"] = rng.choice(typed)["__loader__"]
    elif kind == "delete":
        node = rng.choice([n for n in found if len(n)])
        del node[rng.choice(list(node) if isinstance(node, dict) else range(len(node)))]
    elif kind == "swap":
        a, b = rng.choice(typed), rng.choice(typed)
        a_content, b_content = dict(a), json.loads(json.dumps(b))
        a.clear()
        a.update(b_content)
        if not any(node is b for node in nodes(a_content)):
            b.clear()
            b.update(a_content)
    elif kind == "copy":
        node = rng.choice([n for n in found if isinstance(n, list) and n] or [[0]])
        node.append(json.loads(json.dumps(rng.choice(node))))
    elif kind == "file":
        files = [n for n in typed if "file" in n]
        rng.choice(files)["file"] = rng.choice(files)["file"]
    else:
        node = rng.choice([n for n in found if isinstance(n, dict) and n])
        node[rng.choice(list(node))] = rng.choice(_VALUES)


def mutation(members, rng):
    """A file like the one with these members, with one to three changes."""
    members = dict(members)
    for _ in range(rng.randint(1, 3)):
        kind = rng.choice(["schema", "schema", "schema", "array", "bytes"])
        arrays = [name for name in members if name.endswith(".npy")]
        if kind == "schema":
            try:
                schema = json.loads(members["schema.json"])
                mutated_schema(schema, rng)
            except (ValueError, IndexError):  # the change before left nothing to change
                continue
            members["schema.json"] = json.dumps(schema).encode()
        elif kind == "array" and arrays:
            buffer = io.BytesIO()
            np.save(buffer, rng.choice(_ARRAYS))
            members[rng.choice(arrays)] = buffer.getvalue()
        else:
            name = rng.choice(list(members))
            data = bytearray(members[name])
            for _ in range(rng.randint(1, 4)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            members[name] = bytes(data)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    data = bytearray(whole.getvalue())
    if rng.random() < 0.1:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    if rng.random() < 0.05:
        del data[rng.randrange(len(data)) :]
    return bytes(data)


def use(pipeline, seqs):
    """Use a pipeline in all ways; return what happened in each."""
    results = {}
    model = None
    if hasattr(pipeline, "predict"):
        pipeline, model = pipeline[:-1], pipeline
    ways = {
        "compute": lambda: dense(pipeline.transform(seqs)),
        "names": lambda: pipeline.get_feature_names_out(),
        "prepare": lambda: dense(prepare(pipeline)(seqs[:3])),
        "prune": lambda: prune(pipeline),
        "report_": lambda: getattr(pipeline, "report_", None),
        "report": lambda: pipeline.report(seqs) if hasattr(pipeline, "report") else None,
        "drift": lambda: pipeline.drift(seqs) if hasattr(pipeline, "drift") else None,
    }
    for name, way in ways.items():
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                value = way()
                if name in ("compute", "prepare"):
                    again = dirty_memory(way)
                    same = value.dtype == object or value.tobytes() == again.tobytes()
                    assert same, f"{name} is not the same the second time"
            results[name] = "computed"
        except ValueError:
            results[name] = "refused"
        except (AttributeError, TypeError) as error:  # as we say it where a step is another
            if not any(words in str(error) for words in _OTHER_STEPS):
                raise
            results[name] = "refused"
    if model is not None:
        try:
            model.predict(seqs)
        except Exception:  # scikit-learn checks no state: any error, but no crash
            results["predict"] = "failed"
    return results


def dense(features):
    return features.toarray() if hasattr(features, "toarray") else np.asarray(features)


def dirty_memory(way):
    """Call it after memory of many sizes was filled with numbers and freed."""
    garbage = [np.full(2**k, 1.234e-5) for k in range(4, 16) for _ in range(4)]
    del garbage
    return way()


def run(n, seed):
    seqs = sequences()
    files = list(saved(seqs))
    counts = Counter()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "p.skops")
        for i in range(n):
            rng = random.Random(f"{seed} {i}")
            path.write_bytes(mutation(rng.choice(files), rng))
            print(f"mutation {i} of seed {seed}", file=sys.stderr, flush=True)
            signal.alarm(_SECONDS)
            try:
                pipeline = load_pipeline(path)
            except InputError:
                counts["refused at loading"] += 1
                continue
            counts["loaded"] += 1
            try:
                results = use(pipeline, seqs)
            except Exception:
                traceback.print_exc()
                counts["failed"] += 1
                continue
            counts.update(f"{name}: {result}" for name, result in results.items())
    signal.alarm(0)
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    found = run(arguments.n, arguments.seed)
    print(json.dumps(found))
    sys.exit(1 if found["failed"] else 0)
