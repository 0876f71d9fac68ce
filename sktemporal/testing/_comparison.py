"""Comparing feature matrices to the last bit."""

import numpy as np


def name_of(transformer):
    """Name the transformer in a message."""
    return type(transformer).__name__


def dense(features):
    """Return features of any kind as an array."""
    return np.asarray(features.toarray() if hasattr(features, "toarray") else features)


def columns_of(fitted):
    """Names of the columns that a fitted transformer gives."""
    return [str(name) for name in fitted.get_feature_names_out()]


def assert_same_bits(found, expected, fitted, where):
    """Assert that two feature matrices are one to the last bit; any NaN is as good as another."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        raise AssertionError(
            f"{name_of(fitted)} gives another matrix {where}: shape {expected.shape} of "
            f"{expected.dtype} became {found.shape} of {found.dtype}"
        )
    same = found == expected
    if found.dtype.kind == "f":
        same &= np.signbit(found) == np.signbit(expected)
        same |= np.isnan(found) & np.isnan(expected)
    if same.all():
        return
    row, column = np.argwhere(~same)[0]
    raise AssertionError(
        f"{name_of(fitted)} gives other features {where}: {(~same).any(axis=1).sum()} of "
        f"{len(same)} rows differ, first in row {row}, column {_column_name(fitted, column)!r}: "
        f"{expected[row, column]} became {found[row, column]}"
    )


def _column_name(fitted, column):
    """Name of a column, or its number, where the estimator cannot name it."""
    try:
        return columns_of(fitted)[column]
    except (AttributeError, ValueError, IndexError):
        return int(column)
