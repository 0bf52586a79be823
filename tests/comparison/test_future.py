"""Later trials predicted from those before them: against closed forms, and against a quadrature."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmill.comparison.future import Past, leave_future_out, places_of, predict_future
from driftmill.comparison.limits import Horizon
from driftmill.comparison.refit_tables import future_elpd_table, future_table
from driftmill.models import get_model
from driftmill.models.composition import compose
from driftmill.models.declaration import Prior
from driftmill.models.processes import RESCORLA_WAGNER
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.sampling.refit import Refits
from driftmill.sampling.settings import PASSED, SamplingSettings

#: A normal mean with a normal prior: sd of the data, and of the mean around 0.
SIGMA, TAU = 1.0, 2.0
DRAWS = 4000


def conjugate(y, limit_draws=DRAWS, seed=0):
    """Refits of a normal mean, by draws of the exact posterior; counts what was held out."""
    rng = np.random.default_rng(seed)
    asked = []

    def refit(held):
        asked.append(int((~held).sum()))
        kept = y[~held]
        precision = 1 / TAU**2 + len(kept) / SIGMA**2
        mean = kept.sum() / SIGMA**2 / precision
        mu = rng.normal(mean, precision**-0.5, limit_draws)
        return Past(stats.norm(mu[:, None], SIGMA).logpdf(y), 1.0, "ok")

    return refit, asked


def exact(y, first, ahead):
    """Log predictive density of each block given all before it, in closed form."""
    found = []
    for known in range(first, len(y), ahead):
        precision = 1 / TAU**2 + known / SIGMA**2
        mean = y[:known].sum() / SIGMA**2 / precision
        block = y[known : known + ahead]
        cov = np.eye(len(block)) * SIGMA**2 + 1 / precision
        found.append(stats.multivariate_normal(np.full(len(block), mean), cov).logpdf(block))
    return np.array(found)


def of_one(y):
    n = len(y)
    return np.arange(n), np.zeros(n, dtype=np.int64), np.ones(n, dtype=bool)


@pytest.fixture(scope="module")
def y():
    """Trials whose mean changes on the way, so that the first say little of the last."""
    return np.random.default_rng(3).normal(np.repeat([0.0, 2.5], 30), SIGMA)


@pytest.mark.parametrize("ahead", [1, 7])
def test_blocks_are_predicted_as_by_exact_refits(y, ahead):
    refit, asked = conjugate(y)
    found = leave_future_out(*of_one(y), Horizon(5, ahead), refit)
    truth = exact(y, 5, ahead)
    assert len(found.blocks) == len(truth)
    # Right after a refit 4,000 draws count alike; just below the limit of k perhaps 50.
    fresh = np.array([np.isnan(block.pareto_k) for block in found.blocks])
    np.testing.assert_allclose(found.elpd[fresh], truth[fresh], atol=4 / np.sqrt(DRAWS))
    np.testing.assert_allclose(found.elpd, truth, atol=0.3)
    assert found.elpd.sum() == pytest.approx(truth.sum(), abs=0.5)
    assert 1 < len(asked) < len(truth) / 2
    assert asked == sorted(set(asked))
    assert asked[0] == 5
    assert found.n_bad_k == 0
    assert not found.limit_reached


def test_blocks_add_up_to_the_same_whatever_their_length(y):
    """The chain rule: what is predicted of all later trials together."""
    assert exact(y, 5, 1).sum() == pytest.approx(exact(y, 5, 11).sum())
    sums = [
        leave_future_out(*of_one(y), Horizon(5, ahead), conjugate(y, seed=ahead)[0]).elpd.sum()
        for ahead in (1, 11)
    ]
    assert sums[0] == pytest.approx(sums[1], abs=0.3)


def test_each_block_says_what_it_was_predicted_from(y):
    refit, asked = conjugate(y)
    found = leave_future_out(*of_one(y), Horizon(10, 10), refit)
    assert [block.n_known for block in found.blocks] == [10, 20, 30, 40, 50]
    assert [block.n_trials for block in found.blocks] == [10] * 5
    assert [block.row for block in found.blocks] == [10, 20, 30, 40, 50]
    for block in found.blocks:
        assert block.refitted_at in asked
        # Right after a refit there are no weights; else they can be trusted.
        assert np.isnan(block.pareto_k) == (block.refitted_at == block.n_known)
        assert not block.pareto_k > found.k_limit


def test_without_refits_left_weights_are_counted(y):
    refit, asked = conjugate(y)
    found = leave_future_out(*of_one(y), Horizon(25, 1, refits=1), refit)
    assert asked == [25]
    assert found.limit_reached
    assert found.n_bad_k > 0
    assert found.n_bad_k == sum(block.pareto_k > found.k_limit for block in found.blocks)
    assert np.isfinite(found.elpd).all()


def test_participants_go_forward_together():
    """Of each the block of the same places; who has no trials left is known and not predicted."""
    place = np.array([0, 1, 2, 3, 0, 1, 2, 0, 1])
    people = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2])
    scored = np.ones(9, dtype=bool)
    scored[6] = False
    values = np.log(np.linspace(0.2, 0.9, 9))
    held = []

    def refit(mask):
        held.append(mask.copy())
        return Past(np.tile(values, (100, 1)), 1.0, "ok")

    found = leave_future_out(place, people, scored, Horizon(1, 2), refit)
    # The draws are all alike, so that no weight can dominate: one posterior is enough.
    np.testing.assert_array_equal(held, [place >= 1])
    told = [(b.row, b.n_trials, b.n_known) for b in found.blocks]
    assert told == [(1, 2, 1), (5, 1, 1), (8, 1, 1), (3, 1, 3)]
    expected = [values[1] + values[2], values[5], values[8], values[3]]
    np.testing.assert_allclose(found.elpd, expected)


def test_a_failed_refit_is_tried_again_with_more_trials(y):
    refit, asked = conjugate(y)

    def failing(held):
        found = refit(held)
        if len(asked) > 1:
            return found
        return Past(np.full_like(found.log_likelihood, np.nan), np.nan, "numeric_failure")

    found = leave_future_out(*of_one(y), Horizon(10, 10), failing)
    assert asked[:2] == [10, 20]
    assert np.isnan(found.elpd).tolist() == [True, False, False, False, False]
    assert found.refits[:2] == ("numeric_failure", "ok")


def test_impossible_trials_leave_no_elpd(y):
    def refit(held):
        values = np.zeros((100, len(y)))
        values[:, 15] = -np.inf
        return Past(values, 1.0, "ok")

    found = leave_future_out(*of_one(y), Horizon(10, 10, refits=2), refit)
    assert found.elpd[0] == -np.inf
    assert np.isfinite(found.elpd[1:]).all()


def test_places_count_the_trials_of_each_participant():
    frame = pd.DataFrame({"participant_id": list("baabb"), "trial_id": [2, 7, 3, 0, 1]})
    frame.index = [10, 11, 12, 13, 14]
    assert places_of(frame).to_dict() == {10: 2, 11: 1, 12: 0, 13: 0, 14: 1}
    assert places_of(frame.assign(participant_id=None)).tolist() == [2, 4, 3, 0, 1]


def test_a_learners_later_trials_are_those_of_a_quadrature():
    """Two participants of one learning rate, by a plain loop over trials on a grid of it."""
    rng = np.random.default_rng(8)
    people, trials, first, beta = 2, 40, 16, 2.5
    columns = {
        "response": rng.choice([-1, 1], people * trials),
        "feedback": rng.choice([0.0, 1.0], people * trials, p=[0.3, 0.7]),
        "participant_id": np.repeat(["a", "b"], trials).astype(object),
        "trial_id": np.tile(np.arange(trials), people),
    }
    model = compose(RESCORLA_WAGNER, get_model("softmax_inv_temperature_2"))
    prior = {"rl_alpha": Prior("Beta", {"alpha": 2.0, "beta": 2.0})}
    spec = FitSpec("learner", model, fixed={"beta": beta}, priors=prior)
    alpha = np.linspace(0, 1, 401)[1:-1]
    likely = np.empty((people, trials, len(alpha)))
    for k in range(people):
        q = [0.5 + 0 * alpha, 0.5 + 0 * alpha]
        for t in range(trials):
            response, feedback = (columns[n][k * trials + t] for n in ("response", "feedback"))
            likely[k, t] = -np.logaddexp(0, -response * beta * (q[1] - q[0]))
            option = int(response > 0)
            q[option] = q[option] + alpha * (feedback - q[option])
    weight = stats.beta(2, 2).logpdf(alpha)
    expected, blocks = [], []
    for known in range(first, trials, 8):
        past = weight + likely[:, :known].sum(axis=(0, 1))
        for k in range(people):
            block = likely[k, known : known + 8].sum(axis=0)
            ratio = np.exp(block - np.logaddexp.reduce(past + block) + np.logaddexp.reduce(past))
            expected.append(np.logaddexp.reduce(past + block) - np.logaddexp.reduce(past))
            blocks.append((past, ratio - 1))

    settings = SamplingSettings(draws=500)
    refits = Refits(Lifter(spec, Shape(people * trials)), settings)
    place, who = np.tile(np.arange(trials), people), columns["participant_id"]
    seed = np.random.SeedSequence(4)
    found = predict_future(refits, spec, columns, place, who, Horizon(first, 8), seed)
    assert [block.row for block in found.blocks] == [16, 56, 24, 64, 32, 72]
    error = []
    for block, (past, away) in zip(found.blocks, blocks, strict=True):
        seen = weight + likely[:, : block.refitted_at].sum(axis=(0, 1))
        weights = past - 2 * np.logaddexp.reduce(past) + np.logaddexp.reduce(seen)
        # The gates ask for 400 effective draws.
        error.append(np.sqrt(np.exp(weights + past - seen) @ away**2 / 400))
    assert np.all(np.abs(found.elpd - expected) < 4 * np.array(error))
    assert max(error) < 0.1
    table = future_table(found, 5, pd.DataFrame(columns))
    assert table["participant_id"].tolist() == ["a", "b"] * 3
    assert table["trial_id"].tolist() == [16, 16, 24, 24, 32, 32]
    (row,) = future_elpd_table([(5, found)]).to_dict("records")
    assert row["elpd"] == pytest.approx(sum(expected), abs=4 * sum(error))
    assert (row["n_trials"], row["n_blocks"], row["n_failed"]) == (48, 6, 0)
    assert row["n_refits"] == len(found.refits)
    assert row["code"] in PASSED
