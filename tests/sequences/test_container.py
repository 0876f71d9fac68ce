import pickle
import re

import numpy as np
import pandas as pd
import pytest
from histories import same_bits, seeded_histories, sequences_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sktemporal import EventSequences
from sktemporal.exceptions import UnknownEntityWarning
from sktemporal.sequences._table import COLUMNS

SECOND = 1_000_000


@pytest.fixture
def seqs():
    """Three entities: two events, none, four events."""
    return EventSequences(
        np.arange(12.0).reshape(6, 2),
        starts=[0, 2, 2],
        stops=[2, 2, 6],
        codes=[[1], [2], [0], [1], [1], [2]],
        times=np.array([0, 5, 1, 2, 2, 9]) * SECOND,
        entity_ids=["a", "b", "c"],
        fields=["x", "y"],
        categorical_fields=["kind"],
        categories=[["food", "fuel"]],
    )


def histories_in(seqs):
    """The values of each entity, as lists."""
    return [
        seqs.values[start:stop].tolist()
        for start, stop in zip(seqs.starts, seqs.stops, strict=True)
    ]


class TestConstruction:
    def test_keeps_parts(self, seqs):
        assert (len(seqs), seqs.shape, seqs.n_events) == (3, (3, 4, 2), 6)
        assert seqs.fields == ("x", "y")
        assert seqs.categorical_fields == ("kind",)
        assert seqs.categories == (("food", "fuel"),)
        assert seqs.codes.dtype == np.int32
        assert seqs.reference_times[[0, 2]].tolist() == [5 * SECOND, 9 * SECOND]

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("order", ["C", "F"])
    def test_floats_of_any_strides_are_not_copied(self, dtype, order):
        table = np.ones((8, 6), dtype=dtype, order=order)[::2, ::-3]
        seqs = EventSequences(table, [0], [4])
        assert seqs.values.dtype == dtype
        assert np.shares_memory(seqs.values, table)

    @pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.float16, ">f8", ">f4"])
    def test_other_numbers_become_float64(self, dtype):
        seqs = EventSequences(np.array([[1], [0]]).astype(dtype), [0], [2])
        assert seqs.values.dtype == np.float64
        assert seqs.values.tolist() == [[1.0], [0.0]]

    def test_default_names(self):
        seqs = EventSequences(np.ones((1, 2)), [0], [1], codes=[[1, 1]])
        assert seqs.fields == ("x0", "x1")
        assert seqs.categorical_fields == ("c0", "c1")
        assert seqs.categories == (None, None)
        assert not seqs.has_field_names

    @pytest.mark.parametrize(
        "times",
        [
            np.array(["1970-01-01T00:00:01", "1970-01-01T00:00:02"], dtype="datetime64[s]"),
            np.array([10**9, 2 * 10**9]).astype("datetime64[ns]"),
            np.array([1000, 2000]).astype("datetime64[ms]"),
            np.array([SECOND, 2 * SECOND], dtype=">i8"),
            np.array([SECOND, 2 * SECOND], dtype=np.int32),
        ],
    )
    def test_times_of_any_unit(self, times):
        seqs = EventSequences(np.ones((2, 1)), [0], [2], times=times)
        assert seqs.times.dtype == np.int64
        assert seqs.times.tolist() == [SECOND, 2 * SECOND]

    def test_nothing_at_all(self):
        seqs = EventSequences(np.empty((0, 0)), [], [])
        assert (len(seqs), seqs.shape, seqs.n_events) == (0, (0, 0, 0), 0)

    def test_slices_may_overlap_and_repeat(self):
        seqs = EventSequences(np.arange(3.0)[:, None], [0, 1, 0], [3, 3, 3])
        assert seqs.n_events == 8
        assert histories_in(seqs)[1] == [[1.0], [2.0]]

    def test_infinity_and_unsorted_times_outside_the_slices_are_no_error(self):
        values = np.array([[np.inf], [1.0], [2.0], [-np.inf], [3.0]])
        seqs = EventSequences(values, [1, 4], [3, 5], times=[99, 5, 6, -7, 1])
        assert seqs.n_events == 3

    @pytest.mark.parametrize(
        ("parts", "message"),
        [
            (
                {"values": np.ones(3)},
                "values must be a two-dimensional array .* got 1 dim",
            ),
            ({"values": np.ones((2, 2, 2))}, "values must be a two-dimensional .* got 3 dim"),
            ({"values": [["a", "b"]]}, "values must be .* of numbers; got 2 dimensions of <U1"),
            ({"values": np.ones((3, 1), dtype=complex)}, "values must be .* complex128"),
            ({"codes": [[1.5], [1], [1]]}, "codes must be integers of 32 bits, .* got 1.5"),
            (
                {"codes": [[2**31], [1], [1]]},
                "codes must be .* 32 bits, .* got 2147483648",
            ),
            ({"codes": [[1], [1]]}, "codes has 2 rows, values has 3"),
            ({"times": [1, 2]}, "times has 2 rows, values has 3"),
            ({"times": [[1], [2], [3]]}, r"times must be one-dimensional; got shape \(3, 1\)"),
            (
                {"times": [1.0, 2.0, 3.0]},
                "times must be int64 microseconds .*float64",
            ),
            ({"times": np.array(["NaT"] * 3, "M8[us]")}, "times must not be missing; entry 0 is"),
            (
                {"times": [3, 2, 1]},
                "times must be sorted .*; those of entity 0 are not",
            ),
            ({"intervals": [1.0]}, "intervals has 1 rows, values has 3"),
            ({"intervals": np.ones((3, 1))}, "intervals must be one-dimensional"),
            ({"observed": [True]}, "observed has 1 rows, values has 3"),
            ({"starts": [0, 1]}, r"starts and stops must be .* shapes \(2,\) and \(1,\)"),
            ({"starts": [[0]], "stops": [[3]]}, "starts and stops must be one-dimensional"),
            ({"starts": [-1]}, "0 <= start <= stop <= 3 .* entity 0 has start -1 and stop 3"),
            ({"starts": [2], "stops": [1]}, "entity 0 has start 2 and stop 1"),
            ({"stops": [4]}, "entity 0 has start 0 and stop 4"),
            ({"starts": [0.5]}, "starts must be integers; got float64"),
            ({"stops": [3.0]}, "stops must be integers; got float64"),
            ({"entity_ids": ["a", "b"]}, r"entity_ids must have shape \(1,\); got \(2,\)"),
            ({"fields": ["a", "b"]}, "fields names 2 columns, the data have 1"),
            ({"fields": [1]}, r"fields must be strings; got \(1,\)"),
            ({"reference_times": [1]}, "reference_times need times; this container has none"),
            ({"categories": [["a"]]}, "categories has 1 vocabularies for 0 categorical fields"),
        ],
    )
    def test_errors_name_the_part_and_the_value(self, parts, message):
        parts = {"values": np.ones((3, 1)), "starts": [0], "stops": [3]} | parts
        with pytest.raises(ValueError, match=message):
            EventSequences(**parts)

    def test_fields_named_twice_are_an_error(self):
        with pytest.raises(ValueError, match="fields must be unique; 'a' occurs more than once"):
            EventSequences(np.ones((1, 2)), [0], [1], fields=["a", "a"])

    @pytest.mark.parametrize("infinity", [np.inf, -np.inf])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_infinity_names_entity_event_and_field(self, infinity, dtype):
        values = np.zeros((5, 2), dtype=dtype)
        values[3, 1] = infinity
        parts = {"entity_ids": ["a", "b"], "fields": ["x", "amount"]}
        with pytest.raises(ValueError, match="infinity: entity 'b', event 1, field 'amount'"):
            EventSequences(values, [0, 2], [2, 5], **parts)
        with pytest.raises(ValueError, match="infinity: entity 1, event 1, field 'x1'"):
            EventSequences(values, [0, 2], [2, 5])

    def test_unsorted_times_name_the_entity(self):
        with pytest.raises(ValueError, match="those of entity 'late' are not"):
            EventSequences(
                np.ones((4, 1)), [0, 2], [2, 4], times=[5, 6, 2, 1], entity_ids=["ok", "late"]
            )

    def test_times_may_drop_from_one_slice_to_the_next(self):
        seqs = EventSequences(np.ones((4, 1)), [0, 2], [2, 4], times=[5, 6, 1, 2])
        assert seqs.reference_times.tolist() == [6, 2]

    def test_reference_time_must_not_be_before_the_last_event(self):
        parts = {"times": [1, 2, 3], "entity_ids": ["a", "b"]}
        EventSequences(np.ones((3, 1)), [0, 2], [2, 3], reference_times=[2, 3], **parts)
        with pytest.raises(ValueError, match="entity 'a' has an event later than its reference"):
            EventSequences(np.ones((3, 1)), [0, 2], [2, 3], reference_times=[1, 9], **parts)
        with pytest.raises(ValueError, match=r"reference_times must have shape \(2,\); got \(1,\)"):
            EventSequences(np.ones((3, 1)), [0, 2], [2, 3], reference_times=[9], **parts)

    def test_starts_and_stops_may_be_strided(self):
        bounds = np.array([[0, 2], [2, 3]])
        seqs = EventSequences(np.arange(3.0)[:, None], bounds[:, 0], bounds[:, 1])
        assert histories_in(seqs.tail(1)) == [[[1.0]], [[2.0]]]


class TestIndexing:
    @pytest.mark.parametrize(
        "key",
        [
            [2, 0],
            np.array([2, 0]),
            np.array([True, False, True]),
            [True, False, True],
            slice(None, None, -1),
            slice(1, None),
            [-1, -1],
            [],
            np.array([], dtype=int),
            pd.Series([2, 1]),
            pd.Series([2, 1]).to_numpy(),
            slice(3, 9),
        ],
    )
    def test_selects_entities_as_an_array_would(self, seqs, key):
        for asked in (key, (key, Ellipsis), (key, slice(None), slice(None))):
            got = seqs[asked]
            position = np.arange(3)[[] if isinstance(key, list) and not key else key].astype(int)
            assert histories_in(got) == [histories_in(seqs)[i] for i in position]
            assert got.entity_ids.tolist() == seqs.entity_ids[position].tolist()
            assert got.reference_times.tolist() == seqs.reference_times[position].tolist()
            assert got.values is seqs.values

    @pytest.mark.parametrize(("key", "i"), [(0, 0), (-1, 2), (np.int64(2), 2), (np.uint8(1), 1)])
    def test_an_int_selects_a_container_of_one(self, seqs, key, i):
        got = seqs[key]
        assert got.entity_ids.tolist() == [seqs.entity_ids[i]]
        assert histories_in(got) == [histories_in(seqs)[i]]

    @pytest.mark.parametrize(
        ("key", "message"),
        [
            (3, "entity 3 is out of range for 3 entities"),
            (-4, "entity -4 is out of range"),
            ([0, 3], "out of bounds"),
            ((0, 0), "by entity only"),
            ((slice(None), slice(None), [0]), "by entity only"),
            (np.array([True, False]), "boolean"),
            (np.array([[0, 1]]), r"one dimension; got shape \(1, 2\)"),
            (np.array(1), r"one dimension; got shape \(\)"),
            (1.5, "one dimension"),
            ([0.0, 1.0], "integer"),
            ("a", "one dimension"),
        ],
    )
    def test_other_keys_are_an_index_error(self, seqs, key, message):
        with pytest.raises(IndexError, match=message):
            seqs[key]

    def test_iterates_over_containers_of_one(self, seqs):
        assert [one.entity_ids[0] for one in seqs] == ["a", "b", "c"]

    def test_has_no_array_form(self, seqs):
        with pytest.raises(TypeError, match=r"to_padded\(\) or to_frame\(\)"):
            np.asarray(seqs)


class TestViews:
    def test_tail(self, seqs):
        whole = histories_in(seqs)
        for n in (1, np.int64(2), 4, 10**9):
            assert histories_in(seqs.tail(n)) == [history[-n:] for history in whole]
        assert seqs.tail(1).reference_times is seqs.reference_times

    @pytest.mark.parametrize("n", [0, -1, 1.0, True, "1", None])
    def test_tail_of_no_positive_int_is_an_error(self, seqs, n):
        with pytest.raises(ValueError, match=re.escape(f"n must be a positive int; got {n!r}")):
            seqs.tail(n)

    def test_since_excludes_the_start_of_the_window(self, seqs):
        assert histories_in(seqs.since("7s")) == [
            [[0.0, 1.0], [2.0, 3.0]],
            [],
            [[10.0, 11.0]],
        ]
        assert [len(h) for h in histories_in(seqs.since("7001ms"))] == [2, 0, 3]
        assert [len(h) for h in histories_in(seqs.since("5s"))] == [1, 0, 1]

    def test_since_looks_back_from_the_reference_time(self, seqs):
        view = seqs.as_of(["a", "c"], [20.0, 10.0], inclusive=True)
        assert [len(h) for h in histories_in(view.since("15s"))] == [0, 4]
        assert [len(h) for h in histories_in(view.since("15001ms"))] == [1, 4]
        view = seqs.as_of(["a", "c"], [20.0, 10.0])
        assert [len(h) for h in histories_in(view.since("15s"))] == [1, 4]
        assert [len(h) for h in histories_in(view.since("14999ms"))] == [0, 4]

    @pytest.mark.parametrize("closed", ["Right", "", 0, ("left",)])
    def test_since_closed_at_no_end_that_is_known_is_an_error(self, seqs, closed):
        with pytest.raises(ValueError, match="closed must be one of") as error:
            seqs.since("1d", closed)
        assert repr(closed) in str(error.value)

    def test_views_share_memory(self, seqs):
        views = [seqs.tail(1), seqs.since("1s"), seqs.as_of(["a"], 3.0), seqs[[0]], seqs[::-1]]
        for view in views:
            for part in ("values", "codes", "times"):
                assert np.shares_memory(getattr(view, part), getattr(seqs, part))
            assert view.fields == seqs.fields
            assert view.categories == seqs.categories
        assert np.shares_memory(seqs.tail(2).tail(1).values, seqs.values)

    def test_views_leave_the_original_as_it_was(self, seqs):
        before = histories_in(seqs)
        seqs.tail(1), seqs.since("1s"), seqs.as_of(["c"], 2.0)
        assert histories_in(seqs) == before

    @pytest.mark.parametrize("duration", ["7", "", "1y", "-1d", "0s", 7, None])
    def test_since_of_no_duration_is_an_error(self, seqs, duration):
        with pytest.raises(ValueError, match=r"a duration must be positive.*got ") as error:
            seqs.since(duration)
        assert repr(duration) in str(error.value)

    @pytest.mark.parametrize("call", [lambda s: s.since("1d"), lambda s: s.as_of([0], 1.0)])
    def test_without_times_there_is_no_since_and_no_as_of(self, call):
        with pytest.raises(ValueError, match="need event times; this EventSequences has none"):
            call(EventSequences(np.ones((1, 1)), [0], [1]))


class TestAsOf:
    @pytest.mark.parametrize(
        ("moment", "exclusive", "inclusive"),
        [(0, 0, 0), (0.999999, 0, 0), (1, 0, 1), (2, 1, 3), (2.5, 3, 3), (9, 3, 4), (10, 4, 4)],
    )
    def test_ties(self, seqs, moment, exclusive, inclusive):
        assert len(histories_in(seqs.as_of(["c"], moment))[0]) == exclusive
        assert len(histories_in(seqs.as_of(["c"], moment, inclusive=True))[0]) == inclusive

    def test_labels_in_any_order_and_repeated(self, seqs):
        view = seqs.as_of(["c", "a", "c", "nobody", "b"], [3, 1, 2, 4, 4], unknown="ignore")
        assert view.entity_ids.tolist() == ["c", "a", "c", "nobody", "b"]
        assert [len(h) for h in histories_in(view)] == [3, 1, 1, 0, 0]
        assert view.reference_times.tolist() == [m * SECOND for m in (3, 1, 2, 4, 4)]

    @pytest.mark.parametrize(
        "moment",
        [
            2,
            2.0,
            np.float32(2),
            np.datetime64(2, "s"),
            "1970-01-01T00:00:02",
            pd.Timestamp("1970-01-01 00:00:02"),
            pd.Timestamp("1970-01-01 01:00:02", tz="Europe/Berlin"),
            pd.Timestamp("1970-01-01 00:00:02").to_pydatetime(),
        ],
    )
    def test_moments_of_any_kind(self, seqs, moment):
        for times in (moment, [moment], pd.Series([moment])):
            view = seqs.as_of(["c"], times)
            assert view.reference_times.tolist() == [2 * SECOND]
            assert len(histories_in(view)[0]) == 1

    def test_daylight_saving_moments_are_utc(self, seqs):
        moments = pd.to_datetime(["2026-10-25 02:30", "2026-10-25 02:30"]).tz_localize(
            "Europe/Berlin", ambiguous=[True, False]
        )
        view = seqs.as_of(["a", "a"], moments)
        assert np.diff(view.reference_times).tolist() == [3600 * SECOND]

    def test_positions_where_there_are_no_ids(self):
        seqs = EventSequences(np.ones((3, 1)), [0, 1], [1, 3], times=[1, 1, 2])
        moments = np.array([2, 2, 2, 2]).astype("datetime64[us]")
        with pytest.warns(UnknownEntityWarning, match="2 of 4 entities .* such as -1;"):
            view = seqs.as_of([1, 0, 2, -1], moments)
        assert [len(h) for h in histories_in(view)] == [1, 1, 0, 0]
        with pytest.raises(ValueError, match=r"entities must be positions \(int\).*got 'a'"):
            seqs.as_of(["a"], 1.0)

    def test_of_a_view_looks_into_the_view(self, seqs):
        view = seqs.tail(2).as_of(["c"], 100)
        assert histories_in(view) == [[[8.0, 9.0], [10.0, 11.0]]]

    def test_duplicate_ids_are_named(self, seqs):
        with pytest.raises(ValueError, match="as_of needs unique entity_ids; 'c' occurs more"):
            seqs[[2, 2]].as_of(["c"], 1.0)

    @pytest.mark.parametrize(
        ("times", "message"),
        [
            (
                [1, 2],
                r"times must be one moment, or one for each of the 1 .* got shape \(2,",
            ),
            ([np.nan], "times must not be missing; entry 0 is"),
            ([np.inf], "times must be finite; entry 0 is inf"),
            (1e13, "times must be seconds since 1970, from 1900 to 2200, or have a time_unit"),
            (np.datetime64("NaT"), "times must not be missing"),
            ([pd.NaT], "times must not be missing; entry 0 is"),
            (["yesterday-ish"], "times must be ISO 8601, like .* entry 0 is 'yesterday-ish'"),
            (None, "times must not be missing"),
        ],
    )
    def test_moments_that_are_none_are_an_error(self, seqs, times, message):
        with pytest.raises(ValueError, match=message):
            seqs.as_of(["a"], times)


class TestPickle:
    def test_round_trip_keeps_everything(self, seqs):
        back = pickle.loads(pickle.dumps(seqs))
        pd.testing.assert_frame_equal(back.to_frame(), seqs.to_frame())
        assert back.reference_times.tolist() == seqs.reference_times.tolist()
        assert back.categories == seqs.categories
        assert back.has_field_names

    def test_takes_along_just_the_reached_rows(self):
        seqs = EventSequences(
            np.zeros((100_000, 3)), np.arange(0, 100_000, 100), np.arange(100, 100_001, 100)
        )
        assert len(pickle.dumps(seqs)) > 2_400_000
        for view in (seqs[:10], seqs[[3, 500, 3]].tail(5), seqs[999]):
            assert len(pickle.dumps(view)) < 3 * 8 * 1000 + 3_000

    @given(st.integers(0, 2**32))
    def test_overlapping_and_empty_slices_keep_their_events(self, seed):
        rng = np.random.default_rng(seed)
        bounds = np.sort(rng.integers(0, 21, size=(2, 6)), axis=0)
        seqs = EventSequences(
            np.arange(20.0)[:, None],
            *bounds,
            codes=np.arange(20)[:, None],
            times=np.arange(20),
            intervals=np.arange(20.0),
            observed=np.arange(20) % 3 > 0,
        )
        back = pickle.loads(pickle.dumps(seqs))
        assert histories_in(back) == histories_in(seqs)
        old, new = seqs.event_rows()[0], back.event_rows()[0]
        for part in ("codes", "times", "intervals", "observed"):
            assert_array_equal(getattr(back, part)[new], getattr(seqs, part)[old])
        assert len(back.values) == len(np.unique(old))


class TestShown:
    def test_repr(self, seqs):
        assert repr(seqs) == (
            "EventSequences(n_entities=3, n_events=6, longest=4, fields=('x', 'y'), "
            "categorical_fields=('kind',), times=1970-01-01T00:00:00..1970-01-01T00:00:09)"
        )

    @pytest.mark.parametrize("key", [[], [1], slice(0, 0)])
    def test_empty_containers_show(self, seqs, key):
        empty = seqs[key]
        assert f"n_entities={len(empty)}, n_events=0, longest=0" in repr(empty)
        assert "times=" not in repr(empty)
        assert "EventSequences" in empty._repr_html_()

    def test_html_has_a_row_for_every_field(self, seqs):
        seqs = EventSequences(
            [[1.5, np.nan], [2.5, np.nan], [np.inf, 9.0]], [0], [2], fields=["x", "y"]
        )
        cells = re.findall(r"<t[hd]>(.*?)</t[hd]>", seqs._repr_html_())
        assert cells[cells.index("x") :][:5] == ["x", "2", "0", "1.5", "2.5"]
        assert cells[cells.index("y") :][:5] == ["y", "0", "2", "NaN", "NaN"]

    def test_html_escapes_names_and_values(self):
        evil = "<script>alert('&')</script>\u00e9\u4e16"
        seqs = EventSequences(
            [[1.0]],
            [0],
            [1],
            codes=[[1]],
            fields=[evil],
            categorical_fields=["<b>"],
            categories=[["<i>"]],
            entity_ids=["<u>"],
        )
        shown = seqs._repr_html_()
        for tag in ("<script", "<b>", "<i>", "<u>"):
            assert tag not in shown
        assert "&lt;script&gt;" in shown
        assert "\u00e9\u4e16" in shown

    def test_html_of_fields_called_as_the_columns_of_a_frame(self):
        seqs = EventSequences([[1.0, 2.0]], [0], [1], times=[1], fields=["time", "entity"])
        assert seqs._repr_html_().count("<th>time</th>") == 3

    def test_html_without_any_field(self):
        assert "n_events=2" in EventSequences(np.empty((2, 0)), [0], [2])._repr_html_()


@pytest.mark.parametrize("flag", ["no", 1, None])
def test_inclusive_is_a_flag(flag):
    seqs = EventSequences([[1.0]], [0], [1], times=[0])
    with pytest.raises(ValueError, match=f"inclusive must be True or False; got {flag!r}"):
        seqs.as_of([0], 1.0, inclusive=flag)
    with pytest.raises(ValueError, match=f"inclusive must be True or False; got {flag!r}"):
        seqs.each_event(inclusive=flag)


class TestEachEvent:
    def test_rows_are_histories_before_events(self, seqs):
        view = seqs.each_event()
        rows, entity = seqs.event_rows()
        assert view.stops.tolist() == rows.tolist()
        assert view.starts.tolist() == seqs.starts[entity].tolist()
        assert view.entity_ids.tolist() == seqs.entity_ids[entity].tolist()
        assert view.reference_times.tolist() == seqs.times[rows].tolist()
        assert (seqs.each_event(inclusive=True).stops == rows + 1).all()
        assert np.shares_memory(view.values, seqs.values)

    def test_of_events_at_one_instant_the_earlier_row_is_before(self):
        seqs = EventSequences([[1.0], [2.0], [4.0]], [0], [3], times=[5, 5, 5])
        before = [part.values[part.starts[0] : part.stops[0], 0] for part in seqs.each_event()]
        assert [x.tolist() for x in before] == [[], [1.0], [1.0, 2.0]]
        at_once = seqs.as_of([0] * 3, seqs.times.astype("datetime64[us]"))
        assert at_once.lengths.tolist() == [0, 0, 0]

    def test_of_a_view_has_the_rows_of_the_view(self, seqs):
        view = seqs.tail(1).each_event(inclusive=True)
        assert view.lengths.tolist() == [1] * (seqs.lengths > 0).sum()

    def test_without_times_and_ids(self):
        view = EventSequences(np.ones((3, 1)), [0, 2], [2, 3]).each_event()
        assert view.lengths.tolist() == [0, 1, 0]
        assert view.entity_ids.tolist() == [0, 0, 1]
        assert view.reference_times is None

    def test_html_of_long_overlapping_histories_looks_at_each_event_once(self):
        n = 200_000  # all slices together have 20 billion events
        seqs = EventSequences(np.arange(n, dtype=float)[:, None], [0], [n]).each_event()
        assert f"<td>{n - 1}</td>" in seqs._repr_html_()

    def test_survives_pickling(self, seqs):
        view = seqs.each_event()[2:5]
        copy = pickle.loads(pickle.dumps(view))
        assert copy.to_frame().equals(view.to_frame())
        assert copy.reference_times.tolist() == view.reference_times.tolist()
        assert len(copy.values) < len(view.values)


def test_event_rows_of_any_slices():
    seqs = EventSequences(np.ones((9, 1)), [5, 2, 0, 2], [7, 2, 1, 4])
    rows, entity = seqs.event_rows()
    assert rows.tolist() == [5, 6, 0, 2, 3]
    assert entity.tolist() == [0, 0, 2, 3, 3]


def test_views_of_views_of_a_ragged_table_agree_with_cut_tables():
    whole = sequences_of(seeded_histories(0))
    view = whole[::-3].tail(9)[1:]
    rows, _ = view.event_rows()
    lengths = view.stops - view.starts
    stops = np.cumsum(lengths)
    cut = EventSequences(whole.values[rows], stops - lengths, stops)
    assert same_bits(cut.to_padded().numerical, view.to_padded().numerical)


def test_parts_that_do_not_fit():
    with pytest.raises(ValueError, match="intervals must be finite"):
        EventSequences([[1.0]], [0], [1], intervals=[np.inf])
    with pytest.raises(ValueError, match="at most 1, its number of categories; got 5"):
        EventSequences([[1.0]], [0], [1], codes=[[5]], categories=[["a"]])
    with pytest.raises(ValueError, match="times must fit 64-bit microseconds"):
        EventSequences([[1.0]], [0], [1], times=np.array([10**13], dtype="M8[s]"))


def a_container():
    return EventSequences(
        np.arange(12.0).reshape(6, 2),
        [0, 3],
        [3, 6],
        times=[0, 1, 2, 0, 1, 2],
        codes=np.ones((6, 1), dtype=np.int32),
        entity_ids=["a", "b"],
        reference_times=[5, 5],
    )


@pytest.mark.parametrize("name", ["values", "starts", "times", "fields", "entity_ids", "table"])
def test_attributes_cannot_be_set(name):
    for seqs in (a_container(), a_container()[:1], a_container().tail(1)):
        before = getattr(seqs, name)
        with pytest.raises(AttributeError, match=f"does not change; {name} cannot be set"):
            setattr(seqs, name, before)
        assert getattr(seqs, name) is before
        with pytest.raises(AttributeError, match="note cannot be set"):
            seqs.note = 1


@pytest.mark.parametrize("name", ["starts", "stops", "reference_times"])
def test_slices_are_read_only_copies(name):
    given = {name: np.array([3, 3]) if name != "starts" else np.array([0, 0])}
    parts = {"starts": [0, 0], "stops": [3, 3], "reference_times": [3, 3], **given}
    seqs = EventSequences(np.ones((3, 1)), times=[0, 1, 2], **parts)
    given[name][:] = 2**60  # the caller's array is the caller's
    assert getattr(seqs, name).max() <= 3
    copied = pickle.loads(pickle.dumps(seqs))
    for view in (seqs, seqs[::-1], seqs[[0]], seqs.tail(1), seqs.each_event(), copied):
        with pytest.raises(ValueError, match="read-only"):
            getattr(view, name)[:] = 2**60


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("starts", np.array([0, -3])),
        ("stops", np.array([3, 2**60])),
        ("stops", np.array([3])),
        ("starts", np.array([0.0, 3.0])),
        ("starts", None),
        ("values", np.ones((6, 2), dtype=np.float16)),
        ("values", np.ones(6)),
        ("values", np.ones((2, 2))),
        ("codes", np.ones((5, 1), dtype=np.int32)),
        ("codes", np.ones((6, 1))),
        ("times", np.arange(3)),
        ("times", [0, 1, 2, 0, 1, 2]),
        ("reference_times", np.array([5])),
        ("entity_ids", np.array(["a"])),
        ("table", None),
        ("table", np.ones((6, 2))),
    ],
)
def test_what_was_pickled_is_checked_when_it_is_read(name, value):
    seqs = a_container()
    state = {**seqs.__getstate__(), name: value}
    if name in COLUMNS:
        state["table"] = seqs.table.replace(**{name: state.pop(name)})
    with pytest.raises(
        ValueError, match=r"as it was pickled|a slice must|one length|entity_ids must"
    ):
        EventSequences.__new__(EventSequences).__setstate__(state)
