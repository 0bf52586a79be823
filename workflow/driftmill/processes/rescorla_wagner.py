"""Learning the values of options from feedback by the rule of Rescorla & Wagner."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from driftmill.processes.rule import Rule, State, Trial, Values, is_off


def rescorla_wagner(options: int = 2, *, dual: bool = False) -> Rule:
    """Return the delta rule for a bandit with that many options.

    Parameters
    ----------
    options
        How many options there are; at least 2.
    dual
        Whether negative prediction errors have a learning rate of their own, ``rl_alpha_neg``.

    Returns
    -------
    Rule
        It predicts the values of the options, shape (options, lanes), and learns from
        ``choice`` and ``feedback``. A trial that is not observed changes nothing.

    Notes
    -----
    Rescorla & Wagner (1972); with two rates Pedersen, Frank & Biele (2017):
    Q[c] += alpha (feedback - Q[c]) for the chosen option c, where alpha is ``rl_alpha`` if the
    prediction error is not negative, else ``rl_alpha_neg``. All options start at ``rl_q0``. Three
    parts are left out of the program where their parameter is the Python float 0:

    - ``rl_alpha_cf``: options not chosen learn from the opposite outcome, 1 - feedback, at this
      rate (meant for feedback between 0 and 1, e.g. right or wrong);
    - ``rl_forget``: after that, options not chosen decay to ``rl_q0`` by this share a trial;
    - ``rl_stickiness``: added to the predicted value (not to what is learned) of the option
      chosen on the last observed trial (of the same cue), in units of value.
    """

    def start(parameters: Values, lanes: int) -> State:
        values = jnp.broadcast_to(jnp.asarray(parameters["rl_q0"]), (options, lanes))
        if is_off(parameters["rl_stickiness"]):
            return values
        return _with_last(values, jnp.full(lanes, -1))

    def predict(state: State, trial: Trial, parameters: Values) -> Array:
        sticky = parameters["rl_stickiness"]
        if is_off(sticky):
            return jnp.asarray(state)
        again = jnp.arange(options)[:, None] == state[options]
        return jnp.asarray(state[:options] + jnp.where(again, sticky, 0.0))

    def learn(state: State, trial: Trial, parameters: Values) -> State:
        observed, feedback = trial["observed"], trial["feedback"]
        values = state[:options]
        chosen = jnp.arange(options)[:, None] == trial["choice"]
        error = feedback - values
        rate = parameters["rl_alpha"]
        if dual:
            rate = jnp.where(error >= 0, rate, parameters["rl_alpha_neg"])
        learned = jnp.where(chosen, values + rate * error, _unchosen(values, feedback, parameters))
        learned = jnp.where(observed, learned, values)
        if is_off(parameters["rl_stickiness"]):
            return learned
        return _with_last(learned, jnp.where(observed, trial["choice"], state[options]))

    return Rule(start, predict, learn)


def _with_last(values: Array, last: Array) -> Array:
    """Pack values and the index of the last choice (-1: none yet) into one state."""
    return jnp.concatenate([values, last.astype(values.dtype)[None]])


def _unchosen(values: Array, feedback: Array, parameters: Values) -> Array:
    """Return the values after a trial on which their options were not chosen."""
    counterfactual, forget = parameters["rl_alpha_cf"], parameters["rl_forget"]
    if not is_off(counterfactual):
        values = values + counterfactual * ((1.0 - feedback) - values)
    if not is_off(forget):
        values = values + forget * (parameters["rl_q0"] - values)
    return values
