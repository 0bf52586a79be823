"""Beliefs about Gaussian random walks, one alone or with a second one that sets its volatility.

The shared core of every hierarchical Gaussian filter. The lower walk has parameters
numbered by its place in the model (``omega2``, ``rho2``, ``lam2``, ``mu2_start``, ``pi2_start``
for the second level), the upper one by the next place; ``kappa`` couples them.

A precision never fails to be positive and finite, so no belief is ever NaN:

- Log variances of a step (omega, or omega + kappa mu of the upper walk, a unit of time) are taken
  as they are up to 20 and bend over smoothly beyond, towards 25. Precisions then stay
  above zero where they would have been lost to overflow. Inputs in very small units, which
  move by e^10 a trial, are better scaled.
- The ``standard`` posterior precision of the upper walk may be negative by its equation. It is
  taken as it is down to a hundredth of its prediction, and bends over smoothly below, towards
  half of that.

Both bends are continuous with their slopes and never flat: the log density falls without
a cliff where the equations break down, and a sampler can follow its gradient back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import jax.numpy as jnp
from jax import Array

from driftmill.processes.rule import Values, is_off

#: How the upper walk is updated: Mathys et al. (2011, 2014), or Weber et al. (2023).
Update = Literal["standard", "ehgf"]

_HIGHEST_LOG_VARIANCE = 20.0
_ROOM_ABOVE = 5.0
_LEAST_SHARE = 0.01


class Beliefs(NamedTuple):
    """Means and precisions of the walks, of shape (lanes,); one entry a walk, the lower first."""

    means: tuple[Array, ...]
    precisions: tuple[Array, ...]


class Predicted(NamedTuple):
    """Beliefs before a trial, and the variance of the lower walk's step to it."""

    beliefs: Beliefs
    variance: Array


@dataclass(frozen=True)
class RandomWalks:
    """One random walk, or two of which the upper sets the volatility of the lower.

    Parameters
    ----------
    lowest
        Number of the lower walk in the names of its parameters.
    count
        1 or 2.
    update
        How the upper walk is updated.
    """

    lowest: int
    count: Literal[1, 2]
    update: Update

    def start(self, parameters: Values, lanes: int) -> Array:
        """Return the packed state before the first trial, shape (2 * count, lanes)."""
        names = [f"{q}{self.lowest + i}_start" for i in range(self.count) for q in ("mu", "pi")]
        return jnp.stack([jnp.broadcast_to(jnp.asarray(parameters[n]), (lanes,)) for n in names])

    def predict(self, state: Array, elapsed: Any, parameters: Values) -> Predicted:
        """Return the beliefs before a trial, so much time after the trial before.

        Notes
        -----
        Mathys et al. (2014), with drift and autoconnection as in Weber et al. (2023).
        """
        log_variance = parameters[f"omega{self.lowest}"]
        above: tuple[tuple[Array, Array], ...] = ()
        if self.count == 2:
            upper = self.lowest + 1
            mean = _drifted(state[2], upper, elapsed, parameters)
            precision = 1.0 / (1.0 / state[3] + _variance(parameters[f"omega{upper}"], elapsed))
            log_variance = log_variance + parameters["kappa"] * mean
            above = ((mean, precision),)
        mean = _drifted(state[0], self.lowest, elapsed, parameters)
        variance = _variance(log_variance, elapsed)
        precision = 1.0 / (1.0 / state[1] + variance)
        means, precisions = zip((mean, precision), *above, strict=True)
        return Predicted(Beliefs(means, precisions), variance)

    def observe(
        self,
        state: Array,
        predicted: Predicted,
        mean: Array,
        precision: Array,
        elapsed: Any,
        parameters: Values,
    ) -> Beliefs:
        """Return the beliefs after a trial that has led the lower walk to a mean and precision."""
        if self.count == 1:
            return Beliefs((mean,), (precision,))
        error = 1.0 / precision + jnp.square(mean - predicted.beliefs.means[0])
        revise = {"standard": _standard, "ehgf": _ehgf}[self.update]
        volatility = (parameters["kappa"], parameters[f"omega{self.lowest}"], elapsed)
        upper_mean, upper_precision = revise(1.0 / state[1], predicted, error, *volatility)
        return Beliefs((mean, upper_mean), (precision, upper_precision))


def packed(beliefs: Beliefs) -> Array:
    """Return the state that holds these beliefs."""
    pairs = zip(beliefs.means, beliefs.precisions, strict=True)
    return jnp.stack([entry for pair in pairs for entry in pair])


def _drifted(mean: Array, place: int, elapsed: Any, parameters: Values) -> Array:
    lam, rho = parameters[f"lam{place}"], parameters[f"rho{place}"]
    kept = mean if is_off(lam, 1.0) else lam * mean
    return kept if is_off(rho) else kept + elapsed * rho


def _variance(log_variance: Any, elapsed: Any) -> Array:
    """Return the variance of a step; above e^20 a unit of time it bends over, towards e^25."""
    over = jnp.maximum(log_variance - _HIGHEST_LOG_VARIANCE, 0.0)
    bent = _ROOM_ABOVE * (1.0 - 1.0 / (1.0 + over / _ROOM_ABOVE))
    variance = jnp.exp(jnp.minimum(log_variance, _HIGHEST_LOG_VARIANCE) + bent)
    return variance if is_off(elapsed, 1.0) else elapsed * variance


def _standard(
    before: Array, predicted: Predicted, error: Array, kappa: Any, omega: Any, elapsed: Any
) -> tuple[Array, Array]:
    """Return the upper walk's posterior by Mathys et al. (2011, 2014).

    ``before`` is the lower walk's variance before its step, ``error`` its posterior variance
    plus its squared prediction error.
    """
    mean, precision = predicted.beliefs.means[1], predicted.beliefs.precisions[1]
    lower = predicted.beliefs.precisions[0]
    share = kappa * (predicted.variance * lower)
    surprise = lower * error - 1.0
    square = jnp.square(share)
    updated = precision + square / 2 + square * surprise - kappa * share * surprise / 2
    least = _LEAST_SHARE * precision
    under = jnp.maximum(least - updated, 0.0) / least
    floored = jnp.maximum(updated, least) - least * under / (1.0 + 2.0 * under)
    return mean + share * surprise / (2.0 * floored), floored


def _ehgf(
    before: Array, predicted: Predicted, error: Array, kappa: Any, omega: Any, elapsed: Any
) -> tuple[Array, Array]:
    """Return the upper walk's posterior by Weber et al. (2023): the mean first.

    The lower walk's step is then seen with the volatility of the new mean; the precision never
    falls below its prediction. Arguments as those of `_standard`.
    """
    mean, precision = predicted.beliefs.means[1], predicted.beliefs.precisions[1]
    lower = predicted.beliefs.precisions[0]
    share = kappa * (predicted.variance * lower)
    mean = mean + share * (lower * error - 1.0) / (2.0 * precision)
    variance = _variance(omega + kappa * mean, elapsed)
    total = 1.0 / (before + variance)
    share = variance * total
    balance = (variance - before) * total
    surprise = total * error - 1.0
    gain = jnp.square(kappa) / 2 * share * (share + balance * surprise)
    return mean, precision + jnp.maximum(gain, 0.0)
