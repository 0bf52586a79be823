"""A hierarchy recovers truths from its own priors as often as its posteriors say it does.

The large version, with more models and datasets, is ``make validate``.
"""

import numpy as np
import pytest
from tests.validate.ranks import Case, calibrate, rank

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.recovery.ranks import HIGHEST
from driftmill.recovery.uniformity import band_p_value
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.settings import Gates, SamplingSettings
from driftmill.simulation.covariates import Drawn

DATASETS = 24


@pytest.fixture(scope="module")
def found():
    """Return draws and truths of a small hierarchical softmax."""
    deviations = Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 0.6})})
    priors = {
        "Intercept": Prior("Normal", {"mu": 0.0, "sigma": 1.0}),
        "x": Prior("Normal", {"mu": 0.0, "sigma": 0.7}),
        "1|participant_id": deviations,
    }
    logit1 = Regression("logit1", "1 + x + (1 | participant_id)", Link("identity"), priors)
    spec = FitSpec(
        "calibration",
        get_model("softmax_inv_temperature_2"),
        fixed={"beta": 2.0},
        regressions={"logit1": logit1},
    )
    x = Drawn(Prior("Normal", {"mu": 0.0, "sigma": 1.0}))
    settings = SamplingSettings(
        chains=2, draws=250, gates=Gates(1.1, 50, 50, mcse_ratio=0.2), ladder=()
    )
    return calibrate(Case(spec, 40, DATASETS, participants=6, covariates={"x": x}), settings)


def test_ranks_of_the_truth_are_uniform(found):
    p_values = found.p_values
    assert len(p_values) == 5
    # By chance one such test in a thousand would fail, had it not fixed seeds.
    assert min(p_values.values()) > 1e-3 / len(p_values), str(found)


@pytest.mark.parametrize("name", ["logit1_Intercept", "logit1_x"])
def test_truths_of_other_datasets_would_be_noticed(found, name):
    others = np.roll(found.truths[name], 1)
    assert band_p_value(rank(found.draws[name], others), HIGHEST) < 1e-6


def test_posteriors_too_narrow_would_be_noticed(found):
    draws = found.draws["logit1_Intercept"]
    centre = draws.mean(axis=1, keepdims=True)
    narrow = centre + (draws - centre) / 3.0
    assert band_p_value(rank(narrow, found.truths["logit1_Intercept"]), HIGHEST) < 1e-2
