"""Whether a model's simulator draws from its density: a chi-square over choices and times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from driftmill.models.probe import Probe
from driftmill.simulation.trials import simulate_trials


@dataclass(frozen=True)
class ChiSquare:
    """Counts held against their probabilities.

    Parameters
    ----------
    statistic
        The sum of squared differences over what is expected.
    degrees
        Degrees of freedom.
    """

    statistic: float
    degrees: int

    @property
    def p_value(self) -> float:
        """How likely a statistic as large is when the probabilities are true."""
        return float(stats.chi2.sf(self.statistic, self.degrees)) if self.degrees else 1.0


def chi_square(observed: ArrayLike, probability: ArrayLike) -> ChiSquare:
    """Hold counts against probabilities; cells that expect under five are put together."""
    counts, shares = np.asarray(observed, float), np.asarray(probability, float)
    n = counts.sum()
    rare = n * shares < 5
    cells = [*zip(counts[~rare], shares[~rare], strict=True)]
    if n * shares[rare].sum() >= 5:
        cells.append((counts[rare].sum(), shares[rare].sum()))
    elif counts[rare].sum() > 5:
        # What practically cannot be: keep it apart, or it would go unseen.
        cells.append((counts[rare].sum(), 5 / n))
    expected = n * np.array([share for _, share in cells])
    statistic = (np.array([count for count, _ in cells]) - expected) ** 2 / expected
    return ChiSquare(float(statistic.sum()), max(len(cells) - 1, 0))


def simulator_agreement(
    probe: Probe, parameters: Mapping[str, float], n: int, seed: np.random.SeedSequence
) -> ChiSquare:
    """Simulate trials and hold them against the density, in 20 bins of time for every choice.

    Parameters
    ----------
    probe
        The density.
    parameters
        A value of every parameter.
    n
        How many trials.
    seed
        Seeds the simulation.

    Raises
    ------
    SimulationError
        When the simulator fails.
    """
    model = probe.model
    columns = {name: np.full(n, value) for name, value in parameters.items()}
    trials = simulate_trials(model, columns, seed)
    observed: list[float] = []
    probability: list[float] = []
    grid = probe.mass_over_time(parameters) if model.has_rt else None
    for choice in model.choices:
        chosen = trials["response"] == choice
        if grid is None:
            observed.append(chosen.sum())
            probability.append(float(np.exp(probe.log_p(parameters, float(choice)))))
            continue
        rt, cumulative = grid[0], grid[1][choice]
        # Bins of equal mass, cut where the grid has points.
        cuts = np.searchsorted(cumulative, cumulative[-1] * np.linspace(0, 1, 21)[1:-1])
        observed.extend(np.histogram(trials["rt"][chosen], [-np.inf, *rt[cuts], np.inf])[0])
        probability.extend(np.diff(cumulative[cuts], prepend=0.0, append=cumulative[-1]))
    return chi_square(observed, probability)
