"""The command line: ``driftmill check``, ``plan``, ``models``, ``loglik``, ``simulate``, ..."""

from __future__ import annotations

from typing import Annotated

import typer

from driftmill import __version__
from driftmill.commands.check import check
from driftmill.commands.compare_studies import compare_studies
from driftmill.commands.loglik import loglik
from driftmill.commands.models import models
from driftmill.commands.plan import plan
from driftmill.commands.predict import predict
from driftmill.commands.schema import schema
from driftmill.commands.simulate import simulate
from driftmill.commands.status import status

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"driftmill {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Batch studies of cognitive models: simulate, fit, compare, recover, report.

    A study is one YAML file (see config/README.md). Check it with `driftmill check`, see what
    it costs with `driftmill plan`, run it with `snakemake --cores 2 --config study=NAME`, and
    see how far it is with `driftmill status`.
    """


for command in (check, plan, status, models, loglik, simulate, predict, compare_studies, schema):
    app.command()(command)


if __name__ == "__main__":
    app()
