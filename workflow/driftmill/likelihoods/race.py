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


def together(values: Sequence[Array], *beside: Array) -> Array:
    """Return what each accumulator has as one array, first axis theirs.

    Parameters
    ----------
    values
        One an accumulator.
    beside
        Arrays into whose shapes they are brought.
    """
    shape = jnp.broadcast_shapes(*(x.shape for x in (*values, *beside)))
    return jnp.stack([jnp.broadcast_to(x, shape) for x in values])


def winner_and_losers(
    response: ArrayLike, values: Sequence[Array], *beside: Array
) -> tuple[Array, Array]:
    """Return what belongs to the first to finish, and what to the others.

    Parameters
    ----------
    response
        The number of the winner, from 0.
    values
        What each accumulator has, say its drift.
    beside
        Arrays into whose shapes they are brought.

    Returns
    -------
    winner, losers
        Of the losers the first axis is theirs. Where the response is no number of theirs, those
        of some.
    """
    response = jnp.asarray(response)
    winner, *others = values
    losers = []
    for k, value in enumerate(others, start=1):
        # Those after the winner move up by one.
        losers.append(jnp.where(response < k, value, values[k - 1]))
        winner = jnp.where(response == k, value, winner)
    return winner, together(losers, response, *beside)


def where_known(response: ArrayLike, accumulators: int, log_p: Array) -> Array:
    """Return a log density, -inf for a response that is no number of an accumulator."""
    response = jnp.asarray(response)
    known = jnp.stack([response == k for k in range(accumulators)]).any(axis=0)
    # A response that is NaN is no unknown code.
    other = jnp.where(jnp.isnan(response), jnp.nan, -jnp.inf)
    return jnp.where(known, log_p, other)


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
