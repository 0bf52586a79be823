"""Tasks: what the participants of simulated data learn from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import child

#: How a bandit pays: 1 with the mean as its probability, else 0; or around the mean.
Payoff = Literal["bernoulli", "gaussian"]


@dataclass(frozen=True, eq=False)
class Course:
    """What one participant meets on its trials, whatever it does; arrays of shape (trials,).

    Parameters
    ----------
    cue, block
        Which cue a trial is about and which block it is in, from 0.
    means
        The mean payoff of every option, shape (trials, options); None where nothing pays.
    inputs
        The input of every trial; None where what is learned from depends on the choice.
    """

    cue: NDArray[np.int64]
    block: NDArray[np.int64]
    means: FloatArray | None = None
    inputs: FloatArray | None = None


@dataclass(frozen=True)
class Bandit:
    """Options that pay off: the feedback depends on what is chosen.

    Parameters
    ----------
    means
        The mean payoffs at the start: a row a cue, an entry an option. The cues of a block come
        equally often (or as nearly as the trials allow) in an order that is shuffled anew for
        every participant.
    payoff
        ``bernoulli`` or ``gaussian``.
    sd
        The sd of a Gaussian payoff around its mean.
    drift
        The sd of the step by which every mean of every cue walks from trial to trial; the means
        of Bernoulli payoffs are reflected into [0, 1]. Every participant has a walk of its own.
    reverse_every
        After every so many trials of a cue the order of its options' means is reversed.
    blocks
        Equal blocks of trials. Each is the task from its start: means, reversals, and the
        process that learns.

    Raises
    ------
    SimulationError
        Naming the field, its value and the remedy.
    """

    means: tuple[tuple[float, ...], ...]
    payoff: Payoff = "bernoulli"
    sd: float = 1.0
    drift: float = 0.0
    reverse_every: int | None = None
    blocks: int = 1

    def __post_init__(self) -> None:
        lengths = [len(row) for row in self.means]
        if not lengths or min(lengths) < 2 or max(lengths) > min(lengths):
            _refuse("means", self.means, "give a row a cue, each with a mean for every option")
        if self.payoff not in ("bernoulli", "gaussian"):
            _refuse("payoff", self.payoff, "give bernoulli or gaussian")
        for mean in (mean for row in self.means for mean in row):
            if not math.isfinite(mean):
                _refuse("means", mean, "give finite numbers")
            if self.payoff == "bernoulli" and not 0 <= mean <= 1:
                _refuse("means", mean, "the mean of a Bernoulli payoff is a probability in [0, 1]")
        if not 0 < self.sd < math.inf:
            _refuse("sd", self.sd, "give a number above 0")
        if not 0 <= self.drift < math.inf:
            _refuse("drift", self.drift, "give 0 or a number above it")
        if self.reverse_every is not None and self.reverse_every < 1:
            _refuse("reverse_every", self.reverse_every, "give 1 or more, or nothing for never")
        if self.blocks < 1:
            _refuse("blocks", self.blocks, "give 1 or more")

    @property
    def supplies(self) -> str:
        """The input of a process that the task makes."""
        return "feedback"

    @property
    def binary(self) -> bool:
        """Whether it supplies 0 and 1 alone."""
        return self.payoff == "bernoulli"

    @property
    def cues(self) -> int:
        """How many cues there are."""
        return len(self.means)

    @property
    def options(self) -> int:
        """How many options a cue has."""
        return len(self.means[0])

    def check(self, trials: int) -> None:
        """Check that so many trials of a participant can be made; SimulationError if not."""
        if trials % self.blocks:
            remedy = f"{trials} trials cannot be cut into {self.blocks} equal blocks"
            _refuse("blocks", self.blocks, f"{remedy}; give a divisor of the trials")
        if trials // self.blocks < self.cues:
            remedy = f"a block of {trials // self.blocks} trials has no room for {self.cues} cues"
            _refuse("means", self.means, f"{remedy}; give more trials or fewer blocks")

    def course(self, trials: int, seed: np.random.SeedSequence) -> Course:
        """Make one participant's course of trials; the same seed makes the same."""
        length = trials // self.blocks
        made = [self._block(length, child(seed, block)) for block in range(self.blocks)]
        cues, means = (np.concatenate(parts) for parts in zip(*made, strict=True))
        return Course(cues, np.repeat(np.arange(self.blocks), length), means=means)

    def noise(self, trials: int, seed: np.random.SeedSequence) -> FloatArray:
        """Draw what decides, with the mean of the option taken, how each trial pays."""
        rng = np.random.default_rng(seed)
        return rng.random(trials) if self.payoff == "bernoulli" else rng.standard_normal(trials)

    def feedback(self, means: FloatArray, noise: FloatArray) -> FloatArray:
        """Return the payoffs of options with such means."""
        if self.payoff == "bernoulli":
            return (noise < means).astype(np.float64)
        return means + self.sd * noise

    def _block(
        self, trials: int, seed: np.random.SeedSequence
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the cue and the options' means on the trials of one block."""
        order = np.random.default_rng(child(seed, 0))
        cue = order.permutation(np.resize(np.arange(self.cues), trials))
        means = np.broadcast_to(np.asarray(self.means), (trials, self.cues, self.options))
        if self.drift:
            steps = np.random.default_rng(child(seed, 1)).standard_normal(means.shape)
            steps[0] = 0.0
            means = means + self.drift * np.cumsum(steps, axis=0)
            if self.payoff == "bernoulli":
                # A walk that is reflected is a free one, folded: its steps are symmetric.
                means = 1.0 - np.abs(np.mod(means, 2.0) - 1.0)
        now: FloatArray = means[np.arange(trials), cue]
        if self.reverse_every is not None:
            seen = np.cumsum(cue[:, None] == np.arange(self.cues), axis=0)
            before = seen[np.arange(trials), cue] - 1
            turned = before // self.reverse_every % 2 == 1
            now = np.where(turned[:, None], now[:, ::-1], now)
        return cue, now


@dataclass(frozen=True)
class Inputs:
    """Inputs that are seen, whatever is chosen; exactly one of the three is given.

    Parameters
    ----------
    values
        The input of every trial, the same for all participants; those beyond the last trial are
        not used.
    schedule
        Segments of (probability, trials): the input is 1 with the probability, else 0, drawn
        anew for every participant.
    walk
        The sd of the steps of a Gaussian random walk from 0, which is the first input; drawn
        anew for every participant.

    Raises
    ------
    SimulationError
        Naming the field, its value and the remedy.
    """

    values: tuple[float, ...] | None = None
    schedule: tuple[tuple[float, int], ...] | None = None
    walk: float | None = None

    def __post_init__(self) -> None:
        given = [f for f in ("values", "schedule", "walk") if getattr(self, f) is not None]
        if len(given) != 1:
            _refuse("inputs", " and ".join(given) or "nothing", "give values, schedule or walk")
        for value in self.values or ():
            if not math.isfinite(value):
                _refuse("values", value, "give finite numbers")
        for segment in self.schedule or ():
            if not 0 <= segment[0] <= 1 or segment[1] < 1:
                _refuse("schedule", segment, "give a probability in [0, 1] and 1 trial or more")
        if self.walk is not None and not 0 < self.walk < math.inf:
            _refuse("walk", self.walk, "give a number above 0")

    @property
    def supplies(self) -> str:
        """The input of a process that the task makes."""
        return "u"

    @property
    def binary(self) -> bool:
        """Whether it supplies 0 and 1 alone."""
        return self.schedule is not None or set(self.values or (2,)) <= {0, 1}

    @property
    def cues(self) -> int:
        """How many cues there are."""
        return 1

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return 1

    def check(self, trials: int) -> None:
        """Check that so many trials of a participant can be made; SimulationError if not."""
        if self.values is not None and len(self.values) < trials:
            _refuse(
                "values", f"{len(self.values)} numbers", f"give one for each of {trials} trials"
            )
        if self.schedule is not None and (room := sum(n for _, n in self.schedule)) < trials:
            _refuse("schedule", f"{room} trials", f"its segments must cover {trials} trials")

    def course(self, trials: int, seed: np.random.SeedSequence) -> Course:
        """Make one participant's course of trials; the same seed makes the same."""
        rng = np.random.default_rng(seed)
        if self.values is not None:
            inputs = np.asarray(self.values, dtype=np.float64)[:trials]
        elif self.schedule is not None:
            probabilities, lengths = zip(*self.schedule, strict=True)
            chances = np.repeat(np.asarray(probabilities), lengths)[:trials]
            inputs = (rng.random(trials) < chances).astype(np.float64)
        else:
            assert self.walk is not None  # one of the three is given
            steps = self.walk * rng.standard_normal(trials)
            steps[0] = 0.0
            inputs = np.cumsum(steps)
        zeros = np.zeros(trials, dtype=np.int64)
        return Course(zeros, zeros, inputs=inputs)


Task = Bandit | Inputs


def _refuse(field: str, value: object, remedy: str) -> None:
    raise SimulationError(f"the task's {field} = {value}: {remedy}")
