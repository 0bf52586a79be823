"""How many leapfrog steps there are, and what is adapted when."""

import numpy as np
import pytest
from scipy.special import ndtri

from driftmill.sampling.trajectories import most_steps, plan_of


@pytest.mark.parametrize("most", [1, 3, 4, 7])
def test_numbers_of_steps_are_even_between_one_and_the_most(most):
    steps = plan_of(300, 1000, 0.8, most).steps
    found, counts = np.unique(steps, return_counts=True)
    np.testing.assert_array_equal(found, np.arange(1, most + 1))
    assert counts.max() - counts.min() < 0.02 * len(steps)
    for first in range(0, 1300, 100):
        assert abs(steps[first : first + 100].mean() - (most + 1) / 2) < 0.1 * most


def test_more_dimensions_and_a_higher_acceptance_need_more_steps():
    assert most_steps(4, 0.8) == 4
    assert most_steps(4, 0.8) < most_steps(4, 0.9) < most_steps(4, 0.98)
    assert most_steps(4, 0.9, 1) == 2 * most_steps(4, 0.9)
    assert most_steps(4, 0.8) < most_steps(50, 0.8) < most_steps(500, 0.8)


def test_the_acceptance_of_a_normal_is_as_the_step_is_chosen_for():
    """Leapfrog steps of a standard normal, trajectories of all lengths up to that of the most."""
    d, target = 200, 0.8
    step = np.sqrt(-2 * ndtri(target / 2) * np.sqrt(32 / d))
    rng = np.random.default_rng(0)
    accepted = []
    for n in np.tile(np.arange(1, 1 + round(np.pi / step)), 100):
        z, momentum = rng.standard_normal((2, d))
        before = z @ z + momentum @ momentum
        for _ in range(n):
            momentum = momentum - step / 2 * z
            z = z + step * momentum
            momentum = momentum - step / 2 * z
        accepted.append(min(1.0, np.exp((before - z @ z - momentum @ momentum) / 2)))
    assert np.mean(accepted) == pytest.approx(target, abs=0.05)


@pytest.mark.parametrize("warmup", [1, 15, 40, 300, 1000])
def test_what_the_warm_up_adapts(warmup):
    plan = plan_of(warmup, 50, 0.8, 4)
    assert plan.warming.sum() == warmup
    assert list(np.flatnonzero(plan.last)) == [warmup - 1]
    closed = np.flatnonzero(plan.closing)
    assert np.all(plan.collecting[closed])
    assert not np.any(plan.collecting[warmup:])
    assert (len(closed) > 0) == (warmup >= 20)
    if len(closed):
        assert np.flatnonzero(plan.collecting)[-1] == closed[-1] < warmup - 1
