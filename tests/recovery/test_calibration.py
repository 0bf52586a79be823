"""Faults are seen at 250 datasets, and nothing where there is none: normal models in closed form.

A truth from Normal(0, 1), n observations from Normal(truth, 1), a fit that assumes the same or
something else. Given truth and data its rank among independent posterior draws is binomial, with
the posterior's distribution function at the truth for its probability.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import ndtr

from driftmill.recovery.calibration import CALIBRATION_TYPES, calibration, moments, shape
from driftmill.recovery.rank_tests import p_range, p_value
from driftmill.recovery.ranks import HIGHEST, NOT_SIMULATED, RANKS_TYPES
from driftmill.recovery.sentence import RankTest
from driftmill.recovery.verdict import Limits, ranks_answer, verdict

DATASETS, STUDIES = 250, 150
#: Adjusted for nine tests, as of a diffusion model with four parameters.
TESTS = 9
LEVEL = 0.05 / TESTS


def ranks_of_studies(n=20, prior_sd=1.0, turned=0.0, lapses=0.0, seed=1):
    """Return ranks (study, dataset): among posterior draws, of the likelihood, among priors."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(STUDIES, DATASETS))
    y = truth[..., None] + rng.normal(size=(STUDIES, DATASETS, n))
    y = np.where(rng.random(y.shape) < lapses, rng.uniform(-8, 8, y.shape), y)
    signs = np.where(np.arange(n) < round(turned * n), -1.0, 1.0)
    mean = (signs * y).mean(axis=-1)
    precision = n + prior_sd**-2
    centre, sd = n * mean / precision, precision**-0.5
    # The likelihood falls with the distance from the mean of the data.
    away = np.abs(truth - mean)
    nearer = ndtr((mean + away - centre) / sd) - ndtr((mean - away - centre) / sd)
    shares = (ndtr((truth - centre) / sd), 1 - nearer, ndtr(truth / prior_sd))
    return tuple(rng.binomial(HIGHEST, share) for share in shares)


def p_values(ranks):
    return np.array([p_value(study, HIGHEST) for study in ranks])


def share_seen(ranks, level=LEVEL):
    return float(np.mean(p_values(ranks) < level))


def at_most(share, times=STUDIES):
    """Return the share that is reached in one of ten thousand samples where this is the truth."""
    return stats.binom.ppf(1 - 1e-4, times, share) / times


@pytest.fixture(scope="module")
def right():
    return ranks_of_studies()


@pytest.mark.parametrize("level", [0.05, LEVEL])
@pytest.mark.parametrize("quantity", [0, 1, 2], ids=["posterior", "likelihood", "prior"])
def test_a_fit_that_is_right_is_blamed_as_often_as_the_level_says(right, quantity, level):
    assert share_seen(right[quantity], level) <= at_most(level)


def test_false_alarms_are_not_much_rarer_than_asked_for(right):
    """Twice the smaller of two p-values that go together is a little too large."""
    assert share_seen(right[0], 0.3) >= stats.binom.ppf(1e-4, STUDIES, 0.2) / STUDIES


@pytest.mark.parametrize("prior_sd", [2 / 3, 4 / 3, 3 / 4, 3 / 2])
@pytest.mark.parametrize("n", [1, 20])
def test_a_prior_sd_off_by_a_third_is_seen_however_much_data_say(prior_sd, n):
    assert share_seen(ranks_of_studies(n, prior_sd)[2]) > 0.97


def test_a_prior_too_narrow_is_seen_in_posteriors_that_depend_on_it():
    """Contraction 0.31 with one observation, 0.90 with twenty."""
    assert share_seen(ranks_of_studies(1, 2 / 3)[0]) > 0.9
    assert share_seen(ranks_of_studies(20, 2 / 3)[0]) < 0.1


def test_a_sign_flipped_on_some_trials_is_seen():
    assert share_seen(ranks_of_studies(100, turned=0.05)[0]) > 0.99


def test_lapses_that_the_fit_lacks_are_seen():
    found = ranks_of_studies(100, lapses=0.05)
    assert share_seen(found[0]) > 0.99
    assert share_seen(found[1]) > 0.99


def table(ranks, codes="ok", prior=None, parameter="v", level="dataset"):
    """Return a table of ranks, of one quantity."""
    found = pd.DataFrame(
        {
            "dataset": np.arange(len(ranks)),
            "rank": pd.array(ranks, dtype="Int64"),
            "code": codes,
            "prior_rank": pd.array([None] * len(ranks) if prior is None else prior, dtype="Int64"),
        }
    )
    found = found.assign(cell="c", fit="f", parameter=parameter, level=level, highest=HIGHEST)
    return found.reindex(columns=list(RANKS_TYPES)).astype(RANKS_TYPES)


def test_a_row_counts_what_became_of_the_datasets(right):
    ranks = right[0][np.argmin(p_values(right[0]))]
    codes = np.where(np.arange(DATASETS) < 5, "not_converged", "ok").astype(object)
    codes[5:8], codes[8] = "numeric_failure", NOT_SIMULATED
    known = [None if 5 <= k <= 8 else rank for k, rank in enumerate(ranks)]
    (row,) = calibration(table(known, codes)).to_dict("records")
    counts = {name: row[name] for name in ("n", "ranked", "failed", "not_simulated", "tests")}
    assert counts == {"n": 250, "ranked": 241, "failed": 8, "not_simulated": 1, "tests": 1}
    passed, drawn = ranks[9:], np.concatenate([ranks[:5], ranks[9:]])
    assert row["p_value"] == p_value(passed, HIGHEST)
    assert row["p_with_failed"] == p_value(drawn, HIGHEST)
    assert (row["p_lowest"], row["p_highest"]) == p_range(passed, HIGHEST, 9)
    assert row["p_lowest"] < row["p_value"] < row["p_highest"]
    assert np.isnan(row["p_prior"])


def test_approximations_are_ranked_though_no_gate_is_asked_of_them(right):
    (row,) = calibration(table(right[0][0], "approximate")).to_dict("records")
    assert (row["ranked"], row["failed"]) == (250, 0)


def test_tests_are_counted_by_cell_and_fit(right):
    parts = [
        table(right[0][0], prior=right[2][0]),
        table(right[0][1], prior=right[2][1], parameter="a"),
        table(right[1][0], parameter="log_likelihood", level="joint"),
    ]
    found = calibration(pd.concat([*parts, parts[0].assign(fit="g")]))
    assert found["tests"].tolist() == [5, 5, 5, 2]
    assert found["parameter"].tolist() == ["v", "a", "log_likelihood", "v"]


def test_without_ranks_there_are_no_tests():
    found = calibration(table([]))
    assert found.empty
    assert list(found) == list(CALIBRATION_TYPES)


@pytest.mark.parametrize(
    ("centre", "width", "word"),
    [(0.0, 0.5, "too narrow"), (0.0, 2.0, "too wide"), (1.0, 1.0, "too high"), (-1, 1, "too low")],
)
def test_what_is_wrong_is_named(centre, width, word):
    """Posteriors Normal(centre, width) of a truth that is Normal(0, 1)."""
    rng = np.random.default_rng(2)
    truth = rng.normal(size=DATASETS)
    ranks = rng.binomial(HIGHEST, ndtr((truth - centre) / width))
    assert calibration(table(ranks))["shape"].item() == word
    assert shape(*moments(ranks, HIGHEST)) == word


def test_nothing_is_named_where_ranks_are_uniform(right):
    assert set(calibration(table(right[0][0]))["shape"]) == {""}


def test_moments_are_standard_normal_where_ranks_are_uniform(right):
    found = np.array([moments(study, HIGHEST) for study in right[0]])
    assert np.abs(found.mean(axis=0)).max() < 4 / np.sqrt(STUDIES)
    assert np.abs(found.std(axis=0) - 1).max() < 4 / np.sqrt(2 * STUDIES)


@pytest.mark.parametrize(
    ("ranked", "lowest", "highest", "prior", "answer"),
    [
        (250, 0.4, 0.4, 0.5, "yes"),
        (99, 0.4, 0.4, 0.5, "unclear"),
        (240, 0.001, 0.9, 0.5, "unclear"),
        (240, 1e-9, 0.004, 0.5, "no"),
        (250, 0.4, 0.4, 1e-4, "no"),
        (250, 0.4, 0.4, np.nan, "yes"),
        (0, 1e-9, 1.0, np.nan, "unclear"),
    ],
)
def test_the_verdict_allows_for_any_rank_of_what_failed(ranked, lowest, highest, prior, answer):
    test = RankTest(250, ranked, TESTS, 0.4, lowest, highest, prior, "")
    assert ranks_answer(test, Limits()) == answer


def verdicts(make_estimates, ranks, prior):
    """Return the verdict on a parameter whose truths have these ranks."""
    estimates = make_estimates(np.linspace(-1, 1, len(ranks)), np.linspace(-1, 1, len(ranks)))
    estimates = estimates.assign(cell="c", fit="f")
    return verdict(estimates, calibration=calibration(table(ranks, prior=prior))).iloc[0]


@pytest.fixture(scope="module")
def calm(right):
    """Return the least surprising ranks among posterior draws, and among prior draws."""
    return tuple(right[k][np.argmax(p_values(right[k]))] for k in (0, 2))


def test_the_strip_says_what_the_ranks_say(make_estimates, calm):
    row = verdicts(make_estimates, *calm)
    assert row["calibrated"] == "yes"
    assert row["sbc_p"] == min(1.0, 2 * p_value(calm[0], HIGHEST))
    assert "in 250 of 250 datasets are uniform with p = " in row["sentence"]
    assert "(adjusted for 2 tests): calibrated." in row["sentence"]


def test_a_verdict_of_no_names_the_fault(make_estimates, calm):
    rng = np.random.default_rng(3)
    narrow = (rng.beta(0.5, 0.5, DATASETS) * 100).astype(int)
    row = verdicts(make_estimates, narrow, calm[1])
    assert row["calibrated"] == "no"
    assert "not calibrated, posteriors are too narrow." in row["sentence"]
    row = verdicts(make_estimates, calm[0], narrow)
    assert row["calibrated"] == "no"
    assert "but they are not from the prior of this fit" in row["sentence"]


def test_without_ranks_coverage_decides(make_estimates):
    row = verdict(make_estimates(np.zeros(50), np.zeros(50))).iloc[0]
    assert np.isnan(row["sbc_p"])
    assert "90 % interval held the truth" in row["sentence"]
