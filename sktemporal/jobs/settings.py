"""Settings of the jobs, from environment variables."""

import difflib
import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ..evaluation.statistics import DESCRIPTION, is_statistic
from ..exceptions import InputError
from ..io import LOG_FORMATS
from ..pipelines.register import FEATURE_TYPES
from ..sequences import did_you_mean, duration_in_microseconds

_LONGEST_SHOWN = 80  # characters of a value in a message
# Names so close to a setting's that they may be misspelt, at least by this ratio of difflib ...
_CLOSE = 0.88
# ... but for those that other programs are known by.
_OF_OTHERS = {"CACHEDIR", "CCACHE_DIR", "TIMEFORMAT", "TIMEZONE"}


def _list_of(valid, description, *, at_least=0, key=lambda item: item, ask_back=lambda item: ""):
    """Annotate a tuple that an environment variable gives as a JSON array."""

    def parsed(value):
        rule = f"expected a JSON array of distinct {description}"
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise ValueError(rule) from error
        if not isinstance(value, (list, tuple)):
            raise ValueError(rule)
        for i, item in enumerate(value):
            if not valid(item):
                question = ask_back(item)
                raise ValueError(
                    f"{rule}, not {_shortened(json.dumps(item))}{question and f' ({question})'}"
                )
            same = [json.dumps(other) for other in value[:i] if key(other) == key(item)]
            if same:
                again = json.dumps(item)
                twice = "occurs twice" if same[0] == again else f"and {same[0]} are one"
                raise ValueError(f"{rule}; {again} {twice}")
        if len(value) < at_least:
            raise ValueError(f"{rule}, at least {at_least}")
        return tuple(value)

    return Annotated[tuple[Any, ...], NoDecode, BeforeValidator(parsed)]


def _shortened(text):
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."


def _is_name(item):
    return isinstance(item, str) and item != ""


def _is_int(item, least):
    return type(item) is int and least <= item < 2**63


def _is_window(item):
    if not isinstance(item, str):
        return _is_int(item, 1)
    try:
        duration_in_microseconds(item)
    except ValueError:
        return False
    return True


def _length_of_window(window):
    return duration_in_microseconds(window) if isinstance(window, str) else ("events", window)


def _entity_columns(value):
    try:
        return tuple(json.loads(value)) if value.startswith("[") else (value,)
    except (ValueError, RecursionError):
        return (value,)


def _one_or_several(value):
    columns = _entity_columns(value)
    distinct = all(_is_name(name) for name in columns) and len(set(columns)) == len(columns)
    if columns != (value,) and not (distinct and len(columns) > 1):
        raise ValueError("expected a field name, or a JSON array of several distinct field names")
    return value


def _unit_of_windows(value):
    if value in ("s", "ms", "us", "ns"):
        raise ValueError(
            "expected 'days' or 'hours', the unit of windows; TIMESTAMP_UNIT is that of times"
        )
    return value


def _directory(value):
    if value == "":
        raise ValueError("expected the path of a directory")
    return Path(value).expanduser()


class JobSettings(BaseSettings):
    """Settings of the jobs; each is the environment variable of its name in capitals.

    Examples
    --------
    >>> from sktemporal.jobs import JobSettings
    >>> JobSettings(window_kind="time", window_sizes=[1, 7], time_unit="hours").windows
    ('1h', '7h')
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    sequence_grouping_field: Annotated[
        str, Field(min_length=1), AfterValidator(_one_or_several)
    ] = "customerId"
    """The field that names the entity; of a log also a JSON array of fields that do together."""
    timestamp_field: Annotated[str, Field(min_length=1)] = "orderDate"
    """The field that holds the time of an event."""
    value_fields: _list_of(_is_name, "field names", at_least=1) = (
        "transactionAmount",
        "merchantRiskScore",
    )
    """The leading numerical columns, in order."""
    categorical_fields: _list_of(_is_name, "field names") = ("merchantCategory", "paymentMethod")
    """The leading categorical columns, in order."""

    feature_types: _list_of(FEATURE_TYPES.__contains__, f"names from {list(FEATURE_TYPES)}") = (
        FEATURE_TYPES
    )
    """The kinds of generic features."""
    window_sizes: _list_of(
        _is_window,
        'positive integers or durations like "7d"',
        key=_length_of_window,
        ask_back=did_you_mean,
    ) = (7, 14, 30, 90)
    """The windows; numbers are events, or with window_kind "time" multiples of time_unit."""
    window_kind: Literal["events", "time"] = "events"
    """What windows given as bare numbers count."""
    time_unit: Annotated[Literal["days", "hours"], BeforeValidator(_unit_of_windows)] = "days"
    """The unit of windows given as bare numbers where window_kind is "time"."""
    aggregation_functions: _list_of(is_statistic, DESCRIPTION, at_least=1) = (
        "mean",
        "sum",
        "std",
        "min",
        "max",
        "count",
    )
    """The aggregations over each window."""
    lag_features: _list_of(lambda item: _is_int(item, 0), "non-negative integers") = (1, 7, 14, 30)
    """The lags."""
    exponential_smoothing_alpha: Annotated[float, Field(gt=0, le=1)] = 0.3
    """The weight of the newest value in exponential smoothing."""

    arrival_field: Annotated[str, Field(min_length=1)] | None = None
    """The field of an event log that holds when an event became known; none: when it happened."""
    label_time_field: Annotated[str, Field(min_length=1)] | None = None
    """The field of a file of labels that holds the moments; none: named as in the log."""
    unknown_entities: Literal["warn", "raise", "ignore"] = "warn"
    """What to do about entities of labels that are not in the log; none of them in it is an error
    unless it is "ignore"."""
    timestamp_unit: Literal["s", "ms", "us", "ns"] | None = None
    """What numbers that are times of an event log count since 1970; none: plausible seconds."""
    time_format: Annotated[str, Field(min_length=1)] | None = None
    """How times of an event log are written, as in strptime; none: ISO 8601."""
    time_zone: Annotated[str, Field(min_length=1)] | None = None
    """The zone of times without an offset, in an event log and in options; none: UTC."""
    ambiguous_times: Literal["raise", "earlier", "later"] = "raise"
    """What to do with times that clocks of the zone showed twice, or skipped."""
    events_format: Literal["auto", *LOG_FORMATS] = "auto"
    """The format of an event log; "auto": as the names of the files end."""
    events_encoding: str = "utf-8"
    """The encoding of an event log in CSV or JSON Lines."""
    csv_separator: str | None = None
    """What separates the cells of an event log in CSV; none: a comma, in .tsv files a tab."""
    csv_quote: str = '"'
    """What is around cells of an event log in CSV; empty: nothing is."""
    csv_decimal: str = "."
    """The decimal mark of an event log in CSV."""
    drop_missing_entity: bool = False
    """Leave out rows of an event log that name no entity, which are an error otherwise."""

    input_format: Literal["numpy", "parquet", "csv"] = "numpy"
    """The format of the normalized sequences."""
    output_format: Literal["numpy", "parquet", "csv"] = "numpy"
    """The format of the features."""

    enable_validation: bool = True
    """Whether to measure the quality of the features."""
    missing_value_threshold: Annotated[float, Field(ge=0, le=1)] = 0.95
    """A higher share of missing values is reported."""
    correlation_threshold: Annotated[float, Field(ge=0, le=1)] = 0.99
    """A higher absolute correlation of two features is reported."""
    variance_threshold: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.01
    """A lower variance is reported."""
    outlier_detection: bool = True
    """Whether to look for outliers."""

    enable_distributed_processing: bool = False
    """Work on chunks of entities in separate processes rather than in threads of one."""
    chunk_size: PositiveInt = 5000
    """Entities in a chunk, where processing is distributed."""
    max_workers: Literal["auto"] | PositiveInt = "auto"
    """Number of workers; "auto" is one a processor."""
    feature_parallelism: bool = True
    """Whether to use more than one worker at all."""
    cache_intermediate: bool = True
    """Keep computed features on disk and take them from there when a job is repeated."""
    cache_dir: Annotated[Path, BeforeValidator(_directory)] | None = None
    """Where to keep them, not in the output; none: a directory of the user's cache."""

    @property
    def entity_columns(self) -> tuple[str, ...]:
        """The columns of a log that name the entity."""
        return _entity_columns(self.sequence_grouping_field)

    def one_entity_column(self) -> str:
        """Return the column that names the entity, where there must be one alone."""
        if len(self.entity_columns) > 1:
            raise InputError(
                "SEQUENCE_GROUPING_FIELD: several columns name the entity only where features are "
                f"made straight from a log, --events; got {self.sequence_grouping_field}"
            )
        return self.sequence_grouping_field

    @property
    def windows(self) -> tuple[int | str, ...]:
        """The windows as `RollingWindowFeatures` takes them."""
        if self.window_kind == "events":
            return self.window_sizes
        unit = {"days": "d", "hours": "h"}[self.time_unit]
        return tuple(w if isinstance(w, str) else f"{w}{unit}" for w in self.window_sizes)

    @property
    def n_workers(self) -> int:
        """The number of workers as joblib takes it."""
        if not self.feature_parallelism:
            return 1
        return -1 if self.max_workers == "auto" else self.max_workers


def read_settings(**given: object) -> JobSettings:
    """Read the settings from the environment.

    Parameters
    ----------
    **given : dict
        Settings that take precedence over the environment.

    Returns
    -------
    settings : JobSettings

    Raises
    ------
    InputError
        If a variable cannot be used: one line for all of them, each with its name, the rule and
        the value. Or if one is nearly called like a setting, and is none.
    """
    if "_env_prefix" not in given:
        _check_spelling(os.environ)
    try:
        settings = JobSettings(**given)
    except ValidationError as error:
        problems = (
            f"{str(e['loc'][0]).upper()}: {e['msg'].removeprefix('Value error, ')}; "
            f"got {_shortened(repr(e['input']))}"
            for e in error.errors(include_url=False)
        )
        raise InputError("; ".join(dict.fromkeys(problems))) from error
    _check_windows(settings)
    return settings


def _check_windows(settings):
    """Refuse numbers that their unit makes too long, or the same as another window."""
    where = f"where WINDOW_KIND is 'time' and TIME_UNIT {settings.time_unit!r}"
    lengths = []
    for size, window in zip(settings.window_sizes, settings.windows, strict=True):
        try:
            length = _length_of_window(window)
        except ValueError as error:
            raise InputError(f"WINDOW_SIZES: {size} is too long {where}") from error
        if length in lengths:
            pair = json.dumps(settings.window_sizes[lengths.index(length)]), json.dumps(size)
            raise InputError(f"WINDOW_SIZES: {' and '.join(pair)} are one window {where}")
        lengths.append(length)


def _check_spelling(variables):
    """Refuse variables that are no settings, but nearly called like one."""
    names = [name.upper() for name in JobSettings.model_fields]
    problems = []
    for variable in sorted(variables):
        name = variable.upper()
        prefixed = any(name.endswith("_" + ours) for ours in names)  # as in SM_OUTPUT_FORMAT
        if name in names or name in _OF_OTHERS or prefixed:
            continue
        close = difflib.get_close_matches(name, names, 1, _CLOSE)
        if close:
            problems.append(f"{variable}: no setting is called so; did you mean {close[0]}?")
    if problems:
        raise InputError(" ".join(problems) + " (If it is another program's, unset it here.)")
