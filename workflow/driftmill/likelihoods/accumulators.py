"""What accumulators share that start uniformly in (0, A) and finish at ``b``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike


class Trial(NamedTuple):
    """The arguments in one type, made safe: where ``early`` or ``impossible`` stand-ins."""

    early: Array
    impossible: Array
    time: Array
    A: Array
    gap: Array  # from the highest start to the threshold
    drifts: tuple[Array, ...]  # of every accumulator


def trial_of(
    rt: ArrayLike, A: ArrayLike, b: ArrayLike, drifts: Sequence[ArrayLike], t: ArrayLike
) -> Trial:
    """Return the arguments of a density; drifts may be any number."""
    rt, A, b, t, *each = in_one_type(rt, A, b, t, *drifts)
    time = rt - t
    early, flat = time <= 0, (A < 0) | (b <= A)
    time = jnp.where(early, 1.0, time)
    gap = jnp.where(flat, 0.5, b - A)
    return Trial(early, flat, time, jnp.where(flat, 0.5, A), gap, tuple(each))


def in_one_type(*arrays: ArrayLike) -> tuple[Array, ...]:
    """Return arrays in the type of all together, each in its own shape."""
    kind = jnp.result_type(*arrays)
    return tuple(jnp.asarray(x).astype(kind) for x in arrays)
