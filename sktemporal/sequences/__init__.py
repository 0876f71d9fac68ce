"""Event histories of many entities, and the one gate through which input comes."""

from ._container import EventSequences
from ._duration_words import did_you_mean
from ._durations import duration_in_microseconds, duration_name
from ._export import PaddedArrays
from ._gate import are_histories, as_sequences, values_as_codes
from ._labels import codes_of_labels
from ._moments import as_microseconds
from ._objects import label_text
from ._parts import NO_TIME as NO_TIME
from ._table import EventTable
from ._times import TimeNotation, seconds_between
from ._transposing import by_columns
from ._views import CLOSED as CLOSED

__all__ = [
    "EventSequences",
    "EventTable",
    "PaddedArrays",
    "TimeNotation",
    "are_histories",
    "as_microseconds",
    "as_sequences",
    "by_columns",
    "codes_of_labels",
    "did_you_mean",
    "duration_in_microseconds",
    "duration_name",
    "label_text",
    "seconds_between",
    "values_as_codes",
]
