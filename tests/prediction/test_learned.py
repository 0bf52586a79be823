"""Predictions of learners, one step ahead of what they have seen."""

import numpy as np
import pandas as pd
import pytest

from driftmill.formulas.links import default_link
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import FormulaError
from driftmill.models import Prior, get_model
from driftmill.models.composition import compose
from driftmill.models.processes import RESCORLA_WAGNER
from driftmill.prediction.designs import designs_of
from driftmill.prediction.new_data import new_trial_draws
from driftmill.prediction.predictive import check
from driftmill.prediction.prior import prior_check
from driftmill.prediction.trial_draws import trial_draws
from driftmill.regression.fit_spec import FitSpec

RLDDM = compose(RESCORLA_WAGNER, get_model("ddm"))
DEVIATIONS = Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 1.0})})
PRIORS = {"Intercept": Prior("Normal", {"mu": 0.0, "sigma": 1.0}), "1|participant_id": DEVIATIONS}
ALPHA = Regression(
    "rl_alpha",
    "1 + (1 | participant_id)",
    default_link(RLDDM.parameter("rl_alpha")),
    PRIORS,
)
SPEC = FitSpec("f", RLDDM, regressions={"rl_alpha": ALPHA}, fixed={"z": 0.5})
PEOPLE, EACH = 3, 20


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(2)
    n = PEOPLE * EACH
    return {
        "rt": rng.uniform(0.5, 1.5, n),
        "response": rng.choice([-1, 1], n),
        "feedback": rng.choice([0.0, 1.0], n),
        "participant_id": np.repeat(["a", "b", "c"], EACH),
        "trial_id": np.tile(np.arange(EACH), PEOPLE),
    }


@pytest.fixture(scope="module")
def draws():
    rng = np.random.default_rng(3)
    k = 6
    return {
        "rl_alpha_Intercept": rng.normal(-0.5, 0.2, k),
        "rl_alpha_1|participant_id_sigma": rng.uniform(0.3, 0.6, k),
        "rl_alpha_1|participant_id": rng.normal(0.0, 0.5, (k, PEOPLE)),
        "scaler": rng.uniform(1.0, 3.0, k),
        "a": rng.uniform(0.9, 1.3, k),
        "t": rng.uniform(0.2, 0.3, k),
    }


def test_trials_that_are_not_scored_are_learned_from_and_not_compared(columns, draws):
    holed = {name: x.copy() for name, x in columns.items()}
    holed["response"] = holed["response"].astype(float)
    holed["scored"] = np.ones(PEOPLE * EACH)
    holed["scored"][[3, 25, 40]] = 0
    holed["response"][25] = holed["rt"][25] = np.nan
    scored = holed["scored"] > 0
    designs = designs_of(SPEC, holed)
    every = trial_draws(SPEC, designs, draws, holed, PEOPLE * EACH)
    some = every.among(scored)
    numbers = np.arange(6)
    np.testing.assert_array_equal(some.of(numbers)["v"], every.of(numbers)["v"][:, scored])
    part = some.of(numbers, slice(20, 30))["v"]
    np.testing.assert_array_equal(part, some.of(numbers)["v"][:, 20:30])
    whole = trial_draws(SPEC, designs_of(SPEC, columns), draws, columns, PEOPLE * EACH)
    # Participant a lacks no response, so what it learns is what it learned.
    np.testing.assert_array_equal(every.of(numbers)["v"][:, :20], whole.of(numbers)["v"][:, :20])
    table = prior_check(SPEC, holed, np.random.SeedSequence(1), 20)
    shares = table[table["quantity"] == "response_share"]
    assert (shares["n_observed"] == PEOPLE * EACH - 3).all()
    upper = np.mean(columns["response"][scored] == 1)
    assert shares["observed"].tolist() == pytest.approx([1 - upper, upper])


def drifts(columns, draws, k):
    """Return the drift of every trial under one draw by a loop over trials."""
    found = []
    for person in range(PEOPLE):
        eta = draws["rl_alpha_Intercept"][k] + draws["rl_alpha_1|participant_id"][k, person]
        alpha, q = 1.0 / (1.0 + np.exp(-eta)), [0.5, 0.5]
        for row in range(person * EACH, (person + 1) * EACH):
            found.append(draws["scaler"][k] * (q[1] - q[0]))
            option = int(columns["response"][row] > 0)
            q[option] += alpha * (columns["feedback"][row] - q[option])
    return found


@pytest.fixture(scope="module")
def made(columns, draws):
    return trial_draws(SPEC, designs_of(SPEC, columns), draws, columns, PEOPLE * EACH)


def test_drifts_follow_from_the_trials_before(made, columns, draws):
    assert made.model.name == "ddm"
    found = made.of(np.arange(6))
    for k in range(6):
        np.testing.assert_allclose(found["v"][k], drifts(columns, draws, k), atol=1e-12)
        np.testing.assert_allclose(found["a"][k], draws["a"][k])


def test_some_draws_and_some_trials_are_those_of_all(made):
    every, some = made.of(np.arange(6)), made.of(np.array([4, 1]), slice(15, 40))
    np.testing.assert_allclose(some["v"], every["v"][[4, 1], 15:40], atol=1e-14)


def test_parameters_of_the_process_can_be_asked_for(made):
    found = made.of(np.arange(2), names=["rl_alpha", "scaler"])
    assert found["rl_alpha"].shape == (2, PEOPLE * EACH)
    assert np.unique(found["rl_alpha"][0]).size == PEOPLE


def test_the_order_of_the_rows_does_not_matter(columns, draws):
    order = np.random.default_rng(1).permutation(PEOPLE * EACH)
    shuffled = {name: column[order] for name, column in columns.items()}
    made = trial_draws(SPEC, designs_of(SPEC, shuffled), draws, shuffled, PEOPLE * EACH)
    expected = np.array(drifts(columns, draws, 2))[order]
    np.testing.assert_allclose(made.of(np.array([2]))["v"][0], expected, atol=1e-12)


def test_simulated_shares_are_those_of_the_learned_drifts(made, columns, draws):
    found = check(made, columns, np.random.SeedSequence(1), 6).quantiles
    share = found[(found["quantity"] == "response_share") & (found["response"] == 1)].iloc[0]
    v = np.array([drifts(columns, draws, k) for k in range(6)])
    upper = 1.0 / (1.0 + np.exp(-2.0 * v * draws["a"][:, None]))  # z = 0.5
    # A median of six shares of sixty trials; 1.25 is its error over that of a mean.
    error = 1.25 * np.sqrt((upper * (1.0 - upper)).mean() / (PEOPLE * EACH) / 6)
    assert abs(share["predicted"] - upper.mean()) < 4.0 * error
    assert share["n_draws"] == 6


def test_priors_predict_too(columns):
    table = prior_check(SPEC, columns, np.random.SeedSequence(1), 10)
    shares = table[table["quantity"] == "share_outside"].set_index("parameter")["share_outside"]
    assert set(shares.index) == set(SPEC.free_parameters)
    assert shares["rl_alpha"] == 0.0


def test_new_trials_must_tell_what_was_seen_on_them(columns, draws):
    new = pd.DataFrame(columns).drop(columns="feedback")
    with pytest.raises(FormulaError, match="needs the columns feedback too: it learns"):
        new_trial_draws(SPEC, columns, draws, new, np.random.SeedSequence(1))


def test_new_trials_are_predicted_from_their_own_history(columns, draws):
    new = pd.DataFrame(columns)
    made = new_trial_draws(SPEC, columns, draws, new, np.random.SeedSequence(1))
    found = made.of(np.array([3]))["v"][0]
    np.testing.assert_allclose(found, drifts(columns, draws, 3), atol=1e-12)
