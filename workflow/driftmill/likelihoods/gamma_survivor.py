"""Survivor function of the gamma distribution in log space, with its derivatives.

``Q(k, x) = Gamma(k, x) / Gamma(k)``: by the power series of its complement where ``x`` is small,
by Legendre's continued fraction where it is large (DLMF 8.7.1 and 8.9.2). Both take a number of
terms that is always the same, so that a value does not depend on its neighbours.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.scipy.special import gammaln
from jax.typing import ArrayLike

from driftmill.likelihoods.logarithm import log

#: Enough for 12 digits up to a shape of 100.
_TERMS = 120


@jax.custom_jvp
def log_gamma_survivor(k: ArrayLike, x: ArrayLike) -> Array:
    """Log probability that a gamma variable of shape ``k`` and rate 1 exceeds ``x``.

    Parameters
    ----------
    k
        Shape; positive.
    x
        Positive.

    Returns
    -------
    Array
        Elementwise. Its derivative rule is exact and can itself be differentiated forwards.
    """
    k, x = jnp.broadcast_arrays(jnp.asarray(k), jnp.asarray(x))
    early = x < jnp.maximum(k + 1.0, 2.0)
    log_power = k * log(x) - x
    small, large = jnp.where(early, x, 0.5), jnp.where(early, k + 2.0, x)
    log_complement = log_power - gammaln(k + 1.0) + log(_power_series(k, small))
    complement = jnp.exp(jnp.where(early, log_complement, -1.0))
    # A complement that rounds to 1 leaves what rounding leaves of the survivor, not nothing.
    least = np.finfo(x.dtype).eps
    by_series = log(jnp.maximum(1.0 - complement, least))
    by_fraction = log_power - gammaln(k) - log(_continued_fraction(k, large))
    return jnp.where(early, by_series, by_fraction)


@log_gamma_survivor.defjvp
def _log_gamma_survivor_jvp(
    primals: tuple[Array, Array], tangents: tuple[Array, Array]
) -> tuple[Array, Array]:
    k, x = primals
    value, by_k = jax.jvp(lambda shape: log_gamma_survivor.fun(shape, x), (k,), (jnp.ones_like(k),))
    by_x = -jnp.exp((k - 1.0) * log(x) - x - gammaln(k) - value)
    return value, by_k * tangents[0] + by_x * tangents[1]


def _power_series(k: Array, x: Array) -> Array:
    """Sum ``x^n / ((k + 1) ... (k + n))`` over n from 0."""

    def add(n: int, so_far: tuple[Array, Array]) -> tuple[Array, Array]:
        term, total = so_far
        term = term * (x / (k + n))
        return term, total + term

    one = jnp.ones_like(x)
    total: Array = lax.fori_loop(1, _TERMS + 1, add, (one, one))[1]
    return total


def _continued_fraction(k: Array, x: Array) -> Array:
    """Return ``x + 1 - k - 1 (1 - k) / (x + 3 - k - 2 (2 - k) / (...))``."""

    def fold(i: int, rest: Array) -> Array:
        n = _TERMS - i
        return x + (2 * n - 1) - k - n * (n - k) / rest

    whole: Array = lax.fori_loop(0, _TERMS, fold, x + (2 * _TERMS + 1) - k)
    return whole
