"""A bandit with two learning rates, decided by a diffusion with collapsing bounds.

An example of a file with models of one's own: a learning process, a decision model, and the two
put together. It is what driftmill has as ``rlssm2``, written anew, and gives the same posterior.

A study that has ``models: [config/models/dual_bandit.py]`` at its top can say

    model: dual_bandit                                        # both together
    model: {learning: two_rates, decision: ddm}               # this process with another decision
    model: {learning: rescorla_wagner, decision: collapsing}  # another process with this decision

``driftmill check STUDY --trust`` checks what is registered here: shapes, gradients, the mass of the
density, the simulator; ``snakemake --config study=STUDY trust=true`` runs the study. Without your
word for it no study has a Python file run. ``driftmill models --file config/models/dual_bandit.py``
lists what is in this one.
"""

import math

import jax.numpy as jnp

from driftmill.likelihoods import first_passage
from driftmill.models.extend import (
    Model,
    MovingEnd,
    Parameter,
    Prior,
    Process,
    Rule,
    SsmSimulator,
    compose,
    register,
)
from driftmill.models.start import diffusion

# 1. The learning process. A rule is three functions of JAX. They work on many participants at
# once: the last axis of every array are the participants ("lanes").


def two_rates(options: int) -> Rule:
    """Return the rule for a bandit with that many options."""

    def start(parameters, lanes):
        # The state before the first trial: the value of every option, shape (options, lanes).
        return jnp.full((options, lanes), 0.5)

    def predict(state, trial, parameters):
        # What the decision is made from, before the outcome is known: the values.
        return state

    def learn(state, trial, parameters):
        # The state after the trial. A trial that was not observed changes nothing.
        error = trial["feedback"] - state
        rate = jnp.where(error >= 0, parameters["rl_alpha"], parameters["rl_alpha_neg"])
        chosen = jnp.arange(options)[:, None] == trial["choice"]
        return jnp.where(chosen & trial["observed"], state + rate * error, state)

    return Rule(start, predict, learn)


def rate(name: str, description: str) -> Parameter:
    """Return a learning rate: between 0 and 1, every value as likely; 0.3 to start with."""
    flat = Prior("Uniform", {"lower": 0.0, "upper": 1.0})
    return Parameter(name, 0.0, 1.0, flat, description, typical=0.3)


TWO_RATES = register(
    Process(
        name="two_rates",
        parameters=(
            rate("rl_alpha", "learning rate after positive errors"),
            rate("rl_alpha_neg", "learning rate after negative errors"),
        ),
        inputs=("feedback",),  # the trial column that it learns from, besides the choice
        output="values",  # a value for every option; "prediction" would be one number
        rule=two_rates,
        options=(2, 4),
        title="Delta rule with two learning rates",
        equation="Q[c] += rl_alpha (feedback - Q[c]), rl_alpha_neg where that is negative",
        reference="Pedersen, Frank & Biele (2017), Psychon. Bull. Rev. 24, 1234-1251",
    )
)

# 2. The decision model. Its log density takes the response columns, then the parameters in their
# order, as numbers or arrays, and returns one log density a trial. Any JAX function will do;
# here the closed form that driftmill brings along. A plain NumPy function may be registered as
# {"blackbox": function}: it has no gradient, so it is fitted without, which is slow.


def log_density(rt, response, v, a, z, t, theta):
    """Log density of a decision between bounds that collapse linearly, at +-(a - s tan(theta))."""
    return first_passage.angle(rt, response, v, a, z, t, theta)


V = Parameter("v", -math.inf, math.inf, Prior("Normal", {"mu": 0.0, "sigma": 2.0}), "drift rate")
A = Parameter("a", 0.0, math.inf, Prior("HalfNormal", {"sigma": 2.0}), "bound at the start")
Z = Parameter("z", 0.0, 1.0, Prior("Uniform", {"lower": 0.0, "upper": 1.0}), "starting point")
T = Parameter("t", 0.0, math.inf, Prior("HalfNormal", {"sigma": 2.0}), "non-decision time, s")
THETA = Parameter(
    "theta", -0.1, 1.4, Prior("Uniform", {"lower": -0.1, "upper": 1.4}), "angle of the bounds"
)


def start(columns):
    """Return where the search for the posterior's mode starts, from the data alone.

    Any values inside the supports do at which no trial is impossible; a model that knows nothing
    better has ``from_priors(parameters, shift="t")``.
    """
    return diffusion(columns) | {"theta": 0.0}


def meeting_angle(parameters, slowest):
    """Return the angle at which the bounds meet just when the slowest decision is made."""
    return jnp.arctan2(parameters["a"], slowest - parameters["t"])


COLLAPSING = register(
    Model(
        name="collapsing",
        parameters=(V, A, Z, T, THETA),
        response_columns=("rt", "response"),
        choices=(-1, 1),
        likelihoods={"analytical": log_density},
        # A random walk of the ssm-simulators package, or a function of one's own:
        # simulate(rng, parameters) -> {"rt": ..., "response": ...}, one value a trial.
        simulator=SsmSimulator("angle"),
        start=start,
        title="Diffusion with linearly collapsing bounds",
        equation="dX = v ds + dW, bounds at -b(s) and b(s), b(s) = a - s tan(theta)",
        reference="Anderson (1960), Ann. Math. Stat. 31, 165-197",
        shift="t",  # every rt must exceed it
        ceiling=MovingEnd("theta", meeting_angle),  # no trial may come after the bounds have met
    )
)

# 3. Both together. A process whose output is values drives a model with the drift v by the
# difference of two values: v = scaler (Q[1] - Q[0]). A Coupling of one's own would be given here.

register(compose(TWO_RATES, COLLAPSING, name="dual_bandit"))
