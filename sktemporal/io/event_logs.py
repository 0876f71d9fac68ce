"""Event logs in files: Parquet, CSV and JSON Lines, one file or several."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..exceptions import InputError
from . import csv_logs, json_logs, parquet_logs
from .columns import of_one_type

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .._types import AnyPath

#: What reads the columns of a file, by the name that settings give the format.
LOG_FORMATS = {"parquet": parquet_logs, "csv": csv_logs, "jsonl": json_logs}
_ENDINGS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_COMPRESSED = (".gz", ".bz2", ".zst", ".lz4")
_OTHER_ENDINGS = ", ".join([*(e for e in _ENDINGS if e not in (".parquet", ".csv")), *_COMPRESSED])


@dataclass(frozen=True)
class LogNotation:
    """How the files of an event log are written.

    Parameters
    ----------
    file_format : {"auto", "parquet", "csv", "jsonl"}, default="auto"
        "auto": what the ending of a file's name says, before that of a compression.
    separator : str, default=None
        Between the cells of a CSV file: one character of ASCII. None: a comma, in files named
        ``.tsv`` a tab.
    quote : str, default='"'
        Around cells of a CSV file; doubled, it stands for itself. Empty: a quote is text.
    decimal : str, default="."
        The decimal mark in a CSV file.
    encoding : str, default="utf-8"
        Of CSV and JSON files; a byte order mark is left out.
    """

    file_format: str = "auto"
    separator: str | None = None
    quote: str = '"'
    decimal: str = "."
    encoding: str = "utf-8"

    def __post_init__(self):
        marks = {
            "CSV_SEPARATOR": "," if self.separator is None else self.separator,
            "CSV_DECIMAL": self.decimal,
        }
        if self.quote:
            marks["CSV_QUOTE"] = self.quote
        for name, mark in marks.items():
            if len(mark) != 1 or not mark.isascii() or mark in "\r\n\0" or mark.isalnum():
                raise InputError(f"{name}: expected one punctuation mark of ASCII; got {mark!r}")
        if len(set(marks.values())) < len(marks):
            raise InputError(f"{' and '.join(marks)} must differ; got {list(marks.values())}")
        try:
            "".encode(self.encoding)
        except LookupError as error:
            raise InputError(
                f"EVENTS_ENCODING: expected an encoding that Python knows; got {self.encoding!r}"
            ) from error


def log_files(paths: Sequence[AnyPath], notation: LogNotation) -> list[tuple[Path, str]]:
    """Find the files that some paths name, in order.

    Parameters
    ----------
    paths : sequence of str or Path
        Files; directories, for all files in them; patterns like ``logs/*.csv``. What begins with
        ``.`` or ``_`` in a directory is not data.
    notation : LogNotation

    Returns
    -------
    files : list of (Path, str)
        Each with its format.

    Raises
    ------
    InputError
        If there is no file, one is named twice, a directory holds others, or the format of a file
        is unknown.
    """
    files = [file for path in paths for file in _files_of(path)]
    if not files:
        raise InputError("expected an event log, found no path")
    seen: dict[Path, Path] = {}
    for file in files:
        real = file.resolve()
        if real in seen:
            raise InputError(f"{file}: the same file as {seen[real]}; each must be named once")
        seen[real] = file
    return [(file, _format_of(file, notation)) for file in files]


def _files_of(path):
    path = Path(path)
    if path.is_file():
        return [path]
    if path.is_dir():
        inside = sorted(p for p in path.iterdir() if p.name[0] not in "._")
        for each in inside:
            if each.is_dir():
                raise InputError(
                    f"{path}: expected a directory of files, found the directory {each.name} in "
                    f"it; a pattern like {path}/**/*.parquet names files at any depth"
                )
        if not inside:
            raise InputError(f"{path}: expected files of an event log, found an empty directory")
        return inside
    found = [Path(name) for name in sorted(glob.glob(str(path), recursive=True))]
    found = [file for file in found if file.is_file()]
    if not found:
        raise InputError(f"{path}: expected an event log, found no such file")
    return found


def has_known_ending(file: AnyPath) -> bool:
    """Whether the name of a file says its format."""
    return _ending(file) in _ENDINGS


def _ending(file):
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _format_of(file, notation):
    if notation.file_format != "auto":
        return notation.file_format
    if not has_known_ending(file):
        raise InputError(
            f"{file}: expected a file ending in .parquet or .csv (or {_OTHER_ENDINGS}); "
            "EVENTS_FORMAT says the format of others"
        )
    return _ENDINGS[_ending(file)]


def read_event_log(
    files: list[tuple[Path, str]],
    roles: dict[str, str],
    notation: LogNotation,
    *,
    required: Sequence[str] = (),
    drop_missing: bool | None = False,
    rest: bool = False,
) -> Any:
    """Read columns of an event log.

    Parameters
    ----------
    files : list of (Path, str)
        As `log_files` returns them.
    roles : dict of str to {"label", "number", "moment", "any"}
        What the columns are for.
    notation : LogNotation
    required : sequence of str, default=()
        Columns that must have a value in each row.
    drop_missing : bool or None, default=False
        Leave out rows without one, where it is otherwise an error. None: there is no choice, and
        the error names none.
    rest : bool, default=False
        Read all other columns of the first file, too, as "any".

    Returns
    -------
    log : pyarrow.Table
        The rows of the files, one file after the other.
    dropped : ndarray of int
        The rows that were left out, counted from 0 on in all files, one after the other.

    Raises
    ------
    InputError
        If a file, a row or a cell cannot be used.
    """
    import numpy as np
    import pyarrow as pa

    tables, dropped, n_rows = [], [], 0
    for path, file_format in files:
        table = LOG_FORMATS[file_format].read_columns(path, roles, notation, rest)
        roles, rest = {name: roles.get(name, "any") for name in table.column_names}, False
        missing = _lacks(table, path, required, drop_missing)
        dropped.append(n_rows + np.flatnonzero(missing))
        n_rows += len(table)
        tables.append(table.filter(~missing) if missing.any() else table)
    if len(tables) > 1:
        tables = of_one_type(tables, [path for path, _ in files], roles)
    return pa.concat_tables(tables), np.concatenate(dropped)


def _lacks(table, path, required, drop_missing):
    """Tell rows without a label that they must have; refuse them, or else they are dropped."""
    import numpy as np

    missing = np.zeros(len(table), dtype=bool)
    for name in required:
        absent = table[name].is_null(nan_is_null=True).to_numpy()
        if absent.any() and not drop_missing:
            n = np.count_nonzero(absent)
            way_out = "" if drop_missing is None else "; DROP_MISSING_ENTITY=true leaves them out"
            raise InputError(
                f"{path}: column {name!r} names no entity in row {int(absent.argmax())}, as in {n} "
                f"of {len(table)} rows{way_out}"
            )
        missing |= absent
    return missing
