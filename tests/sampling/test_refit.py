"""Refits without a participant, against quadrature over what is the participant's own."""

import numpy as np
import pytest
from scipy.special import logsumexp
from tests.comparison.hierarchies import choice_integrals, choices, varying_intercept

from driftmill.regression.columns import Shape
from driftmill.regression.lifter import Lifter
from driftmill.regression.variables import unflatten
from driftmill.sampling.refit import Refits
from driftmill.sampling.settings import SamplingSettings

PEOPLE, TRIALS, DRAWS = 12, 15, 500
SPEC = varying_intercept()
SEED = np.random.SeedSequence(4)


@pytest.fixture(scope="module")
def columns():
    return choices(PEOPLE, TRIALS, seed=1)


@pytest.fixture(scope="module")
def refits():
    lifter = Lifter(SPEC, Shape(PEOPLE * TRIALS))
    return Refits(lifter, SamplingSettings(chains=4, draws=DRAWS))


@pytest.fixture(scope="module")
def without(refits, columns):
    return refits(columns, columns["participant_id"] == "p3", SEED)


def test_a_participant_held_out_is_one_of_the_group(without):
    """The draws of the deviation, in units of the sd, are standard normal."""
    assert not without.failed
    values = unflatten(without.posterior.variables, without.posterior.draws)
    people = without.held_out.kept.coords["participant_id__factor_dim"]
    standard = values["logit1_1|participant_id_offset"][..., people.index("p3")]
    # At least 400 effective draws passed the gates.
    assert abs(standard.mean()) < 4 / np.sqrt(400)
    assert abs(standard.var() - 1) < 4 * np.sqrt(2 / 400)


def test_the_likelihood_of_all_trials_is_the_integrated_one(without, columns):
    """Its mean over draws of the deviation is the integral over the deviation."""
    assert without.log_likelihood.shape == (4, DRAWS, TRIALS)
    total = without.log_likelihood.sum(axis=-1).reshape(-1)
    flat = without.draws.reshape(4 * DRAWS, -1)
    values = unflatten(without.held_out.lifted.free, flat)
    integrated = choice_integrals(columns, "p3", values)
    ours, exact = (logsumexp(x) - np.log(x.size) for x in (total, integrated))
    relative = np.exp(total - exact)
    assert ours == pytest.approx(exact, abs=4 * relative.std() / np.sqrt(400))


def test_draws_depend_on_the_seed_and_the_rows_alone(refits, without, columns):
    refits(columns, np.arange(PEOPLE * TRIALS) == 5, np.random.SeedSequence(9))
    again = refits(columns, columns["participant_id"] == "p3", SEED)
    np.testing.assert_array_equal(again.draws, without.draws)
    np.testing.assert_array_equal(again.log_likelihood, without.log_likelihood)
