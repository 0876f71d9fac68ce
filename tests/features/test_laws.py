"""What must hold for every family and every input; see "the parity law" of the design."""

import gc
import weakref
from itertools import pairwise

import joblib
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from histories import features, histories, same_bits, seeded_histories, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from sktemporal import (
    BehavioralFeatures,
    CategoricalFeatures,
    EventSequences,
    ExponentialSmoothingFeatures,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    TemporalPatternFeatures,
)
from sktemporal.evaluation import executor, roads

GARBAGE = (np.inf, -np.inf, np.nan, 1e300, -1e300, 0.0, 12345.678)
N_COLUMNS = 3  # of the padded arrays below: two fields and the time, in seconds


def every_family(durations=True):
    windows = (1, 3, 5, "2s", "1h", "90min") if durations else (1, 3, 5)
    nan = {"fill_value": np.nan}
    return TemporalFeatureUnion(
        [
            ("statistical", StatisticalFeatures(**nan)),
            ("categorical", CategoricalFeatures(**nan)),
            ("temporal", TemporalPatternFeatures(**nan)),
            ("some", TemporalPatternFeatures(fields=(0,), **nan)),
            ("behavioral", BehavioralFeatures(**nan)),
            ("rolling", RollingWindowFeatures(windows, ("mean", "std", "p75", "skew"), **nan)),
            ("lag", LagFeatures((0, 1, 4), **nan)),
            ("smoothing", ExponentialSmoothingFeatures(0.3, **nan)),
        ]
    )


def matrix(X, durations=True):
    return features(every_family(durations), X)


def rebased(drawn):
    """Histories at whole seconds, which a time column of floats holds exactly."""
    for history in drawn:
        history.times = [t // 10**6 * 10**6 for t in history.times]
    return drawn


def padded(drawn, side, extra, garbage, rng):
    """Numerical (with the time column first), mask and categorical arrays of histories."""
    n_steps = max(map(len, drawn)) + extra
    numerical = rng.choice(garbage, size=(len(drawn), n_steps, N_COLUMNS))
    categorical = rng.choice([-7, 0, 1, 2**40], size=(len(drawn), n_steps, 1))
    mask = np.zeros((len(drawn), n_steps), dtype=bool)
    for i, history in enumerate(drawn):
        n = len(history)
        steps = slice(n_steps - n, n_steps) if side == "pre" else slice(0, n)
        if side == "holes":
            steps = np.sort(rng.permutation(n_steps)[:n])
        seconds = np.array(history.times, dtype=np.float64) / 1e6
        numerical[i, steps] = np.column_stack([seconds, *history.values.values()])
        categorical[i, steps, 0] = history.codes["c0"]
        mask[i, steps] = True
    return numerical, mask, categorical


def from_padded(numerical, mask, categorical, **parameters):
    names = {"fields": ["x0", "x1"], "categorical_fields": ["c0"], "time_field": 0}
    return EventSequences.from_padded(
        numerical, mask, categorical=categorical, **(names | parameters)
    )


@given(
    histories(),
    st.sampled_from(("pre", "post", "holes")),
    st.integers(0, 5),
    st.lists(st.sampled_from(GARBAGE), min_size=1, unique_by=repr),
    st.integers(0, 2**32),
)
def test_padding_and_garbage_behind_the_mask_change_no_bit(drawn, side, extra, garbage, seed):
    drawn = rebased(drawn)
    arrays = padded(drawn, side, extra, garbage, np.random.default_rng(seed))
    assert same_bits(matrix(from_padded(*arrays)), matrix(sequences_of(drawn)))


@given(histories(max_entities=3), st.sampled_from(GARBAGE), st.sampled_from(("pre", "post")))
def test_categorical_garbage_of_floats_changes_no_bit(drawn, garbage, side):
    drawn = rebased(drawn)
    numerical, mask, categorical = padded(drawn, side, 3, GARBAGE, np.random.default_rng(0))
    codes = np.where(mask[..., None], categorical, garbage)
    assert same_bits(matrix(from_padded(numerical, mask, codes)), matrix(sequences_of(drawn)))


@given(histories())
def test_pre_padded_is_post_padded_is_ragged_is_frame(drawn):
    drawn = rebased(drawn)
    ragged = sequences_of(drawn)
    expected = matrix(ragged)
    for side in ("pre", "post"):
        arrays = padded(drawn, side, 0, GARBAGE, np.random.default_rng(0))
        assert same_bits(matrix(from_padded(*arrays)), expected)
        exported = ragged.to_padded(padding=side)
        seconds = exported.times.astype(np.int64)[..., None] / 1e6
        numerical = np.concatenate([seconds, exported.numerical], axis=2)
        back = from_padded(numerical, exported.mask, exported.categorical)
        assert same_bits(matrix(back), expected)

    frame = ragged.to_frame()
    filled = ragged.stops > ragged.starts
    frame["c0"] = frame["c0"].replace(0, None)  # a number to a missing category
    parameters = {"entity": "entity", "time": "time", "categorical_fields": "c0"}
    for log in (frame, pl.from_pandas(frame), pa.Table.from_pandas(frame)):
        seqs = EventSequences.from_frame(log, **parameters, fields=["x0", "x1"])
        assert same_bits(matrix(seqs), expected[filled])


def test_rows_of_a_frame_may_come_in_any_order():
    drawn = seeded_histories(2)
    for history in drawn:  # of simultaneous events the order of the frame is the order
        history.times = [t + i for i, t in enumerate(history.times)]
    ragged = sequences_of(drawn)
    frame = ragged.to_frame()
    frame["kind"] = frame["kind"].replace(0, None)
    frame["shop"] = frame["shop"].replace(0, None)
    for seed in range(3):
        seqs = EventSequences.from_frame(
            frame.sample(frac=1, random_state=seed),
            entity="entity",
            time="time",
            fields=ragged.fields,
            categorical_fields=ragged.categorical_fields,
        )
        assert same_bits(matrix(seqs), matrix(ragged[ragged.stops > ragged.starts]))


MASK_TYPES = [
    np.bool_,
    np.int8,
    np.uint8,
    np.int64,
    np.float32,
    np.float64,
    lambda mask: mask * -3,
    lambda mask: mask * 0.25,
    lambda mask: mask.tolist(),
]


@pytest.mark.parametrize("as_type", MASK_TYPES)
def test_masks_of_all_types_are_read_alike(as_type):
    rng = np.random.default_rng(0)
    numerical = rng.normal(size=(20, 15, 2))
    categorical = rng.integers(0, 4, size=(20, 15, 1))
    mask = rng.random((20, 15)) < 0.6
    parameters = {"categorical": categorical, "categorical_mask": as_type(mask)}
    got = EventSequences.from_padded(numerical, as_type(mask), **parameters)
    expected = EventSequences.from_padded(numerical, mask, categorical=categorical)
    assert same_bits(matrix(got, durations=False), matrix(expected, durations=False))
    assert got.n_events == mask.sum()


def test_int8_mask_is_no_index():
    numerical = np.array([[[1.0], [10.0], [100.0], [1000.0]]])
    seqs = EventSequences.from_padded(numerical, np.array([[0, 0, 1, 1]], dtype=np.int8))
    assert StatisticalFeatures(("sum",)).fit_transform(seqs) == 1100.0


def test_masked_array_means_the_reverse():
    rng = np.random.default_rng(1)
    numerical = rng.normal(size=(20, 15, 2))
    mask = rng.random((20, 15)) < 0.6
    masked = np.ma.array(numerical, mask=np.repeat(~mask[:, :, None], 2, axis=2))
    expected = matrix(EventSequences.from_padded(numerical, mask), durations=False)
    assert same_bits(matrix(masked, durations=False), expected)


@given(histories(max_entities=5), st.integers(0, 2**32))
def test_permuting_entities_permutes_rows(drawn, seed):
    order = np.random.default_rng(seed).permutation(len(drawn))
    seqs = sequences_of(drawn)
    expected = matrix(seqs)[order]
    assert same_bits(matrix(seqs[order]), expected)
    assert same_bits(matrix(sequences_of([drawn[i] for i in order])), expected)


@pytest.mark.parametrize(
    "key", [slice(None, None, 2), slice(None, None, -1), slice(5, 20, 3), [3, 3, 0], slice(7, 7)]
)
def test_selecting_entities_selects_rows(key):
    seqs = sequences_of(seeded_histories(1))
    assert same_bits(matrix(seqs[key]), matrix(seqs)[key])


@given(histories(max_entities=4), st.integers(1, 9), st.sampled_from((np.float64, np.float32)))
def test_a_slice_inside_a_bigger_table_is_computed_as_alone(drawn, junk, dtype):
    inside = matrix(sequences_of(drawn, dtype, junk=junk))
    assert same_bits(inside, matrix(sequences_of(drawn, dtype)))
    alone = [matrix(sequences_of([history], dtype)) for history in drawn]
    assert same_bits(inside, np.concatenate(alone))


@pytest.mark.parametrize("offset", range(9))
def test_no_alignment_in_memory_changes_a_bit(offset):
    x = np.random.default_rng(0).lognormal(size=(300 + offset, 3))
    for layout in (x, np.asfortranarray(x), x[:, ::-1][:, ::-1]):
        for n in (1, 7, 33, 255, 256, 257, 300):
            table = layout[offset : offset + n]
            inside = EventSequences(layout, [offset], [offset + n])
            alone = EventSequences(np.array(table, order="C"), [0], [n])
            assert same_bits(matrix(inside, durations=False), matrix(alone, durations=False))


@given(histories(max_entities=3), st.integers(0, 12), st.booleans())
def test_the_future_changes_nothing_about_the_past(drawn, cut, inclusive):
    seqs = sequences_of(drawn)
    entities, moments, past = [], [], []
    for i, history in enumerate(drawn):
        moment = history.times[min(cut, len(history) - 1)] if history.times else 0
        known = [t <= moment if inclusive else t < moment for t in history.times]
        n = sum(known)
        past.append(
            type(history)(
                {name: x[:n] for name, x in history.values.items()},
                {name: c[:n] for name, c in history.codes.items()},
                history.times[:n],
                reference=moment,
                inclusive=inclusive,
            )
        )
        entities.append(i)
        moments.append(moment)
    moments = np.array(moments, dtype="datetime64[us]")
    got = matrix(seqs.as_of(entities, moments, inclusive=inclusive))
    assert same_bits(got, matrix(sequences_of(past)))


def test_point_in_time_rows_are_the_rows_of_growing_histories():
    (history,) = seeded_histories(3, n_entities=5, longest=60)[-1:]
    seqs = sequences_of([history])
    moments = np.array(history.times, dtype="datetime64[us]")
    view = seqs.as_of(np.zeros(len(history), dtype=int), moments, inclusive=True)
    assert np.shares_memory(view.values, seqs.values)
    ends = np.searchsorted(history.times, history.times, side="right")
    grown = [
        matrix(
            EventSequences(
                seqs.values[:end],
                [0],
                [end],
                codes=seqs.codes[:end],
                times=seqs.times[:end],
                fields=seqs.fields,
                categorical_fields=seqs.categorical_fields,
            )
        )
        for end in ends
    ]
    assert same_bits(matrix(view), np.concatenate(grown))


@pytest.fixture(scope="module")
def seqs():
    return sequences_of(seeded_histories(9, n_entities=80))


@pytest.fixture(scope="module")
def serial(seqs):
    return matrix(seqs)


@pytest.mark.parametrize("events", [1, 2, 17, 10**9])
@pytest.mark.parametrize("n_features", [1, 600, 10**9])
def test_chunk_sizes_change_no_bit(seqs, serial, monkeypatch, events, n_features):
    monkeypatch.setattr(roads, "_VALUES_PER_CHUNK", 4 * events)
    monkeypatch.setattr(roads, "_FEATURES_PER_CHUNK", n_features)
    assert same_bits(matrix(seqs), serial)
    view = seqs[:20].each_event().tail(7)
    monkeypatch.undo()
    expected = matrix(view)
    monkeypatch.setattr(roads, "_VALUES_PER_CHUNK", 4 * events)
    monkeypatch.setattr(roads, "_FEATURES_PER_CHUNK", n_features)
    assert same_bits(matrix(view), expected)


@pytest.mark.parametrize("view", [lambda seqs: seqs, lambda seqs: seqs[:40].each_event()])
def test_memory_of_a_chunk_does_not_wait_for_the_garbage_collector(seqs, monkeypatch, view):
    chunks = []

    class Watched(executor.ObservedColumns):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            chunks.append(weakref.ref(self))

    monkeypatch.setattr(executor, "ObservedColumns", Watched)
    monkeypatch.setattr(roads, "_VALUES_PER_CHUNK", 1000)
    matrix(view(seqs))
    del chunks[:]
    gc.disable()
    try:
        matrix(view(seqs))
        assert len(chunks) > 1
        assert not any(chunk() for chunk in chunks)
    finally:
        gc.enable()


def chunks_of(sequences, n_columns):
    return [
        chunk.slices
        for stream in roads.sort_into_roads(sequences).streams
        for chunk in roads.chunks(stream, n_columns)
    ]


@pytest.mark.parametrize("events", [1, 10, 10**9])
@pytest.mark.parametrize("entities", [1, 5, 10**9])
def test_chunks_are_every_entity_once_and_within_bounds(seqs, monkeypatch, events, entities):
    monkeypatch.setattr(roads, "_VALUES_PER_CHUNK", 4 * events)
    monkeypatch.setattr(roads, "_FEATURES_PER_CHUNK", 3 * entities)
    chunks = chunks_of(seqs, 3)
    positions = np.concatenate([np.arange(len(seqs))[chunk] for chunk in chunks])
    assert positions.tolist() == list(range(len(seqs)))
    for chunk in chunks:
        assert len(seqs[chunk]) <= entities
        assert seqs[chunk].n_events <= events or len(seqs[chunk]) <= 8  # of 80 entities


def test_slices_that_are_too_long_do_not_go_side_by_side(seqs, monkeypatch):
    monkeypatch.setattr(roads, "_LONGEST", 20)
    together, others = roads.sort_into_roads(seqs).streams
    assert together.side_by_side
    assert together.sequences.lengths.max() <= 20 < others.sequences.lengths.min()
    assert np.sort(np.append(together.rows, others.rows)).tolist() == list(range(len(seqs)))


def test_chunks_keep_moments_of_one_history_together(seqs, monkeypatch):
    monkeypatch.setattr(roads, "_VALUES_PER_CHUNK", 200)
    monkeypatch.setattr(roads, "_FEATURES_PER_CHUNK", 30)
    view = seqs.each_event(inclusive=True)
    chunks = chunks_of(view, 1)
    assert len(chunks) > 10
    owners = [set(view.starts[chunk].tolist()) for chunk in chunks]
    for some, others in pairwise(owners):
        assert not some & others


@pytest.mark.parametrize("n_jobs", [1, 2, 3, -1])
def test_n_jobs_changes_no_bit(seqs, serial, n_jobs):
    union = every_family().set_params(n_jobs=n_jobs)
    assert same_bits(features(union, seqs), serial)
    assert same_bits(features(clone(union), seqs[:1]), serial[:1])


@pytest.mark.parametrize("backend", ["threading", "multiprocessing", "sequential"])
def test_backend_changes_no_bit(seqs, serial, backend):
    with joblib.parallel_config(backend=backend, n_jobs=2):
        assert same_bits(matrix(seqs), serial)


def test_processes_that_map_memory_read_only_change_no_bit(seqs, serial):
    for max_nbytes in ("1M", 1):
        with joblib.parallel_config(backend="loky", n_jobs=2, max_nbytes=max_nbytes):
            assert same_bits(matrix(seqs), serial)


def test_different_masks_for_numerical_and_categorical():
    numerical = np.array([[[1.0], [2.0], [4.0], [8.0]]])
    categorical = np.array([[[5], [5], [6], [7]]])
    seqs = EventSequences.from_padded(
        numerical, [[0, 1, 1, 0]], categorical=categorical, categorical_mask=[[1, 1, 0, 0]]
    )
    family = StatisticalFeatures(("count", "sum"))
    assert family.fit_transform(seqs).tolist() == [[2.0, 6.0]]
    assert CategoricalFeatures().fit_transform(seqs).tolist() == [[1.0, 0.5, 1.0]]


@given(st.integers(0, 2**32))
@settings(max_examples=25)
def test_each_kind_of_field_sees_its_own_mask_alone(seed):
    rng = np.random.default_rng(seed)
    numerical = rng.normal(size=(6, 8, 2))
    categorical = rng.integers(0, 4, size=(6, 8, 1))
    mask, other = rng.random((2, 6, 8)) < 0.5
    both = EventSequences.from_padded(
        numerical, mask, categorical=categorical, categorical_mask=other
    )
    only_numerical = EventSequences.from_padded(numerical, mask)
    only_categorical = EventSequences.from_padded(numerical, other, categorical=categorical)
    for family in (StatisticalFeatures(), LagFeatures((0, 2)), BehavioralFeatures()):
        assert same_bits(features(family, both), features(family, only_numerical))
    codes = CategoricalFeatures()
    assert same_bits(features(codes, both), features(codes, only_categorical))


@pytest.mark.parametrize(
    "family", [member for _, member in every_family().transformer_list], ids=lambda f: str(f)[:35]
)
def test_a_union_s_columns_have_the_bits_of_the_family_alone(seqs, serial, family):
    union = every_family()
    start = 0
    for _, member in union.transformer_list:
        alone = features(clone(member), seqs)
        if str(member) == str(family):
            assert same_bits(serial[:, start : start + alone.shape[1]], alone)
            break
        start += alone.shape[1]
    else:
        pytest.fail("the family is no member")


@given(histories(), st.sampled_from((np.float64, np.float32)))
def test_columns_depend_on_parameters_and_fields_alone(drawn, dtype):
    union = every_family()
    features(union, sequences_of(drawn, dtype))
    other = every_family()
    features(other, sequences_of(drawn[:1], dtype)[[]])
    assert union.get_feature_names_out().tolist() == other.get_feature_names_out().tolist()


@given(histories())
def test_input_is_not_changed(drawn):
    seqs = sequences_of(drawn, junk=1)
    parts = ("values", "codes", "times", "starts", "stops", "reference_times")
    before = {name: getattr(seqs, name).copy() for name in parts}
    for name in parts:
        getattr(seqs, name).flags.writeable = False
    matrix(seqs)
    for name in parts:
        assert same_bits(getattr(seqs, name), before[name]), name
