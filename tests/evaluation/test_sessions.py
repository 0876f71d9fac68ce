"""A new family is right in every respect as soon as its plan is written."""

import pickle
import warnings

import numpy as np
import pytest
from evaluation.sessions import SessionFeatures
from histories import same_bits, seeded_histories, sequences_of
from oracles.plan import evaluate

from sktemporal import TemporalFeatureUnion, make_temporal_pipeline, prepare, prune
from sktemporal.io import load_pipeline, save_pipeline
from sktemporal.testing import check_no_leakage, sequence_transformer_checks

pytestmark = pytest.mark.filterwarnings("ignore:.* no valid event")
SEQS = sequences_of(seeded_histories(1))
EVENTS = sequences_of(seeded_histories(2)).each_event()


@pytest.fixture
def pipeline():
    pipeline = make_temporal_pipeline(windows=(3, "2h"), lags=(1,))
    pipeline["features"].transformer_list.append(("session", SessionFeatures("1h")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return pipeline.set_output(transform="pandas").fit(SEQS)


@pytest.mark.parametrize("seqs", [SEQS, EVENTS], ids=["histories", "moments"])
def test_values_are_those_of_the_slow_twin(seqs):
    family = SessionFeatures("1h", fill_value=np.nan).fit(seqs)
    plan = family._plan(list(seqs.fields))
    expected = [[evaluate(node, seqs, i) for _, node in plan] for i in range(len(seqs))]
    np.testing.assert_allclose(family.transform(seqs), expected, rtol=1e-10)
    assert family.get_feature_names_out().tolist() == [name for name, _ in plan]
    assert max(row[1] for row in expected) > min(row[1] for row in expected) > -1


@pytest.mark.parametrize(
    ("transformer", "check"), sequence_transformer_checks(SessionFeatures(), needs_times=True)
)
def test_manners(transformer, check):
    check(transformer)


def test_no_leakage():
    check_no_leakage(SessionFeatures("1h"), EVENTS)


def test_serving_pruning_and_saving(pipeline, tmp_path):
    expected = pipeline.transform(EVENTS)
    serve = prepare(pipeline)
    for i in (0, 100, len(EVENTS) - 1):
        assert same_bits(serve(EVENTS[i]), np.asarray(expected)[i : i + 1])
    names = ["session_events", "mean_amount", "since_session_began", "rolling_2h_max_large"]
    pruned = prune(pipeline, names)
    got = pruned.transform(EVENTS)
    assert sorted(got.columns) == sorted(names)
    assert same_bits(got, expected[got.columns])
    families = dict(pruned["features"].transformers_)
    assert families["session"]._n_features_out == 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        save_pipeline(pruned, tmp_path / "p.skops")
    trusted = [f"{SessionFeatures.__module__}.SessionFeatures"]
    loaded = load_pipeline(tmp_path / "p.skops", trusted=trusted)
    assert same_bits(loaded.transform(EVENTS), got)
    assert same_bits(pickle.loads(pickle.dumps(pruned)).transform(EVENTS), got)


def test_beside_the_others_in_parallel():
    members = [("a", SessionFeatures("1h")), ("b", SessionFeatures("10min", prefix="b_"))]
    one, two = (TemporalFeatureUnion(members, n_jobs=n).fit(SEQS) for n in (1, 2))
    assert same_bits(one.transform(EVENTS), two.transform(EVENTS))
