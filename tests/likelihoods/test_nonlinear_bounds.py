"""Bounds that are not straight, against closed forms, and the shapes that share a solution."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.likelihoods import first_passage
from driftmill.likelihoods.adams import march, slope_of, weights
from driftmill.likelihoods.galerkin import basis, products
from driftmill.likelihoods.nonlinear_bounds import COLLAPSED, collapsing, ornstein, weibull

RT = np.tile(np.array([0.24, 0.3, 0.4, 0.55, 0.8, 1.2, 1.7]), 2)
RESPONSE = np.repeat([-1.0, 1.0], 7)


def test_the_basis_reproduces_a_polynomial_and_its_second_derivative():
    table = basis(12)
    y = table.points
    coefficients = table.projection @ ((1 - y**2) * (y**3 + 2 * y))
    # ((1 - y^2)(y^3 + 2y))'' = -20 y^3 - 6 y; its inward slopes at the ends are 6 and -6.
    np.testing.assert_allclose(table.slopes @ coefficients, [-6, 6], rtol=1e-12)
    curvature = table.projection @ (-20 * y**3 - 6 * y)
    np.testing.assert_allclose(-2 * table.rates * coefficients, curvature, atol=1e-10)
    both = products(table, jnp.asarray(coefficients), leaning=True)
    for power, found in ((2, both[0]), (1, both[1])):
        expected = table.projection @ (y**power * (1 - y**2) * (y**3 + 2 * y))
        np.testing.assert_allclose(found, expected, atol=1e-12)
    np.testing.assert_allclose(np.sort(table.rates)[:3], np.pi**2 / 8 * np.array([1, 4, 9]), 1e-8)


def test_steps_are_of_fourth_order():
    # c' = -5 c + cos(t) c has the solution exp(sin(t) - 5 t).
    def error(n):
        times = jnp.linspace(0.0, 2.0, n + 1) ** 1.2
        past = -jnp.array([3.0, 2.0, 1.0]) * times[1]
        before = jnp.append(past, 0.0)
        exact = jnp.exp(jnp.sin(before) - 5 * before)
        factors = jnp.stack([jnp.cos(times), 0 * times], 1)

        def operator(c):
            return c[None]

        history = jnp.stack(
            [
                slope_of(c[None], operator, jnp.array([jnp.cos(t), 0.0]))
                for c, t in zip(exact, before, strict=True)
            ]
        )
        rule = weights(jnp.array([5.0]), past, times)
        found = march(jnp.ones(1), history, rule, operator, factors[1:])[:, 0]
        return float(np.abs(np.log(found) - (np.sin(times) - 5 * times)[1:]).max())

    assert error(80) < 5e-5
    assert 3.5 < np.log2(error(40) / error(80)) < 5.0


def test_a_linear_boundary_is_the_angle_model():
    values = {"v": 0.8, "a": 1.1, "z": 0.4, "t": 0.2, "theta": 0.35}

    def own(v, a, z, t, theta):
        return collapsing(lambda s, a, c: a - c * s, RT, RESPONSE, v, z, t, [a, jnp.tan(theta)])

    def both(density):
        def total(parameters):
            log_p = density(**parameters)
            return log_p.sum(), log_p

        return jax.jit(jax.grad(total, has_aux=True))(values)

    gradient, log_p = both(own)
    exact_gradient, exact = both(lambda **p: first_passage.angle(RT, RESPONSE, **p))
    np.testing.assert_allclose(log_p, exact, atol=1e-6)
    for name, slope in exact_gradient.items():
        assert abs(gradient[name] - slope) < 1e-4 * max(1, abs(slope)), name


def test_without_leak_it_is_the_drift_diffusion_model():
    exact = first_passage.ddm(RT, RESPONSE, 0.8, 1.1, 0.4, 0.2)
    got = jax.jit(ornstein)(RT, RESPONSE, 0.8, 1.1, 0.4, 1e-12, 0.2)
    np.testing.assert_allclose(got, exact, atol=1e-7)


def test_participants_share_a_solution_along_an_axis_of_trials():
    density = jax.jit(weibull)
    v = np.linspace(-1, 1, RT.size)
    a, z = np.array([[0.9], [1.4]]), np.array([[0.5], [0.3]])
    alpha, beta, t = np.array([[1.5], [3.0]]), np.array([[2.0], [1.2]]), np.array([[0.2], [0.1]])
    got = density(RT, RESPONSE, v, a, z, t, alpha, beta)
    assert got.shape == (2, RT.size)
    for k in range(2):
        alone = density(RT, RESPONSE, v, a[k, 0], z[k, 0], t[k, 0], alpha[k, 0], beta[k, 0])
        np.testing.assert_allclose(got[k], alone, atol=1e-4)
    across = density(RT[:, None], RESPONSE[:, None], v[:, None], a.T, z.T, t.T, alpha.T, beta.T)
    np.testing.assert_allclose(across.T, got, atol=1e-12)


@pytest.mark.parametrize("response", [-1.0, 1.0])
def test_after_the_collapse_the_density_falls_on_and_points_home(response):
    alpha, beta, t = 2.5, 0.8, 0.2
    end = t + beta * COLLAPSED ** (1 / alpha)
    rt = end + np.array([-1e-9, 1e-9, 0.1, 1.0, 30.0])

    @jax.jit
    @jax.value_and_grad
    def total(beta, weight):
        return weight @ weibull(rt, response, 0.5, 1.2, 0.5, t, alpha, beta)

    log_p, gradient = np.transpose([total(beta, row) for row in np.eye(5)])
    assert np.isfinite(log_p).all()
    assert np.isfinite(gradient).all()
    assert abs(log_p[0] - log_p[1]) < 1e-3 * abs(log_p[0])
    assert (np.diff(log_p[1:]) < 0).all()
    assert (gradient[1:] > 0).all()
