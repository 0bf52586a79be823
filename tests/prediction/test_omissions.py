"""Predictive checks where trials may lack a response."""

import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.prediction.predictive import check
from driftmill.prediction.statistics import evaluate, statistics_of
from driftmill.prediction.trial_draws import LAPSE, TrialDraws
from driftmill.simulation.deadlines import withhold
from driftmill.simulation.simulate import simulate_trials

DDM = get_model("ddm")
VALUES = {"v": 0.5, "a": 1.1, "z": 0.5, "t": 0.25}
N, DEADLINE = 200, 0.9


def draws(many=60):
    def values(chosen, rows):
        return {name: np.full((chosen.size, 1), x) for name, x in {**VALUES, LAPSE: 0.0}.items()}

    return TrialDraws(DDM, N, np.ones(many, dtype=bool), values)


def observed(silent=None):
    arrays = {name: np.full(N, x) for name, x in VALUES.items()}
    seed = np.random.SeedSequence(8)
    columns = simulate_trials(DDM, arrays, seed, deadline=np.full(N, DEADLINE), silent=silent)
    return {**columns, "deadline": np.full(N, DEADLINE)}


def test_statistics_count_omissions():
    trials = {"rt": np.array([0.4, 0.6, 1.2, 0.7]), "response": np.array([1, 1, 1, -1])}
    seen = withhold(trials, 1.0)
    names = statistics_of(DDM, deadlines=True)
    found = evaluate(DDM, seen, deadlines=True)
    by_name = {
        (s.quantity, s.response, s.probability): x for s, x in zip(names, found, strict=True)
    }
    assert by_name["response_share", 1, None] == 0.5
    assert by_name["response_share", -1, None] == 0.25
    assert by_name["omission_share", 0, None] == 0.25
    assert by_name["rt_quantile", 1, 0.5] == 0.5
    silent = {"deadlines": True, "silent": -1}
    names = statistics_of(DDM, **silent)
    assert {s.response for s in names if s.quantity == "rt_quantile"} == {1}
    found = evaluate(DDM, withhold(trials, 1.0, -1), **silent)
    assert found[-2:].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("silent", [None, -1])
def test_predicted_omissions_are_those_of_the_model(silent):
    table = check(draws(), observed(silent), np.random.SeedSequence(1), 60, silent=silent).quantiles
    quantity, response = ("omission_share", 0) if silent is None else ("response_share", silent)
    row = table[(table["quantity"] == quantity) & (table["response"] == response)].iloc[0]
    p = float(np.exp(DDM.log_survivor(DEADLINE, *VALUES.values())))
    if silent is not None:
        p += float(np.exp(DDM.log_cumulative(DEADLINE, float(silent), *VALUES.values())))
    sd = np.sqrt(p * (1 - p) / N)
    # A median of 60 datasets has an error of about sd / 6.
    assert abs(row["predicted"] - p) < sd
    assert 2 * 1.2 * sd < row["upper"] - row["lower"] < 2 * 2.2 * sd
    assert abs(row["observed"] - p) < 5 * sd
    times = table[table["quantity"] == "rt_quantile"]
    assert (times[["observed", "predicted", "upper"]].to_numpy() <= DEADLINE).all()
    assert (table["n_unfinished"] == 0).all()
