"""What a feature matrix must not hold: times and text, which are no features yet."""

import numpy as np

_KINDS = {"M": "datetimes", "m": "durations", "U": "text", "S": "text", "c": "complex numbers"}


def check_numeric(X):
    """Check that all columns are numbers, as far as converting them would not say it well.

    Parameters
    ----------
    X : frame or array-like of shape (n_rows, n_columns)

    Raises
    ------
    ValueError
        If a column holds something else; the message names it.
    """
    if hasattr(X, "schema") or hasattr(X, "dtypes"):
        _check_frame(X)
    elif isinstance(X, np.ndarray) and X.ndim == 2:
        if X.dtype.kind == "O":
            for j, column in enumerate(X.T):
                _check_column(f"x{j}", column)
        elif X.dtype.kind in _KINDS:
            _refuse("x0", _KINDS[X.dtype.kind])


def _check_frame(X):
    import narwhals as nw

    frame = nw.from_native(X, eager_only=True, pass_through=True)
    if frame is X:
        return
    for name, dtype in frame.schema.items():
        if dtype.is_temporal():
            _refuse(name, "datetimes, dates or durations")
        if dtype.is_nested():
            _refuse(name, "lists, arrays or structs")
        if not (dtype.is_numeric() or dtype == nw.Boolean):
            _check_column(name, np.asarray(frame[name].to_native()))


def _check_column(name, column):
    """Refuse a column of which a value is no number."""
    if column.dtype.kind in _KINDS:
        _refuse(name, _KINDS[column.dtype.kind])
    if column.dtype.kind == "O":
        for value in column:
            try:
                number = np.float64(np.nan if value is None else value)
            except (TypeError, ValueError) as error:
                # The type of scikit-learn's own error for what is neither text nor a number.
                _refuse(name, f"{type(value).__name__} values ({error})", type(error))
            if np.ndim(number):
                _refuse(name, f"{type(value).__name__} values, each of several")


def _refuse(name, found, kind=ValueError):
    rule = "Complex data not supported: f" if found == _KINDS["c"] else "F"
    raise kind(
        f"{rule}eatures must be numbers; column {name!r} holds {found}. Leave it out, or turn it "
        "into numbers"
    )
