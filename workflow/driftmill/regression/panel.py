"""Trials of participants as a panel: a learning process sees each one's trials in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import Columns
from driftmill.models.learning import Learning
from driftmill.processes.trajectory import trajectory
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.layout import LANE, PLACE, Layout
from driftmill.regression.scored import scored_rows
from driftmill.regression.shared_solutions import Shared, laid_by_sets

#: Columns that are added to the trials: which option was taken, whether its outcome is known, which
#: cue it is about, whether the process starts anew.
CHOICE, OBSERVED = "trial_choice", "trial_observed"
CUE, RESET = "trial_cue", "trial_reset"
#: Column that says which rows have a response (1) and which only pad the shape or lack one (0).
COUNTED = "counted"


@dataclass(frozen=True)
class Panel(Layout):
    """The layout of a dataset's trials, a lane a participant, and what a process needs of it.

    Parameters
    ----------
    cues
        Cues or bandits whose values are kept apart.
    constant
        Parameters with a formula or a column that are the same on all trials of a participant.
    columns
        The columns that a process needs, in the order of the observed matrix.
    shared
        Which rows share a solution, of a decision model that is solved for numerically.
    """

    cues: int
    constant: tuple[str, ...]
    columns: tuple[str, ...]
    shared: Shared | None = None


def panel_columns(learning: Learning, regular: bool, cues: int) -> tuple[str, ...]:
    """Return the columns of numbers that a process needs, in order."""
    return (
        CHOICE,
        OBSERVED,
        *learning.input_columns,
        *((learning.elapsed,) if learning.elapsed is not None else ()),
        *((CUE,) if cues > 1 else ()),
        *((RESET,) if learning.block is not None else ()),
        *(() if regular else (LANE, PLACE)),
    )


def laid_out(spec: FitSpec, columns: Columns) -> tuple[dict[str, NDArray[Any]], Panel]:
    """Add what a learning process must know of each row, and say how the rows lie.

    Parameters
    ----------
    spec
        A fit of a learning model.
    columns
        All columns that the fit needs, each of shape (n,), and ``scored`` where some trials are
        not. A participant's trials are in the order of ``trial_id``; where that repeats itself,
        in the order of the rows.

    Returns
    -------
    columns
        With the columns of `panel_columns`, and ``counted`` where some trials are not scored, or
        lack a response: they have no likelihood. A process that follows the choice learns where
        the response is known, scored or not; none learns where an input is missing. What is
        missing is replaced by a value that says nothing.
    panel
        The layout.
    """
    learning = spec.model.learning
    assert learning is not None
    made: dict[str, NDArray[Any]] = {name: np.asarray(x) for name, x in columns.items()}
    n = len(made["response"])
    people = pd.Series(made["participant_id"]).fillna("").astype(str)
    lane, _ = pd.factorize(people)
    place = places(lane, made["trial_id"])
    lanes, longest = int(lane.max()) + 1, int(place.max()) + 1
    order = lane * longest + place
    regular = n == lanes * longest and bool((order == np.arange(n)).all())

    choices = spec.model.choices
    response = np.asarray(made["response"], dtype=np.float64)
    answered = scored_rows(spec, columns)
    chosen = np.isfinite(response)
    known = chosen.copy() if learning.process.follows_choice else np.ones(n, dtype=bool)
    for name in learning.input_columns:
        values = np.asarray(made[name], dtype=np.float64)
        known &= np.isfinite(values)
        made[name] = np.where(np.isfinite(values), values, 0.0)
    if not answered.all():
        made[COUNTED] = answered.astype(float)
        for name in spec.model.response_columns:
            values = np.asarray(made[name], dtype=np.float64)
            # Any response that was really given will do: the row does not count.
            given = values[answered & chosen]
            usual = given[0] if given.size else float(choices[0])
            made[name] = np.where(answered, values, usual)
    made[CHOICE] = np.where(chosen, np.searchsorted(choices, response), 0.0)
    made[OBSERVED] = known.astype(float)
    made[LANE], made[PLACE] = lane.astype(float), place.astype(float)
    cues = 1
    if learning.cue is not None:
        codes, levels = pd.factorize(pd.Series(made[learning.cue]).astype(str), sort=True)
        made[CUE], cues = codes.astype(float), len(levels)
    if learning.block is not None:
        made[RESET] = _starts(order, lane, pd.Series(made[learning.block]).astype(str).to_numpy())
    needed = panel_columns(learning, regular, cues)
    constant = _constant(spec, made, lane)
    more, shared = laid_by_sets(spec, made)
    needed += () if shared is None else shared.columns
    return {**made, **more}, Panel(lanes, longest, regular, cues, constant, needed, shared)


def places(lane: NDArray[np.int64], trial_id: NDArray[Any]) -> NDArray[np.int64]:
    """Return the place of every row among the trials of its participant."""
    frame = pd.DataFrame({"lane": lane, "trial": trial_id})
    if not frame.duplicated().any():
        frame = frame.sort_values(["lane", "trial"], kind="stable")
    counts = frame.groupby("lane", sort=False).cumcount().sort_index()
    return np.asarray(counts, dtype=np.int64)


def _starts(
    order: NDArray[np.int64], lane: NDArray[np.int64], block: NDArray[Any]
) -> NDArray[np.float64]:
    """Mark the first trial of each block of each participant."""
    sorted_rows = np.argsort(order, kind="stable")
    people, blocks = lane[sorted_rows], block[sorted_rows]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (people[1:] != people[:-1]) | (blocks[1:] != blocks[:-1])
    marks = np.zeros(len(order))
    marks[sorted_rows] = new
    return marks


def _constant(spec: FitSpec, columns: Columns, lane: NDArray[np.int64]) -> tuple[str, ...]:
    """Return those whose formula or column says the same on all trials of a participant."""
    found = []
    for name in spec.free_parameters + tuple(spec.fixed_columns):
        if name in spec.formulas:
            used = spec.formulas[name].terms.columns
        elif name in spec.fixed_columns:
            used = (spec.fixed_columns[name],)
        else:
            continue
        values = [pd.Series(columns[column]).groupby(lane).nunique(dropna=False) for column in used]
        if all((counts <= 1).all() for counts in values):
            found.append(name)
    return tuple(found)


def decision_values(
    spec: FitSpec, panel: Panel, columns: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the parameters of the decision model on every row, given what was learned before it.

    Parameters
    ----------
    spec
        A fit of a learning model.
    panel
        The layout of the rows.
    columns
        The panel's columns, each of shape (rows,).
    values
        Every parameter of the learning model: a number, a scalar, or of shape (rows,).

    Returns
    -------
    dict
        By parameter of the decision model, numbers, scalars or of shape (rows,).
    """
    learning = spec.model.learning
    assert learning is not None

    def of_process(name: str) -> Any:
        value = values[name]
        if isinstance(value, float | int):
            return float(value)
        if jnp.ndim(value) == 0:
            return jnp.broadcast_to(value, (panel.lanes,))
        if name in panel.constant:
            return panel.first(value, columns)
        return panel.spread(value, columns, learning.process_parameter(name).typical)

    names = [p.name for p in learning.process.parameters]
    trials: dict[str, Any] = {
        "choice": panel.spread(columns[CHOICE], columns).astype(int),
        "observed": panel.spread(columns[OBSERVED], columns) > 0,
    }
    for name, column in zip(learning.process.inputs, learning.input_columns, strict=True):
        trials[name] = panel.spread(columns[column], columns)
    if learning.elapsed is not None:
        trials["elapsed"] = panel.spread(columns[learning.elapsed], columns, 1.0)
    if panel.cues > 1:
        trials["cue"] = panel.spread(columns[CUE], columns).astype(int)
    if learning.block is not None:
        trials["reset"] = panel.spread(columns[RESET], columns) > 0
    output = trajectory(learning.rule, {n: of_process(n) for n in names}, trials, panel.cues)
    driven = learning.coupling.couple(panel.gather(output, columns), values, learning.decision)
    return {
        p.name: driven[p.name] if p.name in driven else values[p.name]
        for p in learning.decision.parameters
    }
