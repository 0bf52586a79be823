"""Datasets that climb the ladder side by side, each as far as it is, and what is kept of them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import jax
import numpy as np

from driftmill.regression.lifted import Data
from driftmill.sampling.keeping import Arrays, below, packed
from driftmill.sampling.posterior import Posterior, Target
from driftmill.sampling.programs import Programs
from driftmill.sampling.start import NoStartError
from driftmill.sampling.underway import Underway, pack_underway, unpack_underway


@dataclass
class Climber:
    """One dataset on its way up the ladder.

    Parameters
    ----------
    number
        What it is known by.
    target
        Its density.
    empty
        Its posterior without draws.
    rung_seeds
        A seed a rung.
    now
        How far it is; chains that go together are no part of it.
    seconds
        Its share of the time that those beside it took together.
    """

    number: int
    target: Target
    empty: Posterior
    rung_seeds: Sequence[np.random.SeedSequence]
    now: Underway
    seconds: float


def on_cpu() -> contextlib.AbstractContextManager[object]:
    """Have JAX compute on the CPU: many small things one after the other are slow on a GPU."""
    cpu: contextlib.AbstractContextManager[object] = jax.default_device(jax.devices("cpu")[0])
    return cpu


def begin(
    programs: Programs,
    number: int,
    data: Data,
    seed: np.random.SeedSequence,
    kept: Arrays | None = None,
) -> tuple[Climber | Posterior, float]:
    """Return a dataset at its mode, or where it was stopped, or why it has no posterior.

    Parameters
    ----------
    programs, data, seed
        Its compiled programs, its data, its seed.
    number
        What it is known by.
    kept
        What `pack_climbers` returned, of it and others.

    Returns
    -------
    climber or posterior, seconds
        The posterior is a failure. The seconds are those that it took so far.
    """
    began = time.monotonic()
    empty = Posterior(programs.lifted.stored, data.coords, None, {}, None, "numeric_failure", 0, "")
    target = Target(programs, data)
    mode_seed, *rung_seeds = seed.spawn(1 + len(programs.settings.rungs))
    own = below(kept or {}, f"climbers/{number}/")
    if own:
        now, seconds = unpack_underway(own, empty)
        return Climber(number, target, empty, rung_seeds, now, seconds), seconds
    try:
        with on_cpu():
            now = Underway(target.mode(np.random.default_rng(mode_seed)))
    except NoStartError as error:
        return replace(empty, message=str(error)), time.monotonic() - began
    seconds = time.monotonic() - began
    return Climber(number, target, empty, rung_seeds, now, seconds), seconds


def pack_climbers(
    going: Mapping[int, Climber], members: Sequence[Climber], lanes: Arrays
) -> Arrays:
    """Return how far datasets are, as arrays.

    Parameters
    ----------
    going
        All that have no posterior yet.
    members
        Those of them whose chains go just now.
    lanes
        How far these chains are, as `driftmill.sampling.lanes.run_lanes` says it.
    """
    climbers = {f"{c.number}": pack_underway(c.now, c.seconds) for c in going.values()}
    numbers = np.array([member.number for member in members])
    return packed({"climbers": climbers, "members": numbers, "lanes": lanes})


def kept_members(kept: Arrays | None) -> set[int]:
    """Return the datasets whose chains went side by side when their state was kept."""
    return set() if kept is None else set(kept["members"].tolist())


def kept_lanes(kept: Arrays | None, members: Sequence[Climber]) -> Arrays | None:
    """Return how far the chains of just these datasets were, all at this rung; None: not known.

    Parameters
    ----------
    kept
        What `pack_climbers` returned in an earlier run.
    members
        The datasets.
    """
    if kept is None or kept["members"].tolist() != [member.number for member in members]:
        return None
    rungs = {int(kept[f"climbers/{member.number}/rung"]) for member in members}
    return below(kept, "lanes/") if rungs == {member.now.rung for member in members} else None
