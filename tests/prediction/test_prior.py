import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmill.models import Prior, get_model
from driftmill.prediction.designs import designs_of
from driftmill.prediction.prior import prior_check, share_outside
from driftmill.prediction.trial_draws import trial_draws
from driftmill.regression.fit_spec import FitSpec
from tests.prediction.specs import normal, regression

DDM = get_model("ddm")
SOFTMAX = get_model("softmax_inv_temperature_2")
SEED = np.random.SeedSequence(9)


def outside(table):
    rows = table[table["quantity"] == "share_outside"]
    return dict(zip(rows["parameter"], rows["share_outside"], strict=True))


def test_predicted_shares_are_those_of_the_prior():
    spec = FitSpec("f", SOFTMAX, fixed={"beta": 2.0}, priors={"logit1": normal(0.8, 0.2)})
    columns = {"response": np.repeat([-1, 1], [100, 300])}
    table = prior_check(spec, columns, SEED, 2_000)
    share = table[(table["quantity"] == "response_share") & (table["response"] == 1)].iloc[0]
    assert share["observed"] == 0.75
    logit = np.random.default_rng(1).normal(0.2, 0.8, 200_000)
    sampled = np.random.default_rng(2).binomial(400, 1 / (1 + np.exp(-2 * logit))) / 400
    for name, probability in (("lower", 0.05), ("predicted", 0.5), ("upper", 0.95)):
        # Ranks of 2,000 draws.
        ends = np.quantile(sampled, probability + np.array([-4, 4]) * np.sqrt(0.25 / 2_000))
        assert ends[0] <= share[name] <= ends[1]


def test_the_table_tells_statistics_from_shares_outside(ddm, trials):
    table = prior_check(ddm, trials(), SEED, 20)
    apart = table["quantity"] == "share_outside"
    assert table.loc[apart, "parameter"].tolist() == ["v", "a", "p_outlier"]
    assert table.loc[apart, ["response", "predicted"]].isna().all(axis=None)
    assert table.loc[~apart, ["parameter", "share_outside"]].isna().all(axis=None)
    assert set(table.loc[~apart, "quantity"]) == {"rt_quantile", "response_share"}
    assert (table["n_draws"] == 20).all()


#: Drifts and bounds under which walks end soon.
QUICK = {"v": normal(0.1, mu=2.0), "a": Prior("Uniform", {"lower": 0.3, "upper": 0.8})}


def test_links_keep_parameters_inside_and_the_identity_does_not(trials):
    columns = trials()
    held = {"z": 0.5, "t": 0.2}
    linked = regression(DDM, "a", "1 + x", Intercept=normal(0.1, mu=-0.5))
    spec = FitSpec("f", DDM, held, QUICK, {"a": linked})
    assert outside(prior_check(spec, columns, SEED, 50)) == {"v": 0.0, "a": 0.0}
    plain = regression(DDM, "a", "1 + x", "identity", Intercept=normal(1e-6, mu=1.0))
    spec = FitSpec("f", DDM, held, QUICK, {"a": plain})
    table = prior_check(spec, columns, SEED, 1_000)
    # P(1 + x b < 0) with b ~ Normal(0, 0.5), averaged over the trials.
    expected = stats.norm.cdf(-1.0 / (0.5 * np.abs(columns["x"]))).mean()
    assert outside(table)["a"] == pytest.approx(expected, abs=4 * np.sqrt(expected / 1_000))
    counted = table.loc[table["quantity"] != "share_outside", "n_outside"]
    # Too near a bound for the simulator counts too, so there are a few more.
    assert outside(table)["a"] <= counted.iloc[0] / 90_000 < 1.2 * outside(table)["a"] + 0.01


def test_a_shift_beyond_the_slowest_response_is_outside(trials):
    columns = trials()
    priors = QUICK | {"t": Prior("Uniform", {"lower": 0.0, "upper": 4.0})}
    spec = FitSpec("f", DDM, {"z": 0.5}, priors)
    share = outside(prior_check(spec, columns, SEED, 500))["t"]
    expected = 1 - columns["rt"].max() / 4.0
    assert share == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 500))


def test_shares_count_draws_and_trials(trials):
    columns = trials()
    spec = FitSpec("f", DDM, regressions={"z": regression(DDM, "z", "0 + x", "identity")})
    draws = {"v": np.ones(2), "a": np.ones(2), "t": np.full(2, 0.2), "z_x": np.array([1.0, np.nan])}
    found = trial_draws(spec, designs_of(spec, columns), draws, columns, 90)
    inside = (columns["x"] > 0) & (columns["x"] < 1)
    expected = (np.count_nonzero(~inside) + 90) / 180
    assert share_outside(spec, found, 5.0) == {"v": 0.0, "a": 0.0, "z": expected, "t": 0.0}


def test_the_seed_decides(ddm, trials):
    first, second = (prior_check(ddm, trials(), SEED, 10) for _ in range(2))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    other = prior_check(ddm, trials(), np.random.SeedSequence(10), 10)
    assert not first["predicted"].equals(other["predicted"])
