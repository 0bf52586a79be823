"""Models from a boundary of one's own, against plain simulation."""

import math
import runpy
from pathlib import Path

import numpy as np
import pytest

from driftmill.models.boundaries import diffusion_between
from driftmill.models.declaration import Parameter, Prior
from driftmill.models.registry import forget, registrations
from driftmill.models.sound import RegistrationError
from driftmill.simulation.agreement import chi_square

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "models" / "hyperbolic.py"
TRUTH = {"v": 0.7, "a": 1.2, "k": 0.8, "z": 0.4, "t": 0.25}


@pytest.fixture(scope="module")
def hyperbolic():
    with registrations() as made:
        runpy.run_path(str(EXAMPLE))
    yield made[0]
    forget(made)


def walks(n, step=0.001):
    """Return times and responses of Euler steps, the bounds moved in by their overshoot."""
    rng = np.random.default_rng(5)
    x = np.full(n, (2 * TRUTH["z"] - 1) * TRUTH["a"])
    rt, response, going = np.zeros(n), np.zeros(n, int), np.arange(n)
    for k in range(1, 20_000):
        now = x[going] + TRUTH["v"] * step + np.sqrt(step) * rng.standard_normal(going.size)
        x[going] = now
        bound = TRUTH["a"] / (1 + k * step / TRUTH["k"]) - 0.5826 * np.sqrt(step)
        done = np.abs(now) >= bound
        rt[going[done]], response[going[done]] = (k - 0.5) * step, np.sign(now[done])
        going = going[~done]
        if not going.size:
            break
    return rt + TRUTH["t"], response


def test_draws_of_the_density_are_those_of_plain_walks(hyperbolic):
    n = 20_000
    drawn = hyperbolic.simulator(
        np.random.default_rng(1), {name: np.full(n, x) for name, x in TRUTH.items()}
    )
    rt, response = walks(n)
    edges = np.append(np.quantile(rt, np.linspace(0, 1, 16)[:-1]), np.inf)
    edges[0] = 0.0
    for side in (-1, 1):
        ours = np.histogram(drawn["rt"][drawn["response"] == side], edges)[0]
        theirs = np.histogram(rt[response == side], edges)[0]
        # Both are samples: the difference has twice the variance of one against the truth.
        both = (ours + theirs) / (ours + theirs).sum()
        found = chi_square(ours, both)
        assert abs(ours.sum() - theirs.sum()) < 6 * np.sqrt(n / 2)
        assert 2 * found.statistic < 14 + 6 * np.sqrt(2 * 14)


def test_its_start_knows_the_bound(hyperbolic):
    start = hyperbolic.start({"rt": np.array([0.5, 0.7, 0.9]), "response": np.array([1, 1, -1])})
    assert tuple(start) == hyperbolic.parameter_names == ("v", "a", "k", "z", "t")
    assert start["t"] < 0.5
    assert all(p.supports(start[p.name]) for p in hyperbolic.parameters)


def test_what_does_not_fit_together_is_refused():
    prior = Prior("HalfNormal", {"sigma": 1.0})
    c = Parameter("c", 0.0, math.inf, prior, "")
    with pytest.raises(RegistrationError, match=r"boundary\(s, c\) cannot be called"):
        diffusion_between("own", lambda s, a: a + 0 * s, (c,))
    t = Parameter("t", 0.0, math.inf, prior, "")
    with pytest.raises(RegistrationError, match="'t', which the model has itself"):
        diffusion_between("own", lambda s, t: t + 0 * s, (t,))
