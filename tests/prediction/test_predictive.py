import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmill.models import get_model
from driftmill.prediction import predictive
from driftmill.prediction.covariates import bins_of
from driftmill.prediction.predictive import check
from driftmill.prediction.trial_draws import trial_draws
from driftmill.regression.fit_spec import FitSpec
from driftmill.simulation.trials import simulate_trials

DDM = get_model("ddm")
FAST = {"v": 1.0, "a": 0.5, "z": 0.5, "t": 0.3}


def rows(n, **values):
    return {name: np.full(n, float(value)) for name, value in values.items()}


def simulate(n, seed, lapse=0.0, **values):
    parameters = rows(n, **(FAST | values))
    return simulate_trials(DDM, parameters, np.random.SeedSequence(seed), lapse)


def quantiles_of(draws, columns, seed=0, p_outlier=0.0, n_draws=200, model=DDM):
    spec = FitSpec("f", model, p_outlier=p_outlier)
    source = trial_draws(spec, {}, draws, {}, len(columns["response"]))
    return check(source, columns, np.random.SeedSequence(seed), n_draws).quantiles


def predict(columns, seed=0, p_outlier=0.0, n_draws=100, **values):
    draws = rows(n_draws, **(FAST | values))
    return quantiles_of(draws, columns, seed, p_outlier, n_draws)


def inside(table):
    return table["observed"].between(table["lower"], table["upper"])


@pytest.mark.parametrize("lapse", [0.0, 0.2])
def test_intervals_hold_the_data_of_the_same_parameters_nine_times_in_ten(lapse):
    tables = [
        predict(simulate(80, seed, lapse), seed + 1_000, p_outlier=lapse) for seed in range(60)
    ]
    held = np.stack([inside(table) for table in tables])
    # The ends of the interval are the 5.95th smallest and largest of 100 exchangeable values.
    nominal = 1 - 2 * 5.95 / 101
    # Quantiles of one dataset go together, so it is the dataset's share that has a sampling error.
    share = held[:, tables[0]["quantity"] == "rt_quantile"].mean(axis=1)
    assert abs(share.mean() - nominal) < 4 * share.std() / np.sqrt(len(share))
    for column in held.T:
        # Shares are discrete: their intervals hold more, never less.
        assert stats.binomtest(int(column.sum()), len(column), nominal, "less").pvalue > 1e-3


def test_predicted_share_has_binomial_intervals():
    table = predict(simulate(80, 1), n_draws=1_000)
    share = table[(table["quantity"] == "response_share") & (table["response"] == 1)].iloc[0]
    upper = stats.binom(80, 1 / (1 + np.exp(-2 * FAST["a"] * FAST["v"])))
    for name, probability in (("lower", 0.05), ("predicted", 0.5), ("upper", 0.95)):
        assert abs(share[name] * 80 - upper.ppf(probability)) <= 1


@pytest.mark.parametrize("values", [{"v": 0.0}, {"a": 0.6}, {"t": 0.35}])
def test_a_misfit_is_seen(values):
    held = inside(predict(simulate(1_000, 5), **values))
    assert held.mean() < 0.5


def test_posterior_uncertainty_widens_the_intervals():
    columns = simulate(400, 3)
    narrow = predict(columns)
    draws = rows(100, **FAST) | {"t": np.linspace(0.25, 0.35, 100)}
    wide = quantiles_of(draws, columns)
    width = [t.loc[t["quantity"] == "rt_quantile", "upper"] - t["lower"] for t in (narrow, wide)]
    assert (width[1][:10] > width[0][:10]).all()


def test_lapses_that_the_fit_leaves_out_are_seen():
    table = predict(simulate(500, 4, lapse=0.2), p_outlier=0.0)
    assert not inside(table)[table["probability"] == 0.9].any()


def test_table_has_the_columns_of_the_artifact():
    table = predict(simulate(30, 1), n_draws=10)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        "quantity": "str",
        "response": "int64",
        "probability": "float64",
        "observed": "float64",
        "predicted": "float64",
        "lower": "float64",
        "upper": "float64",
        "n_observed": "int64",
        "n_draws": "int64",
        "n_unfinished": "int64",
        "n_outside": "int64",
    }
    quantiles = table[table["quantity"] == "rt_quantile"].groupby("response")["n_observed"].first()
    assert quantiles.sum() == 30
    shares = table[table["quantity"] == "response_share"]
    assert (shares["n_observed"] == 30).all()
    assert shares["probability"].isna().all()
    assert shares["predicted"].sum() == pytest.approx(1)
    assert (table["n_draws"] == 10).all()


def test_the_seed_decides_and_is_not_used_up():
    columns = simulate(30, 1)
    draws = rows(50, **FAST) | {"v": np.linspace(0.5, 1.5, 50)}
    source = trial_draws(FitSpec("f", DDM), {}, draws, {}, 30)
    seed = np.random.SeedSequence(3)
    first, second, other = (
        check(source, columns, s, n_draws=20).quantiles
        for s in (seed, seed, np.random.SeedSequence(4))
    )
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert not first["predicted"].equals(other["predicted"])


def test_large_datasets_are_simulated_in_pieces(monkeypatch):
    monkeypatch.setattr(predictive, "CHUNK", 250)
    draws = rows(40, **FAST) | {"t": np.repeat([0.3, 5.3], 20)}
    table = quantiles_of(draws, simulate(100, 1), seed=1)
    assert (table["n_draws"] == 40).all()
    quantiles = table[table["quantity"] == "rt_quantile"]
    assert (quantiles["lower"] < 2).all()
    assert (quantiles["upper"] > 5.3).all()


def test_a_one_sided_dataset_has_no_quantiles_to_observe():
    columns = {"rt": np.array([0.5, 0.6, 0.7]), "response": np.array([1, 1, 1])}
    table = predict(columns, v=8.0, a=1.0)
    absent = table[(table["quantity"] == "rt_quantile") & (table["response"] == -1)]
    assert absent["observed"].isna().all()
    assert absent[["predicted", "lower", "upper"]].isna().all(axis=None)
    assert (absent["n_observed"] == 0).all()
    rest = table.drop(absent.index)
    assert rest[["observed", "predicted", "lower", "upper"]].notna().all(axis=None)


def test_walks_without_end_are_kept_as_slow_and_counted():
    table = predict(simulate(50, 1), v=0.0, a=4.0, n_draws=10)
    assert 0 < table["n_unfinished"].iloc[0] < 500
    assert table.loc[table["quantity"] == "rt_quantile", "upper"].max() > 20


def test_draws_beyond_the_simulator_are_left_out_and_counted():
    draws = rows(10, **FAST)
    draws["a"][:3] = 1e-3
    draws["v"][3] = np.nan
    table = quantiles_of(draws, simulate(50, 1), seed=1)
    assert (table["n_draws"] == 6).all()


def test_a_failed_posterior_predicts_nothing():
    table = predict(simulate(50, 1), v=np.nan, a=np.nan, z=np.nan, t=np.nan)
    assert table["observed"].notna().all()
    assert table[["predicted", "lower", "upper"]].isna().all(axis=None)
    assert (table["n_draws"] == 0).all()


def test_choices_alone():
    model = get_model("softmax_inv_temperature_2")
    columns = {"response": np.repeat([-1, 1], [40, 60])}
    draws = rows(400, beta=2.0, logit1=0.3)
    table = quantiles_of(draws, columns, seed=1, n_draws=400, model=model)
    assert table["observed"].tolist() == [0.4, 0.6]
    expected = stats.binom(100, 1 / (1 + np.exp(-0.6)))
    for name, probability in (("lower", 0.05), ("predicted", 0.5), ("upper", 0.95)):
        assert abs(table[name][1] * 100 - expected.ppf(probability)) <= 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda columns: columns.pop("rt"), "needs rt"),
        (lambda columns: columns.update(rt=np.zeros(3)), "one length"),
        (lambda columns: columns.update(rt=np.zeros(9), response=np.ones(9)), "that of the trials"),
    ],
)
def test_bad_columns_are_named(change, message):
    source = trial_draws(FitSpec("f", DDM), {}, rows(5, **FAST), {}, 10)
    columns = dict(simulate(10, 1))
    change(columns)
    with pytest.raises(ValueError, match=message):
        check(source, columns, np.random.SeedSequence(1))


def test_counts_below_one_are_refused():
    with pytest.raises(ValueError, match="n_draws is 0"):
        quantiles_of(rows(5, **FAST), simulate(10, 1), n_draws=0)


def test_trials_outside_their_support_are_left_out_and_counted():
    columns = simulate(100, 1)
    spec = FitSpec("f", DDM, fixed={"a": "bound"})
    bound = np.repeat([0.5, -1.0], [75, 25])
    draws = {name: np.full(20, value) for name, value in FAST.items() if name != "a"}
    source = trial_draws(spec, {}, draws, {"bound": bound}, 100)
    half = bins_of("x", np.repeat(["in", "out"], [75, 25]))
    found = check(source, columns, np.random.SeedSequence(1), 20, [half])
    assert (found.quantiles["n_outside"] == 20 * 25).all()
    assert (found.quantiles["n_draws"] == 20).all()
    assert found.quantiles["predicted"].notna().all()
    shares = found.quantiles[found.quantiles["quantity"] == "response_share"]
    assert shares["predicted"].sum() == pytest.approx(1)
    by_bin = found.covariates.set_index("label")
    assert (by_bin.loc["out", "n_outside"] == 20 * 25).all()
    assert (by_bin.loc["in", "n_outside"] == 0).all()
    assert by_bin.loc["out", "predicted"].isna().all()
    assert by_bin.loc["in", "predicted"].notna().all()


def test_a_covariate_that_the_fit_has_is_predicted_and_one_that_it_lacks_is_not():
    n = 1_500
    model = get_model("softmax_inv_temperature_2")
    x = np.linspace(-1.0, 1.0, n)
    logit = {"beta": np.full(n, 2.0), "logit1": 0.3 + 0.8 * x}
    columns = simulate_trials(model, logit, np.random.SeedSequence(1))
    bins = bins_of("x", x)

    def covered(spec, draws, held):
        source = trial_draws(spec, {}, draws, held, n)
        table = check(source, columns, np.random.SeedSequence(2), 400, [bins]).covariates
        assert len(table) == 2 * 10
        return table, table["observed"].between(table["lower"], table["upper"])

    right = FitSpec("f", model, fixed={"logit1": "logit"})
    table, inside = covered(right, {"beta": np.full(400, 2.0)}, {"logit": logit["logit1"]})
    # Both responses of a bin are inside or outside together; nine bins in ten are inside.
    assert inside[table["response"] == 1].sum() >= stats.binom(10, 0.9).ppf(1e-3)
    p = 1 / (1 + np.exp(-2.0 * logit["logit1"]))
    expected = p.reshape(10, n // 10).mean(axis=1)
    got = table[table["response"] == 1]["predicted"]
    # The median of 400 shares of 150 trials, each a multiple of 1/150.
    assert (np.abs(got - expected) < 4 * 1.25 * 0.5 / np.sqrt(150 * 400) + 0.5 / 150).all()
    flat = {"beta": np.full(400, 2.0), "logit1": np.full(400, 0.3)}
    _, inside = covered(FitSpec("f", model), flat, {})
    assert inside.mean() < 0.5


def test_without_covariates_that_table_is_empty():
    source = trial_draws(FitSpec("f", DDM), {}, rows(5, **FAST), {}, 10)
    found = check(source, simulate(10, 1), np.random.SeedSequence(1)).covariates
    assert found.empty
    assert "observed_lower" in found
