"""NumPyro's NUTS kernel as two compiled programs: one starts a chain, one moves it on.

A chain runs in pieces of ``PIECE`` iterations, so that between two pieces a clock can be
read and a line printed. The kernel works on whitened coordinates z with
``position = mode + scale @ z``, scales apart from what
they multiply; the mass matrix is adapted from there.
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
from driftmill.sampling.mode import Mode, position_of

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
        ``(z, key, data, mode)`` to a state; ``mode`` is ``Mode.arrays``.
    advance
        ``(state, n, data, mode)`` to a state and the first n of ``PIECE`` records.
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
    log_density: LogDensityOfData,
    warmup: int,
    target_accept: float,
    max_tree_depth: int,
    dense: bool = True,
) -> Kernel:
    """Compile (on first use) the programs of one rung for every dataset of one structure.

    Parameters
    ----------
    log_density
        ``(position, data)`` to the log density.
    warmup, target_accept
        Iterations of adaptation, and the acceptance that the step size is adapted to.
    max_tree_depth
        Doublings of a trajectory at most.
    dense
        Whether the mass matrix of the whitened coordinates is dense or diagonal.
    """

    def potential_of(data: Any, mode: Any) -> Callable[[jax.Array], jax.Array]:
        def potential(z: jax.Array) -> jax.Array:
            position, log_slope = position_of(z, mode)
            return jnp.asarray(-log_density(position, data) - log_slope)

        return potential

    init_kernel, sample_kernel = hmc(potential_fn_gen=potential_of, algo="NUTS")

    @jax.jit
    def init(z: Any, key: Any, *args: Any) -> Any:
        return init_kernel(
            z,
            warmup,
            step_size=0.8,
            dense_mass=dense,
            target_accept_prob=target_accept,
            max_tree_depth=max_tree_depth,
            model_args=args,
            rng_key=key,
        )

    @jax.jit
    def advance(state: Any, n: Any, *args: Any) -> Any:
        mode = args[1]
        shapes = {
            "position": (PIECE, mode[0].size),
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
                "position": position_of(state.z, mode)[0],
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
    args = (data, mode.arrays)
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
