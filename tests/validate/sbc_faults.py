"""Faults that simulation-based calibration of a diffusion model must see at 250 datasets."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.validate.ranks import Case, calibrate
from tests.validate.sbc import DIFFUSION

from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.settings import SamplingSettings

DATASETS, TRIALS = 250, 100
LEVEL = 0.05  # over all tests of the fit, as the report's verdict has it

SPEC = FitSpec("faults", get_model("ddm"), {"z": 0.5}, {n: DIFFUSION[n] for n in ("v", "a", "t")})


def of_wider_priors(factor: float) -> FitSpec:
    """Return a fit whose drift has a prior of another sd."""
    wider = Prior("Normal", {"mu": 0.0, "sigma": 1.5 * factor})
    return replace(SPEC, priors={**SPEC.priors, "v": wider})


def flip(trials: pd.DataFrame) -> pd.DataFrame:
    """Turn 5 % of the responses round.

    With a start in the middle the likelihood of a turned response is that of the drift with the
    other sign.
    """
    turned = np.random.default_rng(5).random(len(trials)) < 0.05
    return trials.assign(response=np.where(turned, -trials["response"], trials["response"]))


CASES = {
    "none": Case(SPEC, TRIALS, DATASETS),
    "prior sd too large by a third": Case(of_wider_priors(4 / 3), TRIALS, DATASETS, generator=SPEC),
    "prior sd too small by a third": Case(of_wider_priors(2 / 3), TRIALS, DATASETS, generator=SPEC),
    "drift of the other sign on 5 % of trials": Case(SPEC, TRIALS, DATASETS, spoil=flip),
    "5 % lapses that the fit lacks": Case(SPEC, TRIALS, DATASETS, lapse=0.05),
}


@pytest.mark.parametrize("fault", CASES)
def test_planted_faults_are_seen_and_nothing_where_there_is_none(fault: str) -> None:
    found = calibrate(CASES[fault], SamplingSettings(chains=2))
    tests = found.tests
    smallest = tests[["p_with_failed", "p_prior"]].min().min() * tests["tests"].iloc[0]
    print(f"\n{fault}: {found}\n{tests[['p_with_failed', 'p_prior']]}\nadjusted: {smallest:.3g}")
    assert (smallest < LEVEL) == (fault != "none")
