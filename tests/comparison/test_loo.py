import arviz as az
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmill.comparison.loo import (
    Loo,
    elpd_table,
    loo_dataset,
    pareto_k_limit,
    pointwise_table,
    relative_efficiency,
)

pytestmark = pytest.mark.filterwarnings("error")


def autocorrelated(rng, shape, rho):
    """AR(1) along the second axis, stationary with unit variance."""
    x = rng.standard_normal(shape)
    for i in range(1, shape[1]):
        x[:, i] = rho * x[:, i - 1] + np.sqrt(1 - rho**2) * x[:, i]
    return x


@pytest.fixture
def normal_tree():
    """Posterior of a normal model with an outlier, draws autocorrelated."""
    rng = np.random.default_rng(11)
    y = np.append(rng.normal(0.3, 1.0, 59), 7.0)
    mu = y.mean() + autocorrelated(rng, (4, 500), 0.6) * y.std() / np.sqrt(60)
    sigma = y.std() * np.exp(0.1 * autocorrelated(rng, (4, 500), 0.3))
    log_likelihood = stats.norm(mu[..., None], sigma[..., None]).logpdf(y)
    return az.from_dict(
        {"posterior": {"mu": mu, "sigma": sigma}, "log_likelihood": {"y": log_likelihood}}
    )


def test_agrees_with_arviz_on_a_tree(normal_tree):
    with pytest.warns(UserWarning, match="shape parameter of Pareto"):
        expected = az.loo(normal_tree, pointwise=True)
    posterior = normal_tree.posterior
    r_eff = relative_efficiency(np.stack([posterior[p].to_numpy() for p in ("mu", "sigma")], -1))
    loo = loo_dataset(normal_tree.log_likelihood["y"].to_numpy(), float(r_eff))
    np.testing.assert_allclose(loo.elpd, expected.elpd_i, rtol=0, atol=1e-10)
    np.testing.assert_allclose(loo.pareto_k, expected.pareto_k, rtol=0, atol=1e-10)
    row = elpd_table([(0, "ok", loo)]).iloc[0]
    assert row["elpd"] == pytest.approx(expected.elpd, abs=1e-10)
    assert row["se"] == pytest.approx(expected.se, abs=1e-10)
    assert row["p_loo"] == pytest.approx(expected.p, abs=1e-10)
    assert row["k_limit"] == pytest.approx(expected.good_k, abs=1e-15)
    assert 0.2 < float(r_eff) < 1.0


def test_relative_efficiency_is_arvizs():
    rng = np.random.default_rng(5)
    draws = np.stack([autocorrelated(rng, (2, 300), rho) for rho in (0.0, 0.5, 0.9)], -1)
    ess = [float(az.ess(draws[..., k], method="mean")) for k in range(3)]
    assert relative_efficiency(draws) == pytest.approx(np.mean(ess) / 600, rel=1e-12)


def test_relative_efficiency_of_one_chain_is_one_and_of_a_failed_fit_nan():
    draws = np.random.default_rng(6).standard_normal((1, 200, 2))
    assert relative_efficiency(draws) == 1.0
    assert np.isnan(relative_efficiency(np.full((4, 100, 2), np.nan)))


def test_conjugate_normal_has_the_exact_leave_one_out_density():
    """Known sd 1, prior mu ~ N(0, 2): the posterior without trial i is in closed form."""
    rng = np.random.default_rng(3)
    y = rng.normal(0.5, 1.0, 30)
    precision = 1 / 4 + len(y)
    without = 1 / 4 + len(y) - 1
    exact = stats.norm((y.sum() - y) / without, np.sqrt(1 + 1 / without)).logpdf(y)
    estimates = []
    for _ in range(20):
        mu = rng.normal(y.sum() / precision, precision**-0.5, (4, 1000, 1))
        estimates.append(loo_dataset(stats.norm(mu, 1.0).logpdf(y)).elpd)
    error = np.mean(estimates, axis=0) - exact
    mcse = np.std(estimates, axis=0, ddof=1) / np.sqrt(20)
    # 30 comparisons of a t with 19 degrees: 4.9 has probability 1e-4 each.
    assert np.all(np.abs(error) < 4.9 * mcse)


def test_a_constant_likelihood_is_its_own_elpd_without_a_k(normal_tree):
    log_likelihood = normal_tree.log_likelihood["y"].to_numpy().copy()
    untouched = loo_dataset(log_likelihood)
    log_likelihood[..., 3] = -np.log(2)
    loo = loo_dataset(log_likelihood)
    assert loo.elpd[3] == pytest.approx(-np.log(2), abs=1e-12)
    assert loo.p_loo[3] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(loo.pareto_k[3])
    others = np.arange(60) != 3
    np.testing.assert_array_equal(loo.elpd[others], untouched.elpd[others])
    np.testing.assert_array_equal(loo.pareto_k[others], untouched.pareto_k[others])


def test_every_trial_constant():
    loo = loo_dataset(np.full((2, 100, 5), -np.log(2)))
    np.testing.assert_allclose(loo.elpd, -np.log(2), atol=1e-12)
    row = elpd_table([(0, "ok", loo)]).iloc[0]
    assert row["elpd"] == pytest.approx(-5 * np.log(2))
    assert row["n_bad_k"] == 0
    assert np.isnan(row["pareto_k_max"])


def test_a_trial_that_the_lapse_holds_in_many_draws_uses_the_plain_weights():
    rng = np.random.default_rng(8)
    density = np.where(rng.random((4, 250, 1)) < 0.3, 0.00125, rng.uniform(0.2, 1.0, (4, 250, 1)))
    loo = loo_dataset(np.log(density))
    assert loo.elpd[0] == pytest.approx(-np.log(np.mean(1 / density)), abs=1e-12)
    assert np.isnan(loo.pareto_k[0])
    assert loo.n_bad_k == 0


def test_a_draw_that_takes_all_the_weight_counts_as_a_bad_k():
    rng = np.random.default_rng(9)
    log_likelihood = rng.normal(-1.0, 0.01, (4, 250, 2))
    log_likelihood[0, 0, 1] = -2000.0
    loo = loo_dataset(log_likelihood)
    assert loo.pareto_k[0] < loo.k_limit
    assert loo.pareto_k[1] == np.inf
    assert loo.n_bad_k == 1


def test_heavy_tails_are_counted_and_not_printed():
    rng = np.random.default_rng(10)
    # 1/p is Pareto with shape 1.5, so k of the raw weights is 1.5.
    log_likelihood = np.log(rng.random((4, 1000, 3))) * 1.5
    loo = loo_dataset(log_likelihood)
    assert np.all(loo.pareto_k > 1.0)
    assert elpd_table([(2, "ok", loo)])["n_bad_k"].tolist() == [3]


def test_likelihood_zero_under_one_draw_gives_elpd_of_minus_infinity(normal_tree):
    log_likelihood = normal_tree.log_likelihood["y"].to_numpy().copy()
    log_likelihood[1, 7, 0] = -np.inf
    loo = loo_dataset(log_likelihood)
    assert loo.elpd[0] == -np.inf
    assert loo.pareto_k[0] == np.inf
    assert np.isfinite(loo.elpd[1:]).all()
    assert elpd_table([(0, "ok", loo)])["elpd"].tolist() == [-np.inf]


def test_a_failed_fit_keeps_its_row_and_its_code():
    failed = loo_dataset(np.full((4, 100, 3), np.nan), float("nan"))
    good = loo_dataset(np.random.default_rng(1).normal(-1, 0.1, (4, 100, 3)))
    table = elpd_table([(7, "numeric_failure", failed), (8, "ok", good)])
    row = table.iloc[0]
    assert row[["dataset", "code", "n_trials"]].tolist() == [7, "numeric_failure", 3]
    assert row[["elpd", "se", "p_loo", "pareto_k_max", "n_bad_k", "n_matched"]].isna().all()
    assert row["k_limit"] == pytest.approx(pareto_k_limit(400))
    assert table["n_bad_k"].dtype == "Int64"
    trials = pd.DataFrame({"participant_id": ["a"] * 3, "trial_id": [0, 1, 2]})
    assert pointwise_table(failed, 7, trials)[["elpd", "pareto_k"]].isna().all(axis=None)


def test_pointwise_rows_carry_the_trials_names():
    trials = pd.DataFrame(
        {"participant_id": [None, None], "trial_id": [3, 4], "rt": [0.5, 0.6]}, index=[10, 11]
    )
    elpd, k = np.array([-1.0, -2.0]), np.array([0.1, np.nan])
    loo = Loo(elpd, k, np.zeros(2), 0.7, np.zeros(2, dtype=bool))
    table = pointwise_table(loo, 5, trials)
    assert list(table) == ["dataset", "participant_id", "trial_id", "elpd", "pareto_k", "method"]
    assert table["method"].tolist() == ["psis", "psis"]
    assert table["dataset"].tolist() == [5, 5]
    assert table["trial_id"].tolist() == [3, 4]
    assert table["participant_id"].isna().all()
    with pytest.raises(ValueError, match="1 trials, but 2"):
        pointwise_table(loo, 5, trials[:1])


def test_rows_do_not_depend_on_the_trials_beside_them(normal_tree):
    log_likelihood = normal_tree.log_likelihood["y"].to_numpy()
    whole, part = loo_dataset(log_likelihood, 0.7), loo_dataset(log_likelihood[..., 20:23], 0.7)
    np.testing.assert_array_equal(whole.elpd[20:23], part.elpd)
    np.testing.assert_array_equal(whole.pareto_k[20:23], part.pareto_k)


@pytest.mark.parametrize(("n", "limit"), [(1, 0.7), (100, 0.5), (1000, 2 / 3), (4000, 0.7)])
def test_limit_of_k(n, limit):
    assert pareto_k_limit(n) == pytest.approx(limit)


def test_errors_name_the_remedy():
    with pytest.raises(ValueError, match=r"\(chain, draw, trial\)"):
        loo_dataset(np.zeros((100, 3)))
    with pytest.raises(ValueError, match="raise chains or draws"):
        loo_dataset(np.zeros((2, 10, 3)))
    with pytest.raises(ValueError, match="r_eff must be positive"):
        loo_dataset(np.zeros((4, 100, 3)), float("nan"))


def test_at_a_mode_alone_elpd_is_the_log_likelihood():
    """Draws that do not vary have no importance weights and no effective parameters."""
    log_likelihood = np.tile(np.log([0.3, 0.5]), (4, 100, 1))
    loo = loo_dataset(log_likelihood, relative_efficiency(np.full((4, 100, 3), 0.7)))
    np.testing.assert_allclose(loo.elpd, np.log([0.3, 0.5]))
    np.testing.assert_array_equal(loo.p_loo, 0.0)
    assert np.isnan(loo.pareto_k).all()


def test_trials_that_no_parameter_changes_are_left_out_of_the_sums():
    rng = np.random.default_rng(3)
    informative = rng.normal(-1.0, 0.1, (4, 250, 6))
    constant = np.full((4, 250, 2), -np.log(2.0))
    whole = loo_dataset(np.concatenate([constant, informative], axis=2))
    alone = loo_dataset(informative)
    assert whole.constant.tolist() == [True, True, *[False] * 6]
    np.testing.assert_allclose(whole.elpd[:2], -np.log(2.0), rtol=1e-12)
    left, right = (elpd_table([(0, "ok", x)]).iloc[0] for x in (whole, alone))
    for column in ("elpd", "se", "p_loo", "pareto_k_max"):
        assert left[column] == pytest.approx(right[column], rel=1e-12)
    assert (left["n_trials"], left["n_constant"]) == (8, 2)


def test_a_lapse_counts_against_the_fit_that_takes_a_trial_for_one():
    rng = np.random.default_rng(3)
    lapse = np.full((4, 250, 1), np.log(0.05 / 40))
    values = np.concatenate([lapse, rng.normal(-1, 0.1, (4, 250, 5))], axis=2)
    found = loo_dataset(values, leave_constant=False)
    row = elpd_table([(0, "ok", found)]).iloc[0]
    assert row["n_constant"] == 0
    assert row["elpd"] == pytest.approx(found.elpd.sum())
    assert found.elpd[0] == pytest.approx(np.log(0.05 / 40))


def test_where_every_trial_is_constant_none_is_left_out():
    loo = loo_dataset(np.full((4, 250, 3), -0.5))
    row = elpd_table([(0, "ok", loo)]).iloc[0]
    assert row["elpd"] == pytest.approx(-1.5)
    assert row["n_constant"] == 0
