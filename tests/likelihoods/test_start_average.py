"""The average over the start against adaptive quadrature of the closed form."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate

from driftmill.likelihoods.first_passage import ddm_sdv
from driftmill.likelihoods.start_average import log_start_average

single = jax.jit(ddm_sdv)
SEPARATION = 2.0
#: Early and late times; starts near a bound, all over, and all in one place.
CASES = [
    (0.08, 0.5, 0.4, 0.7, 0.5),
    (0.4, 1.0, 0.9, -1.2, 0.0),
    (1.5, 1.3, 0.5, 0.4, 1.5),
    (0.6, 0.8, 0.0, 0.3, 0.8),
]


def averaged(time, middle, half, v, sv):
    def at(x):
        # The bound that is hit is the lower one; the drift is away from it.
        return float(np.exp(single(time, -1, v, SEPARATION / 2, x / SEPARATION, 0.0, sv)))

    if half == 0:
        return at(middle)
    low, high = middle - half, middle + half
    return integrate.quad(at, low, high, epsabs=0, epsrel=1e-10)[0] / (2 * half)


@pytest.mark.parametrize(("time", "middle", "half", "v", "sv"), CASES)
def test_it_is_the_average_over_the_start(time, middle, half, v, sv):
    found = log_start_average(
        *(jnp.asarray(x) for x in (time, middle, half, SEPARATION, v, sv)), 16
    )
    assert float(found) == pytest.approx(np.log(averaged(time, middle, half, v, sv)), abs=1e-7)


def test_its_rule_is_the_slope_and_can_be_differentiated_again():
    point = [jnp.asarray(x) for x in (0.4, 0.9, 0.6, SEPARATION, 0.5, 0.7)]

    def value(*x):
        return log_start_average(*x, 13)

    gradient = jax.jit(jax.grad(value, argnums=range(6)))
    hessian = jax.jit(jax.hessian(value, argnums=4))(*point)
    found, step = gradient(*point), 1e-5
    for k, slope in enumerate(found):
        ends = [value(*(x + s * step * (j == k) for j, x in enumerate(point))) for s in (-1, 1)]
        assert float(slope) == pytest.approx(float(ends[1] - ends[0]) / (2 * step), rel=1e-6)
    ends = [gradient(*point[:4], point[4] + s * step, point[5])[4] for s in (-1, 1)]
    assert float(hessian) == pytest.approx(float(ends[1] - ends[0]) / (2 * step), rel=1e-6)
