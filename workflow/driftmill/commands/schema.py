"""``driftmill schema``: the JSON schema of a study file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftmill.commands.console import user_errors


def schema(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; without it, print.")
    ] = None,
) -> None:
    """Print the JSON schema of a study file, by which editors complete and check it."""
    with user_errors():
        from driftmill.store.atomic import write_text
        from driftmill.study.schema import schema_text

        if output is None:
            typer.echo(schema_text(), nl=False)
        else:
            write_text(output, schema_text())
