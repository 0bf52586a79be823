"""Seeds: every random draw of a study follows from study seed, cell, dataset and purpose."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream of random numbers is for; streams of two purposes are independent."""

    TRUTH = 1
    DATA = 2
    POSTERIOR = 3
    PREDICTIVE = 4
    COMPARISON = 5
    COVARIATES = 6
    DEVIATIONS = 7
    PRIOR_PREDICTIVE = 8
    TASK = 9
    INTEGRALS = 10
    RANKS = 11
    CONFUSION = 12
    PRECISION = 13
    REFITS = 14
    FOLDS = 15
    FUTURE = 16
    LOO_PIT = 17


def seed_sequence(
    study_seed: int, cell: str, dataset: int, purpose: Purpose
) -> np.random.SeedSequence:
    """Seed one purpose of one dataset, whatever its batch and its neighbours.

    Parameters
    ----------
    study_seed
        The study's seed, 0 or greater.
    cell
        The cell's name; its CRC-32 enters, so the order of the cells does not matter.
    dataset
        The dataset's number in the cell, 0 or greater.
    purpose
        What the random numbers are for.

    Raises
    ------
    ValueError
        For a negative seed or dataset number.
    """
    if study_seed < 0:
        raise ValueError(f"the study's seed is {study_seed}: give an integer of 0 or more")
    if dataset < 0:
        raise ValueError(f"dataset {dataset}: datasets count from 0")
    return np.random.SeedSequence([study_seed, zlib.crc32(cell.encode()), dataset, int(purpose)])


def seeds_of(
    study_seed: int, cell: str, datasets: Iterable[int], purpose: Purpose, name: str | None = None
) -> dict[int, np.random.SeedSequence]:
    """Seed one purpose of several datasets, as `seed_sequence` does one.

    Parameters
    ----------
    study_seed, cell, purpose
        As `seed_sequence` takes them.
    datasets
        Their numbers.
    name
        Of whatever has a stream of its own, say a fit; None: all share one.
    """
    seeds = {n: seed_sequence(study_seed, cell, n, purpose) for n in datasets}
    return seeds if name is None else {n: named_child(seed, name) for n, seed in seeds.items()}


def child(sequence: np.random.SeedSequence, index: int) -> np.random.SeedSequence:
    """Return child ``index`` of ``sequence``, the one that ``spawn`` would return.

    ``SeedSequence.spawn`` counts its calls, so what it returns depends on who called it
    before; this does not.
    """
    return np.random.SeedSequence(
        sequence.entropy, spawn_key=(*sequence.spawn_key, index), pool_size=sequence.pool_size
    )


def named_child(sequence: np.random.SeedSequence, name: str) -> np.random.SeedSequence:
    """Return the child of ``sequence`` that a name has to itself, whatever its siblings."""
    return child(sequence, int.from_bytes(hashlib.sha256(name.encode()).digest()[:16]))
