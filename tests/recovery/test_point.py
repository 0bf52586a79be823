import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from driftmill.recovery.point import POINT_TYPES, point

pytestmark = pytest.mark.filterwarnings("error")
ASSOCIATION = ["r", "r2", "spearman", "slope", "slope_se"]


def row_of(table, subset="all"):
    found = table[table["subset"] == subset]
    assert len(found) == 1
    return found.iloc[0]


def test_numbers_against_the_textbook(make_estimates):
    rng = np.random.default_rng(1)
    truth = rng.normal(size=30)
    mean = 0.1 + 0.8 * truth + rng.normal(0, 0.2, 30)
    row = row_of(point(make_estimates(truth, mean, prior_sd=2.0)))
    error = mean - truth
    assert row["n"] == 30
    assert row["bias"] == pytest.approx(sum(error) / 30)
    assert row["bias_mcse"] == pytest.approx(np.sqrt(sum((error - error.mean()) ** 2) / 29 / 30))
    assert row["rmse"] == pytest.approx(np.sqrt(sum(error**2) / 30))
    assert row["rmse_over_prior_sd"] == pytest.approx(row["rmse"] / 2.0)
    assert row["mae"] == pytest.approx(sum(abs(error)) / 30)
    assert row["r"] == pytest.approx(np.corrcoef(truth, mean)[0, 1])
    assert row["r2"] == pytest.approx(1 - sum(error**2) / sum((truth - truth.mean()) ** 2))
    ranks = [np.argsort(np.argsort(x)) for x in (truth, mean)]
    assert row["spearman"] == pytest.approx(np.corrcoef(ranks)[0, 1])
    design = np.column_stack([np.ones(30), truth])
    coefficients, rss, *_ = np.linalg.lstsq(design, mean)
    covariance = np.linalg.inv(design.T @ design) * rss[0] / 28
    assert row["slope"] == pytest.approx(coefficients[1])
    assert row["slope_se"] == pytest.approx(np.sqrt(covariance[1, 1]))


def test_bias_does_not_show_in_r(make_estimates):
    truth = np.linspace(0, 1, 10)
    row = row_of(point(make_estimates(truth, truth + 0.5)))
    assert row["r"] == pytest.approx(1.0)
    assert row["bias"] == pytest.approx(0.5)
    assert row["r2"] < 0


def test_the_conjugate_model_shrinks_as_theory_says(conjugate, conjugate_estimates):
    """Slope of the posterior mean on the truth: n / (n + 1/prior_sd^2); rmse: posterior sd."""
    row = row_of(point(conjugate_estimates))
    n = len(conjugate.values)
    assert abs(row["bias"]) < 4 * row["bias_mcse"]
    assert row["slope"] == pytest.approx(10 / 10.25, abs=4 * row["slope_se"])
    # 1,000 draws add 1/1,000 of the posterior variance to the mean squared error.
    expected = conjugate.sd * np.sqrt(1.001)
    assert row["rmse"] == pytest.approx(expected, rel=4 / np.sqrt(2 * n))
    assert row["mae"] == pytest.approx(expected * np.sqrt(2 / np.pi), rel=4 * 0.76 / np.sqrt(n))
    assert row["r"] == pytest.approx(np.sqrt(10 / 10.25), abs=4 * (1 - 10 / 10.25) / np.sqrt(n))


def test_a_fixed_truth_has_no_correlation_but_a_bias(make_estimates):
    row = row_of(point(make_estimates(np.full(5, 0.3), [0.2, 0.3, 0.4, 0.5, 0.6])))
    assert row[ASSOCIATION].isna().all()
    assert row["bias"] == pytest.approx(0.1)


def test_means_that_do_not_vary_have_slope_zero(make_estimates):
    row = row_of(point(make_estimates([0.0, 0.5, 1.0, 1.5], np.full(4, 0.7))))
    assert row["slope"] == 0.0
    assert row[["r", "spearman"]].isna().all()


def test_a_grid_of_truths(make_estimates):
    truth = np.tile([0.0, 0.5, 1.0], 4)
    row = row_of(point(make_estimates(truth, truth)))
    assert row[["r", "r2", "spearman", "slope"]].tolist() == pytest.approx([1, 1, 1, 1])


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_datasets(make_estimates, n):
    row = row_of(point(make_estimates([0.0, 1.0][:n], [0.1, 0.9][:n])))
    assert row["n"] == n
    assert row["rmse"] == pytest.approx(0.1)
    assert row[["r", "spearman", "slope", "slope_se"]].isna().all()
    assert np.isnan(row["bias_mcse"]) == (n == 1)
    assert np.isnan(row["r2"]) == (n == 1)


def test_all_failed_keeps_its_rows(make_estimates):
    table = point(make_estimates([0.0, 1.0], [np.nan, np.nan], code="timeout"))
    assert table["subset"].tolist() == ["all", "passed"]
    assert table["n"].tolist() == [0, 0]
    assert (
        table.drop(columns=["cell", "fit", "parameter", "level", "subset", "n"])
        .isna()
        .all(axis=None)
    )


def test_failed_gates_count_in_all_only(make_estimates):
    table = point(make_estimates([0.0, 1.0, 2.0], [0.0, 1.0, 9.0], code=["ok"] * 2 + ["timeout"]))
    assert row_of(table, "all")["mae"] == pytest.approx(7 / 3)
    assert row_of(table, "passed")[["n", "mae"]].tolist() == [2, 0]


def test_no_truth_no_rows(make_estimates):
    table = point(make_estimates([np.nan, np.nan], [0.0, 1.0]))
    assert list(table) == list(POINT_TYPES)
    assert len(table) == 0


def test_groups_do_not_touch_each_other(make_estimates):
    rng = np.random.default_rng(2)
    first = make_estimates(rng.normal(size=9), rng.normal(size=9), fit="f1")
    second = make_estimates(rng.normal(size=9), rng.normal(size=9), fit="f2")
    alone = pd.concat([point(first), point(second)], ignore_index=True)
    assert_frame_equal(point(pd.concat([first, second])), alone, check_exact=True)


def crowd(make_estimates, rng, datasets, size, shared):
    """Participants whose errors (sd 0.2) are partly those of their dataset."""
    truth = rng.normal(size=(datasets, size))
    error = np.sqrt(shared) * rng.normal(size=(datasets, 1))
    error = 0.2 * (error + np.sqrt(1 - shared) * rng.normal(size=(datasets, size)))
    table = make_estimates(truth.ravel(), (0.1 + 0.9 * truth + error).ravel())
    return table.assign(
        dataset=np.repeat(np.arange(datasets), size),
        parameter="v (participant)",
        level="participant",
    )


def test_participants_are_one_parameter_with_errors_by_dataset(make_estimates):
    table = crowd(make_estimates, np.random.default_rng(3), 30, 12, 0.5)
    row = row_of(point(table))
    assert (row["n"], row["level"]) == (360, "participant")
    means = (table["mean"] - table["truth"]).groupby(table["dataset"]).mean()
    assert row["bias"] == pytest.approx(means.mean())
    assert row["bias_mcse"] == pytest.approx(means.std() / np.sqrt(30))


def test_standard_errors_are_what_repetition_shows(make_estimates):
    """Over 150 studies the spread of bias and slope is their mean standard error."""
    rng = np.random.default_rng(4)
    rows = [row_of(point(crowd(make_estimates, rng, 20, 8, 0.7))) for _ in range(150)]
    found = pd.DataFrame(rows)
    assert found["bias"].std() == pytest.approx(found["bias_mcse"].mean(), rel=0.25)
    assert found["slope"].std() == pytest.approx(found["slope_se"].mean(), rel=0.25)


def test_one_dataset_of_many_participants_has_no_standard_errors(make_estimates):
    row = row_of(point(crowd(make_estimates, np.random.default_rng(5), 1, 20, 0.0)))
    assert row[["bias_mcse", "slope_se"]].isna().all()
    assert row[["r", "slope", "rmse"]].notna().all()
