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
from driftmill.sampling.nuts import PIECE, SECONDS, SMALLEST_PIECE
from driftmill.sampling.trajectories import Plan

#: Numbers in the largest array of the data, times chains, that lie side by side at most: the
#: gradient keeps some tens of arrays of that size.
ROOM: Final = 2**23

Records = Mapping[str, NDArray[Any]]


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
    look: Callable[[int], None],
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
        Called with the number of iterations that are done, after every piece; may raise
        ``OutOfTimeError`` to stop them all.

    Returns
    -------
    list
        For each dataset ``position``, shape (chain, draw, d), and statistics (chain, draw).
    """
    # Programs are made for numbers of datasets that are powers of two: the last is repeated.
    n, warmup, total = len(data), int(np.sum(plan.warming)), len(plan.steps)
    lane = np.minimum(np.arange(1 << (n - 1).bit_length()), n - 1)
    args = (_stacked(data, lane), _stacked(modes, lane))
    state = lanes.init(z[lane], keys[lane], *args)
    kept: list[Records] = []
    done, at_once = 0, SMALLEST_PIECE
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
            kept.append({name: np.asarray(values[:size, :n]) for name, values in records.items()})
        done += size
        look(done)
    joined = {name: np.concatenate([piece[name] for piece in kept]) for name in kept[0]}
    shape = joined["lp"].shape
    joined["n_steps"] = np.broadcast_to(plan.steps[warmup:, None, None], shape)
    return [
        {name: np.ascontiguousarray(values[:, k].swapaxes(0, 1)) for name, values in joined.items()}
        for k in range(n)
    ]


def _stacked(trees: Sequence[Any], lane: NDArray[np.int64]) -> Any:
    """Return trees of one structure as one with a first axis more, repeated as ``lane`` says."""
    return jax.tree.map(lambda *leaves: np.stack([np.asarray(x) for x in leaves])[lane], *trees)
