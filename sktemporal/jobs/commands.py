"""The jobs as commands, with one line for an error."""

import errno
import os
import signal
import sys
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from .. import _kernels
from ..exceptions import InputError
from . import log_options
from .log_rows import LogSource
from .normalization import normalize as run_normalization
from .settings import read_settings
from .temporal_feature_engineering import engineer_features

# typer exports only this subclass of it, in some versions from click, in some from its own copy.
_UsageError = typer.BadParameter.__base__

_INPUT = Path("/opt/ml/processing/input/normalized_sequences")
_OUTPUT = Path("/opt/ml/processing/output")


def path_option(*names, help):
    """Make an option that takes a path: none that is empty, which would be where one is."""

    def parsed(value):
        if not str(value).strip():  # a default comes as the Path that it is
            raise typer.BadParameter(f"expected a path; got an empty one, {value!r}")
        try:
            str(value).encode()  # Arrow opens no others
            os.lstat(value)
        except UnicodeEncodeError as error:
            raise typer.BadParameter(f"expected a path in UTF-8; got {value!r}") from error
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise typer.BadParameter(f"expected a shorter path; got {value!r}") from error
        return Path(value)

    return typer.Option(*names, help=help, parser=parsed, metavar="PATH")


def features(
    job_type: Annotated[
        Literal["training", "validation", "testing", "calibration"],
        typer.Option(
            "--job_type", help="Which data these are; training fits and saves a pipeline."
        ),
    ],
    input_directory: Annotated[
        Path | None,
        path_option("--input", help=f"Directory of normalized sequences; {_INPUT} by default."),
    ] = None,
    output_directory: Annotated[
        Path, path_option("--output", help="Directory for the features and the quality report.")
    ] = _OUTPUT,
    pipeline: Annotated[
        Path | None,
        path_option("--pipeline", help="The pipeline.skops of a training, for other data."),
    ] = None,
    events: Annotated[
        list[Path] | None,
        path_option(
            "--events",
            help="Instead of --input, an event log: a file (Parquet, CSV or JSON Lines), a "
            "directory of files, or a pattern; may be given more than once.",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        path_option(
            "--labels", help="Of the log: a file with the entity and the moment of each row wanted."
        ),
    ] = None,
    each_event: Annotated[
        bool,
        typer.Option(
            "--each-event", help="Of the log: a row for each event, with what came before it."
        ),
    ] = False,
    until: Annotated[
        str | None,
        typer.Option(help="Of the log: use only events before this moment, like 1998-01-01."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(help="Column of the labels, or of the log with --each-event, to report on."),
    ] = None,
    label_time_field: Annotated[
        str | None, typer.Option(help="Column of the labels that holds their moments.")
    ] = None,
    unknown_entities: log_options.UnknownEntities = None,
    arrival_field: log_options.ArrivalField = None,
    timestamp_unit: log_options.TimestampUnit = None,
    time_format: log_options.TimeFormat = None,
    time_zone: log_options.TimeZone = None,
    ambiguous_times: log_options.AmbiguousTimes = None,
    events_format: log_options.EventsFormat = None,
    events_encoding: log_options.EventsEncoding = None,
    csv_separator: log_options.CsvSeparator = None,
    csv_quote: log_options.CsvQuote = None,
    csv_decimal: log_options.CsvDecimal = None,
    drop_missing_entity: log_options.DropMissingEntity = None,
) -> None:
    """Compute features of normalized sequences, or of a log; environment variables are settings."""
    of_the_log = log_options.given(
        label_time_field=label_time_field,
        unknown_entities=unknown_entities,
        arrival_field=arrival_field,
        timestamp_unit=timestamp_unit,
        time_format=time_format,
        time_zone=time_zone,
        ambiguous_times=ambiguous_times,
        events_format=events_format,
        events_encoding=events_encoding,
        csv_separator=csv_separator,
        csv_quote=csv_quote,
        csv_decimal=csv_decimal,
        drop_missing_entity=drop_missing_entity,
    )
    if events:
        if input_directory is not None:
            raise InputError("--input, --events: one of them is the input; give that alone")
        source: LogSource | Path = LogSource(events, labels, each_event, until, target)
    else:
        rows = log_options.given(labels=labels, until=until, target=target, **of_the_log)
        for name in (*rows, *(["each_event"] if each_event else [])):
            raise InputError(f"--{name.replace('_', '-')}: needs an event log, --events")
        source = _INPUT if input_directory is None else input_directory
    tensors = engineer_features(
        job_type, read_settings(**of_the_log), source, output_directory, pipeline
    )
    n_rows, n_features = tensors.features.shape
    metrics = tensors.report["quality_metrics"]
    score = metrics.get("overall_score")  # undefined for a single entity
    quality = "" if score is None else f", quality {score:.2f} ({metrics['grade']})"
    rows = "rows" if labels is not None or each_event else "entities"
    print(
        f"{job_type}: {n_features} features of {n_rows} {rows}{quality}"
        f"{_said_of_dropped(tensors.n_dropped)}, in {output_directory}"
    )


def compile_kernels():
    """Compile all kernels, so that later processes need not: a step of building an image.

    They are kept in the directory that the environment variable NUMBA_CACHE_DIR names, or beside
    the package's sources, or in the user's cache. Later it need only be readable.
    """
    start = time.perf_counter()
    paths = _kernels.load_all()
    seconds = time.perf_counter() - start
    if None in paths:
        raise InputError(
            "there is no directory to keep compiled kernels in: neither the package's nor the "
            "user's cache can be written to (or read); name one in the environment variable "
            "NUMBA_CACHE_DIR"
        )
    print(f"{len(paths)} kernels in {', '.join(sorted(set(paths)))}, ready in {seconds:.1f} s")


def normalize(
    log: Annotated[
        list[Path],
        path_option(
            "--input",
            help="Event log: a file (Parquet, CSV or JSON Lines), a directory of files, or a "
            "pattern; may be given more than once.",
        ),
    ],
    output_directory: Annotated[
        Path, path_option("--output", help="Directory for the normalized sequences.")
    ] = _INPUT,
    length: Annotated[
        int, typer.Option(min=1, max=2**31 - 1, help="Steps: the latest events are kept.")
    ] = 51,
    until: Annotated[
        str | None, typer.Option(help="Use only events before this moment, like 1998-01-01.")
    ] = None,
    file_format: Annotated[
        Literal["numpy", "parquet", "csv"], typer.Option("--format", help="Of the files written.")
    ] = "numpy",
    arrival_field: log_options.ArrivalField = None,
    timestamp_unit: log_options.TimestampUnit = None,
    time_format: log_options.TimeFormat = None,
    time_zone: log_options.TimeZone = None,
    ambiguous_times: log_options.AmbiguousTimes = None,
    events_format: log_options.EventsFormat = None,
    events_encoding: log_options.EventsEncoding = None,
    csv_separator: log_options.CsvSeparator = None,
    csv_quote: log_options.CsvQuote = None,
    csv_decimal: log_options.CsvDecimal = None,
    drop_missing_entity: log_options.DropMissingEntity = None,
) -> None:
    """Make normalized sequences from a raw event log; environment variables name its columns."""
    of_the_log = log_options.given(
        arrival_field=arrival_field,
        timestamp_unit=timestamp_unit,
        time_format=time_format,
        time_zone=time_zone,
        ambiguous_times=ambiguous_times,
        events_format=events_format,
        events_encoding=events_encoding,
        csv_separator=csv_separator,
        csv_quote=csv_quote,
        csv_decimal=csv_decimal,
        drop_missing_entity=drop_missing_entity,
    )
    sequences = run_normalization(
        log,
        output_directory,
        read_settings(**of_the_log),
        length=length,
        until=until,
        file_format=file_format,
    )
    n_entities, n_steps, _ = sequences.numerical.shape
    mask: Any = sequences.numerical_mask  # there is one
    n_events = int(mask.sum())
    print(
        f"normalized {n_events} events of {n_entities} entities to {n_steps} steps"
        f"{_said_of_truncated(sequences.metadata['truncated_entities'], n_steps)}"
        f"{_said_of_dropped(sequences.metadata['dropped_events'])}, in {output_directory}"
    )


def _said_of_dropped(n_events):
    return f" ({n_events} events without an entity were left out)" if n_events else ""


def _said_of_truncated(n_entities, n_steps):
    if n_entities == 0:
        return ""
    return f" ({n_entities} entities have more events than --length {n_steps}; the latest are kept)"


def run(app):
    """Run commands; an error of the user's is one line and exit status 1, not a traceback.

    SIGTERM and SIGINT end it in order, with nothing half-written left, and the exit status
    128 + the number of the signal.

    Parameters
    ----------
    app : typer.Typer
    """
    warnings.showwarning = _one_line
    try:
        with _ended_by_signals():
            sys.exit(app(standalone_mode=False))
    except InputError as error:
        message = str(error)
    except MemoryError as error:
        message = f"out of memory: {error}"
    except _UsageError as error:
        message = f"{error.format_message()} (see --help)"
    print("sktemporal:", " ".join(message.split()), file=sys.stderr)
    sys.exit(1)


@contextmanager
def _ended_by_signals():
    """Let signals raise SystemExit, so that what is open is closed; one is enough."""
    numbers = signal.SIGTERM, signal.SIGINT
    ended = False

    def end(number, frame):
        nonlocal ended
        ended = True
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        print(f"sktemporal: ended by {signal.Signals(number).name}", file=sys.stderr)
        sys.exit(128 + number)

    before = [signal.signal(number, end) for number in numbers]
    try:
        yield
    finally:
        if not ended:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)


def _one_line(message, category, filename, lineno, file=None, line=None):
    print(f"sktemporal: warning: {message}", file=sys.stderr)
