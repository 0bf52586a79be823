"""Learners let loose on a task from draws of a fit, against learners simulated in plain loops."""

import numpy as np
import pandas as pd
import pytest

from driftmill.formulas.links import default_link
from driftmill.formulas.regression import Regression
from driftmill.models import Prior, get_model
from driftmill.models.composition import compose
from driftmill.models.processes import HGF_BINARY, RESCORLA_WAGNER
from driftmill.prediction.learners import learned_datasets, meet
from driftmill.prediction.new_data import new_own_draws
from driftmill.prediction.trial_draws import own_draws
from driftmill.regression.fit_spec import FitSpec
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.tasks import Bandit, Inputs

SOFTMAX, DDM = get_model("softmax_inv_temperature_2"), get_model("ddm")
SPEC = FitSpec("f", compose(RESCORLA_WAGNER, SOFTMAX))
SEED = np.random.SeedSequence(8)
TASK = Bandit(means=((0.8, 0.2),), reverse_every=20)


def people(counts, names="abcdefgh", **columns):
    n = sum(counts)
    frame = {
        "participant_id": np.repeat(list(names)[: len(counts)], counts),
        "trial_id": np.concatenate([np.arange(count) for count in counts]),
    }
    return pd.DataFrame(frame | {name: np.resize(x, n) for name, x in columns.items()})


def predicted(spec, draws, meeting, numbers=None, seed=SEED):
    count = len(next(iter(draws.values())))
    source = own_draws(spec, {}, draws, meeting.trials, len(meeting.trials))
    which = np.arange(count) if numbers is None else np.asarray(numbers)
    chunks = list(learned_datasets(source, which, meeting, seed))
    return pd.concat([chunk.frame for chunk in chunks]), chunks


def learn(rng, alpha, beta, trials, reverse):
    """Return the choices (0 or 1) of one learner in a loop over its trials."""
    q, chosen, means = np.array([0.5, 0.5]), [], np.array([0.8, 0.2])
    for k in range(trials):
        now = means if k // reverse % 2 == 0 else means[::-1]
        option = int(rng.random() < 1.0 / (1.0 + np.exp(-beta * (q[1] - q[0]))))
        q[option] += alpha * (float(rng.random() < now[option]) - q[option])
        chosen.append(option)
    return chosen


def test_choice_curves_are_those_of_learners_with_the_true_parameters():
    """Both sides are means over independent learners, so their difference has a known error."""
    draws = {"rl_alpha": np.full(400, 0.35), "beta": np.full(400, 4.0)}
    meeting = meet(SPEC.model, TASK, people([60, 60]), SEED)
    frame, _ = predicted(SPEC, draws, meeting)
    upper = (frame["response"] == 1).groupby(frame["trial_id"]).mean().to_numpy()
    rng = np.random.default_rng(5)
    loop = np.mean([learn(rng, 0.35, 4.0, 60, 20) for _ in range(4000)], axis=0)
    error = np.sqrt(loop * (1 - loop) * (1 / 800 + 1 / 4000))
    # 60 trials: the largest of 60 standard normals is below 4 in all but 0.4 % of cases.
    assert (np.abs(upper - loop) < 4 * error).all()
    # There is a curve to be met: the reversals are learned.
    assert loop[19] < 0.3 < 0.7 < loop[39]
    paid = frame.groupby("response")["feedback"].mean()
    assert set(frame["feedback"]) == {0.0, 1.0}
    assert paid.max() < 0.85


def test_times_are_those_of_the_learned_drift():
    spec = FitSpec("f", compose(RESCORLA_WAGNER, DDM), fixed={"z": 0.5}, p_outlier=0.0)
    k = 120
    truth = {"rl_alpha": 0.3, "scaler": 3.0, "a": 1.0, "t": 0.3}
    draws = {name: np.full(k, value) for name, value in truth.items()}
    meeting = meet(spec.model, Bandit(means=((0.2, 0.8),)), people([30]), SEED)
    frame, _ = predicted(spec, draws, meeting)
    assert (frame["rt"] > 0.3).all()
    # A trial's mean decision time follows from its drift: (a / v) tanh(a v).
    spread, drift = [], []
    for _, rows in frame.groupby("draw"):
        q = [0.5, 0.5]
        for row in rows.itertuples():
            drift.append(3.0 * (q[1] - q[0]))
            option = int(row.response > 0)
            q[option] += 0.3 * (row.feedback - q[option])
    v = np.array(drift)
    mean = np.where(v == 0, 1.0, np.tanh(v) / np.where(v == 0, 1.0, v))
    spread = frame["rt"].to_numpy() - 0.3 - mean
    assert abs(spread.mean()) < 4 * spread.std() / np.sqrt(spread.size)
    probability = 1.0 / (1.0 + np.exp(-2.0 * v))
    hits = (frame["response"].to_numpy() == 1) - probability
    assert abs(hits.sum()) < 4 * np.sqrt((probability * (1 - probability)).sum())


def test_a_draw_and_a_participant_do_the_same_whoever_is_beside_them():
    rng = np.random.default_rng(2)
    draws = {"rl_alpha": rng.uniform(0.1, 0.6, 40), "beta": rng.uniform(1, 6, 40)}
    meeting = meet(SPEC.model, TASK, people([20, 20, 12]), SEED)
    whole, _ = predicted(SPEC, draws, meeting)
    some, _ = predicted(SPEC, draws, meeting, [3, 17, 39])
    expected = whole[whole["draw"].isin([3, 17, 39])]
    pd.testing.assert_frame_equal(some, expected.reset_index(drop=True), check_exact=True)
    fewer = meet(SPEC.model, TASK, people([20]), SEED)
    first, _ = predicted(SPEC, draws, fewer)
    own = whole[whole["participant_id"] == "a"]
    for name in ("response", "feedback"):
        assert first[name].tolist() == own[name].tolist()
    assert whole.groupby(["draw", "participant_id"]).size().unique().tolist() == [20, 12]


def test_new_participants_learn_by_deviations_drawn_from_the_group():
    alpha = SPEC.model.parameter("rl_alpha")
    normal = Prior("Normal", {"mu": 0.0, "sigma": 1.0})
    deviations = Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 1.0})})
    priors = {"Intercept": normal, "1|participant_id": deviations}
    formula = Regression("rl_alpha", "1 + (1 | participant_id)", default_link(alpha), priors)
    spec = FitSpec("f", SPEC.model, regressions={"rl_alpha": formula})
    k = 300
    draws = {
        "rl_alpha_Intercept": np.full(k, -0.4),
        "rl_alpha_1|participant_id_sigma": np.full(k, 0.8),
        "rl_alpha_1|participant_id": np.tile([[2.0, -2.0]], (k, 1)),
        "beta": np.full(k, 3.0),
    }
    seen = people([10, 10]).to_dict("series")
    columns = {n: x.to_numpy() for n, x in seen.items()}
    columns |= {"response": np.resize([-1, 1], 20), "feedback": np.resize([0.0, 1.0, 1.0], 20)}
    meeting = meet(spec.model, TASK, people([25, 25], ["b", "new"]), SEED)
    source = new_own_draws(spec, columns, draws, meeting.trials, SEED)
    rates = source.of(np.arange(k), names=["rl_alpha"])["rl_alpha"]
    known, new = rates[:, 0], np.log(rates[:, 25] / (1 - rates[:, 25]))
    np.testing.assert_allclose(known, 1 / (1 + np.exp(2.4)))
    assert abs(new.mean() + 0.4) < 4 * 0.8 / np.sqrt(k)
    assert abs(new.std() - 0.8) < 4 * 0.8 / np.sqrt(2 * k)
    chunks = list(learned_datasets(source, np.arange(k), meeting, SEED))
    frame = pd.concat([chunk.frame for chunk in chunks])
    last = frame[frame["trial_id"].between(10, 19)]
    best = (last["response"] == -1).groupby(last["participant_id"]).mean()
    # Who learns with a rate of .08 has learned less by then.
    assert best["new"] > best["b"] + 0.05


def test_filters_see_the_same_inputs_under_every_draw():
    spec = FitSpec("f", compose(HGF_BINARY, SOFTMAX))
    draws = {"omega2": np.full(200, -2.0), "beta": np.full(200, 3.0)}
    meeting = meet(spec.model, Inputs(schedule=((0.9, 30),)), people([30]), SEED)
    frame, _ = predicted(spec, draws, meeting)
    assert list(frame)[-1] == "u"
    assert frame.groupby("row")["u"].nunique().eq(1).all()
    last = frame[frame["row"] >= 20]
    assert (last["response"] == 1).mean() > 0.8


def test_cues_and_blocks_are_told():
    model = compose(RESCORLA_WAGNER, SOFTMAX, cue="pair", block="part")
    task = Bandit(means=((0.9, 0.1), (0.1, 0.9)), blocks=2)
    trials = people([40]).assign(feedback=9.0, pair="x", response=1)
    meeting = meet(model, task, trials, SEED)
    spec = FitSpec("f", model)
    frame, _ = predicted(spec, {"rl_alpha": np.full(50, 0.4), "beta": np.full(50, 5.0)}, meeting)
    assert frame.groupby("row")["pair"].nunique().eq(1).all()
    assert sorted(frame["pair"].unique()) == [0, 1]
    assert frame.groupby("part")["row"].min().tolist() == [0, 20]
    best = np.where(frame["pair"] == 0, -1, 1) == frame["response"]
    assert best.groupby(frame["row"]).mean().loc[[18, 19]].min() > 0.7
    with pytest.raises(SimulationError, match="does not say that values are kept for each"):
        meet(SPEC.model, task, people([40]), SEED)


def test_draws_outside_their_support_have_no_prediction():
    draws = {"rl_alpha": np.array([0.3, 1.2, 0.3]), "beta": np.array([2.0, 2.0, -1.0])}
    meeting = meet(SPEC.model, TASK, people([10, 10]), SEED)
    frame, chunks = predicted(SPEC, draws, meeting)
    assert frame.groupby("draw")["response"].count().tolist() == [20, 0, 0]
    assert frame.groupby("draw")["feedback"].count().tolist() == [20, 0, 0]
    assert [sum(c.n_outside for c in chunks), sum(c.n_unfinished for c in chunks)] == [40, 0]


def test_who_cannot_decide_does_not_touch_the_others():
    held = {"z": 0.5, "a": 2.0, "t": 0.3, "scaler": 2.0}
    spec = FitSpec("f", compose(RESCORLA_WAGNER, get_model("angle")), fixed=held)
    # Between bounds that open, some walks without a drift, as those of the first trial, never end.
    draws = {"rl_alpha": np.full(3, 0.3), "theta": np.array([0.3, -0.099, 0.2])}
    meeting = meet(spec.model, TASK, people([10]), SEED)
    frame, chunks = predicted(spec, draws, meeting)
    alone, _ = predicted(spec, draws, meeting, [0, 2])
    assert sum(c.n_unfinished for c in chunks) == 10
    assert frame.groupby("draw")["rt"].count().tolist() == [10, 0, 10]
    kept = frame[frame["draw"] != 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, alone, check_exact=True)


def test_trials_are_met_in_their_order():
    table = people([5, 5]).sample(frac=1.0, random_state=3)
    meeting = meet(SPEC.model, TASK, table, SEED)
    assert meeting.counts == (5, 5)
    assert meeting.trials["trial_id"].tolist() == [0, 1, 2, 3, 4] * 2
