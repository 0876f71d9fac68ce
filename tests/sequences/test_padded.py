import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sktemporal import EventSequences
from sktemporal.exceptions import InexactIntegerWarning

NAN = np.nan


def rows_of(seqs):
    rows, entity = seqs.event_rows()
    return seqs.values[rows].tolist(), entity.tolist()


@pytest.fixture
def numerical():
    return np.arange(24.0).reshape(2, 4, 3)


class TestMemory:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize(
        "mask",
        [None, [[0, 0, 1, 1], [0, 1, 1, 1]], [[1, 1, 0, 0], [0, 0, 0, 0]], [[0, 1, 1, 0]] * 2],
    )
    @pytest.mark.parametrize("time_field", [None, 0, -1])
    def test_contiguous_steps_share_memory(self, numerical, dtype, mask, time_field):
        numerical = numerical.astype(dtype)
        seqs = EventSequences.from_padded(numerical, mask, time_field=time_field)
        assert np.shares_memory(seqs.values, numerical)
        assert seqs.values.dtype == dtype

    def test_a_mask_with_holes_copies_its_events_alone(self, numerical):
        seqs = EventSequences.from_padded(numerical, [[1, 0, 1, 1], [0, 1, 1, 0]])
        assert not np.shares_memory(seqs.values, numerical)
        assert len(seqs.values) == 5
        assert rows_of(seqs)[0] == numerical.reshape(8, 3)[[0, 2, 3, 5, 6]].tolist()

    def test_the_arrays_are_left_as_they_were(self, numerical):
        mask = np.array([[1, 0, 1, 1], [0, 1, 1, 0]])
        categorical = np.arange(8).reshape(2, 4, 1)
        before = numerical.copy(), mask.copy(), categorical.copy()
        EventSequences.from_padded(numerical, mask, categorical=categorical, time_field=0)
        for array, was in zip((numerical, mask, categorical), before, strict=True):
            assert_array_equal(array, was)


class TestMasks:
    def test_without_a_mask_steps_missing_altogether_are_trimmed_at_either_end(self):
        X = np.full((3, 5, 2), NAN)
        X[0, 1:4] = [[1, 1], [NAN, NAN], [NAN, 2]]
        X[1, 4, 0] = 7
        seqs = EventSequences.from_padded(X)
        assert_array_equal(seqs.stops - seqs.starts, [3, 1, 0])
        assert_array_equal(seqs.starts[:2], [1, 9])

    def test_a_step_with_a_code_is_not_missing_altogether(self):
        X = np.full((1, 4, 1), NAN)
        X[0, 2] = 1.0
        codes = [[[0], [5], [0], [0]]]
        seqs = EventSequences.from_padded(X, categorical=codes)
        assert (seqs.starts.tolist(), seqs.stops.tolist()) == ([1], [3])

    def test_with_a_mask_missing_values_are_events(self):
        X = np.full((1, 3, 1), NAN)
        assert EventSequences.from_padded(X, [[1, 1, 0]]).n_events == 2

    def test_elements_masked_out_of_a_valid_step_are_missing(self):
        X = np.ma.array([[[1.0, np.inf], [2.0, 3.0], [9.0, 9.0]]])
        X[0, 0, 1] = np.ma.masked
        X[0, 2] = np.ma.masked
        seqs = EventSequences.from_padded(X)
        assert_array_equal(seqs.to_padded().numerical, [[[1.0, NAN], [2.0, 3.0]]])

    def test_a_masked_array_of_integers(self):
        X = np.ma.array([[[1, 2], [3, 4]]], mask=[[[0, 1], [1, 1]]])
        seqs = EventSequences.from_padded(X)
        assert_array_equal(seqs.to_padded().numerical, [[[1.0, NAN]]])

    @pytest.mark.parametrize("nothing", [np.ma.nomask, False, [[[False], [False]]]])
    def test_a_masked_array_with_nothing_masked_has_no_padding(self, nothing):
        X = np.ma.array([[[NAN], [1.0]]], mask=nothing)
        assert EventSequences.from_padded(X).n_events == 2

    def test_a_mask_beside_a_masked_array_is_an_error(self, numerical):
        with pytest.raises(ValueError, match="mask must be None where numerical is a masked array"):
            EventSequences.from_padded(np.ma.masked_equal(numerical, 3.0), np.ones((2, 4)))

    @pytest.mark.parametrize("name", ["mask", "categorical_mask"])
    @pytest.mark.parametrize(
        ("mask", "message"),
        [
            (np.ones((2, 3)), r"must be .* of shape \(2, 4\) .* got float64 of shape \(2, 3\)"),
            (np.ones((2, 4, 1)), r"got float64 of shape \(2, 4, 1\)"),
            (np.full((2, 4), "1"), r"got <U1 of shape \(2, 4\)"),
            (np.full((2, 4), None), r"got object of shape \(2, 4\)"),
            (np.full((2, 4), NAN), "must not contain NaN"),
        ],
    )
    def test_masks_that_are_none_are_named(self, numerical, name, mask, message):
        with pytest.raises(ValueError, match=f"^{name} {message}|^{name} .*{message}"):
            EventSequences.from_padded(
                numerical, categorical=np.ones((2, 4, 1), dtype=int), **{name: mask}
            )

    def test_infinity_is_an_error_inside_the_mask_only(self, numerical):
        numerical[1, 2, 0] = -np.inf
        seqs = EventSequences.from_padded(numerical, [[1, 1, 1, 1], [1, 1, 0, 0]])
        assert seqs.n_events == 6
        with pytest.raises(ValueError, match="infinity: entity 1, event 2, field 'b'"):
            EventSequences.from_padded(numerical, fields=["b", "c", "d"])
        with pytest.raises(ValueError, match="infinity: entity 1, event 1, field 'x0'"):
            EventSequences.from_padded(numerical, [[1, 1, 1, 1], [0, 1, 1, 1]])

    def test_a_step_of_codes_alone_has_missing_values(self):
        X = np.array([[[1.0], [np.inf], [3.0]]])
        seqs = EventSequences.from_padded(
            X, [[1, 0, 1]], categorical=[[[4], [5], [6]]], categorical_mask=[[1, 1, 0]]
        )
        padded = seqs.to_padded()
        assert_array_equal(padded.numerical[..., 0], [[1.0, NAN, 3.0]])
        assert_array_equal(padded.categorical[..., 0], [[4, 5, 0]])


class TestShapes:
    @pytest.mark.parametrize("shape", [(0, 4, 2), (3, 0, 2), (3, 4, 0), (0, 0, 0)])
    def test_nothing_along_an_axis(self, shape):
        seqs = EventSequences.from_padded(np.ones(shape), np.ones(shape[:2]))
        assert len(seqs) == shape[0]
        assert seqs.n_events == shape[0] * shape[1]
        assert len(seqs.fields) == shape[2]

    @pytest.mark.parametrize(
        ("array", "message"),
        [
            (np.ones(3), "got 1 dimensions of float64"),
            (np.ones((3, 2)), "got 2 dimensions of float64"),
            (np.ones((1, 1, 1, 1)), "got 4 dimensions of float64"),
            (np.full((1, 1, 1), "a"), "got 3 dimensions of <U1"),
            (np.ones((1, 1, 1), dtype=complex), "got 3 dimensions of complex128"),
        ],
    )
    def test_numerical_of_another_form_is_an_error(self, array, message):
        with pytest.raises(ValueError, match=f"numerical must be .* {message}"):
            EventSequences.from_padded(array)

    @pytest.mark.parametrize(
        ("categorical", "message"),
        [
            (np.ones((2, 4)), r"categorical must have shape \(2, 4, n_cat.* got \(2, 4\)"),
            (np.ones((2, 3, 1)), r"categorical must have shape .* got \(2, 3, 1\)"),
            (np.full((2, 4, 1), "a"), "categorical must be integer codes; got <U1"),
            (np.full((2, 4, 1), 0.5), "categorical must be integers of 32 bits, .* got 0.5"),
            (np.full((2, 4, 1), np.inf), "categorical must be integers of 32 bits, .* got inf"),
            (np.full((2, 4, 1), 2**31), "categorical must be integers .* got 2147483648"),
        ],
    )
    def test_codes_that_are_none_are_an_error(self, numerical, categorical, message):
        with pytest.raises(ValueError, match=message):
            EventSequences.from_padded(numerical, np.ones((2, 4)), categorical=categorical)

    def test_codes_of_nan_and_masked_codes_are_missing(self, numerical):
        codes = np.ma.array([[[1.0], [NAN], [3.0], [4.0]]] * 2, mask=[[[0], [0], [1], [0]]] * 2)
        seqs = EventSequences.from_padded(numerical, categorical=codes)
        assert seqs.codes.dtype == np.int32
        assert seqs.codes.ravel().tolist() == [1, 0, 0, 4] * 2

    def test_names(self, numerical):
        seqs = EventSequences.from_padded(
            numerical,
            categorical=np.ones((2, 4, 2), dtype=int),
            fields=["a", "b", "c"],
            categorical_fields=("k", "l"),
            entity_ids=["e", "f"],
        )
        assert (seqs.fields, seqs.categorical_fields) == (("a", "b", "c"), ("k", "l"))
        assert seqs.entity_ids.tolist() == ["e", "f"]

    @pytest.mark.parametrize(
        ("time_field", "fields", "left", "column"),
        [
            (0, None, ("x0", "x1"), 0),
            (-2, ["a", "t", "b"], ("a", "b"), 1),
            ("t", ["a", "t", "b"], ("a", "b"), 1),
            (1, ["a", "b"], ("a", "b"), 1),
            (np.int64(2), ["a", "b", "t"], ("a", "b"), 2),
        ],
    )
    def test_the_time_column_leaves_the_fields(self, numerical, time_field, fields, left, column):
        seqs = EventSequences.from_padded(numerical, fields=fields, time_field=time_field)
        assert seqs.fields == left
        assert_array_equal(seqs.times, numerical[..., column].ravel() * 1e6)
        rest = np.delete(numerical, column, axis=2).reshape(8, 2)
        assert_array_equal(seqs.values, rest)

    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"time_field": 3}, "time_field must be a name or a position below 3; got 3"),
            ({"time_field": -4}, "time_field must be .* got -4"),
            ({"time_field": "t"}, "time_field 't' is not one of fields None"),
            ({"time_field": "t", "fields": ["a", "b", "c"]}, r"'t' is not one of fields \('a',"),
            ({"time_encoding": "Delta"}, "time_encoding must be one of .* got 'Delta'"),
            ({"fields": ["a", "b"]}, "fields names 2 columns, the data have 3"),
            ({"entity_ids": ["a"]}, r"entity_ids must have shape \(2,\); got \(1,\)"),
        ],
    )
    def test_parameter_errors(self, numerical, parameters, message):
        with pytest.raises(ValueError, match=message):
            EventSequences.from_padded(numerical, **parameters)


class TestTimes:
    def test_timestamps_are_seconds_to_the_microsecond(self):
        X = np.array([[[1_750_000_000.25], [1_750_000_000.250001]]])
        seqs = EventSequences.from_padded(X, time_field=0)
        assert seqs.times.tolist() == [1_750_000_000_250_000, 1_750_000_000_250_001]
        assert seqs.intervals is None

    def test_timestamps_of_integers_and_before_the_epoch(self):
        X = np.array([[[-5, 1], [-3, 1]]])
        assert EventSequences.from_padded(X, time_field=0).times.tolist() == [
            -5_000_000,
            -3_000_000,
        ]

    def test_ages_count_back_from_the_most_recent_event(self):
        X = np.array([[[7.5], [2.0], [0.0]]])
        seqs = EventSequences.from_padded(X, time_field=0, time_encoding="age")
        assert seqs.times.tolist() == [-7_500_000, -2_000_000, 0]
        assert seqs.reference_times.tolist() == [0]

    def test_deltas_are_the_intervals(self):
        X = np.array([[[9.0, 1], [0.0, 1], [3.0, 1], [NAN, 1], [5.0, 1]]])
        seqs = EventSequences.from_padded(X, [[0, 1, 1, 1, 1]], time_field=0, time_encoding="delta")
        rows, _ = seqs.event_rows()
        assert_array_equal(seqs.intervals[rows], [0.0, 3.0, NAN, 5.0])
        assert np.diff(seqs.times[rows]).tolist() == [3_000_000, 0, 5_000_000]

    def test_deltas_add_up_to_times_in_each_history_by_itself(self):
        deltas = np.array([[0.0, 10.0, 20.5], [5.0, NAN, 2.0], [NAN, 0.25, 4e12]])
        X = np.stack([deltas, np.ones((3, 3))], axis=2)
        seqs = EventSequences.from_padded(X, time_field=0, time_encoding="delta")
        expected = [[0, 10, 30.5], [5, 5, 7], [0, 0.25, 4e12 + 0.25]]
        assert (seqs.times.reshape(3, 3) / 1e6).tolist() == expected

    @pytest.mark.parametrize("deltas", [[1e13, 0.0], [4e12, 4e12], [5e12, 1.0]])
    def test_deltas_that_add_up_beyond_64_bits_are_intervals_without_times(self, deltas):
        X = np.stack([[[1.0, 2.0], deltas], np.ones((2, 2))], axis=2)
        seqs = EventSequences.from_padded(X, time_field=0, time_encoding="delta")
        assert seqs.times is None
        assert seqs.intervals.reshape(2, 2).tolist() == [[1.0, 2.0], deltas]

    def test_negative_deltas_are_intervals_without_times(self):
        X = np.array([[[-1.0, 1], [3.0, 1]]])
        seqs = EventSequences.from_padded(X, time_field=0, time_encoding="delta")
        assert seqs.times is None
        assert seqs.intervals.tolist() == [-1.0, 3.0]

    @pytest.mark.parametrize("encoding", ["timestamp", "age"])
    @pytest.mark.parametrize("missing", [NAN, np.inf])
    def test_a_missing_time_names_the_event(self, encoding, missing):
        X = np.ones((2, 3, 2))
        X[1, 2, 1] = missing
        with pytest.raises(ValueError, match=f"entity 1, step 2 has {missing}"):
            EventSequences.from_padded(X, time_field=1, time_encoding=encoding)
        mask = [[1, 1, 1], [1, 1, 0]]
        seqs = EventSequences.from_padded(X, mask, time_field=1, time_encoding=encoding)
        assert seqs.n_events == 5

    def test_an_event_of_codes_alone_has_no_time(self):
        X = np.ones((1, 2, 2))
        with pytest.raises(ValueError, match="entity 0, step 1 has none observed"):
            EventSequences.from_padded(
                X,
                [[1, 0]],
                categorical=np.ones((1, 2, 1), dtype=int),
                categorical_mask=[[1, 1]],
                time_field=0,
            )

    def test_an_infinite_delta_is_an_error_inside_the_mask_only(self):
        X = np.array([[[1.0, 1], [np.inf, 1]]])
        delta = {"time_field": 0, "time_encoding": "delta"}
        assert EventSequences.from_padded(X, [[1, 0]], **delta).n_events == 1
        with pytest.raises(ValueError, match="infinity: entity 0, step 1, the interval"):
            EventSequences.from_padded(X, **delta)

    @pytest.mark.parametrize("seconds", [1e13, -1e13])
    def test_times_beyond_64_bits_are_an_error(self, seconds):
        X = np.stack([np.zeros((2, 3)), np.full((2, 3), seconds)], axis=2)
        X[0, :, 1] = X[1, 0, 1] = 0
        rule = "time must fit 64-bit microseconds.*; entity 1, step 1 is"
        with pytest.raises(ValueError, match=rule):
            EventSequences.from_padded(X, time_field=1, time_unit="s")
        with pytest.raises(ValueError, match=rule):
            EventSequences.from_padded(X, time_field=1, time_encoding="age")

    def test_implausible_timestamps_need_a_unit(self):
        X = np.array([[[0.0], [1_750_000_000_250.0]], [[20_250_215.0]] * 2])
        rule = "time must be seconds .* entity 0, step 1 is .*, in milliseconds 2025-06-15T"
        with pytest.raises(ValueError, match=rule):
            EventSequences.from_padded(X, time_field=0)
        with pytest.raises(ValueError, match="these look like dates"):
            EventSequences.from_padded(X[1:], time_field=0)
        masked = EventSequences.from_padded(X, [[1, 0], [0, 0]], time_field=0)
        assert masked.n_events == 1
        seqs = EventSequences.from_padded(X, time_field=0, time_unit="ms")
        assert seqs.times.tolist() == [0, 1_750_000_000_250_000] + [20_250_215_000] * 2

    @pytest.mark.parametrize(("unit", "seconds"), [("s", 1), ("ms", 1e-3), ("ns", 1e-9)])
    def test_ages_and_deltas_of_a_unit(self, unit, seconds):
        X = np.array([[[4000.0], [2000.0]]]) * (1000 if unit == "ns" else 1)
        expected = X[0, :, 0] * seconds
        ages = EventSequences.from_padded(X, time_field=0, time_encoding="age", time_unit=unit)
        assert ages.times.tolist() == np.rint(-expected * 1e6).tolist()
        deltas = EventSequences.from_padded(X, time_field=0, time_encoding="delta", time_unit=unit)
        np.testing.assert_allclose(deltas.intervals, expected, rtol=1e-15)
        assert np.diff(deltas.times).tolist() == [np.rint(expected[1] * 1e6)]

    def test_a_unit_needs_a_column(self):
        with pytest.raises(ValueError, match="time_unit='ms' needs a time_field; got None"):
            EventSequences.from_padded(np.ones((1, 1, 1)), time_unit="ms")
        with pytest.raises(ValueError, match=r"time_unit must be one of .*; got 'days'"):
            EventSequences.from_padded(np.ones((1, 1, 1)), time_field=0, time_unit="days")

    @given(
        st.integers(0, 2**32), st.sampled_from(("timestamp", "age")), st.sampled_from((0.8, 1.0))
    )
    def test_unsorted_steps_are_sorted_and_ties_keep_their_order(self, seed, encoding, share):
        rng = np.random.default_rng(seed)
        mask = rng.random((5, 9)) < share
        seconds = rng.integers(0, 5, size=(5, 9)).astype(float)
        step = np.tile(np.arange(9.0), (5, 1))
        X = np.stack([seconds, step], axis=2)
        seqs = EventSequences.from_padded(X, mask, time_field=0, time_encoding=encoding)
        for i in range(5):
            steps = np.flatnonzero(mask[i])
            key = seconds[i, steps] * (1 if encoding == "timestamp" else -1)
            expected = steps[np.argsort(key, kind="stable")]
            got = slice(seqs.starts[i], seqs.stops[i])
            assert seqs.values[got, 0].tolist() == expected.tolist()
            assert seqs.times[got].tolist() == (np.sort(key) * 1e6).tolist()


class TestExport:
    @pytest.fixture
    def seqs(self):
        return EventSequences(
            np.arange(6.0, dtype=np.float32).reshape(6, 1),
            [0, 1, 1],
            [1, 1, 6],
            codes=np.arange(1, 7)[:, None],
            times=np.arange(6),
        )

    def test_pre_padding_keeps_the_latest(self, seqs):
        padded = seqs.to_padded(3)
        assert padded.numerical.dtype == np.float32
        assert_array_equal(padded.numerical[..., 0], [[NAN, NAN, 0], [NAN] * 3, [3, 4, 5]])
        assert_array_equal(padded.mask, [[0, 0, 1], [0, 0, 0], [1, 1, 1]])
        assert_array_equal(padded.categorical[..., 0], [[0, 0, 1], [0, 0, 0], [4, 5, 6]])
        assert_array_equal(np.isnat(padded.times), ~padded.mask)
        assert padded.times[2].astype(int).tolist() == [3, 4, 5]

    @pytest.mark.parametrize(
        ("padding", "truncation", "first", "last"),
        [
            ("pre", "post", [NAN, NAN, 0], [1, 2, 3]),
            ("post", "pre", [0, NAN, NAN], [3, 4, 5]),
            ("post", "post", [0, NAN, NAN], [1, 2, 3]),
        ],
    )
    def test_sides(self, seqs, padding, truncation, first, last):
        padded = seqs.to_padded(3, padding=padding, truncation=truncation)
        assert_array_equal(padded.numerical[[0, 2], :, 0], [first, last])

    def test_longer_than_the_longest(self, seqs):
        padded = seqs.to_padded(9, padding="post")
        assert padded.numerical.shape == (3, 9, 1)
        assert padded.mask.sum() == 6
        assert seqs[[1]].to_padded().numerical.shape == (1, 0, 1)

    def test_without_times(self, seqs):
        assert EventSequences(seqs.values, seqs.starts, seqs.stops).to_padded().times is None

    @pytest.mark.parametrize("length", [0, -1, 2.0, True, "3"])
    def test_length_that_is_none_is_an_error(self, seqs, length):
        with pytest.raises(
            ValueError, match=f"length must be a positive int or None; got {length!r}"
        ):
            seqs.to_padded(length)

    @pytest.mark.parametrize("name", ["padding", "truncation"])
    def test_sides_that_are_none_are_an_error(self, seqs, name):
        with pytest.raises(ValueError, match=f"{name} must be 'pre' or 'post'; got 'left'"):
            seqs.to_padded(**{name: "left"})

    @given(st.integers(0, 2**32), st.sampled_from(("pre", "post")))
    def test_round_trip(self, seed, side):
        rng = np.random.default_rng(seed)
        numerical = rng.normal(size=(5, 7, 2)).astype(np.float32)
        numerical[rng.random(numerical.shape) < 0.2] = NAN
        categorical = rng.integers(0, 3, size=(5, 7, 1))
        mask = rng.random((5, 7)) < 0.6
        seqs = EventSequences.from_padded(numerical, mask, categorical=categorical)
        padded = seqs.to_padded(padding=side)
        back = EventSequences.from_padded(
            padded.numerical, padded.mask, categorical=padded.categorical
        )
        assert_array_equal(padded.mask.sum(axis=1), mask.sum(axis=1))
        assert_array_equal(back.values[back.event_rows()[0]], numerical[mask])
        assert_array_equal(back.codes[back.event_rows()[0]], categorical[mask])
        again = back.to_padded(padding=side)
        assert_array_equal(again.numerical, padded.numerical)


class TestIntegersThatNoFloatHolds:
    BIG = 2**53 + 1

    @pytest.mark.parametrize("dtype", [np.int64, np.uint64])
    def test_are_warned_of(self, dtype):
        numerical = np.array([[[1, 5], [self.BIG, 5]]], dtype=dtype)
        rule = f"field 'x0' has 1 integers .* entity 0, step 1 has {self.BIG}, which becomes"
        with pytest.warns(InexactIntegerWarning, match=rule):
            seqs = EventSequences.from_padded(numerical)
        assert seqs.values.tolist() == [[1.0, 5.0], [2.0**53, 5.0]]
        with pytest.warns(InexactIntegerWarning, match="field 'b' has 1 integers"):
            EventSequences.from_padded(numerical[:, :, ::-1], fields=["a", "b"])
        with pytest.warns(InexactIntegerWarning, match=rule):
            EventSequences.from_padded(numerical.tolist())

    @pytest.mark.parametrize("kept", [2**53, 2**53 + 2, -(2**53), 2**62])
    def test_others_are_read_without_a_word(self, kept):
        seqs = EventSequences.from_padded(np.array([[[kept]]]))
        assert int(seqs.values[0, 0]) == kept

    def test_what_is_masked_is_none(self):
        numerical = np.array([[[1], [self.BIG]]])
        mask = np.array([[True, False]])
        assert EventSequences.from_padded(numerical, mask).n_events == 1
        masked = np.ma.array(numerical, mask=~mask[:, :, None])
        assert EventSequences.from_padded(masked).n_events == 1
