"""Moment matching: draws of a posterior moved to where the posterior without one trial is.

Paananen, Piironen, Buerkner & Vehtari 2021, Stat. Comput. 31:16, algorithms 1 and 2, as the R
package loo has them, but for one thing: the second of its two proposals is evaluated at the exact
inverse of the move, which loo and arviz-stats 1.3 take for another wherever it changes a scale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from arviz_stats.base import array_stats
from scipy.special import logsumexp

from driftmill.models.declaration import FloatArray

#: Moves that are tried at most.
MOVES = 30

#: From positions (S, d) to the log posterior density there and the trial's log likelihood, (S,).
Evaluate = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
#: From positions (S, d) and normalised log weights (S,) to the matrix of a move about the mean.
Match = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class Matched:
    """A trial's score by moved draws.

    Parameters
    ----------
    elpd
        Expected log predictive density of the trial given all others.
    pareto_k
        Of the importance weights that it was taken with.
    """

    elpd: float
    pareto_k: float


@dataclass(frozen=True)
class Move:
    """An affine map of positions: ``matrix (x - centre) + target``."""

    matrix: FloatArray
    centre: FloatArray
    target: FloatArray

    def __call__(self, positions: FloatArray) -> FloatArray:
        """Return moved positions, shape (k, d)."""
        return np.asarray((positions - self.centre) @ self.matrix.T + self.target)

    def back(self, positions: FloatArray) -> FloatArray:
        """Return whence positions were moved, shape (k, d)."""
        solved = np.linalg.solve(self.matrix, (positions - self.target).T).T
        return np.asarray(solved + self.centre)

    def after(self, matrix: FloatArray, target: FloatArray) -> Move:
        """Return this move followed by one about the mean of what it moved."""
        return Move(matrix @ self.matrix, self.centre, target)


def moment_match(
    positions: FloatArray,
    log_density: FloatArray,
    log_likelihood: FloatArray,
    evaluate: Evaluate,
    r_eff: float,
    k_limit: float,
) -> Matched | None:
    """Score one trial by draws that are moved until their weights have a tail that will do.

    Parameters
    ----------
    positions
        Draws of the posterior on the unconstrained scale, shape (S, d).
    log_density
        The log posterior density there, up to a constant, shape (S,).
    log_likelihood
        The trial's log likelihood there, shape (S,).
    evaluate
        Both at other positions.
    r_eff
        Relative efficiency of the draws.
    k_limit
        The Pareto k at which moves end.

    Returns
    -------
    Matched or None
        None where no move makes k smaller.
    """
    move = Move(np.eye(positions.shape[1]), positions.mean(axis=0), positions.mean(axis=0))
    moved = positions
    weights, k = smooth(-log_likelihood, r_eff)
    first = k
    for _ in range(MOVES):
        if k <= k_limit:
            break
        for match in (_mean, _variances, _covariance):
            found = _next(moved, weights, match)
            if found is None:
                continue
            tried = (moved - moved.mean(axis=0)) @ found[0].T + found[1]
            density, likelihood = evaluate(tried)
            lighter, smaller = smooth(density - likelihood - log_density, r_eff)
            if smaller < k:
                move, moved, weights, k = move.after(*found), tried, lighter, smaller
                break
        else:
            break
    if not k < first:
        return None
    return score_moved(positions, log_density, log_likelihood, move, evaluate, r_eff)


def score_moved(
    positions: FloatArray,
    log_density: FloatArray,
    log_likelihood: FloatArray,
    move: Move,
    evaluate: Evaluate,
    r_eff: float,
) -> Matched:
    """Move every other draw, and weight all by the mixture of where they come from.

    The mixture covers what either half covers: where the trial is likely, and where the posterior
    without it is.

    Parameters
    ----------
    positions, log_density, log_likelihood
        Draws of the posterior, the density and the trial's log likelihood there.
    move
        The move.
    evaluate
        Both at other positions.
    r_eff
        Relative efficiency of the draws.
    """
    movable = np.arange(len(positions)) % 2 == 0
    points = np.where(movable[:, None], move(positions), positions)
    others = move.back(positions[~movable])
    asked = positions.copy()
    asked[movable], asked[~movable] = points[movable], others
    density, likelihood = evaluate(asked)
    at_points = np.where(movable, density, log_density)
    at_origins = np.where(movable, log_density, density)
    _, log_volume = np.linalg.slogdet(move.matrix)
    of_trial = np.where(movable, likelihood, log_likelihood)
    mixture = np.logaddexp(at_points, at_origins - log_volume)
    weights, k = smooth(at_points - of_trial - mixture, r_eff)
    return Matched(float(logsumexp(weights + of_trial)), k)


def smooth(log_ratios: FloatArray, r_eff: float) -> tuple[FloatArray, float]:
    """Return Pareto-smoothed normalised log weights of log ratios, shape (S,), and k.

    A draw at which the ratio is not a number has none of the weight; where no Pareto fits the
    tail k is infinite.
    """
    ratios = np.where(np.isnan(log_ratios) | np.isposinf(log_ratios), -np.inf, log_ratios)
    if not np.isfinite(ratios).any():
        return np.full(ratios.shape, -np.log(ratios.size)), np.inf
    try:
        with np.errstate(all="ignore"):
            weights, k = array_stats.psislw(-ratios, r_eff=r_eff)
    except ValueError:  # all of the tail is one value
        return ratios - logsumexp(ratios), np.inf
    return weights - logsumexp(weights), float(k) if np.isfinite(k) else np.inf


def _next(
    moved: FloatArray, weights: FloatArray, match: Match
) -> tuple[FloatArray, FloatArray] | None:
    """Return the matrix of a move and the mean it leads to; None where there is none."""
    try:
        with np.errstate(all="ignore"):
            matrix, target = match(moved, weights), np.exp(weights) @ moved
    except np.linalg.LinAlgError:
        return None
    usable = np.isfinite(matrix).all() and np.isfinite(target).all()
    return (matrix, target) if usable else None


def _mean(moved: FloatArray, weights: FloatArray) -> FloatArray:
    """Match the mean alone."""
    return np.eye(moved.shape[1])


def _variances(moved: FloatArray, weights: FloatArray) -> FloatArray:
    """Match the marginal variances too."""
    by = np.exp(weights)
    size = len(moved)
    weighted = (by @ moved**2 - (by @ moved) ** 2) * size / (size - 1)
    ratio = weighted / moved.var(axis=0, ddof=1)
    return np.diag(np.sqrt(np.where(ratio > 0, ratio, np.nan)))


def _covariance(moved: FloatArray, weights: FloatArray) -> FloatArray:
    """Match the covariance too."""
    by = np.exp(weights)
    weighted = np.atleast_2d(np.cov(moved, rowvar=False, aweights=by, ddof=1))
    plain = np.atleast_2d(np.cov(moved, rowvar=False, ddof=1))
    wanted, had = np.linalg.cholesky(weighted), np.linalg.cholesky(plain)
    return np.asarray(np.linalg.solve(had.T, wanted.T).T)
