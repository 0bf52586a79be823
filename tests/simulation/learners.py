"""Two small processes for tests: a delta rule that follows choices, a filter that does not."""

import math

import jax.numpy as jnp

from driftmill.models import Parameter, Prior, get_model
from driftmill.models.composition import compose
from driftmill.models.learning import Process
from driftmill.processes.rule import Rule

UNIT = Prior("Uniform", {"lower": 0.0, "upper": 1.0})
RATE = Parameter("rate", 0.0, 1.0, UNIT, "learning rate")
FIRST = Parameter("first", 0.0, 1.0, UNIT, "value of every option at the start", held=0.5)
GAIN = Parameter("gain", 0.0, math.inf, Prior("HalfNormal", {"sigma": 1.0}), "gain of the filter")


def delta_rule(options):
    def start(parameters, lanes):
        return jnp.broadcast_to(parameters["first"], (options, lanes))

    def learn(state, trial, parameters):
        chosen = jnp.arange(options)[:, None] == trial["choice"]
        return jnp.where(chosen, state + parameters["rate"] * (trial["feedback"] - state), state)

    return Rule(start, lambda state, trial, parameters: state, learn)


def running_sum(_):
    """Add up ``gain * elapsed * u``."""

    def learn(state, trial, parameters):
        return state + parameters["gain"] * trial["elapsed"] * trial["u"]

    return Rule(
        lambda parameters, lanes: jnp.zeros(lanes), lambda state, trial, parameters: state, learn
    )


DELTA = Process(
    name="delta",
    parameters=(RATE, FIRST),
    inputs=("feedback",),
    output="values",
    rule=delta_rule,
    title="Delta rule",
    equation="Q += rate (feedback - Q)",
    reference="none",
    options=(2, 4),
)
SUM = Process(
    name="sum",
    parameters=(GAIN,),
    inputs=("u",),
    output="prediction",
    rule=running_sum,
    title="Running sum",
    equation="x += gain u",
    reference="none",
    follows_choice=False,
    binary=True,
)


def delta_model(decision="softmax_inv_temperature_2", **columns):
    return compose(DELTA, get_model(decision), name=f"delta_{decision}", **columns)


def sum_model(decision="softmax_inv_temperature_2", **columns):
    return compose(SUM, get_model(decision), name=f"sum_{decision}", **columns)
