"""The statistics of a dataset that predictive checks compare: RT quantiles and response shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from driftmill.models.declaration import FloatArray, Model

#: The RT quantiles of a quantile-probability plot (Ratcliff & Tuerlinckx 2002).
PROBABILITIES = (0.1, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True)
class Statistic:
    """One number that a dataset has.

    Parameters
    ----------
    quantity
        ``rt_quantile`` (seconds), ``response_share`` (a fraction of all trials) or
        ``omission_share`` (the fraction of those without a response before their deadline).
    response
        The response whose RT quantile or share it is; 0, without a meaning, for omissions.
    probability
        The quantile's probability; None for a share.
    """

    quantity: str
    response: int
    probability: float | None


def statistics_of(
    model: Model, *, deadlines: bool = False, silent: int | None = None
) -> list[Statistic]:
    """List the statistics of a model's datasets: shares, and RT quantiles where it has an rt.

    Parameters
    ----------
    model
        The model.
    deadlines
        Whether trials may lack a response.
    silent
        The response that such trials stand for; None: no response. It has no RT quantiles.
    """
    shares = [Statistic("response_share", choice, None) for choice in model.choices]
    if not model.has_rt:
        return shares
    timed = [choice for choice in model.choices if choice != silent]
    quantiles = [Statistic("rt_quantile", c, p) for c in timed for p in PROBABILITIES]
    omitted = [Statistic("omission_share", 0, None)] if deadlines and silent is None else []
    return quantiles + shares + omitted


def evaluate(
    model: Model,
    columns: Mapping[str, NDArray[np.generic]],
    *,
    deadlines: bool = False,
    silent: int | None = None,
) -> FloatArray:
    """Evaluate a dataset's statistics.

    Parameters
    ----------
    model
        The model whose responses the dataset holds.
    columns
        The model's response columns, arrays of shape (n,), NaN where there is no response.
    deadlines, silent
        As `statistics_of` takes them.

    Returns
    -------
    ndarray
        In the order of `statistics_of`; an RT quantile of a response that the dataset does not
        hold is NaN, and so is a share of no trials.
    """
    response = told(columns["response"], silent)
    n = response.size
    shares = [np.count_nonzero(response == c) / n if n else np.nan for c in model.choices]
    if not model.has_rt:
        return np.array(shares)
    rt = np.asarray(columns["rt"], dtype=np.float64)
    quantiles = [_quantiles(rt[response == c]) for c in model.choices if c != silent]
    if deadlines and silent is None:
        shares.append(np.count_nonzero(np.isnan(response)) / n if n else np.nan)
    return np.concatenate([*quantiles, shares])


def told(response: ArrayLike, silent: int | None) -> FloatArray:
    """Return responses as numbers; those that are missing are the silent one, where there is."""
    numbers = np.asarray(response, dtype=np.float64)
    return numbers if silent is None else np.where(np.isnan(numbers), float(silent), numbers)


def _quantiles(rt: FloatArray) -> FloatArray:
    if rt.size == 0:
        return np.full(len(PROBABILITIES), np.nan)
    return np.asarray(np.quantile(rt, PROBABILITIES), dtype=np.float64)
