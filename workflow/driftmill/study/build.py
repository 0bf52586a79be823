"""From the study's words to the types of the floors below."""

from __future__ import annotations

from driftmill.comparison.compare import Thresholds
from driftmill.comparison.limits import Horizon, Remedies
from driftmill.formulas.regression import Regression
from driftmill.models.network import Network
from driftmill.recovery.sample_size import PrecisionTargets
from driftmill.recovery.verdict import Limits
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.settings import Gates, Rung, SamplingSettings, sampler_on
from driftmill.simulation.design import Design
from driftmill.simulation.truths import Grid, Truth
from driftmill.study.build_fit import build_fit
from driftmill.study.build_truths import generator_formulas, truths_of_priors
from driftmill.study.distribution import PriorSpec
from driftmill.study.generator import covariates_of, regressions_of
from driftmill.study.hash import lapse_of
from driftmill.study.models import model_of
from driftmill.study.prior_truths import prior_fit
from driftmill.study.priors import prior_of
from driftmill.study.task import generating_model, task_of
from driftmill.study.types import GridSpec, ObservedCell, Study, TruthSpec, has_deadlines


def truth_of(spec: TruthSpec) -> Truth:
    """Return a truth as the simulation's type."""
    if isinstance(spec, PriorSpec):
        return prior_of(spec)
    return Grid(spec.grid) if isinstance(spec, GridSpec) else float(spec)


def design_of(study: Study, cell: str) -> Design:
    """Return the design of a simulated cell.

    Raises
    ------
    ValueError
        When the cell holds observed data.
    UnreadableFile
        When the file of its covariates cannot be read.
    """
    found = study.cell(cell)
    if isinstance(found, ObservedCell):
        raise ValueError(f"cell {cell} holds observed data: there is nothing to simulate")
    fit = prior_fit(found, study.fits)
    spec = None if fit is None else fit_spec_of(study, cell, fit.name)
    truths = {name: truth_of(said) for name, said in found.truths.items()}
    lapse = found.lapse if spec is None else spec.p_outlier
    return Design(
        cell=found.name,
        model=generating_model(found),
        truth=truths if spec is None else truths_of_priors(spec),
        participants=found.participants,
        trials=found.trials,
        datasets=found.datasets,
        lapse=found.lapse if isinstance(lapse, Regression) else lapse,
        seed=study.seed,
        formulas=generating_formulas(study, cell),
        covariates=covariates_of(found),
        task=task_of(found),
        silent=found.silent,
        lenient=spec is not None,
    )


def generating_formulas(study: Study, cell: str) -> dict[str, Regression]:
    """Return the formulas of what made a cell, by parameter; none for observed data."""
    found = study.cell(cell)
    if isinstance(found, ObservedCell):
        return {}
    fit = prior_fit(found, study.fits)
    if fit is not None:
        return generator_formulas(fit_spec_of(study, cell, fit.name))
    return regressions_of(found, model_of(found.model))


def fit_spec_of(study: Study, cell: str, fit: str, network: Network | None = None) -> FitSpec:
    """Return a fit as it is applied to a cell: its lapse may be the cell's.

    Parameters
    ----------
    study
        The study.
    cell, fit
        Names.
    network
        The network of a fit that asks for one; without it all is there but the log density.
    """
    found = study.fit(fit)
    data = study.cell(cell)
    lapse, made = lapse_of(found, data), None
    if not isinstance(data, ObservedCell):
        made = generating_model(data).choices
    return build_fit(
        found,
        lapse,
        deadlines=has_deadlines(data),
        silent=data.silent,
        choices=made,
        network=network,
    )


def settings_of(study: Study, platform: str = "cpu") -> SamplingSettings:
    """Return the sampling settings of fits.

    Parameters
    ----------
    study
        The study.
    platform
        What they run on: ``cpu`` or ``gpu``.
    """
    said = study.sampling
    return SamplingSettings(
        sampler=sampler_on(said.sampler, platform),
        chains=said.chains,
        draws=said.draws,
        warmup=said.warmup,
        target_accept=said.target_accept,
        gates=Gates(**said.gates.model_dump()),
        ladder=tuple(Rung(**rung.model_dump()) for rung in said.ladder),
        max_tree_depth=said.max_tree_depth,
        timeout=said.timeout,
    )


def remedies_of(study: Study) -> Remedies:
    """Return what is done about trials with a bad Pareto k."""
    return Remedies(study.compare.moment_match, study.compare.refits)


def thresholds_of(study: Study) -> Thresholds:
    """Return what a lead must reach for a verdict."""
    return Thresholds(study.compare.min_elpd_diff, study.compare.min_dse_ratio)


def folds_of(study: Study) -> int | None:
    """Return into how many folds participants are split; None: one for each."""
    said = study.compare.folds
    return said if isinstance(said, int) else None


def horizon_of(study: Study) -> Horizon | None:
    """Return where the prediction of later trials begins and how far it goes, if it is asked."""
    said = study.compare.future
    return None if said is None else Horizon(said.first, said.ahead, said.refits)


def precision_targets_of(study: Study) -> PrecisionTargets:
    """Return what estimates must reach, for the numbers of trials and participants."""
    return PrecisionTargets(**study.report.precision.model_dump())


def limits_of(study: Study) -> Limits:
    """Return the limits of the verdict on a parameter."""
    return Limits(**study.recover.targets.model_dump())
