"""Log probabilities of choices by the softmax rule with an inverse temperature."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.logarithm import log


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
    return _softmax(response, beta, (logit1, logit2))


def softmax_4(
    response: ArrayLike, beta: ArrayLike, logit1: ArrayLike, logit2: ArrayLike, logit3: ArrayLike
) -> Array:
    """Log probability of a choice among four options.

    Parameters
    ----------
    response
        0 for the reference option (logit 0), 1 to 3 for the options with ``logit1`` to
        ``logit3``.
    beta
        Inverse temperature; positive.
    logit1, logit2, logit3
        Values of the options coded 1, 2 and 3, relative to the reference.

    Returns
    -------
    Array
        As `softmax_3`.
    """
    return _softmax(response, beta, (logit1, logit2, logit3))


def _softmax(response: ArrayLike, beta: ArrayLike, logits: tuple[ArrayLike, ...]) -> Array:
    response, beta = jnp.asarray(response), jnp.asarray(beta)
    negative = beta < 0
    safe = jnp.where(negative, 1.0, beta)
    utilities = (jnp.zeros_like(safe), *(safe * jnp.asarray(logit) for logit in logits))
    chosen, known, highest = utilities[0], response == 0, utilities[0]
    for option, utility in enumerate(utilities[1:], start=1):
        chosen = jnp.where(response == option, utility, chosen)
        known = known | (response == option)
        highest = jnp.maximum(highest, utility)
    # The largest utility cancels from the value; as a constant it keeps the gradient exact.
    top = jax.lax.stop_gradient(highest)
    rest = sum((jnp.exp(u - top) for u in utilities), start=jnp.zeros_like(top))
    log_p = (chosen - top) - log(rest)
    return jnp.where(negative | ~known, -jnp.inf, log_p)
