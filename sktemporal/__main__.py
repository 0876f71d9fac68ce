"""The command line: ``python -m sktemporal``."""

import typer

from .jobs import commands, demo

app = typer.Typer(
    add_completion=False,
    help="Features from event histories: normalize a log, compute features, see a demo, compile.",
)
app.command()(commands.normalize)
app.command()(commands.features)
app.command()(demo.demo)
app.command("compile")(commands.compile_kernels)


def main():
    """Run the command line."""
    commands.run(app)


if __name__ == "__main__":
    main()
