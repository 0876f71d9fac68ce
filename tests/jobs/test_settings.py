import pytest

from sktemporal.exceptions import InputError
from sktemporal.jobs import JobSettings, read_settings


def test_defaults_are_those_of_the_contract(environment):
    for name in JobSettings.model_fields:
        environment.delenv(name.upper(), raising=False)
    settings = read_settings()
    assert settings.sequence_grouping_field == "customerId"
    assert settings.timestamp_field == "orderDate"
    assert settings.value_fields == ("transactionAmount", "merchantRiskScore")
    assert settings.categorical_fields == ("merchantCategory", "paymentMethod")
    assert settings.feature_types == ("statistical", "temporal", "behavioral")
    assert settings.window_sizes == (7, 14, 30, 90)
    assert settings.aggregation_functions == ("mean", "sum", "std", "min", "max", "count")
    assert settings.lag_features == (1, 7, 14, 30)
    assert settings.exponential_smoothing_alpha == 0.3
    assert (settings.time_unit, settings.window_kind) == ("days", "events")
    assert (settings.input_format, settings.output_format) == ("numpy", "numpy")
    assert settings.enable_validation is True
    assert settings.missing_value_threshold == 0.95
    assert settings.correlation_threshold == 0.99
    assert settings.variance_threshold == 0.01
    assert settings.outlier_detection is True
    assert settings.enable_distributed_processing is False
    assert settings.chunk_size == 5000
    assert settings.max_workers == "auto"
    assert settings.feature_parallelism is True
    assert settings.cache_intermediate is True
    assert settings.windows == (7, 14, 30, 90)


def test_all_problems_in_one_line(environment):
    environment.setenv("WINDOW_SIZES", "oops")
    environment.setenv("CHUNK_SIZE", "-1")
    with pytest.raises(InputError) as error:
        read_settings()
    message = str(error.value)
    assert "WINDOW_SIZES: expected a JSON array" in message
    assert "CHUNK_SIZE" in message
    assert "'oops'" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("WINDOW_SIZES", "[true]", "not true"),
        ("WINDOW_SIZES", '["7 days"]', "7 days"),
        ("WINDOW_SIZES", "7", "JSON array"),
        ("WINDOW_SIZES", "[7, 7]", "occurs twice"),
        ("WINDOW_SIZES", '["7d", "7D"]', '"7D" and "7d" are one'),
        ("WINDOW_SIZES", '["7 days"]', "did you mean '7d'?"),
        ("VALUE_FIELDS", "[]", "at least 1"),
        ("VALUE_FIELDS", '[""]', "field names"),
        ("LAG_FEATURES", "[-1]", "not -1"),
        ("EXPONENTIAL_SMOOTHING_ALPHA", "0", "greater than 0"),
        ("TIME_UNIT", "weeks", "'days' or 'hours'"),
        ("TIME_UNIT", "ms", "TIMESTAMP_UNIT is that of times"),
        ("CORRELATION_THRESHOLD", "1.5", "less than or equal to 1"),
        ("SEQUENCE_GROUPING_FIELD", "", "at least 1 character"),
    ],
)
def test_problems(name, value, expected, environment):
    environment.setenv(name, value)
    with pytest.raises(InputError, match=f"^{name}: ") as error:
        read_settings()
    assert expected in str(error.value)


def test_a_window_that_its_unit_makes_too_long():
    assert read_settings(window_sizes=[10**14]).windows == (10**14,)
    with pytest.raises(InputError, match="WINDOW_SIZES: 100000000000000 is too long where"):
        read_settings(window_sizes=[7, 10**14], window_kind="time")


def test_one_window_of_time_is_not_taken_twice():
    assert read_settings(window_sizes=[7, "7d"]).windows == (7, "7d")
    with pytest.raises(InputError, match='WINDOW_SIZES: 7 and "1w" are one window where'):
        read_settings(window_kind="time", window_sizes=[7, "1w"], time_unit="days")


def test_windows_of_time():
    settings = read_settings(window_kind="time", window_sizes=[7, "36h"], time_unit="days")
    assert settings.windows == ("7d", "36h")


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("WINDOW_SIZE", "WINDOW_SIZES"),
        ("WINDOW_SIZSE", "WINDOW_SIZES"),
        ("WINDOWSIZES", "WINDOW_SIZES"),
        ("window_size", "WINDOW_SIZES"),
        ("CHUNK_SIZES", "CHUNK_SIZE"),
        ("MAX_WORKER", "MAX_WORKERS"),
        ("OUTPUT_FORMATS", "OUTPUT_FORMAT"),
        ("VALUE_FIELD", "VALUE_FIELDS"),
        ("AGREGATION_FUNCTIONS", "AGGREGATION_FUNCTIONS"),
        ("TIME_ZONES", "TIME_ZONE"),
        ("CSV_SEPERATOR", "CSV_SEPARATOR"),
    ],
)
def test_misspelt_variables(misspelt, meant, environment):
    environment.setenv(misspelt, "[3]")
    with pytest.raises(InputError, match=f"{misspelt}: no setting .* did you mean {meant}\\?"):
        read_settings()
    environment.setenv("ENABLE_VALIDATION", "maybe")  # not to be hidden by it
    assert read_settings(_env_prefix="OTHER_").chunk_size == 5000


@pytest.mark.parametrize(
    "name",
    ["TZ", "TIMEZONE", "LOG_FORMAT", "CCACHE_DIR", "UV_CACHE_DIR", "BATCH_SIZE", "WORKERS"]
    + ["PIP_CACHE_DIR", "TIMEFORMAT", "HISTTIMEFORMAT", "SM_OUTPUT_FORMAT", "XDG_CACHE_HOME"],
)
def test_variables_of_other_programs(name, environment):
    environment.setenv(name, "anything")
    assert read_settings().chunk_size == 5000


def test_settings_that_are_none():
    with pytest.raises(InputError, match=r"WINDOW_SIZE: .*not permitted"):
        read_settings(window_size=[3])


@pytest.mark.parametrize("value", ["[" * 100_000, "[" * 500 + "]" * 500, "[" + "9" * 5000 + "]"])
def test_deep_and_long_json(value, environment):
    environment.setenv("WINDOW_SIZES", value)
    with pytest.raises(InputError, match="WINDOW_SIZES: expected a JSON array") as error:
        read_settings()
    assert len(str(error.value)) < 400


def test_a_cache_directory_of_the_user(environment, tmp_path):
    environment.setenv("HOME", str(tmp_path))
    assert read_settings(cache_dir="~/cache").cache_dir == tmp_path / "cache"
    environment.setenv("CACHE_DIR", "")
    with pytest.raises(InputError, match="CACHE_DIR: expected the path of a directory"):
        read_settings()
