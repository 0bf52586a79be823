"""Races in general: independent accumulators, of which the first to finish decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike


class Finishes(NamedTuple):
    """When accumulators finish: the logs of densities and survivor functions, first axis theirs."""

    log_density: Array
    log_survivor: Array


def log_race(response: ArrayLike, codes: Sequence[int], finishes: Finishes) -> Array:
    """Log density of a race: the density of the winner times the survivors of the others.

    Parameters
    ----------
    response
        The winner's code.
    codes
        The code of each accumulator.
    finishes
        When each of them finishes, at the time of the response.

    Returns
    -------
    Array
        Elementwise; -inf with zero gradient for a code that is none of theirs.
    """
    response = jnp.asarray(response)
    unknown, total = ~jnp.isnan(response), jnp.zeros_like(finishes.log_density[0])
    for code, density, survivor in zip(codes, *finishes, strict=True):
        won = response == code
        unknown = unknown & ~won
        total = total + jnp.where(won, density, survivor)
    # A response that is NaN is no unknown code.
    return jnp.where(unknown, -jnp.inf, jnp.where(jnp.isnan(response), jnp.nan, total))


def stacked(*arrays: ArrayLike) -> tuple[Array, ...]:
    """Return arrays in one shape and type, so that those of several accumulators can be stacked."""
    together = jnp.broadcast_arrays(*(jnp.asarray(x) for x in arrays))
    return tuple(x.astype(jnp.result_type(*arrays)) for x in together)


def where_possible(early: Array, impossible: Array, log_p: Array) -> Array:
    """Return a log density, -inf before any response and where there can be none."""
    return jnp.where(early | impossible, -jnp.inf, log_p)


def until_response(early: Array, impossible: Array, log_s: Array) -> Array:
    """Return a log survivor function, 0 before any response and -inf where there is no model."""
    return jnp.where(impossible, -jnp.inf, jnp.where(early, 0.0, log_s))
