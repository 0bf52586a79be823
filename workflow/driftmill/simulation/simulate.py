"""Datasets of a design as tables: trials and the truths they were simulated from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import DEADLINE
from driftmill.simulation.design import Design
from driftmill.simulation.generator import Generated, Row, generate, shared_rows
from driftmill.simulation.learning import simulate_learning
from driftmill.simulation.parameters import DesignError, SimulationError
from driftmill.simulation.seeds import Purpose, child, seed_sequence
from driftmill.simulation.trials import simulate_trials

__all__ = ["simulate_datasets", "simulate_trials"]


def simulate_datasets(design: Design, datasets: Sequence[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate some datasets of a cell.

    A dataset depends on the design's seed, the cell's name and the dataset's number alone, so
    any cut of a cell into batches gives the same rows.

    Parameters
    ----------
    design
        The cell.
    datasets
        Numbers of the datasets, each in [0, ``design.datasets``).

    Returns
    -------
    trials : DataFrame
        dataset, participant_id ("0", "1", ...), trial_id (from 0 for each participant),
        [rt in seconds,] response (both missing where none came before the deadline), [what a
        task makes: ``feedback`` or ``u``, cue, block; by the names of the model's columns,]
        covariates, the deadline among them.
    truth : DataFrame
        dataset, participant_id (null: shared by all participants), parameter, value. Parameters
        and coefficients (``v_x``), standard deviations (``v_1|participant_id_sigma``); of every
        participant the deviations (``v_1|participant_id``) and its own values
        (``v (participant)``, ``v_x (participant)``).

    Raises
    ------
    SimulationError
        Naming cell, dataset, parameter values and remedy, when a truth cannot be simulated. A
        lenient design has no trials of such a dataset, but its shared truths; it raises where
        that befalls all datasets that were asked for.
    ValueError
        When a dataset's number is not in the cell.
    """
    for dataset in datasets:
        if not 0 <= dataset < design.datasets:
            raise ValueError(
                f"cell {design.cell} has datasets 0 to {design.datasets - 1}, not {dataset}"
            )
    if not datasets:
        raise ValueError(f"cell {design.cell}: no datasets were asked for")
    trials, truths, refusals = [], [], []
    for dataset in datasets:
        try:
            made, truth = _simulate_dataset(design, dataset)
            trials.append(made)
        except SimulationError as error:
            if not design.lenient or isinstance(error, DesignError):
                raise
            refusals.append(error)
            print(f"not simulated: {error}")
            truth = _table(dataset, shared_rows(design, dataset))
        truths.append(truth)
    if not trials:
        raise SimulationError(
            f"none of {len(refusals)} datasets could be simulated; the first: {refusals[0]}"
        )
    return pd.concat(trials, ignore_index=True), pd.concat(truths, ignore_index=True)


def _simulate_dataset(design: Design, dataset: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate all participants of one dataset."""
    made = generate(design, dataset)
    seed = seed_sequence(design.seed, design.cell, dataset, Purpose.DATA)
    if design.model.learning is None:
        responses = _simulate_participants(design, dataset, made, seed)
    else:
        try:
            responses = simulate_learning(design, dataset, made, seed)
        except SimulationError as error:
            raise SimulationError(f"cell {design.cell}, dataset {dataset}, {error}") from error
    shown = [*design.task_columns(dataset), *design.covariates]
    trials = made.table[["participant_id", "trial_id"]].assign(**responses)
    if design.deadlines:
        trials = trials.astype({"response": "Int64"})
    trials = pd.concat([trials, made.table[shown]], axis="columns")
    trials.insert(0, "dataset", np.int64(dataset))
    return trials, _table(dataset, made.rows)


def _table(dataset: int, rows: Sequence[Row]) -> pd.DataFrame:
    """Return the truth table of a dataset."""
    participant_ids, names, values = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "dataset": np.full(len(values), dataset, dtype=np.int64),
            "participant_id": pd.Series(participant_ids, dtype="str"),
            "parameter": pd.Series(names, dtype="str"),
            "value": np.array(values, dtype=np.float64),
        }
    )


def _simulate_participants(
    design: Design, dataset: int, made: Generated, seed: np.random.SeedSequence
) -> dict[str, NDArray[np.generic]]:
    """Simulate trials that have nothing to do with each other, participant by participant."""
    participants: list[dict[str, NDArray[np.generic]]] = []
    deadlines = made.table[DEADLINE].to_numpy() if design.deadlines else None
    for participant in range(design.participants):
        rows = slice(participant * design.trials, (participant + 1) * design.trials)
        parameters = {name: values[rows] for name, values in made.parameters.items()}
        try:
            participants.append(
                simulate_trials(
                    design.model,
                    parameters,
                    child(seed, participant),
                    made.lapse,
                    deadlines[rows] if deadlines is not None else None,
                    design.silent,
                )
            )
        except SimulationError as error:
            raise SimulationError(
                f"cell {design.cell}, dataset {dataset}, participant {participant}: {error}"
            ) from error
    return {
        column: np.concatenate([trial[column] for trial in participants])
        for column in design.model.response_columns
    }
