"""Time stepping of a linear system whose stiff part is diagonal.

Exponential Adams methods of fourth order (Hochbruck & Ostermann 2010, Acta Numer. 19, 209-286,
section 2.5), one prediction and one correction a step. The steps may differ. Splitting methods
would lose their order here: a potential does not vanish where the density must.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array, lax

from driftmill.likelihoods.compiled import computed_once

#: From a state, shape (size,), to what each part of the operator makes of it, shape (m, size).
Operator = Callable[[Array], Array]

_HISTORY = 4
#: Below this the integrals go by their series, above it by a recurrence.
_SERIES_BELOW, _SERIES_TERMS = 0.5, 11


class Weights(NamedTuple):
    """What a step does with the state, and with four slopes; all of shape (steps, ..., size)."""

    decay: Array
    predict: Array
    correct: Array


def weights(rates: Array, past: Array, times: Array) -> Weights:
    """Return the weights of every step.

    Parameters
    ----------
    rates
        Rates of decay of the diagonal part, 0 or more; shape (size,).
    past
        Times of the three slopes before the first step, ascending; shape (3,).
    times
        Where steps begin and end; shape (n + 1,).
    """
    n, steps = times.shape[0] - 1, jnp.diff(times)
    times = jnp.concatenate([past, times])
    places = [(times[j : j + n] - times[3 : 3 + n]) / steps for j in range(_HISTORY)]
    z = rates * steps[:, None]
    moments = computed_once(*_moments(z))
    places = list(computed_once(*places))

    def integrals(nodes: list[Array]) -> Array:
        each = []
        for coefficients in _lagrange(nodes):
            powers = computed_once(*coefficients)
            total = powers[0][:, None] * moments[0]
            for coefficient, moment in zip(powers[1:], moments[1:], strict=True):
                total = total + coefficient[:, None] * moment
            each.append(total)
        return jnp.stack(each, axis=1) * steps[:, None, None]

    return Weights(jnp.exp(-z), integrals(places), integrals([*places[1:], jnp.ones(n)]))


def march(state: Array, slopes: Array, table: Weights, operator: Operator, factors: Array) -> Array:
    """Step through ``c' = -rates c + (sum_i factors_i operator_i) c``.

    Parameters
    ----------
    state
        Coefficients at the start; shape (size,).
    slopes
        What stands in brackets, times c, at the four last times; shape (4, size).
    table
        From :func:`weights`.
    operator
        The parts of the operator.
    factors
        Factors of these parts at the end of every step, and one of c itself; shape (n, m + 1).

    Returns
    -------
    Array
        Coefficients at the end of every step, shape (n, size).
    """

    def step(
        carry: tuple[Array, Array], now: tuple[Weights, Array]
    ) -> tuple[tuple[Array, Array], Array]:
        state, slopes = carry
        (decay, predict, correct), factor = now
        kept = decay * state
        predicted = kept + jnp.sum(predict * slopes, axis=0)
        older = slopes[1:]
        ahead = slope_of(predicted, operator, factor)
        state = kept + jnp.sum(correct[:3] * older, axis=0) + correct[3] * ahead
        newest = slope_of(state, operator, factor)
        return (state, jnp.concatenate([older, newest[None]])), state

    states: Array = lax.scan(step, (state, slopes), (table, factors))[1]
    return states


def slope_of(state: Array, operator: Operator, factors: Array) -> Array:
    """Return the part of the derivative of ``state`` that is not diagonal."""
    return jnp.sum(factors[:-1, None] * operator(state), axis=0) + factors[-1] * state


def _moments(z: Array) -> list[Array]:
    """Return the integrals of ``exp(-z (1 - s)) s^m`` over [0, 1], for m = 0 to 3."""
    small = z < _SERIES_BELOW
    low, high = jnp.where(small, z, 0.0), jnp.where(small, 1.0, z)
    found, by_recurrence = [], (1.0 - jnp.exp(-high)) / high
    for m in range(_HISTORY):
        if m > 0:
            by_recurrence = (1.0 - m * by_recurrence) / high
        series = jnp.ones_like(z)
        for i in range(_SERIES_TERMS, 0, -1):
            series = 1.0 - low / (m + i + 1) * series
        found.append(jnp.where(small, series / (m + 1), by_recurrence))
    return found


def _lagrange(nodes: list[Array]) -> list[list[Array]]:
    """Return the coefficients, lowest power first, of the polynomials of Lagrange at 4 nodes."""
    found = []
    for i, here in enumerate(nodes):
        p, q, r = (x for j, x in enumerate(nodes) if j != i)
        scale = 1.0 / ((here - p) * (here - q) * (here - r))
        pairs = p * q + p * r + q * r
        found.append([-p * q * r * scale, pairs * scale, -(p + q + r) * scale, scale])
    return found
