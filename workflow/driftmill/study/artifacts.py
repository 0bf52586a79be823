"""The files that a study makes, and those that its page is made from."""

from __future__ import annotations

from driftmill.study.expand import SCORES, Plan

RECOVERY_TABLES = ("point", "coverage", "uncertainty", "calibration", "verdict")
SIZE_TABLES = ("precision", "sample_sizes")


def artifacts(plan: Plan) -> dict[str, str]:
    """Return every artifact of a plan by its path, with the kind of its content."""
    paths, study, calibrated, units = plan.paths, plan.study, plan.calibrated, plan.units
    made: dict[str, str] = {}
    for batch in plan.batches:
        cell, label = batch.cell, batch.label
        made[paths.trials(cell, label)] = "trials"
        made[paths.truth(cell, label)] = "truth"
        if cell in plan.observed:
            made[paths.datasets(cell, label)] = "datasets"
        for fit in plan.fits_of(cell):
            made[paths.posterior(cell, fit, label)] = "posterior"
            if (cell, fit) in plan.transformed:
                made[paths.pit(cell, fit, label)] = "pit"
            if (cell, fit) in plan.scaled:
                made[paths.sensitivity(cell, fit, label)] = "sensitivity"
            if (cell, fit) in calibrated:
                made[paths.ranks(cell, fit, label)] = "ranks"
            if study.compare.enabled:
                made[paths.pointwise(cell, fit, label)] = "pointwise"
                made[paths.elpd(cell, fit, label)] = "elpd"
            for unit, kinds in SCORES.items():
                if cell in units[unit]:
                    made |= {getattr(paths, kind)(cell, fit, label): kind for kind in kinds}
    for cell, fit in plan.pairs:
        made[paths.model_graph(cell, fit)] = "model_graph"
        made[paths.model_summary(cell, fit)] = "model_summary"
    for cell in plan.compared:
        made |= {paths.comparison(cell): "comparison", paths.pairs(cell): "pairs"}
        made[paths.selection(cell)] = "selection"
    for unit, cells in units.items():
        for kind in ("comparison", "pairs", "selection"):
            name = f"{unit}_{kind}"
            made |= {getattr(paths, name)(cell): name for cell in cells}
    if plan.confused:
        made |= {paths.confusion: "confusion", paths.inversion: "inversion"}
    for cell, fit in plan.pairs:
        made[paths.estimates(cell, fit)] = "estimates"
        made[paths.correlations(cell, fit)] = "correlations"
        made[paths.gates(cell, fit)] = "gates"
    for cell, fit in plan.networked:
        made[paths.edges(cell, fit)] = "edges"
    for use in plan.networks.values():
        made |= use.outputs(paths.results)
    if plan.recovered:
        made |= {paths.recovery(table): table for table in RECOVERY_TABLES}
    if plan.sized:
        made |= {paths.recovery(table): table for table in SIZE_TABLES}
    for cell, fit in plan.predicted:
        made[paths.quantiles(cell, fit)] = "quantiles"
        made[paths.covariate(cell, fit)] = "covariate"
        made[paths.curves(cell, fit)] = "curves"
    for cell, fit in plan.foreseen:
        made[paths.prior_quantiles(cell, fit)] = "prior_quantiles"
    if plan.sketched:
        made[paths.sketches] = "sketches"
    if study.report.published:
        made[paths.published] = "published"
    return made


def report_inputs(plan: Plan) -> list[str]:
    """Return the artifacts that the report is made from: all tables but those of the data."""
    wanted = set(plan.study.report.datasets)
    drawn = [
        plan.paths.posterior(batch.cell, fit, batch.label)
        for batch in plan.batches
        for fit in plan.fits_of(batch.cell)
        if wanted.intersection(batch.datasets)
    ]
    apart = ("trials", "truth", "posterior")
    return [path for path, kind in artifacts(plan).items() if kind not in apart] + drawn
