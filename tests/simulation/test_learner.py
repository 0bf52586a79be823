"""Learners against plain loops in NumPy that share neither code nor random numbers with them."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import Prior, get_model
from driftmill.simulation import learner
from driftmill.simulation.covariates import Drawn
from driftmill.simulation.design import Design
from driftmill.simulation.simulate import simulate_datasets
from driftmill.simulation.tasks import Bandit, Inputs
from driftmill.simulation.trials import simulate_trials
from tests.simulation.learners import delta_model, sum_model

SOFTMAX_TRUTH = {"rate": 0.3, "beta": 4.0}
ANGLE_TRUTH = {"rate": 0.4, "scaler": 2.5, "a": 1.0, "z": 0.5, "t": 0.3, "theta": 0.3}


def simulated(model, truth, participants, trials, task, *, lapse=0.0, **further):
    design = Design("c", model, truth, participants, trials, 1, lapse, 8, task=task, **further)
    return simulate_datasets(design, [0])


def by_trial(table, column, participants):
    return table[column].to_numpy(dtype=float).reshape(participants, -1).T


def agree(mine, theirs):
    """Compare the means of two groups of participants on every trial; shape (trials, people)."""
    error = np.sqrt(sum(x.var(axis=1, ddof=1) / x.shape[1] for x in (mine, theirs)))
    z = (mine.mean(axis=1) - theirs.mean(axis=1)) / np.maximum(error, 1e-9)
    assert np.abs(z).max() < stats.norm.isf(0.5e-4 / len(z)), z
    overall = (mine.mean(axis=0), theirs.mean(axis=0))
    assert stats.ttest_ind(*overall, equal_var=False).pvalue > 1e-4


def loop(n, means, decide, rate, rng, lapse=0.0, first=0.5, pay=None):
    """Simulate n learners of one bandit; means of shape (trials, options)."""
    values = np.full((n, means.shape[1]), first)
    people, choices, payoffs, times = np.arange(n), [], [], []
    for k in range(len(means)):
        choice, rt = decide(values, k)
        lapsed = rng.random(n) < lapse
        choice = np.where(lapsed, rng.integers(0, means.shape[1], n), choice)
        chance = means[k, choice]
        paid = (rng.random(n) < chance).astype(float) if pay is None else pay(chance)
        values[people, choice] += rate * (paid - values[people, choice])
        choices.append(choice)
        payoffs.append(paid)
        times.append(np.where(lapsed, rng.uniform(0, 20, n), rt))
    return np.array(choices), np.array(payoffs), np.array(times)


def softmax_choice(rng, beta):
    def decide(values, _):
        utility = np.exp(beta * values)
        cut = np.cumsum(utility, axis=1) / utility.sum(axis=1, keepdims=True)
        return (rng.random((len(values), 1)) > cut).sum(axis=1), np.zeros(len(values))

    return decide


@pytest.mark.parametrize("lapse", [0.0, 0.3])
def test_learning_curves_with_lapses(lapse):
    """What a lapse chooses is paid and learned from like any other choice."""
    n, trials = 640, 25
    table, _ = simulated(
        delta_model(), SOFTMAX_TRUTH, n, trials, Bandit(((0.9, 0.3),)), lapse=lapse
    )
    rng = np.random.default_rng(77)
    means = np.tile([0.9, 0.3], (trials, 1))
    choices, paid, _ = loop(6_000, means, softmax_choice(rng, 4.0), 0.3, rng, lapse)
    agree(by_trial(table, "response", n), 2.0 * choices - 1.0)
    agree(by_trial(table, "feedback", n), paid)


def test_three_options_with_gaussian_payoffs_and_reversals():
    n, trials, beta = 640, 24, 1.2
    task = Bandit(((1.0, 0.0, -1.0),), payoff="gaussian", sd=0.7, reverse_every=8)
    model = delta_model("softmax_inv_temperature_3")
    table, _ = simulated(model, {"rate": 0.5, "beta": beta, "first": 0.2}, n, trials, task)
    rng = np.random.default_rng(78)
    means = np.tile([1.0, 0.0, -1.0], (trials, 1))
    means[8:16] = means[8:16, ::-1]
    choices, paid, _ = loop(
        6_000,
        means,
        softmax_choice(rng, beta),
        0.5,
        rng,
        first=0.2,
        pay=lambda mean: mean + 0.7 * rng.standard_normal(mean.shape),
    )
    response = by_trial(table, "response", n)
    for option in range(3):
        agree((response == option).astype(float), (choices == option).astype(float))
    agree(by_trial(table, "feedback", n), paid)


def test_response_times_of_a_learning_diffusion():
    n, trials = 320, 16
    table, _ = simulated(
        delta_model("angle"), ANGLE_TRUTH, n, trials, Bandit(((0.1, 0.9),)), lapse=0.05
    )
    rng = np.random.default_rng(79)
    many = 1_500

    def decide(values, k):
        fixed = {name: np.full(many, ANGLE_TRUTH[name]) for name in ("a", "z", "t", "theta")}
        drift = {"v": ANGLE_TRUTH["scaler"] * (values[:, 1] - values[:, 0])}
        seed = np.random.SeedSequence([79, k])
        walked = simulate_trials(get_model("angle"), drift | fixed, seed)
        return (walked["response"] == 1).astype(int), walked["rt"]

    means = np.tile([0.1, 0.9], (trials, 1))
    choices, _, times = loop(many, means, decide, 0.4, rng, lapse=0.05)
    agree(by_trial(table, "response", n), 2.0 * choices - 1.0)
    agree(np.log(by_trial(table, "rt", n)), np.log(times))
    late = by_trial(table, "rt", n)[8:].ravel(), times[8:].ravel()
    assert stats.ks_2samp(*late).pvalue > 1e-4


def residuals(above, p, *weights):
    """Given the history each response is a draw with probability p: martingale differences."""
    for weight in (np.ones_like(p), p - 0.5, *weights):
        error = np.sqrt((p * (1 - p) * weight**2).sum())
        assert abs(((above - p) * weight).sum()) < 4 * error


def test_every_choice_has_the_probability_that_its_history_says():
    """Cues, blocks, a participant's own rate and a temperature of each trial, with lapses."""
    task = Bandit(((0.9, 0.2), (0.3, 0.7)), drift=0.1, blocks=2)
    lapse, people, trials = 0.1, 70, 80
    model = delta_model(cue="arm", block="run", columns={"feedback": "reward"})
    table, truth = simulated(
        model,
        {"rate_Intercept": -0.5, "rate_1|participant_id_sigma": 1.0}
        | {"beta_Intercept": 1.2, "beta_x": 0.5},
        people,
        trials,
        task,
        lapse=lapse,
        formulas={
            "rate": Regression("rate", "1 + (1 | participant_id)", Link("gen_logit", 0.0, 1.0)),
            "beta": Regression("beta", "1 + x", Link("log", 0.0)),
        },
        covariates={"x": Drawn(Prior("Normal", {"mu": 0.0, "sigma": 1.0}))},
    )
    assert list(table)[3:] == ["response", "reward", "arm", "run", "x"]
    own = truth[truth["parameter"] == "rate (participant)"].set_index("participant_id")["value"]
    above, x = (table["response"] == 1).to_numpy(), table["x"].to_numpy()

    def check(starts, arms):
        gap = []
        for person, rows in table.assign(at=arms).groupby("participant_id", sort=False):
            for row in rows.itertuples():
                if row.trial_id in starts:
                    values = np.full((2, 2), 0.5)
                mine = values[row.at]
                gap.append(mine[1] - mine[0])
                taken = int(row.response == 1)
                mine[taken] += own[person] * (row.reward - mine[taken])
        gap = np.array(gap)
        p = lapse / 2 + (1 - lapse) * expit(np.exp(1.2 + 0.5 * x) * gap)
        soon = (table["run"] == 1) & (table["trial_id"] < trials // 2 + 8)
        residuals(above, p, gap, gap * x, gap * (table["arm"] - 0.5), gap * soon)

    check((0, trials // 2), table["arm"])
    # Learners that mix up their cues, or go on where a block begins, would be found out.
    with pytest.raises(AssertionError):
        check((0, trials // 2), 0)
    with pytest.raises(AssertionError):
        check((0,), table["arm"])


def test_a_process_that_does_not_follow_choices_sees_its_inputs():
    people, trials = 60, 50
    values = tuple(float(x) for x in np.random.default_rng(3).random(trials) < 0.5)
    table, _ = simulated(
        sum_model(elapsed="wait"),
        {"gain": 0.1, "beta": 0.5},
        people,
        trials,
        Inputs(values=values),
        covariates={"wait": Drawn(Prior("Uniform", {"lower": 0.5, "upper": 2.0}))},
    )
    assert list(table)[3:] == ["response", "u", "wait"]
    steps = (table["u"] * table["wait"]).groupby(table["participant_id"], sort=False)
    before = 0.1 * (steps.cumsum() - table["u"] * table["wait"])
    assert table["u"].to_numpy().reshape(people, trials).tolist() == [list(values)] * people
    p = expit(0.5 * before.to_numpy())
    residuals((table["response"] == 1).to_numpy(), p, table["trial_id"].to_numpy() / trials)


def test_a_time_between_trials_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="wait, is not above 0"):
        simulated(
            sum_model(elapsed="wait"),
            {"gain": 0.1, "beta": 0.5},
            2,
            30,
            Inputs(schedule=((0.5, 30),)),
            covariates={"wait": Drawn(Prior("Normal", {"mu": 0.0, "sigma": 1.0}))},
        )


def test_work_grows_with_trials_and_groups_not_with_participants(monkeypatch):
    calls = []
    decide = learner.decide

    def counted(model, parameters, chances, seed):
        calls.append(chances.uniform.size)
        return decide(model, parameters, chances, seed)

    monkeypatch.setattr(learner, "decide", counted)
    for people, groups in ((1, 1), (20, 1), (33, 2)):
        calls.clear()
        simulated(delta_model(), SOFTMAX_TRUTH, people, 12, Bandit(((0.8, 0.2),)))
        assert len(calls) == 12 * groups
    calls.clear()
    schedule = Inputs(schedule=((0.5, 12),))
    simulated(sum_model(), {"gain": 0.1, "beta": 1.0}, 20, 12, schedule)
    assert calls == [12] * 20


def test_what_grows_beyond_numbers_is_told_with_its_place():
    steep = {"gain": 1e200, "scaler": 1e200, "a": 1.0, "z": 0.5, "t": 0.3, "theta": 0.3}
    with pytest.raises(
        ValueError, match=r"cell c, dataset 0, participant 0, trial 1: sum drives v"
    ):
        simulated(sum_model("angle"), steep, 2, 5, Inputs(values=(1.0,) * 5))


def test_walks_that_never_end_are_told_with_their_place():
    wide = {**ANGLE_TRUTH, "a": 3.0, "theta": -0.09}
    message = r"cell c, dataset 0, participant 0, trial 0: angle: .*v=0, a=3,.*larger theta"
    with pytest.raises(ValueError, match=message):
        simulated(delta_model("angle"), wide, 2, 5, Bandit(((0.8, 0.2),)))


def test_tables_are_frames_of_the_declared_types():
    model = delta_model("angle", cue="cue", block="block")
    table, truth = simulated(model, ANGLE_TRUTH, 2, 6, Bandit(((0.8, 0.2),)))
    assert isinstance(table, pd.DataFrame)
    assert list(table)[:5] == ["dataset", "participant_id", "trial_id", "rt", "response"]
    assert list(table)[5:] == ["feedback", "cue", "block"]
    types = [str(t) for t in table.dtypes]
    assert types == ["int64", "str", "int64", "float64", "int64", "float64", "int64", "int64"]
    assert truth["parameter"].tolist() == ["rate", "scaler", "a", "z", "t", "theta"]
