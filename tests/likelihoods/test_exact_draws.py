"""Rows of a compiled sampler: each by itself, whatever stands beside and after it."""

import jax
import numpy as np

from driftmill.likelihoods.exact_draws import LANES, draw_in_lanes, passage_program
from driftmill.likelihoods.first_passage import ddm

NAMES = ("v", "a", "z", "t")
PROGRAM = passage_program(ddm, NAMES, (-1, 1))


def given(n):
    rng = np.random.default_rng(7)
    ranges = {"v": (-2, 2), "a": (0.5, 1.5), "z": (0.3, 0.7)}
    parameters = {name: rng.uniform(*ends, n) for name, ends in ranges.items()}
    return parameters | {"t": np.zeros(n)}, rng.random(n)


def test_rows_do_not_depend_on_others_to_the_bit():
    n = 2 * LANES + 5
    parameters, uniform = given(n)
    whole = draw_in_lanes(PROGRAM, parameters, uniform)
    fewer = draw_in_lanes(PROGRAM, {k: x[:40] for k, x in parameters.items()}, uniform[:40])
    for all_rows, first_rows in zip(whole, fewer, strict=True):
        np.testing.assert_array_equal(all_rows[:40], first_rows)
    others = {name: x.copy() for name, x in parameters.items()}
    others["v"][1:] = 0.3
    again = draw_in_lanes(PROGRAM, others, uniform)
    assert again.time[0] == whole.time[0]
    assert (again.time[1:] != whole.time[1:]).any()


def test_a_draw_is_where_the_mass_reaches_its_uniform_number():
    parameters, uniform = given(LANES)
    drawn = draw_in_lanes(PROGRAM, parameters, uniform)
    np.testing.assert_allclose(drawn.mass, 1.0, atol=1e-9)
    nodes, weights = np.polynomial.legendre.leggauss(200)
    density = jax.jit(ddm)
    below = np.zeros(LANES)
    for place, choice in enumerate((-1, 1)):
        # All of the choices before, and of the own one what comes earlier.
        end = np.where(drawn.place > place, 60.0, np.where(drawn.place == place, drawn.time, 0.0))
        # Times are laid evenly in their fourth root, so that the fast ones are resolved.
        root = 0.5 * end[:, None] ** 0.25 * (nodes + 1)
        columns = [parameters[name][:, None] for name in NAMES]
        p = np.exp(density(root**4, choice, *columns))
        below += np.sum(weights * p * 4 * root**3, axis=1) * 0.5 * end**0.25
    np.testing.assert_allclose(below, uniform, atol=1e-8)
