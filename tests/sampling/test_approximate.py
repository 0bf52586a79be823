"""Approximations against sampled posteriors, against scipy, and against what they cannot do."""

import numpy as np
import pytest
from scipy import optimize, special, stats
from tests.sampling.conftest import ddm_columns

from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.sampling.approximate import approximate_posterior
from driftmill.sampling.ladder import sample_posterior
from driftmill.sampling.programs import Programs
from driftmill.sampling.settings import APPROXIMATIONS, SamplingSettings

DDM = FitSpec("ddm", get_model("ddm"))
SOFTMAX = get_model("softmax_inv_temperature_2")


def prepared(sampler, spec, columns):
    lifted, data = Lifter(spec, Shape(len(columns["response"]))).of(columns)
    return Programs(lifted, SamplingSettings(sampler=sampler)), data


def run(sampler, spec, columns):
    sample = sample_posterior if sampler == "nuts" else approximate_posterior
    return sample(*prepared(sampler, spec, columns), np.random.SeedSequence(4))


def pareto_k(posterior):
    return float(posterior.message.split()[2].rstrip(","))


@pytest.fixture(scope="module")
def nearly_gaussian():
    return ddm_columns(500, 1)


@pytest.fixture(scope="module")
def sampled(nearly_gaussian):
    return run("nuts", DDM, nearly_gaussian)


@pytest.fixture(scope="module")
def programs(nearly_gaussian):
    return {sampler: prepared(sampler, DDM, nearly_gaussian) for sampler in APPROXIMATIONS}


@pytest.fixture(scope="module")
def approximations(programs):
    seed = np.random.SeedSequence
    return {name: approximate_posterior(*args, seed(4)) for name, args in programs.items()}


@pytest.mark.parametrize(("sampler", "off"), [("laplace", 0.2), ("advi", 0.1)])
def test_near_a_posterior_that_is_nearly_gaussian(sampler, off, sampled, approximations):
    """Of laplace the means are off by the skewness that five hundred trials leave."""
    posterior = approximations[sampler]
    mean, sd = sampled.draws.mean((0, 1)), sampled.draws.std((0, 1))
    assert np.all(np.abs(posterior.draws.mean((0, 1)) - mean) < off * sd)
    np.testing.assert_allclose(posterior.draws.std((0, 1)), sd, rtol=0.07)
    assert pareto_k(posterior) < 0.7


@pytest.mark.parametrize("sampler", APPROXIMATIONS)
def test_they_say_what_they_are(sampler, sampled, approximations):
    posterior = approximations[sampler]
    assert posterior.code == "approximate"
    assert posterior.draws.shape == sampled.draws.shape
    assert posterior.variables == sampled.variables
    assert posterior.diagnostics is None
    assert posterior.message


@pytest.mark.parametrize("sampler", ["laplace", "advi"])
def test_draws_follow_from_the_seed(sampler, programs, approximations):
    again, other = (
        approximate_posterior(*programs[sampler], np.random.SeedSequence(seed)) for seed in (4, 5)
    )
    np.testing.assert_array_equal(again.draws, approximations[sampler].draws)
    assert not np.any(other.draws == again.draws)


def test_the_mode_is_scipys():
    """Of a coefficient on the whole line there is one mode, on whatever scale."""
    response = np.repeat([-1, 1], [13, 37])
    prior = Prior("Normal", {"mu": -0.5, "sigma": 0.7})
    spec = FitSpec("softmax", SOFTMAX, fixed={"beta": 1.5}, priors={"logit1": prior})

    def energy(logit):
        likelihood = special.log_expit(1.5 * logit * response).sum()
        return -likelihood - stats.norm(-0.5, 0.7).logpdf(logit)

    posterior = run("map", spec, {"response": response})
    assert np.ptp(posterior.draws) == 0.0
    expected = optimize.minimize_scalar(energy, tol=1e-10).x
    assert posterior.draws[0, 0, 0] == pytest.approx(expected, abs=1e-5)


def test_a_heavy_tail_is_called_far_off():
    """A likelihood that hardly knows its parameter leaves the prior, a Student t."""
    prior = Prior("StudentT", {"nu": 2.0, "mu": 0.0, "sigma": 1.0})
    spec = FitSpec("softmax", SOFTMAX, fixed={"beta": 1e-3}, priors={"logit1": prior})
    posterior = run("laplace", spec, {"response": np.array([-1, 1])})
    assert posterior.code == "approximate"
    assert pareto_k(posterior) > 0.7
    assert posterior.message.endswith("far from the posterior")


def test_no_start_is_a_numeric_failure():
    spec = FitSpec("ddm", get_model("ddm"), fixed={"t": 50.0})
    posterior = run("map", spec, ddm_columns(50, 1))
    assert posterior.draws is None
    assert posterior.code == "numeric_failure"
