"""Where to look for a participant's deviations: near their posterior, and anywhere the prior is.

The integral of a participant's likelihood over their deviations u, given the shared parameters,
is an expectation over any distribution that covers the integrand. The posterior's draws say where
the integrand has its mass: a multivariate t around the regression of u on the shared parameters,
with the covariance of what is left over. A share of the draws comes from the prior p(u | shared),
which keeps the weights below the largest likelihood over that share (defensive mixture, Hesterberg
1995, Technometrics 37:185).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from driftmill.comparison.effects import Effects
from driftmill.models.declaration import FloatArray

#: Share of the draws that come from the prior.
DEFENSIVE = 0.2
#: Degrees of freedom of the multivariate t.
TAILS = 5.0
#: Least variance of a deviation given the shared parameters, relative to the mean of its prior's.
_LEAST = 1e-4


@dataclass(frozen=True, eq=False)
class Proposal:
    """A distribution of every participant's deviations for any values of the shared parameters.

    Parameters
    ----------
    effects
        Which deviations there are, J participants' p.
    centre, weights
        Of the shared parameters: the middle, shape (q,), and the change of each deviation by one
        unit of each, shape (q, J, p).
    mean
        Deviations at the middle, shape (J, p).
    root
        Lower Cholesky factor of each participant's covariance, shape (J, p, p); the unit where
        there is no such deviation.
    """

    effects: Effects
    centre: FloatArray
    weights: FloatArray
    mean: FloatArray
    root: FloatArray

    def draw(
        self, rng: np.random.Generator, shared: FloatArray, sds: FloatArray, size: int
    ) -> FloatArray:
        """Draw deviations, shape (size, J, p), at shared values (q,) and sds (J, p)."""
        known = self.effects.known
        J, p = known.shape
        normal = rng.standard_normal((size, J, p))
        near = np.einsum("jab,kjb->kja", self.root, normal)
        near *= np.sqrt(TAILS / rng.chisquare(TAILS, (size, J)))[..., None]
        near += self._middle(shared)
        tails = self.effects.tails
        heavy = np.isfinite(tails)
        # One chi-square a deviation, whether it is needed or not: the stream stays in step.
        scale = rng.standard_gamma(np.where(heavy, tails, 1.0) / 2, (size, J, p))
        stretch = np.where(heavy, np.sqrt(np.where(heavy, tails, 1.0) / 2 / scale), 1.0)
        prior = sds * stretch * rng.standard_normal((size, J, p))
        from_prior = rng.random((size, J)) < DEFENSIVE
        return np.asarray(np.where(known, np.where(from_prior[..., None], prior, near), 0.0))

    def log_ratio(self, deviations: FloatArray, shared: FloatArray, sds: FloatArray) -> FloatArray:
        """Return the log of prior over proposal, shape (k, J), at deviations (k, J, p)."""
        prior = self._log_prior(deviations, sds)
        near = self._log_near(deviations, shared)
        mixed = np.logaddexp(np.log(DEFENSIVE), np.log1p(-DEFENSIVE) + near - prior)
        return np.asarray(-mixed)

    def _middle(self, shared: FloatArray) -> FloatArray:
        return np.asarray(self.mean + np.einsum("q,qjp->jp", shared - self.centre, self.weights))

    def _log_prior(self, deviations: FloatArray, sds: FloatArray) -> FloatArray:
        z, nu = deviations / sds, self.effects.tails
        normal = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
        heavy = np.isfinite(nu)
        nu = np.where(heavy, nu, 1.0)
        student = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(nu * np.pi)
        student = student - (nu + 1) / 2 * np.log1p(z**2 / nu)
        each = np.where(heavy, student, normal) - np.log(sds)
        return np.asarray(np.where(self.effects.known, each, 0.0).sum(axis=-1))

    def _log_near(self, deviations: FloatArray, shared: FloatArray) -> FloatArray:
        known = self.effects.known
        p = known.sum(axis=1)
        away = np.where(known, deviations - self._middle(shared), 0.0)
        z = np.linalg.solve(self.root, np.moveaxis(away, 0, -1))
        distance = (z**2).sum(axis=1).T
        logdet = np.log(np.diagonal(self.root, axis1=1, axis2=2)).sum(axis=1)
        constant = gammaln((TAILS + p) / 2) - gammaln(TAILS / 2) - p / 2 * np.log(TAILS * np.pi)
        return np.asarray(constant - logdet - (TAILS + p) / 2 * np.log1p(distance / TAILS))


def fit_proposal(
    effects: Effects, shared: FloatArray, deviations: FloatArray, sds: FloatArray
) -> Proposal:
    """Fit a proposal to a posterior's draws.

    Parameters
    ----------
    effects
        Which deviations there are.
    shared
        Shared parameters on the unconstrained scale, shape (S, q).
    deviations, sds
        Centred deviations and their sds, shape (S, J, p).
    """
    S, q = shared.shape
    J, p = effects.known.shape
    centre, spread = shared.mean(axis=0), shared.std(axis=0)
    units = (shared - centre) / np.where(spread > 0, spread, 1.0)
    mean = deviations.mean(axis=0)
    away = (deviations - mean).reshape(S, J * p)
    # Sums without BLAS, whose order may depend on the number of threads. As if there was one draw
    # more of no relation in each direction: few draws stay harmless.
    together = np.einsum("sq,sr->qr", units, units) + np.eye(q)
    slopes = np.linalg.solve(together, np.einsum("sq,sp->qp", units, away))
    left = (away - np.einsum("sq,qp->sp", units, slopes)).reshape(S, J, p)
    covariance = np.einsum("sja,sjb->jab", left, left) / max(1, S - q - 1)
    least = np.where(effects.known, _LEAST * (sds**2).mean(axis=0), 1.0)
    covariance += np.eye(p) * least[:, None, :]
    weights = slopes / np.where(spread > 0, spread, 1.0)[:, None]
    return Proposal(effects, centre, weights.reshape(q, J, p), mean, np.linalg.cholesky(covariance))
