"""Input that cannot be used: one line, exit status 1, and the earlier output as it was."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

BROKEN = {}


def broken(*expected, file_format="numpy"):
    """Register a way to break the input, and what the message must say."""

    def register(function):
        BROKEN[function.__name__] = (function, expected, file_format)
        return function

    return register


def change(directory, name, edit):
    path = directory / f"{name}.npy"
    np.save(path, edit(np.load(path)))


def change_metadata(directory, edit):
    path = directory / "metadata.json"
    metadata = json.loads(path.read_text())
    edit(metadata)
    path.write_text(json.dumps(metadata))


@broken("numerical.npy", "missing")
def missing_numerical(directory, env):
    (directory / "numerical.npy").unlink()


@broken("categorical.npy", "missing")
def missing_categorical(directory, env):
    (directory / "categorical.npy").unlink()


@broken("metadata.json", "found none")
def missing_metadata(directory, env):
    (directory / "metadata.json").unlink()


@broken("metadata.json", "expected JSON")
def broken_metadata(directory, env):
    (directory / "metadata.json").write_text('{"shapes": ')


@broken("metadata.json", "JSON object", "list")
def metadata_of_another_type(directory, env):
    (directory / "metadata.json").write_text("[1, 2]")


@broken("metadata.json", "shapes.numerical", "null")
def metadata_without_shapes(directory, env):
    (directory / "metadata.json").write_text("{}")


@broken("metadata.json", "shapes.numerical", "-1")
def metadata_with_nonsense_shapes(directory, env):
    change_metadata(directory, lambda m: m["shapes"].update(numerical=[40, -1, 4]))


@broken("metadata.json", "expected JSON", "recursion")
def deep_metadata(directory, env):
    (directory / "metadata.json").write_text("[" * 100_000)


@broken("metadata.json", "shapes.numerical", "18446744073709551656")
def shapes_that_wrap(directory, env):
    change_metadata(directory, lambda m: m["shapes"].update(numerical=[40, 9, 2**64 + 40]))


@broken("metadata.json", "shapes.numerical", file_format="parquet")
def shapes_that_wrap_to_the_right_size(directory, env):
    shape = [40, 2**30, 2**30 * 3]
    change_metadata(directory, lambda m: m["shapes"].update(numerical=shape))


@broken("metadata.json", "at least one step", file_format="csv")
def no_step(directory, env):
    change_metadata(directory, lambda m: m["shapes"].update(numerical=[10**12, 0, 4]))


@broken("entity_ids.npy", "text or numbers", "|S1")
def binary_ids(directory, env):
    np.save(directory / "entity_ids.npy", np.array([b"a"] * 40))


@broken("entity_ids.parquet", "text or numbers", "binary", file_format="parquet")
def binary_ids_in_parquet(directory, env):
    pd.DataFrame({"id": [b"a"] * 40}).to_parquet(directory / "entity_ids.parquet")


@broken("reference_delays", "64-bit", "entity 3", "1e+300")
def delays_that_are_too_large(directory, env):
    delays = np.zeros(40)
    delays[3] = 1e300
    np.save(directory / "reference_delays.npy", delays)


@broken("reference_delays", "64-bit", "entity 0")
def delays_that_are_just_too_large(directory, env):
    np.save(directory / "reference_delays.npy", np.full(40, 9223372036854.0))


@broken("CACHE_DIR", "not be in the output directory")
def cache_in_the_output(directory, env):
    env.setenv("CACHE_DIR", str(directory.parent / "output" / "cache"))


@broken("CACHE_DIR", "it is a file")
def cache_that_is_a_file(directory, env):
    env.setenv("CACHE_DIR", str(directory / "metadata.json"))


@broken("CACHE_DIR", "metadata.json")
def cache_below_a_file(directory, env):
    env.setenv("CACHE_DIR", str(directory / "metadata.json" / "cache"))


@broken("WINDOW_SIZE:", "did you mean WINDOW_SIZES")
def misspelt_variable(directory, env):
    env.setenv("WINDOW_SIZE", "[3]")


@broken("directory of normalized sequences")
def missing_directory(directory, env):
    for path in directory.iterdir():
        path.unlink()
    directory.rmdir()


@broken("numerical.npy", "[40, 9, 4]", "[40, 9, 3]")
def wrong_shape(directory, env):
    change(directory, "numerical", lambda a: a[:, :, :3])


@broken("numerical.npy", "40 entities", "(39, 9, 4)")
def wrong_number_of_entities(directory, env):
    change(directory, "numerical", lambda a: a[:-1])


@broken("numerical [40, 9, 4]", "categorical [40, 8, 1]")
def steps_do_not_match(directory, env):
    change(directory, "categorical", lambda a: a[:, :-1])
    change_metadata(directory, lambda m: m["shapes"].update(categorical=[40, 8, 1]))


@broken("numerical_attention_mask.npy", "[40, 9]", "[40, 8]")
def mask_does_not_match(directory, env):
    change(directory, "numerical_attention_mask", lambda a: a[:, 1:])


@broken("categorical_attention_mask.npy", "[40, 9]")
def categorical_mask_does_not_match(directory, env):
    change(directory, "categorical_attention_mask", lambda a: a[:, 1:])


@broken("mask", "NaN")
def mask_with_nan(directory, env):
    change(directory, "numerical_attention_mask", lambda a: np.where(a, 1.0, np.nan))


@broken("numerical.npy", "no objects")
def object_array(directory, env):
    change_ = np.load(directory / "numerical.npy").astype(object)
    np.save(directory / "numerical.npy", change_, allow_pickle=True)


@broken("numerical.npy", "expected numbers", "<U32")
def text_array(directory, env):
    change(directory, "numerical", lambda a: a.astype(str))


@broken("numerical.npy", "numpy array")
def truncated_array(directory, env):
    path = directory / "numerical.npy"
    path.write_bytes(path.read_bytes()[:-1000])


@broken("numerical.npy", "numpy array")
def empty_file(directory, env):
    (directory / "numerical.npy").write_bytes(b"")


@broken("infinity", "entity 7", "'risk'")
def infinity(directory, env):
    def edit(a):
        a[7, -1, 1] = -np.inf
        return a

    change(directory, "numerical", edit)


@broken("infinity", "interval")
def infinite_interval(directory, env):
    def edit(a):
        a[7, -1, 2] = np.inf
        return a

    change(directory, "numerical", edit)


@broken("metadata.json", "categories", "a list for each of ['category']")
def categories_of_another_field(directory, env):
    change_metadata(directory, lambda m: m.update(categories={"shop": ["a", "b", "c"]}))


@broken("metadata.json", "categories", "a list for each of ['category']")
def categories_that_are_no_lists(directory, env):
    change_metadata(directory, lambda m: m.update(categories={"category": 3}))


@broken("metadata.json", "the largest code, which is 3; found 2")
def fewer_categories_than_codes(directory, env):
    change_metadata(directory, lambda m: m.update(categories={"category": ["a", "b"]}))


@broken("categorical", "integers", "1.5")
def fractional_codes(directory, env):
    change(directory, "categorical", lambda a: np.where(a == 1, 1.5, a))


@broken("at least one entity")
def no_entity(directory, env):
    for path in directory.glob("*.npy"):
        np.save(path, np.load(path)[:0])
    change_metadata(
        directory, lambda m: m.update(shapes={"numerical": [0, 9, 4], "categorical": [0, 9, 1]})
    )


@broken("numerical.csv", "'oops'", "row 3, column 5", file_format="csv")
def text_in_csv(directory, env):
    path = directory / "numerical.csv"
    frame = pd.read_csv(path).astype(object)
    frame.iloc[3, 5] = "oops"
    frame.to_csv(path, index=False)


@broken("numerical.csv", "found 38", file_format="csv")
def rows_missing_in_csv(directory, env):
    path = directory / "numerical.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-2]))


@broken("numerical.csv", "Empty CSV file", file_format="csv")
def empty_csv(directory, env):
    (directory / "numerical.csv").write_text("")


@broken("numerical.csv", "CSV", file_format="csv")
def ragged_csv(directory, env):
    path = directory / "numerical.csv"
    lines = path.read_text().splitlines()
    lines[4] += ",1,2,3"
    path.write_text("\n".join(lines))


@broken("numerical.parquet", "Parquet", file_format="parquet")
def corrupt_parquet(directory, env):
    path = directory / "numerical.parquet"
    path.write_bytes(path.read_bytes()[:200] + b"garbage")


@broken("numerical.parquet", "expected numbers", file_format="parquet")
def text_in_parquet(directory, env):
    path = directory / "numerical.parquet"
    pd.read_parquet(path).astype(str).to_parquet(path)


@broken("numerical.parquet", "[40, 9, 4]", file_format="parquet")
def columns_missing_in_parquet(directory, env):
    path = directory / "numerical.parquet"
    pd.read_parquet(path).iloc[:, :-1].to_parquet(path)


@broken("VALUE_FIELDS", "names 3 fields", "2 value columns")
def more_names_than_columns(directory, env):
    env.setenv("VALUE_FIELDS", '["a", "b", "c"]')


@broken("CATEGORICAL_FIELDS", "names 2 fields", "1 columns")
def more_categorical_names_than_columns(directory, env):
    env.setenv("CATEGORICAL_FIELDS", '["a", "b"]')


@broken("VALUE_FIELDS", "one name", "generic_min_time_delta")
def a_name_that_makes_two_features_of_one_name(directory, env):
    env.setenv("VALUE_FIELDS", '["amount", "time_delta"]')


@broken("WINDOW_SIZES", "JSON array", "'[7, 14'")
def broken_json_in_a_variable(directory, env):
    env.setenv("WINDOW_SIZES", "[7, 14")


@broken("VALUE_FIELDS", "distinct", '"a" occurs twice')
def repeated_names(directory, env):
    env.setenv("VALUE_FIELDS", '["a", "a"]')


@broken("WINDOW_SIZES", "positive", "-3")
def negative_window(directory, env):
    env.setenv("WINDOW_SIZES", "[7, -3]")


@broken("EXPONENTIAL_SMOOTHING_ALPHA", "less than or equal to 1", "'2'")
def alpha_of_2(directory, env):
    env.setenv("EXPONENTIAL_SMOOTHING_ALPHA", "2")


@broken("AGGREGATION_FUNCTIONS", "mean", "mode")
def unknown_aggregation(directory, env):
    env.setenv("AGGREGATION_FUNCTIONS", '["mean", "mode"]')


@broken("FEATURE_TYPES", "statistical", "spectral")
def unknown_feature_type(directory, env):
    env.setenv("FEATURE_TYPES", '["spectral"]')


@broken("LAG_FEATURES", "1.5")
def fractional_lag(directory, env):
    env.setenv("LAG_FEATURES", "[1.5]")


@broken("OUTPUT_FORMAT", "'csv'", "xml")
def unknown_format(directory, env):
    env.setenv("OUTPUT_FORMAT", "xml")


@broken("MISSING_VALUE_THRESHOLD", "nan")
def threshold_not_a_number(directory, env):
    env.setenv("MISSING_VALUE_THRESHOLD", "nan")


@broken("MAX_WORKERS", "auto", "'0'")
def no_workers(directory, env):
    env.setenv("MAX_WORKERS", "0")


@broken("CHUNK_SIZE", "greater than 0")
def empty_chunks(directory, env):
    env.setenv("CHUNK_SIZE", "0")


@broken("ENABLE_VALIDATION", "boolean", "maybe")
def not_a_boolean(directory, env):
    env.setenv("ENABLE_VALIDATION", "maybe")


@broken("durations", "event times")
def windows_of_time_over_scaled_intervals(directory, env):
    change(directory, "numerical", lambda a: a - 5000.0)
    env.setenv("WINDOW_KIND", "time")


@broken("beyond the range of float32", "sum")
def beyond_float32(directory, env):
    def edit(a):
        a[:, -2:, 0] = 3e38
        return a

    change(directory, "numerical", edit)


@pytest.fixture
def earlier_output(tmp_path, sequences, run):
    directory = tmp_path / "output"
    assert run("features", "--job_type", "training", *_paths(sequences, directory)).status == 0
    return directory


def _paths(sequences, output):
    return "--input", sequences, "--output", output


def _contents(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.mark.parametrize("name", BROKEN)
def test_one_line_and_the_earlier_output_is_left(
    name, tmp_path, arrays, write, run, earlier_output, environment
):
    break_it, expected, file_format = BROKEN[name]
    directory = write(tmp_path / "broken", arrays, file_format)
    environment.setenv("INPUT_FORMAT", file_format)
    break_it(directory, environment)
    before = _contents(earlier_output)

    result = run("features", "--job_type", "training", *_paths(directory, earlier_output))

    assert result.status == 1
    lines = [line for line in result.err.splitlines() if "warning" not in line]
    assert len(lines) == 1, result.err
    for fragment in expected:
        assert fragment in lines[0]
    assert _contents(earlier_output) == before
    assert {path.name for path in tmp_path.iterdir()} <= {
        "broken",
        "cache",
        "output",
        "sequences",
    }, "something half-written was left behind"


def test_there_are_enough_broken_inputs():
    assert len(BROKEN) >= 40


@pytest.mark.parametrize("make_unwritable", ["a file", "below a file"])
def test_output_that_cannot_be_written(make_unwritable, tmp_path, sequences, run):
    (tmp_path / "file").write_text("precious")
    target = tmp_path / "file"
    if make_unwritable == "below a file":
        target = target / "output"
    result = run("features", "--job_type", "training", *_paths(sequences, target))
    assert result.status == 1
    assert str(tmp_path / "file") in result.err
    assert result.err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["features"], "--job_type"),
        (["features", "--job_type", "training", "--bogus"], "--bogus"),
        (["features", "--job_type", "trainin"], "calibration"),
        (["features", "--job_type", "training", "--pipeline", "p.skops"], "--pipeline"),
        (["features", "--job_type", "testing", "--pipeline", "nowhere.skops"], "nowhere.skops"),
        (["unknown"], "unknown"),
        ([], "Missing command"),
    ],
)
def test_wrong_arguments(arguments, expected, run):
    result = run(*arguments)
    assert result.status == 1
    assert result.err.count("\n") == 1
    assert expected in result.err


def test_a_pipeline_of_other_fields_is_refused(sequences, earlier_output, run, environment):
    environment.setenv("VALUE_FIELDS", '["risk", "amount"]')
    result = run(
        "features",
        "--job_type",
        "validation",
        *_paths(sequences, earlier_output.parent / "other"),
        "--pipeline",
        earlier_output / "pipeline.skops",
    )
    assert result.status == 1
    assert "VALUE_FIELDS: the pipeline was fitted on ['amount', 'risk']" in result.err
    assert not (earlier_output.parent / "other").exists()


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04 nor this"])
def test_a_file_that_is_no_pipeline(content, tmp_path, sequences, run):
    path = tmp_path / "pipeline.skops"
    path.write_bytes(content)
    result = run(
        "features",
        "--job_type",
        "testing",
        *_paths(sequences, tmp_path / "output"),
        "--pipeline",
        path,
    )
    assert result.status == 1
    assert result.err.count("\n") == 1
    assert str(path) in result.err


def test_no_traceback_in_a_process_of_its_own(tmp_path):
    command = [sys.executable, "-m", "sktemporal", "features", "--job_type", "training"]
    result = subprocess.run(
        [*command, "--input", tmp_path / "nowhere", "--output", tmp_path / "output"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "nowhere" in result.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "cache"] or not list(tmp_path.iterdir())
