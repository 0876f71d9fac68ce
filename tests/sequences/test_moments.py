import datetime
import re
import zoneinfo
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sktemporal import EventSequences, TemporalPatternFeatures
from sktemporal.quality import SequenceQualityReport
from sktemporal.sequences import as_microseconds
from sktemporal.sequences._times import TimeNotation

UTC = datetime.UTC
BERLIN = "Europe/Berlin"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def microseconds_of(moment):
    return (moment - EPOCH) // datetime.timedelta(microseconds=1)


def text_series(texts):
    return {
        "str": pd.Series(texts),
        "object": pd.Series(texts, dtype=object),
        "string": pd.Series(texts, dtype="string"),
        "category": pd.Series(texts, dtype="category"),
        "arrow": pd.Series(texts, dtype=pd.ArrowDtype(pa.string())),
        "polars": pl.Series(texts),
        "polars categories": pl.Series(texts, dtype=pl.Categorical),
        "pyarrow": pa.chunked_array([texts[:1], texts[1:]]),
        "pyarrow dictionary": pa.chunked_array([texts]).dictionary_encode(),
        "pyarrow view": pa.chunked_array([pa.array(texts, pa.string_view())]),
    }


def log_of(times, **others):
    """A log of one entity, in the library that the times are of."""
    n = len(times)
    columns = {"e": ["a"] * n, "t": times, "x": np.arange(n, dtype=float), **others}
    if isinstance(times, pl.Series):
        return pl.DataFrame(columns)
    if isinstance(times, (pa.Array, pa.ChunkedArray)):
        return pa.table(columns)
    return pd.DataFrame(columns)


def sequences_of(times, **parameters):
    return EventSequences.from_frame(log_of(times), entity="e", time="t", **parameters)


TEXTS = ["2026-01-02T01:00:00+02:00", "2026-01-01", "2026-01-01 12:30:05.25", "2026-01-01T13:00Z"]
EXPECTED = [
    datetime.datetime(2026, 1, 1, tzinfo=UTC),
    datetime.datetime(2026, 1, 1, 12, 30, 5, 250_000, tzinfo=UTC),
    datetime.datetime(2026, 1, 1, 13, tzinfo=UTC),
    datetime.datetime(2026, 1, 1, 23, tzinfo=UTC),
]


@pytest.mark.parametrize("kind", list(text_series(TEXTS)))
def test_iso_text_of_any_library(kind):
    times = text_series(TEXTS)[kind]
    seqs = sequences_of(times)
    assert seqs.times.tolist() == list(map(microseconds_of, EXPECTED))
    assert seqs.values.ravel().tolist() == [1.0, 2.0, 3.0, 0.0]
    view = seqs.as_of(["a"] * 4, times)
    assert view.reference_times.tolist() == seqs.times[[3, 0, 1, 2]].tolist()


def test_slices_of_arrow_text_are_read_where_they_begin():
    seqs = sequences_of(pa.array(["no", *TEXTS, "no"]).slice(1, 4))
    assert seqs.times.tolist() == list(map(microseconds_of, EXPECTED))


@pytest.mark.parametrize(
    "text",
    [
        "05/02/2026", "now", "today", "2026", "2026-02", "20260205", "2026-W05-1", "2026-036",
        "2026-2-5", "2026-02-30", "2026-02-05T24:00", "2016-12-31T23:59:60Z", "2026-02-05T10",
        "2026-02-05 10:00 +01:00", "2026-02-05 10:00:00 UTC", "2026-02-05T10:00:00.0000000001",
        " 2026-02-05", "26-02-05", "12026-02-05", "0000-01-01", "Feb 5, 2026", "1770249600", "",
    ],
)  # fmt: skip
def test_text_that_is_not_iso_is_refused_by_row_and_value(text):
    rule = rf"time column 't' must be ISO 8601, like .*; row 1 is {re.escape(repr(text))}"
    with pytest.raises(ValueError, match=rule):
        sequences_of(["2026-01-01", text])
    with pytest.raises(
        ValueError, match=rule.replace("time column 't'", "times").replace("row 1", "entry 0")
    ):
        as_microseconds(text, "times")


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("20260205", "give time_format='%Y%m%d'"),
        ("05/02/2026", "give time_format='%d/%m/%Y', or '%m/%d/%Y'"),
        ("1770249600", "numbers must not be text"),
        ("2016-12-31T23:59:60Z", "seconds from 00 to 59"),
        ("2016-12-31 24:00", "hours go from 00 to 23"),
    ],
)
def test_the_way_out_of_other_text(text, way_out):
    with pytest.raises(ValueError, match=way_out):
        as_microseconds(text, "times")


def test_nanoseconds_of_text_decide_the_order_alone():
    texts = ["2026-01-01T00:00:00.000000900", "2026-01-01T00:00:00.0000001"]
    seqs = sequences_of(texts, duplicates="error")
    assert seqs.values.ravel().tolist() == [1.0, 0.0]
    assert seqs.times[0] == seqs.times[1] == microseconds_of(EXPECTED[0])
    # too far apart for nanoseconds of 64 bits
    seqs = sequences_of(["9999-12-31", *texts, "0001-01-01", texts[1]], duplicates="keep")
    assert seqs.values.ravel().tolist() == [3.0, 2.0, 4.0, 1.0, 0.0]


@pytest.mark.parametrize("years", [(1, 300, 700, 1100, 1969), (1970, 2700, 5000, 8000, 9999)])
def test_nanoseconds_decide_among_moments_too_far_apart_for_64_bits(years):
    texts = [f"{y:04}-06-01T00:00:00.{k:09}" for y in years for k in (0, 1, 500, 999)]
    rows = np.random.default_rng(0).permutation(len(texts))
    seqs = sequences_of([texts[row] for row in rows])
    assert [texts[rows[int(value)]] for value in seqs.values.ravel()] == texts


@pytest.mark.parametrize(("second", "beyond"), [(-2_208_988_800, -1), (7_258_118_399, 1)])
def test_seconds_are_plausible_from_1900_to_2200(second, beyond):
    for number in (second, float(second)):
        assert as_microseconds(number, "times") == 10**6 * second
    with pytest.raises(ValueError, match=r"must be seconds since 1970, from 1900 to 2200"):
        as_microseconds(second + beyond, "times")


class TestFormats:
    @pytest.mark.parametrize("kind", list(text_series(TEXTS)))
    def test_of_text(self, kind):
        times = text_series(["05/02/2026 10:00", "04/03/2026 09:30"])[kind]
        seqs = sequences_of(times, time_format="%d/%m/%Y %H:%M")
        expected = [datetime.datetime(2026, 2, 5, 10), datetime.datetime(2026, 3, 4, 9, 30)]
        assert seqs.times.tolist() == [microseconds_of(m.replace(tzinfo=UTC)) for m in expected]

    @pytest.mark.parametrize("numbers", [[20260205, 20250215], [20260205.0, 20250215.0]])
    def test_of_whole_numbers(self, numbers):
        seqs = sequences_of(numbers, time_format="%Y%m%d")
        assert seqs.times.astype("M8[us]").tolist() == [
            datetime.datetime(2025, 2, 15), datetime.datetime(2026, 2, 5)
        ]  # fmt: skip
        with pytest.raises(ValueError, match=r"row 1 is 20250215\.5"):
            sequences_of([20260205, 20250215.5], time_format="%Y%m%d")

    def test_offsets_and_nanoseconds(self):
        texts = ["01.02.2026 10:00:00.000000001 +0100", "01.02.2026 10:00:00.0 +0200"]
        seqs = sequences_of(texts, time_format="%d.%m.%Y %H:%M:%S.%f %z", time_zone="Asia/Tokyo")
        expected = [datetime.datetime(2026, 2, 1, hour, tzinfo=UTC) for hour in (8, 9)]
        assert seqs.times.tolist() == list(map(microseconds_of, expected))

    @pytest.mark.parametrize("text", ["2026-02-05", "31/02/2026", "now", "today", "", "NaT", "5/2"])
    def test_hold_for_all_rows(self, text):
        rule = rf"time column 't' must be text in the time_format '%d/%m/%Y'; row 1 is {text!r}"
        with pytest.raises(ValueError, match=rule):
            sequences_of(["05/02/2026", text], time_format="%d/%m/%Y")

    @pytest.mark.parametrize(
        ("time_format", "numbers", "expected"),
        [
            ("%d%m%Y", [1122026, 31122026], ["2026-12-01", "2026-12-31"]),
            ("%m%d%y", [10526.0, 120526.0], ["2026-01-05", "2026-12-05"]),
            ("%y%m%d", [50205, 991231], ["2005-02-05", "1999-12-31"]),
            ("%y%j", [5036, 26036], ["2005-02-05", "2026-02-05"]),
            ("%Y%m%d%H%M%S%f", [20260205000000123], ["2026-02-05T00:00:00.123"]),
        ],
    )
    def test_numbers_have_lost_zeros(self, time_format, numbers, expected):
        moments = as_microseconds(numbers, "times", TimeNotation(format=time_format))
        assert moments.tolist() == np.array(expected, "M8[us]").astype(np.int64).tolist()

    @pytest.mark.parametrize("number", [-20260205, 2026025, 202602051, 20260230, -1.0])
    def test_numbers_that_are_no_dates_are_refused(self, number):
        with pytest.raises(ValueError, match=f"times must be text .*entry 0 is {number}$"):
            as_microseconds([number], "times", TimeNotation(format="%Y%m%d"))

    @pytest.mark.parametrize(
        ("time_format", "text"),
        [
            ("%d/%m/%y %H:%M:%S", "05/02/26 23:59:60"),
            ("%Y-%m-%dT%H:%M:%S", "2026-02-05T12:30:60"),
            ("%Y-%m-%d", "-2026-02-05"),
            ("%Y-%m-%dT%H:%M:%S%z", "2026-02-05T12:30:00+01:00:30"),
        ],
    )
    def test_text_beyond_what_is_written_is_refused(self, time_format, text):
        with pytest.raises(ValueError, match=rf"time_format .*entry 1 is {re.escape(repr(text))}"):
            as_microseconds(
                [datetime.datetime(2026, 1, 1, tzinfo=UTC).strftime(time_format), text],
                "times",
                TimeNotation(format=time_format),
            )

    def test_sixties_that_are_no_seconds_are_read(self):
        notation = TimeNotation(format="%Y-%m-%d %H:%M:%S.%f %z")
        text = "1960-02-05 12:30:59.606160616 +01:00"
        expected = np.datetime64("1960-02-05T11:30:59.606160")
        assert as_microseconds(text, "times", notation).view("M8[us]") == expected

    def test_directives_that_make_no_day_are_refused(self):
        with pytest.raises(ValueError, match="time_format='%U %Y' cannot be read: "):
            sequences_of(["5 2026"], time_format="%U %Y")

    @pytest.mark.parametrize("time_format", ["%H:%M", "mixed", "ISO8601", "%d/%m", "%%Y", 3, ""])
    def test_without_a_year_are_refused(self, time_format):
        rule = f"time_format must be a format of strptime with a year.*got {time_format!r}"
        with pytest.raises(ValueError, match=rule):
            sequences_of(["05/02/2026"], time_format=time_format)

    def test_names_of_zones_are_refused(self):
        with pytest.raises(ValueError, match="%z, not %Z"):
            sequences_of(["2026-01-01 EST"], time_format="%Y-%m-%d %Z")


class TestNumbers:
    @pytest.mark.parametrize(
        ("unit", "numbers", "expected"),
        [
            ("s", [20250215, -(10**12)], [-(10**18), 20250215 * 10**6]),
            ("ms", [1767225600001, 0], [0, 1767225600001000]),
            ("us", [1767225600000001, -1], [-1, 1767225600000001]),
            ("ns", [1767225600000001999, -1], [-1, 1767225600000001]),
            ("ns", [1767225600000001000.0, -1.0], [-1, 1767225600000001]),
            ("ms", [0.0625, 0.0], [0, 62]),
            ("ms", np.array([3, 1], dtype=np.uint8), [1000, 3000]),
            ("ns", np.array([2**63 + 1999], dtype=np.uint64), [(2**63 + 1999) // 1000]),
        ],
    )
    def test_of_a_unit_are_believed(self, unit, numbers, expected):
        assert sequences_of(numbers, time_unit=unit).times.tolist() == expected
        assert sorted(as_microseconds(numbers, "times", _notation(unit=unit))) == expected

    def test_nanoseconds_decide_the_order_alone(self):
        seqs = sequences_of([1_999, 1_001, 1_000], time_unit="ns", duplicates="error")
        assert seqs.values.ravel().tolist() == [2.0, 1.0, 0.0]
        assert seqs.times.tolist() == [1, 1, 1]

    @pytest.mark.parametrize("numbers", [[0, 1, 2], [0.5, 1e6], [-86400.0, 0.0], [3, 20250215, 1]])
    def test_plausible_seconds_have_no_need_of_a_unit(self, numbers):
        assert sequences_of(numbers).times.tolist() == sorted(round(s * 1e6) for s in numbers)

    @pytest.mark.parametrize(
        ("numbers", "way_out"),
        [
            ([20250215, 20250216], "look like dates, the first is 20250215: .*'%Y%m%d'"),
            ([20250215.0, 5.0], "look like dates"),
            ([20250215, 99991231], "look like dates"),
            ([202502, 202503], "look like dates, .*'%Y%m'"),
            ([2024, 2025], "look like years, .*'%Y'"),
            ([2026, 2026], "look like years, .*'%Y'"),
            ([45703.5, 45704.25], "look like days of a spreadsheet"),
            ([1767225600000], "row 0 is 1767225600000, in milliseconds 2026-01-01T00:00:00: give"),
            ([0, 1767225600000000], "row 1 is .*, in microseconds 2026-01-01.* time_unit='us'"),
            ([1767225600000000000.0], "in nanoseconds 2026-01-01T00:00:00: give time_unit='ns'"),
            ([20250215103000], "looks like a date: give time_format='%Y%m%d%H%M%S'"),
            ([202502151030], "looks like a date: give time_format='%Y%m%d%H%M'"),
            ([-2208988801], "from 1900 to 2200, .* row 0 is -2208988801"),
            ([7258118400], "from 1900 to 2200, .* row 0 is 7258118400"),
            ([Decimal("1767225600000")], "in milliseconds"),
            (pd.array([1767225600000], dtype="Int64"), "in milliseconds"),
            (pl.Series([1767225600000]), "in milliseconds"),
            (pa.array([Decimal("1767225600000.5")]), "in milliseconds"),
        ],
    )
    def test_implausible_ones_are_refused_with_the_way_out(self, numbers, way_out):
        with pytest.raises(ValueError, match=f"time column 't' must be seconds .*{way_out}"):
            sequences_of(numbers)

    @pytest.mark.parametrize("numbers", [[20250215, 20250216], [2024, 2025], [45703.5, 45704.25]])
    def test_implausible_ones_of_a_unit_are_believed(self, numbers):
        seconds = [round(number * 1e6) for number in numbers]
        assert sequences_of(numbers, time_unit="s").times.tolist() == seconds

    def test_one_moment_that_is_asked_for_is_as_plausible(self):
        seqs = sequences_of([0, 1])
        assert seqs.as_of(["a"], 2000).n_events == 2
        for moment in (20250215, 1767225600000):
            with pytest.raises(ValueError, match="times must be seconds since 1970"):
                seqs.as_of(["a"], moment)
        assert seqs.as_of(["a"], 1767225600000, time_unit="ms").n_events == 2
        assert seqs.as_of(["a"], 20250215, time_format="%Y%m%d").n_events == 2

    @pytest.mark.parametrize("unit", [None, "s", "ms", "us", "ns"])
    def test_the_integer_of_a_missing_datetime_is_missing(self, unit):
        times = np.array(["2026-01-01", "NaT"], dtype="M8[us]").astype(np.int64)
        with pytest.raises(ValueError, match="has none in row 1"):
            sequences_of(times, time_unit=unit)

    @pytest.mark.parametrize(
        ("numbers", "unit"),
        [
            ([0, 9_223_372_036_855], "s"), ([0, -9_223_372_036_855], "s"), ([0, 9.3e12], "s"),
            ([0, -9.3e12], "s"), ([0, 1e300], "s"), ([0, 2.0**63], "us"), ([0, -(2.0**63)], "us"),
            ([0, 2**63 // 1000 + 1], "ms"), ([0, 1e22], "ns"), ([0, 2**64], "s"),
            (np.array([0, 2**64 - 1], dtype=np.uint64), "us"),
        ],
    )  # fmt: skip
    def test_beyond_64_bits_are_refused(self, numbers, unit):
        with pytest.raises(ValueError, match=r"time column 't' must .*row 1 is"):
            sequences_of(numbers, time_unit=unit)

    def test_units_that_are_none(self):
        with pytest.raises(ValueError, match=r"time_unit must be one of .*; got 'days'"):
            sequences_of([0], time_unit="days")


def _notation(**parts):
    return TimeNotation(**parts)


class TestZones:
    @pytest.mark.parametrize("zone", [BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC"])
    def test_are_of_what_has_no_offset(self, zone):
        local = datetime.datetime(2050, 7, 1, 12)  # after the last change that tables list
        expected = microseconds_of(local.replace(tzinfo=zoneinfo.ZoneInfo(zone)))
        texts = [local.isoformat(), "2050-07-01T12:00Z"]
        for times in (texts, pd.to_datetime(texts[:1]), pl.Series([local]), pa.array([local])):
            seqs = sequences_of(times, time_zone=zone)
            assert expected in seqs.times.tolist()
            assert seqs.time_zone == zone
        assert microseconds_of(local.replace(tzinfo=UTC)) in sequences_of(texts).times.tolist()

    def test_of_dates(self):
        day = datetime.date(2026, 7, 1)
        expected = microseconds_of(datetime.datetime(2026, 6, 30, 22, tzinfo=UTC))
        for times in ([day], pa.array([day]), pl.Series([day]), ["2026-07-01"]):
            assert sequences_of(times, time_zone=BERLIN).times.tolist() == [expected]

    def test_say_nothing_of_aware_times_and_numbers(self):
        aware = pd.to_datetime(["2026-07-01 12:00"]).tz_localize("America/New_York")
        expected = microseconds_of(datetime.datetime(2026, 7, 1, 16, tzinfo=UTC))
        for times in (aware, pl.from_pandas(aware), pa.array(aware), [expected / 1e6]):
            assert sequences_of(times, time_zone=BERLIN).times.tolist() == [expected]

    def test_moments_asked_for_are_of_the_container_s_zone(self):
        seqs = sequences_of(["2026-07-01 12:00", "2026-07-01 13:00"], time_zone=BERLIN)
        assert seqs.as_of(["a"], "2026-07-01 13:00").lengths == [1]
        assert seqs.as_of(["a"], np.datetime64("2026-07-01T12:00")).lengths == [0]
        assert seqs.as_of(["a"], pd.Timestamp("2026-07-01 11:00Z")).lengths == [1]
        assert seqs.as_of(["a"], "2026-07-01 13:00", time_zone="UTC").lengths == [2]
        view = seqs.tail(1)[[0]].with_reference_times("2026-07-01 14:00")
        assert view.reference_times.tolist() == [
            microseconds_of(datetime.datetime(2026, 7, 1, 12, tzinfo=UTC))
        ]

    def test_frames_have_the_zone(self):
        seqs = sequences_of(["2026-07-01 12:00", "2026-10-25T00:30Z"], time_zone=BERLIN)
        frame = seqs.to_frame()
        assert frame["time"].dtype == f"datetime64[us, {BERLIN}]"
        back = EventSequences.from_frame(frame, entity="entity", time="time", time_zone=BERLIN)
        assert back.times.tolist() == seqs.times.tolist()

    def test_now_is_of_the_sequences_zone(self):
        seqs = sequences_of(["2026-07-01 11:00", "2026-07-01 12:00"], time_zone=BERLIN)
        for now, n_future in (("2026-07-01 11:30", 1), ("2026-07-01 11:30Z", 0)):
            report = SequenceQualityReport(now=now).fit(seqs).report_
            assert report["times"]["n_future"] == n_future

    @pytest.mark.parametrize("n", [1, 65])
    def test_are_of_the_years_that_python_knows(self, n):
        for far in ("20000-01-01", "0001-01-02", "9999-12-30"):
            times = np.full(n, far, dtype="M8[us]")
            with pytest.raises(ValueError, match=rf"to have a time zone; entry 0 is {far}"):
                as_microseconds(times, "times", _notation(zone=BERLIN))
            seconds = times.astype("M8[s]").astype(int)
            with pytest.raises(ValueError, match=rf"to have a time zone; entry 0 is {far}"):
                as_microseconds(seconds, "times", _notation(zone=BERLIN, unit="s"))
        for near in ("0001-01-03T00:00", "9999-12-29T23:59"):
            for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
                times = np.full(n, near, dtype="M8[us]")
                got = as_microseconds(times, "times", _notation(zone=zone))
                assert np.abs(got - times.astype(int)).max() < 15 * 3600 * 10**6

    def test_a_time_shown_twice_or_never_is_refused_by_row_and_value(self):
        texts = ["2026-10-25T02:30Z", "2026-10-25T01:59", "2026-10-25T02:30"]
        rule = "row {} is 2026-10-25 02:30:00, which they showed twice"
        with pytest.raises(ValueError, match=rule.format(2)):
            sequences_of(texts, time_zone=BERLIN)
        with pytest.raises(ValueError, match=rule.format(70)):
            sequences_of(texts[:1] + ["2026-01-01"] * 69 + texts[2:], time_zone=BERLIN)
        rule = "entry 0 is 2026-03-29 02:30:00, which they skipped"
        with pytest.raises(ValueError, match=rule):
            as_microseconds("2026-03-29T02:30", "times", _notation(zone=BERLIN))

    @given(
        st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Europe/Dublin"]),
        st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2150, 1, 1)),
        st.sampled_from(["earlier", "later"]),
    )
    @example(BERLIN, datetime.datetime(2026, 10, 25, 2, 30), "earlier")
    @example(BERLIN, datetime.datetime(2026, 10, 25, 2, 30), "later")
    @example(BERLIN, datetime.datetime(2026, 3, 29, 2, 30), "earlier")
    @example(BERLIN, datetime.datetime(2026, 3, 29, 2, 30), "later")
    @example("Australia/Lord_Howe", datetime.datetime(2026, 10, 4, 2, 10), "later")
    @example("Europe/Dublin", datetime.datetime(2026, 10, 25, 1, 30), "earlier")
    def test_have_the_moments_that_python_finds(self, zone, local, ambiguous):
        both = [
            microseconds_of(local.replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=fold))
            for fold in (0, 1)
        ]
        expected = min(both) if ambiguous == "earlier" else max(both)
        for n in (1, 65):
            got = as_microseconds([local] * n, "times", _notation(zone=zone, ambiguous=ambiguous))
            assert got.tolist() == [expected] * n

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "", "+02:00", 2, "../UTC", "Europe"])
    def test_that_are_none(self, zone):
        with pytest.raises(ValueError, match="time_zone must be an IANA name like 'Europe/Berlin'"):
            sequences_of(["2026-01-01"], time_zone=zone)

    def test_ambiguous_times_need_a_zone_and_a_known_way(self):
        with pytest.raises(ValueError, match="ambiguous='later' needs a time_zone; got None"):
            sequences_of(["2026-01-01"], ambiguous="later")
        with pytest.raises(ValueError, match=r"ambiguous must be one of .*; got 'infer'"):
            sequences_of(["2026-01-01"], ambiguous="infer", time_zone=BERLIN)


class TestObjects:
    @pytest.mark.parametrize(
        "time",
        [
            datetime.date(2026, 1, 1),
            datetime.datetime(2026, 1, 1),
            datetime.datetime(2026, 1, 1, tzinfo=UTC),
            datetime.datetime(2026, 1, 1, 1, tzinfo=zoneinfo.ZoneInfo(BERLIN)),
            pd.Timestamp("2026-01-01"),
            pd.Timestamp("2025-12-31 19:00", tz="America/New_York"),
            np.datetime64("2026-01-01T00:00:00.000000000"),
            np.datetime64("2026"),
            "2026-01-01",
        ],
    )
    def test_of_all_kinds_mix(self, time):
        others = ["2026-01-02", datetime.date(2026, 1, 3), datetime.datetime(2026, 1, 4, 5)]
        for column in ([time], [time, *others]):
            seqs = sequences_of(pd.Series(column, dtype=object))
            assert seqs.times[0] == microseconds_of(EXPECTED[0])
            assert as_microseconds(column, "times").tolist() == seqs.times.tolist()
        assert as_microseconds(time, "times") == seqs.times[0]
        assert seqs.times[-1] == microseconds_of(datetime.datetime(2026, 1, 4, 5, tzinfo=UTC))

    @pytest.mark.parametrize(
        "time",
        [
            True, np.True_, datetime.timedelta(1), datetime.time(3), b"2026-01-01", 1j,
            pd.Period("2026-01"), (2026, 1, 1), object(),
        ],
    )  # fmt: skip
    def test_that_are_no_times_are_named(self, time):
        objects = np.empty(2, dtype=object)
        objects[:] = ["2026-01-01", time]
        with pytest.raises(ValueError, match=r"time column 't' must .*; row 1 is .*, of type"):
            sequences_of(pd.Series(objects))

    def test_numbers_do_not_mix_with_others(self):
        with pytest.raises(ValueError, match="must not hold numbers among other times; row 1 is 3"):
            sequences_of(pd.Series(["2026-01-01", 3], dtype=object))

    @pytest.mark.parametrize("nothing", [None, np.nan, pd.NaT, pd.NA])
    def test_missing_ones_are_named(self, nothing):
        with pytest.raises(ValueError, match="has none in row 1"):
            sequences_of(pd.Series(["2026-01-01", nothing], dtype=object))
        with pytest.raises(ValueError, match="times must not be missing; entry 1 is"):
            as_microseconds(["2026-01-01", nothing], "times")


@pytest.mark.parametrize(
    "times",
    [
        pd.Series([True, False]),
        pd.Series([True, False], dtype="boolean"),
        pl.Series([True]),
        pa.array([True]),
        pd.Series(pd.to_timedelta([1, 2])),
        pl.Series([datetime.timedelta(1)]),
        pa.array([datetime.time(1)]),
        pd.Series(pd.period_range("2026-01", periods=2, freq="M")),
        pa.array([b"2026-01-01"]),
        pd.Series(pd.interval_range(0, 2)),
        pd.Series([1j]),
    ],
)
def test_columns_of_other_types_are_named(times):
    with pytest.raises(ValueError, match=r"time column 't' must hold datetimes, .*its type is "):
        sequences_of(times)


@pytest.mark.parametrize(
    ("times", "parameters", "rule"),
    [
        (["2026-01-01"], {"time_unit": "ms"}, "time_unit='ms' is for numbers"),
        (pd.to_datetime(["2026-01-01"]), {"time_unit": "ms"}, "time_unit='ms' is for numbers"),
        (pd.to_datetime(["2026-01-01"]), {"time_format": "%Y"}, "time_format='%Y' is for text"),
        ([3], {"time_unit": "s", "time_format": "%Y"}, "time_format='%Y' is for text"),
    ],
)
def test_parameters_without_effect_are_refused(times, parameters, rule):
    with pytest.raises(ValueError, match=rule):
        sequences_of(times, **parameters)


@pytest.mark.parametrize(
    "parameters", [{"time_unit": "ms"}, {"time_format": "%Y"}, {"time_zone": BERLIN}]
)
def test_parameters_for_times_need_times(parameters):
    with pytest.raises(ValueError, match="needs a `time` column; got None"):
        EventSequences.from_frame(log_of([3]), entity="e", **parameters)


@pytest.mark.parametrize("kind", [object, "str", "datetime64[us]", float])
@pytest.mark.parametrize("parameters", [{"time_unit": "ms"}, {"time_format": "%Y"}])
def test_logs_without_events_are_of_any_kind(kind, parameters):
    assert sequences_of(pd.Series([], dtype=kind), **parameters).n_events == 0


def test_masked_moments_are_missing():
    masked = np.ma.array(np.zeros(2, dtype="M8[us]"), mask=[False, True])
    with pytest.raises(ValueError, match="times must not be missing; entry 1 is"):
        as_microseconds(masked, "times")


def test_times_and_arrivals_may_be_of_two_kinds():
    log = log_of(["05/02/2026"], arrived=[1770300000000])
    columns = {"entity": "e", "time": "t", "arrival": "arrived"}
    seqs = EventSequences.from_frame(log, **columns, time_format="%d/%m/%Y", time_unit="ms")
    assert seqs.arrivals.tolist() == [1770300000000000]
    assert seqs.times.tolist() == [microseconds_of(datetime.datetime(2026, 2, 5, tzinfo=UTC))]


class TestRange:
    def test_nanoseconds_that_span_more_than_int64_are_in_order(self):
        times = np.array([2**63 - 1, -(2**63) + 1, 0], dtype="M8[ns]")
        for column in (times, pl.Series(times), pa.array(times)):
            seqs = sequences_of(column)
            assert seqs.values.ravel().tolist() == [1.0, 2.0, 0.0]
            with pytest.raises(ValueError, match="row 1 is earlier than row 0"):
                sequences_of(column, unsorted="error")

    @pytest.mark.parametrize("unit", ["s", "ms", "us"])
    def test_years_before_1677_and_after_2262(self, unit):
        times = np.array(["3000-01-01", "0800-01-01", "1500-06-01"], dtype=f"M8[{unit}]")
        for column in (times, pl.Series(times.astype("M8[us]")), pa.array(times)):
            seqs = sequences_of(column)
            assert seqs.values.ravel().tolist() == [1.0, 2.0, 0.0]
            assert seqs.times.tolist() == np.sort(times).astype("M8[us]").astype(int).tolist()

    @pytest.mark.parametrize(
        "far",
        [
            np.datetime64(2**62, "s"), np.datetime64(-(2**54), "ms"), np.datetime64(2**53, "D"),
            np.datetime64(2**50, "Y"), np.datetime64(-(2**40), "M"), np.datetime64(2**60, "h"),
        ],
    )  # fmt: skip
    def test_datetimes_too_far_away_are_named(self, far):
        rule = "times must fit 64-bit microseconds, of the years -290000 to 290000; entry 0"
        with pytest.raises(ValueError, match=rule):
            as_microseconds(far, "times")

    @pytest.mark.parametrize("n", [1, 3])
    @pytest.mark.parametrize(
        ("unit", "microseconds"),
        [
            ("W", 604_800_000_000),
            ("D", 86_400_000_000),
            ("h", 3_600_000_000),
            ("m", 60_000_000),
            ("s", 1_000_000),
            ("ms", 1_000),
            ("us", 1),
        ],
    )
    def test_the_last_datetime_of_each_unit_is_read_and_the_next_refused(
        self, unit, microseconds, n
    ):
        latest = (2**63 - 1) // microseconds // n
        for ticks in (latest, -latest):
            datetimes = np.array([ticks]).view(f"M8[{n}{unit}]")
            assert as_microseconds(datetimes, "times").tolist() == [ticks * n * microseconds]
        for ticks in (latest + 1, -latest - 1):
            if -(2**63) < ticks < 2**63:
                far = np.array([0, ticks]).view(f"M8[{n}{unit}]")
                with pytest.raises(ValueError, match=r"times must fit 64-bit .*entry 1 is"):
                    as_microseconds(far, "times")

    def test_integers_of_missing_and_beyond_64_bits_are_named(self):
        nothing = [np.iinfo(np.int64).min]
        with pytest.raises(
            ValueError, match="times must not be missing; the first of entity 'a' is"
        ):
            EventSequences([[1.0]], [0], [1], times=nothing, entity_ids=["a"])
        beyond = np.array([2**63], dtype=np.uint64)
        for name in ("times", "reference_times"):
            with pytest.raises(
                ValueError, match=f"{name} must fit 64-bit .*; entry 0 is 9223372036"
            ):
                EventSequences([[1.0]], [0], [1], **{"times": [0], name: beyond})

    def test_rows_outside_of_histories_and_empty_ones_may_have_no_time(self):
        nothing = np.iinfo(np.int64).min
        parts = {"times": [nothing, 5], "reference_times": [nothing, 6]}
        seqs = EventSequences([[0.0], [1.0]], [0, 1], [0, 2], **parts)
        assert seqs.reference_times.tolist() == [nothing, 6]

    def test_spans_beyond_int64(self):
        times = pd.Series(np.array(["-200000-01-01", "200000-01-01"], dtype="M8[s]"))
        seqs = sequences_of(times[::-1], unsorted="sort")
        assert seqs.values.ravel().tolist() == [1.0, 0.0]
        span = TemporalPatternFeatures().set_output(transform="pandas").fit_transform(seqs)
        seconds = int(times[1].to_numpy().astype(np.int64)) - int(
            times[0].to_numpy().astype(np.int64)
        )
        assert span["temporal_span"].tolist() == [float(seconds)]


@pytest.mark.parametrize("dtype", [pl.Int64, pl.Int128, pl.Decimal(38, 0), pl.Object])
def test_numbers_of_any_width_are_exact(dtype):
    nanoseconds = [1_738_368_000_000_000_129, 1_738_368_000_000_000_001]
    if dtype == pl.Object:
        nanoseconds = list(map(Decimal, nanoseconds))
    times = pl.Series(nanoseconds, dtype=dtype)
    seqs = sequences_of(times, time_unit="ns", duplicates="error")
    assert seqs.values.ravel().tolist() == [1.0, 0.0]
    assert seqs.as_of(["a"], times[:1], time_unit="ns", inclusive=True).n_events == 2


@pytest.mark.parametrize("value", [1e308, -1e308, Decimal(10) ** 30, Decimal("Infinity")])
@pytest.mark.parametrize("unit", ["s", "ns"])
def test_numbers_far_away_are_refused_without_a_warning(value, unit):
    with pytest.raises(ValueError, match=r"times must (fit 64|be finite).*entry 0 is"):
        as_microseconds([value], "times", TimeNotation(unit=unit))
