import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.simulation.parameters import (
    SimulationError,
    block_length,
    check_parameters,
    describe,
)

DDM = get_model("ddm")


def values(n=3, **changed):
    parameters = {"v": 0.5, "a": 1.0, "z": 0.5, "t": 0.3} | changed
    return {name: np.broadcast_to(np.asarray(value), (n,)) for name, value in parameters.items()}


def test_parameters_come_back_in_model_order_as_float64():
    shuffled = dict(reversed(values(v=1).items()))
    checked = check_parameters(DDM, shuffled)
    assert list(checked) == ["v", "a", "z", "t"]
    assert {array.dtype for array in checked.values()} == {np.dtype("float64")}


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("z", 1.5, r"z = 1.5 .*\(0, 1\)"),
        ("z", 0.0, r"z = 0 "),
        ("a", -1.0, r"a = -1 .*\(0, inf\)"),
        ("v", np.nan, r"v = nan .*\(-inf, inf\)"),
        ("v", np.inf, r"v = inf"),
        ("t", [0.3, -0.1, -0.2], r"t = -0.1 \(trial 1\)"),
    ],
)
def test_values_outside_the_support_are_named(name, value, shown):
    with pytest.raises(SimulationError, match=shown):
        check_parameters(DDM, values(**{name: value}))


def test_missing_and_unknown_parameters_are_named():
    parameters = values(theta=0.1)
    del parameters["t"]
    with pytest.raises(SimulationError, match="missing: t; unknown: theta"):
        check_parameters(DDM, parameters)


def test_arrays_must_have_one_length():
    with pytest.raises(SimulationError, match=r"z \(2,\)"):
        check_parameters(DDM, values() | {"z": np.array([0.5, 0.5])})
    with pytest.raises(SimulationError, match="one value a trial"):
        check_parameters(DDM, {name: np.float64(0.5) for name in DDM.parameter_names})


def test_describe_reads_one_row():
    assert describe(values(v=[0.1, 0.2, 0.3]), 1) == "v=0.2, a=1, z=0.5, t=0.3"


@pytest.mark.parametrize(
    ("v", "a", "length"),
    [
        ([1, 1, 1, 1, 1, 1], [2] * 6, 6),
        ([1, 1, 1, 3, 3, 3], [2] * 6, 3),
        ([1, 1, 1, 3, 3, 3], [2, 2, 4, 4, 4, 4], 1),
        ([1, 1, 2, 2, 2, 2], [2] * 6, 2),
        ([1, 2, 3, 4, 5, 6], [2] * 6, 1),
        ([1, 1, 2, 2, 2], [2] * 5, 1),
    ],
)
def test_block_length(v, a, length):
    assert block_length({"v": np.array(v, float), "a": np.array(a, float)}) == length


def test_a_start_above_its_threshold_is_named():
    model = get_model("lba2")
    given = {"A": [0.3, 0.9], "b": 0.8, "v0": 1.0, "v1": 0.6, "t": 0.0}
    arrays = {name: np.broadcast_to(np.asarray(x), (2,)) for name, x in given.items()}
    with pytest.raises(SimulationError, match=r"A = 0.9 \(trial 1\) is not below b .*b=0.8"):
        check_parameters(model, arrays)
    # What the model holds at an end of the support may lie there.
    checked = check_parameters(model, arrays | {"A": np.full(2, 0.3)})
    assert (checked["t"] == 0.0).all()
