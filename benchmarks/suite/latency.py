"""How long the features of a single entity take."""

import numpy as np

import sktemporal

from ..measuring import latencies
from . import histories
from .columns import FIELDS
from .comparison import contenders_of
from .contenders.own import WALL, feature_union


def single_entity(seconds, report):
    """Median and 99th percentile of successive calls, in seconds, and the number of columns."""
    table = {}
    for name, (run, n_columns) in {**own_runs(), **peer_runs()}.items():
        report(f"a single entity: {name}")
        taken = latencies(run, seconds)
        table[name] = {
            "median": float(np.median(taken)),
            "p99": float(np.quantile(taken, 0.99)),
            "calls": len(taken),
            "columns": n_columns,
        }
    return table


def own_runs():
    X = np.random.default_rng(0).lognormal(3.0, 1.0, (500, histories.N_STEPS, len(FIELDS)))
    one = X[:1]
    pipelines = {
        "default pipeline": sktemporal.make_temporal_pipeline().fit(X),
        "columns of this page": feature_union("all", None).fit(X),
    }
    runs = {}
    for name, pipeline in pipelines.items():
        prepared = sktemporal.prepare(pipeline)
        expected = np.asarray(pipeline.transform(one))
        np.testing.assert_array_equal(np.asarray(prepared(one)), expected)
        n_columns = expected.shape[1]
        runs[f"sktemporal, {name}, transform"] = (lambda p=pipeline: p.transform(one)), n_columns
        runs[f"sktemporal, {name}, prepare"] = (lambda p=prepared: p(one)), n_columns
    return runs


def peer_runs():
    one = histories.of_lengths(np.array([histories.N_STEPS]))
    runs = {}
    for part in ("all", "summaries"):
        for contender in contenders_of(part):
            known = contender.package == "sktemporal" or contender.name in (WALL, *runs)
            if not known:
                n_columns = len(contender.columns(contender.load(one, part)(), part))
                runs[contender.name] = contender.load(one, part), n_columns
    return runs
