"""Event logs as CSV files, read strictly: every row has the cells of the header."""

import csv
import re
from dataclasses import replace

import numpy as np

from ..exceptions import InputError
from .columns import checked_names, integers_beyond_floats, warn_of_inexact
from .text_files import is_utf8, not_in_encoding, open_bytes, open_text

# What stands for a missing number or time; in text, only an empty cell is missing.
_MISSING = ["", "NA", "N/A", "#N/A", "n/a", "<NA>", "NaN", "nan", "NULL", "null", "None", "NaT"]
_TRUTH = {"true": 1.0, "false": 0.0}
_BLOCK = 1 << 24


def read_columns(path, roles, notation, rest=False):
    """Read columns of a CSV file, compressed or not.

    Parameters
    ----------
    path : Path
    roles : dict of str to {"label", "number", "moment", "any"}
        What the columns are for: labels (ids, categories) are read as the text that they are;
        numbers as the nearest float64; moments as text, or as numbers if all of them are; "any" as
        integers or floats where these say all that the text says, else as text.
    notation : LogNotation
    rest : bool, default=False
        Read the other columns of the file, too, as "any".

    Returns
    -------
    table : pyarrow.Table

    Raises
    ------
    InputError
        If the file, a row or a cell is not what it must be, with its line.
    """
    import pyarrow as pa

    if notation.separator is None:
        separator = "\t" if ".tsv" in path.suffixes else ","
        notation = replace(notation, separator=separator)
    try:
        quoted = _check_quotes(path, notation)
        names = checked_names(_header(path, notation), path, roles, rest, _hint(notation))
        kinds = {name: roles.get(name, "any") for name in names}
        types = {name: pa.float64() if k == "number" else pa.string() for name, k in kinds.items()}
        texts = {name: pa.string() for name in kinds}
        try:
            table = _read(path, notation, quoted, types)
        except pa.ArrowInvalid:  # a row or a cell is wrong; or a number is written as text
            table = _read(path, notation, quoted, texts)
        table = _converted(table, kinds, path, notation, quoted)
        no_more_than_separators = "" in kinds and table[""].null_count == len(table)
        return table.drop_columns("") if no_more_than_separators else table
    except UnicodeError as error:
        raise not_in_encoding(path, notation.encoding) from error
    except (pa.ArrowException, OSError, csv.Error, EOFError) as error:
        raise _what_is_wrong(path, notation, error) from error


def _dialect(notation):
    quote = notation.quote or None
    return {
        "delimiter": notation.separator,
        "quotechar": quote,
        "quoting": csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        "strict": True,
    }


def _records(path, notation):
    """Yield each record that is not empty, and the line that it ends in, at Python's speed."""
    csv.field_size_limit(2**31 - 1)
    with open_text(path, notation.encoding) as lines:
        reader = csv.reader(lines, **_dialect(notation))
        for record in reader:
            if record:
                yield record, reader.line_num


def _header(path, notation):
    for record, _ in _records(path, notation):
        return record
    raise InputError(f"{path}: expected a csv file with a line of column names, found an empty one")


def _hint(notation):
    return f" (CSV_SEPARATOR is {notation.separator!r})"


def _check_quotes(path, notation):
    """Say whether a file has quotes; refuse one that opens, or ends, in the midst of a cell.

    Arrow reads the one that is never closed as the beginning of a cell up to the end of the file.
    """
    if not notation.quote:
        return False
    sides = np.frombuffer((notation.separator + notation.quote + "\r\n").encode(), dtype=np.uint8)
    quote = ord(notation.quote)
    n_quotes = n_lines = last_line = 0
    before = b"\n"
    with open_text(path, notation.encoding) as lines:
        block = lines.read(_BLOCK)
        while block:
            following = lines.read(_BLOCK)
            data = (block if block.isascii() else re.sub(r"[^\x00-\x7f]", "_", block)).encode()
            # One character before, and one behind, tell what a quote stands beside.
            window = np.frombuffer(
                before + data + (following[:1] or "\n").encode()[:1], dtype=np.uint8
            )
            places = np.flatnonzero(window[1:-1] == quote) + 1
            opening = (n_quotes + np.arange(len(places))) % 2 == 0
            beside = np.where(opening, window[places - 1], window[places + 1])
            wrong = ~np.isin(beside, sides)
            if wrong.any():
                where = int(places[wrong.argmax()])
                raise _wrong_quote(path, 1 + n_lines + _n_lines(data[:where]))
            if len(places):
                last_line = 1 + n_lines + _n_lines(data[: int(places[-1])])
            n_quotes += len(places)
            n_lines += _n_lines(data)
            before, block = data[-1:], following
    if n_quotes % 2:
        raise InputError(
            f"{path}, line {last_line}: the quote around a cell is never closed; CSV_QUOTE='' "
            "takes quotes as text"
        )
    return n_quotes > 0


def _n_lines(data):
    return data.count(b"\n") or data.count(b"\r")


def _wrong_quote(path, line):
    return InputError(
        f"{path}, line {line}: expected cells with a quote at both ends, or without, found one in "
        "the midst; CSV_QUOTE='' takes quotes as text"
    )


def _read(path, notation, quoted, types):
    from pyarrow import csv as arrow_csv

    encoding = "utf8" if is_utf8(notation.encoding) else notation.encoding
    with open_bytes(path) as stream:
        return arrow_csv.read_csv(
            stream,
            arrow_csv.ReadOptions(encoding=encoding),
            arrow_csv.ParseOptions(
                delimiter=notation.separator,
                quote_char=notation.quote or False,
                newlines_in_values=quoted,
            ),
            arrow_csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                decimal_point=notation.decimal,
                null_values=_MISSING,
                strings_can_be_null=False,
            ),
        )


def _what_is_wrong(path, notation, error):
    """Find the line of a row with too few or too many cells."""
    n_cells = None
    try:
        for record, line in _records(path, notation):
            n_cells = n_cells or len(record)
            if len(record) != n_cells:
                return InputError(
                    f"{path}, line {line}: expected {n_cells} cells, as many as column names, "
                    f"found {len(record)}: {notation.separator.join(record)[:80]!r}"
                )
    except (csv.Error, UnicodeError, OSError) as other:
        error = other
    reason = " ".join(str(error).split())
    return InputError(f"{path}: expected a csv file, found: {reason}")


def _converted(table, kinds, path, notation, quoted):
    """Make of text what the roles of the columns say; empty text is missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = []
    for name, kind in kinds.items():
        column = table[name]
        if column.type == pa.string():
            missing = [""] if kind in ("label", "any") else _MISSING
            is_missing = pc.is_in(column, value_set=pa.array(missing))
            column = pc.if_else(is_missing, pa.scalar(None, pa.string()), column)
        if kind == "number":
            column = _numbers(column, name, path, notation, quoted)
        elif kind == "moment":
            column = _moments(column)
        elif kind == "any":
            column = _whatever(column)
        columns.append(column)
    return pa.table(dict(zip(kinds, columns, strict=True)))


def _numbers(column, name, path, notation, quoted):
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.type == pa.string():
        column = _parsed_numbers(column, name, path, notation)
    large = pc.greater_equal(pc.abs(column), 2.0**53)
    if pc.any(large).as_py():
        text = _read(path, notation, quoted, {name: pa.string()})[name]
        warn_of_inexact(integers_beyond_floats(pc.filter(text, large).to_pylist()), name, path)
    return column


def _parsed_numbers(column, name, path, notation):
    """Numbers that are written as text, or truth values; the first other text is refused."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lower = pc.utf8_lower(column)
    if pc.all(pc.is_in(lower, value_set=pa.array([*_TRUTH, None]))).as_py():
        return pc.equal(lower, "true").cast(pa.float64())
    text = pc.utf8_trim_whitespace(column)
    if notation.decimal != ".":
        swapped = {".": "!", notation.decimal: "."}
        for old, new in swapped.items():
            text = pc.replace_substring(text, old, new)
    numbers = _cast(text, pa.float64())
    if numbers is not None:
        return numbers
    i = next(i for i in range(len(text)) if _cast(text[i : i + 1], pa.float64()) is None)
    way_out = ""
    if re.fullmatch(r"[+-]?\d+,\d+", column[i].as_py()) and notation.decimal == ".":
        way_out = "; CSV_DECIMAL=',' reads a decimal comma"
    elif re.fullmatch(r"[+-]?\d{1,3}([.,' ]\d{3})+([.,]\d*)?", column[i].as_py()):
        way_out = "; thousands must not be separated"
    raise InputError(
        f"{path}, line {_line_of_row(path, notation, i)}: column {name!r} must hold numbers with "
        f"the decimal mark {notation.decimal!r}; found {column[i].as_py()!r}{way_out}"
    )


def _cast(text, kind):
    """Numbers that some text says, or None where not all of it is numbers."""
    import pyarrow as pa

    try:
        return text.cast(kind)
    except pa.ArrowInvalid:
        return None


def _line_of_row(path, notation, row):
    for k, (_, line) in enumerate(_records(path, notation)):
        if k == row + 1:
            return line
    raise AssertionError(f"row {row} was read, and is gone")


def _moments(column):
    """Times as text, or as numbers if all of them are: no number is a date in ISO 8601."""
    import pyarrow as pa

    if column.null_count == len(column):
        return column
    whole = _cast(column, pa.int64())
    numbers = _cast(column, pa.float64()) if whole is None else whole
    return column if numbers is None else numbers


def _whatever(column):
    """Numbers where they are written as Python would write them, else text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.null_count == len(column):
        return column
    for kind in (pa.int64(), pa.float64()):
        numbers = _cast(column, kind)
        if numbers is None:
            continue
        written = pa.array([None if n is None else repr(n) for n in numbers.to_pylist()])
        if pc.all(pc.equal(written, column.combine_chunks()), skip_nulls=True).as_py():
            return numbers
    return column
