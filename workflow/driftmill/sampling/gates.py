"""Diagnostics of one posterior and the verdict of its gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray
from driftmill.sampling.settings import Gates


@dataclass(frozen=True)
class Diagnostics:
    """Per-parameter diagnostics, shape (d,), and counts over all chains.

    ``e_bfmi`` is None for samplers that have no energy, and is then no gate.
    """

    r_hat: FloatArray
    ess_bulk: FloatArray
    ess_tail: FloatArray
    mcse_ratio: FloatArray
    divergences: int
    saturated: int
    e_bfmi: float | None

    def failures(self, gates: Gates) -> list[str]:
        """Say in words which gates are not passed; empty when all are."""
        worst = {
            "r_hat": (float(np.max(self.r_hat)), gates.r_hat, "above"),
            "ess_bulk": (float(np.min(self.ess_bulk)), gates.ess_bulk, "below"),
            "ess_tail": (float(np.min(self.ess_tail)), gates.ess_tail, "below"),
            "mcse_ratio": (float(np.max(self.mcse_ratio)), gates.mcse_ratio, "above"),
            "divergences": (self.divergences, gates.divergences, "above"),
            "saturated": (self.saturated, gates.saturated, "above"),
        }
        if self.e_bfmi is not None:
            worst["e_bfmi"] = (self.e_bfmi, gates.e_bfmi, "below")
        # A NaN passes no comparison, so "not inside" is asked rather than "outside".
        return [
            f"{name} {value:.4g} is {side} {limit:g}"
            for name, (value, limit, side) in worst.items()
            if not (value <= limit if side == "above" else value >= limit)
        ]


def diagnose(
    draws: FloatArray, stats: Mapping[str, NDArray[Any]], max_tree_depth: int
) -> Diagnostics:
    """Compute the diagnostics of one posterior.

    Parameters
    ----------
    draws
        Shape (chain, draw, d), natural scale.
    stats
        ``diverging``, ``n_steps`` and ``energy``, each of shape (chain, draw); those that the
        sampler has.
    max_tree_depth
        A tree of ``2**max_tree_depth - 1`` steps or more is saturated.

    Notes
    -----
    Rank-normalised split r_hat, bulk and tail effective sample sizes after Vehtari et al.
    (2021, Bayesian Analysis 16:667); E-BFMI after Betancourt (2016, arXiv 1604.00695).
    """
    e_bfmi = None
    if "energy" in stats:
        energy = np.asarray(stats["energy"], dtype=float)
        with np.errstate(invalid="ignore", divide="ignore"):
            e_bfmi = float(np.min(array_stats.bfmi(energy, chain_axis=0, draw_axis=1)))
    return Diagnostics(
        **convergence(np.moveaxis(draws, -1, 0)),
        divergences=int(np.sum(stats.get("diverging", 0))),
        saturated=int(np.sum(np.asarray(stats.get("n_steps", 0)) >= 2**max_tree_depth - 1)),
        e_bfmi=e_bfmi,
    )


def convergence(draws: FloatArray) -> dict[str, FloatArray]:
    """Compute r_hat, the effective sample sizes and mcse_ratio of some quantities.

    Parameters
    ----------
    draws
        Shape (d, chain, draw).

    Returns
    -------
    dict
        ``r_hat``, ``ess_bulk``, ``ess_tail`` and ``mcse_ratio``, each of shape (d,).
    """
    axes = {"chain_axis": 1, "draw_axis": 2}
    d, chains, n = draws.shape
    # One chain alone is held against itself, half by half.
    compared = draws if chains > 1 else draws[:, :, : n - n % 2].reshape(d, 2, n // 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        mcse = array_stats.mcse(draws, method="mean", **axes)
        return {
            "r_hat": array_stats.rhat(compared, method="rank", **axes),
            "ess_bulk": array_stats.ess(draws, method="bulk", **axes),
            "ess_tail": array_stats.ess(draws, method="tail", prob=(0.05, 0.95), **axes),
            "mcse_ratio": mcse / np.std(draws, axis=(1, 2), ddof=1),
        }
