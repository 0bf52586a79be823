"""Tables of trials as arrays, and the shape that a cell's datasets share."""

import numpy as np
import pandas as pd
import pytest

from driftmill.models import get_model
from driftmill.regression.columns import Shape, datasets_of, participant_of, shape_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.variables import flatten


def table(sizes, people=None):
    datasets = np.repeat(np.arange(len(sizes)), sizes)
    n = len(datasets)
    named = [None] * n if people is None else list(np.repeat(people, sizes))
    return pd.DataFrame(
        {
            "dataset": datasets,
            "participant_id": pd.Series(named, dtype="str"),
            "rt": np.linspace(0.4, 1.4, n),
            "response": np.where(np.arange(n) % 2, 1, -1),
        }
    )


def test_datasets_keep_their_rows_in_order():
    trials = table([3, 2])
    found = datasets_of(trials, FitSpec("ddm", get_model("ddm")))
    assert list(found) == [0, 1]
    np.testing.assert_array_equal(found[1]["rt"], trials["rt"][3:])
    choices = FitSpec("softmax", get_model("softmax_inv_temperature_2"))
    assert set(datasets_of(trials, choices)[0]) == {"response"}


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [([5, 5], Shape(5)), ([3, 5], Shape(5, padded=True)), ([1], Shape(2, padded=True))],
)
def test_shape_is_the_largest_dataset(sizes, shape):
    assert shape_of(table(sizes)) == shape


def test_a_dataset_of_one_trial_has_a_density():
    trials = table([1])
    spec = FitSpec("ddm", get_model("ddm"))
    columns = datasets_of(trials, spec)[0]
    lifted, data = Lifter(spec, shape_of(trials)).of(columns)
    natural = flatten(lifted.free, spec.model.start(columns))
    position = lifted.unconstrain(natural, data.arrays)
    assert np.isfinite(float(lifted.log_density(position, data.arrays)))
    assert np.count_nonzero(lifted.pointwise(position, data.arrays)) == 1


def test_participants_are_named_where_each_has_a_dataset():
    assert participant_of(table([2, 3], ["p7", "p9"])) == {0: "p7", 1: "p9"}
    assert participant_of(table([2, 3])) == {}
    assert participant_of(table([2, 3], ["p7", "p7"]).assign(dataset=0)) == {0: "p7"}
    mixed = table([2, 2], ["p7", "p9"]).assign(dataset=0)
    assert participant_of(mixed) == {}
