"""``driftmill check``: whether a study is fit to be run."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from driftmill.commands.console import console, program_root, project_root, user_errors

StudyArgument = Annotated[
    str, typer.Argument(help="A study file, or the name of one in config/studies.", metavar="STUDY")
]
TrustOption = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Run the Python files that the study names under `models`; config/config.yaml may "
        "say so for all (`trust: true`).",
    ),
]


def check(study: StudyArgument, trust: TrustOption = False) -> None:
    """Check a study file: its keys, models, parameters, priors, and every row of its data.

    All problems are told at once, each with its place in the file, the value found there and
    what would be right. Models of your own are put to the test: gradients, mass, simulator.
    Nothing is run. Exit code 1 when there are problems.
    """
    with user_errors():
        from driftmill.study.examine import examine
        from driftmill.study.load import find_study
        from driftmill.study.trust import trust_given

        path = find_study(study, project_root())
        checked = examine(path, thorough=True, trust=trust_given(trust, program_root()))

        from driftmill.study.expand import expand
        from driftmill.study.model_files import registered
        from driftmill.study.models import model_name
        from driftmill.study.observed import count_left_out, count_unscored
        from driftmill.study.plan import sizes_of_datasets
        from driftmill.study.types import ObservedCell

        sizes = sizes_of_datasets(expand(checked))
    unscored = {c.name: count_unscored(c) for c in checked.data if isinstance(c, ObservedCell)}
    more = ["not scored"] if any(unscored.values()) else []
    headings = ["cell", "data", "datasets", "trials", "left out", *more]
    table = Table(*headings, title=f"study {checked.study}")
    for cell in checked.data:
        if isinstance(cell, ObservedCell):
            source, left_out = escape(cell.path), f"{count_left_out(cell):,}"
        else:
            source, left_out = f"simulated by {model_name(cell.model)}", ""
        counts = [size.trials for size in sizes[cell.name]]
        row = [cell.name, source, f"{len(counts):,}", f"{sum(counts):,}", left_out]
        table.add_row(*row, *([f"{unscored.get(cell.name, 0):,}"] if more else []))
    console().print(table)
    for file, items in registered().items():
        typer.echo(f"{file}: {', '.join(item.name for item in items)}; all keep the protocol")
    fits = ", ".join(f"{fit.name} ({model_name(fit.model)})" for fit in checked.fits)
    typer.echo(f"fits: {fits}\n{path}: no problems found")
