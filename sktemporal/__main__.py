"""The command line: ``python -m sktemporal``."""

from typing import Annotated

import typer

from . import __version__
from .jobs import commands, demo

app = typer.Typer(
    add_completion=False,
    help="Features from event histories: normalize a log, compute features, see a demo, compile.",
)
app.command()(commands.normalize)
app.command()(commands.features)
app.command()(demo.demo)
app.command("compile")(commands.compile_kernels)


def _print_version(wanted):
    if wanted:
        print(f"sktemporal {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Take what stands before the command."""


def main():
    """Run the command line."""
    commands.run(app)


if __name__ == "__main__":
    main()
