"""Ids, keys and categories of a column as codes, and what is behind the codes."""

import numpy as np


def factorized(series):
    """Codes 0, 1, ... in sorted order of the distinct values, and these; null is -1.

    The order of ordered categories is theirs; that of others is an accident of how they were made.
    """
    import pandas as pd

    # narwhals 2.29 reads the nulls of a pyarrow dictionary as its last value; pyarrow does not.
    arrow = series.implementation.is_pyarrow()
    column = series.to_native().to_pandas() if arrow else series.to_pandas()
    try:
        if isinstance(column.dtype, pd.CategoricalDtype) and not column.dtype.ordered:
            column = column.cat.set_categories(column.cat.categories.sort_values())
        codes, distinct = pd.factorize(column, sort=True)
    except TypeError as error:
        raise ValueError(
            f"column {series.name!r} holds values that cannot be sorted: {error}"
        ) from error
    distinct = np.asarray(distinct)
    return codes.astype(np.int64), distinct
