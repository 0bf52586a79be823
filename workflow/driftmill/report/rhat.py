"""How large the largest r_hat of many converged posteriors is by chance."""

from __future__ import annotations

import numpy as np
from scipy import stats


def expected_largest_r_hat(values: int, chains: int, draws: int, ess: float) -> float:
    """Approximate the expected largest r_hat among converged posteriors.

    Split chains of equal targets differ in their means by Monte-Carlo error alone, so the ratio
    of the variance between them to that within follows an F distribution scaled by the effective
    sample size of a split chain.

    Parameters
    ----------
    values
        How many r_hat are looked at: posteriors times parameters. The rank-normalised r_hat is
        itself the larger of two, of the bulk and of the folded draws.
    chains, draws
        Chains a posterior and draws a chain.
    ess
        Effective sample size of a typical parameter.

    Notes
    -----
    r_hat after Vehtari et al. (2021, Bayesian Analysis 16:667, equations 3 and 4); the expected
    largest of n after Blom (1958). Slow parameters have a smaller effective sample size than the
    typical one, so the true expectation is somewhat larger.
    """
    split = 2 * chains
    looked_at = 2 * values
    probability = (looked_at - 0.375) / (looked_at + 0.25)
    ratio = stats.f.ppf(probability, split - 1, max(ess - split, 1.0))
    length = chains * draws / split
    return float(np.sqrt((length - 1) / length + ratio * split / ess))
