"""A network that was trained elsewhere in the place of a model's log density."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import lognorm
from tests.networks.onnx_files import BOX, PARAMETERS, perceptron_file, trials

from driftmill.likelihoods.onnx_graph import Operation
from driftmill.models import get_model
from driftmill.models.network import Network
from driftmill.models.with_network import with_network
from driftmill.network_names import KIND
from driftmill.networks.jaxpr_graph import graph_of
from driftmill.networks.onnx_export import evaluated
from driftmill.networks.onnx_import import import_network

DDM = get_model("ddm")
FILE = perceptron_file()
NETWORK = import_network("mine", DDM, FILE, "mine.onnx", PARAMETERS, BOX)
MODEL = with_network(DDM, NETWORK)
DENSITY = MODEL.likelihoods[KIND]
ROWS = trials()
PLAIN = (1.0, 1.0, 0.5, 0.2)


#: Decision times whose logarithm is normal with mean v and sd a, one response with probability z.
KNOWN = (-1.0, 0.5, 0.6, 0.2)


def known():
    """Return such a density as an imported network."""

    def of_row(row):
        v, a, z, t, rt, response = (row[:, k] for k in range(6))
        x = jnp.log(jnp.maximum(rt - t, 1e-30))
        log_p = -0.5 * ((x - v) / a) ** 2 - jnp.log(a) - 0.5 * np.log(2 * np.pi) - x
        return (log_p + jnp.log(jnp.where(response > 0, z, 1 - z)))[:, None]

    content = graph_of(of_row, 6).SerializeToString()
    return with_network(DDM, import_network("known", DDM, content, "x", PARAMETERS, BOX))


def test_the_density_is_what_onnxruntime_finds():
    ours = DENSITY(ROWS[:, 4], ROWS[:, 5], *ROWS[:, :4].T)
    assert ours.dtype == jnp.float64
    np.testing.assert_allclose(ours, evaluated(FILE, ROWS), rtol=0, atol=1e-5)


def test_the_networks_own_order_of_parameters():
    order = ("t", "z", "v", "a")
    network = import_network("mine", DDM, FILE, "x", order, BOX | {"v": (0.1, 0.9)})
    density = with_network(DDM, network).likelihoods[KIND]
    v, a, z, t = 0.4, 0.9, 0.5, 0.3
    row = np.array([[t, z, v, a, 0.8, 1.0]])
    np.testing.assert_allclose(density(0.8, 1, v, a, z, t), evaluated(FILE, row)[0], atol=1e-5)


def test_the_gradient_is_that_of_differences():
    def total(x):
        return jnp.sum(DENSITY(ROWS[:, 4], ROWS[:, 5], *x))

    at = jnp.array((*PLAIN[:3], 0.05))
    gradient, step = jax.grad(total)(at), 1e-2
    for k in range(4):
        apart = step * jnp.eye(4)[k]
        slope = (total(at + apart) - total(at - apart)) / (2 * step)
        # Rounding of 200 values of about 1 in single precision, and the third derivative.
        assert abs(gradient[k] - slope) < 2e-3 * (1 + abs(slope))


def test_it_broadcasts_and_maps():
    single = jnp.stack([DENSITY(r[4], r[5], *r[:4]) for r in ROWS[:7]])
    mapped = jax.vmap(lambda r: DENSITY(r[4], r[5], *r[:4]))(jnp.asarray(ROWS[:7]))
    np.testing.assert_allclose(mapped, single, atol=1e-6)
    grid = DENSITY(np.array([0.5, 0.7])[:, None], np.array([-1, 1, 1]), *PLAIN)
    assert grid.shape == (2, 3)
    assert DENSITY(0.5, 1, *PLAIN).shape == ()


def test_one_network_makes_one_function():
    again = import_network("other", DDM, FILE, "other.onnx", PARAMETERS, BOX)
    assert with_network(DDM, again).likelihoods[KIND] is DENSITY
    wider = import_network("other", DDM, FILE, "x", PARAMETERS, BOX | {"v": (-4.0, 4.0)})
    assert with_network(DDM, wider).likelihoods[KIND] is not DENSITY


def test_before_the_shift_there_is_no_response_and_a_finite_gradient():
    def of(x):
        return jnp.logaddexp(DENSITY(0.2, 1, *x), -5.0)

    assert DENSITY(0.2, 1, 1.0, 1.0, 0.5, 0.2) == -jnp.inf
    assert DENSITY(0.1, 1, 1.0, 1.0, 0.5, 0.2) == -jnp.inf
    np.testing.assert_array_equal(jax.grad(of)(jnp.array([1.0, 1.0, 0.5, 0.3])), np.zeros(4))


@pytest.mark.parametrize(("place", "value"), [(0, 6.0), (0, -60.0), (1, 9.0), (1, 0.05), (2, 0.01)])
def test_outside_of_the_box_a_penalty_leads_back(place, value):
    low, high = list(BOX.values())[place]
    at = jnp.asarray(PLAIN).at[place].set(value)
    edge = at.at[place].set(min(max(value, low), high))
    outside, gradient = jax.value_and_grad(lambda x: DENSITY(0.7, 1, *x))(at)
    assert outside < DENSITY(0.7, 1, *edge)
    assert np.isfinite(gradient).all()
    assert np.sign(gradient[place]) == np.sign(edge[place] - value)


def test_it_tells_what_lies_beyond():
    assert MODEL.beyond is not None
    named = dict(zip(PARAMETERS, PLAIN, strict=True))
    assert not MODEL.beyond(named)
    assert MODEL.beyond(named | {"v": 3.5})
    assert not MODEL.beyond(named | {"t": 2.5})
    found = MODEL.beyond(named | {"a": np.array([0.2, 0.3, 1.0, 2.6])})
    np.testing.assert_array_equal(found, [True, False, False, True])


def test_a_later_start_is_a_later_response():
    """The shift may be anything: the box has t to 2."""
    density = known().likelihoods[KIND]
    at_edge = density(2.7, 1, *KNOWN[:3], 2.0)
    beyond = density(3.7, 1, *KNOWN[:3], 3.0)
    np.testing.assert_allclose(beyond, at_edge, atol=1e-5)


def test_survivor_and_cumulative_are_those_of_the_density():
    model, rt = known(), np.array([0.1, 0.4, 0.8, 1.5, 3.0])
    v, a, z, t = KNOWN
    times = lognorm(s=a, scale=np.exp(v))
    # Single precision of a density, over times with a logarithm of up to 5 sds.
    np.testing.assert_allclose(
        jax.jit(model.log_survivor)(rt, *KNOWN), times.logsf(rt - t), atol=1e-4
    )
    for choice, share in ((-1, 1 - z), (1, z)):
        np.testing.assert_allclose(
            jax.jit(model.log_cumulative)(rt, choice, *KNOWN),
            times.logcdf(rt - t) + np.log(share),
            atol=1e-4,
        )


def test_after_the_last_time_of_the_box_the_density_falls():
    """A network that says the same of all times keeps a finite mass."""
    flat = Network(
        name="flat",
        model="ddm",
        kind="imported",
        inputs=PARAMETERS,
        box=BOX | {"rt": (0.0, 4.0)},
        layers=(),
        weights={"w0": np.zeros((6, 1), np.float32), "w1": np.full(1, -2.0, np.float32)},
        operations=(
            Operation("MatMul", ("input", "w0"), ("x0",)),
            Operation("Add", ("x0", "w1"), ("output",)),
        ),
    )
    density = with_network(DDM, flat).likelihoods[KIND]
    t = 0.0 * np.arange(4)
    found = density(np.array([1.0, 4.0, 5.0, 40.0]), 1, 1.0, 1.0, 0.5, t)
    np.testing.assert_allclose(found, [-2.0, -2.0, -3.0, -38.0], atol=1e-5)
