import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.prediction.covariates import (
    bins_of,
    covariate_table,
    covariates_of,
    evaluate_bins,
    rows_of,
)
from driftmill.proportions import jeffreys_interval
from driftmill.regression.fit_spec import FitSpec
from tests.prediction.specs import regression

DDM = get_model("ddm")


def fit(**formulas):
    return FitSpec("f", DDM, regressions={n: regression(DDM, n, f) for n, f in formulas.items()})


@pytest.mark.parametrize(
    ("formulas", "expected"),
    [
        ({}, ()),
        ({"v": "1 + (1 | participant_id)"}, ()),
        ({"v": "1 + x", "a": "1 + c + x"}, ("x", "c")),
        ({"v": "1 + x*c + (1 + c | participant_id)"}, ("c", "x")),
        ({"v": "1 + bs(x, df=4) + np.log(load)"}, ("load", "x")),
        ({"v": "1 + (1 | participant_id:session)"}, ()),
        ({"v": "1 + session + (1 | session)"}, ("session",)),
    ],
)
def test_covariates_are_the_columns_that_form_no_groups(formulas, expected):
    assert covariates_of(fit(**formulas)) == expected


def test_numbers_are_cut_into_ten_bins_of_equal_counts():
    x = np.random.default_rng(1).exponential(size=1_000)
    bins = bins_of("x", x)
    assert np.bincount(bins.index).tolist() == [100] * 10
    order = np.argsort(x)
    assert (np.diff(bins.index[order]) >= 0).all()
    np.testing.assert_allclose(bins.centres, x[order].reshape(10, 100).mean(axis=1))


def test_few_values_are_bins_of_their_own():
    bins = bins_of("load", np.array([2, 8, 2, 4, 4]))
    assert bins.labels == ("2", "4", "8")
    assert bins.centres.tolist() == [2.0, 4.0, 8.0]
    assert bins.index.tolist() == [0, 2, 0, 1, 1]


def test_levels_are_bins():
    bins = bins_of("c", np.array(["lc", "hc", "lc"], dtype=object))
    assert bins.labels == ("hc", "lc")
    assert np.isnan(bins.centres).all()
    assert bins.index.tolist() == [1, 0, 1]


def test_levels_are_in_natural_order():
    bins = bins_of("block", np.array(["b10", "b2", "b1", "b2"], dtype=object))
    assert bins.labels == ("b1", "b2", "b10")
    assert bins.index.tolist() == [2, 1, 0, 1]


def test_ties_leave_no_bin_empty():
    x = np.repeat(np.arange(12.0), [500, *[1] * 11])
    bins = bins_of("x", x)
    assert (np.bincount(bins.index, minlength=len(bins.labels)) > 0).all()
    assert len(bins.labels) == len(bins.centres) == bins.index.max() + 1


def test_each_bin_has_shares_and_a_median_rt():
    bins = bins_of("c", np.array(["a", "a", "b", "a", "a"]))
    columns = {"rt": np.array([0.4, 0.6, 1.0, 9.0, 20.0]), "response": np.array([1, -1, 1, 1, 1])}
    counted = np.array([True, True, True, False, True])
    names = rows_of(DDM, bins)
    assert names[0] == (0, "probability", -1)
    assert names[-1] == (1, "median_rt", None)
    values = evaluate_bins(DDM, bins, columns, counted)
    np.testing.assert_allclose(values, [1 / 3, 0.0, 2 / 3, 1.0, 0.6, 1.0])


def test_a_bin_without_trials_has_no_numbers():
    bins = bins_of("c", np.array(["a", "b"]))
    columns = {"rt": np.array([0.4, 0.6]), "response": np.array([1, -1])}
    values = evaluate_bins(DDM, bins, columns, np.array([True, False]))
    assert np.isnan(values[1::2]).all()
    assert np.isfinite(values[::2]).all()


def test_observed_intervals_of_probabilities_are_jeffreys():
    rng = np.random.default_rng(3)
    columns = {"rt": rng.gamma(4.0, 0.2, 60), "response": rng.choice([-1, 1], 60)}
    bins = bins_of("c", np.repeat(["a", "b"], [40, 20]))
    table = covariate_table(DDM, bins, columns, np.zeros((3, 6)))
    row = table[(table["label"] == "b") & (table["response"] == 1)].iloc[0]
    hits = int(np.sum(columns["response"][40:] == 1))
    assert row["observed"] == hits / 20
    ends = [float(end) for end in jeffreys_interval(hits, 20)]
    np.testing.assert_allclose(row[["observed_lower", "observed_upper"]].astype(float), ends)
    assert table["response"].isna().sum() == 2
    assert table["n_observed"].tolist() == [40, 20] * 3


def medians(rt, label="a"):
    """The row of the median rt of one bin that holds these trials."""
    columns = {"rt": np.asarray(rt), "response": np.ones(len(rt), dtype=int)}
    bins = bins_of("c", np.full(len(rt), label))
    table = covariate_table(DDM, bins, columns, np.zeros((3, 3)))
    return table[table["quantity"] == "median_rt"].iloc[0]


@pytest.mark.parametrize(("n", "lower", "upper"), [(10, 2, 9), (20, 6, 15), (50, 18, 33)])
def test_the_median_has_the_interval_of_printed_tables(n, lower, upper):
    """Conover (1999), Practical Nonparametric Statistics, by the sign test's table A3."""
    row = medians(np.random.default_rng(n).permutation(np.arange(1.0, n + 1)))
    assert row["observed"] == (n + 1) / 2
    assert (row["observed_lower"], row["observed_upper"]) == (lower, upper)


def test_the_interval_holds_the_median_of_skewed_times():
    rng = np.random.default_rng(8)
    rows = [medians(rng.exponential(size=31)) for _ in range(400)]
    held = [row["observed_lower"] <= np.log(2) <= row["observed_upper"] for row in rows]
    # Of 31 trials the interval's level is 97.1 %; three standard errors of 400 are 2.5 %.
    assert np.mean(held) > 0.945


def test_a_few_slow_lapses_leave_the_median():
    rng = np.random.default_rng(9)
    rt = rng.gamma(9.0, 0.07, 95)
    lapsed = np.concatenate([rt, rng.uniform(5.0, 20.0, 5)])
    assert abs(medians(lapsed)["observed"] - np.median(rt)) < 0.1 * rt.std()


def test_the_median_of_five_trials_has_no_interval():
    assert np.isnan(medians(np.arange(1.0, 6.0))["observed_lower"])
    row = medians(np.arange(1.0, 7.0))
    assert (row["observed_lower"], row["observed_upper"]) == (1.0, 6.0)
