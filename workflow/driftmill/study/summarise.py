"""A study in the plain words that the report uses."""

from __future__ import annotations

from pathlib import Path

from driftmill.models import get_model
from driftmill.report.data import CellSummary, FitSummary, StudySummary
from driftmill.study.build import fit_spec_of, limits_of, settings_of, thresholds_of
from driftmill.study.expand import Plan
from driftmill.study.hash import lapse_of, study_hash
from driftmill.study.priors import prior_of
from driftmill.study.types import Fit, GridSpec, ObservedCell, PriorSpec, SimulatedCell, Study


def _truth_words(truth: object) -> str:
    if isinstance(truth, PriorSpec):
        return str(prior_of(truth))
    if isinstance(truth, GridSpec):
        return f"grid of {', '.join(f'{value:g}' for value in truth.grid)}"
    return f"{truth:g}"


def _from_prior(study: Study, cell: SimulatedCell) -> bool:
    """Tell whether all truths are drawn from the priors of a fit of the cell's own model."""
    truth = {
        name: prior_of(spec) for name, spec in cell.truth.items() if isinstance(spec, PriorSpec)
    }
    for fit in study.fits:
        if fit.model != cell.model or len(truth) < len(cell.truth):
            continue
        spec = fit_spec_of(study, cell.name, fit.name)
        if not fit.fixed and all(spec.named_prior(name) == truth[name] for name in truth):
            return True
    return False


def _cell(plan: Plan, name: str) -> CellSummary:
    cell = plan.study.cell(name)
    datasets = sum(len(batch.datasets) for batch in plan.batches if batch.cell == name)
    if isinstance(cell, ObservedCell):
        source = Path(cell.path).name
        return CellSummary(name, None, {}, None, None, datasets, source=source)
    return CellSummary(
        name,
        cell.model,
        {p: _truth_words(cell.truth[p]) for p in get_model(cell.model).parameter_names},
        cell.participants,
        cell.trials,
        datasets,
        lapse=cell.lapse,
        from_prior=_from_prior(plan.study, cell),
    )


def _fit(plan: Plan, fit: Fit) -> FitSummary:
    spec = fit_spec_of(plan.study, plan.cells[0], fit.name)
    lapses = {cell: lapse_of(plan.study, cell, fit.name) for cell in plan.cells}
    if len(set(lapses.values())) == 1:
        p_outlier = f"{spec.p_outlier:g}"
    else:
        p_outlier = ", ".join(f"{value:g} ({cell})" for cell, value in lapses.items())
    return FitSummary(
        fit.name,
        fit.model,
        fit.likelihood,
        dict(fit.fixed),
        {name: str(spec.named_prior(name)) for name in spec.free_parameters},
        p_outlier,
    )


def summarise(plan: Plan, text: str) -> StudySummary:
    """Return the study as the report speaks of it.

    Parameters
    ----------
    plan
        The study, expanded.
    text
        The study file as the user wrote it.
    """
    study = plan.study
    limits = limits_of(study)
    return StudySummary(
        name=study.study,
        hash=study_hash(study),
        seed=study.seed,
        text=text,
        cells=tuple(_cell(plan, name) for name in plan.cells),
        fits=tuple(_fit(plan, fit) for fit in study.fits),
        sampling=settings_of(study),
        thresholds=thresholds_of(study),
        targets={
            "contraction": f"at least {limits.contraction_yes:g}",
            "bias": f"below {limits.bias_prior_sd:g} prior sd or "
            f"{limits.bias_posterior_sd:g} posterior sd",
            "RMSE": f"at most {limits.precision:g} prior sd",
        },
        title=study.report.title,
        compare=study.compare.enabled,
        recover=study.recover.enabled,
        predictive=study.report.predictive.data,
    )
