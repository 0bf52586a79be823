"""Microseconds of a log density with its gradient inside a compiled loop, on one core.

Imports nothing but JAX: rivals time their densities by the same code in their own environment.
"""

import os

os.environ["XLA_FLAGS"] = (
    "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1 "
    "--xla_force_host_platform_device_count=1"
)
os.environ["JAX_PLATFORMS"] = "cpu"

import time
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
from jax import Array

jax.config.update("jax_enable_x64", True)

#: Seconds that a loop should last at least, and how many loops the fastest is taken of.
ENOUGH, ROUNDS = 0.2, 7


def microseconds(log_density: Callable[[Array], Array], position: Sequence[float]) -> float:
    """Return the microseconds of one evaluation of value and gradient.

    Parameters
    ----------
    log_density
        From parameters, shape (d,), to the sum over all trials.
    position
        Where it is evaluated: each turn of the loop moves by the gradient, too little to matter,
        so that no turn can be left out.
    """
    value_and_grad = jax.value_and_grad(log_density)

    @jax.jit
    def loop(start: Array, turns: Array) -> Array:
        def turn(_: Array, carried: tuple[Array, Array]) -> tuple[Array, Array]:
            value, gradient = value_and_grad(carried[0])
            return carried[0] + 1e-12 * jnp.tanh(gradient), carried[1] + value

        return jax.lax.fori_loop(0, turns, turn, (start, jnp.zeros(())))[1]

    start = jnp.asarray(position, dtype=jnp.float64)

    def seconds(turns: int) -> float:
        began = time.perf_counter()
        total = float(loop(start, turns))
        if total != total:
            raise ValueError("the log density is NaN where it is timed")
        return time.perf_counter() - began

    seconds(1)
    turns = 10
    while seconds(turns) < ENOUGH:
        turns *= 2
    return min(seconds(turns) for _ in range(ROUNDS)) / turns * 1e6
