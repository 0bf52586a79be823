"""The lifted log density against PyMC's own, for data that the program has never seen."""

import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifted import LiftedModel, Shape, lift, position_of
from driftmill.regression.pointwise import PointwiseLikelihood

SPECS = {
    "ddm": FitSpec("ddm", get_model("ddm")),
    "ddm lapse": FitSpec("ddm", get_model("ddm"), p_outlier=0.05),
    "angle": FitSpec("angle", get_model("angle")),
    "angle, z and t fixed": FitSpec("angle", get_model("angle"), fixed={"z": 0.5, "t": 0.1}),
    "ddm_sdv": FitSpec("ddm_sdv", get_model("ddm_sdv")),
    "ddm_sdv, priors past the support": FitSpec(
        "ddm_sdv",
        get_model("ddm_sdv"),
        priors={
            "a": Prior("Normal", {"mu": 1.0, "sigma": 1.0}),
            "z": Prior("Normal", {"mu": 0.5, "sigma": 0.3}),
            "t": Prior("Gamma", {"mu": 0.3, "sigma": 0.2}),
        },
        p_outlier=0.1,
    ),
    "softmax": FitSpec("softmax", get_model("softmax_inv_temperature_3")),
    "one free parameter": FitSpec(
        "beta", get_model("softmax_inv_temperature_2"), fixed={"logit1": 0.5}
    ),
}


def columns_of(spec, n, seed):
    rng = np.random.default_rng(seed)
    columns = {"response": rng.choice(spec.model.choices, n)}
    if spec.model.has_rt:
        columns["rt"] = 0.25 + rng.gamma(2.0, 0.3, n)
    return columns


def start_of(spec, columns):
    rough = spec.model.start(columns)
    return {name: rough[name] for name in spec.free_parameters}


@pytest.fixture(scope="module", params=SPECS)
def lifted(request) -> LiftedModel:
    return lift(SPECS[request.param], Shape(40))


def test_agrees_with_pymc(lifted):
    columns = columns_of(lifted.spec, 40, seed=7)
    model = lifted.model_of(columns)
    direct = model.compile_logp(mode="FAST_COMPILE")
    data = lifted.data_of(columns)
    start = position_of(lifted, start_of(lifted.spec, columns), data)
    rvs = {rv.name: model.rvs_to_values[rv].name for rv in model.free_RVs}
    names = [rvs["Intercept" if n == lifted.spec.free_parameters[0] else n] for n in lifted.names]
    rng = np.random.default_rng(1)
    for _ in range(3):
        position = np.asarray(start) + 0.1 * rng.standard_normal(len(names))
        theirs, log_slope = jnp.asarray(position), 0.0
        if lifted.ceiling:
            theirs, log_slope = lifted.ceiling.to_pymc(theirs, data)
        expected = direct(dict(zip(names, np.asarray(theirs), strict=True)))
        got = float(jax.jit(lifted.log_density)(jnp.asarray(position), data))
        assert got == pytest.approx(float(expected) + float(log_slope), rel=1e-11)


@pytest.mark.parametrize("name", ["angle", "angle, z and t fixed"])
def test_ceiling_is_never_reached(name):
    """However far the coordinate goes, the bounds meet after the slowest response."""
    lifted = lift(SPECS[name], Shape(40))
    columns = columns_of(lifted.spec, 40, seed=4)
    data = lifted.data_of(columns)
    k = lifted.names.index("theta")
    start = position_of(lifted, start_of(lifted.spec, columns), data)
    for far in (2.0, 8.0, 20.0):
        position = start.at[k].set(far)
        assert np.isfinite(float(lifted.log_density(position, data)))
    _, log_slope = lifted.ceiling.to_pymc(start, data)
    step = 1e-6
    ends = [lifted.ceiling.to_pymc(start.at[k].add(s), data)[0][k] for s in (-step, step)]
    assert float(log_slope) == pytest.approx(np.log((ends[1] - ends[0]) / (2 * step)), abs=1e-7)
    others = [i for i in range(len(lifted.names)) if i != k]
    np.testing.assert_array_equal(
        lifted.ceiling.to_pymc(start, data)[0][jnp.asarray(others)], start[jnp.asarray(others)]
    )


def test_no_ceiling_under_a_lapse():
    spec = FitSpec("angle", get_model("angle"), p_outlier=0.05)
    assert lift(spec, Shape(40)).ceiling is None


def test_round_trip(lifted):
    columns = columns_of(lifted.spec, 40, seed=3)
    data = lifted.data_of(columns)
    natural = start_of(lifted.spec, columns)
    back = lifted.constrain(position_of(lifted, natural, data), data)
    np.testing.assert_allclose(back, [natural[name] for name in lifted.names], rtol=1e-12)


def test_gradient_is_the_slope(lifted):
    columns = columns_of(lifted.spec, 40, seed=5)
    data = lifted.data_of(columns)
    start = np.asarray(position_of(lifted, start_of(lifted.spec, columns), data))
    value = jax.jit(lifted.log_density)
    gradient = jax.jit(jax.grad(lifted.log_density))(jnp.asarray(start), data)
    step = 1e-5
    for k, slope in enumerate(gradient):
        shift = step * np.eye(len(start))[k]
        central = (value(start + shift, data) - value(start - shift, data)) / (2 * step)
        assert float(slope) == pytest.approx(float(central), rel=1e-5, abs=1e-5)


def test_pointwise_sums_to_the_likelihood(lifted):
    columns = columns_of(lifted.spec, 40, seed=5)
    natural = start_of(lifted.spec, columns)
    draws = np.array([[[natural[name] for name in lifted.names]]])
    pointwise = PointwiseLikelihood(lifted)(draws, columns)
    spec = lifted.spec
    values = natural | dict(spec.fixed)
    density = spec.log_density(
        *(jnp.asarray(columns[c], dtype=float) for c in spec.model.response_columns),
        *(values[name] for name in spec.model.parameter_names),
    )
    if spec.p_outlier == 0.0:
        np.testing.assert_allclose(pointwise[0, 0], density, rtol=1e-9)
    else:
        assert np.all(pointwise[0, 0] >= np.log1p(-spec.p_outlier) + np.asarray(density) - 1e-9)


def test_padding_changes_nothing_but_the_shape():
    spec = SPECS["ddm"]
    columns = columns_of(spec, 30, seed=11)
    exact = lift(spec, Shape(30))
    padded = lift(spec, Shape(48, padded=True))
    data, wide = exact.data_of(columns), padded.data_of(columns)
    start = position_of(exact, start_of(spec, columns), data)
    assert float(exact.log_density(start, data)) == pytest.approx(
        float(padded.log_density(start, wide)), rel=1e-12
    )
    natural = np.asarray(exact.constrain(start, data))[None, None]
    got = PointwiseLikelihood(padded)(natural, columns)
    assert got.shape == (1, 1, 30)
    np.testing.assert_allclose(got, PointwiseLikelihood(exact)(natural, columns), rtol=1e-12)


def test_padded_shape_refuses_a_longer_dataset():
    padded = lift(SPECS["ddm"], Shape(20, padded=True))
    with pytest.raises(ValueError, match="30 trials, more than"):
        padded.data_of(columns_of(SPECS["ddm"], 30, seed=1))


def test_shift_stays_below_the_smallest_rt():
    lifted = lift(SPECS["ddm"], Shape(40))
    columns = columns_of(lifted.spec, 40, seed=2)
    data = lifted.data_of(columns)
    far = jnp.full(len(lifted.names), 50.0)
    t = lifted.constrain(far, data)[lifted.names.index("t")]
    assert float(t) <= columns["rt"].min()


PROGRAM = """
import numpy as np, jax, jax.numpy as jnp
from driftmill.models import get_model
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifted import Shape, lift
spec = FitSpec("angle", get_model("angle"), p_outlier=0.05)
lifted = lift(spec, Shape(20))
rng = np.random.default_rng(0)
data = lifted.data_of({"rt": 0.4 + rng.gamma(2, 0.3, 20), "response": rng.choice((-1, 1), 20)})
x = jnp.linspace(-0.5, 0.3, len(lifted.names))
value, gradient = jax.jit(jax.value_and_grad(lifted.log_density))(x, data)
print(lifted.names, float(value).hex(), [float(g).hex() for g in gradient])
"""


def test_same_bits_under_any_hash_seed():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
    assert "angle" not in outputs.pop()
