"""What a learning model costs: the scan of its process, and decisions of which each is another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftmill.models.learning import Learning

#: Filters of three levels, whose trial costs about five times as much as one of two.
_DEEP = (
    "hgf_binary_3",
    "hgf_binary_3_standard",
    "hgf_continuous_3",
    "hgf_continuous_3_standard",
)


@dataclass(frozen=True)
class Learner:
    """What of a learning model tells its costs, without the model.

    Parameters
    ----------
    process, decision
        Names of the learning process and of the decision model.
    has_rt
        Whether the decisions have response times.
    follows_choice
        Whether the process learns from the choice.
    """

    process: str
    decision: str
    has_rt: bool
    follows_choice: bool = True


def learner_of(learning: Learning) -> Learner:
    """Return what tells the costs of a learning model."""
    process, decision = learning.process, learning.decision
    return Learner(process.name, decision.name, decision.has_rt, process.follows_choice)


@dataclass(frozen=True)
class LearningCosts:
    """Seconds of one core of an ordinary machine.

    Parameters
    ----------
    scan, deep_scan
        The gradient of one step of a process, all participants at once: of a rule of learning
        or a filter of two levels, and of a filter of three.
    choice, timed
        The gradient of one decision with parameters of its own: of choices alone, and of choices
        and times.
    decisions
        That of single decision models which cost less.
    leapfrogs
        Gradients of an iteration with one parameter; they grow with the square root of how many
        there are, as the trajectories of a sampler do, and are twice as many with groups.
    step_timed, step_choice
        To simulate one trial of a group of participants who learn from what they choose.
    """

    scan: float = 0.18e-6
    deep_scan: float = 0.78e-6
    choice: float = 0.02e-6
    timed: float = 0.1e-6
    decisions: Mapping[str, float] = field(
        default_factory=lambda: {"ddm": 0.06e-6, "ddm_sdv": 0.06e-6}
    )
    leapfrogs: float = 2.0
    step_timed: float = 3e-3
    step_choice: float = 0.8e-3

    def trajectory(self, learner: Learner, length: int) -> float:
        """Return the seconds of a process's gradient over ``length`` trials of a participant."""
        deep = learner.process in _DEEP
        return (self.deep_scan if deep else self.scan) * length

    def gradient(self, learner: Learner, trials: int, participants: int) -> float:
        """Return the seconds of a gradient of the log density of so many trials in all."""
        usual = self.timed if learner.has_rt else self.choice
        decision = self.decisions.get(learner.decision, usual)
        return decision * trials + self.trajectory(learner, math.ceil(trials / participants))

    def steps(self, shared: int, groups: bool) -> float:
        """Return the gradients of an iteration with so many parameters beside the deviations."""
        return self.leapfrogs * math.sqrt(max(1, shared)) * (2.0 if groups else 1.0)

    def simulation(self, learner: Learner, trials: int, participants: int) -> float:
        """Return the seconds of simulating a dataset with so many trials of each participant.

        All decisions of a process that does not follow the choices are drawn at once.
        """
        if not learner.follows_choice:
            return 0.0
        from driftmill.likelihoods.exact_draws import LANES

        step = self.step_timed if learner.has_rt else self.step_choice
        return step * trials * math.ceil(participants / LANES)
