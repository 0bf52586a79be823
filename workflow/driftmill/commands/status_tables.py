"""The tables and lines by which ``driftmill status`` tells how far a study is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from driftmill.commands.durations import duration
from driftmill.study.expand import Plan
from driftmill.study.progress import JobStatus, StudyStatus, longest_left

#: Failed jobs that are told one by one.
SHOWN = 20
_COUNTED = ("planned", "queued", "running", "done", "retried", "failed")
#: Of jobs that neither ended nor go on.
KILLED = "killed or lost"
_GOOD = ("ok", "retried_ok", "approximate")


def tables(plan: Plan, status: StudyStatus, *, boxed: bool) -> Group:
    """Return all that is told of a study.

    Parameters
    ----------
    plan
        The study, expanded.
    status
        How far it is.
    boxed
        Whether tables have drawn lines, as on a terminal, or plain ones.
    """
    parts: list[RenderableType] = [_fits(plan, status, boxed), _steps(status, boxed)]
    failed = [job for job in status.jobs if job.state in ("failed", "lost")]
    lines = [_total(status), *_notices(status)]
    lines += [line for job in failed[:SHOWN] for line in _failure(job)]
    if len(failed) > SHOWN:
        lines.append(f"... and {len(failed) - SHOWN} more")
    return Group(*parts, *map(Text, lines))


def _table(title: str, boxed: bool, *names: str) -> Table:
    table = Table(title=escape(title), box=box.HEAVY_HEAD if boxed else box.ASCII)
    for name in names:
        table.add_column(name, justify="right" if name in (*_COUNTED, "jobs") else "left")
    return table


def _fits(plan: Plan, status: StudyStatus, boxed: bool) -> Table:
    name = plan.study.study
    title = f"study {name}, {time.strftime('%Y-%m-%d %H:%M')}"
    table = _table(title, boxed, "cell", "fit", "jobs", *_COUNTED, "posteriors", "left")
    by_pair: dict[tuple[str, str], list[JobStatus]] = {pair: [] for pair in plan.pairs}
    for job in status.jobs:
        if job.job.step == "fit":
            by_pair[job.job.cell, job.job.fit].append(job)
    for (cell, fit), jobs in by_pair.items():
        codes = status.codes.get((cell, fit), Counter())
        table.add_row(cell, fit, *_counts(jobs), _codes(codes), longest_left(jobs))
    return table


def _steps(status: StudyStatus, boxed: bool) -> Table:
    table = _table("", boxed, "step", "jobs", *_COUNTED)
    by_step: dict[str, list[JobStatus]] = {}
    for job in status.jobs:
        by_step.setdefault(job.job.step, []).append(job)
    for step, jobs in by_step.items():
        table.add_row(step, *_counts(jobs))
    return table


def _counts(jobs: Sequence[JobStatus]) -> list[str]:
    states = Counter(job.state for job in jobs)
    counts = [
        *(states["planned"], states["queued"], states["running"], states["done"]),
        sum(job.attempts > 1 for job in jobs),
        states["failed"] + states["lost"],
    ]
    return [f"{len(jobs):,}", *(f"{count:,}" if count else "" for count in counts)]


def _codes(codes: Counter[str]) -> str:
    """Tell how many posteriors there are, and what became of those that are not simply ok."""
    good = [f"{codes[code]:,} {code}" for code in _GOOD if codes[code]]
    bad = [f"{count:,} {code}" for code, count in sorted(codes.items()) if code not in _GOOD]
    return ", ".join([*good, *bad])


def _total(status: StudyStatus) -> str:
    jobs, done = len(status.jobs), status.count("done")
    line = f"{done:,} of {jobs:,} jobs done ({done / jobs:.0%})"
    if running := status.count("running"):
        line += f", {running:,} running"
    if queued := status.count("queued"):
        line += f", {queued:,} queued"
    if status.left is not None and done < jobs:
        many = max(1, running)
        line += f"; about {duration(status.left / many)} left, {many} at a time"
    return line


def _notices(status: StudyStatus) -> list[str]:
    """Tell of runs, dead and alive, and of what dead ones have left."""
    if status.count("done") == len(status.jobs):
        told = ["the study is complete"]
    elif status.runs:
        told = [f"snakemake is running here (process {', '.join(map(str, status.runs))})"]
    elif status.locked:
        told = [
            "no snakemake is running on this machine, but the folder is locked: it runs on "
            "another machine, or was killed"
        ]
    else:
        told = ["no snakemake is running on this machine"]
    if status.strays:
        numbers = [job.number for job in status.strays]
        shown = " ".join(numbers[:SHOWN]) + (" ..." if len(numbers) > SHOWN else "")
        told.append(
            f"{len(numbers)} jobs that were sent from this folder are on the cluster: {shown}"
        )
        told.append(
            "  if snakemake was killed, wait until they have ended (or: scancel "
            f"{shown}), then run it again"
        )
    if status.orphans:
        numbers = [str(pid) for pid in status.orphans]
        told.append(
            f"{len(numbers)} processes of a run that was killed still work: {' '.join(numbers)}; "
            "the next run ends them"
        )
    return told


def _failure(job: JobStatus) -> list[str]:
    what = f"{job.job.step} {'/'.join(job.job.parts)}".rstrip()
    attempts = f" (attempt {job.attempts})" if job.attempts > 1 else ""
    reason = job.reason.splitlines()[0] if job.reason else "for no reason that it told"
    state = "failed" if job.state == "failed" else KILLED
    return [f"{what}: {state}{attempts}: {reason}", *(f"    {log}" for log in job.logs)]
