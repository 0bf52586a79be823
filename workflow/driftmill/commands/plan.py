"""``driftmill plan``: what a study will run, and what that will cost."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from driftmill.commands.check import StudyArgument, TrustOption
from driftmill.commands.console import console, program_root, project_root, user_errors


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
        from driftmill.study.build import fit_spec_of
        from driftmill.study.examine import examine
        from driftmill.study.expand import expand
        from driftmill.study.load import find_study
        from driftmill.study.models import model_name
        from driftmill.study.plan import estimate, free_parameters
        from driftmill.study.trust import trust_given
        from driftmill.study.types import ObservedCell

        trusted = trust_given(trust, program_root())
        checked = examine(find_study(study, project_root()), trust=trusted)
        planned = expand(checked)
        cost = estimate(planned)

    out = console()
    cells = Table("cell", "data", "datasets", "trials", "batches", title=f"study {checked.study}")
    for cell in checked.data:
        batches = [b for b in planned.batches if b.cell == cell.name]
        cells.add_row(
            cell.name,
            escape(cell.path)
            if isinstance(cell, ObservedCell)
            else f"simulated by {model_name(cell.model)}",
            f"{sum(len(b.datasets) for b in batches):,}",
            f"{cost.trials[cell.name]:,}",
            f"{len(batches):,}",
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
            spec.model.name + (" (black box: slow)" if spec.black_box else ""),
            f"{free.shared}" + (f" + {free.each} a participant" if free.each else ""),
            escape("\n".join(map(str, spec.formulas.values()))),
            fixed,
            ", ".join(spec.priors),
        )
    jobs = Table("step", "jobs", "time on one core")
    for step, number in cost.jobs.items():
        jobs.add_row(step, f"{number:,}", _duration(cost.cpu_seconds[step]))
    jobs.add_section()
    total = sum(cost.cpu_seconds.values())
    jobs.add_row("all", f"{sum(cost.jobs.values()):,}", _duration(total))
    for table in (cells, fits, jobs):
        out.print(table)
    typer.echo(
        f"about {_duration(cost.wall_seconds(cores))} on {cores} core{'s' * (cores > 1)}, "
        f"{_size(cost.disk)} of disk under {planned.paths.root}/"
    )


def _duration(seconds: float) -> str:
    for limit, unit, name in ((3600.0, 60.0, "min"), (172_800.0, 3600.0, "h")):
        if seconds < 60:
            return f"{seconds:.0f} s"
        if seconds < limit:
            return f"{seconds / unit:.1f} {name}"
    return f"{seconds / 86_400:.1f} days"


def _size(count: float) -> str:
    for limit, name in ((1e6, "kB"), (1e9, "MB")):
        if count < limit:
            return f"{count / (limit / 1e3):.0f} {name}"
    return f"{count / 1e9:.1f} GB"
