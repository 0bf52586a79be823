"""Datasets of learning models: reproducible to the bit, and the models that have names."""

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import chi2, kstest

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import Prior, get_model
from driftmill.models.registry import find_model
from driftmill.simulation.design import Design
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.simulate import simulate_datasets, simulate_trials
from driftmill.simulation.tasks import Bandit, Inputs
from tests.simulation.digests import digests
from tests.simulation.learners import delta_model, sum_model

OWN_RATES = Regression("rate", "1 + (1 | participant_id)", Link("gen_logit", 0.0, 1.0))
RLSSM = Design(
    cell="rl",
    model=delta_model("angle", cue="cue", block="block"),
    truth={
        "rate_Intercept": -1.0,
        "rate_1|participant_id_sigma": 0.8,
        "scaler": Prior("Uniform", {"lower": 2.0, "upper": 3.0}),
        "a": 1.0,
        "z": 0.5,
        "t": 0.3,
        "theta": 0.3,
    },
    participants=3,
    trials=12,
    datasets=5,
    lapse=0.1,
    seed=4,
    formulas={"rate": OWN_RATES},
    task=Bandit(((0.8, 0.2), (0.4, 0.6)), drift=0.1, blocks=2),
)
FILTER = Design(
    cell="filter",
    model=sum_model("ddm"),
    truth={"gain": 0.1, "scaler": 0.5, "a": 0.8, "z": 0.5, "t": 0.2},
    participants=3,
    trials=12,
    datasets=5,
    lapse=0.1,
    seed=4,
    task=Inputs(schedule=((0.8, 6), (0.3, 6))),
)
SHIFT = 0.2


def own_simulator(rng, parameters):
    """Choose by the logistic of the drift, after an exponential time."""
    upper = rng.random(parameters["v"].size) < expit(parameters["v"])
    rt = SHIFT + rng.exponential(parameters["a"])
    return {"rt": rt, "response": np.where(upper, 1, -1)}


def with_own_simulator(design):
    own = replace(get_model("ddm"), name="own", simulator=own_simulator)
    model = design.model
    learning = replace(model.learning, decision=own)
    return replace(design, model=replace(model, simulator=own_simulator, learning=learning))


def with_walks(design):
    """Hide the density, so that walks of ssm-simulators decide."""
    ddm = get_model("ddm")
    hidden = replace(ddm, likelihoods={"blackbox": ddm.likelihoods["analytical"]})
    learning = replace(design.model.learning, decision=hidden)
    return replace(design, model=replace(design.model, learning=learning))


DDM_LEARNER = replace(
    RLSSM,
    model=delta_model("ddm", cue="cue", block="block"),
    truth={k: v for k, v in RLSSM.truth.items() if k != "theta"},
)
DESIGNS = {
    "one by one": RLSSM,
    "at once": FILTER,
    "simulator, one by one": with_own_simulator(DDM_LEARNER),
    "simulator, at once": with_own_simulator(FILTER),
    "walks, one by one": with_walks(DDM_LEARNER),
    "walks, at once": with_walks(FILTER),
}
DIGEST = """
import hashlib, random, sys
import numpy as np
sys.path[:0] = {path!r}
np.random.seed(random.randrange(2**31))
from tests.simulation.test_learning import FILTER, RLSSM
from driftmill.simulation.simulate import simulate_datasets
tables = [table.to_csv() for d in (RLSSM, FILTER) for table in simulate_datasets(d, [0, 3])]
print(hashlib.sha256("".join(tables).encode()).hexdigest())
"""
every_design = pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS.keys())


@every_design
def test_batches_are_a_cost_choice(design):
    together = simulate_datasets(design, [0, 1, 2])
    apart = [simulate_datasets(design, [number]) for number in (2, 0, 1)]
    for kind in (0, 1):
        single = pd.concat([tables[kind] for tables in apart])
        again = single.sort_values("dataset", kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(together[kind], again, check_exact=True)


@every_design
@pytest.mark.parametrize("participants", [5, 40])
def test_more_participants_leave_the_first_ones_alone(design, participants):
    few, _ = simulate_datasets(design, [1])
    many, _ = simulate_datasets(replace(design, participants=participants), [1])
    first = many[many["participant_id"].isin(["0", "1", "2"])]
    pd.testing.assert_frame_equal(few, first, check_exact=True)
    assert many["participant_id"].nunique() == participants


def test_participants_and_datasets_have_chances_of_their_own():
    trials, _ = simulate_datasets(replace(RLSSM, participants=34, lapse=0.0), [0, 1])
    assert trials["rt"].nunique() == len(trials)
    orders = trials.groupby(["dataset", "participant_id"])["cue"].agg(tuple)
    assert orders.nunique() > 30


def test_hash_seed_and_global_random_state_do_not_matter(project_root):
    code = DIGEST.format(path=[str(project_root), *sys.path])
    found = digests(code)
    assert len(found) == 1
    assert len(found.pop()) == 64


def test_a_simulator_of_ones_own_decides_where_no_density_is_known():
    design = replace(
        DESIGNS["simulator, at once"], lapse=0.0, participants=40, trials=100, task=ZEROS_AND_ONES
    )
    trials, _ = simulate_datasets(design, [0])
    p = expit(0.5 * before(trials["u"], trials["participant_id"], 0.1))
    above = (trials["response"] == 1).to_numpy()
    assert abs((above - p).sum()) < 4 * np.sqrt((p * (1 - p)).sum())
    assert abs(((above - p) * p).sum()) < 4 * np.sqrt((p**3 * (1 - p)).sum())
    assert kstest((trials["rt"] - SHIFT) / 0.8, "expon").pvalue > 1e-4


ZEROS_AND_ONES = Inputs(schedule=((0.5, 40), (0.9, 60)))


def before(u, people, gain):
    """Return the sum of the inputs before each trial."""
    return gain * (u.groupby(people, sort=False).cumsum() - u).to_numpy()


def test_walks_that_do_not_finish_are_refused_but_not_in_lanes_left_over():
    """About a tenth of these walks take over 20 s; one participant has three of them."""
    slow = {"rate_Intercept": -1.0, "rate_1|participant_id_sigma": 0.8, "scaler": 0.1, "a": 3.0}
    design = replace(
        with_walks(DDM_LEARNER),
        truth={**DDM_LEARNER.truth, **slow},
        participants=2,
        trials=2,
        lapse=0.0,
        task=Bandit(((0.8, 0.2),)),
        datasets=30,
    )
    told = []
    for dataset in range(30):
        try:
            simulate_datasets(design, [dataset])
        except SimulationError as error:
            told.append(str(error))
    assert 3 <= len(told) <= 22
    assert all("of ddm reached no bound" in message for message in told)
    places = {message.split(": ")[0].split(", ", 2)[2] for message in told}
    assert {"participant 0, trial 0", "participant 1, trial 1"} <= places
    assert len(places) <= 4


def test_a_held_parameter_needs_no_truth_and_takes_one():
    names = [p.name for p in RLSSM.parameters]
    assert "first" not in names
    _, truth = simulate_datasets(RLSSM, [0])
    assert "first" not in truth["parameter"].tolist()
    high = replace(RLSSM, truth={**RLSSM.truth, "first": 0.9})
    assert "first" in [p.name for p in high.parameters]
    trials, truth = simulate_datasets(high, [0])
    assert truth.set_index("parameter")["value"]["first"] == 0.9
    assert (simulate_datasets(RLSSM, [0])[0]["rt"] != trials["rt"]).any()


def test_a_truth_at_the_held_value_is_what_is_held():
    same = replace(RLSSM, truth={**RLSSM.truth, "first": 0.5})
    pd.testing.assert_frame_equal(
        simulate_datasets(RLSSM, [0])[0], simulate_datasets(same, [0])[0], check_exact=True
    )
    at_the_end = find_model("rlssm1")
    truth = {"rl_alpha": 0.3, "scaler": 2.0, "a": 1.0, "z": 0.5, "t": 0.3, "theta": 0.2}
    design = Design("c", at_the_end, truth, 2, 5, 1, 0.0, 1, task=Bandit(((0.8, 0.2),)))
    zero = replace(design, truth=truth | {"rl_forget": 0.0, "rl_q0": 0.5})
    pd.testing.assert_frame_equal(*(simulate_datasets(d, [0])[0] for d in (design, zero)))
    with pytest.raises(SimulationError, match=r"rl_forget = 1 is outside its support \(0, 1\)"):
        replace(design, truth=truth | {"rl_forget": 1.0})


def test_formulas_may_use_what_a_task_shows():
    bias = Regression("z", "1 + C(cue)", Link("identity"))
    truth = {name: value for name, value in RLSSM.truth.items() if name != "z"}
    design = replace(
        RLSSM,
        formulas={"rate": OWN_RATES, "z": bias},
        truth=truth | {"z_Intercept": 0.15, "z_C(cue)[1]": 0.7},
        participants=40,
        trials=20,
        lapse=0.0,
    )
    trials, _ = simulate_datasets(design, [0])
    upper = (trials["response"] == 1).groupby(trials["cue"]).mean()
    assert upper[0] < 0.4
    assert upper[1] > 0.7


def test_trials_of_a_learning_model_are_not_simulated_one_by_one():
    model = find_model("rlssm2")
    values = {p.name: np.full(2, 0.5) for p in model.parameters}
    with pytest.raises(SimulationError, match="rlssm2 learns from trial to trial"):
        simulate_trials(model, values, np.random.SeedSequence(1))


def dual_values(rows, up, down):
    """Return the values of both options before each trial of one participant."""
    values, found = np.full(2, 0.5), []
    for response, feedback in zip(rows["response"], rows["feedback"], strict=True):
        found.append(values.copy())
        taken = int(response == 1)
        error = feedback - values[taken]
        values[taken] += (up if error >= 0 else down) * error
    return np.array(found)


def test_rlssm2_against_walks_along_the_same_histories():
    """Walks of ssm-simulators with the drift of each trial choose and take as long."""
    people, trials = 60, 100
    truth = {"rl_alpha": 0.35, "rl_alpha_neg": 0.1, "scaler": 3.0}
    decision = {"a": 1.1, "z": 0.45, "t": 0.25, "theta": 0.4}
    design = Design(
        cell="rlssm2",
        model=find_model("rlssm2"),
        truth=truth | decision,
        participants=people,
        trials=trials,
        datasets=1,
        lapse=0.0,
        seed=6,
        task=Bandit(((0.75, 0.25),), reverse_every=50),
    )
    table, _ = simulate_datasets(design, [0])
    histories = [dual_values(rows, 0.35, 0.1) for _, rows in table.groupby("participant_id")]
    order = np.concatenate([rows.index for _, rows in table.groupby("participant_id")])
    values = np.concatenate(histories)[np.argsort(order)]
    drift = 3.0 * (values[:, 1] - values[:, 0])
    fixed = {name: np.full(len(drift), value) for name, value in decision.items()}
    walked = simulate_trials(get_model("angle"), {"v": drift} | fixed, np.random.SeedSequence(9))
    bins = pd.qcut(drift, 10, duplicates="drop", labels=False)
    upper = [pd.Series(t["response"] == 1).groupby(bins).mean() for t in (table, walked)]
    size = pd.Series(bins).value_counts().sort_index()
    share = (upper[0] + upper[1]) / 2
    z = (upper[0] - upper[1]) / np.sqrt(2 * share * (1 - share) / size)
    assert chi2.sf((z**2).sum(), len(z)) > 1e-4
    for choice in (-1, 1):
        mine, theirs = (
            pd.Series(np.log(t["rt"])).where(np.asarray(t["response"]) == choice).groupby(bins)
            for t in (table, walked)
        )
        error = np.sqrt(mine.var() / mine.count() + theirs.var() / theirs.count())
        z = ((mine.mean() - theirs.mean()) / error)[mine.count() > 20]
        assert chi2.sf((z**2).sum(), len(z)) > 1e-4
    # They learn, and learn anew after the reversal.
    early = (table["response"] == -1).groupby(table["trial_id"]).mean()
    assert early[40:50].mean() > 0.65
    assert early[90:100].mean() < 0.4


def test_hgf_softmax_against_the_equations_in_numpy():
    people, trials = 60, 120
    design = Design(
        cell="hgf",
        model=find_model("hgf_softmax"),
        truth={"omega2_Intercept": -2.5, "omega2_1|participant_id_sigma": 1.0, "beta": 1.6},
        participants=people,
        trials=trials,
        datasets=1,
        lapse=0.0,
        seed=6,
        formulas={"omega2": Regression("omega2", "1 + (1 | participant_id)", Link("identity"))},
        task=Inputs(schedule=((0.85, 40), (0.15, 40), (0.6, 40))),
    )
    table, truth = simulate_datasets(design, [0])
    own = truth[truth["parameter"] == "omega2 (participant)"]["value"].to_numpy()
    assert own.size == people
    own = truth[truth["parameter"] == "omega2 (participant)"].set_index("participant_id")["value"]
    u = table["u"].to_numpy().reshape(people, trials)
    omega = own[[str(p) for p in range(people)]].to_numpy()
    mu, pi, predicted = np.zeros(people), np.ones(people), np.empty((people, trials))
    for k in range(trials):
        pi_hat = 1 / (1 / pi + np.exp(omega))
        predicted[:, k] = mu
        chance = expit(mu)
        pi = pi_hat + chance * (1 - chance)
        mu = mu + (u[:, k] - chance) / pi
    p = expit(1.6 * predicted)
    above = table["response"].to_numpy().reshape(people, trials) == 1
    for weight in (np.ones_like(p), p - 0.5, predicted**3, predicted * (u - 0.5)):
        z = ((above - p) * weight).sum() / np.sqrt((p * (1 - p) * weight**2).sum())
        assert abs(z) < 4
    z = ((above - p).sum(axis=1)) / np.sqrt((p * (1 - p)).sum(axis=1))
    assert chi2.sf((z**2).sum(), people) > 1e-4
