"""What users may register, what is refused, and what the protocol finds wrong."""

import math
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from driftmill.models import CATALOGUE, Model, Parameter, Prior
from driftmill.models.learning import Coupling, Process
from driftmill.models.protocol import model_faults
from driftmill.models.protocol_learning import coupling_faults, process_faults
from driftmill.models.registry import (
    COMPOSITIONS,
    RegistrationError,
    all_couplings,
    all_models,
    all_processes,
    find_coupling,
    find_model,
    find_process,
    forget,
    register,
    registrations,
)
from driftmill.models.start import from_priors
from driftmill.processes.rule import Rule

MU = Parameter("mu", -math.inf, math.inf, Prior("Normal", {"mu": 0.0, "sigma": 1.0}), "location")
P = Parameter("p", 0.0, 1.0, Prior("Uniform", {"lower": 0.0, "upper": 1.0}), "share of 1")


def log_density(rt, response, mu, p):
    """A log-normal time, and a coin for the response."""
    safe = jnp.where(rt > 0, rt, 1.0)
    time = -0.5 * (jnp.log(safe) - mu) ** 2 - jnp.log(safe) - 0.5 * math.log(2 * math.pi)
    return jnp.where(rt > 0, time, -jnp.inf) + jnp.log(jnp.where(response > 0, p, 1 - p))


def simulate(rng, parameters):
    n = parameters["mu"].size
    response = np.where(rng.random(n) < parameters["p"], 1, -1)
    return {"rt": np.exp(parameters["mu"] + rng.normal(size=n)), "response": response}


COIN = Model(
    name="coin",
    parameters=(MU, P),
    response_columns=("rt", "response"),
    choices=(-1, 1),
    likelihoods={"analytical": log_density},
    simulator=simulate,
    start=from_priors((MU, P)),
    title="T",
    equation="e",
    reference="r",
)


def delta_rule(options):
    def start(parameters, lanes):
        return jnp.zeros((options, lanes))

    def predict(state, trial, parameters):
        return state

    def learn(state, trial, parameters):
        chosen = (jnp.arange(options)[:, None] == trial["choice"]) & trial["observed"]
        return jnp.where(chosen, state + parameters["p"] * (trial["feedback"] - state), state)

    return Rule(start, predict, learn)


LEARNER = Process("learner", (P,), ("feedback",), "values", delta_rule, "T", "e", "r", (2, 3))
FLIP = Coupling(
    "flip",
    "values",
    (),
    lambda decision: ("v",) if "v" in decision.parameter_names else (),
    lambda output, parameters, decision: {"v": output[0] - output[1]},
)


@pytest.fixture
def own():
    """Forget afterwards what a test registers."""
    with registrations() as made:
        yield made
    forget(made)


def test_what_is_registered_can_be_found(own):
    for item in (COIN, LEARNER, FLIP):
        assert register(item) is item
    assert own == [COIN, LEARNER, FLIP]
    assert find_model("coin") is COIN
    assert find_process("learner") is LEARNER
    assert find_coupling("flip") is FLIP
    assert list(all_models())[-1] == "coin"
    forget(own)
    assert "coin" not in all_models()
    assert "learner" not in all_processes()
    assert "flip" not in all_couplings()


def test_what_is_built_in_is_known():
    assert set(all_models()) == {*CATALOGUE, *COMPOSITIONS}
    names = ["rl_alpha", "rl_alpha_neg", "scaler", "a", "z", "t", "theta"]
    free = [p.name for p in find_model("rlssm2").parameters if p.held is None]
    assert free == names
    assert find_model("hgf_softmax").learning.coupling.name == "prediction_to_choice"


@pytest.mark.parametrize(
    ("find", "name", "near"),
    [
        (find_model, "rlsm2", "rlssm2"),
        (find_process, "rescorla_wagner_duel", "rescorla_wagner_dual"),
        (find_coupling, "values_to_drfit", "values_to_drift"),
    ],
)
def test_an_unknown_name_gets_the_nearest_one(find, name, near):
    with pytest.raises(KeyError, match=f"did you mean '{near}'"):
        find(name)


def failing_block():
    with registrations():
        register(COIN)
        assert find_model("coin") is COIN
        raise RuntimeError


def test_a_block_that_fails_registers_nothing():
    with pytest.raises(RuntimeError):
        failing_block()
    assert "coin" not in all_models()


def parameter(**changes):
    return replace(COIN, parameters=(replace(MU, **changes), P))


UNIFORM = Prior("Uniform", {"lower": 5.0, "upper": 6.0})


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (replace(COIN, name="ddm"), "model ddm: driftmill has a model of this name"),
        (replace(COIN, name="my coin"), "a name is made of letters"),
        (parameter(name="p"), "parameter p: the name is given twice"),
        (parameter(name="rt"), "parameter rt: the name means something else"),
        (parameter(name="mu 1"), "no valid name"),
        (parameter(lower=1.0, upper=1.0), "its support (1, 1) is empty"),
        (parameter(lower=0.0, upper=1.0, prior=UNIFORM), "has no mass inside the support (0, 1)"),
        (parameter(prior=Prior("Norml")), "Norml"),
        (parameter(held=2.0, upper=1.0), "it is held at 2, outside (-inf, 1)"),
        (replace(COIN, choices=(1, 1)), "choices are (1, 1)"),
        (replace(COIN, choices=(1, -1)), "in ascending order"),
        (replace(COIN, choices=(0.5, 1)), "different whole numbers"),
        (replace(COIN, response_columns=("response", "rt")), "give ('rt', 'response')"),
        (replace(COIN, likelihoods={}), "it has no likelihood"),
        (replace(COIN, likelihoods={"analytic": log_density}), "'analytic' is unknown"),
        (
            replace(COIN, likelihoods={"analytical": lambda rt, response, mu: 0.0}),
            "it must take (rt, response, mu, p)",
        ),
        (
            replace(COIN, likelihoods={"analytical": lambda rt, response, p, mu: 0.0}),
            "the order is that of the model: (rt, response, mu, p)",
        ),
        (replace(COIN, shift="t"), "shift names 't'"),
        (replace(COIN, products=(("mu", "q"),)), "products name ('mu', 'q')"),
        (replace(COIN, simulator=lambda rng: {}), "simulator does not take 2 arguments"),
        (replace(COIN, start=None), "start is no function"),
        (replace(LEARNER, inputs=()), "it learns from nothing"),
        (replace(LEARNER, inputs=("choice",)), "the input 'choice' is no name for an input"),
        (replace(LEARNER, output="value"), "give 'values' or 'prediction'"),
        (replace(LEARNER, options=(3, 2)), "options are (3, 2)"),
        (
            replace(LEARNER, parameters=(replace(P, typical=2.0),)),
            "its typical value 2 lies outside (0, 1)",
        ),
        (replace(FLIP, couple=lambda output: {}), "couple does not take 3 arguments"),
        ("ddm", "is no Model, Process or Coupling"),
    ],
)
def test_what_cannot_be_is_refused(own, item, words):
    with pytest.raises(RegistrationError) as caught:
        register(item)
    assert words in str(caught.value)
    assert own == []


def test_a_name_is_registered_once(own):
    register(COIN)
    with pytest.raises(RegistrationError, match="coin is registered already"):
        register(COIN)


def test_a_sound_model_process_and_coupling_have_no_faults():
    assert model_faults(COIN) == []
    assert process_faults(LEARNER) == []
    assert coupling_faults(FLIP) == []


@pytest.mark.parametrize("name", sorted(all_processes()))
def test_built_in_processes_keep_the_protocol(name):
    assert process_faults(find_process(name)) == []


def density(function):
    return replace(COIN, likelihoods={"analytical": function})


def half(rt, response, mu, p):
    return log_density(rt, response, mu, p) - jnp.log(2.0)


def flat_in_mu(rt, response, mu, p):
    from jax.lax import stop_gradient

    return log_density(rt, response, stop_gradient(mu), p)


def summed(rt, response, mu, p):
    return log_density(rt, response, mu, p).sum()


def branching(rt, response, mu, p):
    if rt > 0:
        return log_density(rt, response, mu, p)
    return -jnp.inf


def not_a_number(rt, response, mu, p):
    return jnp.log(-rt) + mu + p


def infinite_slope(rt, response, mu, p):
    return log_density(rt, response, mu, p) + jnp.where(mu > 1e9, jnp.sqrt(0.0 * mu), 0.0)


def neighbours(rt, response, mu, p):
    return log_density(rt - jnp.mean(rt) + 1.0, response, mu, p)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (half, "has a mass of 0.5 over all choices and times"),
        (flat_in_mu, "the gradient of likelihood analytical by mu is 0, by differences"),
        (summed, "returns shape () for 6 trials"),
        (branching, "likelihood analytical fails: ValueError: The truth value"),
        (not_a_number, "is NaN at rt=0.1"),
        (infinite_slope, "by mu is not finite"),
        (neighbours, "gives another value for one trial than for many"),
    ],
)
def test_faults_of_a_density_are_told(function, words):
    (fault,) = model_faults(density(function))
    assert words in fault.what
    assert fault.remedy


def test_a_start_outside_the_support_is_told():
    (fault,) = model_faults(replace(COIN, start=lambda columns: {"mu": 0.0, "p": 1.0}))
    assert fault.what == "start gives p = 1, outside (0, 1)"
    (fault,) = model_faults(replace(COIN, start=lambda columns: {"mu": 0.0}))
    assert fault.what == "start gives no value of p"


def test_a_density_of_numpy_is_checked_without_gradients():
    def black_box(rt, response, mu, p):
        time = stats.lognorm.logpdf(rt, 1.0, scale=np.exp(mu))
        return time + np.log(np.where(np.asarray(response) > 0, p, 1 - np.asarray(p)))

    assert model_faults(replace(COIN, likelihoods={"blackbox": black_box})) == []
    wrong = replace(COIN, likelihoods={"blackbox": lambda *a: black_box(*a) + 0.1})
    (fault,) = model_faults(wrong)
    assert "mass of 1.105" in fault.what


def rule(**changes):
    return replace(LEARNER, rule=lambda options: replace(delta_rule(options), **changes))


@pytest.mark.parametrize(
    ("process", "words"),
    [
        (replace(LEARNER, rule=lambda options: None), "rule returns a NoneType, not a Rule"),
        (rule(start=lambda p, lanes: jnp.zeros((lanes, 2))), "of shape (3, 2) for 3 lanes"),
        (rule(predict=lambda s, t, p: s[0]), "predict returns shape (3,)"),
        (rule(learn=lambda s, t, p: s[:1]), "learn turns an array float64(2, 3)"),
        (rule(learn=lambda s, t, p: (s, s)), "a state of another form than start"),
        (rule(learn=lambda s, t, p: s + jnp.log(t["feedback"])), "is not finite on trial"),
        (rule(learn=lambda s, t, p: s + p["q"]), "its rule fails: KeyError: 'q'"),
        (
            rule(learn=lambda s, t, p: s + t["feedback"].mean() * p["p"]),
            "depends on the other participants",
        ),
        (
            rule(learn=lambda s, t, p: s + jnp.round(p["p"] * 1e8) / 1e8 * t["feedback"]),
            "the gradient by p is 0, by differences",
        ),
        (replace(LEARNER, follows_choice=False), "it depends on the choice"),
    ],
)
def test_faults_of_a_process_are_told(process, words):
    (fault,) = process_faults(process)
    assert words in fault.what
    assert fault.remedy


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sets": lambda m: ("w",)}, "sets(ddm) names 'w'"),
        ({"sets": lambda m: ()}, "it drives no model that there is"),
        ({"couple": lambda o, p, m: {"a": o[0]}}, "couple gives a for ddm"),
        ({"couple": lambda o, p, m: {"v": o}}, "gives v of shape (2, 3) for ddm"),
        ({"couple": lambda o, p, m: {"v": o[0] / 0.0}}, "gives a v for ddm that is not finite"),
        ({"couple": lambda o, p, m: {"v": p["w"]}}, "it fails on ddm: KeyError: 'w'"),
    ],
)
def test_faults_of_a_coupling_are_told(changes, words):
    (fault,) = coupling_faults(replace(FLIP, **changes))
    assert words in fault.what
