"""Survivor functions by quadrature of a density over the times that are left.

For models that have no closed form but a cheap, smooth density. Summands are positive and added
up in log space, so that no small probability is a difference of large ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.typing import ArrayLike

from driftmill.likelihoods.logarithm import log

_X, _W = np.polynomial.legendre.leggauss(8)
#: Panels of the ways beyond a time, in units of it: even in their logarithm, but for the first.
_EDGES = np.concatenate([[0.0], np.exp(np.linspace(-9.0, 7.0, 20))])
_HALF = 0.5 * np.diff(_EDGES)[:, None]
_WAYS = (_EDGES[:-1, None] + _HALF * (1.0 + _X)).ravel()
_LOG_WEIGHTS = np.log(_HALF * _W).ravel()

#: ``(columns, *parameters)`` to a log density or log probability, elementwise.
Function = Callable[..., Array]


def survivor_of(
    log_density: Function, choices: Sequence[int], shift: int | None = None
) -> Function:
    """Make the log survivor function of a model from its log density alone.

    Parameters
    ----------
    log_density
        ``(rt, response, *parameters)``, elementwise in all of them, of total mass 1.
    choices
        All responses.
    shift
        The place of the non-decision time among the parameters.

    Returns
    -------
    Callable
        ``(rt, *parameters)``: elementwise, 0 up to the non-decision time. It costs 160 densities
        of each response. For smooth densities, such as those of diffusions between constant
        bounds, the error is about 1e-8 of the probability where decisions end within a thousand
        times ``rt``; a kink after ``rt``, such as an end of the support, costs most digits.
    """

    def log_survivor(rt: ArrayLike, *parameters: ArrayLike) -> Array:
        rt = jnp.asarray(rt)
        time = rt if shift is None else rt - jnp.asarray(parameters[shift])
        early = time <= 0
        time = jnp.where(early, 1.0, time)[..., None]
        start = jnp.where(early, rt + 1.0, rt)[..., None]
        at = start + time * jnp.asarray(_WAYS, time.dtype)
        values = [jnp.asarray(x)[..., None] for x in parameters]
        weights = jnp.asarray(_LOG_WEIGHTS, time.dtype)
        parts = [log_density(at, choice, *values) + weights for choice in choices]
        log_s = log_sum(jnp.concatenate(parts, axis=-1)) + log(time[..., 0])
        return jnp.where(early, 0.0, jnp.minimum(log_s, 0.0))

    return log_survivor


def log_sum(log_p: Array) -> Array:
    """Log of the sum over the last axis; where all are -inf that, with finite gradients."""
    top = lax.stop_gradient(jnp.max(log_p, axis=-1))
    nothing = top == -jnp.inf
    top = jnp.where(nothing, 0.0, top)
    total = jnp.sum(jnp.exp(log_p - top[..., None]), axis=-1)
    return jnp.where(nothing, -jnp.inf, top + log(jnp.where(nothing, 1.0, total)))
