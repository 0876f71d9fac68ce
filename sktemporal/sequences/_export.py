"""Slices of a table to data frames, one row an event, and to the HTML of notebooks."""

import html

import numpy as np

from ._clocks import utc_to_clock
from ._labels import named_labels
from ._objects import kinds_in, object_array


def frame_of_sequences(seqs):
    """Make the data frame of an EventSequences, one row an event."""
    names, columns = _named_columns(seqs)
    for i, name in enumerate(names):
        if name in names[:i]:
            raise ValueError(f"to_frame needs unique column names; two would be called {name!r}")
    return _frame(names, columns)


def _named_columns(seqs):
    rows, entity = seqs.event_rows()
    labels = {"entity": entity}
    if seqs.entity_ids is not None:
        names = seqs.entity_name if isinstance(seqs.entity_name, tuple) else "entity"
        labels = named_labels(seqs.entity_ids[entity], names)
    names, columns = list(labels), list(labels.values())
    if seqs.times is not None:
        names.append("time")
        columns.append(utc_to_clock(seqs.times[rows], seqs.time_zone))
    if seqs.arrivals is not None:
        names.append("arrival")
        columns.append(utc_to_clock(seqs.arrivals[rows], seqs.time_zone))
    if seqs.intervals is not None:
        names.append("interval")
        columns.append(seqs.intervals[rows])
    columns.extend(seqs.values[rows].T)
    for codes, vocabulary in zip(seqs.codes[rows].T, seqs.categories, strict=True):
        columns.append(codes if vocabulary is None else _categorical(codes, vocabulary))
    return [*names, *seqs.fields, *seqs.categorical_fields], columns


# Kinds of which pandas makes an index of their own type without changing any.
_OF_PANDAS = {"bool", "int", "float", "str", "date", "datetime", "timedelta"}


def _categorical(codes, vocabulary):
    """Make a column of categories; of objects, where pandas would take some for the same."""
    import pandas as pd

    values = object_array(vocabulary)
    kinds = kinds_in(vocabulary)
    if len(kinds) == 1 and kinds <= _OF_PANDAS:
        return pd.Categorical.from_codes(codes - 1, categories=pd.Index(vocabulary))
    index = pd.Index(values, dtype=object, tupleize_cols=False)
    if index.is_unique:
        return pd.Categorical.from_codes(codes - 1, categories=index)
    return np.append(values, None)[codes - 1]


def _frame(names, columns):
    import pandas as pd

    frame = pd.DataFrame(dict(enumerate(columns)))
    frame.columns = names
    return frame


def html_of_sequences(seqs):
    """Make the HTML that notebooks show: what there is, field by field, and the first events."""
    import pandas as pd

    values = seqs.values[seqs.reached_rows()]
    with np.errstate(invalid="ignore"):
        observed = ~np.isnan(values)
        fields = pd.DataFrame(
            {
                "observed": observed.sum(axis=0),
                "missing": (~observed).sum(axis=0),
                "min": np.where(observed, values, np.inf).min(axis=0, initial=np.inf),
                "max": np.where(observed, values, -np.inf).max(axis=0, initial=-np.inf),
            },
            index=pd.Index(seqs.fields, name="field"),
        ).replace([np.inf, -np.inf], np.nan)
    return (
        f"<div><p><code>{html.escape(repr(seqs))}</code></p>"
        f"{fields.to_html(border=0)}"
        f"{_frame(*_named_columns(seqs[:3].tail(2))).to_html(border=0, index=False)}</div>"
    )
