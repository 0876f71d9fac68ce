import datetime
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sktemporal.sequences import did_you_mean, duration_in_microseconds, duration_name

UNITS = {"w": "7D", "d": "1D", "h": "1h", "min": "1min", "s": "1s", "ms": "1ms", "us": "1us"}


@given(st.integers(1, 9999), st.sampled_from(sorted(UNITS)))
def test_strings_mean_what_pandas_means(n, unit):
    expected = n * pd.Timedelta(UNITS[unit]) // pd.Timedelta("1us")
    assert duration_in_microseconds(f"{n}{unit}") == expected


@pytest.mark.parametrize(
    ("duration", "microseconds"),
    [
        ("1h30min", 5_400_000_000),
        ("1min1ms", 60_001_000),
        ("1w1d", 8 * 86_400_000_000),
        ("0d5s", 5_000_000),
        ("7D", 7 * 86_400_000_000),
        ("2W", 14 * 86_400_000_000),
        ("1D12h", 129_600_000_000),
        (pd.Timedelta("7D"), 7 * 86_400_000_000),
        (datetime.timedelta(days=1, microseconds=1), 86_400_000_001),
        (pd.Timedelta("1s"), 1_000_000),
        (np.timedelta64(3, "ms"), 3000),
        (np.timedelta64(2000, "ns"), 2),
    ],
)
def test_durations(duration, microseconds):
    got = duration_in_microseconds(duration)
    assert got == microseconds
    assert type(got) is int


@pytest.mark.parametrize(
    "duration",
    [
        "",
        "d",
        "7",
        "7 d",
        "-7d",
        "1.5h",
        "1mo",
        "1y",
        "7d ",
        "d7",
        "0s",
        "7\u0664d",
        "106751992d",
        7,
        7.0,
        None,
        datetime.timedelta(0),
        datetime.timedelta(days=-1),
        np.timedelta64(1, "ns"),
        np.timedelta64("NaT"),
        np.timedelta64(1, "M"),
        np.timedelta64(1, "Y"),
        np.timedelta64(7),
        pd.NaT,
    ],
)
def test_what_is_no_duration_is_shown(duration):
    with pytest.raises(ValueError, match=re.escape(f"got {duration!r}")):
        duration_in_microseconds(duration)


@pytest.mark.parametrize(
    ("duration", "name"),
    [
        ("24h", "24h"),
        ("1h30min", "1h30min"),
        ("7D", "7d"),
        ("1D12H", "1d12h"),
        (datetime.timedelta(days=14), "2w"),
        (datetime.timedelta(hours=36), "36h"),
        (pd.Timedelta("90s"), "90s"),
        (np.timedelta64(1, "ms"), "1ms"),
        (np.timedelta64(1001, "us"), "1001us"),
    ],
)
def test_names(duration, name):
    assert duration_name(duration) == name
    assert duration_in_microseconds(name) == duration_in_microseconds(duration)


@pytest.mark.parametrize("duration", [np.timedelta64(1500, "ns"), pd.Timedelta("1500ns")])
def test_durations_finer_than_a_microsecond_are_refused(duration):
    with pytest.raises(ValueError, match="whole microseconds"):
        duration_in_microseconds(duration)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("7 days", "7d"), ("7days", "7d"), ("7 Days", "7d"), (" 7d ", "7d"), ("7 D", "7d"),
        ("1.5h", "1h30min"), ("1,5 h", "1h30min"), ("0.5s", "500ms"), ("1.5 weeks", "10d12h"),
        ("30T", "30min"), ("5S", "5s"), ("5L", "5ms"), ("1 hour and 30 minutes", "1h30min"),
        ("1 day, 2 hrs", "1d2h"), ("P7D", "7d"), ("P2W", "2w"), ("PT1H30M", "1h30min"),
        ("P1DT0.5S", "1d500ms"), (pd.offsets.Day(7), "7d"), (pd.offsets.Hour(3), "3h"), (7, "7d"),
    ],
)  # fmt: skip
def test_what_may_be_meant_is_asked_back(written, meant):
    with pytest.raises(ValueError, match=re.escape(f"got {written!r}; did you mean '{meant}'?")):
        duration_in_microseconds(written)
    duration_in_microseconds(meant)


@pytest.mark.parametrize(
    ("written", "question"),
    [
        ("7", "did you mean '7d', or the int 7 for events?"),
        ("30m", "months and years differ in length: did you mean '30min' or '900d'?"),
        ("1M", "months and years differ in length: did you mean '1min' or '30d'?"),
        ("P1M", "months and years differ in length: did you mean '30d'?"),
        ("3 months", "months and years differ in length: did you mean '90d'?"),
        ("9999999999d", ""),
        ("9999999999 days", ""),
        ("1y", "months and years differ in length: did you mean '365d'?"),
        ("0.5Q", "months and years differ in length: did you mean '45d'?"),
    ],
)
def test_what_may_mean_two_things_is_asked_back(written, question):
    assert did_you_mean(written) == question


def test_the_longest_duration_has_63_bits():
    assert duration_in_microseconds(f"{2**63 - 1}us") == 2**63 - 1
    for duration in (f"{2**63}us", np.timedelta64(2**63 // 10**6 + 1, "s")):
        with pytest.raises(ValueError, match="a duration must be positive"):
            duration_in_microseconds(duration)


@pytest.mark.parametrize(
    "nonsense",
    ["", "d", "P", "PT", "-7d", "0 days", "7dd", "1e3s", "00:30:00", "a week", "7 dogs",
     "1.0000001s", "d7", "7d!", True, 0, 7.5, None, pd.NaT, pd.offsets.MonthEnd(), ("7d",)],
)  # fmt: skip
def test_nothing_is_asked_of_what_means_nothing(nonsense):
    assert did_you_mean(nonsense) == ""
