"""What is stored of the training, when it was changed."""

import random
import zlib

import numpy as np
import pytest
import scipy.stats

from sktemporal.quality import (
    FeatureSketches,
    QualityReportTransformer,
    SequenceQualityReport,
    drift_report,
)
from sktemporal.quality.drift import _fisher

X = np.random.default_rng(0).normal(size=(2000, 3))
X[:5, 0], X[0, 1], X[:, 2] = np.nan, np.inf, np.round(X[:, 2])
SKETCHES = FeatureSketches.from_matrix(X, ["a", "b", "c"])


@pytest.mark.parametrize(
    "data",
    [
        None,
        5,
        "text",
        [],
        b"",
        b"garbage",
        zlib.compress(b""),
        zlib.compress(b"[]"),
        zlib.compress(b'["a"]\n'),
        zlib.compress(b"{}\n" + bytes(8)),
        zlib.compress(b"[" * 100_000 + b"\n"),
        zlib.compress(bytes(2**27)),
        zlib.compress(b"[]\n" + bytes(2**27)),
        SKETCHES.to_bytes()[:-1],
        SKETCHES.to_bytes() + b"0",
    ],
    ids=range(15),
)
def test_what_to_bytes_did_not_write(data):
    with pytest.raises(ValueError, match="data must be what `to_bytes` wrote"):
        FeatureSketches.from_bytes(data)


def test_every_change_of_the_bytes_is_refused_or_can_be_used():
    plain, rng = zlib.decompress(SKETCHES.to_bytes()), random.Random(3)
    n_read = 0
    for _ in range(400):
        data = bytearray(plain)
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            read = FeatureSketches.from_bytes(zlib.compress(data, 1))
        except ValueError as error:
            assert str(error).startswith("data must be what")  # noqa: PT017
            continue
        n_read += 1
        assert FeatureSketches.from_bytes(read.to_bytes()) == read
        assert read.merge(read).n_rows == 2 * read.n_rows
        if read.names == SKETCHES.names:
            assert drift_report(SKETCHES, read)["n_new"] == read.n_rows
    assert n_read > 10


def test_fisher_against_scipy_and_with_a_billion_rows():
    rng = np.random.default_rng(1)
    n = 0
    while n < 200:
        table = rng.integers(0, rng.choice([3, 10, 300]), size=(2, 2))
        if not (table.any(axis=0).all() and table.any(axis=1).all()):
            continue
        expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
        if expected.min() < 5:
            place = np.unravel_index(expected.argmin(), (2, 2))
            p_value = scipy.stats.fisher_exact(table).pvalue
            assert _fisher(table, *place) == pytest.approx(p_value, rel=1e-9)
            n += 1
    # Of two missing in 2e9 rows, both in the one half: as a coin that falls twice.
    assert _fisher(np.array([[2, 0], [10**9, 10**9]]), 0, 0) == pytest.approx(0.5, rel=1e-6)
    assert _fisher(np.array([[3000, 10**9], [10**12, 10**6]]), 0, 1) == 0.0


STATES = {
    "support_": [None, np.ones(2, dtype=bool), np.ones(3), np.ones((3, 1), dtype=bool), [True] * 3],
    "n_features_in_": [None, 3.0],
    "fill_value": ["0", None, np.inf],
    "copy": ["yes"],
    "_of_float32": [None],
}
STORED = {
    "_report": [None, "", "[1]", "{}", "[" * 100_000, b"{}"],
    "_reference": [None, b"", "text", FeatureSketches([], []).to_bytes()],
    "_settings": [None, {}, {"fill_value": 1.0}],
}


@pytest.mark.parametrize(
    ("attribute", "value"), [(name, value) for name in STATES for value in STATES[name]]
)
def test_a_quality_step_that_was_changed(attribute, value):
    quality = QualityReportTransformer().fit(np.nan_to_num(X))
    quality.transform(X[1:])
    setattr(quality, attribute, value)
    for use in (quality.transform, quality.report, quality.drift):
        with pytest.raises(ValueError, match=attribute):
            use(X[1:])
    with pytest.raises(ValueError, match=attribute):
        quality.narrowed([True, False, True])


@pytest.mark.parametrize(
    ("attribute", "value"), [(name, value) for name in STORED for value in STORED[name]]
)
def test_a_quality_step_with_other_things_stored(attribute, value):
    quality = QualityReportTransformer().fit(X)
    setattr(quality, attribute, value)
    with pytest.raises(ValueError, match=f"{attribute} must be"):
        quality.report(X)
    assert quality.transform(X[1:]).shape == (1999, 3)  # which does not read it


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("_seen", None),
        ("_seen", "[]"),
        ("_seen", '{"other": {}}'),
        ("_report", "{}"),
        ("_reference", b""),
        ("categorical_feature_names_in_", ["kind"]),
        ("windows", (0,)),
        ("windows", ("nonsense",)),
        ("long_gap", "nonsense"),
        ("long_gap", 5),
        ("n_positions", -1),
    ],
)
def test_a_sequence_report_that_was_changed(attribute, value):
    histories = np.ones((3, 4, 2))
    report = SequenceQualityReport().fit(histories)
    setattr(report, attribute, value)
    with pytest.raises(ValueError, match=attribute):
        report.report(histories)


def test_rows_of_another_width_are_not_filled():
    quality = QualityReportTransformer().fit(X)
    with pytest.raises(ValueError, match="X has 2 features"):
        quality.fill_and_select(X[:, :2].copy())
