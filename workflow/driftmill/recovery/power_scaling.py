"""How much posteriors would change with a stronger or a weaker prior, or likelihood.

Power-scaling (Kallioinen, Paananen, Bürkner & Vehtari 2024, Stat. Comput. 34:57): prior or
likelihood is raised to a power near 1 by importance weights, and the distance of a parameter's
posterior before and after, per doubling of the power, is its sensitivity.
"""

from __future__ import annotations

import numpy as np
from arviz_stats.base import array_stats

from driftmill.recovery.batch import FloatArray

#: Powers, and the sensitivity from which the authors call a posterior sensitive.
POWERS, THRESHOLD = (0.99, 1.01), 0.05
CONFLICT, STRONG, NONE = "prior-data conflict", "strong prior or weak likelihood", "none"


def power_weights(log_component: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Return the weights of draws for a component raised to each power of ``POWERS``.

    Parameters
    ----------
    log_component
        Log prior or log likelihood of every draw, shape (chain, draw).

    Returns
    -------
    tuple
        Weights that sum to 1, shape (chains * draws,) each. None where a value is not finite;
        even weights where no draw differs from another, as under uniform priors.
    """
    flat = log_component.reshape(-1)
    if not np.isfinite(flat).all():
        return None
    if np.ptp(flat) <= 1e-12 * np.abs(flat).max():
        even = np.full(flat.size, 1.0 / flat.size)
        return even, even
    lower, upper = (np.exp(array_stats.power_scale_lw(flat, alpha=power)) for power in POWERS)
    return lower / lower.sum(), upper / upper.sum()


def sensitivity(draws: FloatArray, weights: tuple[FloatArray, FloatArray] | None) -> float:
    """Return by how much a number's posterior moves per doubling of a power.

    Parameters
    ----------
    draws
        Shape (chains * draws,).
    weights
        As `power_weights` gives them.
    """
    if weights is None or np.isnan(draws).any() or np.ptp(draws) == 0.0:
        return float("nan")
    lower, upper = weights
    if lower is upper:
        return 0.0
    arguments = (draws[None], lower[None], upper[None], *POWERS)
    return float(array_stats.power_scale_sense(*arguments))


def diagnosis(prior: float, likelihood: float) -> str:
    """Say what two sensitivities mean together; empty where one is not known."""
    if np.isnan(prior) or np.isnan(likelihood):
        return ""
    if prior < THRESHOLD:
        return NONE
    return CONFLICT if likelihood >= THRESHOLD else STRONG
