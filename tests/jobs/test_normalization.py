import gzip
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

LOG = pd.DataFrame(
    {
        "customerId": ["b", "a", "b", "b", "c"],
        "orderDate": pd.to_datetime(
            ["2026-01-03", "2026-01-01", "2026-01-01", "2026-01-02", "2026-02-01"]
        ),
        "amount": [3.0, 10.0, 1.0, np.nan, 7.0],
        "risk": [0.3, 0.1, 0.2, 0.5, 0.7],
        "category": ["x", "y", None, "y", "x"],
    }
)
DAY = 86400.0


@pytest.fixture(params=["parquet", "csv"])
def log(request, tmp_path):
    path = tmp_path / f"log.{request.param}"
    LOG.to_parquet(path) if request.param == "parquet" else LOG.to_csv(path, index=False)
    return path


def test_arrays(log, tmp_path, run):
    output = tmp_path / "sequences"
    result = run("normalize", "--input", log, "--output", output, "--length", 2)
    assert result.status == 0, result.err
    assert np.load(output / "entity_ids.npy", allow_pickle=False).tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(
        np.load(output / "numerical_attention_mask.npy"), [[0, 1], [1, 1], [0, 1]]
    )
    np.testing.assert_array_equal(
        np.load(output / "numerical.npy"),
        [
            [[0, 0, 0, 0], [10.0, 0.1, np.nan, 1]],
            [[np.nan, 0.5, DAY, 1], [3.0, 0.3, DAY, 1]],
            [[0, 0, 0, 0], [7.0, 0.7, np.nan, 1]],
        ],
    )
    np.testing.assert_array_equal(
        np.load(output / "categorical.npy")[..., 0], [[0, 2], [2, 1], [0, 1]]
    )
    metadata = json.loads((output / "metadata.json").read_text())
    assert metadata["shapes"] == {"numerical": [3, 2, 4], "categorical": [3, 2, 1]}
    assert metadata["categories"] == {"category": ["x", "y"]}


def test_until_leaves_out_the_future(log, tmp_path, run):
    output = tmp_path / "sequences"
    result = run(
        *("normalize", "--input", log, "--output", output, "--length", 5),
        *("--until", "2026-01-03"),
    )
    assert result.status == 0, result.err
    assert np.load(output / "entity_ids.npy").tolist() == ["a", "b"]
    assert np.load(output / "numerical_attention_mask.npy").sum(axis=1).tolist() == [1, 2]
    assert np.load(output / "reference_delays.npy").tolist() == [2 * DAY, DAY]


@pytest.mark.parametrize("file_format", ["numpy", "parquet", "csv"])
def test_features_of_the_normalized_are_those_of_the_log(
    file_format, log, tmp_path, run, read, environment
):
    from sktemporal import EventSequences, StatisticalFeatures, TemporalPatternFeatures

    output = tmp_path / "sequences"
    environment.setenv("INPUT_FORMAT", file_format)
    assert run("normalize", "--input", log, "--output", output, "--format", file_format).status == 0
    result = run(
        *("features", "--job_type", "testing"),
        *("--input", output, "--output", tmp_path / "out"),
    )
    assert result.status == 0, result.err
    outputs = read(tmp_path / "out")
    seqs = EventSequences.from_frame(
        LOG, entity="customerId", time="orderDate", fields=["amount", "risk"]
    )
    for family in (StatisticalFeatures(), TemporalPatternFeatures()):
        expected = family.fit_transform(seqs).astype(np.float32)
        positions = [outputs.names.index("generic_" + n) for n in family.get_feature_names_out()]
        np.testing.assert_array_equal(outputs.features[:, positions], expected)


def daily_log(path, n_days=40):
    days = pd.date_range("2026-01-01", periods=n_days)
    times = {"a": days, "b": days[1:]}
    values = {"amount": 1.0, "risk": 0.5, "category": "x"}
    parts = [pd.DataFrame({"customerId": e, "orderDate": t, **values}) for e, t in times.items()]
    pd.concat(parts).to_parquet(path)
    return path


@pytest.mark.parametrize("file_format", ["numpy", "parquet", "csv"])
@pytest.mark.parametrize("until", [None, "2026-01-31"])
def test_a_week_of_days_is_seven_values_with_and_without_a_cut_off(
    file_format, until, tmp_path, run, read, environment
):
    environment.setenv("WINDOW_SIZES", '["7d", "14d", 3]')
    environment.setenv("INPUT_FORMAT", file_format)
    options = () if until is None else ("--until", until)
    log, output = daily_log(tmp_path / "log.parquet"), tmp_path / "sequences"
    normalized = run(
        *("normalize", "--input", log, "--output", output, "--format", file_format), *options
    )
    assert normalized.status == 0, normalized.err
    metadata = json.loads((output / "metadata.json").read_text())
    assert metadata["reference_inclusive"] is (until is None)
    result = run(
        *("features", "--job_type", "training"),
        *("--input", output, "--output", tmp_path / "out"),
    )
    assert result.status == 0, result.err
    outputs = read(tmp_path / "out")
    names = [f"window_rolling_{window}_count_amount" for window in ("7d", "14d", "3")]
    counts = outputs.features[:, [outputs.names.index(name) for name in names]]
    assert counts.tolist() == [[7.0, 14.0, 3.0]] * 2


@pytest.mark.parametrize("job_type", ["training", "validation"])
def test_what_is_cut_off_is_counted_and_found(job_type, tmp_path, run, read, environment):
    environment.setenv("WINDOW_SIZES", '["10d", "20d", 25]')
    log, output = daily_log(tmp_path / "log.parquet", 30), tmp_path / "sequences"
    short = pd.read_parquet(log).query("customerId == 'b'")[:12].assign(customerId="c")
    pd.concat([pd.read_parquet(log), short]).to_parquet(log)

    def features(length, out, *options):
        options = ("--length", length), options
        normalized = run("normalize", "--input", log, "--output", output, *options[0])
        result = run("features", "--input", output, "--output", out, *options[1])
        assert (normalized.status, result.status) == (0, 0), normalized.err + result.err
        return normalized, read(out)

    training = ("--job_type", "training")
    normalized, outputs = features(30, tmp_path / "all", *training)
    assert "--length" not in normalized.out
    assert outputs.metadata["truncated_entities"] == 0
    shares = {w: m["share_cut"] for w, m in outputs.report["sequences"]["windows"].items()}
    assert shares == {"10d": 0.0, "20d": 0.0, "25": 0.0}

    given = training
    if job_type == "validation":
        given = ("--job_type", job_type, "--pipeline", tmp_path / "all" / "pipeline.skops")
    normalized, outputs = features(11, tmp_path / "out", *given)
    said = "(3 entities have more events than --length 11; the latest are kept)"
    assert said in normalized.out
    assert json.loads((output / "metadata.json").read_text())["truncated_entities"] == 3
    assert outputs.metadata["truncated_entities"] == 3
    shares = {w: m["share_cut"] for w, m in outputs.report["sequences"]["windows"].items()}
    assert shares == {"10d": 0.0, "20d": 1.0, "25": 1.0}
    finding = next(f for f in outputs.report["sequences"]["checks"] if f["check"] == "cut_windows")
    assert (finding["severity"], finding["value"]) == ("warning", 1.0)
    assert "--length" in finding["advice"]


@pytest.mark.parametrize("written", [None, 2, "many", True])
def test_truncated_entities_are_those_that_the_deltas_tell(written, tmp_path, run, read):
    log, output = daily_log(tmp_path / "log.parquet", 30), tmp_path / "sequences"
    assert run("normalize", "--input", log, "--output", output, "--length", 29).status == 0
    metadata = json.loads((output / "metadata.json").read_text())
    assert metadata.pop("truncated_entities") == 1
    if written is not None:
        metadata["truncated_entities"] = written
    (output / "metadata.json").write_text(json.dumps(metadata))
    command = ("features", "--job_type", "training", "--input", output)
    result = run(*command, "--output", tmp_path / "out")
    if written is None:  # written before that was counted
        assert read(tmp_path / "out").metadata["truncated_entities"] is None
    else:
        assert (result.status, result.err.count("\n")) == (1, 1)
        assert "first event has a time delta, which is 1" in result.err


@pytest.mark.parametrize(
    ("said", "without", "expected"),
    [
        ("no", (), "reference_inclusive must be true, or false where there are reference_delays"),
        (False, ("reference_delays.npy",), "found false"),
        (False, (), "inclusive=False: entity 'a' has an event at its reference time"),
    ],
)
def test_whether_the_reference_time_is_in_must_be_possible(said, without, expected, tmp_path, run):
    log, output = daily_log(tmp_path / "log.parquet"), tmp_path / "sequences"
    assert run("normalize", "--input", log, "--output", output).status == 0
    metadata = json.loads((output / "metadata.json").read_text())
    (output / "metadata.json").write_text(json.dumps({**metadata, "reference_inclusive": said}))
    for name in without:
        (output / name).unlink()
    result = run(
        *("features", "--job_type", "training"),
        *("--input", output, "--output", tmp_path / "out"),
    )
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert expected in result.err


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda log: log.drop(columns="risk"), "column 'risk' is not in the file"),
        (lambda log: log.assign(risk="high"), "field 'risk' must hold numbers"),
        (lambda log: log.assign(amount=np.inf), "infinity"),
        (lambda log: log.assign(customerId=None), "names no entity in row 0"),
        (lambda log: log.assign(orderDate="yesterday-ish"), "column 'orderDate'"),
        (lambda log: log.assign(orderDate=pd.NaT), "every event needs a time"),
        (lambda log: log[:0], "no event"),
    ],
)
def test_broken_logs(change, expected, tmp_path, run):
    change(LOG).to_parquet(tmp_path / "log.parquet")
    result = run("normalize", "--input", tmp_path / "log.parquet", "--output", tmp_path / "out")
    assert result.status == 1
    assert result.err.count("\n") == 1
    assert expected in result.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("log.parquet", b"garbage", "expected a parquet file"),
        ("log.csv", b"", "expected a csv file"),
        ("log.xlsx", b"", "ending in .parquet or .csv"),
        ("log.csv", None, "no such file"),
    ],
)
def test_files_that_are_no_log(name, content, expected, tmp_path, run):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = run("normalize", "--input", tmp_path / name, "--output", tmp_path / "out")
    assert result.status == 1
    assert result.err.count("\n") == 1
    assert expected in result.err


def test_ids_and_categories_in_csv_are_text(tmp_path, run):
    (tmp_path / "log.csv").write_text(
        "customerId,orderDate,amount,risk,category\n"
        "007,2026-01-01,1,0.5,NA\n7,2026-01-02T03:00:00.5,2,,null\n07,2026-01-03,3,NA,\n"
    )
    output = tmp_path / "sequences"
    result = run("normalize", "--input", tmp_path / "log.csv", "--output", output, "--length", 1)
    assert result.status == 0, result.err
    assert np.load(output / "entity_ids.npy").tolist() == ["007", "07", "7"]
    assert np.load(output / "categorical.npy").ravel().tolist() == [1, 0, 2]
    np.testing.assert_array_equal(np.load(output / "numerical.npy")[:, 0, 1], [0.5, np.nan, np.nan])


@pytest.mark.parametrize("variable", ["VALUE_FIELDS", "CATEGORICAL_FIELDS"])
def test_names_must_be_those_of_the_normalization(variable, log, tmp_path, run, environment):
    output = tmp_path / "sequences"
    assert run("normalize", "--input", log, "--output", output).status == 0
    environment.setenv(variable, '["risk"]')
    result = run(
        *("features", "--job_type", "training"),
        *("--input", output, "--output", tmp_path / "features"),
    )
    assert result.status == 1
    assert f"{variable}: names ['risk'], but the columns in metadata.json are" in result.err


@pytest.mark.parametrize("name", ["numerical.parquet", "entity_ids.csv", "metadata.json"])
def test_an_input_is_not_what_the_output_replaces(name, tmp_path, run):
    log = tmp_path / "d" / name
    log.parent.mkdir()
    LOG.to_csv(log, index=False) if name.endswith(".csv") else LOG.to_parquet(log)
    before = log.read_bytes()
    result = run("normalize", "--input", log, "--output", tmp_path / "d")
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert log.read_bytes() == before
    assert [path.name for path in log.parent.iterdir()] == [name]


def test_an_input_beside_the_output_stays(log, tmp_path, run):
    before = log.read_bytes()
    assert run("normalize", "--input", log, "--output", tmp_path).status == 0
    assert log.read_bytes() == before
    assert (tmp_path / "numerical.npy").exists()


WRITTEN = "c;when;amount;risk;category\n{}\n;2026-01-02;2,5;0,25;y\n"
OF_THE_LOG = {"CSV_SEPARATOR": ";", "CSV_DECIMAL": ",", "DROP_MISSING_ENTITY": "true"}


@pytest.mark.parametrize("way", ["variables", "options"])
def test_how_the_log_is_written(way, tmp_path, run, environment):
    environment.setenv("SEQUENCE_GROUPING_FIELD", "c")
    environment.setenv("TIMESTAMP_FIELD", "when")
    for k, cells in enumerate(["007;2026-01-01;1,5;0,5;é", "7;2026-01-01;3,5;0,5;é"]):
        text = WRITTEN.format(cells).encode("latin-1")
        (tmp_path / f"{k}.txt").write_bytes(gzip.compress(text) if k else text)
    given = {**OF_THE_LOG, "EVENTS_ENCODING": "latin-1", "EVENTS_FORMAT": "csv"}
    options = []
    for name, value in given.items():
        if way == "variables":
            environment.setenv(name, value)
        else:
            options += ["--" + name.lower().replace("_", "-")] + [value] * (value != "true")
    inputs = ("--input", tmp_path / "0.txt", "--input", tmp_path / "1.txt")
    output = tmp_path / "sequences"
    result = run("normalize", *inputs, "--output", output, "--length", 1, *options)
    assert result.status == 0, result.err
    assert "(2 events without an entity were left out)" in result.out
    assert np.load(output / "entity_ids.npy").tolist() == ["007", "7"]
    assert np.load(output / "numerical.npy")[:, 0, 0].tolist() == [1.5, 3.5]
    metadata = json.loads((output / "metadata.json").read_text())
    assert metadata["categories"] == {"category": ["é"]}
    assert metadata["dropped_events"] == 2


@pytest.mark.parametrize("option", ["--csv-separator", "--events-encoding", "--events-format"])
def test_what_is_no_way_to_write_a_log(option, log, tmp_path, run):
    result = run("normalize", "--input", log, "--output", tmp_path / "out", option, "nonsense")
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "nonsense" in result.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("variable", ["TIMESTAMP_FIELD", "ARRIVAL_FIELD", "VALUE_FIELDS"])
def test_a_column_has_one_use(variable, log, tmp_path, run, environment):
    name = '["customerId"]' if variable == "VALUE_FIELDS" else "customerId"
    environment.setenv(variable, name)
    result = run("normalize", "--input", log, "--output", tmp_path / "out")
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "'customerId' is named by SEQUENCE_GROUPING_FIELD, too" in result.err


def test_what_had_not_arrived_is_left_out(tmp_path, run, environment):
    environment.setenv("ARRIVAL_FIELD", "arrived")
    log = LOG.assign(arrived=LOG["orderDate"] + pd.Timedelta("1D"))
    log.to_csv(tmp_path / "log.csv", index=False)
    output = tmp_path / "sequences"
    options = ("--input", tmp_path / "log.csv", "--output", output, "--until", "2026-01-03")
    assert run("normalize", *options).status == 0
    assert np.load(output / "entity_ids.npy").tolist() == ["a", "b"]
    assert np.load(output / "numerical_attention_mask.npy").sum(axis=1).tolist() == [1, 1]


TIMES = {
    "ISO 8601": ("2026-01-02T03:04", {}, "2026-01-02T03:04"),
    "with an offset": ("2026-01-02T03:04+01:00", {}, "2026-01-02T02:04"),
    "seconds": ("1767323040", {}, "2026-01-02T03:04"),
    "milliseconds": ("1767323040000", {"TIMESTAMP_UNIT": "ms"}, "2026-01-02T03:04"),
    "a format": ("02.01.2026", {"TIME_FORMAT": "%d.%m.%Y"}, "2026-01-02"),
    "digits": ("02012026", {"TIME_FORMAT": "%d%m%Y"}, "2026-01-02"),
    "a zone": ("2026-07-02 03:04", {"TIME_ZONE": "Europe/Berlin"}, "2026-07-02T01:04"),
    "twice": (
        "2026-10-25 02:30",
        {"TIME_ZONE": "Europe/Berlin", "AMBIGUOUS_TIMES": "later"},
        "2026-10-25T01:30",
    ),
}
REFUSED = {
    "day or month": ("05/02/2026", {}, "give TIME_FORMAT='%d/%m/%Y'"),
    "a word": ("now", {}, "ISO 8601"),
    "a date as a number": ("20260102", {}, "give TIME_FORMAT='%Y%m%d'"),
    "milliseconds": ("1767323040000", {}, "give TIMESTAMP_UNIT='ms'"),
    "twice": ("2026-10-25 02:30", {"TIME_ZONE": "Europe/Berlin"}, "AMBIGUOUS_TIMES='earlier'"),
    "no zone": ("2026-01-01", {"TIME_ZONE": "Europe/Berln"}, "TIME_ZONE must be an IANA name"),
    "no format": ("2026-01-01", {"TIME_FORMAT": "day"}, "day"),
    "none": ("", {}, "every event needs a time"),
}


def write_times(path, time, file_format):
    number = file_format == "parquet" and time.isdecimal() and time[0] != "0"
    log = LOG[:1].assign(orderDate=int(time) if number else (time or None))
    log.to_csv(path, index=False) if file_format == "csv" else log.to_parquet(path)


@pytest.mark.parametrize("way", ["variables", "options"])
@pytest.mark.parametrize("file_format", ["csv", "parquet"])
@pytest.mark.parametrize("case", TIMES)
def test_times_of_a_log(case, file_format, way, tmp_path, run, environment):
    time, settings, expected = TIMES[case]
    log, options = tmp_path / f"log.{file_format}", []
    write_times(log, time, file_format)
    for name, value in settings.items():
        if way == "variables":
            environment.setenv(name, value)
        else:
            options += ["--" + name.lower().replace("_", "-"), value]
    output = tmp_path / "sequences"
    until = ("--until", "2026-12-31T00:00Z")
    result = run("normalize", "--input", log, "--output", output, *options, *until)
    assert result.status == 0, result.err
    delay = np.datetime64("2026-12-31", "s") - np.datetime64(expected, "s")
    assert np.load(output / "reference_delays.npy").tolist() == [delay.astype(int)]


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
@pytest.mark.parametrize("case", REFUSED)
def test_times_that_are_not_plain(case, file_format, tmp_path, run, environment):
    time, settings, expected = REFUSED[case]
    log = tmp_path / f"log.{file_format}"
    write_times(log, time, file_format)
    for name, value in settings.items():
        environment.setenv(name, value)
    result = run("normalize", "--input", log, "--output", tmp_path / "out")
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert expected in result.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("until", "settings", "n_events"),
    [
        ("2026-01-03", {}, 3),
        ("2026-01-03T01:00", {"TIME_ZONE": "Europe/Berlin"}, 3),
        ("2026-01-03T01:01", {"TIME_ZONE": "Europe/Berlin"}, 4),
        ("1767398400000", {"TIMESTAMP_UNIT": "ms"}, 3),
    ],
)
def test_until_is_read_as_the_log_is(until, settings, n_events, tmp_path, run, environment):
    log = LOG.assign(orderDate=LOG["orderDate"].dt.as_unit("ms").dt.tz_localize("UTC"))
    if "TIMESTAMP_UNIT" in settings:
        log["orderDate"] = log["orderDate"].astype("int64")
    log.to_parquet(tmp_path / "log.parquet")
    for name, value in settings.items():
        environment.setenv(name, value)
    options = ("--output", tmp_path / "out", "--until", until)
    result = run("normalize", "--input", tmp_path / "log.parquet", *options)
    assert result.status == 0, result.err
    assert f"normalized {n_events} events" in result.out


@pytest.mark.parametrize("until", ["now", "01/02/2026", "20260102", "1767398400"])
def test_until_is_a_plain_moment(until, log, tmp_path, run):
    result = run("normalize", "--input", log, "--output", tmp_path / "out", "--until", until)
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "--until must be ISO 8601, like " in result.err
    assert until in result.err
    assert "format" not in result.err.lower()


IDS = {
    "integers": pa.array([2**53 + 1, 2**53, 2**53 + 1]),
    "decimals": pa.array(
        [Decimal(10**17 + 2), Decimal(10**17 + 1), Decimal(10**17 + 2)], pa.decimal128(38, 0)
    ),
    "text": pa.array(["07", "7", "07"]),
}


@pytest.mark.parametrize("ids", IDS.values(), ids=list(IDS))
def test_ids_and_categories_of_a_log_stay_what_they_are(ids, tmp_path, run):
    table = pa.table(
        {
            "customerId": ids,
            "orderDate": pa.array(LOG["orderDate"][:3]),
            "amount": [1.0, 2.0, 3.0],
            "risk": [1.0, 2.0, 3.0],
            "category": ids,
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    result = run("normalize", "--input", tmp_path / "log.parquet", "--output", tmp_path / "out")
    assert result.status == 0, result.err
    written = np.load(tmp_path / "out" / "entity_ids.npy").tolist()
    expected = sorted({*ids.to_pylist()})
    assert list(map(str, written)) == list(map(str, expected))
    metadata = json.loads((tmp_path / "out" / "metadata.json").read_text())
    expected = [v if isinstance(v, (int, str)) else str(v) for v in expected]
    assert metadata["categories"] == {"category": expected}


@pytest.mark.parametrize("length", [0, 2**31, 2**63 - 1, "all"])
def test_lengths_that_are_none(length, run):
    result = run("normalize", "--input", "log.csv", "--length", length)
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "Invalid value for '--length'" in result.err
