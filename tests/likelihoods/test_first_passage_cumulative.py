"""Responses before a time: with the survivors they make up 1, and they are what is simulated."""

import jax
import numpy as np
import pytest

from driftmill.likelihoods import first_passage_cumulative as cumulative
from driftmill.likelihoods import first_passage_survivor as survivor
from driftmill.models import get_model
from driftmill.simulation.exact import draw_exactly

EXTRA = {"ddm": (), "ddm_sdv": (0.9,), "angle": (0.4,), "angle_sdv": (0.3, 0.8)}


@pytest.mark.parametrize("name", list(EXTRA))
def test_responses_and_survivors_are_all(name):
    rng = np.random.default_rng(3)
    n = 60
    values = [rng.uniform(*ends, n) for ends in ((-4, 4), (0.2, 2.5), (0.05, 0.95), (0.1, 0.4))]
    values += [np.full(n, x) for x in EXTRA[name]]
    rt = values[3] + np.exp(rng.uniform(np.log(0.02), np.log(6.0), n))
    log_f, log_s = jax.jit(getattr(cumulative, name)), jax.jit(getattr(survivor, name))
    parts = [log_f(rt, response, *values) for response in (-1.0, 1.0)]
    left = log_s(rt, *values)
    np.testing.assert_allclose(np.exp([*parts, left]).sum(axis=0), 1.0, atol=1e-10)


def test_shares_of_simulated_trials():
    n, ddm = 10_000, jax.jit(cumulative.ddm)
    parameters = {"v": 0.6, "a": 1.1, "z": 0.45, "t": 0.25}
    arrays = {name: np.full(n, value) for name, value in parameters.items()}
    trials = draw_exactly(get_model("ddm"), arrays, np.random.default_rng(1).random(n))
    for deadline in (0.5, 1.0, 2.0):
        for response in (-1, 1):
            share = np.mean((trials["rt"] < deadline) & (trials["response"] == response))
            p = float(np.exp(ddm(deadline, float(response), *parameters.values())))
            # Five standard errors.
            assert abs(share - p) < 5 * np.sqrt(p * (1 - p) / n)


def test_gradients_equal_finite_differences_and_ends_are_finite():
    both = jax.jit(jax.value_and_grad(cumulative.angle, argnums=(0, *range(2, 7))))
    arguments = np.array([0.9, -1.0, 0.7, 1.1, 0.45, 0.25, 0.3])
    _, gradient = both(*arguments)
    for k, place in enumerate((0, *range(2, 7))):
        step = np.zeros(7)
        step[place] = 1e-6
        up, down = both(*(arguments + step))[0], both(*(arguments - step))[0]
        assert abs((up - down) / 2e-6 - gradient[k]) < 1e-7
    for rt in (0.2, 0.25):
        value, gradient = both(rt, *arguments[1:])
        assert value == -np.inf
        assert np.isfinite(gradient).all()
    # Long after the bounds have met.
    late, gradient = both(30.0, *arguments[1:])
    assert np.isfinite(gradient).all()
    other, _ = both(30.0, 1.0, *arguments[2:])
    np.testing.assert_allclose(np.exp(late) + np.exp(other), 1.0, atol=1e-11)
