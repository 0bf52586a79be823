"""NumPyro's NUTS kernel as two compiled programs: one starts a chain, one moves it on.

A chain runs in pieces of ``PIECE`` iterations, so that between two pieces a clock can be
read and a line printed. The kernel works on whitened coordinates z with
``position = mode + scale @ z``; the dense mass matrix is adapted from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpyro.infer.hmc import hmc

from driftmill.models.declaration import FloatArray
from driftmill.sampling.mode import Mode

#: Iterations a call of the compiled program.
PIECE = 100
LogDensityOfData = Callable[[jax.Array, tuple[jax.Array, ...]], jax.Array]


class OutOfTimeError(Exception):
    """A posterior went over its time limit."""


@dataclass(frozen=True)
class Kernel:
    """The compiled programs of one rung.

    Parameters
    ----------
    init
        ``(z, key, data, mode, scale)`` to a state.
    advance
        ``(state, n, data, mode, scale)`` to a state and the first n of ``PIECE`` records.
    warmup
        Iterations of adaptation that the state goes through first.
    """

    init: Callable[..., Any]
    advance: Callable[..., Any]
    warmup: int


@dataclass(frozen=True)
class Chain:
    """One chain's draws (draw, d) on the unconstrained scale and its statistics (draw,)."""

    positions: FloatArray
    stats: dict[str, Any]


def build_kernel(
    log_density: LogDensityOfData, warmup: int, target_accept: float, max_tree_depth: int
) -> Kernel:
    """Compile (on first use) the programs of one rung for every dataset of one shape."""

    def potential_of(data: Any, mode: Any, scale: Any) -> Callable[[jax.Array], jax.Array]:
        return lambda z: -log_density(mode + scale @ z, data)

    init_kernel, sample_kernel = hmc(potential_fn_gen=potential_of, algo="NUTS")

    @jax.jit
    def init(z: Any, key: Any, *args: Any) -> Any:
        return init_kernel(
            z,
            warmup,
            step_size=0.8,
            dense_mass=True,
            target_accept_prob=target_accept,
            max_tree_depth=max_tree_depth,
            model_args=args,
            rng_key=key,
        )

    @jax.jit
    def advance(state: Any, n: Any, *args: Any) -> Any:
        mode, scale = args[1], args[2]
        shapes = {
            "position": (PIECE, mode.size),
            "diverging": (PIECE,),
            "n_steps": (PIECE,),
            "acceptance_rate": (PIECE,),
            "energy": (PIECE,),
            "step_size": (PIECE,),
            "lp": (PIECE,),
        }
        records = {name: jnp.zeros(shape) for name, shape in shapes.items()}

        def step(i: Any, carry: Any) -> Any:
            state, records = carry
            state = sample_kernel(state, args)
            record = {
                "position": mode + scale @ state.z,
                "diverging": state.diverging,
                "n_steps": state.num_steps,
                "acceptance_rate": state.accept_prob,
                "energy": state.energy,
                "step_size": state.adapt_state.step_size,
                "lp": -state.potential_energy,
            }
            return state, {name: records[name].at[i].set(record[name]) for name in records}

        return jax.lax.fori_loop(0, n, step, (state, records))

    return Kernel(init, advance, warmup)


def run_chain(
    kernel: Kernel,
    data: tuple[jax.Array, ...],
    mode: Mode,
    z: FloatArray,
    key: jax.Array,
    draws: int,
    check_time: Callable[[], None],
) -> Chain:
    """Run one chain through its warm-up and ``draws`` kept iterations.

    Parameters
    ----------
    kernel
        The rung's programs.
    data
        The dataset, as the lifted log density takes it.
    mode
        Centre and scale of the whitened coordinates.
    z
        Where the chain starts, shape (d,), in whitened coordinates.
    key
        The chain's random key.
    draws
        Iterations kept.
    check_time
        Called between pieces; raises ``OutOfTimeError`` to stop the chain.
    """
    args = (data, jnp.asarray(mode.position), jnp.asarray(mode.scale))
    state = kernel.init(jnp.asarray(z), key, *args)
    pieces = []
    for total, keep in ((kernel.warmup, False), (draws, True)):
        for begin in range(0, total, PIECE):
            n = min(PIECE, total - begin)
            state, records = kernel.advance(state, n, *args)
            check_time()
            if keep:
                pieces.append({name: np.asarray(values)[:n] for name, values in records.items()})
    joined = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    positions = joined.pop("position")
    joined["diverging"] = joined["diverging"].astype(bool)
    joined["n_steps"] = joined["n_steps"].astype(np.int64)
    return Chain(positions, joined)
