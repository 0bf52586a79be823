"""Hierarchical Gaussian filters: beliefs about binary or continuous inputs, trial by trial.

Notation as in Mathys et al. (2011), Front. Hum. Neurosci. 5:39; (2014), Front. Hum. Neurosci.
8:825; Weber et al. (2023), arXiv 2305.10937. ``mu`` are means and ``pi`` precisions after a
trial; with ``hat`` they are predictions before it. `random_walks` says how precisions are
kept positive.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.processes.random_walks import Beliefs, Predicted, RandomWalks, Update, packed
from driftmill.processes.rule import Rule, State, Trial, Values, is_off
from driftmill.processes.trajectory import trajectory

#: Levels above a filter's input, or with a binary input's probability as the first.
Levels = Literal[2, 3]
_LOG_TWO_PI = math.log(2.0 * math.pi)


def hgf_binary(levels: Levels = 2, update: Update = "ehgf") -> Rule:
    """Return the filter of binary inputs.

    Parameters
    ----------
    levels
        2, or 3 with a volatility that is learned too.
    update
        How the third level is updated; there is one way for the second.

    Returns
    -------
    Rule
        It predicts mu2hat, the log odds that the next input ``u`` is 1, shape (lanes,). Its
        parameters are ``omega2``, ``rho2``, ``lam2``, ``mu2_start``, ``pi2_start``,
        ``hgf_alpha``, and with 3 levels ``kappa`` and those of level 3. A trial that is not
        observed leaves all levels at their predictions.
    """
    return _binary(levels, update).rule()


def hgf_continuous(levels: Levels = 2, update: Update = "ehgf") -> Rule:
    """Return the filter of continuous inputs with Gaussian noise of known precision.

    Parameters
    ----------
    levels
        2 (the input and its mean), or 3 with the volatility of the mean learned too.
    update
        How the level of the volatility is updated.

    Returns
    -------
    Rule
        It predicts mu1hat, the mean behind the next input ``u``, shape (lanes,). Its parameters
        are ``omega1``, ``rho1``, ``lam1``, ``mu1_start``, ``pi1_start``, ``pi_in``, ``rho0``,
        ``hgf_alpha``, and with 3 levels ``kappa`` and those of level 2, the volatility; level 0
        is the input. A trial that is not observed leaves all levels at their predictions.
    """
    return _continuous(levels, update).rule()


def hgf_binary_levels(
    parameters: Mapping[str, ArrayLike],
    trials: Mapping[str, ArrayLike],
    *,
    levels: Levels = 2,
    update: Update = "ehgf",
    cues: int = 1,
) -> dict[str, Array]:
    """Return the beliefs of a binary filter on every trial.

    Parameters
    ----------
    parameters, trials, cues
        As `trajectory` takes them.
    levels, update
        As `hgf_binary` takes them.

    Returns
    -------
    dict
        By name, of shape (trials, lanes): ``mu1hat`` (probability that the input is 1),
        ``mu2hat``, ``pi2hat``, ``mu2``, ``pi2``, and with 3 levels ``mu3hat``, ``pi3hat``,
        ``mu3``, ``pi3``.
    """
    binary = _binary(levels, update)

    def tell(state: State, trial: Trial, values: Values) -> dict[str, Array]:
        before, after = binary.beliefs(state, trial, values)
        return {"mu1hat": jax.nn.sigmoid(before.means[0]), **binary.named(before, after)}

    told: dict[str, Array] = trajectory(binary.rule(tell), parameters, trials, cues)
    return told


def hgf_continuous_levels(
    parameters: Mapping[str, ArrayLike],
    trials: Mapping[str, ArrayLike],
    *,
    levels: Levels = 2,
    update: Update = "ehgf",
    cues: int = 1,
) -> dict[str, Array]:
    """Return the beliefs and surprises of a continuous filter on every trial.

    Parameters
    ----------
    parameters, trials, cues
        As `trajectory` takes them.
    levels, update
        As `hgf_continuous` takes them.

    Returns
    -------
    dict
        By name, of shape (trials, lanes): ``mu0hat`` (predicted input), ``mu1hat``, ``pi1hat``,
        ``mu1``, ``pi1``, with 3 levels ``mu2hat``, ``pi2hat``, ``mu2``, ``pi2``; and Gaussian
        surprises, 0 where there is no input: ``surprise_first_level``, -log N(u; mu1hat,
        pi1hat), and ``surprise_total``, that of the input given mu0hat and pi_in plus those of
        every level's mean given its prediction.
    """
    continuous = _continuous(levels, update)

    def tell(state: State, trial: Trial, values: Values) -> dict[str, Array]:
        before, after = continuous.beliefs(state, trial, values)
        u, expected = trial["u"], _expected_input(before, values)
        total = _surprise(u, expected, values["pi_in"])
        for mean, *prediction in zip(after.means, *before, strict=True):
            total = total + _surprise(mean, *prediction)
        first = _surprise(u, before.means[0], before.precisions[0])
        return {
            "mu0hat": expected,
            **continuous.named(before, after),
            "surprise_first_level": jnp.where(trial["observed"], first, 0.0),
            "surprise_total": jnp.where(trial["observed"], total, 0.0),
        }

    told: dict[str, Array] = trajectory(continuous.rule(tell), parameters, trials, cues)
    return told


@dataclass(frozen=True)
class _Filter:
    """Random walks above an input.

    ``observe(before, trial, parameters)`` returns the mean and precision of the lower walk after
    the trial's input, given the beliefs before it.
    """

    walks: RandomWalks
    observe: Callable[[Beliefs, Trial, Values], tuple[Array, Array]]

    def rule(self, tell: Callable[[State, Trial, Values], Any] | None = None) -> Rule:
        """Return the filter as a learning rule that tells the lower walk's predicted mean."""

        def predict(state: State, trial: Trial, parameters: Values) -> Array:
            return self.walks.predict(state, trial["elapsed"], parameters).beliefs.means[0]

        def learn(state: State, trial: Trial, parameters: Values) -> State:
            return packed(self.beliefs(state, trial, parameters)[1])

        return Rule(self.walks.start, tell or predict, learn)

    def beliefs(self, state: State, trial: Trial, parameters: Values) -> tuple[Beliefs, Beliefs]:
        """Return the beliefs before and after a trial."""
        elapsed = trial["elapsed"]
        predicted: Predicted = self.walks.predict(state, elapsed, parameters)
        before = predicted.beliefs
        lower = self.observe(before, trial, parameters)
        after = self.walks.observe(state, predicted, *lower, elapsed, parameters)
        kept = jax.tree.map(lambda new, old: jnp.where(trial["observed"], new, old), after, before)
        return before, kept

    def named(self, before: Beliefs, after: Beliefs) -> dict[str, Array]:
        """Return beliefs by the names that the literature has for them."""
        told: dict[str, Array] = {}
        for i in range(self.walks.count):
            level = self.walks.lowest + i
            told |= {f"mu{level}hat": before.means[i], f"pi{level}hat": before.precisions[i]}
            told |= {f"mu{level}": after.means[i], f"pi{level}": after.precisions[i]}
        return told


def _binary(levels: Levels, update: Update) -> _Filter:
    return _Filter(RandomWalks(2, 1 if levels == 2 else 2, update), _observe_binary)


def _continuous(levels: Levels, update: Update) -> _Filter:
    return _Filter(RandomWalks(1, 1 if levels == 2 else 2, update), _observe_continuous)


def _observe_binary(before: Beliefs, trial: Trial, parameters: Values) -> tuple[Array, Array]:
    mean, precision, alpha = before.means[0], before.precisions[0], parameters["hgf_alpha"]
    probability = jax.nn.sigmoid(mean)
    information, error = probability * (1.0 - probability), trial["u"] - probability
    if not is_off(alpha, 1.0):
        information, error = jnp.square(alpha) * information, alpha * error
    updated = precision + information
    return mean + error / updated, updated


def _observe_continuous(before: Beliefs, trial: Trial, parameters: Values) -> tuple[Array, Array]:
    alpha, known = parameters["hgf_alpha"], parameters["pi_in"]
    updated = before.precisions[0] + jnp.square(alpha) * known
    error = trial["u"] - _expected_input(before, parameters)
    return before.means[0] + alpha * known / updated * error, updated


def _expected_input(before: Beliefs, parameters: Values) -> Array:
    return jnp.add(parameters["rho0"], parameters["hgf_alpha"] * before.means[0])


def _surprise(value: Array, mean: Array, precision: Any) -> Array:
    """Return -log N(value; mean, 1 / precision)."""
    squared = precision * jnp.square(value - mean)
    return jnp.divide(_LOG_TWO_PI - jnp.log(precision) + squared, 2.0)
