import numpy as np
import pytest
from scipy import stats

from driftmill.recovery.coverage import COVERAGE_TYPES, coverage

pytestmark = pytest.mark.filterwarnings("error")


def test_counts_against_a_loop(make_estimates):
    rng = np.random.default_rng(1)
    estimates = make_estimates(rng.normal(0, 0.1, 40), np.zeros(40))
    table = coverage(estimates)
    assert list(table) == list(COVERAGE_TYPES)
    assert table["interval"].tolist() == [0.5, 0.8, 0.9, 0.94, 0.95] * 2
    for row in table.itertuples():
        percent = round(100 * row.interval)
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
    error = np.sqrt(table["interval"] * (1 - table["interval"]) / table["n"])
    assert (abs(table["coverage"] - table["interval"]) < 4 * error + 2 / 1000).all()


def test_all_failed_has_no_coverage(make_estimates):
    rows = coverage(make_estimates(np.zeros(2), [np.nan, np.nan], code="timeout"))
    assert rows["n"].eq(0).all()
    assert rows[["coverage", "lower", "upper"]].isna().all(axis=None)


def test_subsets_and_missing_truth(make_estimates):
    estimates = make_estimates([0.0, 5.0, np.nan], np.zeros(3), code=["ok", "timeout", "ok"])
    at_90 = coverage(estimates).query("interval == 0.9").set_index("subset")
    assert at_90.loc["all", ["n", "covered"]].tolist() == [2, 1]
    assert at_90.loc["passed", ["n", "covered"]].tolist() == [1, 1]


def test_no_truth_gives_an_empty_table(make_estimates):
    table = coverage(make_estimates([np.nan], [0.0]))
    assert list(table) == list(COVERAGE_TYPES)
    assert len(table) == 0


def test_participants_of_one_dataset_count_less_than_datasets(make_estimates):
    rng = np.random.default_rng(6)
    errors = np.repeat(rng.normal(0, 0.1, 15), 8)
    table = make_estimates(errors, np.zeros(120))
    alone, pooled = (
        coverage(t).query("subset == 'all' and interval == 0.8").iloc[0]
        for t in (table[::8], table.assign(dataset=np.repeat(np.arange(15), 8)))
    )
    assert (pooled["n"], pooled["covered"]) == (120, 8 * alone["covered"])
    # All participants of a dataset share its error: they say no more than the dataset.
    assert pooled["lower"] == pytest.approx(alone["lower"])
    assert pooled["upper"] == pytest.approx(alone["upper"])
