import decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sktemporal.quality import QualityReportTransformer, quality_report

REFUSED = {
    "datetimes": pd.to_datetime(["2024-01-01"] * 3),
    "datetimes of a zone": pd.to_datetime(["2024-01-01"] * 3, utc=True),
    "durations": pd.to_timedelta([1, 2, 3], unit="D"),
    "periods": pd.period_range("2024", periods=3, freq="D"),
    "text": ["x", "y", "z"],
    "categories": pd.Categorical(["x", "y", "x"]),
    "objects": np.array([1, "a", None], dtype=object),
    "dates": np.array([pd.Timestamp("2024-01-01").date()] * 3, dtype=object),
    "complex numbers": [1j, 2j, 3j],
    "lists": [[1.0], [2.0], [3.0]],
    "arrays": [np.ones(2), np.ones(1), None],
}
TAKEN = {
    "booleans": [True, False, True],
    "objects": np.array([1, 2.5, None], dtype=object),
    "nullable": pd.array([1, None, 3], dtype="Int64"),
    "decimals": [decimal.Decimal("1.5")] * 3,
    "categories": pd.Categorical([1, 2, 1]),
}


@pytest.mark.parametrize("kind", [*REFUSED])
def test_columns_that_are_no_numbers_are_named(kind):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "when": REFUSED[kind]})
    fitted = QualityReportTransformer().fit(frame[["a"]].assign(when=[3.0, 1.0, 2.0]))
    for use in (QualityReportTransformer().fit, fitted.transform, fitted.drift, quality_report):
        with pytest.raises(
            (TypeError, ValueError), match="eatures must be numbers; column 'when' holds"
        ):
            use(frame)


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([1, 2], dtype=pl.Int64).cast(pl.Datetime("us")),
        pl.Series([1, 2], dtype=pl.Int32).cast(pl.Date),
        pl.Series(["x", "y"]),
        pl.Series(["x", "y"], dtype=pl.Categorical),
        pl.Series([[1.0], [2.0]]),
        pl.Series([{"a": 1}, {"a": 2}]),
    ],
)
def test_columns_of_polars_are_named(column):
    with pytest.raises(ValueError, match="column 'when' holds"):
        QualityReportTransformer().fit(pl.DataFrame({"a": [1.0, 2.0], "when": column}))


@pytest.mark.parametrize("kind", ["M8[us]", "m8[s]", "U3"])
def test_arrays_that_are_no_numbers(kind):
    with pytest.raises(ValueError, match="eatures must be numbers; column 'x0' holds"):
        QualityReportTransformer().fit(np.array([[1], [2]]).astype(kind))


@pytest.mark.parametrize("kind", [*TAKEN])
def test_numbers_of_every_kind_are_taken(kind):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": TAKEN[kind]})
    filled = QualityReportTransformer(fill_value=-1.0).fit(frame).transform(frame)
    expected = [-1.0 if value is None or value is pd.NA else float(value) for value in frame["b"]]
    assert filled[:, 1].tolist() == [-1.0 if np.isnan(v) else v for v in expected]
