"""Datasets in lanes: those of one structure side by side, from the first iteration to the last."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import jax
import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray
from driftmill.sampling.hmc import Lanes
from driftmill.sampling.keeping import Arrays, below, packed
from driftmill.sampling.nuts import PIECE, SECONDS, SMALLEST_PIECE
from driftmill.sampling.trajectories import Plan

#: Numbers in the largest array of the data, times chains, that lie side by side at most: the
#: gradient keeps some tens of arrays of that size.
ROOM: Final = 2**23

Records = Mapping[str, NDArray[Any]]
#: Called with the number of iterations that are done and with what gives all that the next ones
#: depend on, to be kept.
Look = Callable[[int, Callable[[], Arrays]], None]


def abreast(trees: Sequence[Any], chains: int) -> list[list[int]]:
    """Return which datasets go together: of one structure, and no more than there is room for.

    Parameters
    ----------
    trees
        What a program takes of each dataset.
    chains
        Chains of each.
    """
    alike: dict[Any, list[int]] = {}
    for k, tree in enumerate(trees):
        leaves, shape = jax.tree.flatten(tree)
        alike.setdefault((shape, *((x.shape, str(x.dtype)) for x in leaves)), []).append(k)
    found = []
    for members in alike.values():
        largest = max(x.size for x in jax.tree.leaves(trees[members[0]]))
        most = 1 << max(0, (ROOM // (largest * chains)).bit_length() - 1)
        found += [members[k : k + most] for k in range(0, len(members), most)]
    return found


def run_lanes(
    lanes: Lanes,
    data: Sequence[Any],
    modes: Sequence[Any],
    z: FloatArray,
    keys: NDArray[np.uint32],
    plan: Plan,
    look: Look,
    kept: Arrays | None = None,
) -> list[Records]:
    """Run the chains of some datasets side by side.

    Parameters
    ----------
    lanes
        The programs.
    data, modes
        ``Data.arrays`` and ``Mode.arrays`` of each of n datasets, of one structure.
    z, keys
        Where the chains start, shape (n, chain, d), in whitened coordinates, and the bits of their
        random keys, shape (n, chain, 2).
    plan
        What is done in every iteration.
    look
        Called after every piece; may raise ``OutOfTimeError`` to stop them all.
    kept
        Where the same datasets were stopped before: they go on from there, to the same draws.

    Returns
    -------
    list
        For each dataset ``position``, shape (chain, draw, d), and statistics (chain, draw).
    """
    # Programs are made for numbers of datasets that are powers of two: the last is repeated.
    n, warmup, total = len(data), int(np.sum(plan.warming)), len(plan.steps)
    lane = np.minimum(np.arange(1 << (n - 1).bit_length()), n - 1)
    args = (_stacked(data, lane), _stacked(modes, lane))
    begin = (z[lane], keys[lane], *args)
    if kept is None:
        state, pieces, done = lanes.init(*begin), [], 0
    else:
        state = _state_of(lanes, below(kept, "state/"), begin)
        before = below(kept, "records/")
        pieces, done = [before] if before else [], int(kept["done"])
    at_once = SMALLEST_PIECE

    def reached() -> Arrays:
        leaves = {f"{k}": np.asarray(leaf) for k, leaf in enumerate(jax.tree.leaves(state))}
        return packed({"done": done, "state": leaves, "records": _joined(pieces)})

    while done < total:
        size = min(at_once, (warmup if done < warmup else total) - done)
        where = np.minimum(np.arange(done, done + PIECE), total - 1)
        piece = Plan(*(values[where] for values in plan))
        began = time.monotonic()
        advanced = lanes.advance(state, piece, size, *args)
        state, records = jax.block_until_ready(advanced)  # type: ignore[no-untyped-call]
        seconds = time.monotonic() - began
        at_once = min(2 * at_once, PIECE) if seconds < SECONDS else max(at_once // 2, 1)
        if done >= warmup:
            pieces.append({name: np.asarray(values[:size, :n]) for name, values in records.items()})
        done += size
        look(done, reached)
    joined = _joined(pieces)
    shape = joined["lp"].shape
    joined["n_steps"] = np.broadcast_to(plan.steps[warmup:, None, None], shape)
    return [
        {name: np.ascontiguousarray(values[:, k].swapaxes(0, 1)) for name, values in joined.items()}
        for k in range(n)
    ]


def _stacked(trees: Sequence[Any], lane: NDArray[np.int64]) -> Any:
    """Return trees of one structure as one with a first axis more, repeated as ``lane`` says."""
    return jax.tree.map(lambda *leaves: np.stack([np.asarray(x) for x in leaves])[lane], *trees)


def _joined(pieces: Sequence[Records]) -> Arrays:
    """Return the records of all pieces in one; nothing when there are none."""
    names = pieces[0] if pieces else ()
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in names}


def _state_of(lanes: Lanes, arrays: Arrays, begin: tuple[Any, ...]) -> Any:
    """Return the state of chains that begin so, of its leaves as they were kept.

    Raises
    ------
    ValueError
        When these are not the leaves of such a state.
    """
    like, shape = jax.tree.flatten(jax.eval_shape(lanes.init, *begin))
    leaves = [arrays[f"{k}"] for k in range(len(arrays))]
    if [(x.shape, x.dtype) for x in leaves] != [(x.shape, x.dtype) for x in like]:
        raise ValueError("what was kept is not a state of these chains")
    return jax.tree.unflatten(shape, leaves)
