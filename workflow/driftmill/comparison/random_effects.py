"""How frequent each model is in a population: random-effects model selection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, special, stats

FloatArray = NDArray[np.float64]

#: Iterations of the variational scheme at most, and the change of the counts that ends it.
MOST, TOLERANCE = 10_000, 1e-9


@dataclass(frozen=True, eq=False)
class Frequencies:
    """The posterior over how frequent each of K models is among participants.

    Parameters
    ----------
    alpha
        Parameters of the variational Dirichlet, shape (K,).
    exceedance
        Probability of each model of being the most frequent one, shape (K,).
    omnibus_risk
        Probability that all models are equally frequent, given the data and equal odds before.
    """

    alpha: FloatArray
    exceedance: FloatArray
    omnibus_risk: float

    @property
    def expected(self) -> FloatArray:
        """Expected frequency of each model."""
        return np.asarray(self.alpha / self.alpha.sum())

    @property
    def sd(self) -> FloatArray:
        """Posterior standard deviation of each frequency."""
        return np.asarray(stats.beta(self.alpha, self.alpha.sum() - self.alpha).std())

    @property
    def protected(self) -> FloatArray:
        """Protected exceedance probabilities (Rigoux et al. 2014)."""
        return (1 - self.omnibus_risk) * self.exceedance + self.omnibus_risk / len(self.alpha)

    def interval(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Central interval of each frequency: of its Beta marginal."""
        lower, upper = stats.beta(self.alpha, self.alpha.sum() - self.alpha).interval(level)
        return np.asarray(lower), np.asarray(upper)


def frequencies(evidence: FloatArray, prior: float = 1.0) -> Frequencies:
    """Infer how frequent each model is, when participants may differ in their model.

    Every participant has one of the models, drawn by frequencies r ~ Dirichlet(prior, ..., prior).
    The posterior of r and of the participants' models is approximated by independent factors
    (Stephan et al. 2009, NeuroImage 46:1004); the omnibus risk compares the bound on its evidence
    with the evidence when all frequencies are 1/K (Rigoux et al. 2014, NeuroImage 84:971). Since
    the bound lies below the evidence, the risk is overstated somewhat; and since factors that are
    apart are too narrow, the exceedance is overstated where single participants say little
    (differences in log evidence of about 1).

    Parameters
    ----------
    evidence
        Log evidence of each model for each participant, or what stands for it, such as elpd; shape
        (participants, K), finite.
    prior
        Of each model, in participants.

    Raises
    ------
    ValueError
        When the array has another shape or holds what is not finite.
    """
    if evidence.ndim != 2 or evidence.shape[0] < 1 or evidence.shape[1] < 2:
        raise ValueError(
            "evidence must be (participants, models) with one participant and two models at least, "
            f"not of shape {evidence.shape}"
        )
    if not np.isfinite(evidence).all():
        raise ValueError("evidence holds NaN or infinities: leave these participants out")
    start = np.full(evidence.shape[1], prior)
    assigned = special.softmax(evidence, axis=1)
    alpha = start + assigned.sum(axis=0)
    for _ in range(MOST):
        assigned = special.softmax(evidence + _mean_log(alpha), axis=1)
        before, alpha = alpha, start + assigned.sum(axis=0)
        if np.abs(alpha - before).max() < TOLERANCE:
            break
    bound = _bound(evidence, assigned, alpha, start)
    equal = float((special.logsumexp(evidence, axis=1) - np.log(evidence.shape[1])).sum())
    return Frequencies(alpha, exceedance(alpha), float(special.expit(equal - bound)))


def exceedance(alpha: FloatArray) -> FloatArray:
    """Probability of each component of a Dirichlet of being the greatest.

    As a Dirichlet is a vector of independent Gammas over their sum, that of component k is the
    mean, over its own Gamma, of the product of the others' distribution functions.

    Parameters
    ----------
    alpha
        Parameters of the Dirichlet, shape (K,).
    """
    if len(alpha) == 2:
        first = float(stats.beta(*alpha).sf(0.5))
        return np.array([first, 1 - first])
    others = ~np.eye(len(alpha), dtype=bool)

    def below(u: float) -> FloatArray:
        quantiles = special.gammaincinv(alpha, u)[:, None]
        return np.asarray(np.prod(special.gammainc(alpha, quantiles), axis=1, where=others))

    found = integrate.quad_vec(below, 0.0, 1.0, epsabs=1e-10, epsrel=1e-8)[0]
    return np.asarray(found / found.sum())


def _mean_log(alpha: FloatArray) -> FloatArray:
    return np.asarray(special.digamma(alpha) - special.digamma(alpha.sum()))


def _bound(
    evidence: FloatArray, assigned: FloatArray, alpha: FloatArray, start: FloatArray
) -> float:
    """Return the variational bound on the log evidence, by the factors' expectations."""
    log_r = _mean_log(alpha)
    likelihood = float((assigned * (evidence + log_r)).sum()) + float(special.entr(assigned).sum())
    return likelihood + _log_dirichlet(start, log_r) - _log_dirichlet(alpha, log_r)


def _log_dirichlet(alpha: FloatArray, log_r: FloatArray) -> float:
    constant = special.gammaln(alpha.sum()) - special.gammaln(alpha).sum()
    return float(constant + ((alpha - 1) * log_r).sum())
