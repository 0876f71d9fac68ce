"""The directories between the jobs: normalized sequences in, feature tensors out."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..exceptions import InputError
from .arrow_tables import label_column, table_of
from .formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas

    from .._types import AnyPath, Array, FileFormat

_METADATA = "metadata.json"
_LARGEST = 2**60  # elements of an array, beyond which no memory reaches
_ARRAYS = (
    "numerical",
    "categorical",
    "numerical_attention_mask",
    "categorical_attention_mask",
    "reference_delays",
    "entity_ids",
)


def _in_any_format(names):
    return frozenset(name + form.SUFFIX for name in names for form in FORMATS.values())


# What a new version of a directory takes the place of.
NORMALIZED_FILES = _in_any_format(_ARRAYS) | {_METADATA}
FEATURE_FILES = _in_any_format(("features", "entity_ids", "moments", "labels")) | {
    "feature_names.json",
    "feature_metadata.json",
    "quality_report.json",
}


@dataclass(frozen=True)
class NormalizedSequences:
    """The contents of a directory of normalized sequences.

    Attributes
    ----------
    numerical : ndarray of shape (n_entities, n_steps, n_columns)
        The value columns, then the seconds since the event before, then the padding indicator.
    categorical : ndarray of shape (n_entities, n_steps, n_categorical) or None
        Codes, 0 = missing.
    numerical_mask, categorical_mask : ndarray of shape (n_entities, n_steps) or None
        Nonzero where a step was observed.
    entity_ids : ndarray of shape (n_entities,) or None
    reference_delays : ndarray of shape (n_entities,) or None
        Seconds from the last event to the moment that the features are asked for.
    metadata : dict
        The contents of metadata.json.
    """

    numerical: np.ndarray
    categorical: np.ndarray | None
    numerical_mask: np.ndarray | None
    categorical_mask: np.ndarray | None
    entity_ids: np.ndarray | None
    reference_delays: np.ndarray | None
    metadata: dict


def read_normalized(
    directory: AnyPath, file_format: FileFormat, *, categorical: bool = True
) -> NormalizedSequences:
    """Read and check a directory of normalized sequences.

    Parameters
    ----------
    directory : str or Path
        With ``metadata.json``, ``numerical``, ``categorical`` and, where there are any,
        ``numerical_attention_mask``, ``categorical_attention_mask``, ``entity_ids`` and
        ``reference_delays``, each with the ending of the format. In Parquet and CSV files an
        entity is a row, reshaped by the ``shapes`` in metadata.json.
    file_format : {"numpy", "parquet", "csv"}
    categorical : bool, default=True
        Whether the categorical sequences are wanted, hence required.

    Returns
    -------
    sequences : NormalizedSequences

    Raises
    ------
    InputError
        If a file is missing or unreadable, or shapes do not match.
    """
    directory = Path(directory)
    if not directory.is_dir():
        raise InputError(f"{directory}: expected the directory of normalized sequences, found none")
    metadata = _read_metadata(directory / _METADATA)
    form = FORMATS[file_format]
    required = ["numerical", "categorical"] if categorical else ["numerical"]
    missing = [name for name in required if not (directory / (name + form.SUFFIX)).exists()]
    if missing:
        raise InputError(
            f"{directory}: expected {' and '.join(required)} sequences in {file_format} format, "
            f"missing {', '.join(name + form.SUFFIX for name in missing)}"
        )
    shape = _shape(metadata, "numerical", directory)
    if shape[1] == 0:
        raise InputError(
            f"{directory / _METADATA}: expected at least one step, found numerical {list(shape)}"
        )

    def read(name, shape):
        path = directory / (name + form.SUFFIX)
        return _read_array(form, path, shape) if path.exists() else None

    numerical = read("numerical", shape)
    codes = None
    if categorical:
        codes_shape = _shape(metadata, "categorical", directory)
        if codes_shape[:2] != shape[:2]:
            raise InputError(
                f"{directory / _METADATA}: expected shapes of one number of entities and steps, "
                f"found numerical {list(shape)} and categorical {list(codes_shape)}"
            )
        codes = read("categorical", codes_shape)
    return NormalizedSequences(
        numerical=numerical,
        categorical=codes,
        numerical_mask=read("numerical_attention_mask", shape[:2]),
        categorical_mask=read("categorical_attention_mask", shape[:2]) if categorical else None,
        entity_ids=_read_entity_ids(
            form, directory / ("entity_ids" + form.SUFFIX), shape[0], metadata
        ),
        reference_delays=read("reference_delays", shape[:1]),
        metadata=metadata,
    )


def _read_metadata(path):
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: expected the metadata of the sequences, found none") from error
    except (OSError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: expected JSON, found: {reason}") from error
    if not isinstance(metadata, dict):
        raise InputError(f"{path}: expected a JSON object, found {type(metadata).__name__}")
    return metadata


def _shape(metadata, name, directory):
    shapes = metadata.get("shapes")
    shape = shapes.get(name) if isinstance(shapes, dict) else None
    if (
        not isinstance(shape, list)
        or len(shape) != 3
        or not all(type(n) is int and n >= 0 for n in shape)
        or math.prod(max(n, 1) for n in shape) > _LARGEST
    ):
        raise InputError(
            f"{directory / _METADATA}: expected shapes.{name} as [entities, steps, columns], "
            f"found {str(shape)[:80].replace('None', 'null')}"
        )
    return tuple(shape)


def _read_array(form, path, shape):
    """Read one array of numbers and give it its shape."""
    if 0 in shape[1:] and form.SUFFIX != ".npy":  # rows without columns have no place in a table
        return np.empty(shape)
    array = form.read_rows(path, shape[0])
    if array.dtype.kind not in "biuf":
        raise InputError(f"{path}: expected numbers, found {_first_non_number(array)}")
    if (form.SUFFIX == ".npy" and array.shape != shape) or array.size != math.prod(shape):
        raise InputError(
            f"{path}: expected shape {list(shape)} by metadata.json's shapes, "
            f"found {list(array.shape)}"
        )
    return array.reshape(shape)


def _first_non_number(array):
    if array.dtype.kind != "O" or array.ndim != 2:
        return f"values of type {array.dtype}"
    for (i, j), value in np.ndenumerate(array):
        try:
            float(value)
        except (TypeError, ValueError):
            return f"{value!r} in row {i}, column {j}"
    return "numbers mixed with text"


def _read_entity_ids(form, path, n_entities, metadata):
    if not path.exists():
        return None
    ids = form.read_ids(path, n_entities)
    if ids.size != n_entities:
        raise InputError(f"{path}: expected one column of entity ids, found shape {ids.shape}")
    ids = ids.reshape(n_entities)
    if ids.dtype == "datetime64[D]":
        ids = ids.astype(object)  # pandas has no index of such
    if metadata.get("entity_id_type") == "integer" and ids.dtype.kind not in "iu":
        try:
            ids = np.array([int(value) for value in ids.tolist()])
        except ValueError as error:
            raise InputError(
                f"{path}: expected integers by metadata.json's entity_id_type: {error}"
            ) from error
    return ids


def write_normalized(
    staging: Path, sequences: NormalizedSequences, file_format: FileFormat, entity_field: str
) -> None:
    """Write a directory of normalized sequences, the reverse of `read_normalized`.

    Parameters
    ----------
    staging : Path
        The directory to write into.
    sequences : NormalizedSequences
        Its metadata gets the shapes.
    file_format : {"numpy", "parquet", "csv"}
    entity_field : str
        What the entity ids are called.
    """
    form = FORMATS[file_format]
    arrays = {
        "numerical": sequences.numerical,
        "categorical": sequences.categorical,
        "numerical_attention_mask": sequences.numerical_mask,
        "categorical_attention_mask": sequences.categorical_mask,
        "reference_delays": sequences.reference_delays,
    }
    shapes = {}
    for name, array in arrays.items():
        if array is None:
            continue
        if array.ndim == 3:
            shapes[name] = list(array.shape)
        rows = array if form.SUFFIX == ".npy" else array.reshape(len(array), -1)
        form.write_rows(staging / (name + form.SUFFIX), rows, _column_names(rows))
    write_entity_ids(staging, sequences.entity_ids, form, entity_field)
    metadata = {**sequences.metadata, "shapes": shapes}
    if sequences.entity_ids is not None and sequences.entity_ids.dtype.kind in "iu":
        metadata["entity_id_type"] = "integer"  # a CSV file does not tell
    write_json(staging / _METADATA, metadata)


def _column_names(array):
    return [str(j) for j in range(array.shape[-1] if array.ndim > 1 else 1)]


def write_features(
    staging: Path,
    features: Array,
    names: Sequence[str],
    entity_ids: Array | None,
    file_format: FileFormat,
    entity_field: str,
) -> None:
    """Write the feature matrix, the names of its columns, and the entity ids if there are any.

    Parameters
    ----------
    staging : Path
        The directory to write into.
    features : ndarray of shape (n_entities, n_features)
    names : sequence of str
    entity_ids : ndarray of shape (n_entities,) or None
        They get a file of their own, so that the features have the same columns in every format.
    file_format : {"numpy", "parquet", "csv"}
    entity_field : str
        What the entity ids are called.
    """
    form = FORMATS[file_format]
    form.write_rows(staging / ("features" + form.SUFFIX), features, names)
    write_entity_ids(staging, entity_ids, form, entity_field)
    write_json(staging / "feature_names.json", list(names))


def write_labelled_features(
    staging: Path,
    features: Array,
    names: Sequence[str],
    keys: pandas.DataFrame,
    has_moments: bool,
    file_format: FileFormat,
) -> None:
    """Write the feature matrix with what identifies its rows, and the names of its columns.

    Parameters
    ----------
    staging : Path
        The directory to write into.
    features : ndarray of shape (n_rows, n_features)
    names : sequence of str
    keys : pandas.DataFrame of n_rows rows
        The entity, in one column or several, and the moment where the rows have one. In a table
        they are the first columns; beside an array they are in ``entity_ids.npy``, where several
        are fields of one array, and ``moments.npy``, in UTC.
    has_moments : bool
        Whether the last of them is the moment.
    file_format : {"numpy", "parquet", "csv"}
    """
    import pandas as pd

    form = FORMATS[file_format]
    path = staging / ("features" + form.SUFFIX)
    if form.SUFFIX == ".npy":
        form.write_rows(path, features, names)
        *ids, moments = keys if has_moments else (*keys, None)
        values = {name: keys[name].to_numpy() for name in ids}
        form.write_columns(staging / ("entity_ids" + form.SUFFIX), values)
        if has_moments:
            utc = keys[moments]
            if isinstance(utc.dtype, pd.DatetimeTZDtype):
                utc = utc.dt.tz_convert(None)
            form.write_columns(staging / ("moments" + form.SUFFIX), {moments: utc.to_numpy()})
    else:
        leading = {name: label_column(keys[name].array, name) for name in keys}
        form.write_table(path, table_of(features, names, leading))
    write_json(staging / "feature_names.json", list(names))


def write_labels(staging: Path, labels: pandas.DataFrame, file_format: FileFormat) -> None:
    """Write a table of labels; where features are arrays, as Parquet, which keeps its types."""
    form = FORMATS["csv" if file_format == "csv" else "parquet"]
    form.write_table(staging / ("labels" + form.SUFFIX), labels)


def write_entity_ids(staging, entity_ids, form, entity_field):
    """Write entity ids, if there are any, as one column."""
    if entity_ids is not None:
        form.write_ids(staging / ("entity_ids" + form.SUFFIX), entity_ids, entity_field)


def write_json(path: Path, content: object) -> None:
    """Write strict JSON, readable by people."""
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
