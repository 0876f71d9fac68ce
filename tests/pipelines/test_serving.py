"""`sktemporal.prepare`: the bits of transform, without its overhead."""

import pickle
import warnings

import numpy as np
import pytest
from histories import features, same_bits, seeded_histories, sequences_of
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from sktemporal import (
    CategoricalFeatures,
    EventSequences,
    LagFeatures,
    QualityReportTransformer,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    TemporalPatternFeatures,
    make_temporal_pipeline,
    prepare,
)
from sktemporal.exceptions import EmptyHistoryWarning


@pytest.fixture(scope="module")
def seqs():
    return sequences_of(seeded_histories(0))


def last_values(X):
    return X.values[np.maximum(X.stops - 1, X.starts)]


def union(**parameters):
    members = [("lag", LagFeatures((1,))), ("statistical", StatisticalFeatures(("mean", "q10")))]
    return TemporalFeatureUnion(members, **parameters)


PIPELINES = {
    "default": make_temporal_pipeline(windows=(3, "2h"), lags=(1,)),
    "in parallel": make_temporal_pipeline(n_jobs=2),
    "dropping": make_temporal_pipeline().set_params(quality__drop=True),
    "float32": make_temporal_pipeline(dtype=np.float32),
    "no quality": make_temporal_pipeline(quality=False, fill_value=-1.0),
    "NaN": make_temporal_pipeline(fill_value=np.nan),
    "family": RollingWindowFeatures((2, "1h"), ("sum", "median"), closed="left"),
    "categorical": CategoricalFeatures(),
    "pattern of some": TemporalPatternFeatures(fields=(1,)),
    "union": union(),
    "weights": union(transformer_weights={"lag": 2.0}),
    "foreign member": TemporalFeatureUnion(
        [("lag", LagFeatures((1,))), ("last", FunctionTransformer(last_values))]
    ),
    "further steps": make_pipeline(union(), StandardScaler()),
    "frames between": make_pipeline(
        union().set_output(transform="pandas"), StandardScaler(), QualityReportTransformer()
    ),
    "passthrough": make_pipeline(union(), "passthrough"),
}


@pytest.fixture(params=PIPELINES.values(), ids=list(PIPELINES))
def fitted(request, seqs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyHistoryWarning)
        return request.param.fit(seqs)


@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
def test_has_the_bits_of_transform(fitted, seqs):
    serve = prepare(fitted)
    shuffled = np.random.default_rng(0).permutation(len(seqs))
    for X in (seqs, seqs[7], seqs[shuffled], seqs.each_event()[::7]):
        assert same_bits(serve(X), np.asarray(fitted.transform(X)))
    for i in range(len(seqs)):
        assert same_bits(serve(seqs[i]), np.asarray(fitted.transform(seqs[i])))


@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
def test_no_entity_gives_no_row(seqs):
    pipeline = make_temporal_pipeline(windows=(3,)).fit(seqs[5:])
    assert same_bits(prepare(pipeline)(seqs[[]]), pipeline.transform(seqs[[]]))


def test_arrays_of_every_kind():
    rng = np.random.default_rng(0)
    masked = np.ma.MaskedArray(rng.normal(size=(9, 5, 2)), rng.random((9, 5, 2)) < 0.3)
    for X in (masked, masked.filled(np.nan), masked.filled(1.0)[:, 0], masked.astype(np.float32)):
        pipeline = make_temporal_pipeline(windows=(3,)).fit(X)
        assert same_bits(prepare(pipeline)(X[:1]), pipeline.transform(X[:1]))
        family = CategoricalFeatures().fit(np.round(X))
        expected = features(family, np.round(X))
        assert same_bits(prepare(family)(np.round(X)), expected)


def test_names_are_those_of_the_pipeline(seqs):
    pipeline = PIPELINES["dropping"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyHistoryWarning)
        serve = prepare(pipeline.fit(seqs))
    assert serve.feature_names.tolist() == pipeline.get_feature_names_out().tolist()
    assert serve(seqs[5]).shape == (1, len(serve.feature_names))


def test_every_call_gives_an_array_of_its_own(seqs):
    serve = prepare(StatisticalFeatures().fit(seqs))
    first = serve(seqs[5])
    before = first.copy()
    serve(seqs[6])
    assert same_bits(first, before)


def test_no_warning_of_entities_without_an_event(seqs):
    assert seqs[0].n_events == 0
    assert not prepare(StatisticalFeatures().fit(seqs))(seqs[0]).any()


def test_survives_pickling(seqs):
    serve = prepare(union().fit(seqs))
    assert same_bits(pickle.loads(pickle.dumps(serve))(seqs), serve(seqs))


def test_other_fields_are_refused(seqs):
    serve = prepare(LagFeatures().fit(seqs))
    with pytest.raises(ValueError, match="X has 1 features, but LagFeatures is expecting 4"):
        serve(EventSequences([[1.0]], [0], [1]))


def test_what_is_not_fitted_or_computes_no_features_is_refused():
    with pytest.raises(NotFittedError):
        prepare(make_temporal_pipeline())
    scaler = StandardScaler().fit([[1.0], [2.0]])
    with pytest.raises(TypeError, match="feature family or a TemporalFeatureUnion; got StandardS"):
        prepare(scaler)
    with pytest.raises(TypeError, match="got StandardScaler"):
        prepare(make_pipeline(scaler))


def test_weights_and_other_members_before_a_quality_step(seqs):
    pipeline = make_temporal_pipeline(windows=(3,), lags=(1,))
    pipeline.set_params(features__transformer_weights={"lag": 2.0})
    full = seqs[seqs.lengths > 3]
    expected = pipeline.fit(full).transform(full[:1])
    assert same_bits(prepare(pipeline)(full[:1]), np.asarray(expected))


def test_fitting_again_does_not_change_what_was_prepared(seqs):
    full = seqs[seqs.lengths > 3]
    pipeline = make_temporal_pipeline(windows=(3,)).fit(full)
    serve = prepare(pipeline)
    before = serve(full)
    pipeline.set_params(quality__drop=True, features__rolling__windows=(5,)).fit(full)
    assert same_bits(serve(full), before)


def test_sparse_features_stay_sparse(seqs):
    full = seqs[seqs.lengths > 3]
    binned = make_pipeline(union(), OneHotEncoder(handle_unknown="ignore")).fit(full)
    assert (prepare(binned)(full) != binned.transform(full)).nnz == 0


class Doubled(QualityReportTransformer):
    def transform(self, X):
        return 2.0 * super().transform(X)


class Halved(LagFeatures):
    def transform(self, X):
        return super().transform(X) / 2.0


def test_a_subclass_that_transforms_otherwise_does_so(seqs):
    full = seqs[seqs.lengths > 3]
    for pipeline in (make_pipeline(union(), Doubled()), make_pipeline(Halved()), Halved()):
        pipeline.fit(full)
        assert same_bits(prepare(pipeline)(full), np.asarray(pipeline.transform(full)))


def test_pipelines_that_predict_are_refused(seqs):
    full = seqs[seqs.lengths > 3]
    pipeline = make_pipeline(union(), LogisticRegression(C=1e-9)).fit(full, full.lengths % 2)
    with pytest.raises(TypeError, match="must transform; the last one is a LogisticRegression"):
        prepare(pipeline)


def test_further_steps_survive_pickling(seqs):
    full = seqs[seqs.lengths > 3]
    serve = prepare(make_pipeline(union(), StandardScaler()).fit(full))
    assert same_bits(pickle.loads(pickle.dumps(serve))(full), serve(full))
