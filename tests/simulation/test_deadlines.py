"""Responses that come too late, or are silent, are not seen."""

import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.simulation.covariates import Given, Levels
from driftmill.simulation.deadlines import withhold
from driftmill.simulation.design import Design
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.simulate import simulate_datasets

TRUTH = {"v": 0.6, "a": 1.2, "z": 0.45, "t": 0.25}


def design(**changes):
    given = {
        "cell": "c",
        "model": get_model("ddm"),
        "truth": TRUTH,
        "participants": 1,
        "trials": 4000,
        "datasets": 1,
        "lapse": 0.0,
        "seed": 3,
        "covariates": {"deadline": Levels((0.6, 1.2))},
    }
    return Design(**(given | changes))


def test_what_is_late_or_silent_is_taken_away():
    trials = {"rt": np.array([0.5, 1.5, 0.7]), "response": np.array([1, 1, -1])}
    seen = withhold(trials, 1.0)
    np.testing.assert_array_equal(seen["rt"], [0.5, np.nan, 0.7])
    np.testing.assert_array_equal(seen["response"], [1, np.nan, -1])
    seen = withhold(trials, np.array([0.4, np.nan, 1.0]), silent=-1)
    np.testing.assert_array_equal(seen["rt"], [np.nan, 1.5, np.nan])


@pytest.mark.parametrize("silent", [None, -1])
def test_omissions_are_as_frequent_as_their_probability(silent):
    trials, _ = simulate_datasets(design(silent=silent), [0])
    assert (trials["rt"].isna() == trials["response"].isna()).all()
    assert (trials["rt"].dropna() <= trials["deadline"][trials["rt"].notna()]).all()
    model = get_model("ddm")
    for deadline, rows in trials.groupby("deadline"):
        p = float(np.exp(model.log_survivor(deadline, *TRUTH.values())))
        if silent is not None:
            p += float(np.exp(model.log_cumulative(deadline, float(silent), *TRUTH.values())))
        n = len(rows)
        assert abs(rows["rt"].isna().mean() - p) < 5 * np.sqrt(p * (1 - p) / n)


def test_responses_are_those_without_a_deadline():
    cut, _ = simulate_datasets(design(trials=100), [0])
    whole, _ = simulate_datasets(design(trials=100, covariates={}), [0])
    seen = cut["rt"].notna().to_numpy()
    np.testing.assert_array_equal(cut["rt"][seen], whole["rt"][seen])
    assert (whole["rt"][~seen] > cut["deadline"][~seen]).all()


def test_walks_that_would_go_on_for_long_are_omissions():
    slow = {**TRUTH, "v": 0.0, "a": 6.0, "z": 0.5}
    with pytest.raises(SimulationError, match="reached no bound"):
        simulate_datasets(design(truth=slow, covariates={}, trials=50), [0])
    trials, _ = simulate_datasets(design(truth=slow, trials=50), [0])
    assert trials["rt"].isna().all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"silent": 3}, "silent is 3"),
        ({"silent": -1, "covariates": {}}, "and a deadline"),
        ({"model": get_model("softmax_inv_temperature_2")}, "up to a deadline"),
    ],
)
def test_what_cannot_be_is_refused(changes, message):
    if "model" in changes:
        changes |= {"truth": {"beta": 1.0, "logit1": 0.5}}
    with pytest.raises(SimulationError, match=message):
        design(**changes)


def test_deadlines_are_positive():
    with pytest.raises(SimulationError, match="not above 0"):
        simulate_datasets(design(trials=2, covariates={"deadline": Given(np.zeros(2))}), [0])
