"""What the feature job writes, and that every setting has its effect."""

import contextlib
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time

import numpy as np
import pandas as pd
import pytest

from sktemporal import EventSequences, make_temporal_pipeline
from sktemporal.io import load_pipeline

JOB_TYPES = ("training", "validation", "testing", "calibration")


@pytest.fixture
def job(run, read, tmp_path, sequences):
    """Run the feature job and read what it wrote."""
    counter = iter(range(100))

    def run_job(job_type="training", input_directory=sequences, file_format="numpy", **options):
        output = tmp_path / f"output{next(counter)}"
        arguments = [f for name, value in options.items() for f in (f"--{name}", value)]
        result = run(
            *("features", "--job_type", job_type),
            *("--input", input_directory, "--output", output, *arguments),
        )
        assert result.status == 0, result.err
        outputs = read(output, file_format)
        outputs.directory, outputs.printed = output, result
        return outputs

    return run_job


def direct_features(arrays, **parameters):
    """The same features without the job."""
    seqs = EventSequences.from_padded(
        arrays["numerical"][:, :, :3],
        arrays["numerical_attention_mask"],
        categorical=arrays["categorical"],
        categorical_mask=arrays["categorical_attention_mask"],
        fields=["amount", "risk", "delta"],
        categorical_fields=["category"],
        time_field="delta",
        time_encoding="delta",
    )
    pipeline = make_temporal_pipeline(windows=(3, 7), lags=(1, 2), dtype=np.float32, **parameters)
    with pytest.warns(match="no valid event"):
        return pipeline.fit_transform(seqs), list(pipeline.get_feature_names_out())


def test_the_contract(job, arrays):
    outputs = job()
    features, names = direct_features(arrays)
    prefixes = [
        ("window_" if name.startswith(("rolling", "lag", "exp_smooth")) else "generic_") + name
        for name in names
    ]
    assert outputs.names == prefixes
    assert outputs.features.dtype == np.float32
    np.testing.assert_array_equal(outputs.features, features)
    metadata = outputs.metadata
    assert metadata["feature_count"] == len(names)
    assert metadata["entity_count"] == 40
    assert metadata["output_format"] == "numpy"
    assert metadata["tensor_shapes"] == {"features": [40, len(names)]}
    counts = metadata["feature_metadata"]
    n_window = sum(name.startswith("window_") for name in outputs.names)
    assert counts["window_feature_count"] == n_window
    assert counts["generic_feature_count"] == len(names) - n_window
    assert counts["configuration"]["window_sizes"] == [3, 7]
    assert counts["configuration"]["value_fields"] == ["amount", "risk"]
    assert set(outputs.report["validation_results"]) == {
        "missing_values",
        "correlations",
        "variance",
        "outliers",
    }
    assert list(outputs.report["validation_results"]["variance"]["variances"]) == outputs.names
    assert "1 of 40 rows have no valid event" in outputs.printed.err


def test_columns_by_hand(job, arrays):
    outputs = job()
    column = dict(zip(outputs.names, outputs.features.T, strict=True))
    for i in (1, 5, 6, 17):
        valid = arrays["numerical_attention_mask"][i].astype(bool)
        amount, delta = arrays["numerical"][i, valid][:, [0, 2]].T
        amount, intervals = amount[~np.isnan(amount)], delta[~np.isnan(delta)]
        codes = arrays["categorical"][i, arrays["categorical_attention_mask"][i].astype(bool), 0]
        codes = codes[codes != 0]
        expected = {
            "generic_mean_amount": amount.mean(),
            "generic_count_amount": len(amount),
            "window_rolling_3_sum_amount": amount[-3:].sum(),
            "window_lag_1_amount": amount[-2] if len(amount) > 1 else 0.0,
            "generic_avg_time_delta": intervals.mean(),
            "generic_temporal_span": intervals.sum(),
            "generic_event_frequency": valid.sum() / intervals.sum(),
            "generic_unique_count_category": len(set(codes)) if len(codes) else 0.0,
        }
        for name, value in expected.items():
            assert column[name][i] == pytest.approx(value, rel=1e-6), (name, i)


@pytest.mark.parametrize("output_format", ["numpy", "parquet", "csv"])
@pytest.mark.parametrize("input_format", ["numpy", "parquet", "csv"])
def test_formats_give_the_same(
    input_format, output_format, job, arrays, write, tmp_path, environment
):
    reference = job()
    environment.setenv("INPUT_FORMAT", input_format)
    environment.setenv("OUTPUT_FORMAT", output_format)
    ids = np.array([f"{i:03d}" for i in range(40)])
    directory = write(tmp_path / "other", arrays, input_format, entity_ids=ids)
    outputs = job(input_directory=directory, file_format=output_format)
    assert outputs.names == reference.names
    np.testing.assert_array_equal(outputs.features, reference.features)
    suffix = {"numpy": "npy", "parquet": "parquet", "csv": "csv"}[output_format]
    path = outputs.directory / f"entity_ids.{suffix}"
    if output_format == "numpy":
        written = np.load(path).tolist()
    else:
        import pandas as pd

        frame = pd.read_parquet(path) if suffix == "parquet" else pd.read_csv(path, dtype=str)
        assert list(frame.columns) == ["customerId"]
        written = frame["customerId"].tolist()
    assert written == ids.tolist()


@pytest.mark.parametrize("job_type", JOB_TYPES)
def test_job_types(job_type, job):
    outputs = job(job_type)
    assert outputs.report["job_type"] == job_type
    assert (outputs.directory / "pipeline.skops").exists() == (job_type == "training")


@pytest.mark.parametrize("job_type", JOB_TYPES[1:])
def test_a_saved_pipeline_is_applied_unchanged(job_type, job, arrays, write, tmp_path, environment):
    training = job()
    path = training.directory / "pipeline.skops"
    # The settings of this run would make other features; the pipeline decides.
    environment.setenv("WINDOW_SIZES", "[5]")
    environment.delenv("VALUE_FIELDS")
    environment.delenv("CATEGORICAL_FIELDS")
    fewer = {name: array[20:] for name, array in arrays.items()}
    outputs = job(job_type, write(tmp_path / "fewer", fewer), pipeline=path)
    assert outputs.names == training.names
    np.testing.assert_array_equal(outputs.features, training.features[20:])
    assert outputs.metadata["feature_metadata"]["configuration"]["window_sizes"] == [3, 7]
    assert outputs.report["n_entities"] == 20
    reference = outputs.report["training"]
    assert reference["n_entities"] == 40
    assert reference["quality_metrics"] == training.report["quality_metrics"]


def refuse(token):
    raise AssertionError(f"{token} is not JSON")


@pytest.mark.parametrize("job_type", JOB_TYPES[1:])
def test_drift_is_in_the_report(job_type, job, arrays, write, tmp_path):
    path = job().directory / "pipeline.skops"
    larger = {**arrays, "numerical": arrays["numerical"] * [[[50.0, 1.0, 1.0, 1.0]]]}
    shorter = {name: array[:, -2:] for name, array in arrays.items()}
    same = job(job_type, pipeline=path)
    other = job(job_type, write(tmp_path / "larger", larger), pipeline=path)
    short = job(job_type, write(tmp_path / "shorter", shorter), pipeline=path)
    for outputs in (same, other, short):
        json.loads((outputs.directory / "quality_report.json").read_text(), parse_constant=refuse)
    assert same.report["drift"]["drift"] is same.report["drift"]["sequences"]["drift"] is False
    assert other.report["drift"]["features"]["generic_mean_amount"]["drift"] is True
    assert not any("risk" in name for name in other.report["drift"]["drifted"])
    assert other.report["drift"]["sequences"]["drift"] is False
    assert short.report["drift"]["sequences"]["drifted"] == ["length"]
    assert "drift" not in job(job_type).report  # there is no reference


@pytest.mark.parametrize("job_type", JOB_TYPES)
@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
def test_a_single_entity(job_type, job, arrays, write, tmp_path):
    options = {} if job_type == "training" else {"pipeline": job().directory / "pipeline.skops"}
    one = write(tmp_path / "one", {name: array[7:8] for name, array in arrays.items()})
    outputs = job(job_type, one, **options)
    assert "of 1 entities, in" in outputs.printed.out
    assert outputs.report["quality_metrics"]["overall_score"] is None
    json.loads((outputs.directory / "quality_report.json").read_text(), parse_constant=refuse)
    if options:
        assert outputs.report["drift"]["n_new"] == 1
        assert outputs.report["drift"]["drift"] is False


def test_unseen_categories_are_those_of_the_log(run, read, tmp_path):
    log = pd.DataFrame(
        {
            "customerId": np.arange(60) % 20,
            "orderDate": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(60), unit="h"),
            "amount": np.arange(60.0),
            "risk": 1.0 / np.arange(1, 61),
            "category": ["x", "z"] * 30,
        }
    )
    other = log.assign(category=["x", "y"] * 30)  # coded 1 and 2, as before
    outputs = {}
    options = ()
    for job_type, frame in (("training", log), ("validation", other)):
        frame.to_parquet(tmp_path / f"{job_type}.parquet")
        path = tmp_path / job_type
        assert (
            run("normalize", "--input", f"{path}.parquet", "--output", f"{path}_seqs").status == 0
        )
        arguments = ("--input", f"{path}_seqs", "--output", path, *options)
        assert run("features", "--job_type", job_type, *arguments).status == 0
        outputs[job_type] = read(path)
        options = ("--pipeline", path / "pipeline.skops")
    measured = outputs["validation"].report["sequences"]["categories"]["category"]
    assert measured == {"n_categories": 2, "n_unseen_events": 30, "unseen": ["y"]}
    np.testing.assert_array_equal(outputs["validation"].features, outputs["training"].features)


def test_the_saved_pipeline_serves_without_the_job(job, arrays):
    outputs = job()
    pipeline = load_pipeline(outputs.directory / "pipeline.skops")
    seqs = EventSequences.from_padded(
        arrays["numerical"][5:6, :, :3],
        arrays["numerical_attention_mask"][5:6],
        categorical=arrays["categorical"][5:6],
        categorical_mask=arrays["categorical_attention_mask"][5:6],
        fields=["amount", "risk", "delta"],
        categorical_fields=["category"],
        time_field="delta",
        time_encoding="delta",
    )
    np.testing.assert_array_equal(pipeline.transform(seqs), outputs.features[5:6])


@pytest.mark.parametrize(
    "settings",
    [
        {"ENABLE_DISTRIBUTED_PROCESSING": "true", "CHUNK_SIZE": "7", "MAX_WORKERS": "2"},
        {"ENABLE_DISTRIBUTED_PROCESSING": "true", "FEATURE_PARALLELISM": "false"},
        {"FEATURE_PARALLELISM": "false"},
        {"MAX_WORKERS": "2"},
        {"CACHE_INTERMEDIATE": "false"},
    ],
    ids=lambda settings: "-".join(settings),
)
def test_processing_settings_change_no_bit(settings, job, environment):
    reference = job()
    environment.setenv("CACHE_INTERMEDIATE", "false")
    for name, value in settings.items():
        environment.setenv(name, value)
    np.testing.assert_array_equal(job().features, reference.features)


def test_chunks_and_workers_are_those_of_the_settings(job, environment, monkeypatch):
    from sktemporal.features import TemporalFeatureUnion
    from sktemporal.jobs import feature_matrix

    seen = []
    block = feature_matrix._block

    def spy(union, sequences):
        from joblib import effective_n_jobs

        seen.append((len(sequences), effective_n_jobs(union.n_jobs)))
        return block(union, sequences)

    monkeypatch.setattr(feature_matrix, "_block", spy)
    assert isinstance(load_pipeline(job().directory / "pipeline.skops")[0], TemporalFeatureUnion)
    environment.setenv("CACHE_INTERMEDIATE", "false")
    seen.clear()
    environment.setenv("MAX_WORKERS", "3")
    job()
    assert seen == [(40, 3)]
    seen.clear()
    environment.setenv("FEATURE_PARALLELISM", "false")
    job()
    assert seen == [(40, 1)]
    seen.clear()
    environment.setenv("ENABLE_DISTRIBUTED_PROCESSING", "true")
    environment.setenv("CHUNK_SIZE", "15")
    job()
    assert [n for n, _ in seen] == [15, 15, 10]


def test_cache_serves_equal_runs_and_only_those(job, environment, tmp_path, monkeypatch):
    from sktemporal.jobs import feature_matrix

    computed = []
    block = feature_matrix._block
    monkeypatch.setattr(feature_matrix, "_block", lambda *a: computed.append(1) or block(*a))
    first = job()
    assert len(computed) == 1
    environment.setenv("MISSING_VALUE_THRESHOLD", "0.5")
    environment.setenv("OUTPUT_FORMAT", "csv")
    again = job(file_format="csv")
    assert len(computed) == 1
    np.testing.assert_array_equal(again.features, first.features)
    environment.setenv("LAG_FEATURES", "[3]")
    job(file_format="csv")
    assert len(computed) == 2
    assert any((tmp_path / "cache" / "sktemporal").iterdir())
    environment.setenv("CACHE_DIR", str(tmp_path / "elsewhere"))
    job(file_format="csv")
    assert len(computed) == 3
    assert any((tmp_path / "elsewhere").iterdir())


def test_feature_settings(job, environment):
    environment.setenv("FEATURE_TYPES", '["temporal"]')
    environment.setenv("WINDOW_SIZES", '[4, "90min"]')
    environment.setenv("AGGREGATION_FUNCTIONS", '["max"]')
    environment.setenv("LAG_FEATURES", "[0]")
    environment.setenv("EXPONENTIAL_SMOOTHING_ALPHA", "1")
    outputs = job()
    assert [n for n in outputs.names if n.startswith("window_")] == [
        f"window_{name}_{field}"
        for names in (("rolling_4_max", "rolling_90min_max"), ("lag_0",))
        for field in ("amount", "risk")
        for name in names
    ] + [
        f"window_{name}_{field}"
        for field in ("amount", "risk")
        for name in ("exp_smooth", "exp_smooth_std")
    ]
    assert outputs.names[0] == "generic_avg_time_delta"
    column = dict(zip(outputs.names, outputs.features.T, strict=True))
    # With alpha 1 the smoothed level is the last value.
    np.testing.assert_array_equal(column["window_exp_smooth_risk"], column["window_lag_0_risk"])


@pytest.mark.parametrize(("unit", "seconds"), [("hours", 3600), ("days", 86400)])
def test_windows_of_time(unit, seconds, job, arrays, environment):
    environment.setenv("WINDOW_KIND", "time")
    environment.setenv("TIME_UNIT", unit)
    environment.setenv("WINDOW_SIZES", "[2]")
    outputs = job()
    name = f"window_rolling_2{unit[0]}_count_risk"
    counts = outputs.features[:, outputs.names.index(name)]
    for i in range(1, 40):
        valid = arrays["numerical_attention_mask"][i].astype(bool)
        delta = np.nan_to_num(arrays["numerical"][i, valid, 2])
        age = np.cumsum(np.append(0.0, delta[:0:-1]))
        assert counts[i] == (age < 2 * seconds).sum()


def test_reference_delays_move_the_windows_of_time(job, sequences, environment):
    environment.setenv("WINDOW_SIZES", '["1d"]')
    before = job()
    np.save(sequences / "reference_delays.npy", np.full(40, 86400.0 * 2))
    after = job()
    j = before.names.index("window_rolling_1d_count_risk")
    assert (before.features[1:, j] > 0).all()
    assert (after.features[:, j] == 0).all()


def test_validation_settings(job, environment):
    environment.setenv("OUTLIER_DETECTION", "false")
    environment.setenv("CORRELATION_THRESHOLD", "1")
    environment.setenv("VARIANCE_THRESHOLD", "0")
    environment.setenv("MISSING_VALUE_THRESHOLD", "0")
    outputs = job()
    results = outputs.report["validation_results"]
    assert results["outliers"] == {}
    assert results["variance"]["low_variance_features"] == []
    assert "generic_mean_amount" in results["missing_values"]["problematic_features"]


def test_without_validation(job, environment):
    reference = job()
    environment.setenv("ENABLE_VALIDATION", "false")
    outputs = job()
    assert outputs.report["validation_results"] == {}
    assert outputs.report["validation_enabled"] is False
    np.testing.assert_array_equal(outputs.features, reference.features)
    assert not np.isnan(outputs.features).any()


def test_the_defaults_are_those_of_the_contract(job, arrays, write, tmp_path, environment):
    for name in ("VALUE_FIELDS", "CATEGORICAL_FIELDS", "WINDOW_SIZES", "LAG_FEATURES"):
        environment.delenv(name)
    arrays["categorical"] = np.repeat(arrays["categorical"], 3, axis=2)
    outputs = job(input_directory=write(tmp_path / "default", arrays))
    assert "generic_mean_transactionAmount" in outputs.names
    assert "window_rolling_7_mean_transactionAmount" in outputs.names
    assert "window_lag_30_merchantRiskScore" in outputs.names
    assert "generic_mode_freq_paymentMethod" in outputs.names


def test_without_masks_and_categories(job, sequences, environment):
    for name in ("categorical", "numerical_attention_mask", "categorical_attention_mask"):
        (sequences / f"{name}.npy").unlink()
    environment.setenv("CATEGORICAL_FIELDS", "[]")
    outputs = job()
    counts = outputs.features[:, outputs.names.index("generic_count_risk")]
    assert (counts == 9).all()  # without a mask every step is an event, the padding too


def test_value_fields_are_the_leading_columns(job, environment):
    both = job()
    environment.setenv("VALUE_FIELDS", '["amount"]')
    one = job()
    mine = [name for name in one.names if name in both.names and "consistency" not in name]
    for name in mine:
        np.testing.assert_array_equal(
            one.features[:, one.names.index(name)], both.features[:, both.names.index(name)]
        )
    assert not any(name.endswith("_risk") for name in one.names)


def test_another_format_takes_the_place_of_the_earlier(sequences, tmp_path, run, environment):
    output = tmp_path / "output"
    paths = ("--input", sequences, "--output", output)
    assert run("features", "--job_type", "training", *paths).status == 0
    environment.setenv("OUTPUT_FORMAT", "csv")
    pipeline = output / "pipeline.skops"
    result = run("features", "--job_type", "testing", *paths, "--pipeline", pipeline)
    assert result.status == 0, result.err
    assert {path.name for path in output.iterdir()} == {
        "features.csv",
        "feature_names.json",
        "feature_metadata.json",
        "quality_report.json",
        "pipeline.skops",
    }


def test_as_a_file(sequences, tmp_path, read):
    from sktemporal.jobs import temporal_feature_engineering

    command = [sys.executable, temporal_feature_engineering.__file__, "--job_type", "testing"]
    subprocess.run(
        [*command, "--input", sequences, "--output", tmp_path / "output"],
        check=True,
        capture_output=True,
    )
    assert read(tmp_path / "output").features.shape[0] == 40


@pytest.mark.parametrize("new", [True, False], ids=["new directory", "over an earlier output"])
def test_killed_at_any_moment(new, sequences, tmp_path, read, run):
    """Whatever is there after a kill is complete: nothing, the earlier output, or the new one."""
    output = tmp_path / "output"
    command = [sys.executable, "-m", "sktemporal", "features", "--job_type", "training"]
    command += ["--input", sequences, "--output", output]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    duration = time.perf_counter() - start
    complete = {path.name for path in output.iterdir()}
    for moment in (0.9, 1.0):  # about when the files are written and put in place
        if new:
            for path in output.iterdir() if output.exists() else ():
                path.unlink()
            output.rmdir() if output.exists() else None
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(duration * moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if output.exists() or not new:
            assert {path.name for path in output.iterdir()} == complete
            assert len(read(output).features) == 40


def test_progress_on_a_terminal(sequences, tmp_path):
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "sktemporal", "features", "--job_type", "testing"]
    subprocess.run(
        [*command, "--input", sequences, "--output", tmp_path / "output"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=follower,
    )
    os.close(follower)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while chunk := os.read(leader, 65536):
            shown += chunk
    os.close(leader)
    assert b"40/40" in shown


def test_report_is_strict_json(job):
    text = (job().directory / "quality_report.json").read_text()
    json.loads(text, parse_constant=refuse)


def test_the_output_is_not_the_input(sequences, run, environment):
    environment.setenv("OUTPUT_FORMAT", "csv")
    before = {path.name: path.read_bytes() for path in sequences.iterdir()}
    command = ("features", "--job_type", "training", "--input", sequences, "--output", sequences)
    result = run(*command)
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "the output directory must be another one than that of the input" in result.err
    assert {path.name: path.read_bytes() for path in sequences.iterdir()} == before


def test_a_relative_cache_is_in_the_working_directory(job, environment, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environment.setenv("CACHE_DIR", "of-mine")
    job()
    assert any((tmp_path / "of-mine").iterdir())
