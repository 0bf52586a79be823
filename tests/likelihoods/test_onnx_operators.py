"""Every operator gives what ONNX's own evaluation gives, with and without its settings."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from onnx import helper
from onnx.reference import ReferenceEvaluator

from driftmill.likelihoods.onnx_graph import Operation, evaluate, log_densities
from driftmill.likelihoods.onnx_operators import KNOWN_INPUTS, OPERATORS

RNG = np.random.default_rng(1)
X = RNG.normal(size=(2, 6)).astype(np.float32)
POSITIVE = np.abs(X) + np.float32(0.1)
OTHER = RNG.normal(size=(1, 6)).astype(np.float32)
MATRIX = RNG.normal(size=(6, 3)).astype(np.float32)
ROW = RNG.normal(size=6).astype(np.float32)


def whole(*numbers):
    return np.array(numbers, np.int64)


# Name, inputs, attributes; by default in the set of operators that exports use.
CASES = [
    *[(name, [X, OTHER], {}) for name in ("Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean")],
    *[(name, [X], {}) for name in ("Neg", "Abs", "Sign", "Exp", "Erf", "Sin", "Cos", "Reciprocal")],
    *[(name, [X], {}) for name in ("Atan", "Sinh", "Cosh")],
    *[(name, [X], {}) for name in ("Floor", "Ceil", "Tanh", "Sigmoid", "Relu", "Softplus")],
    *[(name, [X], {}) for name in ("Softsign", "Selu", "Elu", "Celu", "LeakyRelu", "HardSwish")],
    *[(name, [X], {}) for name in ("HardSigmoid", "Softmax", "LogSoftmax", "Identity")],
    *[(name, [X], {"alpha": 0.7}) for name in ("Elu", "Celu", "LeakyRelu", "HardSigmoid")],
    *[(name, [X], {"axis": 0}) for name in ("Softmax", "LogSoftmax")],
    *[(name, [POSITIVE], {}) for name in ("Log", "Sqrt")],
    *[(name, [X, X[:, ::-1].copy()], {}) for name in ("Less", "LessOrEqual", "Greater", "Equal")],
    ("GreaterOrEqual", [X, OTHER], {}),
    *[(name, [X > 0, X < 0.5], {}) for name in ("And", "Or")],
    ("Not", [X > 0], {}),
    *[(name, [np.array([[1.0, np.nan, np.inf]], np.float32)], {}) for name in ("IsNaN", "IsInf")],
    ("Where", [X > 0, X, OTHER], {}),
    ("Mish", [X], {}, 18),
    ("Gelu", [X], {}, 20),
    ("Gelu", [X], {"approximate": "tanh"}, 20),
    ("PRelu", [X, ROW], {}),
    ("Pow", [X, np.float32(2.0)], {}),
    ("Pow", [POSITIVE, OTHER], {}),
    ("Clip", [X, np.float32(-0.5), np.float32(0.5)], {}),
    ("Clip", [X, np.float32(-0.5)], {}),
    ("MatMul", [X, MATRIX], {}),
    ("Gemm", [X, MATRIX], {}),
    ("Gemm", [X, MATRIX.T.copy(), ROW[:3]], {"transB": 1, "alpha": 0.5, "beta": 2.0}),
    ("Gemm", [X.T.copy(), MATRIX, ROW[:3]], {"transA": 1}),
    ("Einsum", [X, MATRIX], {"equation": "ij,jk->ki"}),
    ("Concat", [X, OTHER], {"axis": 0}),
    ("Reshape", [X, whole(3, -1)], {}),
    ("Reshape", [X, whole(0, 2, 3)], {}),
    ("Slice", [X, whole(1), whole(5), whole(1)], {}),
    ("Slice", [X, whole(-1), whole(-100), whole(1), whole(-2)], {}),
    ("Slice", [X, whole(0, 1), whole(1, 9)], {}),
    ("Split", [X, whole(2, 4)], {"axis": 1}),
    ("Split", [X], {"axis": 1, "num_outputs": 2}, 18),
    ("Squeeze", [OTHER], {}),
    ("Squeeze", [OTHER, whole(0)], {}),
    ("Unsqueeze", [X, whole(0, 3)], {}),
    ("Gather", [X, whole(0, 2)], {"axis": 1}),
    ("Gather", [X, np.array(-1)], {"axis": 1}),
    ("Transpose", [X], {}),
    ("Transpose", [X[None]], {"perm": [2, 0, 1]}),
    ("Expand", [OTHER, whole(3, 1)], {}),
    ("Tile", [X, whole(2, 1)], {}),
    ("Flatten", [X[None]], {"axis": 2}),
    ("Cast", [X], {"to": 7}),
    ("Cast", [X > 0], {"to": 1}),
    ("Cast", [X], {"to": 9}),
    ("Dropout", [X], {}),
    ("BatchNormalization", [X, ROW, ROW + 1, ROW * 2, POSITIVE[0]], {"epsilon": 1e-3}),
    ("LayerNormalization", [X, ROW, ROW + 1], {}),
    ("LayerNormalization", [X, ROW], {"epsilon": 0.1}),
    *[
        (f"Reduce{name}", [POSITIVE, whole(1)], {"keepdims": 0}, 18)
        for name in ("Sum", "Max", "Min", "Mean", "Prod", "LogSumExp", "LogSum", "SumSquare", "L2")
    ],
    ("ReduceMax", [X], {"axes": [0]}),
    ("ReduceSum", [X], {}),
    ("ReduceSum", [X], {"noop_with_empty_axes": 1}),
]


def known_as_settings(operator, inputs, attributes):
    """Turn a node into an operation as an import does."""
    places = KNOWN_INPUTS.get(operator, {})
    settings = dict(attributes)
    for place, name in places.items():
        if place < len(inputs):
            settings[name] = inputs[place].tolist()
    if operator == "Cast":
        settings["to"] = {1: "float", 7: "int", 9: "bool"}[settings["to"]]
    settings.setdefault("outputs", 2)
    return [x for k, x in enumerate(inputs) if k not in places], settings


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_an_operator_does_as_onnx_says(case):
    operator, inputs, attributes, opset = (*case, 17)[:4]
    names = [f"i{k}" for k in range(len(inputs))]
    outputs = ["o0", "o1"] if operator == "Split" else ["o0"]
    node = helper.make_node(operator, names, outputs, **attributes)
    graph = helper.make_graph(
        [node],
        "g",
        [
            helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(np.asarray(x).dtype), np.shape(x)
            )
            for name, x in zip(names, inputs, strict=True)
        ],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    theirs = ReferenceEvaluator(model).run(
        None, dict(zip(names, map(np.asarray, inputs), strict=True))
    )
    arrays, settings = known_as_settings(operator, inputs, attributes)
    ours = OPERATORS[operator](list(map(jnp.asarray, arrays)), settings)
    ours = ours if isinstance(ours, list) else [ours]
    for our, their in zip(ours, theirs, strict=True):
        assert our.shape == their.shape
        np.testing.assert_allclose(our, their.astype(our.dtype), rtol=2e-6, atol=2e-6)


def test_every_operator_has_its_case():
    assert {case[0] for case in CASES} == set(OPERATORS)


def test_a_square_has_a_gradient_below_zero():
    square = (Operation("Pow", ("input", "w0"), ("output",)),)
    weights = {"w0": np.float32(2.0)}

    def of(x):
        return evaluate(square, weights, jnp.reshape(x, (1, 1)))[0, 0]

    assert jax.grad(of)(-1.5) == -3.0
    assert jax.grad(of)(0.0) == 0.0


def test_rows_are_evaluated_side_by_side():
    operations = (
        Operation("MatMul", ("input", "w0"), ("x0",)),
        Operation("ReduceSum", ("x0",), ("output",), {"keepdims": 0}),
    )
    found = log_densities(operations, {"w0": MATRIX}, X)
    np.testing.assert_allclose(found, (X @ MATRIX).sum(1), rtol=1e-5)
