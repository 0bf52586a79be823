"""Predictive datasets: one dataset a draw, as a table that is made a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import DEADLINE, FloatArray
from driftmill.prediction.simulated import Simulated, simulate_rows
from driftmill.prediction.trial_draws import TrialDraws
from driftmill.simulation.deadlines import withhold
from driftmill.simulation.seeds import child

#: Simulated trials in a piece of the table; bounds the memory and does not touch the results.
CHUNK = 200_000
#: Trials of one draw that are simulated from one seed. The results depend on it.
BLOCK = 50_000


@dataclass(frozen=True)
class Chunk:
    """Some rows of the table of predicted trials.

    Parameters
    ----------
    frame
        Columns draw, row, participant_id, trial_id, [rt,] response. ``rt`` is NaN and
        ``response`` missing where there is no prediction.
    n_outside
        Trials without a prediction since a parameter is outside its support or beyond the
        simulator's reach.
    n_unfinished
        Trials without one since the walk had reached no bound after 20 s.
    """

    frame: pd.DataFrame
    n_outside: int
    n_unfinished: int


def predictive_datasets(
    draws: TrialDraws,
    numbers: NDArray[np.int64],
    trials: pd.DataFrame,
    seed: np.random.SeedSequence,
    chunk: int = CHUNK,
    silent: int | None = None,
) -> Iterator[Chunk]:
    """Simulate one dataset for each of some draws, lapses included.

    Parameters
    ----------
    draws
        The parameters of every trial under every draw.
    numbers
        Which draws, in the order in which they are wanted.
    trials
        The trials: ``participant_id`` and ``trial_id``, where there are any; ``deadline`` where
        responses after it are missing.
    seed
        Seeds the responses. A draw has a stream of its own by its number, so that neither the
        other draws nor ``chunk`` change what is simulated from it.
    chunk
        About how many rows a chunk may have.
    silent
        The response that is never seen before the deadline.

    Yields
    ------
    Chunk
        Rows in the order of the draws, then of the trials.
    """
    n = draws.rows
    identity = identity_of(trials, n)
    until = trials[DEADLINE].to_numpy(dtype=np.float64) if DEADLINE in trials else None
    several = max(1, chunk // n) if n <= BLOCK else 1
    for first in range(0, numbers.size, several):
        part = numbers[first : first + several]
        for start in range(0, n, BLOCK):
            rows = slice(start, min(start + BLOCK, n))
            values = draws.of(part, rows)
            simulated = [
                simulate_rows(
                    draws.model,
                    {name: array[i] for name, array in values.items()},
                    child(child(seed, int(number)), start // BLOCK),
                )
                for i, number in enumerate(part)
            ]
            yield _chunk(part, rows, identity, [_seen(s, until, rows, silent) for s in simulated])


def _seen(
    trials: Simulated, deadline: FloatArray | None, rows: slice, silent: int | None
) -> Simulated:
    """Take away what is not seen before the deadline; a walk that goes on is not."""
    if deadline is None or "rt" not in trials.columns:
        return trials
    rt = np.where(trials.finished, trials.columns["rt"], np.inf)
    seen = withhold({**trials.columns, "rt": rt}, deadline[rows], silent)
    finished = trials.finished | np.isnan(seen["rt"])
    return replace(trials, columns=seen, finished=finished)


def identity_of(trials: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return whose trials they are and which; missing where that is not known."""
    nobody = pd.Series([None] * n, dtype="str")
    return pd.DataFrame(
        {
            "participant_id": trials.get("participant_id", nobody).astype("str").array,
            "trial_id": trials.get("trial_id", nobody).astype("Int64").array,
        }
    )


def _chunk(
    numbers: NDArray[np.int64], rows: slice, identity: pd.DataFrame, simulated: list[Simulated]
) -> Chunk:
    able = np.concatenate([s.possible for s in simulated])
    finished = np.concatenate([s.finished for s in simulated])
    size = rows.stop - rows.start
    where = np.tile(np.arange(rows.start, rows.stop), numbers.size)
    columns = {
        "draw": np.repeat(numbers, size),
        "row": where,
        "participant_id": identity["participant_id"].array.take(where),
        "trial_id": identity["trial_id"].array.take(where),
    }
    told = able & finished
    if "rt" in simulated[0].columns:
        rt: FloatArray = np.concatenate([s.columns["rt"] for s in simulated]).astype(np.float64)
        columns["rt"] = np.where(told, rt, np.nan)
    response = np.concatenate([s.columns["response"] for s in simulated]).astype(np.float64)
    none = ~told | np.isnan(response)
    columns["response"] = pd.arrays.IntegerArray(np.nan_to_num(response).astype(np.int64), none)
    outside, unfinished = np.count_nonzero(~able), np.count_nonzero(able & ~finished)
    return Chunk(pd.DataFrame(columns), int(outside), int(unfinished))
