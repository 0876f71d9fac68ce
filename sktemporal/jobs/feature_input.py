"""From a directory of normalized sequences to the histories that the feature job works on."""

import json

import numpy as np

from ..exceptions import InputError
from ..io import FORMATS, read_normalized
from ..sequences import EventSequences

# The columns of `numerical` behind the value fields: the seconds since the event before, and the
# padding indicator.
_N_TRAILING_COLUMNS = 2
_LATEST = 9.2e18  # microseconds, below what int64 holds by more than a float64 rounds


def read_sequences(directory, settings):
    """Read the input directory with the fields that the settings name.

    Parameters
    ----------
    directory : Path
    settings : JobSettings

    Returns
    -------
    sequences : EventSequences
    left_out : datetime64[us] array of shape (n_entities,) or None
        When the latest of the events happened that were cut off the beginning of each history, NaT
        where none was; None: not known.

    Raises
    ------
    InputError
        If a file cannot be used, or the settings name more fields than there are columns.
    """
    names, codes_names = settings.value_fields, settings.categorical_fields
    data = read_normalized(directory, settings.input_format, categorical=bool(codes_names))
    suffix = FORMATS[settings.input_format].SUFFIX
    _check_names("VALUE_FIELDS", names, data.metadata.get("value_fields"))
    _check_names("CATEGORICAL_FIELDS", codes_names, data.metadata.get("categorical_fields"))
    if len(data.numerical) == 0:
        raise InputError(f"{directory}: expected at least one entity, found none")
    time_column = data.numerical.shape[2] - _N_TRAILING_COLUMNS
    if len(names) > time_column:
        raise InputError(
            f"VALUE_FIELDS: names {len(names)} fields {list(names)}, but numerical{suffix} has "
            f"{max(time_column, 0)} value columns before the time delta and the padding indicator"
        )
    categorical = data.categorical
    if codes_names:
        if len(codes_names) > categorical.shape[2]:
            raise InputError(
                f"CATEGORICAL_FIELDS: names {len(codes_names)} fields {list(codes_names)}, but "
                f"categorical{suffix} has {categorical.shape[2]} columns"
            )
        categorical = categorical[:, :, : len(codes_names)]
    # A plain slice where no column lies between the named ones and the time: no copy.
    used = (
        slice(time_column + 1) if len(names) == time_column else [*range(len(names)), time_column]
    )
    try:
        sequences = EventSequences.from_padded(
            data.numerical[:, :, used],
            data.numerical_mask,
            categorical=categorical,
            categorical_mask=data.categorical_mask,
            fields=names,
            categorical_fields=codes_names or None,
            time_field=len(names),
            time_encoding="delta",
            entity_ids=data.entity_ids,
        )
    except ValueError as error:
        raise InputError(f"{directory}: {error}") from error
    categories = _vocabularies(sequences, data.metadata.get("categories"), directory)
    sequences = sequences.replace(categories=categories)
    sequences = _with_reference_times(sequences, data, directory)
    return sequences, _left_out(sequences, data.metadata.get("truncated_entities"), directory)


def _left_out(sequences, n_truncated, directory):
    """Find the time of the latest event before each history.

    In what the normalization writes, the first event of a history has an interval just where there
    was an event before it.
    """
    if n_truncated is None or sequences.times is None:
        return None
    left_out = np.full(len(sequences), np.datetime64("NaT", "us"))
    filled = np.flatnonzero(sequences.lengths)
    first = sequences.starts[filled]
    truncated = ~np.isnan(sequences.intervals[first])
    if type(n_truncated) is not int or n_truncated != np.count_nonzero(truncated):
        raise InputError(
            f"{directory / 'metadata.json'}: truncated_entities must be the number of histories "
            f"whose first event has a time delta, which is {np.count_nonzero(truncated)} (leave it "
            f"out where that does not tell); found {json.dumps(n_truncated)}"
        )
    since = np.rint(sequences.intervals[first[truncated]] * 1e6).astype(np.int64)
    times = sequences.times[first[truncated]] - since
    left_out[filled[truncated]] = times.astype("datetime64[us]")
    return left_out


def _vocabularies(sequences, written, directory):
    """Return the categories behind the codes, by which other logs can be compared with these."""
    names = sequences.categorical_fields
    if written is None:
        return (None,) * len(names)
    listed = isinstance(written, dict) and all(isinstance(v, list) for v in written.values())
    if not listed or not written.keys() >= set(names):
        raise InputError(
            f"{directory / 'metadata.json'}: categories must hold a list for each of {list(names)}"
        )
    rows, _ = sequences.event_rows()  # what is behind the mask may be anything
    for name, codes in zip(names, sequences.codes.T, strict=True):
        largest = int(codes[rows].max(initial=0))
        if largest > len(written[name]):
            raise InputError(
                f"{directory / 'metadata.json'}: categories of {name!r} must be as many as the "
                f"largest code, which is {largest}; found {len(written[name])}"
            )
    return tuple(tuple(map(_label, written[name])) for name in names)


def _label(written):
    return written if isinstance(written, (str, int, float)) else json.dumps(written)


def _check_names(variable, names, written):
    """Compare the settings with the names that the normalization wrote down, if it did."""
    if isinstance(written, list) and list(names) != written[: len(names)]:
        raise InputError(
            f"{variable}: names {list(names)}, but the columns in metadata.json are {written}"
        )


def _with_reference_times(sequences, data, directory):
    """Move the reference times from the last event to where the features are asked for."""
    delays, inclusive = data.reference_delays, data.metadata.get("reference_inclusive", True)
    if not isinstance(inclusive, bool) or (delays is None and not inclusive):
        raise InputError(
            f"{directory / 'metadata.json'}: reference_inclusive must be true, or false where "
            f"there are reference_delays; found {json.dumps(inclusive)}"
        )
    if delays is None or sequences.times is None:
        return sequences
    if not (np.isfinite(delays) & (delays >= 0)).all():
        raise InputError(f"{directory}: reference_delays must be finite, non-negative seconds")
    later = np.rint(delays.astype(np.float64) * 1e6)
    last = sequences.reference_times.astype("datetime64[us]")
    too_late = np.where(np.isnat(last), 0.0, sequences.reference_times) + later >= _LATEST
    if too_late.any():
        i = int(too_late.argmax())
        raise InputError(
            f"{directory}: reference_delays must be seconds that lead to a moment of 64-bit "
            f"microseconds (about 9.2e12 seconds); that of entity {i} is {delays[i]}"
        )
    later = later.astype("timedelta64[us]")
    moments = np.where(np.isnat(last), np.datetime64(0, "us"), last + later)
    try:
        return sequences.with_reference_times(moments, inclusive)
    except ValueError as error:  # a delay of 0 where the moment itself is left out
        raise InputError(f"{directory}: {error}") from error
