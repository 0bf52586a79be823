"""What the compiler has to be told."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array, lax


def computed_once(*arrays: Array) -> tuple[Array, ...]:
    """Return ``arrays`` behind a barrier.

    XLA copies a cheap-looking expression into every kernel that uses it; kept apart, the
    exponentials and sums are computed once, which more than halves the time.
    """
    kept: tuple[Array, ...] = lax.optimization_barrier(arrays)  # type: ignore[no-untyped-call]
    return kept


def where_needed[T](needed: Array, branch: Callable[..., T], *operands: Array) -> T:
    """Return ``branch(*operands)``, or zeros where no element needs it.

    Parameters
    ----------
    needed
        Which elements will be taken from the branch.
    branch
        A function of the operands, elementwise, that gives arrays.
    operands
        Arrays. Under `jax.vmap` the branch is always computed.
    """

    def nothing(*_: Array) -> T:
        shapes = jax.eval_shape(branch, *operands)
        zeros: T = jax.tree.map(lambda like: jnp.zeros(like.shape, like.dtype), shapes)
        return zeros

    found: T = lax.cond(jnp.any(needed), branch, nothing, *operands)
    return found
