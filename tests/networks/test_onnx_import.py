"""ONNX files of others come in as networks, or a message says what is wrong with them."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests.networks.onnx_files import BOX, PARAMETERS, changed, file_of, perceptron_file, trials

from driftmill.likelihoods.onnx_graph import log_densities
from driftmill.models import get_model
from driftmill.models.network import card_of, network_of, weights_of
from driftmill.networks.onnx_export import evaluated
from driftmill.networks.onnx_import import OnnxError, import_network


def read(content, **given):
    told = {
        "name": "mine",
        "model": get_model("ddm"),
        "source": "mine.onnx",
        "parameters": PARAMETERS,
        "box": BOX,
    }
    return import_network(content=content, **(told | given))


def agrees(content):
    """Compare with onnxruntime."""
    network, rows = read(content), trials()
    ours = log_densities(network.operations, network.weights, rows)
    np.testing.assert_allclose(ours, evaluated(content, rows), rtol=0, atol=1e-5)
    return network


@pytest.mark.parametrize("gemm", [True, False])
@pytest.mark.parametrize(
    "activation", ["Tanh", "Relu", "LeakyRelu", "Elu", "Selu", "Softplus", "Sigmoid"]
)
def test_a_perceptron_is_evaluated_as_by_onnxruntime(activation, gemm):
    network = agrees(perceptron_file((6, 20, 30, 1), activation, gemm=gemm))
    assert network.layers == (20, 30)
    assert network.kind == "imported"
    assert not network.passed


def test_the_size_that_is_common():
    assert agrees(perceptron_file()).layers == (100, 100, 100)


@pytest.mark.parametrize("opset", [8, 11, 13, 17, 21])
def test_older_and_newer_sets_of_operators(opset):
    agrees(perceptron_file((6, 10, 1), opset=opset))


def test_what_is_known_is_computed_before():
    """A shape that is put together from the input's own, as PyTorch writes it."""
    w = np.random.default_rng(1).normal(size=(3, 1)).astype(np.float32)
    nodes = [
        helper.make_node("Shape", ["in"], ["shape"]),
        helper.make_node("Constant", [], ["zero"], value=numpy_helper.from_array(np.array(0))),
        helper.make_node("Gather", ["shape", "zero"], ["rows"]),
        helper.make_node("Unsqueeze", ["rows", "axis"], ["row"]),
        helper.make_node("Concat", ["row", "rest"], ["target"], axis=0),
        helper.make_node("Reshape", ["in", "target"], ["pairs"]),
        helper.make_node("ReduceMax", ["pairs"], ["largest"], axes=[2], keepdims=0),
        helper.make_node("MatMul", ["largest", "w"], ["out"]),
    ]
    weights = {"w": w, "axis": np.array([0]), "rest": np.array([3, 2])}
    network = agrees(file_of(nodes, weights).SerializeToString())
    assert [o.operator for o in network.operations] == ["Reshape", "ReduceMax", "MatMul"]
    assert set(network.weights) == {"w0"}


def test_a_row_of_any_number_may_be_declared():
    agrees(changed(perceptron_file((6, 5, 1)), lambda model: open_rows(model, "batch")))


def open_rows(model, name):
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = name


def test_double_precision_is_taken_in_single():
    w = np.random.default_rng(1).normal(size=(6, 1))
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["in", "w"], ["out"])],
        "g",
        [helper.make_tensor_value_info("in", TensorProto.DOUBLE, [1, 6])],
        [helper.make_tensor_value_info("out", TensorProto.DOUBLE, [1, 1])],
        [numpy_helper.from_array(w, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    network, rows = read(model.SerializeToString()), trials()
    ours = log_densities(network.operations, network.weights, rows)
    np.testing.assert_allclose(ours, (rows @ w)[:, 0], atol=1e-5)
    assert network.weights["w0"].dtype == np.float32


def test_functions_of_a_file_of_its_own_are_written_out():
    inner = helper.make_function(
        "mine",
        "Swish2",
        ["x"],
        ["y"],
        [helper.make_node("Sigmoid", ["x"], ["s"]), helper.make_node("Mul", ["x", "s"], ["y"])],
        [helper.make_opsetid("", 17)],
    )
    nodes = [
        helper.make_node("MatMul", ["in", "w"], ["h"]),
        helper.make_node("Swish2", ["h"], ["out"], domain="mine"),
    ]
    model = file_of(nodes, {"w": np.ones((6, 1), np.float32)})
    model.functions.append(inner)
    model.opset_import.append(helper.make_opsetid("mine", 1))
    assert [o.operator for o in agrees(model.SerializeToString()).operations] == [
        "MatMul",
        "Sigmoid",
        "Mul",
    ]


def test_it_is_kept_with_its_card():
    network = read(perceptron_file((6, 8, 1)))
    back = network_of(card_of(network), weights_of(network))
    assert back.digest == network.digest
    assert back.operations == network.operations
    rows = trials(10)
    np.testing.assert_array_equal(
        log_densities(back.operations, back.weights, rows),
        log_densities(network.operations, network.weights, rows),
    )


def test_the_digest_is_of_operations_too_and_not_of_names():
    relu, tanh = (read(perceptron_file((6, 8, 1), a)) for a in ("Relu", "Tanh"))
    assert relu.digest != tanh.digest

    def rename(model):
        model.graph.node[0].output[0] = model.graph.node[1].input[0] = "another"

    assert read(changed(perceptron_file((6, 8, 1)), rename)).digest == tanh.digest
    assert replace(tanh, name="x", training={}).digest == tanh.digest


def refused(content, *parts, **given):
    with pytest.raises(OnnxError) as caught:
        read(content, **given)
    for part in parts:
        assert part in str(caught.value)


GOOD = perceptron_file((6, 4, 1))


def test_what_is_no_file_of_onnx():
    refused(b"this is text", "mine.onnx", "no ONNX file", "export or copy it again")
    refused(GOOD[:-30], "mine.onnx", "no ONNX file")
    refused(b"", "mine.onnx", "no sound ONNX file", "export it again")


def test_an_operator_that_is_not_known_is_named():
    node = helper.make_node("Asinh", ["h"], ["out"], name="/deep/Asinh")
    nodes = [helper.make_node("MatMul", ["in", "w"], ["h"]), node]
    content = file_of(nodes, {"w": np.ones((6, 1), np.float32)}).SerializeToString()
    refused(content, "mine.onnx", "'/deep/Asinh'", "operator Asinh", "Gemm", "Tanh")


def test_an_operator_of_another_maker_is_named():
    node = helper.make_node("FusedGemm", ["in", "w"], ["out"], domain="com.microsoft")
    model = file_of([node], {"w": np.ones((6, 1), np.float32)})
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    refused(model.SerializeToString(), "FusedGemm of com.microsoft")


def test_a_shape_that_depends_on_data():
    nodes = [
        helper.make_node("Cast", ["in"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Squeeze", ["whole", "axis"], ["shape"]),
        helper.make_node("Reshape", ["in", "shape"], ["out"]),
    ]
    content = file_of(nodes, {"axis": np.array([0])}).SerializeToString()
    refused(content, "Reshape", "shape that depend on data")


def test_another_number_of_inputs_than_was_said():
    refused(perceptron_file((7, 4, 1)), "takes 7 numbers", "4 parameters (v, a, z, t)", "are 6")


@pytest.mark.parametrize("shape", [[6], [2, 6], [1, "n"], [1, 1, 6]])
def test_other_shapes_of_input(shape):
    nodes = [helper.make_node("Identity", ["in"], ["out"])]
    content = file_of(nodes, {}, shape=shape).SerializeToString()
    refused(content, "has the shape (" + ", ".join(map(str, shape)) + ")", "(1, n + 2)")


def test_several_inputs_or_outputs():
    add = [helper.make_node("Add", ["in", "more"], ["out"])]
    two = file_of(add, {}, inputs=("in", "more")).SerializeToString()
    refused(two, "one input, this one has 2 (in, more)")
    both = [helper.make_node("Identity", ["in"], [name]) for name in ("out", "other")]
    refused(
        file_of(both, {}, outputs=("out", "other")).SerializeToString(),
        "one output, this one has 2 (out, other)",
    )


def test_several_numbers_for_a_trial():
    refused(perceptron_file((6, 4, 2)), "gives 2 numbers for a trial", "one log density")


def test_an_input_of_whole_numbers():
    def whole(model):
        model.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64
        model.graph.node[0].input[0] = "real"
        model.graph.node.insert(0, helper.make_node("Cast", ["in"], ["real"], to=TensorProto.FLOAT))

    refused(changed(GOOD, whole), "of type INT64", "single precision")


def test_weights_in_a_file_of_their_own(tmp_path):
    model = onnx.load_model_from_string(GOOD)
    onnx.save(
        model, tmp_path / "x.onnx", save_as_external_data=True, size_threshold=0, location="w"
    )
    refused((tmp_path / "x.onnx").read_bytes(), "in a file of their own", "save_as_external_data")


def test_a_set_of_operators_from_the_future():
    def later(model):
        model.opset_import[0].version = 999

    refused(changed(GOOD, later), "opset 999", "newest")


def test_a_graph_that_does_not_hold_together():
    def broken(model):
        model.graph.node[0].input[0] = "nowhere"

    refused(changed(GOOD, broken), "no sound ONNX file", "nowhere")


def test_weights_that_do_not_fit_each_other():
    def narrower(model):
        model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 5

    refused(changed(GOOD, narrower), "do not fit each other", "Gemm", "export it again")


def test_a_shape_that_is_declared_wrongly_does_no_harm():
    def wrong(model):
        model.graph.output[0].type.tensor_type.shape.dim[0].dim_value = 7

    assert read(changed(GOOD, wrong)).digest == read(GOOD).digest


def test_random_numbers_are_no_density():
    nodes = [
        helper.make_node("RandomNormal", [], ["noise"], shape=[6, 1]),
        helper.make_node("MatMul", ["in", "noise"], ["out"]),
    ]
    refused(file_of(nodes, {}).SerializeToString(), "operator RandomNormal")


def test_an_output_that_nothing_leads_to():
    node = helper.make_node("Constant", [], ["out"], value_floats=[1.0])
    refused(file_of([node], {}).SerializeToString(), "does not depend on what it takes")


def test_no_number_inside_of_the_box():
    nodes = [
        helper.make_node("ReduceSum", ["in", "axis"], ["sum"]),
        helper.make_node("Sub", ["sum", "much"], ["less"]),
        helper.make_node("Log", ["less"], ["out"]),
    ]
    weights = {"axis": np.array([1]), "much": np.float32(100)}
    refused(file_of(nodes, weights).SerializeToString(), "gives nan", "inside of its box")


def test_parameters_that_are_not_the_models():
    refused(GOOD, "lacks t", "give each of v, a, z, t once", parameters=("v", "a", "z"))
    refused(GOOD, "has w, which the model has not", parameters=("v", "a", "z", "w"))
    refused(GOOD, "one twice", parameters=("v", "a", "z", "t", "t"))


def test_a_box_that_is_none():
    refused(GOOD, "box lacks a", "a: [0.1, 2]", box={k: v for k, v in BOX.items() if k != "a"})
    refused(GOOD, "box has q", box=BOX | {"q": (0, 1)})
    refused(GOOD, "box of a is [2, 1]", "the lower first", box=BOX | {"a": (2, 1)})
    refused(GOOD, "box of v is [-inf, 1]", box=BOX | {"v": (-np.inf, 1)})


def test_a_model_without_response_times():
    refused(GOOD, "no response times", model=get_model("softmax_inv_temperature_2"))
