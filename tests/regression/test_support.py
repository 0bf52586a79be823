"""Trials outside their support: finite, pointing home, without weight, and sampled back."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.response import trial_log_density
from driftmill.regression.variables import flatten, unflatten
from driftmill.sampling.mode import Mode
from driftmill.sampling.nuts import build_kernel, run_chain, start_chain
from driftmill.simulation.simulate import simulate_trials
from tests.regression.specs import SPECS, rough

ANGLE_A = FitSpec(
    "angle",
    get_model("angle"),
    fixed={"theta": 0.6},
    regressions={"a": SPECS["angle, a by formula"].regressions["a"]},
)


def density(spec, rt, response, **values):
    """Return the log density of one trial under parameters given by name."""
    observed = jnp.array([[rt, response]], dtype=float)
    return trial_log_density(spec, observed, tuple(values[n] for n in spec.free_parameters))[0]


A, T = SPECS["identity"], SPECS["t by formula"]
USUAL = {"v": 0.5, "z": 0.5, "a": 1.0, "t": 0.2}


@pytest.mark.parametrize(
    ("spec", "name", "outside"),
    [(A, "a", (-3.0, -0.5, 0.0, 0.019)), (T, "t", (0.6995, 0.7, 0.9, 3.0))],
    ids=("a", "t"),
)
def test_outside_the_density_is_finite_and_leads_home(spec, name, outside):
    inside = 1.0 if name == "a" else 0.2
    for value in outside:
        got, slope = jax.value_and_grad(
            lambda x: density(spec, 0.7, 1.0, **{**USUAL, name: jnp.array([x])})
        )(value)
        assert np.isfinite(got)
        assert got < -50.0
        assert np.sign(slope) == np.sign(inside - value)
        assert abs(slope) > 10.0


@pytest.mark.parametrize("spec", [A, T, ANGLE_A], ids=("a", "t", "angle"))
def test_inside_nothing_is_changed(spec):
    rng = np.random.default_rng(3)
    for _ in range(50):
        values = {
            "v": rng.normal(),
            "a": jnp.array([rng.uniform(0.8, 2.0)]),
            "z": rng.uniform(0.2, 0.8),
            "t": jnp.array([rng.uniform(0.05, 0.5)]),
        }
        rt, response = rng.uniform(0.52, 0.9), rng.choice([-1.0, 1.0])
        exact = spec.log_density(
            rt, response, *({**values, "theta": 0.6}[n] for n in spec.model.parameter_names)
        )
        got = density(spec, rt, response, **values)
        assert float(got) == pytest.approx(float(exact[0]), rel=1e-12)


def test_after_the_bounds_have_met_the_density_is_finite_and_leads_home():
    def at(a):
        values = {"v": 0.5, "a": jnp.array([a]), "z": 0.5, "t": 0.2}
        return density(ANGLE_A, 2.0, 1.0, **values)

    meeting = 1.8 * np.tan(0.6)
    slopes = []
    for a in (0.3, 0.8, 0.99 * meeting):
        got, slope = jax.value_and_grad(at)(a)
        assert np.isfinite(got)
        assert got < -40.0
        slopes.append(slope)
    assert all(slope > 1.0 for slope in slopes)


def test_under_a_lapse_what_cannot_be_is_a_lapse():
    spec = FitSpec("t", T.model, regressions=T.regressions, p_outlier=0.05)
    got = density(spec, 0.7, 1.0, **{**USUAL, "t": jnp.array([0.9])})
    assert float(got) == pytest.approx(np.log(0.05 / 40.0), rel=1e-12)


def test_under_a_lapse_the_support_is_kept():
    spec = FitSpec("a", A.model, regressions=A.regressions, p_outlier=0.05)
    got = density(spec, 0.7, 1.0, **{**USUAL, "a": jnp.array([-0.5])})
    assert float(got) < np.log(0.05 / 40.0) - 10.0


def test_weight_outside_is_negligible():
    """The posterior of a coefficient whose mass ends at an edge: density times width beyond it.

    beta of a softmax has a finite density at zero, so nothing but the continuation ends it.
    """
    model = get_model("softmax_inv_temperature_2")
    formula = Regression(
        "beta", "1 + x", Link("identity"), {"Intercept": Prior("HalfNormal", {"sigma": 1.0})}
    )
    spec = FitSpec("beta", model, fixed={"logit1": 0.0}, regressions={"beta": formula})

    def at(beta):
        return trial_log_density(spec, jnp.ones((1, 1)), (jnp.array([beta]),))[0]

    grid = np.linspace(-0.2, 2.0, 22_001)
    weights = np.exp(np.asarray(jax.vmap(at)(grid)))
    assert weights[grid < 0].sum() / weights.sum() < 1e-3


def home(spec, columns, start, draws=300):
    """Run a chain from a start outside and return its draws of the stored variables."""
    lifter = Lifter(spec, Shape(len(columns["response"])))
    lifted, data = lifter.of(columns)
    natural = rough(lifted, data) | start
    position = np.asarray(lifted.unconstrain(flatten(lifted.free, natural), data.arrays))
    assert np.all(np.isfinite(position))
    kernel = build_kernel(lifted.log_density, 700, 0.8, 10)
    d = lifted.dimension
    here = Mode(position, 0.05 * np.eye(d))
    at_start = start_chain(kernel, data.arrays, here, np.zeros(d), jax.random.key(0))
    chain = run_chain(kernel, data.arrays, here, at_start, draws, lambda _: None)
    flat = jax.vmap(lifted.constrain, (0, None))(jnp.asarray(chain.positions), data.arrays)
    return lifted, data, unflatten(lifted.stored, np.asarray(flat)), chain


def test_a_chain_that_starts_outside_comes_home():
    """a = .3 + .4 x is negative on a tenth of the trials; truth a = 1.2 + .2 x."""
    rng = np.random.default_rng(1)
    n = 150
    x = rng.uniform(-1.0, 1.0, n)
    parameters = {
        "v": np.full(n, 0.8),
        "a": 1.2 + 0.2 * x,
        "z": np.full(n, 0.5),
        "t": np.full(n, 0.3),
    }
    columns = {**simulate_trials(A.model, parameters, np.random.SeedSequence(2)), "x": x}
    start = {"a_Intercept": np.array(0.3), "a_x": np.array(0.4)}
    assert np.mean(0.3 + 0.4 * x <= 0) > 0.05
    _lifted, _data, draws, chain = home(A, columns, start)
    lowest = draws["a_Intercept"][:, None] + draws["a_x"][:, None] * x
    assert np.all(lowest > 0)
    assert not chain.stats["diverging"].any()
    for name, truth in (("a_Intercept", 1.2), ("a_x", 0.2), ("v", 0.8)):
        assert abs(draws[name].mean() - truth) < 4 * draws[name].std()
    assert draws["a_Intercept"].std() < 0.2


def test_a_chain_that_starts_above_the_fastest_rt_comes_home():
    rng = np.random.default_rng(4)
    n = 150
    x = rng.uniform(-1.0, 1.0, n)
    parameters = {
        "v": np.full(n, 0.8),
        "a": np.full(n, 1.2),
        "z": np.full(n, 0.5),
        "t": np.exp(-1.2 + 0.2 * x),
    }
    columns = {**simulate_trials(T.model, parameters, np.random.SeedSequence(5)), "x": x}
    start = {"t_Intercept": np.array(np.log(0.8)), "t_x": np.array(0.0)}
    assert np.mean(columns["rt"] < 0.8) > 0.05
    _, _, draws, _ = home(T, columns, start)
    t = np.exp(draws["t_Intercept"][:, None] + draws["t_x"][:, None] * x)
    assert np.all(t < columns["rt"])
    for name, truth in (("t_Intercept", -1.2), ("t_x", 0.2)):
        assert abs(draws[name].mean() - truth) < 4 * draws[name].std()
