import numpy as np
import pytest
from scipy import stats

from driftmill.recovery.coverage import COVERAGE_TYPES, coverage, coverage_curve

pytestmark = pytest.mark.filterwarnings("error")


def test_counts_against_a_loop(make_estimates):
    rng = np.random.default_rng(1)
    estimates = make_estimates(rng.normal(0, 0.1, 40), np.zeros(40))
    table = coverage(estimates)
    assert list(table) == list(COVERAGE_TYPES)
    assert table["level"].tolist() == [0.5, 0.8, 0.9, 0.94, 0.95] * 2
    for row in table.itertuples():
        percent = round(100 * row.level)
        held = sum(
            low <= truth <= high
            for low, truth, high in zip(
                estimates[f"lower_{percent}"],
                estimates["truth"],
                estimates[f"upper_{percent}"],
                strict=True,
            )
        )
        assert (row.n, row.covered, row.coverage) == (40, held, held / 40)
        posterior = stats.beta(held + 0.5, 40 - held + 0.5)
        if 0 < held < 40:
            assert row.lower == pytest.approx(posterior.ppf(0.025))
            assert row.upper == pytest.approx(posterior.ppf(0.975))


def test_exact_posteriors_are_covered_at_every_level(conjugate_estimates):
    table = coverage(conjugate_estimates)
    # Ends that are quantiles of 1,000 draws cover a little less than the exact ends.
    error = np.sqrt(table["level"] * (1 - table["level"]) / table["n"])
    assert (abs(table["coverage"] - table["level"]) < 4 * error + 2 / 1000).all()


def test_the_curve_passes_through_the_intervals(conjugate_estimates):
    table = coverage(conjugate_estimates)
    curve = coverage_curve(conjugate_estimates, table["level"].unique().tolist())
    assert list(curve) == list(COVERAGE_TYPES)
    assert curve["level"].tolist() == table["level"].tolist()
    # A truth between two neighbouring draws is counted by one and may be missed by the other.
    assert (abs(curve["covered"] - table["covered"]) <= 0.002 * table["n"]).all()


def test_the_curve_rises_and_stays_near_the_diagonal(conjugate_estimates):
    curve = coverage_curve(conjugate_estimates).query("subset == 'all'")
    assert len(curve) == 99
    assert curve["coverage"].is_monotonic_increasing
    # Largest deviation of an empirical distribution, 1 in 10,000 (Kolmogorov).
    assert abs(curve["coverage"] - curve["level"]).max() < 2.2 / np.sqrt(2000) + 2 / 1000


def test_the_curve_counts_a_truth_on_the_edge(make_estimates):
    estimates = make_estimates(np.zeros(4), np.zeros(4), truth_quantile=[0.5, 0.25, 0.95, 1.0])
    curve = coverage_curve(estimates, [0.1, 0.5, 0.9, 0.99])
    assert curve["covered"].tolist() == [1, 2, 3, 3] * 2


def test_all_failed_has_no_coverage(make_estimates):
    for table in (coverage, coverage_curve):
        rows = table(make_estimates(np.zeros(2), [np.nan, np.nan], code="timeout"))
        assert rows["n"].eq(0).all()
        assert rows[["coverage", "lower", "upper"]].isna().all(axis=None)


def test_subsets_and_missing_truth(make_estimates):
    estimates = make_estimates([0.0, 5.0, np.nan], np.zeros(3), code=["ok", "timeout", "ok"])
    at_90 = coverage(estimates).query("level == 0.9").set_index("subset")
    assert at_90.loc["all", ["n", "covered"]].tolist() == [2, 1]
    assert at_90.loc["passed", ["n", "covered"]].tolist() == [1, 1]


def test_no_truth_gives_an_empty_table(make_estimates):
    table = coverage(make_estimates([np.nan], [0.0]))
    assert list(table) == list(COVERAGE_TYPES)
    assert len(table) == 0
