"""The softplus coordinate: there and back, its slope, and the mass of a prior under it."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
from scipy.integrate import quad

from driftmill.regression.softplus import Softplus

VALUES = [1e-8, 1e-3, 0.5, 2.0, 40.0]


@pytest.mark.parametrize("value", VALUES)
def test_there_and_back(value):
    for lower in (0.0, 0.5):
        x = Softplus(lower).forward(pt.constant(np.float64(lower + value)))
        assert float(Softplus(lower).backward(x).eval()) == pytest.approx(lower + value, rel=1e-9)


@pytest.mark.parametrize("x", [-30.0, -2.0, 0.0, 3.0, 50.0])
def test_slope(x):
    step = 1e-5 * max(1.0, abs(x))
    ends = [float(Softplus().backward(pt.constant(x + s)).eval()) for s in (-step, step)]
    slope = np.log((ends[1] - ends[0]) / (2 * step))
    assert float(Softplus().log_jac_det(pt.constant(x)).eval()) == pytest.approx(
        slope, rel=1e-5, abs=1e-7
    )


def test_a_prior_keeps_its_mass():
    with pm.Model() as model:
        pm.HalfNormal("sv", sigma=2.0, default_transform=Softplus())
    logp = model.compile_logp(mode="FAST_COMPILE")
    (value,) = model.value_vars
    mass, _ = quad(lambda x: np.exp(logp({value.name: x})), -30, 30, epsabs=1e-9)
    assert mass == pytest.approx(1.0, abs=1e-6)
