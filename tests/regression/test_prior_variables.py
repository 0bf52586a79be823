"""Priors in the model against their densities from scipy, cut and whole, with their transforms."""

import bambi as bmb
import numpy as np
import pymc as pm
import pytest

from driftmill.models.declaration import Prior
from driftmill.models.priors import Distribution
from driftmill.regression.prior_variables import cut_prior

CASES = {
    "whole": (Prior("Normal", {"mu": 0.3, "sigma": 2.0}), -np.inf, np.inf),
    "own support": (Prior("Gamma", {"alpha": 2.0, "beta": 0.5}), 0.0, np.inf),
    "cut below": (Prior("Normal", {"mu": 0.3, "sigma": 0.7}), 0.0, np.inf),
    "cut above": (Prior("HalfNormal", {"sigma": 1.0}), 0.0, 1.0),
    "cut on both sides": (Prior("StudentT", {"nu": 3.0, "mu": 0.5, "sigma": 1.0}), -0.1, 1.4),
    "without a cumulative distribution in PyMC": (
        Prior("SkewNormal", {"mu": 0.4, "sigma": 0.5, "alpha": 2.0}),
        0.0,
        np.inf,
    ),
    "half Student, cut": (Prior("HalfStudentT", {"nu": 3.0, "sigma": 1.0}), 0.0, 1.0),
    "no transform of its own": (Prior("LogitNormal", {"mu": 0.0, "sigma": 1.0}), 0.0, 1.0),
    "shifted": (Prior("Wald", {"mu": 1.0, "lam": 2.0, "alpha": 0.3}), 0.0, np.inf),
}


@pytest.mark.parametrize("name", CASES)
def test_density_and_support(name):
    prior, lower, upper = CASES[name]
    made = cut_prior(prior, lower, upper)
    assert isinstance(made, bmb.Prior)
    with pm.Model() as model:
        variable = made.dist("x")
    known = Distribution(prior, lower, upper)
    transform = model.rvs_to_transforms[variable]
    value = model.rvs_to_values[variable]
    density = model.compile_fn(
        model.logp(jacobian=False), inputs=[value], mode="FAST_COMPILE", point_fn=False
    )
    for quantile in (0.01, 0.3, 0.5, 0.9, 0.999):
        x = float(known.ppf(quantile))
        at = x
        if transform is not None:
            at = float(transform.forward(np.float64(x), *variable.owner.inputs).eval())
            back = float(transform.backward(np.float64(at), *variable.owner.inputs).eval())
            assert back == pytest.approx(x, rel=1e-10)
        assert float(density(at)) == pytest.approx(float(known.logpdf(x)), rel=1e-7, abs=1e-7)


def test_levels_share_a_prior():
    prior, lower, upper = CASES["cut below"]
    with pm.Model(coords={"level": ["a", "b", "c"]}) as model:
        cut_prior(prior, lower, upper).dist("x", dims=["level"])
    assert model["x"].type.ndim == 1


def test_a_nested_prior_is_refused():
    with pytest.raises(ValueError, match="only the sd of a term"):
        cut_prior(Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 1.0})}), 0, 1)
