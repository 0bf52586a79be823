"""Datasets of learning models: participants in groups of lanes, each with streams of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods.exact_draws import LANES
from driftmill.models.declaration import FloatArray, Model
from driftmill.models.learning import Learning
from driftmill.simulation.decisions import Chances, draw_chances
from driftmill.simulation.design import Design
from driftmill.simulation.generator import Generated
from driftmill.simulation.learner import Learners, simulate_learners
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import child
from driftmill.simulation.tasks import Bandit, Course, Task


def simulate_learning(
    design: Design, dataset: int, made: Generated, seed: np.random.SeedSequence
) -> dict[str, NDArray[np.generic]]:
    """Simulate the trials of a dataset whose model learns.

    Participants run in groups of a fixed number of lanes, their place in which follows from
    their number; lanes that are left over repeat the first. So nobody's trials depend, to the
    bit, on how many others there are. The one exception is a decision model with a simulator of
    its own that draws more or fewer numbers by the values of its parameters, lane after lane:
    there later lanes depend on earlier ones.

    Parameters
    ----------
    design
        The cell, with a task.
    dataset
        The dataset's number.
    made
        What the dataset is simulated from.
    seed
        Seeds decisions and payoffs; child ``p`` is participant p's.

    Returns
    -------
    dict
        Response columns and inputs that follow from choices, a row a trial in the table's order.

    Raises
    ------
    SimulationError
        Naming participant and trial.
    """
    courses = design.courses(dataset)
    groups: list[dict[str, Any]] = []
    for first in range(0, design.participants, LANES):
        people = range(first, min(first + LANES, design.participants))
        lanes = [*people, *([first] * (LANES - len(people)))]
        try:
            learners = _learners(design, made, courses, lanes, len(people), seed)
            groups.append(simulate_learners(learners))
        except SimulationError as error:
            if error.row is None:
                raise
            trial, lane = divmod(error.row, LANES)
            raise SimulationError(f"participant {lanes[lane]}, trial {trial}: {error}") from error
    assert design.model.learning is not None
    renamed = design.model.learning.columns
    return {
        renamed.get(name, name): np.concatenate([group[name].T.ravel() for group in groups])
        for name in groups[0]
    }


def _learners(
    design: Design,
    made: Generated,
    courses: Sequence[Course],
    lanes: Sequence[int],
    people: int,
    seed: np.random.SeedSequence,
) -> Learners:
    """Set participants side by side; ``lanes`` are their numbers, the first ``people`` count."""
    trials, learning, table = design.trials, design.model.learning, made.table
    assert learning is not None
    assert design.task is not None

    def side_by_side(rows: FloatArray | NDArray[np.generic]) -> Any:
        return rows.reshape(design.participants, trials)[list(lanes)].T.copy()

    return set_side_by_side(
        design.model,
        design.task,
        [courses[p] for p in lanes],
        {name: side_by_side(rows) for name, rows in made.parameters.items()},
        {
            column: side_by_side(table[column].to_numpy(dtype=np.float64))
            for column in taken_columns(learning)
            if column in table
        },
        np.full((trials, len(lanes)), made.lapse),
        [child(seed, p) for p in lanes],
        people,
    )


def taken_columns(learning: Learning) -> tuple[str, ...]:
    """Return the columns that a process takes from the trials: its inputs, and times."""
    return (*learning.input_columns, *(() if learning.elapsed is None else (learning.elapsed,)))


def set_side_by_side(
    model: Model,
    task: Task,
    courses: Sequence[Course],
    parameters: Mapping[str, FloatArray],
    columns: Mapping[str, FloatArray],
    lapse: FloatArray,
    seeds: Sequence[np.random.SeedSequence],
    people: int,
) -> Learners:
    """Set participants side by side.

    Parameters
    ----------
    model
        A learning model.
    task
        Its task.
    courses
        What each lane meets.
    parameters
        Every parameter of the model, shape (trials, lanes), as all arrays.
    columns
        Those of `taken_columns` that are known before any choice.
    lapse
        Probability that a trial is a lapse.
    seeds
        A seed a lane: child 0 is of its decisions, 1 of its payoffs, 2 of a simulator.
    people
        How many lanes, the first ones, are participants.

    Raises
    ------
    SimulationError
        When a time since the trial before is not above 0.
    """
    chances = [
        draw_chances(model.choices, len(lapse), lapse[:, k], child(seed, 0))
        for k, seed in enumerate(seeds)
    ]
    assert model.learning is not None
    return Learners(
        model=model,
        cues=task.cues,
        parameters=parameters,
        trials=_known_trials(model.learning, task, courses, columns),
        chances=_stacked(chances, people),
        pay=_payer(task, courses, [child(seed, 1) for seed in seeds])
        if isinstance(task, Bandit)
        else lambda k, choice: {},
        people=people,
        seeds=[child(seed, 2) for seed in seeds],
    )


def _stacked(chances: Sequence[Chances], people: int) -> Chances:
    """Set the chances of all lanes side by side."""
    columns = {
        field.name: np.stack([getattr(chance, field.name) for chance in chances], axis=1)
        for field in fields(Chances)
    }
    # Nobody looks at the lanes that are left over: a walk there may well not end.
    columns["lapsed"][:, people:] = True
    return Chances(**columns)


def _known_trials(
    learning: Learning, task: Task, own: Sequence[Course], given: Mapping[str, FloatArray]
) -> dict[str, Any]:
    """Return what a process knows of the trials before any choice, (trials, lanes)."""
    blocks = np.stack([course.block for course in own], axis=1)
    starts = np.diff(blocks, axis=0, prepend=-1) != 0
    known: dict[str, Any] = {"observed": np.ones(blocks.shape, dtype=np.bool_)}
    if task.cues > 1:
        known["cue"] = np.stack([course.cue for course in own], axis=1)
    if task.blocks > 1:
        known["reset"] = starts
    columns = dict(zip(learning.process.inputs, learning.input_columns, strict=True))
    if learning.elapsed is not None:
        columns["elapsed"] = learning.elapsed
    for name, column in columns.items():
        if column in given:
            known[name] = given[column]
    if "elapsed" in known and not (known["elapsed"] > 0).all():
        raise SimulationError(
            f"the time since the trial before, {learning.elapsed}, is not above 0 on every trial; "
            "give the covariate a distribution of positive numbers"
        )
    return known


def _payer(task: Bandit, own: Sequence[Course], seeds: Sequence[np.random.SeedSequence]) -> Any:
    """Return the function that pays the lanes' choices."""
    means = np.stack([np.asarray(course.means) for course in own], axis=2)
    trials, _, lanes = means.shape
    noise = np.stack([task.noise(trials, seed) for seed in seeds], axis=1)

    def pay(k: int, choice: NDArray[np.int64]) -> dict[str, FloatArray]:
        return {"feedback": task.feedback(means[k, choice, np.arange(lanes)], noise[k])}

    return pay
