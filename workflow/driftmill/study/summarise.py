"""A study in the plain words that the report uses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from driftmill.formulas.regression import Regression
from driftmill.models import Prior
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.summary import products
from driftmill.report.data import CellSummary, FitSummary, StudySummary
from driftmill.report.networks import NetworkSummary
from driftmill.study.build import (
    fit_spec_of,
    generating_formulas,
    horizon_of,
    limits_of,
    settings_of,
    thresholds_of,
)
from driftmill.study.build_truths import truths_of_priors
from driftmill.study.distribution import PriorSpec
from driftmill.study.expand import Plan
from driftmill.study.hash import lapse_of, study_hash
from driftmill.study.include import Lapse
from driftmill.study.models import model_name, model_of
from driftmill.study.network_types import GivenNetwork, KeptNetwork
from driftmill.study.networks import NetworkUse, network_of, used_networks
from driftmill.study.prior_truths import prior_fit
from driftmill.study.priors import prior_of
from driftmill.study.types import Fit, GridSpec, ObservedCell, SimulatedCell, Study


def _truth_words(truth: object) -> str:
    if isinstance(truth, PriorSpec):
        return str(prior_of(truth))
    if isinstance(truth, GridSpec):
        return f"grid of {', '.join(f'{value:g}' for value in truth.grid)}"
    return f"{truth:g}"


def _cell(plan: Plan, name: str) -> CellSummary:
    cell = plan.study.cell(name)
    datasets = sum(len(batch.datasets) for batch in plan.batches if batch.cell == name)
    if isinstance(cell, ObservedCell):
        source = "; ".join([Path(cell.path).name, *_fates(cell)])
        return CellSummary(name, None, {}, None, None, datasets, source=source)
    fit = prior_fit(cell, plan.study.fits)
    return CellSummary(
        name,
        model_name(cell.model),
        _truths(plan.study, cell),
        cell.participants,
        cell.trials,
        datasets,
        lapse=cell.lapse,
        prior_of=None if fit is None else fit.name,
        formulas={name: str(r) for name, r in generating_formulas(plan.study, name).items()},
    )


def _fates(cell: ObservedCell) -> list[str]:
    """Say what became of trials without a response, or with one outside the limits of rt."""
    fates = {"drop": "are left out", "keep": "stay in their place, unscored"}
    told = [] if cell.missing == "error" else [f"trials without a response {fates[cell.missing]}"]
    ends = [f"below {cell.rt_min:g} s"] if cell.rt_min is not None else []
    ends += [f"above {cell.rt_max:g} s"] if cell.rt_max is not None else []
    return told + ([f"trials {' or '.join(ends)} {fates[cell.outside]}"] if ends else [])


def _truths(study: Study, cell: SimulatedCell) -> dict[str, str]:
    """Say what the truths of a cell are, in the order of its model's parameters."""
    fit = prior_fit(cell, study.fits)
    if fit is None:
        words = {name: _truth_words(spec) for name, spec in cell.truths.items()}
    else:
        drawn = truths_of_priors(fit_spec_of(study, cell.name, fit.name))
        words = {n: str(x) if isinstance(x, Prior) else f"{x:g}" for n, x in drawn.items()}
    order = model_of(cell.model).parameter_names

    def place(name: str) -> int:
        whole = [k for k, p in enumerate(order) if name == p]
        parts = [k for k, p in enumerate(order) if name.startswith(f"{p}_")]
        return next(iter(whole or parts), len(order))

    return {name: words[name] for name in sorted(words, key=place)}


def _fit(plan: Plan, fit: Fit) -> FitSummary:
    study = plan.study
    cells = plan.cells_of(fit.name)
    spec, use = fit_spec_of(study, cells[0], fit.name), network_of(study, fit)
    priors = {name: str(spec.named_prior(name)) for name in spec.plain_parameters}
    for regression in spec.formulas.values():
        priors |= {regression.variable(term): str(p) for term, p in regression.priors.items()}
    return FitSummary(
        fit.name,
        spec.model.name,
        spec.likelihood,
        dict(spec.fixed_numbers),
        priors,
        _lapse_words(spec, {name: lapse_of(fit, study.cell(name)) for name in cells}),
        cells=cells,
        fixed_columns=dict(spec.fixed_columns),
        formulas={name: str(regression) for name, regression in spec.formulas.items()},
        links={name: str(regression.link) for name, regression in spec.formulas.items()},
        centered=tuple(name for name, r in spec.formulas.items() if not r.noncentered),
        products=products(spec),
        learns=spec.model.learning is not None,
        varies=spec.varies,
        reference=spec.model.reference,
        network="" if use is None else use.name,
    )


def _network(plan: Plan, use: NetworkUse) -> NetworkSummary:
    card = use.known_card(plan.paths.results)
    if card is None:
        raise FileNotFoundError(f"network {use.name} has no card in {use.folder('')}")
    study = plan.study
    fits = [fit.name for fit in study.fits if network_of(study, fit) == use]
    source = "brought along by driftmill"
    if isinstance(use.section, GivenNetwork):
        source = f"the ONNX file {Path(use.section.file).name}"
    elif isinstance(use.section, KeptNetwork):
        source = f"the folder {use.section.folder}"
    elif use.section is not None:
        source = f"trained by this workflow, in networks/{use.label}"
    return NetworkSummary(
        name=use.name,
        model=card.model,
        kind=card.kind,
        digest=card.digest,
        fits=tuple(fits),
        source=source,
        box=card.box,
        layers=card.layers,
        accuracy=card.accuracy,
        gates=card.gates,
        training=card.training,
        passed=card.passed,
        failures=card.failures,
    )


def _lapse_words(spec: FitSpec, lapses: Mapping[str, Lapse]) -> str:
    """Say what a fit assumes of lapses, by cell where that is a share of their own."""
    if isinstance(spec.p_outlier, Prior | Regression):
        return str(spec.p_outlier)
    shares = {cell: share for cell, share in lapses.items() if isinstance(share, float)}
    if len(set(shares.values())) == 1:
        return f"{spec.p_outlier:g}"
    return ", ".join(f"{share:g} ({cell})" for cell, share in shares.items())


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
        min_weight=study.compare.min_weight,
        min_exceedance=study.compare.min_exceedance,
        targets={
            "contraction": f"at least {limits.contraction_yes:g}",
            "bias": f"below {limits.bias_prior_sd:g} prior sd or "
            f"{limits.bias_posterior_sd:g} posterior sd",
            "RMSE": f"at most {limits.precision:g} prior sd",
        },
        title=study.report.title,
        compare=study.compare.enabled,
        participants=study.compare.participants,
        folds=study.compare.folds,
        future=horizon_of(study),
        recover=study.recover.enabled,
        predictive=study.report.predictive.data,
        sbc_level=limits.sbc_level,
        networks=tuple(_network(plan, use) for use in used_networks(study)),
    )
