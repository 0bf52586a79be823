"""Networks go out as ONNX files, are what they were in other hands, and come back."""

import json

import jax
import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator
from tests.networks.onnx_files import BOX, PARAMETERS, changed, perceptron_file, trials

from driftmill.families import serves
from driftmill.likelihoods.beyond_box import FLOOR
from driftmill.likelihoods.mixture_network import outputs
from driftmill.models import CATALOGUE, get_model
from driftmill.models.network import Network
from driftmill.models.shipped import shipped, shipped_names
from driftmill.models.with_network import with_network
from driftmill.network_names import KIND
from driftmill.networks.onnx_export import (
    LARGEST_DIFFERENCE,
    check_export,
    evaluated,
    export,
    trials_inside,
)
from driftmill.networks.onnx_import import import_network
from driftmill.networks.training import first_weights

DDM = get_model("ddm")
NETWORK = import_network("mine", DDM, perceptron_file(), "mine.onnx", PARAMETERS, BOX)
CONTENT = export(NETWORK, DDM)


def test_it_goes_out_and_comes_back():
    back = import_network("back", DDM, CONTENT, "back.onnx", PARAMETERS, BOX)
    rows = trials()
    first, second = (
        with_network(DDM, network).likelihoods[KIND](rows[:, 4], rows[:, 5], *rows[:, :4].T)
        for network in (NETWORK, back)
    )
    np.testing.assert_allclose(second, first, rtol=0, atol=1e-5)


def test_it_is_checked_by_onnxruntime():
    assert check_export(NETWORK, DDM, CONTENT) < LARGEST_DIFFERENCE


def test_onnxs_own_evaluation_reads_it():
    reference, rows = ReferenceEvaluator(onnx.load_model_from_string(CONTENT)), trials(50)
    found = [reference.run(None, {"input": row[None].astype(np.float32)})[0].item() for row in rows]
    np.testing.assert_allclose(found, evaluated(CONTENT, rows), atol=1e-5)


def test_a_file_that_differs_is_found_out():
    def bend(model):
        weights = max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data))
        array = onnx.numpy_helper.to_array(weights) * np.float32(1.01)
        weights.CopyFrom(onnx.numpy_helper.from_array(array, weights.name))

    assert check_export(NETWORK, DDM, changed(CONTENT, bend)) > 10 * LARGEST_DIFFERENCE


def test_tails_and_impossible_trials_go_out_too():
    rows = np.array(
        [
            [1.0, 1.0, 0.5, 0.3, 0.3, 1.0],  # at the shift
            [1.0, 1.0, 0.5, 0.3, 0.2, 1.0],  # before it
            [9.0, 1.0, 0.5, 0.3, 0.9, 1.0],  # outside of the box
            [1.0, 1.0, 0.5, 2.6, 3.0, -1.0],  # later than the box
        ]
    )
    ours = with_network(DDM, NETWORK).likelihoods[KIND](rows[:, 4], rows[:, 5], *rows[:, :4].T)
    np.testing.assert_allclose(evaluated(CONTENT, rows), ours, rtol=1e-5, atol=1e-5)
    assert np.isneginf(ours[:2]).all()


def test_it_tells_what_it_is():
    model = onnx.load_model_from_string(CONTENT)
    told = json.loads({p.key: p.value for p in model.metadata_props}["driftmill"])
    assert told["model"] == "ddm"
    assert told["columns"] == "v, a, z, t, rt, response"
    assert told["digest"] == NETWORK.digest
    assert told["box"]["a"] == [0.3, 2.5]


def test_it_is_the_same_to_the_bit():
    assert export(NETWORK, DDM) == CONTENT


def test_a_model_of_choices_alone_is_refused():
    with pytest.raises(ValueError, match="softmax_inv_temperature_2 has no response times"):
        export(NETWORK, get_model("softmax_inv_temperature_2"))


#: By model: kinds, boxes, and numbers of inputs and outputs of small networks without training.
OWN = {
    "ddm": ("mixture", {n: BOX[n] for n in ("v", "a", "z")}, 3, outputs(4, 2, mirrored=False)),
    "weibull": ("correction", {"z": (0.2, 0.8), "alpha": (0.5, 4.0), "beta": (0.3, 9.0)}, 6, 1),
    "ornstein": ("correction", {"v": (-4.0, 4.0), "z": (0.2, 0.8), "g": (-1.0, 2.0)}, 9, 1),
    "race_no_bias_angle_2": (
        "correction",
        {"v": (0.0, 6.0), "z": (0.0, 0.9), "slope": (-0.1, 1.0)},
        12,
        2,
    ),
    "full_ddm": (
        "correction",
        {"v": (-6, 6), "z": (0.1, 0.9), "spread": (0, 0.9), "sv": (0, 2), "st": (0, 5)},
        17,
        1,
    ),
}


def own(name):
    kind, box, inputs, count = OWN[name]
    weights = first_weights((inputs, 16, count), seed=1).items()
    kept = {name: 0.3 * np.asarray(array) for name, array in weights}
    # One network of an accumulator serves races of any number.
    of = name.removesuffix("_2")
    return Network("small", of, kind, tuple(box), box, (16,), kept), get_model(name)


@pytest.mark.parametrize("name", OWN)
def test_networks_of_our_own_kinds_go_out(name):
    network, model = own(name)
    assert check_export(network, model, export(network, model)) < LARGEST_DIFFERENCE


@pytest.mark.parametrize("name", ["ddm", "weibull"])
def test_the_reader_that_hssm_has_maps_them_over_trials(name, another_reader):
    network, model = own(name)
    content = export(network, model)
    run = another_reader(onnx.load_model_from_string(content))
    values = [1.0, 1.2, 0.4, 0.2, 2.0, 3.0][: len(model.parameters)]
    rows = np.array([[*values, rt, c] for rt in np.linspace(0.1, 2.0, 20) for c in (-1, 1)])
    found = jax.jit(jax.vmap(run))(rows.astype(np.float32))
    np.testing.assert_allclose(found, evaluated(content, rows), rtol=1e-5, atol=1e-5)


def test_where_there_would_be_a_solver_is_a_floor():
    network, model = own("weibull")
    # v, a, z, t, alpha, beta, rt, response
    rows = np.array([[1.0, 1.0, 0.5, 0.3, 9.0, 2.0, 0.8, 1.0], [1.0, 1, 0.5, 0.3, 9, 2, 0.2, 1]])
    np.testing.assert_allclose(evaluated(export(network, model), rows), [FLOOR, -np.inf])


#: Each network that driftmill brings along, with the first model that it serves.
SHIPPED = [
    pytest.param(
        name,
        next(model for model in CATALOGUE if serves(shipped(name).model, model)),
        marks=() if name in ("levy", "weibull") else pytest.mark.long,
    )
    for name in shipped_names()
]


@pytest.mark.parametrize(("name", "of"), SHIPPED)
def test_what_driftmill_brings_along_goes_out_and_comes_back(name, of):
    network, model = shipped(name), get_model(of)
    content = export(network, model)
    assert check_export(network, model, content) < LARGEST_DIFFERENCE
    rows = trials_inside(network, model)[:200]
    names = model.parameter_names
    box = {p: (rows[:, k].min(), rows[:, k].max()) for k, p in enumerate(names)}
    back = import_network("back", model, content, "back.onnx", names, box)
    density = with_network(model, back).likelihoods[KIND]
    found = np.asarray(density(rows[:, -2], rows[:, -1], *rows[:, :-2].T))
    np.testing.assert_allclose(found, evaluated(content, rows), rtol=1e-5, atol=1e-5)
