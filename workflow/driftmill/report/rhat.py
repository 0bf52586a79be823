"""How large the largest r_hat of many converged posteriors is by chance."""

from __future__ import annotations

import numpy as np
from scipy import stats


def expected_largest_r_hat(values: int, chains: int, draws: int, ess: float) -> float:
    """Approximate the expected largest r_hat among converged posteriors.

    Parameters
    ----------
    values
        How many r_hat are looked at: posteriors times parameters.
    chains, draws
        Chains a posterior and draws a chain.
    ess
        Effective sample size of a typical parameter.

    Notes
    -----
    The expected largest of n after Blom (1958).
    """
    looked_at = 2 * values
    return _r_hat_at((looked_at - 0.375) / (looked_at + 0.25), chains, draws, ess)


def largest_r_hat_by_chance(
    values: int, chains: int, draws: int, ess: float, probability: float = 0.95
) -> float:
    """Approximate what the largest r_hat of converged posteriors stays below.

    Parameters
    ----------
    values, chains, draws, ess
        As for :func:`expected_largest_r_hat`.
    probability
        With which it stays below.
    """
    return _r_hat_at(probability ** (1 / (2 * values)), chains, draws, ess)


def _r_hat_at(probability: float, chains: int, draws: int, ess: float) -> float:
    """Return a quantile of r_hat of a converged parameter.

    Split chains of equal targets differ in their means by Monte-Carlo error alone, so the ratio
    of the variance between them to that within follows an F distribution, scaled by the
    effective sample size of a split chain (Vehtari et al. 2021, Bayesian Analysis 16:667,
    equations 3 and 4). The rank-normalised r_hat is the larger of two, of the bulk and of the
    folded draws, so callers count every value twice. Slow parameters have a smaller effective
    sample size than the typical one, which makes the truth somewhat larger.
    """
    split = 2 * chains
    ratio = stats.f.ppf(probability, split - 1, max(ess - split, 1.0))
    length = chains * draws / split
    return float(np.sqrt((length - 1) / length + ratio * split / ess))
