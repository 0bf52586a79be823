"""Lapses: trials on which a participant answers without the model, at random."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import Array, lax
from jax.typing import ArrayLike

from driftmill.likelihoods.logarithm import log, log1p

#: Lapse response times are uniform from 0 to this many seconds.
RT_LAPSE_UPPER = 20.0


def log_lapse(rt: ArrayLike | None, n_choices: int, upper: float = RT_LAPSE_UPPER) -> Array:
    """Log density of a lapse: any choice, at any time up to ``upper``.

    Parameters
    ----------
    rt
        Response times in seconds, or None where the model speaks of choices alone.
    n_choices
        Number of responses the model knows; a lapse gives each the same share.
    upper
        End of the uniform distribution of lapse times, in seconds.

    Returns
    -------
    Array
        ``-log(upper * n_choices)`` inside [0, upper] and -inf outside; without ``rt`` the
        scalar ``-log(n_choices)``.
    """
    if rt is None:
        return jnp.asarray(-math.log(n_choices))
    rt = jnp.asarray(rt)
    return jnp.where((rt < 0) | (rt > upper), -jnp.inf, -math.log(upper * n_choices))


def mix(log_density: ArrayLike, p_outlier: ArrayLike, log_lapse: ArrayLike) -> Array:
    """Log density of a mixture of the model and lapses.

    Parameters
    ----------
    log_density
        The model's log density; may be -inf.
    p_outlier
        Probability of a lapse in [0, 1]; a number, or one an element.
    log_lapse
        The lapse's log density, see :func:`log_lapse`; may be -inf.

    Returns
    -------
    Array
        ``log((1 - p_outlier) exp(log_density) + p_outlier exp(log_lapse))``, elementwise. All
        gradients are finite for ``p_outlier`` inside (0, 1), and at 0 and 1 for the other two.
    """
    p_outlier = jnp.asarray(p_outlier)
    never, always = p_outlier == 0, p_outlier == 1
    inner = jnp.where(never | always, 0.5, p_outlier)
    model = jnp.asarray(log_density) + jnp.where(
        always, -jnp.inf, jnp.where(never, 0.0, log1p(-inner))
    )
    lapse = jnp.asarray(log_lapse) + jnp.where(never, -jnp.inf, jnp.where(always, 0.0, log(inner)))
    top = lax.stop_gradient(jnp.maximum(model, lapse))
    impossible = top == -jnp.inf
    top = jnp.where(impossible, 0.0, top)
    total = jnp.exp(model - top) + jnp.exp(lapse - top)
    return jnp.where(impossible, -jnp.inf, top + log(jnp.where(impossible, 1.0, total)))
