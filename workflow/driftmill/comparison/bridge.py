"""The score of a trial from two posteriors, with it and without it, by bridge sampling.

Without the trial its score is the log of its mean likelihood. For a trial far out few of the
draws carry that mean; those of the posterior that has seen it lie where it is likely, and the two
densities differ by the likelihood alone. Meng & Wong 1996, Statistica Sinica 6:831-860, equation
4.1: the estimator of least variance that takes both. Where the two posteriors lie apart, as they do
for a trial whose log likelihood is hundreds below the others', the score is finite but rough.
"""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from driftmill.models.declaration import FloatArray

#: The fixed point is reached when a round changes the score by less, and rounds at most.
TOLERANCE, ROUNDS = 1e-10, 1000


def bridge(without: FloatArray, with_it: FloatArray) -> float:
    """Estimate the log mean likelihood of a trial under the posterior without it.

    Parameters
    ----------
    without
        Its log likelihood at draws of the posterior without it, any shape; -inf is allowed.
    with_it
        The same at draws of the posterior with it, finite.

    Returns
    -------
    float
        -inf where no draw without it finds it possible.
    """
    out, seen = without.reshape(-1), with_it.reshape(-1)
    if np.all(np.isneginf(out)):
        return -np.inf
    total = out.size + seen.size
    share_out, share_seen = np.log(out.size / total), np.log(seen.size / total)
    score = float(logsumexp(out) - np.log(out.size))
    for _ in range(ROUNDS):
        above = out - np.logaddexp(share_seen + out, share_out + score)
        below = -np.logaddexp(share_seen + seen, share_out + score)
        before, score = (
            score,
            float(logsumexp(above) - np.log(out.size) - logsumexp(below) + np.log(seen.size)),
        )
        if abs(score - before) < TOLERANCE:
            break
    return score
