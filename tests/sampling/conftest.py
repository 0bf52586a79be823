"""Small datasets of known truth."""

import numpy as np
import pytest
from arviz_stats.base import array_stats

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.fit_spec import FitSpec
from driftmill.simulation.simulate import simulate_trials

TRUTH = {"v": 1.0, "a": 1.2, "z": 0.45, "t": 0.3}


def ddm_columns(n, seed):
    parameters = {name: np.full(n, value) for name, value in TRUTH.items()}
    return simulate_trials(get_model("ddm"), parameters, np.random.SeedSequence(seed))


@pytest.fixture(scope="session")
def datasets():
    """Return three datasets of 80 trials."""
    return {number: ddm_columns(80, number) for number in range(3)}


@pytest.fixture(scope="session")
def choices():
    """Eight people of 40 choices each, whose logits have sd 0.8."""
    rng = np.random.default_rng(5)
    logit = np.repeat(rng.normal(0.4, 0.8, 8), 40)
    columns = {
        "response": np.where(rng.random(320) < 1 / (1 + np.exp(-logit)), 1, -1),
        "participant_id": np.repeat([f"s{k}" for k in range(8)], 40),
    }
    deviation = Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 1.0})})
    priors = {
        "Intercept": Prior("Normal", {"mu": 0.0, "sigma": 1.0}),
        "1|participant_id": deviation,
    }
    formula = Regression("logit1", "1 + (1 | participant_id)", Link("identity"), priors)
    return FitSpec(
        "people",
        get_model("softmax_inv_temperature_2"),
        {"beta": 1.0},
        regressions={"logit1": formula},
    ), columns


def agree(one, two):
    """Means within five standard errors, sds within a tenth or four standard errors."""
    mean, sd = (np.array([f(p.draws, axis=(0, 1)) for p in (one, two)]) for f in (np.mean, np.std))
    error = sd * np.array([p.diagnostics.mcse_ratio for p in (one, two)])
    assert np.all(np.abs(mean[0] - mean[1]) < 5 * np.hypot(*error))
    # Draws that swing about their mean know it better than they know their spread.
    of_sd = [array_stats.mcse(p.draws, method="sd", chain_axis=0, draw_axis=1) for p in (one, two)]
    limit = np.maximum(0.1, 4 * np.hypot(*(np.array(of_sd) / sd)))
    assert np.all(np.abs(np.log(sd[0] / sd[1])) < limit)
