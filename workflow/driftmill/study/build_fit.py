"""From what a study says of a fit to the fit that is sampled."""

from __future__ import annotations

from collections.abc import Sequence

from driftmill.formulas.defaults import term_priors
from driftmill.formulas.links import Link, default_link, link_of
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import terms_of
from driftmill.models import Parameter, Prior
from driftmill.models.network import Network
from driftmill.models.with_network import with_network
from driftmill.network_names import KIND
from driftmill.regression.fit_spec import P_OUTLIER, FitSpec
from driftmill.study.distribution import PriorSpec
from driftmill.study.include import Lapse
from driftmill.study.models import model_of
from driftmill.study.networks import asks_for_network
from driftmill.study.priors import prior_of
from driftmill.study.statements import Written, statements_of, written_of
from driftmill.study.types import Fit


def build_fit(
    fit: Fit,
    lapse: Lapse,
    *,
    deadlines: bool = False,
    silent: int | None = None,
    choices: Sequence[int] | None = None,
    network: Network | None = None,
) -> FitSpec:
    """Return a fit as it is applied to a cell.

    Parameters
    ----------
    fit
        The fit, which passed its checks.
    lapse
        What it assumes of lapses: its own word, or that of the cell.
    deadlines, silent
        Whether the cell has deadlines, and its silent response.
    choices
        The responses of what made the cell; None for observed data.
    network
        The network of a fit that asks for one. Without it all is there but the log density.
    """
    fit = fit.model_copy(update={"p_outlier": lapse})
    model = model_of(fit.model)
    if network is not None:
        model = with_network(model, network)
    held: dict[str, float | str] = {}
    priors: dict[str, Prior] = {}
    for statement in statements_of(fit):
        if isinstance(statement.said, PriorSpec):
            priors[statement.parameter] = prior_of(statement.said)
        elif isinstance(statement.said, float | str):
            held[statement.parameter] = statement.said
    regressions = {}
    for name, (_, written) in written_of(fit, model).items():
        parameter = P_OUTLIER if name == P_OUTLIER.name else model.parameter(name)
        regressions[name] = regression_of(fit, parameter, written)
    share = held.pop(P_OUTLIER.name, 0.0)
    # A model of choices alone speaks of trials that have one.
    scores = deadlines and model.has_rt and fit.omissions == "score"
    recode = {old: new for old, new in fit.recode.items() if choices is None or old in choices}
    said = (regressions.pop(P_OUTLIER.name, None), priors.pop(P_OUTLIER.name, None))
    return FitSpec(
        name=fit.name,
        model=model,
        fixed=held,
        priors=priors,
        regressions=regressions,
        p_outlier=said[0] or said[1] or float(share),
        likelihood=KIND if asks_for_network(fit) else fit.likelihood or "",
        freed=fit.free,
        deadlines=scores,
        silent=recode.get(silent, silent) if scores and silent is not None else None,
        recode=recode,
    )


def regression_of(fit: Fit, parameter: Parameter, written: Written) -> Regression:
    """Return a parameter's formula with the fit's link, priors and parametrisation of groups."""
    terms, link = terms_of(written.formula), link_of_formula(fit, parameter, written)
    given = {name: prior_of(spec) for name, spec in written.priors.items()}
    return Regression(
        parameter=parameter.name,
        formula=written.formula,
        link=link,
        priors=term_priors(parameter, link, terms, given, fit.prior_set),
        noncentered=is_noncentered(fit, parameter.name),
    )


def link_of_formula(fit: Fit, parameter: Parameter, written: Written) -> Link:
    """Return the link that a formula names, else that of the fit's settings."""
    if written.link is not None:
        return link_of(parameter, written.link)
    return default_link(parameter, fit.link_settings)


def is_noncentered(fit: Fit, parameter: str) -> bool:
    """Tell whether groups of a parameter's formula are sampled as multiples of their sd."""
    said = fit.noncentered
    return said if isinstance(said, bool) else said.get(parameter, True)
