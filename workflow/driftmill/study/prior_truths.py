"""Truths that are drawn from the priors of a fit: which fit is meant."""

from __future__ import annotations

from collections.abc import Sequence

from driftmill.study.types import Fit, ObservedCell, PriorTruth, SimulatedCell, Study


def prior_fit(cell: SimulatedCell | ObservedCell, fits: Sequence[Fit]) -> Fit | None:
    """Return the fit from whose priors a cell's truths are drawn.

    None where they are not drawn from priors, or where it is not clear which fit is meant.
    """
    if isinstance(cell, ObservedCell) or not isinstance(cell.truth, PriorTruth):
        return None
    applied = [fit for fit in fits if fit.applies_to(cell.name)]
    if cell.truth.prior is None:
        return applied[0] if len(applied) == 1 else None
    return next((fit for fit in applied if fit.name == cell.truth.prior), None)


def calibrated_pairs(study: Study) -> tuple[tuple[str, str], ...]:
    """Return the cells whose truths are drawn from priors, each with the fit that has these."""
    found = [(cell.name, prior_fit(cell, study.fits)) for cell in study.data]
    return tuple((cell, fit.name) for cell, fit in found if fit is not None)
