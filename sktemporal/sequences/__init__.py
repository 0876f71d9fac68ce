"""Event histories of many entities, and the one gate through which input comes."""

from ._container import EventSequences, PaddedArrays
from ._duration_words import did_you_mean
from ._durations import duration_in_microseconds, duration_name
from ._gate import are_histories, as_sequences, values_as_codes
from ._moments import as_microseconds
from ._objects import label_text
from ._times import TimeNotation, seconds_between
from ._transposing import by_columns
from ._views import CLOSED as CLOSED

__all__ = [
    "EventSequences",
    "PaddedArrays",
    "TimeNotation",
    "are_histories",
    "as_microseconds",
    "as_sequences",
    "by_columns",
    "did_you_mean",
    "duration_in_microseconds",
    "duration_name",
    "label_text",
    "seconds_between",
    "values_as_codes",
]
