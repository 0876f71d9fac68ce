"""Slices of a table to padded arrays, to data frames, and to the HTML of notebooks."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ._clocks import utc_to_clock
from ._labels import named_labels, values_of
from ._objects import kinds_in, object_array
from ._padded import padded_of_sequences
from ._sliced import Sliced

if TYPE_CHECKING:
    from typing import Any, Literal

    import pandas


class PaddedArrays(NamedTuple):
    """What `EventSequences.to_padded` returns."""

    #: float array of shape (n_entities, length, n_fields), NaN where padded
    numerical: np.ndarray
    #: bool array of shape (n_entities, length), True where there is an event
    mask: np.ndarray
    #: int32 array of shape (n_entities, length, n_categorical), 0 where padded
    categorical: np.ndarray
    #: datetime64[us] array of shape (n_entities, length), NaT where padded, or None
    times: np.ndarray | None


class Exports(Sliced):
    """The part of `EventSequences` that copies them into other forms."""

    def to_padded(
        self,
        length: int | None = None,
        padding: Literal["pre", "post"] = "pre",
        truncation: Literal["pre", "post"] = "pre",
    ) -> Any:
        """Copy into padded arrays.

        Parameters
        ----------
        length : int, default=None
            Number of steps. None: the longest history.
        padding : {"pre", "post"}, default="pre"
            On which side a shorter history is padded.
        truncation : {"pre", "post"}, default="pre"
            On which side a longer history is cut: "pre" keeps the latest events.

        Returns
        -------
        padded : PaddedArrays
            Named tuple of `numerical`, `mask` (True where there is an event), `categorical` and
            `times`.

        Raises
        ------
        ValueError
            If `length` is not a positive int, or `padding` or `truncation` is unknown.
        """
        return PaddedArrays(*padded_of_sequences(self, length, padding, truncation))

    def to_frame(self) -> pandas.DataFrame:
        """Copy into a pandas DataFrame, one row an event, entity by entity.

        Returns
        -------
        frame : pandas.DataFrame
            Columns ``entity`` (its own name where a key has that one; where several columns named
            it, these); those of the `keys`
            (missing where another column of the same key is); ``time`` and ``arrival``
            (datetime64, where the container has them: in its `time_zone`, or of UTC without a zone
            where it has none); ``interval`` (seconds, where it has intervals); the fields; and the
            categorical fields with their categories (the codes where no categories are known;
            missing is None).

        Raises
        ------
        ValueError
            If a field has one of these names.
        """
        return frame_of_sequences(self)

    def _repr_html_(self):
        return html_of_sequences(self)


def frame_of_sequences(seqs):
    """Make the data frame of an EventSequences, one row an event."""
    names, columns = _named_columns(seqs)
    for i, name in enumerate(names):
        if name in names[:i]:
            raise ValueError(f"to_frame needs unique column names; two would be called {name!r}")
    return _frame(names, columns)


def _named_columns(seqs):
    rows, entity = seqs.event_rows()
    of_keys = _columns_of_keys(seqs.table.keys, rows)
    labels = {"entity": entity}
    if seqs.entity_ids is not None and not isinstance(seqs.entity_name, tuple):
        name = seqs.entity_name if "entity" in of_keys else "entity"
        labels = {name: seqs.entity_ids[entity]}
    elif seqs.entity_ids is not None:
        labels = named_labels(seqs.entity_ids[entity], seqs.entity_name)
    if list(labels) != ["entity"]:  # columns that keys have in common with them are there once
        of_keys = {name: column for name, column in of_keys.items() if name not in labels}
    names, columns = [*labels, *of_keys], [*labels.values(), *of_keys.values()]
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


def _columns_of_keys(keys, rows):
    """The columns that keys came from; of one that is in several keys, that of itself alone."""
    columns = {}
    for name in sorted(keys, key=lambda name: isinstance(name, tuple)):
        codes = keys[name].codes[rows]
        for column, labels in named_labels(keys[name].ids, name).items():
            found = labels
            if (codes < 0).any():
                found = _and_none(object_array(values_of(labels)))
            columns.setdefault(column, found[codes])
    return columns


def _and_none(values):
    """Put None behind the values, where a code of -1 finds it."""
    return np.concatenate([values, np.array([None], dtype=object)])


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
    return _and_none(values)[codes - 1]


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
