"""`TemporalFeatureUnion(memory=...)`: what is computed once, and what is not taken for the same."""

import copy
import gc
import pickle

import joblib
import numpy as np
import pytest
from histories import features, same_bits, seeded_histories, sequences_of
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline

from sktemporal import (
    BehavioralFeatures,
    CategoricalFeatures,
    EventSequences,
    FeatureMemory,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    TemporalPatternFeatures,
    make_temporal_pipeline,
)
from sktemporal.evaluation.executor import Executor
from sktemporal.pipelines import memory as module


@pytest.fixture
def seqs():
    return sequences_of([h for h in seeded_histories(0, n_entities=60) if len(h)])


def union(memory, **parameters):
    members = [
        ("rolling", RollingWindowFeatures((2, "1h"), ("mean", "median"))),
        ("statistical", StatisticalFeatures(fill_value=np.nan)),
        ("categorical", CategoricalFeatures()),
    ]
    return TemporalFeatureUnion(members, memory=memory, **parameters)


@pytest.fixture
def counted(monkeypatch):
    """How many entities each family has computed, by the name of its class."""
    counts = {}
    original = Executor.write

    def write(self, chunks, out):
        chunks = list(chunks)
        for family in self.families:
            name = type(family).__name__
            n_entities = sum(chunk.slices.stop - chunk.slices.start for chunk in chunks)
            counts[name] = counts.get(name, 0) + n_entities
        original(self, chunks, out)

    monkeypatch.setattr(Executor, "write", write)
    return counts


@pytest.fixture(params=["process", "joblib", "directory", "mapped"])
def memory(request, tmp_path):
    return {
        "process": FeatureMemory,
        "joblib": lambda: joblib.Memory(tmp_path, verbose=0),
        "directory": lambda: str(tmp_path),
        "mapped": lambda: joblib.Memory(tmp_path, mmap_mode="r", verbose=0),
    }[request.param]()


def test_every_selection_has_its_rows_and_nothing_is_computed_again(seqs, memory, counted):
    expected = features(union(None), seqs)
    counted.clear()
    remembering = union(memory).fit(seqs)
    rng = np.random.default_rng(0)
    for key in (slice(None), [3, 1, 1], rng.permutation(len(seqs)), seqs.lengths > 5, slice(9, 2)):
        assert same_bits(remembering.transform(seqs[key]), expected[key])
        assert same_bits(remembering.transform(seqs[5:][::-1]), expected[5:][::-1])
    assert set(counted.values()) == {len(seqs)}


def test_another_parameter_computes_only_its_family_again(seqs, memory, counted):
    first = union(memory).fit(seqs)
    first.transform(seqs)
    second = clone(first).set_params(rolling__windows=(3,), n_jobs=2).fit(seqs)
    expected = union(None).set_params(rolling__windows=(3,)).fit(seqs).transform(seqs)
    counted.clear()
    assert same_bits(second.transform(seqs), expected)
    assert counted == {"RollingWindowFeatures": len(seqs)}
    counted.clear()
    for name, value in {"fill_value": 7.0, "dtype": np.float32, "fields": (1,)}.items():
        changed = clone(first).set_params(**{f"statistical__{name}": value}).fit(seqs)
        plain = clone(changed).set_params(memory=None).fit(seqs)
        assert same_bits(changed.transform(seqs), plain.transform(seqs))


def test_windows_of_another_view_are_not_taken_for_the_same(seqs, memory):
    moments = seqs.reference_times + 1
    times = moments.view("datetime64[us]")
    views = [seqs.as_of(np.arange(len(seqs)), times, inclusive=flag) for flag in (True, False)]
    members = [("rolling", RollingWindowFeatures(("1us", 2), ("sum", "count")))]
    remembering = TemporalFeatureUnion(members, memory=memory).fit(views[0])
    plain = TemporalFeatureUnion(members).fit(views[0])
    expected = [features(plain, view) for view in views]
    assert not same_bits(*expected)
    for view, known in zip(views, expected, strict=True):
        assert same_bits(features(remembering, view), known)
        assert same_bits(features(remembering, view[::2]), known[::2])
    moved = views[0][1:].with_reference_times(times[1:], inclusive=False)
    assert same_bits(features(remembering, moved), expected[1][1:])


@pytest.mark.parametrize("part", ["values", "codes", "times", "starts", "stops", "reference_times"])
def test_any_change_of_the_data_is_noticed(seqs, memory, part):
    remembering = union(memory).fit(seqs)
    before = remembering.transform(seqs)
    array = getattr(seqs, part).copy()
    if part == "values":
        array[array.shape[0] // 2] *= 2.0
    elif part == "codes":
        array[:] = array[::-1]
    elif part == "times":
        array[seqs.starts] -= 5_000_000_000
    elif part == "starts":
        array[5] = seqs.stops[5] - 1
    elif part == "stops":
        array[5] = seqs.starts[5] + 1
    else:
        array += 1_800_000_000
    changed = seqs.replace(**{part: array})
    expected = union(None).fit(changed).transform(changed)
    assert not same_bits(expected, before)
    assert same_bits(remembering.transform(changed), expected)
    assert same_bits(remembering.transform(changed[::2]), expected[::2])


@pytest.mark.parametrize("part", ["intervals", "observed"])
def test_a_change_of_what_not_all_tables_have_is_noticed(memory, part):
    parts = {"intervals": np.array([1.0, 2.0, 3.0]), "observed": np.array([True, False, True])}
    others = {"intervals": np.array([1.0, 2.0, 9.0]), "observed": np.array([True, False, False])}
    seqs = EventSequences(np.ones((3, 1)), [0], [3], **parts)
    remembering = TemporalFeatureUnion([("temporal", TemporalPatternFeatures())], memory=memory)
    before = remembering.fit_transform(seqs)
    changed = seqs.replace(**{part: others[part]})
    expected = features(TemporalPatternFeatures(), changed)
    assert not same_bits(expected, before)
    assert same_bits(remembering.transform(changed), expected)
    without = seqs.replace(**{part: None})
    assert same_bits(remembering.transform(without), features(TemporalPatternFeatures(), without))


def test_fields_are_known_by_where_they_are(memory):
    table = np.array([[1.0, 10.0], [2.0, 20.0]])
    for fields in (["a", "b"], ["b", "a"]):
        seqs = EventSequences(table, [0], [2], fields=fields)
        sums = TemporalFeatureUnion(
            [("sum", StatisticalFeatures(("sum",), fields=("a",)))], memory=memory
        )
        assert sums.fit_transform(seqs).tolist() == [[3.0 if fields[0] == "a" else 30.0]]


def test_families_of_the_same_parameters_are_not_the_same(memory):
    assert CategoricalFeatures().get_params() == BehavioralFeatures().get_params()
    seqs = EventSequences([[1.0], [3.0]], [0], [2], codes=[[1], [1]])
    for family in (CategoricalFeatures(), BehavioralFeatures()):
        remembering = TemporalFeatureUnion([("family", family)], memory=memory)
        assert same_bits(remembering.fit_transform(seqs), features(clone(family), seqs))


def test_the_same_numbers_in_another_shape_are_another_table(memory):
    remembering = TemporalFeatureUnion(
        [("last", StatisticalFeatures(("last",), fields=(0,)))], memory=memory
    )
    for columns, last in ((2, 3.0), (3, 4.0)):
        seqs = EventSequences(np.arange(1.0, 7.0).reshape(-1, columns), [0], [2])
        assert remembering.fit_transform(seqs).tolist() == [[last]]


def test_another_version_computes_anew(seqs, memory, counted, monkeypatch):
    for version in ("1", "2", "1"):
        monkeypatch.setattr(module, "_version", lambda version=version: version)
        remembering = TemporalFeatureUnion([("lag", LagFeatures())], memory=memory)
        remembering.fit_transform(seqs)
    assert counted == {"LagFeatures": 2 * len(seqs)}


def test_a_change_in_place_is_noticed(seqs, memory):
    remembering = union(memory).fit(seqs)
    remembering.transform(seqs[::2])
    seqs.values[seqs.starts[4]] = 12345.0
    expected = union(None).fit(seqs).transform(seqs)
    assert same_bits(remembering.transform(seqs[::2]), expected[::2])


def test_nobody_can_spoil_what_is_kept(seqs, memory):
    remembering = union(memory).fit(seqs)
    expected = remembering.transform(seqs).copy()
    remembering.transform(seqs)[:] = 0.0
    weighted = union(memory, transformer_weights={"rolling": 3.0}).fit(seqs)
    assert not same_bits(weighted.transform(seqs), expected)
    assert same_bits(remembering.transform(seqs), expected)


def test_what_is_handed_out_cannot_be_written_to():
    memory = FeatureMemory()
    for _ in range(2):
        features = memory.get("key", lambda: np.ones(3))
        with pytest.raises(ValueError, match="read-only"):
            features[0] = 7.0
        assert features.tolist() == [1.0, 1.0, 1.0]


def test_the_lock_is_held_whenever_the_cache_is_looked_at_and_not_while_computing():
    memory, seen = FeatureMemory(), []

    class Watched(type(memory._kept)):
        def get(self, key):
            seen.append(("get", memory._lock.locked()))
            return super().get(key)

        def __setitem__(self, key, value):
            seen.append(("set", memory._lock.locked()))
            super().__setitem__(key, value)

    def compute():
        seen.append(("compute", memory._lock.locked()))
        return np.ones(3)

    memory._kept = Watched(memory.max_bytes)
    memory.get("key", compute)
    memory.get("key", compute)
    assert seen == [("get", True), ("compute", False), ("set", True), ("get", True)]


def test_what_an_estimator_sent_to_a_process_keeps_is_there_for_the_next():
    memory = FeatureMemory()
    sent = pickle.dumps(memory)
    del memory  # as in the process that it is sent to
    gc.collect()
    pickle.loads(sent).get("key", lambda: np.ones(3))
    gc.collect()
    assert pickle.loads(sent).n_bytes > 0


def test_arrays_are_kept_too(memory, counted):
    X = np.random.default_rng(0).lognormal(size=(20, 6, 2))
    members = [("statistical", StatisticalFeatures())]
    remembering = TemporalFeatureUnion(members, memory=memory).fit(X)
    expected = remembering.transform(X)
    counted.clear()
    assert same_bits(remembering.transform(X.copy()), expected)
    assert counted == {}
    assert same_bits(remembering.transform(X[::2]), expected[::2])


@pytest.mark.parametrize(("backend", "n_jobs"), [("threading", 2), ("loky", 2), ("loky", 1)])
def test_a_grid_search_has_the_same_scores(seqs, memory, backend, n_jobs):
    y = seqs.lengths % 2
    scores = []
    for kept in (None, memory):
        pipeline = make_pipeline(
            union(kept), make_temporal_pipeline()["quality"], LogisticRegression(C=1e-9)
        )
        grid = {"temporalfeatureunion__rolling__windows": [(1,), (2,), (3, "1h")]}
        search = GridSearchCV(pipeline, grid, cv=KFold(3), n_jobs=n_jobs)
        with joblib.parallel_config(backend=backend):
            scores.append(search.fit(seqs, y).cv_results_["mean_test_score"].tolist())
    assert scores[0] == scores[1]


def test_a_grid_search_computes_each_table_family_and_parameter_once(seqs, counted):
    pipeline = make_pipeline(union(FeatureMemory()), DummyClassifier())
    grid = {"temporalfeatureunion__rolling__windows": [(1,), (2,), (3,), (4,)]}
    GridSearchCV(pipeline, grid, cv=5).fit(seqs, seqs.lengths % 2)
    n = len(seqs)
    assert counted == {
        "RollingWindowFeatures": 4 * n,
        "StatisticalFeatures": n,
        "CategoricalFeatures": n,
    }


def test_the_memory_is_bounded(seqs, counted):
    small = FeatureMemory(max_bytes=features(LagFeatures(), seqs).nbytes + 1024)
    first = TemporalFeatureUnion([("lag", LagFeatures())], memory=small).fit(seqs)
    second = clone(first).set_params(lag__lags=(2, 3, 4, 5)).fit(seqs)
    third = clone(first).set_params(lag__lags=(1, 2, 3, 4, 5)).fit(seqs)  # does not fit at all
    counted.clear()
    for transformer in (first, first, second, second, first, third):
        transformer.transform(seqs)
        assert small.n_bytes <= small.max_bytes
    assert counted == {"LagFeatures": 4 * len(seqs)}


def test_copies_share_the_memory_and_pickles_in_a_process_too():
    memory = FeatureMemory(1000)
    assert clone(union(memory)).memory is memory
    assert copy.deepcopy(memory) is memory
    assert pickle.loads(pickle.dumps(memory)) is memory
    assert repr(memory) == "FeatureMemory(max_bytes=1000)"


def test_an_index_array_that_is_written_to_later_changes_nothing(seqs, memory):
    positions, rng, views = np.arange(len(seqs)), np.random.default_rng(0), []
    for _ in range(3):
        rng.shuffle(positions)
        views.append(seqs[positions])
    remembering = union(memory).fit(seqs)
    for view in views:
        assert same_bits(remembering.transform(view), features(union(None), view))


def test_the_order_in_memory_is_no_transposition(memory):
    table = np.arange(4.0).reshape(2, 2)
    first = TemporalFeatureUnion([("last", StatisticalFeatures(("last",)))], memory=memory)
    assert first.fit_transform(EventSequences(table, [0], [2])).tolist() == [[2.0, 3.0]]
    assert first.fit_transform(EventSequences(table.T, [0], [2])).tolist() == [[1.0, 3.0]]


class Mine(LagFeatures):
    by = 1.0

    def _compute(self, columns, out):
        super()._compute(columns, out)
        out *= self.by


def test_families_of_others_are_not_remembered(seqs, memory, monkeypatch):
    for factor in (1.0, 2.0):
        monkeypatch.setattr(Mine, "by", factor)
        transformer = TemporalFeatureUnion([("mine", Mine((0,)))], memory=memory)
        expected = factor * features(LagFeatures((0,)), seqs)
        assert same_bits(transformer.fit_transform(seqs), expected)


def test_what_does_not_fit_is_computed_for_the_selection_alone(seqs, counted):
    members = [("statistical", StatisticalFeatures())]
    transformer = TemporalFeatureUnion(members, memory=FeatureMemory(100)).fit(seqs)
    transformer.transform(seqs[4:7])
    assert counted == {"StatisticalFeatures": 3}


def test_empty_blocks_take_room_too(seqs):
    memory = FeatureMemory(10_000)
    none = TemporalFeatureUnion([("lag", LagFeatures(()))], memory=memory)
    for k in range(50):
        none.fit_transform(seqs[k : k + 1].tail(3))
    assert 0 < memory.n_bytes <= memory.max_bytes


@pytest.mark.parametrize("max_bytes", [0, -1, "1GB", None])
def test_what_is_no_bound_is_named(max_bytes):
    with pytest.raises(ValueError, match=f"max_bytes must be a positive number; got {max_bytes!r}"):
        FeatureMemory(max_bytes)


def test_what_is_no_memory_is_named(seqs):
    with pytest.raises(ValueError, match="'memory' should be None, a string or"):
        union(3).fit(seqs).transform(seqs)


def views_of(seqs):
    """Slices of one table that differ from each other in one thing, or in none."""
    moments = seqs.reference_times + 7_200_000_000
    later = seqs.with_reference_times(moments.view("datetime64[us]"))
    rng = np.random.default_rng(3)
    return [
        seqs,
        later,
        later.replace(inclusive=False),
        seqs.tail(3),
        seqs.part(slice(4, 40)).tail(3),
        seqs.since("5h"),
        seqs.each_event(),
        seqs.each_event(inclusive=True),
        seqs.each_event()[rng.permutation(seqs.n_events)[:90]],
        seqs.as_of(rng.integers(0, len(seqs), 80), moments[0].view("datetime64[us]")),
    ]


@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
def test_slices_of_one_table_are_never_taken_for_others(seqs, memory):
    remembering, plain = union(memory).fit(seqs), union(None).fit(seqs)
    views = views_of(seqs)
    rng = np.random.default_rng(1)
    for _ in range(2):
        for k in rng.permutation(len(views)):
            view, expected = views[k], features(plain, views[k])
            for rows in (
                slice(None),
                rng.permutation(len(view)),
                rng.integers(0, len(view), 40),
                rng.random(len(view)) < 0.5,
                slice(5, 1, -2),
                [],
            ):
                found = remembering.transform(view[rows]) if len(view[rows]) else expected[:0]
                assert same_bits(found, expected[rows])


def test_folds_of_a_view_compute_it_once(seqs, memory, counted):
    view = seqs.each_event(inclusive=True)
    remembering = union(memory).fit(seqs)
    for train, test in KFold(4, shuffle=True, random_state=0).split(view):
        for rows in (train, test):
            remembering.transform(view[rows])
    assert set(counted.values()) == {len(view)}


def test_the_same_slices_made_again_are_not_computed_again(seqs, memory, counted):
    remembering = union(memory).fit(seqs)
    for _ in range(3):
        remembering.transform(seqs.tail(4))
    assert set(counted.values()) == {len(seqs)}
    remembering.transform(seqs.each_event(inclusive=True)[10:20])  # of what nobody has any more
    assert set(counted.values()) == {len(seqs) + 10}
