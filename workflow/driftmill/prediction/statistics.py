"""The statistics of a dataset that predictive checks compare: RT quantiles and response shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray, Model

#: The RT quantiles of a quantile-probability plot (Ratcliff & Tuerlinckx 2002).
PROBABILITIES = (0.1, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True)
class Statistic:
    """One number that a dataset has.

    Parameters
    ----------
    quantity
        ``rt_quantile`` (seconds) or ``response_share`` (a fraction of all trials).
    response
        The response whose RT quantile or share it is.
    probability
        The quantile's probability; None for a share.
    """

    quantity: str
    response: int
    probability: float | None


def statistics_of(model: Model) -> list[Statistic]:
    """List the statistics of a model's datasets: shares, and RT quantiles where it has an rt."""
    shares = [Statistic("response_share", choice, None) for choice in model.choices]
    if not model.has_rt:
        return shares
    quantiles = [Statistic("rt_quantile", c, p) for c in model.choices for p in PROBABILITIES]
    return quantiles + shares


def evaluate(model: Model, columns: Mapping[str, NDArray[np.generic]]) -> FloatArray:
    """Evaluate a dataset's statistics.

    Parameters
    ----------
    model
        The model whose responses the dataset holds.
    columns
        The model's response columns, arrays of shape (n,).

    Returns
    -------
    ndarray
        In the order of `statistics_of`; an RT quantile of a response that the dataset does not
        hold is NaN, and so is a share of no trials.
    """
    response = np.asarray(columns["response"])
    n = response.size
    shares = [np.count_nonzero(response == c) / n if n else np.nan for c in model.choices]
    if not model.has_rt:
        return np.array(shares)
    rt = np.asarray(columns["rt"], dtype=np.float64)
    quantiles = [_quantiles(rt[response == choice]) for choice in model.choices]
    return np.concatenate([*quantiles, shares])


def _quantiles(rt: FloatArray) -> FloatArray:
    if rt.size == 0:
        return np.full(len(PROBABILITIES), np.nan)
    return np.asarray(np.quantile(rt, PROBABILITIES), dtype=np.float64)
