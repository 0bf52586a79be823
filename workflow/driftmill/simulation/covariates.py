"""Covariates of simulated trials: drawn, balanced over levels, or given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import DEADLINE, FloatArray, Prior
from driftmill.models.priors import Distribution
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import child, named_child

#: Whether a covariate has a value for every trial or one for every participant.
Per = Literal["trial", "participant"]
#: Columns of the trials that no covariate may bear the name of.
OUR_COLUMNS = ("dataset", "participant_id", "trial_id", "rt", "response", "scored", DEADLINE)
#: Those of them that a formula of a generator may use.
KNOWN_COLUMNS = ("participant_id", "trial_id")


@dataclass(frozen=True)
class Drawn:
    """A covariate drawn from a distribution, anew for every dataset."""

    prior: Prior
    per: Per = "trial"


@dataclass(frozen=True)
class Levels:
    """A covariate that takes each of some values equally often; text is categorical.

    Over trials it is balanced within every participant, the order shuffled anew for every
    dataset and participant; over participants it goes round in their order.
    """

    values: tuple[float, ...] | tuple[str, ...]
    per: Per = "trial"


@dataclass(frozen=True, eq=False)
class Given:
    """A covariate with given values, the same in every dataset.

    Parameters
    ----------
    values
        A value a trial, one participant after the other; those beyond the last are not used.
    """

    values: FloatArray | NDArray[np.str_]


Covariate = Drawn | Levels | Given


def check_covariate(name: str, covariate: Covariate, participants: int, trials: int) -> None:
    """Check that a covariate can be made.

    Raises
    ------
    SimulationError
        Naming the covariate and the remedy.
    """
    if name in OUR_COLUMNS and name != DEADLINE:
        raise SimulationError(f"the covariate {name} has the name of a column of ours; rename it")
    if isinstance(covariate, Drawn):
        try:
            Distribution(covariate.prior)
        except ValueError as error:
            raise SimulationError(f"the covariate {name} cannot be drawn: {error}") from error
    elif isinstance(covariate, Given):
        if len(covariate.values) < participants * trials:
            raise SimulationError(
                f"the covariate {name} has {len(covariate.values)} values; "
                f"{participants} x {trials} are needed"
            )
    else:
        room = participants if covariate.per == "participant" else trials
        if not 2 <= len(set(covariate.values)) == len(covariate.values) <= room:
            raise SimulationError(
                f"the covariate {name} has the levels {', '.join(map(str, covariate.values))}: "
                f"2 or more different ones are needed, and no more than the {room} "
                f"{covariate.per}s"
            )


def covariate_table(
    covariates: Mapping[str, Covariate],
    participants: int,
    trials: int,
    seed_sequence: np.random.SeedSequence,
) -> pd.DataFrame:
    """Make the columns of a dataset's trials that are there before any response.

    Parameters
    ----------
    covariates
        By name, checked by `check_covariate`.
    participants, trials
        Participants, and trials of each.
    seed_sequence
        Seeds what is random. Every covariate of every participant has a stream of its own, so
        that further covariates and participants leave the others' as they were.

    Returns
    -------
    DataFrame
        participant_id ("0", "1", ...), trial_id (from 0 for each participant) and the
        covariates, one participant after the other.
    """
    people = np.arange(participants)
    columns: dict[str, object] = {
        "participant_id": pd.Series([str(p) for p in np.repeat(people, trials)], dtype="str"),
        "trial_id": np.tile(np.arange(trials, dtype=np.int64), participants),
    }
    for name, covariate in covariates.items():
        if isinstance(covariate, Given):
            values = np.asarray(covariate.values)[: participants * trials]
        else:
            stream = named_child(seed_sequence, name)
            each = [_values(covariate, p, trials, child(stream, p)) for p in range(participants)]
            values = np.concatenate(each)
        text = values.dtype.kind in "UO"
        columns[name] = pd.Series(values, dtype="str" if text else np.float64)
    return pd.DataFrame(columns)


def _values(
    covariate: Drawn | Levels, participant: int, trials: int, seed: np.random.SeedSequence
) -> NDArray[np.generic]:
    """Return the values of one covariate on one participant's trials."""
    rng = np.random.default_rng(seed)
    if isinstance(covariate, Drawn):
        distribution = Distribution(covariate.prior)
        if covariate.per == "participant":
            return np.repeat(distribution.sample(rng, 1), trials)
        return distribution.sample(rng, trials)
    levels = np.asarray(covariate.values)
    if covariate.per == "participant":
        return np.repeat(levels[[participant % len(levels)]], trials)
    return rng.permutation(np.resize(levels, trials))
