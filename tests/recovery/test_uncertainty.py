import numpy as np
import pytest
from scipy import integrate, stats

from driftmill.recovery.uncertainty import UNCERTAINTY_TYPES, interval_score, uncertainty

pytestmark = pytest.mark.filterwarnings("error")


def row_of(table, subset="all"):
    found = table[table["subset"] == subset]
    assert len(found) == 1
    return found.iloc[0]


def test_interval_score_by_hand():
    score = interval_score(np.zeros(3), np.full(3, 2.0), np.array([1.0, -0.5, 2.25]), 0.9)
    np.testing.assert_allclose(score, [2.0, 2.0 + 20 * 0.5, 2.0 + 20 * 0.25])


def test_interval_score_is_least_for_the_true_interval():
    """A proper score: no other central interval of a standard normal truth scores better."""

    def expected(half_width):
        grid = np.linspace(-8, 8, 4001)
        ends = np.full_like(grid, half_width)
        return integrate.simpson(
            interval_score(-ends, ends, grid, 0.9) * stats.norm.pdf(grid), grid
        )

    best = stats.norm.ppf(0.95)
    assert expected(best) < min(expected(best - 0.1), expected(best + 0.1))


def test_numbers_against_the_textbook(make_estimates):
    rng = np.random.default_rng(1)
    truth, mean, sd = rng.normal(size=20), rng.normal(size=20), rng.uniform(0.1, 0.4, 20)
    row = row_of(uncertainty(make_estimates(truth, mean, sd, prior_sd=2.0)))
    z = (mean - truth) / sd
    assert row["n"] == 20
    assert row["mean_z"] == pytest.approx(z.mean())
    assert row["sd_z"] == pytest.approx(np.sqrt(sum((z - z.mean()) ** 2) / 19))
    assert row["mean_contraction"] == pytest.approx(np.mean(1 - sd**2 / 4))
    assert row["sd_posterior"] == pytest.approx(sd.mean())
    rmse = np.sqrt(np.mean((mean - truth) ** 2))
    assert row["rmse_over_sd"] == pytest.approx(rmse / np.sqrt(np.mean(sd**2)))
    low, high = mean - 1.6448536 * sd, mean + 1.6448536 * sd
    score = [
        h - w + 20 * (w - t if t < w else t - h if t > h else 0)
        for w, h, t in zip(low, high, truth, strict=True)
    ]
    assert row["interval_score_90"] == pytest.approx(np.mean(score))


def test_exact_posteriors_have_standard_z_scores(conjugate, conjugate_estimates):
    row = row_of(uncertainty(conjugate_estimates))
    n = len(conjugate.values)
    assert row["mean_z"] == pytest.approx(0.0, abs=4 / np.sqrt(n))
    assert row["sd_z"] == pytest.approx(1.0, abs=4 / np.sqrt(2 * n) + 0.002)
    assert row["rmse_over_sd"] == pytest.approx(1.0, abs=4 / np.sqrt(2 * n) + 0.002)
    exact = 1 - conjugate.sd**2 / conjugate.prior_sd**2
    # The variance of 1,000 draws has relative error sqrt(2/999), averaged over 2,000 datasets.
    error = (1 - exact) * np.sqrt(2 / 999 / n)
    assert row["mean_contraction"] == pytest.approx(exact, abs=4 * error)


def test_without_a_truth_the_width_is_still_told(make_estimates):
    row = row_of(uncertainty(make_estimates(np.full(3, np.nan), [0.0, 0.1, 0.2])))
    assert row["n"] == 3
    assert row["sd_posterior"] == pytest.approx(0.1)
    assert row["mean_contraction"] == pytest.approx(0.99)
    assert row[["mean_z", "sd_z", "interval_score_90", "rmse_over_sd"]].isna().all()


def test_one_dataset_and_none(make_estimates):
    row = row_of(uncertainty(make_estimates([0.0], [0.1])))
    assert row["mean_z"] == pytest.approx(1.0)
    assert np.isnan(row["sd_z"])
    row = row_of(uncertainty(make_estimates([0.0], [np.nan], code="timeout")))
    assert row["n"] == 0
    numbers = list(UNCERTAINTY_TYPES)[6:]
    assert row[numbers].isna().all()


def test_failed_gates_count_in_all_only(make_estimates):
    table = uncertainty(make_estimates([0.0, 0.0], [0.1, 9.0], code=["ok", "not_converged"]))
    assert table["n"].tolist() == [2, 1]
    assert row_of(table, "passed")["mean_z"] == pytest.approx(1.0)


def test_a_prior_without_variance_leaves_contraction_null(make_estimates):
    row = row_of(uncertainty(make_estimates([0.0], [0.1], prior_sd=np.nan)))
    assert np.isnan(row["mean_contraction"])
