"""Formulas with their priors, and posteriors made of draws at hand."""

import numpy as np
import xarray as xr

from driftmill.formulas.links import default_link, link_of
from driftmill.formulas.regression import Regression
from driftmill.models import Prior


def normal(sigma, mu=0.0):
    return Prior("Normal", {"mu": mu, "sigma": sigma})


def deviations(sigma):
    return Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": sigma})})


def regression(model, parameter, formula, link=None, noncentered=True, **priors):
    """Return a formula with a prior of its own for each term, or a standard one."""
    declared = model.parameter(parameter)
    chosen = default_link(declared) if link is None else link_of(declared, link)
    bare = Regression(parameter, formula, chosen)
    standard = {name: normal(0.5) for name in bare.terms.common}
    standard |= {term.name: deviations(0.3) for term in bare.terms.groups}
    return Regression(parameter, formula, chosen, standard | priors, noncentered)


def posterior_of(draws, labels, chains=2):
    """Return a batch's posterior of two datasets, of which the second has these draws."""
    variables = {}
    coords = {"chain": range(chains), "dataset": [4, 7]}
    for name, values in draws.items():
        dims = [f"{name}_{k}" for k in range(values.ndim - 1)]
        array = values.reshape(chains, -1, *values.shape[1:])
        both = np.stack([np.full_like(array, 99.0), array], axis=2)
        variables[name] = (("chain", "draw", "dataset", *dims), both)
        coords |= {d: list(own) for d, own in zip(dims, labels.get(name, ()), strict=True)}
    return xr.Dataset(variables, coords)
