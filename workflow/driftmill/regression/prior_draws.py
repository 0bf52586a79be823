"""Draws of everything that a fit estimates from its priors, without a graph."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import INTERCEPT
from driftmill.models.declaration import FloatArray, Parameter, Prior
from driftmill.models.joint_draws import draw_allowed
from driftmill.models.priors import Distribution
from driftmill.regression.fit_spec import FitSpec
from driftmill.simulation.seeds import named_child


def prior_draws(
    spec: FitSpec,
    shapes: Mapping[str, tuple[int, ...]],
    n_draws: int,
    seed: np.random.SeedSequence,
) -> dict[str, FloatArray]:
    """Draw the variables of a fit from their priors.

    Parameters
    ----------
    spec
        The fit.
    shapes
        Shapes of the variables of its formulas, as the data make them: coefficients
        (``v_c``: levels), standard deviations (``v_c|g_sigma``: levels) and deviations
        (``v_c|g``: groups, levels). Variables that are not listed are scalars.
    n_draws
        How many draws.
    seed
        Every variable has a stream of its own, by its name, so that a change of one prior, or
        one variable more, leaves the others' draws as they were.

    Returns
    -------
    dict
        By variable, shape (n_draws, ...): plain parameters on their natural scale, coefficients,
        standard deviations and deviations on that of the linear predictor; where groups are
        sampled as multiples of their sd also these, as ``v_1|g_offset``.
    """
    drawn = draw_allowed(
        spec.model,
        {name: spec.prior_of(name) for name in spec.plain_parameters},
        {name: stream(seed, name) for name in spec.plain_parameters},
        n_draws,
        spec.fixed_numbers,
    )
    for name, regression in spec.formulas.items():
        for term in regression.terms.common:
            variable = regression.variable(term)
            prior = common_prior(regression, term, spec.parameter(name))
            size = (n_draws, *shapes.get(variable, ()))
            drawn[variable] = prior.sample(stream(seed, variable), size)
        for group in regression.terms.groups:
            variable = regression.variable(group.name)
            sigma = regression.priors[group.name].args["sigma"]
            assert isinstance(sigma, Prior)
            size = (n_draws, *shapes.get(f"{variable}_sigma", ()))
            rng = stream(seed, f"{variable}_sigma")
            drawn[f"{variable}_sigma"] = Distribution(sigma, 0.0).sample(rng, size)
            rng = stream(seed, variable)
            drawn |= draw_deviations(regression, group.name, drawn, shapes[variable][0], rng)
    return drawn


def draw_deviations(
    regression: Regression,
    term: str,
    draws: Mapping[str, FloatArray],
    n_groups: int,
    rng: np.random.Generator,
) -> dict[str, FloatArray]:
    """Draw the deviations of groups of a term around 0, from the sd that each draw has for them.

    Parameters
    ----------
    regression
        The formula.
    term
        The term's name, e.g. ``x|participant_id``.
    draws
        By variable, shape (n_draws, ...); the sd, e.g. ``v_x|participant_id_sigma``, is needed.
    n_groups
        How many groups.
    rng
        The source of the random numbers.

    Returns
    -------
    dict
        The deviations, shape (n_draws, n_groups, levels...), by their variable's name; where they
        are sampled as multiples of their sd, these multiples too.
    """
    prior, variable = regression.priors[term], regression.variable(term)
    sigma = draws[f"{variable}_sigma"]
    # The families that deviations may have are scaled by sigma, around a mu of 0.
    unit = Distribution(Prior(prior.name, {**prior.args, "sigma": 1.0}))
    multiples = unit.sample(rng, (sigma.shape[0], n_groups, *sigma.shape[1:]))
    found = {variable: np.asarray(multiples * sigma[:, None])}
    return {f"{variable}_offset": multiples} | found if regression.noncentered else found


def stream(seed: np.random.SeedSequence, name: str) -> np.random.Generator:
    """Return the source of random numbers of the variable called ``name``."""
    return np.random.default_rng(named_child(seed, name))


def common_prior(regression: Regression, term: str, parameter: Parameter) -> Distribution:
    """Return the prior of a coefficient.

    On the identity scale the intercept is a value of the parameter, so it stays in its support.
    """
    if regression.link.name == "identity" and term == INTERCEPT:
        return Distribution(regression.priors[term], parameter.lower, parameter.upper)
    return Distribution(regression.priors[term], -math.inf, math.inf)
