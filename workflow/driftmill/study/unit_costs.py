"""What one thing costs on an ordinary machine, and how large a dataset is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from driftmill.study.learning_costs import LearningCosts

#: Prices of the densities that are neither cheap nor solved for numerically.
_DENSITIES = {
    **{"full_ddm": 54.0, "ddm_seq2_no_bias": 44.0, "poisson_race": 14.0},
    **{"lba2": 2.7, "lba3": 4.1, "lba4": 5.4},
    **{"racing_diffusion_2": 10.0, "racing_diffusion_3": 14.0, "racing_diffusion_4": 15.0},
}


@dataclass(frozen=True)
class NetworkCosts:
    """What networks cost on one core of an ordinary machine.

    Parameters
    ----------
    trial, target
        Seconds to simulate a trial of a training set, or to solve for a log density.
    product
        Seconds of a product with a weight, forwards and backwards, in training.
    component
        Seconds of a component of a mixture at a trial, forwards and backwards, in training.
    check
        Seconds for each set of parameters on which the accuracy is measured.
    pictures
        Seconds to draw densities beside simulated trials.
    density
        How many times as much as that of the plain diffusion model a trial's density costs.
    """

    trial: float = 1.2e-4
    target: float = 1e-4
    product: float = 5e-10
    component: float = 4e-8
    check: float = 4.0
    pictures: float = 15.0
    density: float = 4.0


@dataclass(frozen=True)
class Costs:
    """What things cost on one core of an ordinary machine.

    Parameters
    ----------
    start
        Seconds for a job to start, Snakemake and the imports included.
    compile
        Seconds to build and compile the log density of a batch the first time.
    posterior, trial
        Seconds for one posterior of ``parameters`` free parameters with ``iterations`` iterations
        (warm-up and draws of all chains), and what each trial adds; longer in proportion to
        parameters and iterations. Learning models cost a posterior beside ``learning``.
    groups
        By how much longer a posterior with groups takes: its steps are smaller. Deviations do not
        count as parameters, since their coordinates are nearly independent.
    loo
        Seconds for the LOO of one posterior of 4,000 draws on ``trials`` trials.
    integrals
        By how much longer the LOO of participants takes; so does each fold.
    rank
        Seconds to rank the truths of one dataset.
    simulate
        Seconds to simulate one dataset.
    predictive
        Seconds to simulate one predictive draw of ``trials`` trials with response times; choices
        alone cost next to nothing.
    figures
        Seconds for the figures of one cell under one fit.
    draw_bytes, sample_bytes
        Disk for one draw: of each parameter, and of the sampler's own numbers.
    trial_bytes
        Disk for one trial, in the data and in each table of pointwise numbers.
    densities
        How many times as much as those of the plain diffusion model trials of other models cost
        (measured by tests/bench/catalogue.py); 1 where nothing is said.
    learning
        What is different for learning models.
    black_box
        Seconds for one value of a log density that is a black box.
    solution, compile_solution
        Seconds of the gradient of a log density that is solved for numerically, and to compile it.
    networks
        What networks cost.
    """

    start: float = 6.0
    compile: float = 6.0
    posterior: float = 0.1
    trial: float = 0.00095
    groups: float = 2.0
    loo: float = 0.15
    integrals: float = 5.0
    rank: float = 0.05
    simulate: float = 0.02
    predictive: float = 0.003
    figures: float = 10.0
    parameters: int = 4
    trials: int = 200
    iterations: int = 4 * (300 + 1000)
    draw_bytes: float = 7.7
    sample_bytes: float = 30.0
    trial_bytes: float = 20.0
    densities: Mapping[str, float] = field(default_factory=lambda: dict(_DENSITIES))
    learning: LearningCosts = field(default_factory=LearningCosts)
    black_box: float = 0.5e-3
    solution: float = 1.2e-3
    compile_solution: float = 90.0
    networks: NetworkCosts = field(default_factory=NetworkCosts)


@dataclass(frozen=True)
class Size:
    """How large a dataset is: its trials that are scored, and its participants."""

    trials: int
    participants: int


@dataclass(frozen=True)
class Freedom:
    """How many numbers a fit estimates.

    Parameters
    ----------
    shared
        Parameters, coefficients (one a term) and sds of groups.
    each
        Deviations of each member of a group; the groups are taken to be participants.
    """

    shared: int
    each: int

    def of(self, size: Size) -> int:
        """Return how many there are in a dataset."""
        return self.shared + self.each * size.participants
