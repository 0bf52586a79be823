"""A study in the plain words that the report uses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from driftmill.formulas.regression import Regression
from driftmill.models import Prior
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.summary import products
from driftmill.report.data import CellSummary, FitSummary, StudySummary
from driftmill.study.build import fit_spec_of, limits_of, settings_of, thresholds_of
from driftmill.study.distribution import PriorSpec
from driftmill.study.expand import Plan
from driftmill.study.generator import regressions_of
from driftmill.study.hash import lapse_of, study_hash
from driftmill.study.include import Lapse
from driftmill.study.models import model_name, model_of
from driftmill.study.priors import prior_of
from driftmill.study.types import Fit, GridSpec, ObservedCell, SimulatedCell, Study


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
    formulas = regressions_of(cell, model_of(cell.model))
    for fit in study.fits:
        own = model_name(fit.model) == model_name(cell.model) and fit.applies_to(cell.name)
        if not own or len(truth) < len(cell.truth):
            continue
        spec = fit_spec_of(study, cell.name, fit.name)
        priors = _truth_priors(spec)
        # The elements of a vector, v_c[b], have one prior.
        drawn = all(priors.get(name.partition("[")[0]) == truth[name] for name in truth)
        if not spec.fixed and drawn and _alike(formulas, spec.regressions):
            return True
    return False


def _truth_priors(spec: FitSpec) -> dict[str, Prior]:
    """Return the priors of all that a generator with the fit's formulas would have truths for."""
    priors = {name: spec.named_prior(name) for name in spec.plain_parameters}
    for regression in spec.formulas.values():
        groups = {term.name for term in regression.terms.groups}
        for term, prior in regression.priors.items():
            sigma = prior.args.get("sigma")
            if term not in groups:
                priors[regression.variable(term)] = prior
            elif isinstance(sigma, Prior):
                priors[f"{regression.variable(term)}_sigma"] = sigma
    return priors


def _alike(one: Mapping[str, Regression], other: Mapping[str, Regression]) -> bool:
    """Tell whether two sets of formulas have the same terms and links."""

    def essence(formulas: Mapping[str, Regression]) -> dict[str, object]:
        return {name: (sorted(r.terms.names), r.link) for name, r in formulas.items()}

    return essence(one) == essence(other)


def _cell(plan: Plan, name: str) -> CellSummary:
    cell = plan.study.cell(name)
    datasets = sum(len(batch.datasets) for batch in plan.batches if batch.cell == name)
    if isinstance(cell, ObservedCell):
        source = "; ".join([Path(cell.path).name, *_fates(cell)])
        return CellSummary(name, None, {}, None, None, datasets, source=source)
    return CellSummary(
        name,
        model_name(cell.model),
        _truths(cell),
        cell.participants,
        cell.trials,
        datasets,
        lapse=cell.lapse,
        from_prior=_from_prior(plan.study, cell),
        formulas={
            name: str(regression)
            for name, regression in regressions_of(cell, model_of(cell.model)).items()
        },
    )


def _fates(cell: ObservedCell) -> list[str]:
    """Say what became of trials without a response, or with one outside the limits of rt."""
    fates = {"drop": "are left out", "keep": "stay in their place, unscored"}
    told = [] if cell.missing == "error" else [f"trials without a response {fates[cell.missing]}"]
    ends = [f"below {cell.rt_min:g} s"] if cell.rt_min is not None else []
    ends += [f"above {cell.rt_max:g} s"] if cell.rt_max is not None else []
    return told + ([f"trials {' or '.join(ends)} {fates[cell.outside]}"] if ends else [])


def _truths(cell: SimulatedCell) -> dict[str, str]:
    """Say what the truths of a cell are, in the order of its model's parameters."""
    order = model_of(cell.model).parameter_names

    def place(name: str) -> int:
        whole = [k for k, p in enumerate(order) if name == p]
        parts = [k for k, p in enumerate(order) if name.startswith(f"{p}_")]
        return next(iter(whole or parts), len(order))

    return {name: _truth_words(cell.truth[name]) for name in sorted(cell.truth, key=place)}


def _fit(plan: Plan, fit: Fit) -> FitSummary:
    study = plan.study
    cells = plan.cells_of(fit.name)
    spec = fit_spec_of(study, cells[0], fit.name)
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
        targets={
            "contraction": f"at least {limits.contraction_yes:g}",
            "bias": f"below {limits.bias_prior_sd:g} prior sd or "
            f"{limits.bias_posterior_sd:g} posterior sd",
            "RMSE": f"at most {limits.precision:g} prior sd",
        },
        title=study.report.title,
        compare=study.compare.enabled,
        participants=study.compare.participants,
        recover=study.recover.enabled,
        predictive=study.report.predictive.data,
    )
