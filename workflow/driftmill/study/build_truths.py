"""From a fit to the truths of a generator that draws them from the fit's priors."""

from __future__ import annotations

from driftmill.formulas.regression import Regression
from driftmill.models import Prior
from driftmill.regression.fit_spec import FitSpec
from driftmill.simulation.truths import Truth


def truths_of_priors(spec: FitSpec) -> dict[str, Truth]:
    """Return what a generator with a fit's formulas needs truths for, with the fit's priors.

    Parameters on their natural scale, coefficients (``v_x``, for all elements of a vector) and
    the sds of groups (``v_1|participant_id_sigma``); what the fit holds has its number.
    """
    truths: dict[str, Truth] = {
        name: spec.named_prior(name)
        for name in spec.plain_parameters
        if name in spec.model.parameter_names
    }
    truths |= spec.fixed_numbers
    for regression in generator_formulas(spec).values():
        groups = {term.name for term in regression.terms.groups}
        for term, prior in regression.priors.items():
            sigma = prior.args.get("sigma")
            if term not in groups:
                truths[regression.variable(term)] = prior
            elif isinstance(sigma, Prior):
                truths[f"{regression.variable(term)}_sigma"] = sigma
    return truths


def generator_formulas(spec: FitSpec) -> dict[str, Regression]:
    """Return the formulas of a fit's model parameters, which its generator has too."""
    names = spec.model.parameter_names
    return {name: formula for name, formula in spec.formulas.items() if name in names}
