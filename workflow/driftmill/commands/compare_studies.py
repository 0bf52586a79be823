"""``driftmill compare-studies``: in what two finished studies differ."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from driftmill.commands.console import UserError, console, user_errors

if TYPE_CHECKING:
    from driftmill.study.inputs_apart import Input
    from driftmill.study.numbers_apart import Number
    from driftmill.study.results import Results

FolderArgument = Annotated[
    str, typer.Argument(help="A results folder, or the name of one under results.")
]


def compare_studies(
    a: FolderArgument,
    b: FolderArgument,
    results: Annotated[
        Path, typer.Option(help="Folder of all studies' results, for names.")
    ] = Path("results"),
    every: Annotated[
        bool, typer.Option("--all", help="Print every number, not only those that differ clearly.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all as JSON.")] = False,
) -> None:
    """List what differs between two finished studies: inputs, and headline numbers.

    Inputs are the study files as they were understood, seeds, versions and the descriptions of the
    fits. Numbers are gate counts, bias, RMSE, coverage and contraction, elpd and its differences,
    and confusion matrices. A change is clear when it exceeds two of its standard errors; where both
    studies have the same data, these are of paired differences. Nothing is run.
    """
    with user_errors():
        from driftmill.study.inputs_apart import inputs_apart
        from driftmill.study.numbers_apart import numbers_apart
        from driftmill.study.results import NoResultsError, open_results

        try:
            one, two = open_results(a, results), open_results(b, results)
            inputs, numbers = inputs_apart(one, two), numbers_apart(one, two)
        except NoResultsError as error:
            raise UserError(str(error)) from error
    if as_json:
        typer.echo(json.dumps(_plain(one, two, inputs, numbers), indent=2))
    else:
        _print(one, two, inputs, numbers, every)


def _print(
    one: Results, two: Results, inputs: list[Input], numbers: list[Number], every: bool
) -> None:
    out = console()
    heads = [f"{name}: {escape(str(each.folder))}" for name, each in (("A", one), ("B", two))]
    if inputs:
        table = Table("input", *heads, title="what differs in the inputs")
        for row in inputs:
            table.add_row(escape(row.what), escape(row.a), escape(row.b))
        out.print(table)
    else:
        typer.echo("the inputs are the same")
    shown = numbers if every else [number for number in numbers if number.clear]
    if shown:
        columns = ["cell", "fit", "of", "number", "A", "B", "B - A", "± se", ""]
        title = "headline numbers" if every else "headline numbers that differ clearly"
        table = Table(*columns, title=title)
        for column in table.columns[4:8]:
            column.justify = "right"
        for number in shown:
            values = (number.a, number.b, number.change, number.error)
            mark = ("*" if number.clear else "") + (" paired" if number.paired else "")
            where = (number.cell, number.fit, number.of, number.quantity)
            table.add_row(*map(escape, where), *map(_number, values), mark.strip())
        out.print(table)
    differ = sum(number.differs for number in numbers)
    clear = sum(number.clear for number in numbers)
    typer.echo(
        f"{len(numbers)} headline numbers: {len(numbers) - differ} are the same, {clear} differ "
        f"clearly (by more than two standard errors, or without one), {differ - clear} by less"
    )


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4g}"


def _plain(
    one: Results, two: Results, inputs: list[Input], numbers: list[Number]
) -> dict[str, Any]:
    """Return everything as plain values; what is unknown is null."""

    def known(value: object) -> object:
        return None if isinstance(value, float) and not math.isfinite(value) else value

    told = [
        {name: known(value) for name, value in vars(number).items()}
        | {"change": known(number.change), "clear": number.clear}
        for number in numbers
    ]
    names = ("study", "study_hash")
    return {
        **{
            key: {"folder": str(each.folder)} | {n: each.provenance.get(n) for n in names}
            for key, each in (("a", one), ("b", two))
        },
        "inputs": [vars(row) for row in inputs],
        "numbers": told,
    }
