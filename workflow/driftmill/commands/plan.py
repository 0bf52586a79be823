"""``driftmill plan``: what a study will run, and what that will cost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from driftmill.commands.check import StudyArgument, TrustOption
from driftmill.commands.console import console, program_root, project_root, user_errors
from driftmill.commands.durations import duration, file_size

if TYPE_CHECKING:
    from driftmill.study.networks import NetworkUse


def plan(
    study: StudyArgument,
    cores: Annotated[
        int, typer.Option(min=1, help="Cores the time is estimated for.")
    ] = os.cpu_count() or 1,
    trust: TrustOption = False,
) -> None:
    """Show a study's cells, fits, batches and jobs, with an estimate of time and disk.

    The estimate assumes that every posterior passes its gates at the first try; retries take
    longer, and so do refits without trials that change a posterior much. Nothing is run.
    """
    with user_errors():
        from driftmill.study.batches import batch_size_in
        from driftmill.study.build import fit_spec_of
        from driftmill.study.examine import examine
        from driftmill.study.expand import expand
        from driftmill.study.load import find_study
        from driftmill.study.models import model_name
        from driftmill.study.networks import network_of
        from driftmill.study.plan import estimate, free_parameters
        from driftmill.study.trust import trust_given
        from driftmill.study.types import ObservedCell

        trusted = trust_given(trust, program_root())
        checked = examine(find_study(study, project_root()), trust=trusted)
        planned = expand(checked)
        cost = estimate(planned)
        sizes = {cell.name: batch_size_in(checked, cell.name) for cell in checked.data}

    out = console()
    headings = ("cell", "data", "datasets", "trials", "batches", "batch size")
    cells = Table(*headings, title=f"study {checked.study}")
    for cell in checked.data:
        batches = planned.batches_of(cell.name)
        size = sizes[cell.name]
        cells.add_row(
            cell.name,
            escape(cell.path)
            if isinstance(cell, ObservedCell)
            else f"simulated by {model_name(cell.model)}",
            f"{planned.total(cell.name):,}",
            f"{cost.trials[cell.name]:,}",
            f"{len(batches):,}",
            f"{size.datasets:,}",
        )
    fits = Table("fit", "model", "free parameters", "formulas", "fixed", "own priors")
    for fit in checked.fits:
        spec = fit_spec_of(checked, planned.cells_of(fit.name)[0], fit.name)
        free = free_parameters(fit)
        fixed = ", ".join(
            f"{k}={v if isinstance(v, str) else format(v, 'g')}" for k, v in spec.fixed.items()
        )
        fits.add_row(
            fit.name,
            spec.model.name + _how(spec.black_box, network_of(checked, fit)),
            f"{free.shared}" + (f" + {free.each} a participant" if free.each else ""),
            escape("\n".join(map(str, spec.formulas.values()))),
            fixed,
            ", ".join(spec.priors),
        )
    jobs = Table("step", "jobs", "time on one core")
    for step, number in cost.jobs.items():
        jobs.add_row(step, f"{number:,}", duration(cost.cpu_seconds[step]))
    jobs.add_section()
    total = sum(cost.cpu_seconds.values())
    jobs.add_row("all", f"{sum(cost.jobs.values()):,}", duration(total))
    for table in (cells, fits, jobs):
        out.print(table)
    if checked.batch_size == "auto":
        for name, size in sizes.items():
            typer.echo(f"batches of cell {name}: {size.datasets:,} datasets; {size.reason}")
    typer.echo(
        f"about {duration(cost.wall_seconds(cores))} on {cores} core{'s' * (cores > 1)}, "
        f"{file_size(cost.disk)} of disk under {planned.paths.root}/"
    )


def _how(black_box: bool, network: NetworkUse | None) -> str:
    """Say in brackets what is special about a fit's likelihood."""
    if network is not None:
        return f" (network {network.name})"
    return " (black box: slow)" if black_box else ""
