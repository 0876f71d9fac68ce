"""The feature job on event logs: the library's features of the library's histories, with keys."""

import json

import numpy as np
import pandas as pd
import pytest

from sktemporal import EventSequences, make_temporal_pipeline

pytestmark = pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
N_EVENTS, N_ENTITIES = 400, 25


def make_log(ids="text"):
    rng = np.random.default_rng(3)
    owner = rng.integers(0, N_ENTITIES, N_EVENTS)
    start = np.datetime64("2026-01-01", "us")
    times = start + rng.integers(0, 60 * 86_400, N_EVENTS).astype("timedelta64[s]")
    return pd.DataFrame(
        {
            "unused": "x",
            "customerId": [f"{i:03d}" for i in owner] if ids == "text" else owner,
            "orderDate": times,
            "arrived": times + np.timedelta64(1, "D"),
            "amount": np.where(rng.random(N_EVENTS) < 0.1, np.nan, rng.lognormal(size=N_EVENTS)),
            "risk": rng.normal(size=N_EVENTS),
            "category": np.where(rng.random(N_EVENTS) < 0.1, None, rng.choice([*"xyz"], N_EVENTS)),
            "fraud": rng.integers(0, 2, N_EVENTS),
        }
    )


LOG = make_log()
LABELS = pd.DataFrame(
    {
        "customerId": np.tile(np.unique(LOG["customerId"])[::-1], 2),
        "orderDate": np.repeat(
            pd.to_datetime(["2026-02-01 00:00", "2026-01-20 12:00"]), N_ENTITIES
        ),
        "bought": [0, 1] * N_ENTITIES,
        "note": [f"0{k}" for k in range(2 * N_ENTITIES)],
    }
)
READ = {"entity": "customerId", "time": "orderDate", "fields": ["amount", "risk"]}


def histories(log=LOG, **options):
    return EventSequences.from_frame(log, **READ, categorical_fields=["category"], **options)


def expected(sequences):
    pipeline = make_temporal_pipeline(windows=(3, "7d"), lags=(1, 2), dtype=np.float32)
    return pipeline.fit_transform(sequences), pipeline


def write(frame, path):
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_json(path, orient="records", lines=True, date_format="iso", double_precision=15)
    return path


@pytest.fixture
def job(run, tmp_path, environment):
    environment.setenv("WINDOW_SIZES", '[3, "7d"]')
    environment.setenv("OUTPUT_FORMAT", "parquet")
    environment.setenv("FEATURE_PARALLELISM", "false")
    environment.setenv("CACHE_INTERMEDIATE", "false")
    counter = iter(range(100))

    def run_job(log, *options, job_type="training", status=0):
        output = tmp_path / f"output{next(counter)}"
        log = write(log, tmp_path / "log.parquet") if isinstance(log, pd.DataFrame) else log
        command = ("features", "--job_type", job_type, "--events", log, "--output", output)
        result = run(*command, *options)
        assert result.status == status, result.err
        result.directory = output
        return result

    return run_job


def features_of(directory, n_keys):
    """What was written as Parquet: the keys, and the features by name."""
    frame = pd.read_parquet(directory / "features.parquet")
    names = json.loads((directory / "feature_names.json").read_text())
    assert list(frame.columns[n_keys:]) == names
    return frame.iloc[:, :n_keys], frame.iloc[:, n_keys:].to_numpy()


def informations(directory):
    report = json.loads((directory / "quality_report.json").read_text())
    return [of["mutual_information"] for of in report["features"].values()]


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_rows_of_labels_are_those_of_the_library(ending, job, tmp_path):
    log, labels = write(LOG, tmp_path / f"log{ending}"), write(LABELS, tmp_path / f"labels{ending}")
    result = job(log, "--labels", labels, "--target", "bought")
    keys, features = features_of(result.directory, 2)
    view = histories().as_of(LABELS["customerId"], LABELS["orderDate"])
    matrix, pipeline = expected(view)
    assert features.dtype == np.float32
    assert features.tobytes() == matrix.tobytes()
    pd.testing.assert_frame_equal(
        keys, LABELS[["customerId", "orderDate"]], check_dtype=False, check_index_type=False
    )
    written = pd.read_parquet(result.directory / "labels.parquet")
    assert list(written.columns) == list(LABELS.columns)
    assert written["note"].tolist() == LABELS["note"].tolist()  # "00" stays text
    assert written["bought"].tolist() == LABELS["bought"].tolist()
    pipeline["quality"].fit(pipeline["features"].transform(view), LABELS["bought"].to_numpy())
    of_library = [
        of["mutual_information"] for of in pipeline["quality"].report_["features"].values()
    ]
    assert informations(result.directory) == of_library
    assert None not in of_library
    assert "50 rows" in result.out


def test_rows_of_entities(job):
    keys, features = features_of(job(LOG).directory, 1)
    seqs = histories()
    assert features.tobytes() == expected(seqs)[0].tobytes()
    assert keys["customerId"].tolist() == seqs.entity_ids.tolist()


def test_rows_before_a_moment(job):
    result = job(LOG, "--until", "2026-01-05")
    keys, features = features_of(result.directory, 1)
    seqs = histories()
    known = seqs.as_of(seqs.entity_ids, "2026-01-05")
    known = known[known.lengths > 0]
    assert 0 < len(known) < N_ENTITIES
    assert features.tobytes() == expected(known)[0].tobytes()
    assert keys["customerId"].tolist() == known.entity_ids.tolist()
    metadata = json.loads((result.directory / "feature_metadata.json").read_text())
    assert metadata["entity_count"] == metadata["row_count"] == len(known)


@pytest.mark.parametrize("until", [None, "2026-02-01"])
def test_rows_of_each_event(until, job):
    options = () if until is None else ("--until", until)
    result = job(LOG, "--each-event", "--target", "fraud", *options)
    keys, features = features_of(result.directory, 2)
    labels = pd.read_parquet(result.directory / "labels.parquet")
    before = histories().each_event()
    if until is not None:
        before = before[before.reference_times < np.datetime64(until, "us").astype(int)]
    assert features.tobytes() == expected(before)[0].tobytes()
    events = LOG.iloc[labels["log_row"]]
    for name in ("customerId", "orderDate"):
        assert keys[name].tolist() == labels[name].tolist() == events[name].tolist()
    assert labels["fraud"].tolist() == events["fraud"].tolist()
    assert any(informations(result.directory))
    metadata = json.loads((result.directory / "feature_metadata.json").read_text())
    assert metadata["entity_count"] == events["customerId"].nunique()
    assert metadata["row_count"] == len(events)


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".jsonl"])
def test_rows_of_each_event_where_some_name_no_entity(ending, job, tmp_path):
    log = LOG.assign(customerId=LOG["customerId"].where(np.arange(N_EVENTS) % 7 != 3))
    path = write(log, tmp_path / f"log{ending}")
    result = job(path, "--each-event", "--target", "risk", "--drop-missing-entity")
    labels = pd.read_parquet(result.directory / "labels.parquet")
    events = log.iloc[labels["log_row"]]
    assert labels["customerId"].tolist() == events["customerId"].tolist()
    np.testing.assert_allclose(labels["risk"], events["risk"], rtol=1e-12)
    times = log["orderDate"].astype(str).mask(np.arange(N_EVENTS) == 4)
    path = write(log.assign(orderDate=times), path)
    result = job(path, "--each-event", "--drop-missing-entity", status=1)
    assert "in row 3 (rows are counted without those that name no entity)" in result.err


@pytest.mark.parametrize("name", ["customerId", "orderDate", "fraud"])
def test_a_column_named_as_the_row_of_the_log(name, job, environment):
    variables = {"customerId": "SEQUENCE_GROUPING_FIELD", "orderDate": "TIMESTAMP_FIELD"}
    target = ()
    if name in variables:
        environment.setenv(variables[name], "log_row")
    else:
        target = ("--target", "log_row")
    result = job(LOG.rename(columns={name: "log_row"}), "--each-event", *target, status=1)
    assert result.err.count("\n") == 1
    assert "have a column 'log_row'" in result.err


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".jsonl"])
@pytest.mark.parametrize("rows", ["labels", "each event"])
def test_a_target_without_a_value(rows, ending, job, tmp_path):
    log, options = LOG.assign(fraud=np.nan), ("--each-event",)
    if rows == "labels":
        labels = LABELS.assign(fraud=np.nan)
        log, options = LOG, ("--labels", write(labels, tmp_path / f"labels{ending}"))
    log = write(log, tmp_path / f"log{ending}")
    result = job(log, *options, "--target", "fraud", status=1)
    assert result.err == "sktemporal: --target: column 'fraud' has no value in any of the rows\n"


@pytest.mark.parametrize("value", [[[1.0], [2.0, 3.0]], [{"a": 1}, {"a": 2}]])
def test_a_target_of_several_values_is_none(value, job, tmp_path):
    labels = write(LABELS[:2].assign(fraud=value), tmp_path / "labels.parquet")
    result = job(LOG, "--labels", labels, "--target", "fraud", status=1)
    assert result.err.count("\n") == 1
    assert "--target: column 'fraud' must hold numbers, times or classes" in result.err


def test_labels_without_an_entity_name_no_way_out_that_is_none(job, tmp_path):
    labels = LABELS.assign(customerId=LABELS["customerId"].where(LABELS.index != 1))
    path = write(labels, tmp_path / "labels.csv")
    result = job(LOG, "--labels", path, "--drop-missing-entity", status=1)
    assert "labels.csv: column 'customerId' names no entity in row 1, as in 1 of 50" in result.err
    assert "DROP_MISSING_ENTITY" not in result.err


@pytest.mark.parametrize("output_format", ["numpy", "parquet", "csv"])
@pytest.mark.parametrize("ids", ["text", "integers"])
def test_keys_in_every_format(ids, output_format, job, environment):
    environment.setenv("OUTPUT_FORMAT", output_format)
    log = make_log(ids)
    result = job(log, "--each-event")
    seqs = histories(log).each_event()
    moments = seqs.reference_times.astype("datetime64[us]")
    files = {path.name for path in result.directory.iterdir()}
    if output_format == "numpy":
        assert {"entity_ids.npy", "moments.npy", "labels.parquet"} <= files
        found = np.load(result.directory / "entity_ids.npy")
        np.testing.assert_array_equal(np.load(result.directory / "moments.npy"), moments)
    elif output_format == "parquet":
        keys, _ = features_of(result.directory, 2)
        found = keys["customerId"].to_numpy()
        np.testing.assert_array_equal(keys["orderDate"].to_numpy(), moments)
    else:
        frame = pd.read_csv(result.directory / "features.csv", dtype={"customerId": str})
        assert list(frame.columns[:2]) == ["customerId", "orderDate"]
        found = frame["customerId"].to_numpy()
        found = found if ids == "text" else found.astype(int)
        np.testing.assert_array_equal(
            pd.to_datetime(frame["orderDate"]).to_numpy().astype("datetime64[us]"), moments
        )
    assert found.tolist() == seqs.entity_ids.tolist()
    assert (np.asarray(found).dtype.kind in "iu") == (ids == "integers")


def test_what_had_not_arrived_is_not_known(job):
    seqs = histories(arrival="arrived").each_event()
    options = ("--each-event", "--arrival-field", "arrived")
    _, features = features_of(job(LOG, *options).directory, 2)
    assert features.tobytes() == expected(seqs)[0].tobytes()
    assert features.tobytes() != expected(histories().each_event())[0].tobytes()


def test_other_data_are_read_as_what_was_fitted(job, environment, tmp_path):
    labels = write(LABELS, tmp_path / "labels.parquet")
    trained = job(LOG, "--labels", labels)
    fitted = ("--pipeline", trained.directory / "pipeline.skops", "--labels", labels)
    for name in ("VALUE_FIELDS", "CATEGORICAL_FIELDS", "WINDOW_SIZES"):
        environment.delenv(name)
    same = job(LOG, *fitted, job_type="testing")
    assert (
        features_of(same.directory, 2)[1].tobytes()
        == features_of(trained.directory, 2)[1].tobytes()
    )
    other = LOG.assign(
        more=1.0,
        category=LOG["category"].replace("x", "new"),
        risk=pd.Series(None, LOG.index, object),
    )[["more", "risk", "category", "fraud", "amount", "orderDate", "customerId"]]
    result = job(other, *fitted, job_type="validation")
    _, features = features_of(result.directory, 2)
    names = json.loads((result.directory / "feature_names.json").read_text())
    assert names == json.loads((trained.directory / "feature_names.json").read_text())
    column = dict(zip(names, features.T, strict=True))
    assert (column["generic_count_risk"] == 0).all()
    unchanged = features_of(trained.directory, 2)[1].T[names.index("generic_unique_count_category")]
    np.testing.assert_array_equal(column["generic_unique_count_category"], unchanged)
    report = json.loads((result.directory / "quality_report.json").read_text())
    assert report["sequences"]["categories"]["category"]["unseen"] == ["new"]
    assert job(LOG.drop(columns="risk"), *fitted, job_type="testing", status=1).err.count("\n") == 1


@pytest.mark.parametrize(("log_ids", "label_ids"), [("integers", "csv"), ("text", "csv")])
def test_labels_in_csv_name_the_entities_of_the_log(log_ids, label_ids, job, tmp_path):
    log = make_log(log_ids)
    labels = pd.DataFrame({"customerId": log["customerId"][:7], "cut": "2026-02-01", "y": range(7)})
    path = write(labels, tmp_path / "labels.csv")
    result = job(log, "--labels", path, "--label-time-field", "cut")
    keys, features = features_of(result.directory, 2)
    view = histories(log).as_of(labels["customerId"].to_numpy(), "2026-02-01")
    assert keys["customerId"].tolist() == labels["customerId"].tolist()
    assert features.tobytes() == expected(view)[0].tobytes()


def test_labels_without_moments_and_until(job, tmp_path):
    labels = write(LABELS[["customerId", "bought"]][:5], tmp_path / "labels.csv")
    keys, features = features_of(job(LOG, "--labels", labels, "--until", "2026-02-01").directory, 1)
    view = histories().as_of(LABELS["customerId"][:5], "2026-02-01")
    assert features.tobytes() == expected(view)[0].tobytes()
    assert keys["customerId"].tolist() == LABELS["customerId"].tolist()[:5]


def test_json_lines_and_several_files(job, tmp_path):
    log = LOG.assign(amount=LOG["amount"].round(3), risk=LOG["risk"].round(3))
    first, second = log[:150], log[150:]
    write(first, tmp_path / "a.jsonl")
    write(
        second.assign(orderDate=second["orderDate"].dt.strftime("%Y-%m-%dT%H:%M:%S")),
        tmp_path / "b.csv",
    )
    result = job(tmp_path / "a.jsonl", "--events", tmp_path / "b.csv")
    _, features = features_of(result.directory, 1)
    assert features.tobytes() == expected(histories(log))[0].tobytes()


WRONG = {
    "labels and each event": (("--labels", "LABELS", "--each-event"), "--labels, --each-event"),
    "two inputs": (("--input", "somewhere"), "--input, --events"),
    "a target of nothing": (("--target", "bought"), "--target"),
    "a target that is not there": (("--labels", "LABELS", "--target", "sold"), "'sold'"),
    "until and moments": (("--labels", "LABELS", "--until", "2026-01-01"), "--until"),
    "until no moment": (("--until", "soon"), "--until"),
    "until before everything": (("--until", "2020-01-01"), "no event before 2020-01-01"),
    "no such labels": (("--labels", "nowhere.csv"), "nowhere.csv"),
    "labels without moments": (("--labels", "WITHOUT"), "column 'orderDate' is not in the file"),
    "moments that are none": (("--labels", "NONSENSE"), "nonsense.csv: times must be ISO 8601"),
    "labels of nobody": (("--labels", "NOBODY"), "names no entity in row 1"),
    "no label": (("--labels", "EMPTY"), "no label"),
    "an output that is an input": (("--output", "HERE"), "must not be what the output replaces"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_go_together(case, job, tmp_path):
    options, message = WRONG[case]
    write(LABELS, tmp_path / "labels.csv")
    write(LABELS[["customerId"]], tmp_path / "without.csv")
    write(LABELS.assign(orderDate="05/02/2026"), tmp_path / "nonsense.csv")
    write(LABELS.assign(customerId=["a", *[None] * 49]), tmp_path / "nobody.csv")
    write(LABELS[:0], tmp_path / "empty.csv")
    names = {"LABELS", "WITHOUT", "NONSENSE", "NOBODY", "EMPTY"}
    options = [tmp_path / f"{o.lower()}.csv" if o in names else o for o in options]
    options = [tmp_path if option == "HERE" else option for option in options]
    log = write(LOG, tmp_path / "features.parquet")
    before = log.read_bytes()
    result = job(log, *options, status=1)
    assert result.err.count("\n") == 1
    assert message in result.err
    assert log.read_bytes() == before
    assert not list(tmp_path.glob("*staging*"))


def test_options_of_a_log_need_one(run, sequences, tmp_path):
    for option in (["--labels", "x.csv"], ["--each-event"], ["--csv-separator", ";"]):
        result = run("features", "--job_type", "training", "--input", sequences, *option)
        assert (result.status, result.err.count("\n")) == (1, 1)
        assert f"{option[0]}: needs an event log, --events" in result.err


def test_unknown_entities_of_labels_are_all_an_error_or_counted(job, tmp_path):
    labels = LABELS.assign(customerId=["nobody", *LABELS["customerId"][1:]])
    result = job(LOG, "--labels", write(labels, tmp_path / "labels.csv"))
    assert "warning: 1 of 26 entities asked for are unknown, such as 'nobody'" in result.err
    keys, features = features_of(result.directory, 2)
    assert keys["customerId"][0] == "nobody"
    assert features[0].any() == np.False_
    labels = write(LABELS.assign(customerId="nobody"), tmp_path / "labels.csv")
    result = job(LOG, "--labels", labels, status=1)
    assert "none of the entities asked for is known" in result.err


@pytest.mark.parametrize("output_format", ["numpy", "parquet", "csv"])
@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_several_columns_name_the_entity(ending, output_format, job, tmp_path, environment):
    environment.setenv("SEQUENCE_GROUPING_FIELD", '["customerId", "shop"]')
    environment.setenv("OUTPUT_FORMAT", output_format)
    log = LOG.assign(shop=np.arange(N_EVENTS) % 2)
    log = log.assign(shop=log["shop"].astype(str)) if ending == ".csv" else log
    labels = log[["customerId", "shop"]].drop_duplicates()[:20].assign(orderDate="2026-02-01")
    label_path = write(labels, tmp_path / "labels.csv")
    result = job(write(log, tmp_path / f"log{ending}"), "--labels", label_path)
    seqs = EventSequences.from_frame(
        log,
        **{**READ, "entity": ["customerId", "shop"]},
        categorical_fields=["category"],
    )
    view = seqs.as_of(labels[["customerId", "shop"]], "2026-02-01")
    matrix, _ = expected(view)
    ids = list(zip(labels["customerId"], labels["shop"], strict=True))
    if output_format == "numpy":
        assert np.load(result.directory / "features.npy").tobytes() == matrix.tobytes()
        assert np.load(result.directory / "entity_ids.npy").tolist() == ids
    elif output_format == "parquet":
        keys, features = features_of(result.directory, 3)
        assert features.tobytes() == matrix.tobytes()
        assert list(keys[["customerId", "shop"]].itertuples(index=False, name=None)) == ids
    else:
        frame = pd.read_csv(result.directory / "features.csv", dtype={"customerId": str})
        assert list(frame.columns[:3]) == ["customerId", "shop", "orderDate"]
    metadata = json.loads((result.directory / "feature_metadata.json").read_text())
    assert metadata["entity_id_field"] == ["customerId", "shop"]
    assert metadata["entity_count"] == 20


@pytest.mark.parametrize("value", ['["a", "a"]', '["a"]', '["a", 1]', "[]"])
def test_fields_that_name_no_entity(value, job, environment):
    environment.setenv("SEQUENCE_GROUPING_FIELD", value)
    result = job(LOG, status=1)
    assert result.err.count("\n") == 1
    assert "SEQUENCE_GROUPING_FIELD: expected a field name, or a JSON array" in result.err


@pytest.mark.parametrize("command", ["normalize", "features"])
def test_padded_arrays_have_one_column_of_ids(command, run, sequences, tmp_path, environment):
    environment.setenv("SEQUENCE_GROUPING_FIELD", '["customerId", "shop"]')
    given = sequences
    if command == "normalize":
        given = write(LOG, tmp_path / "log.parquet")
    job_type = ("--job_type", "testing") if command == "features" else ()
    result = run(command, *job_type, "--input", given, "--output", tmp_path / "out")
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "SEQUENCE_GROUPING_FIELD: several columns" in result.err


@pytest.mark.parametrize("policy", ["warn", "raise", "ignore"])
@pytest.mark.parametrize("n_unknown", [1, 2])
def test_entities_that_the_log_has_not(policy, n_unknown, job, tmp_path):
    labels = LABELS[:2].assign(customerId=["x", "y" if n_unknown == 2 else LABELS["customerId"][1]])
    path = write(labels, tmp_path / "labels.csv")
    fails = policy == "raise" or (policy == "warn" and n_unknown == 2)
    result = job(LOG, "--labels", path, "--unknown-entities", policy, status=int(fails))
    assert ("entities asked for" in result.err) == (policy != "ignore")
    if fails:
        assert result.err.count("\n") == 1
        assert "labels.csv: " in result.err


@pytest.mark.parametrize("output_format", ["parquet", "csv"])
def test_a_column_of_labels_without_a_name(output_format, job, tmp_path, environment):
    environment.setenv("OUTPUT_FORMAT", output_format)
    LABELS[:3].to_csv(tmp_path / "labels.csv", index_label="")
    path = job(LOG, "--labels", tmp_path / "labels.csv").directory / f"labels.{output_format}"
    written = pd.read_parquet(path) if output_format == "parquet" else pd.read_csv(path)
    assert written.iloc[:, 0].tolist() == [0, 1, 2]
    assert len(written.columns) == 1 + len(LABELS.columns)
    text = (tmp_path / "labels.csv").read_text()
    lines = [line.partition(",")[2] + "," for line in text.splitlines()]  # behind the last cell
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    path = job(LOG, "--labels", tmp_path / "labels.csv").directory / f"labels.{output_format}"
    written = pd.read_parquet(path) if output_format == "parquet" else pd.read_csv(path)
    assert written.columns.tolist() == LABELS.columns.tolist()


def test_other_columns_of_labels_may_be_anything(job, tmp_path, environment):
    labels = LABELS[:2].assign(embedding=[[1.0, 2.0], [3.0]])
    path = write(labels, tmp_path / "labels.parquet")
    written = pd.read_parquet(job(LOG, "--labels", path).directory / "labels.parquet")
    assert [list(row) for row in written["embedding"]] == [[1.0, 2.0], [3.0]]
    environment.setenv("OUTPUT_FORMAT", "csv")
    result = job(LOG, "--labels", path, status=1)
    assert result.err.count("\n") == 1
    assert "labels.csv: cannot be written as CSV" in result.err
