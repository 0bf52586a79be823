"""LOO-PIT against an exact posterior, and of data that come, or do not come, from the fit."""

import numpy as np
import pytest
from scipy import special, stats

from driftmill.models import get_model
from driftmill.prediction import pit as room
from driftmill.prediction.pit import BINS, Pit, loo_pit, pit_check, pit_table
from driftmill.prediction.splits import Split, Trials
from driftmill.regression.fit_spec import FitSpec
from driftmill.simulation.trials import simulate_trials
from tests.prediction.specs import posterior_of

DDM = get_model("ddm")
SOFTMAX = get_model("softmax_inv_temperature_2")
TRUTH = {"v": 1.0, "a": 0.6, "z": 0.5, "t": 0.3}


def seed(number):
    return np.random.SeedSequence(number)


def even(columns, posterior, dataset):
    """A likelihood that no parameter changes, so that all draws weigh the same."""
    shape = (posterior.sizes["chain"], posterior.sizes["draw"], len(columns["response"]))
    return np.zeros(shape), None


def of_truth(n, number=1, draws=100, columns=None, spec=None, **values):
    """LOO-PIT of simulated trials under draws that are all one truth."""
    if columns is None:
        columns = simulate_trials(DDM, {k: np.full(n, x) for k, x in TRUTH.items()}, seed(number))
    drawn = {name: np.full(draws, float(x)) for name, x in (TRUTH | values).items()}
    spec = spec or FitSpec("f", DDM, p_outlier=0.0)
    return loo_pit(spec, columns, posterior_of(drawn, {}), 7, even, seed(number + 50))


def test_values_are_uniform_if_the_data_come_from_the_fit():
    found = of_truth(400)
    assert set(found.shares) == {"rt", "response"}
    for values in found.shares.values():
        assert values.shape == (400,)
        assert stats.kstest(values, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    ("values", "quantity", "middle"),
    [({"t": 0.2}, "rt", 0.8), ({"t": 0.4}, "rt", 0.2), ({"z": 0.25}, "response", 0.7)],
)
def test_a_misfit_is_seen_on_its_side(values, quantity, middle):
    found = of_truth(300, **values).shares[quantity]
    assert stats.kstest(found, "uniform").pvalue < 1e-6
    assert (found.mean() - 0.5) * (middle - 0.5) > 0


def test_weights_take_the_trial_out_of_the_posterior():
    """Under a flat prior on p the posterior without a trial is a beta distribution, too."""
    response = np.array([*SOFTMAX.choices[:1] * 4, SOFTMAX.choices[1]])
    columns = {"response": response}
    spec = FitSpec("f", SOFTMAX, fixed={"beta": 1.0})
    p = np.random.default_rng(2).beta(1 + 1, 1 + 4, 2_000)
    # The larger choice's log odds are what the smaller lacks; which of them the model names is
    # read off its own simulator.
    sign = 1.0 if _rises() else -1.0
    posterior = posterior_of({"logit1": sign * special.logit(p)}, {})

    def likelihood(columns, thinned, dataset):
        drawn = special.expit(sign * thinned["logit1"].sel(dataset=dataset).to_numpy())[..., None]
        hit = columns["response"] == SOFTMAX.choices[1]
        return np.log(np.where(hit, drawn, 1 - drawn)), None

    found = [
        loo_pit(spec, columns, posterior, 7, likelihood, seed(k)).shares["response"]
        for k in range(40)
    ]
    last = np.stack(found)[:, -1]
    # Half a uniform share of P(larger | others) = k / (n + 1) is missing to 1; with the trial
    # itself in the posterior it would be (k + 1) / (n + 2) = 2/7.
    assert abs(2 * (1 - last.mean()) - 1 / 6) < 4 * 2 * last.std() / np.sqrt(40)
    assert 2 * (1 - last.mean()) < 0.23
    assert (np.stack(found)[:, :4].max() < 1 - 1 / 6 + 0.15).all()


def _rises():
    """Tell whether the larger choice becomes likelier with logit1."""
    values = {"beta": np.ones(400), "logit1": np.full(400, 3.0)}
    drawn = simulate_trials(SOFTMAX, values, seed(9))["response"]
    return np.mean(drawn == SOFTMAX.choices[1]) > 0.5


def test_trials_without_a_response_come_after_all_others():
    n = 300
    columns = simulate_trials(DDM, {k: np.full(n, x) for k, x in TRUTH.items()}, seed(3))
    late = columns["rt"] > 0.6
    columns = {
        "rt": np.where(late, np.nan, columns["rt"]),
        "response": np.where(late, np.nan, columns["response"].astype(float)),
        "deadline": np.full(n, 0.6),
    }
    spec = FitSpec("f", DDM, p_outlier=0.0, deadlines=True)
    found = of_truth(n, draws=400, columns=columns, spec=spec).shares["rt"]
    # Each value has the error of a share of 400 draws, below 0.025.
    assert found[late].min() > found[~late].max() - 8 * 0.025
    assert abs(found[late].mean() - (1 - late.mean() / 2)) < 0.05
    assert stats.kstest(found, "uniform").pvalue > 1e-3


def test_many_trials_are_thinned_evenly(monkeypatch):
    monkeypatch.setattr(room, "PIT_TRIALS", 40)
    monkeypatch.setattr(room, "PIT_DRAWS", 30)
    found = of_truth(100, draws=100)
    assert found.rows.tolist() == [k * 100 // 40 for k in range(40)]
    # 25 draws are left, of which every value is a rank.
    assert np.unique((found.shares["rt"] * 25).astype(int)).size <= 26


def test_a_trial_that_some_draw_forbids_has_no_weights_to_rely_on():
    usual = np.random.default_rng(1).uniform(0.2, 0.4, 30)
    with np.errstate(divide="ignore"):
        by_trial = np.log(np.array([usual, [0.1] * 10 + [0.3] * 20, [0.0] * 15 + [0.3] * 15]))
    weights, k = room._weights(by_trial)
    assert np.isfinite(weights).all()
    # A tail of one value is not smoothed, and as heavy as it looks.
    np.testing.assert_allclose(np.exp(weights[1]), [10.0] * 10 + [1 / 0.3] * 20)
    assert (weights[2] == 0).all()
    assert np.isfinite(k[0])
    assert (k[1], k[2]) == (0.0, np.inf)


def test_a_failed_posterior_has_no_values():
    found = of_truth(20, v=np.nan)
    assert found is None
    spec = FitSpec("f", DDM)
    nobody = Trials(np.zeros(20, dtype=np.int64), ("",), np.arange(20))
    assert pit_check(spec, {"rt": np.ones(20)}, None, nobody, False).empty


def test_values_are_counted_in_bins_of_their_groups():
    values = np.array([0.0, 0.019, 0.5, 0.99, 1.0, 0.3])
    pit = Pit(np.arange(6), {"rt": values}, np.array([0.1, 0.9, np.inf, 0.2, 0.2, 0.3]))
    splits = (
        Split("all", "", ("all trials",), np.zeros(6, dtype=np.int64)),
        Split("participant", "participant_id", ("s1", "s2"), np.array([0, 0, 0, -1, -1, -1])),
    )
    table = pit_table(pit, splits)
    assert set(table["group"]) == {"all trials", "s1"}
    every = table[table["group"] == "all trials"]
    assert every["below"].tolist() == [(values < k / BINS).sum() for k in range(1, BINS)]
    assert every["n"].tolist() == [6] * 49
    mine = table[table["group"] == "s1"]
    assert (mine["n"].iloc[0], mine["n_bad_k"].iloc[0]) == (3, 2)
