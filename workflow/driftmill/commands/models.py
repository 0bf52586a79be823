"""``driftmill models``: the catalogue."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from driftmill.commands.console import UserError, console, user_errors


def models(
    name: Annotated[
        str | None, typer.Argument(help="One model, to be shown with its equation and source.")
    ] = None,
) -> None:
    """List the models with their parameters, supports and default priors."""
    with user_errors():
        from driftmill.models import CATALOGUE

        if name is not None and name not in CATALOGUE:
            from driftmill.study.problems import suggest

            raise UserError(f"unknown model {name!r}: {suggest(name, CATALOGUE, 'models')}")
    chosen = list(CATALOGUE.values()) if name is None else [CATALOGUE[name]]
    table = Table("model", "parameter", "support", "default prior", "meaning")
    for column in table.columns:
        column.overflow = "fold"
    for model in chosen:
        for i, parameter in enumerate(model.parameters):
            table.add_row(
                model.name if i == 0 else "",
                parameter.name,
                parameter.support,
                str(parameter.prior),
                parameter.description,
            )
        table.add_section()
    console().print(table)
    for model in chosen:
        columns = " and ".join(model.response_columns)
        choices = ", ".join(map(str, model.choices))
        kinds = ", ".join(model.likelihoods)
        typer.echo(f"{model.name}: {model.title}. Data: {columns}, responses {choices}; {kinds}.")
        if name is not None:
            typer.echo(f"    {model.equation}\n    {model.reference}")
