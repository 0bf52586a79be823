"""The coordinates of a width and of the end above it: a change of variables and no more."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.ceiling import Ceiling
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.midway import Midway
from tests.regression.specs import SPECS, columns_of

ROWS = 20
VALUES = {"A": 0.3, "b": 0.9, "v0": 1.2, "v1": 0.8, "t": 0.1}


def lifted_of(**given):
    spec = FitSpec("race", get_model("racing_diffusion_2"), **given)
    return Lifter(spec, Shape(ROWS)).of(columns_of(SPECS["lba2"], ROWS, seed=4))


@pytest.fixture(scope="module")
def race():
    return lifted_of()


def position_of(race, **values):
    lifted, data = race
    natural = jnp.asarray([(VALUES | values)[v.name] for v in lifted.free])
    return lifted.unconstrain(natural, data.arrays)


def by_name(race, position):
    lifted, data = race
    found = lifted.constrain(position, data.arrays)
    return dict(zip((v.name for v in lifted.free), np.asarray(found), strict=True))


@pytest.mark.parametrize("A", [1e-9, 1e-3, 0.3, 0.6, 0.899])
def test_the_slope_is_the_determinant(race, A):
    lifted, data = race
    position = position_of(race, A=A)
    _, log_slope = lifted.ceiling.to_pymc(position, data.arrays)
    matrix = jax.jacfwd(lambda x: lifted.ceiling.to_pymc(x, data.arrays)[0])(position)
    assert float(log_slope) == pytest.approx(np.linalg.slogdet(matrix)[1], abs=1e-9)
    assert by_name(race, position) == pytest.approx(VALUES | {"A": A}, rel=1e-11)


def test_a_wider_start_leaves_the_mean_way(race):
    position = position_of(race)
    names = [variable.name for variable in race[0].free]
    for far in (-30.0, 0.0, 7.0, 20.0, 40.0):
        found = by_name(race, position.at[names.index("A")].set(far))
        assert found["b"] - 0.5 * found["A"] == pytest.approx(0.75, rel=1e-12)
        assert 0.0 < found["A"] < found["b"]
        assert np.isfinite(race[0].log_density(position, race[1].arrays))


def test_between_the_turns_the_width_is_a_straight_line(race):
    names = [variable.name for variable in race[0].free]
    at = [float(position_of(race, A=A, b=0.75 + A / 2)[names.index("A")]) for A in (0.3, 0.6, 0.9)]
    assert at[2] - at[1] == pytest.approx(at[1] - at[0], rel=1e-2)


def test_only_of_plain_parameters_that_may_be_any_number_above_zero():
    assert isinstance(lifted_of()[0].ceiling, Midway)
    uniform = Prior("Uniform", {"lower": 0.5, "upper": 3.0})
    assert isinstance(lifted_of(priors={"b": uniform})[0].ceiling, Ceiling)
    assert isinstance(lifted_of(fixed={"b": 1.0})[0].ceiling, Ceiling)
    assert lifted_of(fixed={"A": 0.2})[0].ceiling is None
