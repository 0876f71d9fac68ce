import datetime
import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sktemporal import _kernels

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
GRAMMAR = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?)?", re.ASCII
)


def read(*texts):
    encoded = [text.encode() for text in texts]
    bounds = np.cumsum([0, *map(len, encoded)])
    n = len(texts)
    parts = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int16), np.zeros(n, dtype=bool)
    signs = np.frombuffer(b"".join(encoded), dtype=np.uint8)
    return _kernels.read_datetimes(signs, bounds, *parts), *(part.tolist() for part in parts)


def expected(text):
    """What Python reads of what the grammar allows; None if nothing."""
    if not GRAMMAR.fullmatch(text):
        return None
    fraction = re.search(r"[.,](\d+)", text)
    nanoseconds = int(fraction.group(1).ljust(9, "0")) if fraction else 0
    try:
        moment = datetime.datetime.fromisoformat(re.sub(r"[.,]\d+", "", text))
    except ValueError:
        return None
    local = moment.tzinfo is None
    moment = moment.replace(tzinfo=datetime.UTC) if local else moment
    microseconds = (moment - EPOCH) // datetime.timedelta(microseconds=1)
    return microseconds + nanoseconds // 1000, nanoseconds % 1000, local


def check(text):
    wrong, microseconds, nanoseconds, local = read(text)
    known = expected(text)
    if known is None:
        assert wrong == 0
    else:
        assert wrong == -1
        assert (microseconds[0], nanoseconds[0], local[0]) == known


digits = st.text("0123456789", min_size=1, max_size=10)
clocks = st.builds(
    "{}{:02d}:{:02d}{}{}{}".format,
    st.sampled_from(["T", " ", "t", ""]),
    st.integers(0, 25),
    st.integers(0, 61),
    st.one_of(st.just(""), st.builds(":{:02d}".format, st.integers(0, 61))),
    st.one_of(st.just(""), st.builds("{}{}".format, st.sampled_from(".,"), digits)),
    st.one_of(
        st.sampled_from(["", "Z", "z", "+", "-5", " Z", "+01:", "+01:00:00"]),
        st.builds(
            "{}{:02d}{}{}".format,
            st.sampled_from("+-"),
            st.integers(0, 25),
            st.sampled_from(["", ":"]),
            st.sampled_from(["", "00", "30", "59", "60"]),
        ),
    ),
)
dates = st.one_of(
    st.dates().map(str),
    st.builds(
        "{:04d}-{:02d}-{:02d}".format,
        st.integers(0, 10_001),
        st.integers(0, 13),
        st.integers(0, 32),
    ),
)


@given(st.builds("{}{}".format, dates, st.one_of(st.just(""), clocks)))
@example("2024-02-29")
@example("2023-02-29")
@example("1900-02-29")
@example("2000-02-29T23:59:59.999999999+23:59")
@example("0001-01-01T00:00+23:59")
@example("0000-01-01")
@example("2016-12-31T23:59:60Z")
@example("2026-01-01T24:00")
@example("2026-01-01T10")
@example("2026-01-01T10:00:00.")
def test_any_datetime_is_what_python_reads(text):
    if text.startswith(("0001-01-01", "9999-12-31")):
        return  # in UTC out of the range of Python's datetimes
    check(text)


def test_the_first_and_the_last_day_with_offsets():
    first, last = "0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59"
    wrong, microseconds, _, _ = read(first, last)
    minutes = np.array([first[:16], last[:16]], dtype="datetime64[m]").astype(np.int64)
    assert wrong == -1
    assert microseconds == ((minutes + [-1439, 1439]) * 60_000_000).tolist()


@given(st.text("0123456789-:+., TZWnow/", max_size=30))
@example("20260205")
@example("2026-W05-1")
@example("2026-036")
@example("now")
@example("")
def test_other_text_is_refused(text):
    check(text)


@pytest.mark.parametrize("text", ["2026-0٣-01", "２026-01-01", "2026-01-01T10:00−01:00"])
def test_signs_beyond_ascii_are_refused(text):
    assert read("2026-01-01", text)[0] == 1


@pytest.mark.parametrize("rest", ["+24:00", "-24", "+23:60", ":00.1234567890", ":00.", ":00.1 Z"])
def test_offsets_of_a_day_and_fractions_of_ten_digits_are_refused(rest):
    assert read("2026-01-01", f"2026-01-01T10:00{rest}")[0] == 1


def test_the_first_that_is_wrong_is_told():
    assert read("2026-01-01", "2026-13-01", "2026-14-01")[0] == 1
    assert read()[0] == -1
