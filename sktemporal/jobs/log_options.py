"""Options of the commands that read event logs; each goes before the setting of its name."""

from typing import Annotated, Literal

import typer

from ..io import LOG_FORMATS

ArrivalField = Annotated[
    str | None, typer.Option(help="Column that holds when an event became known.")
]
UnknownEntities = Annotated[
    Literal["warn", "raise", "ignore"] | None,
    typer.Option(help="Of the labels: what to do about entities that the log has not."),
]
TimestampUnit = Annotated[
    Literal["s", "ms", "us", "ns"] | None,
    typer.Option(
        "--timestamp-unit", "--time-unit", help="Of times that are numbers; s by default."
    ),
]
TimeFormat = Annotated[
    str | None, typer.Option(help="Of times, like %d/%m/%Y; ISO 8601 by default.")
]
TimeZone = Annotated[
    str | None, typer.Option(help="Of times without an offset, like Europe/Berlin; UTC by default.")
]
AmbiguousTimes = Annotated[
    Literal["raise", "earlier", "later"] | None,
    typer.Option(help="What becomes of times that clocks showed twice or skipped."),
]
EventsFormat = Annotated[
    Literal["auto", *LOG_FORMATS] | None,
    typer.Option(help="Of the log; auto, the default, is as its files' names end."),
]
EventsEncoding = Annotated[
    str | None, typer.Option(help="Of a log in CSV or JSON Lines; utf-8 by default.")
]
CsvSeparator = Annotated[
    str | None, typer.Option(help="Between cells; a comma, or a tab in .tsv files, by default.")
]
CsvQuote = Annotated[
    str | None, typer.Option(help='Around cells; " by default, empty for no quotes.')
]
CsvDecimal = Annotated[str | None, typer.Option(help="The decimal mark; a point by default.")]
DropMissingEntity = Annotated[
    bool | None,
    typer.Option("--drop-missing-entity", help="Leave out rows of the log without an entity."),
]


def given(**options):
    """Those of some options that were given."""
    return {name: value for name, value in options.items() if value is not None}
