"""Whether a network passed its calibration: figures and a gate for its card."""

from __future__ import annotations

import pandas as pd

from driftmill.models.network import Gate

#: The smallest p-value of all quantities, times their number, below which a fit is not calibrated:
#: one fit in a hundred that is right comes below it.
LEAST = 0.01


def figures_of(calibrated: pd.DataFrame) -> dict[str, float]:
    """Return a calibration as figures of accuracy.

    Parameters
    ----------
    calibrated
        A table as `driftmill.recovery.self_calibration.calibrate` makes it.

    Returns
    -------
    dict
        ``sbc_p_least``, the smallest p-value of all quantities times their number, at most 1,
        where posteriors that did not pass their gates count with the draws that they have;
        ``sbc_datasets``; ``sbc_failed``, how many posteriors did not pass or could not be had.
    """
    n = int(calibrated["n"].iloc[0])
    least = float(calibrated["p_with_failed"].min()) * len(calibrated)
    return {
        "sbc_p_least": float(f"{min(least, 1.0):.6g}"),
        "sbc_datasets": float(n),
        "sbc_failed": float(n - calibrated["ranked"].min()),
    }


def gate_of(figures: dict[str, float]) -> Gate:
    """Return what the figures of a calibration must be."""
    return Gate("sbc_p_least", figures["sbc_p_least"], LEAST, 1.0)
