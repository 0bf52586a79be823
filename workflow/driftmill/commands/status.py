"""``driftmill status``: how far a study is, at any time, without touching it."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftmill.commands.check import StudyArgument
from driftmill.commands.console import UserError, console, project_root, user_errors

if TYPE_CHECKING:
    from rich.console import Group

    from driftmill.study.expand import Plan
    from driftmill.study.progress import Observer


def status(
    study: StudyArgument,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")
    ] = False,
    every: Annotated[
        float, typer.Option(min=0.5, help="Seconds between looks, with --watch.")
    ] = 10.0,
    directory: Annotated[
        Path, typer.Option("--directory", "-d", help="The folder in which snakemake runs.")
    ] = Path(),
    results: Annotated[
        str, typer.Option(help="Folder of all studies' results, below that folder.")
    ] = "results",
) -> None:
    """Show how far a study is: every fit on every cell, every other step, and what failed, why.

    Told by the results, the jobs' logs, Snakemake's marks, and the cluster's queue where there
    is one. Only reads: it may be run at any time, beside a run, after it or before it.
    """
    with user_errors(), contextlib.chdir(directory):
        from driftmill.study.expand import expand
        from driftmill.study.load import find_study, load_study
        from driftmill.study.progress import Observer

        try:
            planned = expand(load_study(find_study(study, project_root())), results)
        except ValueError as error:
            raise UserError(f"{study}: {error}") from error
        observer = Observer(planned)
        if watch and sys.stdout.isatty():
            _watch(planned, observer, every)
            return
        while True:
            # Lines that are searched in a file must be whole.
            console().print(_shown(planned, observer), soft_wrap=not sys.stdout.isatty())
            if not watch:
                return
            time.sleep(every)


def _shown(plan: Plan, observer: Observer) -> Group:
    from driftmill.commands.status_tables import tables

    return tables(plan, observer.look(), boxed=sys.stdout.isatty())


def _watch(plan: Plan, observer: Observer, every: float) -> None:
    """Show it in place of what was shown before, until the user has seen enough."""
    from rich.live import Live

    with (
        contextlib.suppress(KeyboardInterrupt),
        Live(_shown(plan, observer), console=console(), auto_refresh=False) as live,
    ):
        while True:
            time.sleep(every)
            live.update(_shown(plan, observer), refresh=True)
