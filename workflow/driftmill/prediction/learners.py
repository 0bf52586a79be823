"""Predictive datasets of learners who begin anew on a task, trial by trial, from draws of a fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.likelihoods.exact_draws import LANES
from driftmill.models.declaration import FloatArray, Model
from driftmill.prediction.datasets import CHUNK, Chunk, identity_of
from driftmill.prediction.trial_draws import LAPSE, TrialDraws
from driftmill.simulation.learner import simulate_learners
from driftmill.simulation.learning import set_side_by_side, taken_columns
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import child
from driftmill.simulation.task_columns import check_task, columns_before, made_columns
from driftmill.simulation.tasks import Bandit, Course, Task


@dataclass(frozen=True, eq=False)
class Meeting:
    """Participants and a task.

    Parameters
    ----------
    model
        The learning model.
    task
        What they learn from.
    trials
        One row a trial, participant after participant, with what the task shows before any
        response.
    counts
        Trials of each participant.
    courses
        What each meets, the same under every draw: cues, walks of means, inputs.
    """

    model: Model
    task: Task
    trials: pd.DataFrame
    counts: tuple[int, ...]
    courses: tuple[Course, ...]


def meet(model: Model, task: Task, trials: pd.DataFrame, seed: np.random.SeedSequence) -> Meeting:
    """Let participants meet a task.

    Parameters
    ----------
    model
        A learning model.
    task
        Its task.
    trials
        One row a trial: participant_id (one participant's where it is missing), trial_id (else
        the rows' order), covariates. Columns that the task makes are made anew.
    seed
        Seeds the courses; each participant's follows from its place.

    Raises
    ------
    SimulationError
        When the task is none for the model, or cannot be made of so many trials.
    """
    learning = model.learning
    assert learning is not None
    made = made_columns(learning, task)
    given = trials.drop(columns=[*model.response_columns, *made, "dataset"], errors="ignore")
    people = given.get("participant_id", pd.Series("", index=given.index)).fillna("").astype("str")
    given = given.assign(_lane=pd.factorize(people)[0])
    keys = ["_lane", "trial_id"] if "trial_id" in given else ["_lane"]
    ordered = given.sort_values(keys, kind="stable", ignore_index=True)
    counts = tuple(int(n) for n in ordered["_lane"].value_counts(sort=False))
    ordered = ordered.drop(columns="_lane")
    ours = ("participant_id", "trial_id")
    for count in dict.fromkeys(counts):
        check_task(model, task, count, [name for name in ordered.columns if name not in ours])
    courses = tuple(task.course(count, child(seed, k)) for k, count in enumerate(counts))
    shown = columns_before(learning, task, courses)
    return Meeting(model, task, ordered.assign(**shown), counts, courses)


def learned_datasets(
    draws: TrialDraws, numbers: NDArray[np.int64], meeting: Meeting, seed: np.random.SeedSequence
) -> Iterator[Chunk]:
    """Simulate one dataset for each of some draws, lapses included.

    Parameters
    ----------
    draws
        The parameters of the learning model on every trial of the meeting under every draw.
    numbers
        Which draws, in the order in which they are wanted.
    meeting
        Whose trials they are, and the task.
    seed
        Seeds decisions and payoffs. A participant has a stream of its own under every draw, so
        that neither other draws nor other participants change what it does.

    Yields
    ------
    Chunk
        Rows in the order of the draws, then of the meeting's trials, with the columns of the task
        beside rt and response. A participant whose parameters are outside their support on some
        trial has no prediction under that draw, nor has one who could not decide on some trial.
    """
    several = max(1, CHUNK // sum(meeting.counts))
    for first in range(0, numbers.size, several):
        part = numbers[first : first + several]
        yield _chunk(draws, part, meeting, [child(seed, int(n)) for n in part])


@dataclass(eq=False)
class _Lanes:
    """Draws times participants, a lane each, draw after draw."""

    meeting: Meeting
    values: dict[str, FloatArray]
    seeds: list[np.random.SeedSequence]

    def __post_init__(self) -> None:
        self.longest = max(self.meeting.counts)
        ends = np.cumsum(self.meeting.counts)
        # A participant with fewer trials than others goes on with its last one.
        self.rows = [
            np.minimum(np.arange(end - n, end - n + self.longest), end - 1)
            for n, end in zip(self.meeting.counts, ends, strict=True)
        ]

    def run(self, lanes: Sequence[int]) -> dict[str, NDArray[np.generic]]:
        """Simulate some lanes; SimulationError with trial * LANES + place as its row."""
        meeting, people = self.meeting, len(self.meeting.counts)
        padded = [*lanes, *([lanes[0]] * (LANES - len(lanes)))]
        places = [divmod(lane, people) for lane in padded]
        values = {
            name: np.stack([array[d][self.rows[p]] for d, p in places], axis=1)
            for name, array in self.values.items()
        }
        learning = meeting.model.learning
        assert learning is not None
        taken = [name for name in taken_columns(learning) if name in meeting.trials]
        columns = {name: meeting.trials[name].to_numpy(dtype=np.float64) for name in taken}
        learners = set_side_by_side(
            meeting.model,
            meeting.task,
            [_lengthened(meeting.courses[p], self.longest) for _, p in places],
            {name: values[name] for name in meeting.model.parameter_names},
            {n: np.stack([x[self.rows[p]] for _, p in places], 1) for n, x in columns.items()},
            values[LAPSE],
            [child(self.seeds[d], p) for d, p in places],
            len(lanes),
        )
        # Decisions of trials that there are not do not matter; a lapse always comes to an end.
        for k, (_, p) in enumerate(places):
            learners.chances.lapsed[meeting.counts[p] :, k] = True
        return simulate_learners(learners)


def _lengthened(course: Course, trials: int) -> Course:
    """Return a course of so many trials, its last one again where it lacks any."""
    rows = np.minimum(np.arange(trials), course.cue.size - 1)
    return Course(
        course.cue[rows],
        course.block[rows],
        None if course.means is None else course.means[rows],
        None if course.inputs is None else course.inputs[rows],
    )


def _chunk(
    draws: TrialDraws,
    part: NDArray[np.int64],
    meeting: Meeting,
    seeds: list[np.random.SeedSequence],
) -> Chunk:
    """Simulate the datasets of some draws."""
    learning = meeting.model.learning
    assert learning is not None
    rows, shape = draws.rows, (part.size, len(meeting.counts))
    values = draws.of(part)
    firsts = np.cumsum((0, *meeting.counts))[:-1]
    able = np.logical_and.reduceat(_able(meeting.model, values), firsts, axis=1)
    found, told = _simulate(_Lanes(meeting, values, seeds), np.flatnonzero(able))
    columns = {name: np.full((part.size, rows), np.nan) for name in found}
    for lane in told:
        d, p = np.unravel_index(lane, shape)
        trials = slice(firsts[p], firsts[p] + meeting.counts[p])
        for name, panel in found.items():
            columns[name][d, trials] = panel[: meeting.counts[p], lane]
    identity, where = identity_of(meeting.trials, rows), np.tile(np.arange(rows), part.size)
    missing = np.isnan(columns["response"]).ravel()
    response = np.nan_to_num(columns.pop("response")).ravel().astype(np.int64)
    frame = pd.DataFrame(
        {
            "draw": np.repeat(part, rows),
            "row": where,
            "participant_id": identity["participant_id"].array.take(where),
            "trial_id": identity["trial_id"].array.take(where),
            **{name: columns[name].ravel() for name in columns if name == "rt"},
            "response": pd.arrays.IntegerArray(response, missing),
        }
    )
    paid = columns.get("feedback", np.empty(0)).ravel()
    for name in made_columns(learning, meeting.task):
        known = name in meeting.trials
        frame[name] = meeting.trials[name].to_numpy()[where] if known else paid
    outside = int(np.count_nonzero(~np.repeat(able, meeting.counts, axis=1)))
    return Chunk(frame, outside, int(np.count_nonzero(missing)) - outside)


def _able(model: Model, values: dict[str, FloatArray]) -> NDArray[np.bool_]:
    """Tell of every draw and trial whether the model's parameters are inside their supports.

    What the model holds may stand at an end, which switches a part of the rule off.
    """
    lapse = values[LAPSE]
    able = (lapse >= 0.0) & (lapse < 1.0)
    for p in model.parameters:
        x = values[p.name]
        able &= (np.isfinite(x) & (x > p.lower) & (x < p.upper)) | (x == p.held)
    return np.asarray(able)


def _simulate(
    lanes: _Lanes, wanted: NDArray[np.int64]
) -> tuple[dict[str, FloatArray], NDArray[np.int64]]:
    """Simulate lanes, those aside that cannot decide on some trial.

    Returns
    -------
    columns
        By name, shape (trials, lanes).
    told
        The lanes that were simulated.
    """
    total = len(lanes.seeds) * len(lanes.meeting.counts)
    paid = ("feedback",) if isinstance(lanes.meeting.task, Bandit) else ()
    names = (*lanes.meeting.model.response_columns, *paid)
    columns = {name: np.full((lanes.longest, total), np.nan) for name in names}
    done: list[int] = []
    for first in range(0, wanted.size, LANES):
        left = [int(lane) for lane in wanted[first : first + LANES]]
        while left:
            try:
                found = lanes.run(left)
            except SimulationError as error:
                if error.row is None:
                    raise
                # Other lanes do the same without it.
                left.pop(error.row % LANES)
                continue
            for name, panel in found.items():
                columns[name][:, left] = panel
            done += left
            break
    return columns, np.array(sorted(done), dtype=np.int64)
