"""Fits with formulas, and datasets for them."""

import numpy as np
import pytest

from driftmill.models import Prior, get_model
from driftmill.regression.fit_spec import FitSpec
from tests.prediction.specs import regression


@pytest.fixture
def softmax():
    """Return a choice-only hierarchical regression."""
    model = get_model("softmax_inv_temperature_2")
    formula = regression(model, "logit1", "1 + x + (1 + x | participant_id)")
    return FitSpec("f", model, fixed={"beta": 2.0}, regressions={"logit1": formula})


@pytest.fixture
def ddm():
    """Return a diffusion with two formulas, a column that holds t, and an estimated lapse."""
    model = get_model("ddm")
    v = regression(model, "v", "1 + x + c + (1 + c | participant_id)")
    a = regression(model, "a", "1 + (1 | participant_id)", noncentered=False)
    return FitSpec(
        "f",
        model,
        fixed={"z": 0.5, "t": "ter"},
        regressions={"v": v, "a": a},
        p_outlier=Prior("Beta", {"alpha": 1.0, "beta": 20.0}),
    )


@pytest.fixture
def trials():
    """Return a function that makes the columns of a dataset of some participants."""

    def make(participants=("s1", "s2", "s3"), each=30, seed=0):
        rng = np.random.default_rng(seed)
        n = len(participants) * each
        return {
            "rt": rng.uniform(0.6, 2.0, n),
            "response": rng.choice([-1, 1], n),
            "x": rng.normal(size=n),
            "c": rng.permutation(np.resize(["hc", "lc", "mc"], n)),
            "participant_id": np.repeat(list(participants), each),
            "trial_id": np.tile(np.arange(each), len(participants)),
            "ter": rng.uniform(0.1, 0.3, n),
        }

    return make
