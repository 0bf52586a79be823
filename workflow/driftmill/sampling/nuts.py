"""NumPyro's NUTS kernel as two compiled programs: one starts a chain, one moves it on.

A chain runs in pieces of at most ``PIECE`` iterations, so that between two pieces a clock can be
read, a line printed and the state kept. The kernel works on whitened coordinates z with
``position = mode + scale @ z``, scales apart from what
they multiply; the mass matrix is adapted from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from numpyro.infer.hmc import hmc

from driftmill.models.declaration import FloatArray
from driftmill.sampling.mode import Mode, position_of

#: Iterations a call of the compiled program at most, and at first.
PIECE, SMALLEST_PIECE = 100, 10
#: Seconds from which a piece is followed by a smaller one.
SECONDS = 5.0
#: A step, in units of the posterior's widths, below which a chain moves nowhere.
STUCK = 1e-6
LogDensityOfData = Callable[[jax.Array, tuple[jax.Array, ...]], jax.Array]


class OutOfTimeError(Exception):
    """A posterior went over its time limit."""


class StuckError(Exception):
    """A chain's steps became so small that its draws would be one place."""


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


@dataclass(frozen=True)
class Partial:
    """A chain between two pieces: all that its next draws depend on.

    Parameters
    ----------
    state
        The kernel's, its random key among it.
    warmed
        Iterations of adaptation that are done.
    records
        What was recorded of the iterations that are kept, by name, a piece after the other.
    """

    state: Any
    warmed: int = 0
    records: tuple[Mapping[str, FloatArray], ...] = ()

    @property
    def kept(self) -> int:
        """Iterations that are kept so far."""
        return sum(len(piece["position"]) for piece in self.records)


def start_chain(
    kernel: Kernel, data: tuple[jax.Array, ...], mode: Mode, z: FloatArray, key: jax.Array
) -> Partial:
    """Return a chain before its first iteration.

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
    """
    return Partial(kernel.init(jnp.asarray(z), key, data, mode.arrays))


def run_chain(
    kernel: Kernel,
    data: tuple[jax.Array, ...],
    mode: Mode,
    chain: Partial,
    draws: int,
    between: Callable[[Partial], None],
) -> Chain:
    """Run one chain through what is left of its warm-up and of ``draws`` kept iterations.

    Parameters
    ----------
    kernel, data, mode
        As in ``start_chain``.
    chain
        The chain at its start, or wherever it was left: where it is cut into pieces changes
        nothing.
    draws
        Iterations kept.
    between
        Called after every piece; may raise ``OutOfTimeError`` to stop the chain.

    Raises
    ------
    StuckError
        When half of the warm-up, or all of it, ends with steps below `STUCK`: each iteration that
        is left would take the longest trajectory, and get nowhere. Caught at fixed iterations,
        whatever the pieces are.
    """
    args = (data, mode.arrays)
    looks = (kernel.warmup // 2, kernel.warmup)
    n = SMALLEST_PIECE
    while chain.kept < draws:
        warming = chain.warmed < kernel.warmup
        end = next((at for at in looks if at > chain.warmed), kernel.warmup)
        size = min(n, end - chain.warmed if warming else draws - chain.kept)
        began = time.monotonic()
        advanced = kernel.advance(chain.state, size, *args)
        state, records = jax.block_until_ready(advanced)  # type: ignore[no-untyped-call]
        seconds = time.monotonic() - began
        n = min(2 * n, PIECE) if seconds < SECONDS else max(n // 2, 1)
        if warming:
            chain = Partial(state, chain.warmed + size)
            if chain.warmed in looks:
                _check_moving(float(state.adapt_state.step_size))
        else:
            piece = {name: np.asarray(values)[:size] for name, values in records.items()}
            chain = Partial(state, chain.warmed, (*chain.records, piece))
        between(chain)
    joined = joined_records(chain)
    positions = joined.pop("position")
    joined["diverging"] = joined["diverging"].astype(bool)
    joined["n_steps"] = joined["n_steps"].astype(np.int64)
    return Chain(positions, joined)


def _check_moving(step: float) -> None:
    if not step > STUCK:
        raise StuckError(f"the steps of a chain shrank to {step:.1g}: it is caught")


def joined_records(chain: Partial) -> dict[str, Any]:
    """Return the records of all pieces in one; nothing when there are none."""
    names = chain.records[0] if chain.records else ()
    return {name: np.concatenate([piece[name] for piece in chain.records]) for name in names}


def state_arrays(state: Any) -> list[NDArray[Any]]:
    """Return a kernel's state as arrays, random keys as their bits."""
    return [
        np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)
        for leaf in jax.tree.leaves(state)
    ]


def state_of(
    kernel: Kernel, arrays: Sequence[NDArray[Any]], data: tuple[jax.Array, ...], mode: Mode
) -> Any:
    """Return the kernel's state that was made arrays.

    Raises
    ------
    ValueError
        When these are not the arrays of such a state.
    """
    key = jax.random.wrap_key_data(jnp.zeros(2, dtype=jnp.uint32))
    # Traced, not run: the kernel learns its own settings by that too.
    like = jax.eval_shape(kernel.init, jnp.asarray(mode.position), key, data, mode.arrays)
    wanted, shape = jax.tree.flatten(like)
    if len(wanted) != len(arrays):
        raise ValueError(f"a state of {len(arrays)} arrays where there are {len(wanted)}")
    leaves = []
    for leaf, array in zip(wanted, arrays, strict=True):
        found = jnp.asarray(array)
        found = jax.random.wrap_key_data(found) if _is_key(leaf) else found
        if (found.shape, found.dtype) != (leaf.shape, leaf.dtype):
            raise ValueError(f"an array {found.shape} of a state where {leaf.shape} belongs")
        leaves.append(found)
    return jax.tree.unflatten(shape, leaves)


def _is_key(leaf: Any) -> bool:
    return bool(jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key))
