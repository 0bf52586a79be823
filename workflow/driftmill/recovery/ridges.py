"""Strong ridges of posteriors: pairs of parameters that the data tell together, not apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Size of a correlation beyond which two parameters are a ridge.
STRONG = 0.95
#: A product is told much better than its factors when what is left of its prior variance is at
#: most this share of what is left of either's, and its contraction is higher by this much.
LEFT, HIGHER = 1 / 3, 0.2


@dataclass(frozen=True)
class Ridge:
    """Two parameters that the data tell together, over the datasets of a cell.

    Parameters
    ----------
    first, second
        The parameters.
    r, lowest, highest
        Mean posterior correlation, and its ends over datasets.
    n, strong
        Datasets, and how many of them have a correlation beyond `STRONG`.
    together
        ``product`` or ``ratio``: what the data tell much better than either; None: nothing
        that can be said of positive numbers.
    contraction, factors
        Mean contraction of the logarithm of that, and of each parameter's.
    """

    first: str
    second: str
    r: float
    lowest: float
    highest: float
    n: int
    strong: int
    together: str | None = None
    contraction: float = float("nan")
    factors: tuple[float, float] = (float("nan"), float("nan"))


def ridges(correlations: pd.DataFrame) -> list[Ridge]:
    """Return the strong ridges of one fit on one cell, strongest first.

    Two parameters are a ridge where their correlation lies beyond 0.95 on half the datasets or
    more, or where the contraction of their product or ratio is much above that of its factors.

    Parameters
    ----------
    correlations
        Rows of the table of correlations of one cell and fit; or of one of its datasets.
    """
    found = []
    known = correlations[correlations["r"].notna()]
    for (first, second), rows in known.groupby(["parameter_1", "parameter_2"], sort=False):
        r = rows["r"].to_numpy(dtype=float)
        strong = int((np.abs(r) > STRONG).sum())
        told = _together(rows)
        if told is None and 2 * strong < len(r):
            continue
        ends = (float(r.mean()), float(r.min()), float(r.max()), len(r), strong)
        found.append(Ridge(str(first), str(second), *ends, *(told or ())))
    return sorted(found, key=lambda ridge: -abs(ridge.r))


def _together(rows: pd.DataFrame) -> tuple[str, float, tuple[float, float]] | None:
    """Return what the data tell much better than either parameter, if anything."""
    means = rows[["log_1", "log_2", "log_product", "log_ratio"]].mean()
    factors = (float(means["log_1"]), float(means["log_2"]))
    if not np.isfinite(means.to_numpy(dtype=float)).all():
        return None
    name = "product" if means["log_product"] >= means["log_ratio"] else "ratio"
    contraction, best = float(means[f"log_{name}"]), max(factors)
    much = 1 - contraction <= LEFT * (1 - best) and contraction - best >= HIGHER
    return (name, contraction, factors) if much else None
