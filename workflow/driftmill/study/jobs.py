"""The jobs of a study: what each works on, what it makes, where its log lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from driftmill.store.network_paths import NetworkPaths
from driftmill.study.artifacts import RECOVERY_TABLES, SIZE_TABLES
from driftmill.study.batches import Batch
from driftmill.study.expand import SCORES, Plan

#: Steps that score fits by something else than new trials, by what begins the tables.
_SCORING = {"participant": "integrate", "fold": "fold", "future": "future"}
_COMPARING = {
    "participant": "compare_participants",
    "fold": "compare_folds",
    "future": "compare_future",
}


@dataclass(frozen=True)
class PlannedJob:
    """One job of the workflow.

    Parameters
    ----------
    step
        The rule.
    parts
        Its wildcards, in order: cell, fit, batch; as many as it has.
    outputs
        Paths of what it makes.
    log
        Path of its log.
    cell, fit
        What it works on; empty where it is of all.
    """

    step: str
    parts: tuple[str, ...]
    outputs: tuple[str, ...]
    log: str
    cell: str = ""
    fit: str = ""


def jobs_of(plan: Plan) -> list[PlannedJob]:
    """Return every job of a plan in the order in which they can be done, about."""
    found = list(_of_networks(plan))
    found += [job for batch in plan.batches for job in _of_batch(plan, batch)]
    found += [job for cell, fit in plan.pairs for job in _of_pair(plan, cell, fit)]
    found += _of_cells(plan)
    found += _of_study(plan)
    return found


def _job(
    plan: Plan, step: str, outputs: list[str], cell: str = "", fit: str = "", batch: str = ""
) -> PlannedJob:
    parts = tuple(part for part in (cell, fit, batch) if part)
    return PlannedJob(step, parts, tuple(outputs), plan.paths.log(step, *parts), cell, fit)


def _of_networks(plan: Plan) -> Iterator[PlannedJob]:
    """Yield the jobs of networks that are made; the set that one is trained with is not kept."""
    paths = NetworkPaths(plan.paths.results)
    for label, use in plan.networks.items():
        steps = {"take_network": [paths.unchecked(label), paths.weights(label)]}
        if use.trained:
            steps = {"train_network": [*steps["take_network"], paths.figure(label, "loss")]}
        if use.calibrated:
            steps["calibrate_network"] = use.calibrations(plan.paths.results)
        steps["check_network"] = [paths.card(label), paths.figure(label, "density")]
        for step, outputs in steps.items():
            yield PlannedJob(step, (label,), tuple(outputs), paths.log(step, label))


def _of_batch(plan: Plan, batch: Batch) -> Iterator[PlannedJob]:
    paths, cell, label = plan.paths, batch.cell, batch.label
    data = [paths.trials(cell, label), paths.truth(cell, label)]
    if cell in plan.observed:
        yield _job(plan, "read", [*data, paths.datasets(cell, label)], cell, batch=label)
    else:
        yield _job(plan, "simulate", data, cell, batch=label)
    for fit in plan.fits_of(cell):
        here = (cell, fit, label)
        yield _job(plan, "fit", [paths.posterior(*here)], *here)
        if plan.study.compare.enabled:
            yield _job(plan, "loo", [paths.pointwise(*here), paths.elpd(*here)], *here)
        for unit, kinds in SCORES.items():
            if cell in plan.units[unit]:
                made = [getattr(paths, kind)(*here) for kind in kinds]
                yield _job(plan, _SCORING[unit], made, *here)
        if (cell, fit) in plan.transformed:
            yield _job(plan, "transform", [paths.pit(*here)], *here)
        if (cell, fit) in plan.scaled:
            yield _job(plan, "scale", [paths.sensitivity(*here)], *here)
        if (cell, fit) in plan.calibrated:
            yield _job(plan, "rank", [paths.ranks(*here)], *here)


def _of_pair(plan: Plan, cell: str, fit: str) -> Iterator[PlannedJob]:
    paths, pair = plan.paths, (cell, fit)
    yield _job(plan, "describe", [paths.model_graph(*pair), paths.model_summary(*pair)], *pair)
    tables = [paths.estimates(*pair), paths.gates(*pair), paths.correlations(*pair)]
    yield _job(plan, "estimate", tables, *pair)
    if pair in plan.networked:
        yield _job(plan, "edge", [paths.edges(*pair)], *pair)
    if pair in plan.predicted:
        checks = [paths.quantiles(*pair), paths.covariate(*pair), paths.curves(*pair)]
        yield _job(plan, "predict", checks, *pair)
    if pair in plan.foreseen:
        yield _job(plan, "foresee", [paths.prior_quantiles(*pair)], *pair)


def _of_cells(plan: Plan) -> Iterator[PlannedJob]:
    paths = plan.paths
    for cell in plan.compared:
        tables = [paths.comparison(cell), paths.pairs(cell), paths.selection(cell)]
        yield _job(plan, "compare", tables, cell)
    for unit, cells in plan.units.items():
        kinds = [f"{unit}_{kind}" for kind in ("comparison", "pairs", "selection")]
        for cell in cells:
            tables = [getattr(paths, kind)(cell) for kind in kinds]
            yield _job(plan, _COMPARING[unit], tables, cell)


def _of_study(plan: Plan) -> Iterator[PlannedJob]:
    paths = plan.paths
    if plan.confused:
        yield _job(plan, "confuse", [paths.confusion, paths.inversion])
    if plan.recovered:
        yield _job(plan, "recover", [paths.recovery(table) for table in RECOVERY_TABLES])
    if plan.sized:
        yield _job(plan, "size", [paths.recovery(table) for table in SIZE_TABLES])
    if plan.study.report.published:
        yield _job(plan, "publish", [paths.published])
    if plan.sketched:
        yield _job(plan, "sketch", [paths.sketches])
    yield _job(plan, "provenance", [paths.provenance])
    yield _job(plan, "report", [paths.report, paths.figures, paths.tables, paths.methods])
