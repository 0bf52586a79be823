"""Functions of JAX come out of onnxruntime, ONNX's own evaluation and another reader as they are.

The other reader is jaxonnxruntime, by which HSSM evaluates networks.
"""

import jax
import jax.numpy as jnp
import numpy as np
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

from driftmill.likelihoods import first_passage
from driftmill.likelihoods.compiled import computed_once, where_needed
from driftmill.likelihoods.logarithm import log, log1p, logaddexp
from driftmill.networks.jaxpr_graph import FORMAT, INPUT, OPSET, UnsupportedPrimitive, graph_of

RNG = np.random.default_rng(1)
ROWS = RNG.normal(size=(40, 6)).astype(np.float32)
MATRIX = RNG.normal(size=(6, 3)).astype(np.float32)
CUBE = RNG.normal(size=(2, 3, 3)).astype(np.float32)


@jax.custom_jvp
def guarded(x):
    return jnp.log(jnp.maximum(x, 1e-3))


@guarded.defjvp
def _guarded_jvp(primals, tangents):
    return guarded(primals[0]), tangents[0]


FUNCTIONS = {
    "arithmetic": lambda x: (x + 1) * x - x / (2 + x * x) + (-x) ** 3 + x**2 + jnp.abs(x) ** 1.5,
    "elementary": lambda x: (
        jnp.exp(-x) + jnp.log(x * x + 1) + jnp.sqrt(x * x) + jnp.tanh(x) + jnp.sin(x) + jnp.cos(x)
    ),
    "others": lambda x: (
        jnp.arctan(x) + jnp.sinh(x) + jnp.cosh(x) + jnp.tan(0.3 * x) + jax.lax.rsqrt(1 + x * x)
    ),
    "near zero": lambda x: jnp.log1p(jnp.abs(x) * 1e-4) * 1e4 + jnp.expm1(x * 1e-4) * 1e4,
    "of itself": lambda x: jnp.log1p(jnp.abs(x)) + jnp.expm1(3 * x) + jax.lax.square(x),
    "activations": lambda x: (
        jax.nn.relu(x) + jax.nn.gelu(x) + jax.nn.softplus(x) + jax.nn.elu(x) + jax.nn.sigmoid(x)
    ),
    "errors": lambda x: jax.lax.erf(x) + jax.lax.erfc(x) * 2,
    "choices": lambda x: jnp.where((x > 0) & (x < 1) | (x <= -1), x, jnp.sign(x)) + (x >= 0.5),
    "truths": lambda x: jnp.where(jnp.where(x > 0, x < 1, ~(x == x[:, :1])), 1.0, 2.0) + (x != 0),
    "limits": lambda x: jnp.clip(x, -0.5, 0.5) + jnp.minimum(x, 0.1) + jnp.floor(x) + jnp.ceil(x),
    "parts": lambda x: jnp.concatenate([x[:, 3:], x[:, :3]], 1) + jnp.stack([*x.T], axis=1),
    "shapes": lambda x: x.reshape(2, 3).T.reshape(1, 6) + jnp.broadcast_to(x[0, 0], (1, 6)),
    "cuts": lambda x: jnp.concatenate(jnp.split(x, [2, 3], axis=1)[::-1], axis=1)[:, ::2].repeat(2),
    "backwards": lambda x: x[:, ::-1] * jnp.arange(6.0) + jnp.flip(x.reshape(2, 3)).reshape(1, 6),
    "sums": lambda x: x.sum() + x.max(1) - x.min() + jnp.mean(x) + (x > 2).any() + (x > -2).all(),
    "log sums": lambda x: jax.nn.logsumexp(x, axis=1) + jax.nn.log_softmax(x),
    "product": lambda x: jnp.tanh(x @ MATRIX) @ MATRIX.T,
    "products": lambda x: jnp.einsum("bi,bij->bj", x.reshape(2, 3), CUBE).reshape(1, 6),
    "turned": lambda x: jnp.einsum("ij,ki->kj", MATRIX, x),
    "own derivative": guarded,
    "branches": lambda x: jax.lax.cond(x[0, 0] > 0, lambda y: y * 2, lambda y: y - 1, x),
    "three branches": lambda x: jax.lax.switch(
        jnp.clip(x[0, 0], 0, 2).astype(int), [jnp.exp, jnp.tanh, jnp.abs], x
    ),
    "tiles": lambda x: jnp.tile(x[:, :2], (1, 3)) + jnp.polyval(jnp.array([1.0, -2.0, 3.0]), x),
    "ours": lambda x: log(x * x) + log1p(x * x) + logaddexp(x, 1.0) + computed_once(x)[0],
    "where needed": lambda x: jnp.where(x > 1, where_needed(x > 1, jnp.exp, x), x),
    "infinite": lambda x: jnp.where(jnp.isfinite(jnp.where(x > 1, -jnp.inf, x)), x, 0.0),
}


def total(name):
    return lambda x: jnp.sum(FUNCTIONS[name](x) * 0.5).reshape(1, 1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_comes_out_as_it_is(name):
    function = total(name)
    model = graph_of(function, 6)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    reference = ReferenceEvaluator(model)
    for row in ROWS:
        with jax.enable_x64(False):
            expected = np.asarray(function(jnp.asarray(row[None])))
        for run in (session.run, reference.run):
            (found,) = run(None, {INPUT: row[None]})
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-5)


def test_it_is_of_a_static_shape_and_of_a_format_that_is_widely_read():
    model = graph_of(total("product"), 6)
    assert (model.opset_import[0].version, model.ir_version) == (OPSET, FORMAT)
    for entry, shape in ((model.graph.input[0], [1, 6]), (model.graph.output[0], [1, 1])):
        assert [d.dim_value for d in entry.type.tensor_type.shape.dim] == shape


@pytest.mark.parametrize("density", ["ddm", "angle"])
def test_another_reader_maps_it_over_rows_without_a_first_axis(density, another_reader):
    count = {"ddm": 4, "angle": 5}[density]
    ours = getattr(first_passage, density)

    def of_row(row):
        values = [row[:, k] for k in range(count + 2)]
        return ours(*values[-2:], *values[:-2])[:, None]

    model = graph_of(of_row, count + 2)
    theirs = another_reader(model)
    rng = np.random.default_rng(3)
    rows = np.column_stack(
        [
            *(
                rng.uniform(low, high, 100)
                for low, high in ((-2, 2), (0.5, 2), (0.2, 0.8), (0.1, 0.4))
            ),
            *(rng.uniform(0, 0.3, (count - 4, 100))),
            rng.uniform(0.6, 1.6, 100),
            rng.choice([-1.0, 1.0], 100),
        ]
    ).astype(np.float32)
    expected = ours(rows[:, -2], rows[:, -1], *rows[:, :-2].T.astype(float))
    np.testing.assert_allclose(jax.jit(jax.vmap(theirs))(rows), expected, atol=2e-5)
    gradient = jax.grad(lambda row: of_row(row[None])[0, 0])(jnp.asarray(rows[0], float))
    np.testing.assert_allclose(jax.jit(jax.grad(theirs))(jnp.asarray(rows[0])), gradient, atol=1e-3)


def test_what_cannot_be_written_is_named():
    with pytest.raises(UnsupportedPrimitive, match="the primitive digamma has no counterpart"):
        graph_of(lambda x: jax.lax.digamma(x).sum().reshape(1, 1), 6)
    with pytest.raises(UnsupportedPrimitive, match="while"):
        graph_of(
            lambda x: (
                jax.lax.while_loop(lambda y: y[0, 0] < 5, lambda y: y + 1, x).sum().reshape(1, 1)
            ),
            6,
        )


def test_another_shape_than_that_of_a_density_is_refused():
    with pytest.raises(ValueError, match=r"shape \(1, 1\) is written, this gives \[\(1, 6\)\]"):
        graph_of(lambda x: x, 6)
