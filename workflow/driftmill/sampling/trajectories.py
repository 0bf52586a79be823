"""How many leapfrog steps an iteration of Hamiltonian Monte Carlo has, fixed beforehand.

Numbers of steps are spread evenly between 1 and N by a low-discrepancy sequence in place of random
jitter (Hoffman, Radul & Sountsov 2021, An adaptive-MCMC scheme for setting trajectory lengths in
Hamiltonian Monte Carlo, AISTATS, PMLR 130:3907-3915, section 3.1). N is not adapted: in whitened
coordinates, where posteriors are nearly standard normal, it follows from the dimension and from the
acceptance that is aimed at.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpyro.infer.hmc_util import build_adaptation_schedule
from scipy.special import ndtri
from scipy.stats.qmc import Halton

#: Length of the longest trajectory in whitened coordinates. Uniform lengths up to here leave no
#: autocorrelation in a standard normal: the mean of their cosines is zero.
LENGTH: Final = np.pi
#: Steps are about this share of those that a normal distribution would allow.
HARDER: Final = 0.7
#: Each retry's longest trajectories are so many times as long: most of those that fail are far
#: from normal in some direction, along which short trajectories hardly move.
LONGER: Final = 2


class Plan(NamedTuple):
    """What every lane does in an iteration; of all iterations as arrays.

    Parameters
    ----------
    iteration
        Its number.
    steps
        Leapfrog steps.
    warming
        Whether the step size is adapted.
    collecting, closing
        Whether the mass matrix learns from it, and is renewed after it.
    last
        Whether it is the last of the warm-up.
    target
        The acceptance that the step size is adapted to.
    """

    iteration: Any
    steps: Any
    warming: Any
    collecting: Any
    closing: Any
    last: Any
    target: Any


def most_steps(dimension: int, target_accept: float, rung: int = 0) -> int:
    """Return the leapfrog steps of the longest trajectories.

    Parameters
    ----------
    dimension
        Of the posterior.
    target_accept
        Mean acceptance probability.
    rung
        Index of the try.

    Notes
    -----
    On a standard normal of d dimensions the energy error of leapfrog steps e has variance
    ``d e**4 / 32`` on the mean over trajectories, and the mean acceptance is ``2 Phi(-sd / 2)``
    (Beskos et al. 2013, Bernoulli 19:1501-1534, theorem 3.6).
    """
    step = np.sqrt(-2.0 * ndtri(target_accept / 2.0) * np.sqrt(32.0 / dimension))
    first = int(np.ceil(LENGTH / (HARDER * step)))
    return int(LONGER**rung) * first


def plan_of(warmup: int, draws: int, target_accept: float, most: int) -> Plan:
    """Return what is done in every iteration of a try.

    Parameters
    ----------
    warmup, draws
        Iterations of adaptation, and those kept after them.
    target_accept
        See ``Plan``.
    most
        Leapfrog steps of the longest trajectories.
    """
    n = warmup + draws
    collecting, closing = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for window in build_adaptation_schedule(warmup)[1:-1]:
        collecting[window.start : window.end + 1] = True
        closing[window.end] = True
    steps = 1 + np.floor(most * Halton(1, scramble=False).random(n)[:, 0]).astype(np.int64)
    iteration = np.arange(n)
    target = np.full(n, target_accept)
    return Plan(
        iteration, steps, iteration < warmup, collecting, closing, iteration == warmup - 1, target
    )
