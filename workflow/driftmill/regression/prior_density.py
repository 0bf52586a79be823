"""The log density of a posterior's draws under the priors of its fit."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from driftmill.models.declaration import FloatArray, Prior
from driftmill.models.priors import Distribution
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_draws import common_prior


def top_priors(spec: FitSpec) -> dict[str, Distribution]:
    """Return the priors that do not depend on other parameters, by variable.

    Those of plain parameters, of coefficients, and of the means and sds of groups. That of a
    group's deviations is not among them: it follows from their sd.
    """
    found = {name: spec.prior_of(name) for name in spec.plain_parameters}
    for name, regression in spec.formulas.items():
        for term in regression.terms.common:
            found[regression.variable(term)] = common_prior(regression, term, spec.parameter(name))
        for group in regression.terms.groups:
            for argument, value in regression.priors[group.name].args.items():
                if isinstance(value, Prior):
                    lower = -math.inf if argument == "mu" else 0.0
                    variable = f"{regression.variable(group.name)}_{argument}"
                    found[variable] = Distribution(value, lower)
    return found


def log_prior(spec: FitSpec, posterior: xr.Dataset, dataset: int) -> FloatArray:
    """Return the log density of one dataset's draws under the priors of `top_priors`.

    On the parameters' own scales. A prior that the model cuts at an end set by other parameters
    counts as it would without that end.

    Parameters
    ----------
    spec
        The fit.
    posterior
        Dims chain, draw, dataset and those of the variables; elements that the dataset does not
        have are NaN.
    dataset
        The dataset's number.

    Returns
    -------
    ndarray
        Shape (chain, draw); NaN where a posterior has no draws.
    """
    one = posterior.sel(dataset=dataset)
    total = np.zeros((one.sizes["chain"], one.sizes["draw"]))
    for name, prior in top_priors(spec).items():
        values = one[name].transpose("chain", "draw", ...).to_numpy().astype(np.float64)
        values = values.reshape(*total.shape, -1)
        here = ~np.isnan(values).all(axis=(0, 1))
        if not here.any():
            return np.full(total.shape, np.nan)
        total += prior.logpdf(values[..., here]).sum(axis=-1)
    return total
