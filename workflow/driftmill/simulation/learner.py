"""Learners decide and learn, trial by trial, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import jax
import numpy as np
from jax import Array

from driftmill.models.declaration import FloatArray, Model
from driftmill.models.learning import Learning
from driftmill.processes.memory import Memory
from driftmill.processes.rule import Rule, State
from driftmill.processes.trajectory import trajectory
from driftmill.simulation.decisions import Chances, Responses, decide
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import child

#: One row of the trials of all lanes, by name.
Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Learners:
    """Participants side by side, a lane each; arrays of shape (trials, lanes).

    Parameters
    ----------
    model
        The learning model.
    cues
        How many cues they learn about.
    parameters
        Every parameter of the model.
    trials
        What a process knows of the trials, as `trajectory` takes it, but for the choice and for
        what follows from it.
    chances
        What chance has in store for their decisions.
    pay
        ``pay(trial, choice)`` to the inputs that follow from the choices, indices of shape
        (lanes,).
    people
        How many lanes, the first ones, are participants; what the others do is not looked at.
    seeds
        A seed a lane for the decision model's simulator, where it is needed.
    """

    model: Model
    cues: int
    parameters: Mapping[str, FloatArray]
    trials: Mapping[str, Any]
    chances: Chances
    pay: Callable[[int, Any], Mapping[str, FloatArray]]
    people: int
    seeds: Sequence[np.random.SeedSequence]

    @property
    def learning(self) -> Learning:
        """How the model learns."""
        learning = self.model.learning
        assert learning is not None  # a design has a task only where its model learns
        return learning

    @property
    def shape(self) -> tuple[int, int]:
        """Trials and lanes."""
        trials, lanes = self.chances.uniform.shape
        return trials, lanes

    def process_parameters(self) -> dict[str, FloatArray]:
        """Return the parameters of the process."""
        return {p.name: self.parameters[p.name] for p in self.learning.process.parameters}


def simulate_learners(learners: Learners) -> dict[str, Any]:
    """Let learners run through their trials.

    A process that follows the choices goes from trial to trial, all lanes at once; one that does
    not is run to its end first, and all decisions are drawn after it.

    Returns
    -------
    dict
        Response columns and the inputs that followed from the choices, shape (trials, people).

    Raises
    ------
    SimulationError
        With trial * lanes + lane as its row, when a trial cannot be simulated.
    """
    if learners.learning.process.follows_choice:
        return _one_by_one(learners)
    return _at_once(learners)


def _one_by_one(learners: Learners) -> dict[str, Any]:
    """Go from trial to trial: predict, decide, pay, learn."""
    learning, (trials, lanes) = learners.learning, learners.shape
    options = len(learning.decision.choices)
    steps = _compiled_steps(learning.process.rule, options, learners.cues, lanes)
    values = learners.process_parameters()
    codes = np.asarray(learning.decision.choices)[:, None]
    rows: list[Mapping[str, Any]] = []
    state = steps.start(_row(values, 0))
    for k in range(trials):
        now, trial = _row(values, k), _row(learners.trials, k)
        output = np.asarray(steps.predict(state, trial, now))
        try:
            decided = _decide(learners, output, k, child(learners.seeds[0], k))
        except SimulationError as error:
            row = None if error.row is None else k * lanes + error.row
            raise SimulationError(str(error), row) from error
        choice = np.argmax(codes == decided["response"], axis=0)
        paid = learners.pay(k, choice)
        state = steps.learn(state, {**trial, **paid, "choice": choice}, now)
        rows.append({**decided, **paid})
    return {name: np.stack([row[name] for row in rows])[:, : learners.people] for name in rows[0]}


def _at_once(learners: Learners) -> dict[str, Any]:
    """Run the process to its end, then draw all decisions, participant by participant."""
    learning, shape = learners.learning, learners.shape
    run = _compiled_run(learning.process.rule, len(learning.decision.choices), learners.cues)
    blank = {"choice": np.zeros(shape, dtype=np.int64)}
    output = np.asarray(run(learners.process_parameters(), {**learners.trials, **blank}))
    decided: list[Responses] = []
    for lane in range(learners.people):
        rows = np.moveaxis(output[..., lane], 0, -1)
        try:
            decided.append(_decide(learners, rows, np.s_[:, lane], learners.seeds[lane]))
        except SimulationError as error:
            row = None if error.row is None else error.row * shape[1] + lane
            raise SimulationError(str(error), row) from error
    return {name: np.stack([each[name] for each in decided], axis=1) for name in decided[0]}


def _decide(learners: Learners, output: Any, where: Any, seed: np.random.SeedSequence) -> Responses:
    """Couple what the process predicts to the decision model, and decide.

    ``where`` takes the trials and lanes concerned from arrays of shape (trials, lanes).
    """
    learning = learners.learning
    values = {name: array[where] for name, array in learners.parameters.items()}
    with np.errstate(over="ignore", invalid="ignore"):
        driven = learning.coupling.couple(output, values, learning.decision)
    known = {p.name: driven.get(p.name, values.get(p.name)) for p in learning.decision.parameters}
    parameters = {name: np.asarray(array, dtype=np.float64) for name, array in known.items()}
    for name in driven:
        wrong = np.flatnonzero(~np.isfinite(parameters[name]))
        if wrong.size:
            raise SimulationError(
                f"{learning.process.name} drives {name} to {parameters[name][wrong[0]]:g}: what it "
                "has learned is no finite number; keep the truth of its parameters nearer to "
                "their typical values",
                int(wrong[0]),
            )
    here = {f.name: getattr(learners.chances, f.name)[where] for f in fields(Chances)}
    return decide(learning.decision, parameters, Chances(**here), seed)


def _row(columns: Mapping[str, Any], k: int) -> dict[str, Any]:
    return {name: column[k] for name, column in columns.items()}


@dataclass(frozen=True)
class _Steps:
    """What a learner does on a trial, compiled for some lanes."""

    start: Callable[[Row], State]
    predict: Callable[[State, Row, Row], Array]
    learn: Callable[[State, Row, Row], State]


@lru_cache
def _compiled_steps(rule: Callable[[int], Rule], options: int, cues: int, lanes: int) -> _Steps:
    made = rule(options)
    return _Steps(
        jax.jit(lambda values: Memory(made, values, lanes, cues).start()),
        jax.jit(lambda state, row, values: Memory(made, values, lanes, cues).predict(state, row)),
        jax.jit(lambda state, row, values: Memory(made, values, lanes, cues).learn(state, row)),
    )


@lru_cache
def _compiled_run(
    rule: Callable[[int], Rule], options: int, cues: int
) -> Callable[[Mapping[str, Any], Mapping[str, Any]], Array]:
    made = rule(options)
    run: Callable[[Mapping[str, Any], Mapping[str, Any]], Array] = jax.jit(
        lambda values, trials: trajectory(made, values, trials, cues)
    )
    return run
