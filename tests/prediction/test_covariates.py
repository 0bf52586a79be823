import numpy as np
import pytest
from scipy import stats

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


def test_ties_leave_no_bin_empty():
    x = np.repeat(np.arange(12.0), [500, *[1] * 11])
    bins = bins_of("x", x)
    assert (np.bincount(bins.index, minlength=len(bins.labels)) > 0).all()
    assert len(bins.labels) == len(bins.centres) == bins.index.max() + 1


def test_each_bin_has_shares_and_a_mean_rt():
    bins = bins_of("c", np.array(["a", "a", "b", "a"]))
    columns = {"rt": np.array([0.4, 0.6, 1.0, 9.0]), "response": np.array([1, -1, 1, 1])}
    counted = np.array([True, True, True, False])
    names = rows_of(DDM, bins)
    assert names[0] == (0, "probability", -1)
    assert names[-1] == (1, "mean_rt", None)
    values = evaluate_bins(DDM, bins, columns, counted)
    np.testing.assert_allclose(values, [0.5, 0.0, 0.5, 1.0, 0.5, 1.0])


def test_a_bin_without_trials_has_no_numbers():
    bins = bins_of("c", np.array(["a", "b"]))
    columns = {"rt": np.array([0.4, 0.6]), "response": np.array([1, -1])}
    values = evaluate_bins(DDM, bins, columns, np.array([True, False]))
    assert np.isnan(values[1::2]).all()
    assert np.isfinite(values[::2]).all()


def test_observed_intervals_are_jeffreys_and_students():
    rng = np.random.default_rng(3)
    rt = rng.gamma(4.0, 0.2, 60)
    columns = {"rt": rt, "response": rng.choice([-1, 1], 60)}
    bins = bins_of("c", np.repeat(["a", "b"], [40, 20]))
    table = covariate_table(DDM, bins, columns, np.zeros((3, 6)))
    row = table[(table["label"] == "b") & (table["response"] == 1)].iloc[0]
    hits = int(np.sum(columns["response"][40:] == 1))
    assert row["observed"] == hits / 20
    ends = [float(end) for end in jeffreys_interval(hits, 20)]
    np.testing.assert_allclose(row[["observed_lower", "observed_upper"]].astype(float), ends)
    row = table[(table["label"] == "a") & (table["quantity"] == "mean_rt")].iloc[0]
    expected = stats.ttest_1samp(rt[:40], 0.0).confidence_interval(0.95)
    np.testing.assert_allclose(row[["observed_lower", "observed_upper"]].astype(float), expected)
    assert table["response"].isna().sum() == 2
    assert table["n_observed"].tolist() == [40, 20] * 3


def test_the_mean_of_one_trial_has_no_interval():
    bins = bins_of("c", np.array(["a", "b", "b"]))
    columns = {"rt": np.array([0.4, 0.6, 0.7]), "response": np.array([1, -1, 1])}
    table = covariate_table(DDM, bins, columns, np.zeros((3, 6)))
    means = table[table["quantity"] == "mean_rt"].set_index("label")
    assert np.isnan(means.loc["a", "observed_lower"])
    assert means.loc["b", "observed_lower"] < 0.65 < means.loc["b", "observed_upper"]
