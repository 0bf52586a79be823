"""Log probabilities of choices by the softmax rule with an inverse temperature."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike


def softmax_2(response: ArrayLike, beta: ArrayLike, logit1: ArrayLike) -> Array:
    """Log probability of a choice between two options.

    Parameters
    ----------
    response
        -1 for the reference option (logit 0), +1 for the option with ``logit1``.
    beta
        Inverse temperature; positive.
    logit1
        Value of the option coded +1, relative to the reference.

    Returns
    -------
    Array
        ``log softmax(beta * [0, logit1])`` at the chosen option, elementwise; -inf with zero
        gradient for another response code or a negative ``beta``.

    Notes
    -----
    Luce (1959), Individual Choice Behavior; Sutton & Barto (2018), Reinforcement Learning,
    section 2.8.
    """
    response, beta = jnp.asarray(response), jnp.asarray(beta)
    negative = beta < 0
    utility = jnp.where(negative, 1.0, beta) * jnp.asarray(logit1)
    log_p = jax.nn.log_sigmoid(jnp.where(response > 0, utility, -utility))
    return jnp.where(negative | (jnp.abs(response) != 1), -jnp.inf, log_p)


def softmax_3(response: ArrayLike, beta: ArrayLike, logit1: ArrayLike, logit2: ArrayLike) -> Array:
    """Log probability of a choice among three options.

    Parameters
    ----------
    response
        0 for the reference option (logit 0), 1 and 2 for the options with ``logit1``, ``logit2``.
    beta
        Inverse temperature; positive.
    logit1, logit2
        Values of the options coded 1 and 2, relative to the reference.

    Returns
    -------
    Array
        ``log softmax(beta * [0, logit1, logit2])`` at the chosen option, elementwise; -inf with
        zero gradient for another response code or a negative ``beta``.
    """
    response, beta = jnp.asarray(response), jnp.asarray(beta)
    negative = beta < 0
    safe = jnp.where(negative, 1.0, beta)
    utilities = (0.0, safe * jnp.asarray(logit1), safe * jnp.asarray(logit2))
    chosen = jnp.where(response == 2, utilities[2], jnp.where(response == 1, utilities[1], 0.0))
    # The largest utility cancels from the value; as a constant it keeps the gradient exact.
    top = jax.lax.stop_gradient(jnp.maximum(jnp.maximum(utilities[1], utilities[2]), 0.0))
    rest = sum((jnp.exp(u - top) for u in utilities), start=jnp.zeros_like(top))
    log_p = (chosen - top) - jnp.log(rest)
    known = (response == 0) | (response == 1) | (response == 2)
    return jnp.where(negative | ~known, -jnp.inf, log_p)
