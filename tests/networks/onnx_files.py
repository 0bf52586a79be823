"""ONNX files built by hand, as other libraries write them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

#: The order, box and width of a network for the diffusion model.
PARAMETERS = ("v", "a", "z", "t")
BOX = {"v": (-3.0, 3.0), "a": (0.3, 2.5), "z": (0.1, 0.9), "t": (0.0, 2.0)}


def file_of(nodes, weights, width=6, opset=17, shape=None, outputs=("out",), inputs=("in",)):
    """Build a file of nodes that lead from the inputs to the outputs."""
    shape = [1, width] if shape is None else shape
    free = ["rows", "numbers"]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, free) for name in outputs],
        [numpy_helper.from_array(np.asarray(w), name) for name, w in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    return model


def perceptron_file(
    sizes: Sequence[int] = (6, 100, 100, 100, 1), activation="Tanh", opset=13, seed=1, gemm=True
) -> bytes:
    """Build a perceptron, by Gemm with turned weights as PyTorch writes it, or by MatMul."""
    rng = np.random.default_rng(seed)
    nodes, weights, last = [], {}, "in"
    for k, (n, m) in enumerate(pairwise(sizes)):
        w = rng.normal(size=(n, m)).astype(np.float32) / np.float32(np.sqrt(n))
        weights[f"b{k}"] = rng.normal(scale=0.1, size=m).astype(np.float32)
        final = k == len(sizes) - 2
        to = "out" if final else f"h{k}"
        if gemm:
            weights[f"w{k}"] = np.ascontiguousarray(w.T)
            arguments = [last, f"w{k}", f"b{k}"]
            nodes.append(helper.make_node("Gemm", arguments, [to], name=f"/{k}/Gemm", transB=1))
        else:
            weights[f"w{k}"] = w
            nodes.append(helper.make_node("MatMul", [last, f"w{k}"], [f"p{k}"]))
            nodes.append(helper.make_node("Add", [f"p{k}", f"b{k}"], [to]))
        if not final:
            nodes.append(helper.make_node(activation, [to], [f"a{k}"], name=f"/{k}/{activation}"))
        last = f"a{k}"
    return file_of(nodes, weights, sizes[0], opset).SerializeToString()


def trials(n=200, seed=2):
    """Draw rows of v, a, z, t, rt, response inside of the box."""
    rng = np.random.default_rng(seed)
    columns = [rng.uniform(*BOX[name], n) for name in PARAMETERS]
    columns[3] = rng.uniform(0.1, 0.4, n)
    rows = np.column_stack([*columns, columns[3] + rng.gamma(2, 0.3, n), rng.choice([-1, 1], n)])
    return rows.astype(np.float32).astype(np.float64)


def changed(content: bytes, change) -> bytes:
    """Return a file that was changed by a function of its model."""
    model = onnx.load_model_from_string(content)
    change(model)
    return model.SerializeToString()
