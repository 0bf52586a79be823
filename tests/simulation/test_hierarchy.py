"""Simulated hierarchies, against an estimator that shares no code with them.

A diffusion between bounds at -a and a that starts in the middle ends above with probability
1 / (1 + exp(-2 a v)), so its responses are a logistic regression on the drift. With normal
deviations the marginal likelihood of a participant is a Gauss-Hermite sum over them.
"""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_expit, logsumexp

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import Prior, get_model
from driftmill.simulation.covariates import Drawn
from driftmill.simulation.design import Design
from driftmill.simulation.simulate import simulate_datasets

PARTICIPANTS, TRIALS, BOUND, NODES = 250, 24, 0.6, 21
TRUE = {"v_Intercept": 0.8, "v_x": 0.5, "v_1|participant_id_sigma": 0.9}
TRUE |= {"v_x|participant_id_sigma": 0.7}


@pytest.fixture(scope="module")
def tables():
    formula = "1 + x + (1 + x | participant_id)"
    design = Design(
        cell="drifts",
        model=get_model("ddm"),
        truth=TRUE | {"a": BOUND, "z": 0.5, "t": 0.3},
        participants=PARTICIPANTS,
        trials=TRIALS,
        datasets=1,
        lapse=0.0,
        seed=2,
        formulas={"v": Regression("v", formula, Link("identity"))},
        covariates={"x": Drawn(Prior("Normal", {"mu": 0.0, "sigma": 1.0}))},
    )
    return simulate_datasets(design, [0])


def negative_log_likelihood(parameters, sign, x):
    """Integrate the participants' deviations out; sign and x of shape (participants, trials)."""
    mean, slope, log_sd, log_sd_slope = parameters
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = np.log(weights / weights.sum())
    total = []
    for own, weight in zip(mean + np.exp(log_sd) * nodes, weights, strict=True):
        for steep, more in zip(slope + np.exp(log_sd_slope) * nodes, weights, strict=True):
            eta = 2.0 * BOUND * (own + steep * x)
            total.append(weight + more + log_expit(sign * eta).sum(axis=1))
    return -logsumexp(total, axis=0).sum()


def hessian(function, at, step=1e-3):
    eye = step * np.eye(len(at))

    def second(i, j):
        four = [function(at + s * eye[i] + t * eye[j]) * s * t for s in (-1, 1) for t in (-1, 1)]
        return sum(four) / (4.0 * step**2)

    return np.array([[second(i, j) for j in range(len(at))] for i in range(len(at))])


def test_group_means_and_sds_come_back(tables):
    trials, _ = tables
    sign = trials["response"].to_numpy(dtype=float).reshape(PARTICIPANTS, TRIALS)
    x = trials["x"].to_numpy().reshape(PARTICIPANTS, TRIALS)

    def function(at):
        return negative_log_likelihood(at, sign, x)

    truth = np.array([0.8, 0.5, np.log(0.9), np.log(0.7)])
    found = minimize(function, np.array([0.5, 0.2, -0.5, -0.5]), method="BFGS", tol=0.05)
    errors = np.sqrt(np.diag(np.linalg.inv(hessian(function, found.x))))
    assert (errors < 0.12).all()
    z = (found.x - truth) / errors
    assert np.abs(z).max() < 4.0, z


def test_participants_differ_as_their_own_values_say(tables):
    """Each participant's share of upper responses is what its own drift and slope predict."""
    trials, truth = tables
    values = truth.set_index(["parameter", "participant_id"])["value"]
    people = [str(p) for p in range(PARTICIPANTS)]
    own = values["v (participant)"][people].to_numpy()[:, None]
    steep = values["v_x (participant)"][people].to_numpy()[:, None]
    x = trials["x"].to_numpy().reshape(PARTICIPANTS, TRIALS)
    above = trials["response"].to_numpy().reshape(PARTICIPANTS, TRIALS) == 1
    p = np.exp(log_expit(2.0 * BOUND * (own + steep * x)))
    for weight in (np.ones_like(x), x):
        error = ((above - p) * weight).sum(axis=1)
        z = error / np.sqrt((p * (1.0 - p) * weight**2).sum(axis=1))
        # A chi-squared variable with as many degrees of freedom as participants.
        assert abs((z**2).sum() - PARTICIPANTS) < 4.0 * np.sqrt(2.0 * PARTICIPANTS)


def test_deviations_have_the_sds_of_the_truth(tables):
    _, truth = tables
    for term in ("1", "x"):
        deviations = truth.loc[truth["parameter"] == f"v_{term}|participant_id", "value"]
        sd = TRUE[f"v_{term}|participant_id_sigma"]
        assert len(deviations) == PARTICIPANTS
        assert abs(deviations.mean()) < 4.0 * sd / np.sqrt(PARTICIPANTS)
        assert abs(deviations.std() / sd - 1.0) < 4.0 / np.sqrt(2.0 * PARTICIPANTS)
