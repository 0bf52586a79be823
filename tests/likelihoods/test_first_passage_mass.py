"""Draws in the corners of the parameters, against the density integrated on a fine grid."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.interpolate import CubicHermiteSpline

from driftmill.models import get_model
from driftmill.simulation.exact import draw_exactly

CASES = [
    ("ddm", {"v": 0.0, "a": 1.0, "z": 0.5}),
    ("ddm", {"v": 0.0, "a": 8.0, "z": 0.5}),
    ("ddm", {"v": 0.4, "a": 0.1, "z": 0.2}),
    ("ddm", {"v": 12.0, "a": 3.0, "z": 0.5}),
    ("ddm", {"v": -30.0, "a": 2.0, "z": 0.9}),
    ("ddm", {"v": 0.5, "a": 1.0, "z": 0.002}),
    ("ddm", {"v": 3.0, "a": 2.0, "z": 0.995}),
    ("ddm_sdv", {"v": 0.5, "a": 1.2, "z": 0.5, "sv": 0.01}),
    ("ddm_sdv", {"v": 0.0, "a": 2.0, "z": 0.3, "sv": 8.0}),
    ("ddm_sdv", {"v": 6.0, "a": 1.5, "z": 0.98, "sv": 3.0}),
    ("angle", {"v": 0.0, "a": 0.8, "z": 0.5, "theta": -0.02}),
    ("angle", {"v": -1.0, "a": 3.0, "z": 0.4, "theta": -0.09}),
    ("angle", {"v": 0.0, "a": 5.0, "z": 0.5, "theta": 1.39}),
    ("angle", {"v": 4.0, "a": 3.0, "z": 0.1, "theta": 1.2}),
    ("angle", {"v": 10.0, "a": 2.0, "z": 0.01, "theta": 0.6}),
    ("angle", {"v": 0.5, "a": 1.0, "z": 0.5, "theta": 1e-9}),
]
POINTS = 120_000


def cumulative(model, values):
    """Return the mass below a log decision time for either response, by Simpson's rule.

    Between the points of the grid by the cubic that has the density as its slope.
    """
    a, slope = values["a"], np.tan(values.get("theta", 0.0))
    near = a * min(values["z"], 1 - values["z"])
    last = np.log(150.0 * a * a)
    if slope > 0:
        last = min(last, np.log(a / slope) - 1e-9)
    grid = np.linspace(np.log(near * near / 400.0), last, 2 * POINTS + 1)
    arguments = [0.0 if p.name == "t" else values[p.name] for p in model.parameters]
    found = []
    for choice in (-1, 1):
        log_density = model.likelihoods["analytical"](jnp.exp(grid), choice, *arguments)
        height = np.exp(np.asarray(log_density) + grid)
        step = (grid[1] - grid[0]) / 3.0
        parts = step * (height[:-2:2] + 4.0 * height[1::2] + height[2::2])
        mass = np.append(0.0, np.cumsum(parts))
        found.append(CubicHermiteSpline(grid[::2], mass, height[::2]))
    return found


@pytest.mark.parametrize(("name", "values"), CASES)
def test_draws_lie_where_the_integrated_mass_says(name, values):
    model = get_model(name)
    uniform = np.sort(np.random.default_rng(6).random(150))
    t = 0.25
    rows = {
        p.name: np.full(uniform.size, t if p.name == "t" else values[p.name])
        for p in model.parameters
    }
    drawn = draw_exactly(model, rows, uniform)
    lower, upper = cumulative(model, values)
    total = np.array([part(part.x[-1]) for part in (lower, upper)])
    np.testing.assert_allclose(total.sum(), 1.0, atol=1e-7)
    np.testing.assert_array_equal(drawn["response"], np.where(uniform < total[0], -1, 1))
    at = np.log(drawn["rt"] - t)
    below = np.where(drawn["response"] == -1, lower(at), total[0] + upper(at))
    # What rt - t has lost to rounding moves a steep density by a little more than the rest.
    tolerance = 1e-8 + 4e-16 * np.exp(-at).max()
    np.testing.assert_allclose(below, uniform, atol=tolerance)
