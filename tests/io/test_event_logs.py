"""Event logs in files: what is read is what is written there, and everything else is refused."""

import bz2
import gzip
import json
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sktemporal.exceptions import InexactIntegerWarning, InputError
from sktemporal.io import LogNotation, log_files, read_event_log

ROLES = {"id": "label", "t": "moment", "x": "number", "c": "label"}
HEADER = "id,t,x,c\n"


def read(*paths, roles=ROLES, required=("id",), drop_missing=False, **notation):
    notation = LogNotation(**notation)
    files = log_files(paths, notation)
    table, dropped = read_event_log(
        files, roles, notation, required=required, drop_missing=drop_missing
    )
    return table if not drop_missing else (table, dropped)


@pytest.fixture
def csv(tmp_path):
    """Write a CSV file and read it."""

    def write_and_read(text, *, raw=None, name="log.csv", **options):
        path = tmp_path / name
        path.write_bytes(text.encode("utf-8") if raw is None else raw)
        return read(path, **options).to_pydict()

    return write_and_read


def rows(*values):
    return dict(zip(ROLES, map(list, zip(*values, strict=True)), strict=True))


EXPECTED = rows(("007", "2026-01-01", 1.5, "NA"), ("7", "2026-01-02", None, None))
PLAIN = HEADER + "007,2026-01-01,1.5,NA\n7,2026-01-02,NA,\n"


@pytest.mark.parametrize(
    ("change", "options"),
    [
        (lambda text: text, {}),
        (lambda text: text.rstrip("\n"), {}),
        (lambda text: text.replace("\n", "\r\n"), {}),
        (lambda text: text.replace("\n", "\r"), {}),
        (lambda text: "\n\n" + text.replace("\n", "\n\n"), {}),
        (lambda text: "\ufeff" + text, {}),
        (lambda text: text.replace(",", "\t"), {"csv_name": "log.tsv"}),
        (lambda text: text.replace(",", "|"), {"separator": "|"}),
        (
            lambda text: text.replace(",", ";").replace("1.5", "1,5"),
            {"separator": ";", "decimal": ","},
        ),
        (lambda text: re.sub(r"[^,\n]+|(?<=,)(?=\n)", r'"\g<0>"', text), {}),
        (lambda text: re.sub("^|(?<=\n)(?=.)", "extra,", text), {}),
        (
            lambda text: (
                text.replace("x,c", "c,x").replace("1.5,NA", "NA,1.5").replace("NA,\n", ",NA\n")
            ),
            {},
        ),
    ],
)
def test_ways_to_write_a_csv_file(change, options, csv):
    options = dict(options)
    name = options.pop("csv_name", "log.csv")
    assert csv(change(PLAIN), name=name, **options) == EXPECTED


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252", "utf-8-sig"])
def test_encodings(encoding, csv):
    text = HEADER + "é,1,2,ü\n"
    found = csv("", raw=text.encode(encoding), encoding=encoding)
    assert found == rows(("é", 1, 2.0, "ü"))


@pytest.mark.parametrize(
    "compress", [gzip.compress, bz2.compress, lambda b: pa.compress(b, "zstd", asbytes=True)]
)
@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_compressed_whatever_the_name(compress, name, csv):
    assert csv("", raw=compress(PLAIN.encode()), name=name) == EXPECTED


def test_gzip_of_several_members(csv):
    head, tail = PLAIN[:30].encode(), PLAIN[30:].encode()
    assert csv("", raw=gzip.compress(head) + gzip.compress(tail)) == EXPECTED


def test_cells_with_everything_in_them(csv):
    ids = ["a\nb", "a,b", 'a"b', " a ", "a\tb", "null", "1e5", "true", "2026-01-01", "é", "a\0b"]
    lines = ['"' + i.replace('"', '""') + f'",1,{k},x\n' for k, i in enumerate(ids)]
    found = csv(HEADER + "".join(lines))
    assert found["id"] == ids
    assert found["x"] == list(range(len(ids)))


def test_types_do_not_depend_on_the_block(csv):
    n = 300_000  # several blocks of a megabyte
    cells = ["1"] * (n - 2) + ["1.5", "NA"]
    found = csv(HEADER + "".join(f"00{k % 9},{k},{x},0{k % 7}\n" for k, x in enumerate(cells)))
    assert found["x"] == [1.0] * (n - 2) + [1.5, None]
    assert found["id"][-1] == f"00{(n - 1) % 9}"
    assert found["t"][-1] == n - 1


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["true", "FALSE", ""], [1.0, 0.0, None]),
        ([" 1 ", "+2", ".5"], [1.0, 2.0, 0.5]),
        (["1e3", "-1E-3", "NULL"], [1000.0, -0.001, None]),
        (["0.1", "1.7976931348623157e308", "5e-324"], [0.1, 1.7976931348623157e308, 5e-324]),
        (["", "", ""], [None, None, None]),
    ],
)
def test_numbers(cells, expected, csv):
    found = csv(HEADER + "".join(f"a,1,{cell},x\n" for cell in cells))
    np.testing.assert_array_equal(
        np.array(found["x"], dtype=float), np.array(expected, dtype=float)
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1767225600", "1767225601"], [1767225600, 1767225601]),
        (["1767225600.5", "1767225601"], [1767225600.5, 1767225601.0]),
        (["2026-01-01", "1767225601"], ["2026-01-01", "1767225601"]),
        (["now", ""], ["now", None]),
    ],
)
def test_times_are_text_or_numbers(cells, expected, csv):
    assert csv(HEADER + "".join(f"a,{cell},1,x\n" for cell in cells))["t"] == expected


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
@pytest.mark.parametrize("cell", ["9" * 400, "-" + "9" * 4000])
def test_integers_beyond_the_range_of_floats_are_infinite(cell, ending, tmp_path):
    event = HEADER + f"a,1,{cell},x\n"
    if ending == ".jsonl":
        event = f'{{"id": "a", "t": 1, "x": {cell}, "c": "x"}}\n'
    (tmp_path / f"log{ending}").write_text(event)
    assert read(tmp_path / f"log{ending}")["x"].to_pylist() == [float(cell)]


@pytest.mark.parametrize("zeros", [0, 5000])
def test_leading_zeros_are_no_digits(zeros, csv):
    with pytest.warns(InexactIntegerWarning, match="9007199254740993"):
        assert csv(HEADER + f"a,1,{'0' * zeros}9007199254740993,x\n")["x"] == [2.0**53]


@pytest.mark.parametrize("cell", ["9007199254740993", "-9007199254740995", "123456789012345678901"])
def test_integers_that_floats_round_are_named(cell, csv):
    with pytest.warns(InexactIntegerWarning, match=rf"1 integers of field 'x' .*{cell}"):
        found = csv(HEADER + f"a,1,{cell},x\nb,2,9007199254740992,y\nc,3,1.5,z\n")
    assert found["x"] == [float(cell), 2.0**53, 1.5]


MALFORMED = {
    "a delimiter too many": (HEADER + "a,1,1,x\nb,2,2,y,\n", "line 3: expected 4 cells", "found 5"),
    "in the first row": (HEADER + "a,1,1,x,\nb,2,2,y\n", "line 2: expected 4 cells", "found 5"),
    "in every row": (HEADER + "a,1,1,x,\nb,2,2,y,\n", "line 2: expected 4 cells", "found 5"),
    "a cell too few": (HEADER + 'a,1,1,"x\ny"\nb,2,2\n', "line 4: expected 4 cells", "found 3"),
    "blanks": (HEADER + "a,1,1,x\n   \n", "line 3: expected 4 cells", "found 1"),
    "a name twice": ("id,t,x,c,x\na,1,1,x,2\n", "'x' occurs twice"),
    "a name less": ("id,t,x\na,1,1\n", "column 'c' is not in the file", "['id', 't', 'x']"),
    "another case": ("ID,t,x,c\na,1,1,x\n", "column 'id'", "did you mean 'ID'"),
    "a blank behind a name": ("id,t,x ,c\na,1,1,x\n", "column 'x'", "did you mean 'x '"),
    "another separator": ("id;t;x;c\na;1;1;x\n", "['id;t;x;c']", "CSV_SEPARATOR"),
    "no bytes": ("", "found an empty one"),
    "only line ends": ("\n\n", "found an empty one"),
    "text": (HEADER + "a,1,1,x\nb,2,oops,y\n", "line 3: column 'x' must hold numbers", "'oops'"),
    "text behind lines": (HEADER + '"a\n\n",1,1,x\n\nb,2,oops,y\n', "line 6: column 'x'"),
    "a decimal comma": (HEADER + 'a,1,"1,5",x\n', "'1,5'", "CSV_DECIMAL"),
    "thousands": (HEADER + 'a,1,"1,234.5",x\n', "'1,234.5'", "thousands"),
    "another base": (HEADER + "a,1,0x10,x\n", "'0x10'"),
    "a truth value among numbers": (HEADER + "a,1,1,x\na,1,true,x\n", "line 3", "'true'"),
    "no entity": (HEADER + "a,1,1,x\n,2,2,y\n", "names no entity in row 1", "DROP_MISSING_ENTITY"),
    "a quote never closed": (HEADER + 'a,1,1,x\nb,2,2,"y\nc,3,3,z\n', "line 3", "never closed"),
    "two of them": (HEADER + 'a,1,1,"x\nb,2,2,"y\n', "line 3", "in the midst"),
    "text behind a quote": (HEADER + 'a,1,1,x\nb,2,2,"y"z\n', "line 3", "in the midst"),
    "a quote in the midst": (HEADER + 'a,1,1,5" pipe\n', "line 2", "CSV_QUOTE"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_csv(case, csv):
    text, *expected = MALFORMED[case]
    with pytest.raises(InputError) as error:
        csv(text)
    assert "log.csv" in str(error.value)
    for part in expected:
        assert part in str(error.value)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ((HEADER + "a,1,1,é\n").encode("latin-1"), "line 2: expected text in the encoding utf-8"),
        ((HEADER + "a,1,1,x\n").encode("utf-16"), "EVENTS_ENCODING"),
        (gzip.compress(PLAIN.encode(), mtime=0)[:-9], "Truncated"),
        (b"PK\x03\x04" + PLAIN.encode(), "zip"),
    ],
)
def test_bytes_that_are_no_csv(raw, expected, csv):
    with pytest.raises(InputError, match=expected):
        csv("", raw=raw)


def test_without_quotes_they_are_text(csv):
    assert csv(HEADER + 'a,1,1,5" pipe\n', quote="")["c"] == ['5" pipe']


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        ({"separator": ""}, "CSV_SEPARATOR: expected one"),
        ({"separator": "::"}, "CSV_SEPARATOR: expected one"),
        ({"separator": "a"}, "CSV_SEPARATOR: expected one"),
        ({"separator": "§"}, "CSV_SEPARATOR: expected one"),
        ({"decimal": ","}, "must differ"),
        ({"quote": ","}, "must differ"),
        ({"encoding": "latin-0"}, "EVENTS_ENCODING: expected an encoding"),
    ],
)
def test_notations_that_are_none(notation, expected):
    with pytest.raises(InputError, match=expected):
        LogNotation(**notation)


def test_rows_without_an_entity_are_left_out_and_told(tmp_path):
    (tmp_path / "1.csv").write_text(HEADER + ",1,1,x\na,2,2,y\n,3,3,z\n")
    (tmp_path / "2.csv").write_text(HEADER + "b,4,4,x\n,5,5,z\n")
    table, dropped = read(tmp_path / "1.csv", tmp_path / "2.csv", drop_missing=True)
    assert table.to_pydict() == rows(("a", 2, 2.0, "y"), ("b", 4, 4.0, "x"))
    assert dropped.tolist() == [0, 2, 4]


# Several files


@pytest.fixture
def parts(tmp_path):
    directory = tmp_path / "parts"
    directory.mkdir()
    (directory / "b.csv").write_text("c,x,t,id\nz,3,3,b\n")
    (directory / "a.csv").write_text(HEADER + "a,1,1,x\na,2,2,y\n")
    (directory / "c.csv").write_text(HEADER)
    return directory


@pytest.mark.parametrize("way", ["a directory", "a pattern", "each"])
def test_several_files_in_order(way, parts):
    paths = {
        "a directory": [parts],
        "a pattern": [str(parts / "*.csv")],
        "each": [parts / "a.csv", parts / "b.csv", parts / "c.csv"],
    }
    expected = rows(("a", 1, 1.0, "x"), ("a", 2, 2.0, "y"), ("b", 3, 3.0, "z"))
    assert read(*paths[way]).to_pydict() == expected


def test_what_is_no_data_in_a_directory(parts):
    for name in ("_SUCCESS", ".hidden.csv.crc"):
        (parts / name).write_text("nonsense")
    assert len(read(parts)) == 3


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: (d / "readme.md").write_text("x"), "readme.md: expected a file ending in"),
        (lambda d: (d / "more").mkdir(), "found the directory more"),
        (lambda d: (d / "d.csv").write_text("id,t,x\n1,1,1\n"), "d.csv: column 'c' is not in"),
        (lambda d: (d / "d.csv").write_text(HEADER + "1,now,1,1\n"), "'t' must be of one type"),
        (lambda d: (d / "d.csv").symlink_to(d / "a.csv"), "the same file as"),
    ],
)
def test_several_files_that_do_not_fit(change, expected, parts):
    change(parts)
    with pytest.raises(InputError, match=re.escape(expected)):
        read(parts)


@pytest.mark.parametrize("paths", [["nowhere.csv"], ["*.nothing"], []])
def test_no_file(paths, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="expected an event log, found no"):
        read(*paths)


def test_columns_of_several_types_are_not_changed(tmp_path):
    tables = [
        {
            "id": pa.array([1], pa.int32()),
            "x": pa.array([1], pa.int64()),
            "c": pa.array(["u"]).dictionary_encode(),
        },
        {"id": pa.array([2**60], pa.int64()), "x": pa.array([0.5]), "c": pa.array(["v"])},
        {"id": pa.array([3]), "x": pa.nulls(1), "c": pa.nulls(1)},
    ]
    for k, columns in enumerate(tables):
        moment = pa.array([k], pa.timestamp("us" if k else "ms", "UTC"))
        pq.write_table(pa.table({**columns, "t": moment}), tmp_path / f"{k}.parquet")
    found = read(tmp_path)
    assert found["id"].to_pylist() == [1, 2**60, 3]
    assert found["x"].to_pylist() == [1.0, 0.5, None]
    assert found["c"].to_pylist() == ["u", "v", None]
    assert found["t"].cast(pa.int64()).to_pylist() == [0, 1, 2]


def test_integers_and_floats_in_several_files_are_named_where_rounded(tmp_path):
    for k, x in enumerate([[2**53 + 1], [0.5]]):
        frame = pd.DataFrame({"id": ["a"], "t": [1], "x": x, "c": ["u"]})
        frame.to_parquet(tmp_path / f"{k}.parquet")
    with pytest.warns(InexactIntegerWarning, match="9007199254740993"):
        assert read(tmp_path)["x"].to_pylist() == [2.0**53, 0.5]


# Parquet


def parquet(path, **columns):
    given = {"id": ["a"], "t": [1], "x": [1.0], "c": ["u"], **columns}
    pq.write_table(pa.table(given), path)
    return path


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("id", pa.array([b"\x01"])),
        ("id", pa.array([b"abcd"], pa.binary(4))),
        ("id", pa.array([["a"]])),
        ("id", pa.array([{"a": 1}])),
        ("c", pa.array([[1]])),
        ("x", pa.array([[1.0]])),
        ("x", pa.array([b"1"])),
        ("t", pa.array([True])),
        ("t", pa.array([1], pa.time64("us"))),
        ("x", pa.array([1], pa.timestamp("us"))),
        ("x", pa.array([1], pa.duration("us"))),
    ],
)
def test_parquet_types_that_do_not_fit(column, values, tmp_path):
    path = parquet(tmp_path / "log.parquet", **{column: values})
    with pytest.raises(InputError, match=rf"log.parquet: column '{column}' must hold .*; its type"):
        read(path)
    parquet(tmp_path / "log.parquet", unused=values)
    assert len(read(path)) == 1


def test_parquet_types_stay(tmp_path):
    ids = [Decimal(10**17 + 1), Decimal(10**17 + 2)]
    columns = {
        "id": pa.array(ids, pa.decimal128(38, 0)),
        "t": pa.array([1, 2], pa.date32()),
        "x": pa.array([Decimal("3.30"), None], pa.decimal128(5, 2)),
        "c": pa.array(["u", None]).dictionary_encode(),
    }
    found = read(parquet(tmp_path / "log", **columns), file_format="parquet")
    assert found["id"].to_pylist() == ids
    assert found["x"].to_pylist() == [Decimal("3.30"), None]
    assert found["c"].to_pylist() == ["u", None]


def test_a_parquet_column_without_a_value_gets_a_type_that_fits(tmp_path):
    for x, c in ((pa.nulls(1), pa.nulls(1)), (pa.nulls(1, pa.string()), pa.nulls(1, pa.float64()))):
        found = read(parquet(tmp_path / "log.parquet", x=x, c=c))
        assert (found["x"].type, found["c"].type) == (pa.float64(), pa.string())


# JSON Lines


@pytest.fixture
def jsonl(tmp_path):
    def write_and_read(*lines, **options):
        lines = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        (tmp_path / "log.jsonl").write_text("\n".join(lines))
        return read(tmp_path / "log.jsonl", **options).to_pydict()

    return write_and_read


def test_json_lines(jsonl):
    found = jsonl(
        {"id": "007", "t": "2026-01-01", "x": 1, "c": "u", "more": [1, {"a": 2}]},
        {"c": None, "x": 0.1, "t": "2026-01-02", "id": "2026-01-01"},
        "",
        {"t": "2026-01-03", "id": "é\n"},
        '{"id": "", "t": "2026-01-04", "x": NaN, "c": ""}',
    )
    assert found == rows(
        ("007", "2026-01-01", 1.0, "u"),
        ("2026-01-01", "2026-01-02", 0.1, None),
        ("é\n", "2026-01-03", None, None),
        ("", "2026-01-04", None, ""),
    )


@pytest.mark.parametrize("ids", [[2**53, 2**53 + 1], [True, False], [0.5, 1.5]])
def test_json_labels_keep_their_type(ids, jsonl):
    found = jsonl(*({"id": i, "t": 1, "x": 1, "c": "u"} for i in ids))["id"]
    assert found == ids
    assert [type(i) for i in found] == [type(i) for i in ids]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['{"id": 1'], "line 1: expected a JSON object"),
        (["", "[1, 2]"], "line 2: expected a JSON object for each event"),
        (["[" * 100_000], "line 1: expected a JSON object"),
        ([{"id": 1, "t": 1, "x": 1, "c": 1}, {"id": "1"}], "'id' must be of one type"),
        ([{"id": 1, "t": 1, "x": "1", "c": 1}], "'x' must hold numbers; event 1 has '1'"),
        ([{"id": [1]}], "line 1: 'id' must be text"),
        (['{"id": 1, "id": 2}'], "line 1: .*'id' occurs twice"),
        ([{"id": 2**70, "t": 1, "x": 1, "c": 1}], "'id' must fit 64 bits"),
        ([{"id": "\ud800", "t": 1, "x": 1, "c": 1}], "'id' cannot be read"),
        ([{"id": 1, "t": 1, "x": 1}], "column 'c' is not in the file"),
    ],
)
def test_malformed_json_lines(lines, expected, jsonl):
    with pytest.raises(InputError, match=expected):
        jsonl(*lines)
