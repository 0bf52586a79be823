"""Weights of fits for averaging their predictions: stacking and pseudo-BMA+."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

FloatArray = NDArray[np.float64]

#: Newton decrement below which a full step stays inside the domain and converges quadratically.
_FULL_STEP = 0.25
_CONVERGED = 1e-9
_MAX_STEPS = 1000


def stacking_weights(elpd: FloatArray) -> FloatArray:
    """Weights that maximise the LOO log score of the mixture (Yao et al. 2018).

    Maximises sum_i log sum_k w_k exp(elpd_ik) over the simplex. Each row is shifted by
    its maximum first, which moves the objective by a constant only, so rows far below
    the smallest double's logarithm do no harm. The simplex is traded for w >= 0 by
    adding n sum_k w_k (at the optimum the sum is 1 of itself), and the convex,
    self-concordant problem is solved by damped proximal Newton steps, each a
    non-negative least-squares problem (Tran-Dinh, Kyrillidis & Cevher 2015, JMLR
    16): no line search, and no trouble when one fit wins nearly everywhere.
    Fits that predict alike share their weight.

    Parameters
    ----------
    elpd
        Pointwise elpd, shape (n, K). A -inf is allowed; a row of nothing else says
        nothing about the weights and is left out.

    Returns
    -------
    array of shape (K,)
        Non-negative, of sum 1.

    Raises
    ------
    ValueError
        When the array is not (n, K) or holds NaN or +inf.
    ArithmeticError
        When the steps do not settle.
    """
    relative = np.exp(_shifted(elpd))
    n, n_fits = relative.shape
    weights = np.full(n_fits, 1.0 / n_fits)
    for _ in range(_MAX_STEPS):
        scaled = relative / (relative @ weights)[:, None]
        # The ridge holds each step to the present weights where fits predict alike.
        ridge = 1e-6 * np.linalg.norm(scaled, axis=0).max()
        root = np.linalg.qr(np.vstack([scaled, ridge * np.eye(n_fits)]), mode="r")
        target = 2.0 * scaled.sum(axis=0) - n + ridge**2 * weights
        proposal, _ = nnls(root, np.linalg.solve(root.T, target))
        step = proposal - weights
        decrement = float(np.linalg.norm(scaled @ step))
        if decrement < _CONVERGED:
            return np.asarray(weights / weights.sum())
        weights = weights + step * (1.0 if decrement < _FULL_STEP else 1.0 / (1.0 + decrement))
    raise ArithmeticError(
        f"stacking weights did not settle in {_MAX_STEPS} steps: decrement {decrement:.1e}"
    )


def pseudo_bma_weights(
    elpd: FloatArray, seed: np.random.SeedSequence, replicates: int = 1000
) -> FloatArray:
    """Pseudo-BMA+ weights: Akaike-type weights averaged over the Bayesian bootstrap.

    Yao et al. 2018, Bayesian Analysis 13: for Dirichlet(1, ..., 1) weights u over the n trials,
    z_k = n sum_i u_i elpd_ik, softmax over k, mean over replicates.

    Parameters
    ----------
    elpd
        Pointwise elpd, shape (n, K).
    seed
        Seed of the bootstrap.
    replicates
        Number of bootstrap replicates.

    Returns
    -------
    array of shape (K,)
        Non-negative, of sum 1.
    """
    shifted = _shifted(elpd)
    n = len(shifted)
    u = np.random.default_rng(seed).standard_exponential((replicates, n))
    u *= n / u.sum(axis=1, keepdims=True)
    totals = np.einsum("bn,nk->bk", u, shifted)
    totals -= totals.max(axis=1, keepdims=True)
    likely = np.exp(totals)
    return np.asarray((likely / likely.sum(axis=1, keepdims=True)).mean(axis=0))


def _shifted(elpd: FloatArray) -> FloatArray:
    """Rows less their maximum, those without any information left out."""
    if elpd.ndim != 2 or 0 in elpd.shape:
        raise ValueError(f"pointwise elpd must be (trials, fits), not of shape {elpd.shape}")
    highest = elpd.max(axis=1, keepdims=True)
    if np.isnan(highest).any() or np.isposinf(highest).any():
        raise ValueError("pointwise elpd holds NaN or +inf: leave failed fits out of the weights")
    possible = ~np.isneginf(highest[:, 0])
    if not possible.any():
        raise ValueError("every trial has elpd -inf under every fit: there is nothing to weigh")
    return np.asarray(elpd[possible] - highest[possible])
