"""Whether two models can be told apart, pair by pair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from driftmill.comparison.compare import Thresholds
from driftmill.proportions import jeffreys_interval
from driftmill.report.data import CellSummary, FitSummary

#: Share of datasets on which the right model must win.
TARGET = 0.8


def oriented(pairs: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Return the rows that compare two fits, signed so that a plus speaks for ``first``."""
    forward = pairs[(pairs["fit_1"] == first) & (pairs["fit_2"] == second)]
    backward = pairs[(pairs["fit_1"] == second) & (pairs["fit_2"] == first)]
    turned = backward.assign(fit_1=first, fit_2=second, elpd_diff=-backward["elpd_diff"])
    return pd.concat([forward, turned]).sort_values(["cell", "dataset"], kind="stable")


def clear_leads(rows: pd.DataFrame, thresholds: Thresholds) -> pd.Series[bool]:
    """Tell for each difference whether it is large enough to name a better fit."""
    difference = rows["elpd_diff"].abs()
    return (difference >= thresholds.min_elpd_diff) & (
        difference >= thresholds.min_dse_ratio * rows["dse"]
    )


def tally(rows: pd.DataFrame, thresholds: Thresholds) -> dict[str, float]:
    """Count on how many datasets each of two fits predicts clearly better.

    Returns
    -------
    dict
        ``n`` datasets with a difference, ``first``, ``undecided``, ``second``; the summed
        ``elpd_diff`` and its ``dse``, the datasets being independent.
    """
    known = rows.dropna(subset=["elpd_diff", "dse"])
    difference, error = known["elpd_diff"].to_numpy(float), known["dse"].to_numpy(float)
    clear = clear_leads(known, thresholds).to_numpy()
    return {
        "n": len(known),
        "first": int((clear & (difference > 0)).sum()),
        "undecided": int((~clear).sum()),
        "second": int((clear & (difference < 0)).sum()),
        "elpd_diff": float(difference.sum()),
        "dse": float(np.sqrt((error**2).sum())),
    }


def separation(
    pairs: pd.DataFrame,
    cells: Sequence[CellSummary],
    fits: Sequence[FitSummary],
    thresholds: Thresholds,
) -> pd.DataFrame:
    """Tell for each simulated cell and each rival how often the generating model wins.

    Parameters
    ----------
    pairs
        ``cell``, ``dataset``, ``fit_1``, ``fit_2``, ``elpd_diff`` (a plus speaks for
        ``fit_1``), ``dse``.
    cells, fits, thresholds
        Of the study.

    Returns
    -------
    DataFrame
        ``cell``, ``generator``, ``fit``, ``rival``, the counts of :func:`tally` named ``right``,
        ``undecided`` and ``wrong``, ``share`` right with its Jeffreys interval ``lower`` and
        ``upper``, and ``apart``: yes when the interval lies above 80 %, no when below, else
        unclear.
    """
    rows: list[dict[str, object]] = []
    for cell in cells:
        here = pairs[pairs["cell"] == cell.name]
        for fit in [fit for fit in fits if fit.model == cell.model]:
            for rival in [rival for rival in fits if rival.model != cell.model]:
                if not (fit.applies_to(cell.name) and rival.applies_to(cell.name)):
                    continue
                counts = tally(oriented(here, fit.name, rival.name), thresholds)
                right, n = counts["first"], counts["n"]
                lower, upper = (float(end) for end in jeffreys_interval(right, n))
                apart = "yes" if lower >= TARGET else "no" if upper < TARGET else "unclear"
                rows.append(
                    {
                        "cell": cell.name,
                        "generator": cell.model,
                        "fit": fit.name,
                        "rival": rival.name,
                        "n": n,
                        "right": right,
                        "undecided": counts["undecided"],
                        "wrong": counts["second"],
                        "share": right / n if n else np.nan,
                        "lower": lower,
                        "upper": upper,
                        "apart": apart,
                    }
                )
    return pd.DataFrame(rows)
