"""``driftmill loglik``: the log density of each row of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftmill.commands.console import UserError, user_errors


def loglik(
    model: Annotated[str, typer.Argument(help="A model; `driftmill models` lists them.")],
    table: Annotated[
        Path,
        typer.Argument(
            help="CSV, TSV or Parquet: the response columns and one column a parameter.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write: CSV, TSV or Parquet.")
    ],
    likelihood: Annotated[
        str | None, typer.Option(help="Kind of likelihood; without it, the model's first.")
    ] = None,
) -> None:
    """Add a column `loglik`, the log density of each row's response under its parameters.

    For the ddm, for instance, the table has the columns rt, response, v, a, z and t. Other
    columns are kept.
    """
    with user_errors():
        import numpy as np

        from driftmill.commands.files import check_ending, numbers, read, refuse, write
        from driftmill.models import CATALOGUE
        from driftmill.study.problems import suggest

        check_ending(output)
        if model not in CATALOGUE:
            raise UserError(f"unknown model {model!r}: {suggest(model, CATALOGUE, 'models')}")
        found = CATALOGUE[model]
        kind = likelihood or next(iter(found.likelihoods))
        if kind not in found.likelihoods:
            known = suggest(kind, found.likelihoods, "kinds")
            raise UserError(f"{model} has no likelihood of the kind {kind!r}: {known}")
        frame = read(table)
        wanted = (*found.response_columns, *found.parameter_names)
        if missing := [name for name in wanted if name not in frame.columns]:
            columns = ", ".join(map(str, frame.columns))
            raise UserError(f"{table} lacks the columns {', '.join(missing)}; it has {columns}")
        values = {name: numbers(table, frame, name) for name in wanted}
        choices = ", ".join(map(str, found.choices))
        alien = ~np.isin(values["response"], found.choices)
        refuse(table, frame, "response", alien, f"is not one of the choices {choices} of {model}")
        for p in found.parameters:
            outside = ~((values[p.name] > p.lower) & (values[p.name] < p.upper))
            refuse(table, frame, p.name, outside, f"lies outside the support {p.support}")
        arrays = [values[name] for name in found.response_columns]
        arrays += [values[name] for name in found.parameter_names]
        density = found.likelihoods[kind](*arrays) if len(frame) else np.empty(0)
        frame["loglik"] = np.asarray(density, dtype=np.float64)
        write(output, frame)
    typer.echo(f"wrote {len(frame):,} rows to {output}")
