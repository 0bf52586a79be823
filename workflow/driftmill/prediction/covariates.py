"""Responses against a covariate: what a dataset has in each bin of one of its columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from driftmill.models.declaration import Columns, FloatArray, Model
from driftmill.natural_order import natural_ranks
from driftmill.proportions import jeffreys_interval
from driftmill.regression.fit_spec import FitSpec

#: Bins of a numeric covariate, each with about as many trials as the others.
BINS = 10


@dataclass(frozen=True)
class Bins:
    """The trials of a dataset by the value of one of its columns.

    Parameters
    ----------
    covariate
        The column.
    labels
        What is in each bin, in words: a level, a value, or the ends of an interval.
    centres
        The mean of the covariate in each bin; NaN for levels.
    index
        The bin of every trial, shape (n,).
    """

    covariate: str
    labels: tuple[str, ...]
    centres: FloatArray
    index: NDArray[np.int64]


def covariates_of(spec: FitSpec) -> tuple[str, ...]:
    """Return the columns that a fit's formulas take as covariates, those that form groups aside."""
    found: dict[str, None] = {}
    for regression in spec.formulas.values():
        terms = regression.terms
        grouping = {part for factor in terms.factors for part in factor.split(":")}
        named = {*terms.common, *(term.expr for term in terms.groups)}
        found |= {c: None for c in terms.columns if c not in grouping or c in named}
    return tuple(found)


def bins_of(covariate: str, values: ArrayLike) -> Bins:
    """Sort trials by a column.

    Parameters
    ----------
    covariate
        The column's name.
    values
        Its values, shape (n,). Numbers are cut into ten intervals of equal counts, or taken one
        by one when there are at most ten; of anything else each level is a bin, in natural order.
    """
    array = np.asarray(values)
    numeric = np.issubdtype(array.dtype, np.number)
    levels, index = np.unique(array if numeric else array.astype(str), return_inverse=True)
    if not numeric:
        place = np.array(natural_ranks(levels.tolist()), dtype=np.int64)
        labels = tuple(str(level) for level in levels[np.argsort(place)])
        return Bins(covariate, labels, np.full(len(labels), np.nan), place[index])
    if levels.size <= BINS:
        labels = tuple(f"{level:g}" for level in levels)
        return Bins(covariate, labels, levels.astype(np.float64), index.astype(np.int64))
    x = array.astype(np.float64)
    ends = np.unique(np.quantile(x, np.linspace(0.0, 1.0, BINS + 1)))
    # Ties may leave an interval without trials.
    held, place = np.unique(np.searchsorted(ends[1:-1], x, side="right"), return_inverse=True)
    labels = tuple(f"{ends[k]:.3g} to {ends[k + 1]:.3g}" for k in held)
    centres = np.bincount(place, x) / np.bincount(place)
    return Bins(covariate, labels, centres, place.astype(np.int64))


def rows_of(model: Model, bins: Bins) -> list[tuple[int, str, int | None]]:
    """List the numbers that a dataset has: bin, quantity, and whose share it is."""
    quantities: list[tuple[str, int | None]] = [("probability", c) for c in model.choices]
    quantities += [("median_rt", None)] if model.has_rt else []
    return [(k, name, c) for name, c in quantities for k in range(len(bins.labels))]


def evaluate_bins(
    model: Model, bins: Bins, columns: Columns, counted: NDArray[np.bool_]
) -> FloatArray:
    """Evaluate a dataset in the order of `rows_of`; NaN in a bin without trials.

    Parameters
    ----------
    model
        The model whose responses the dataset holds.
    bins
        The bins of its trials.
    columns
        The model's response columns, arrays of shape (n,).
    counted
        Which trials count, shape (n,).
    """
    index, width = bins.index[counted], len(bins.labels)
    response = np.asarray(columns["response"])[counted]
    total = np.bincount(index, minlength=width).astype(np.float64)
    total[total == 0] = np.nan
    parts = [np.bincount(index[response == c], minlength=width) / total for c in model.choices]
    if model.has_rt:
        rt = np.asarray(columns["rt"], dtype=np.float64)[counted]
        parts.append(_medians(rt, index, width))
    return np.concatenate(parts)


def covariate_table(model: Model, bins: Bins, columns: Columns, bounds: FloatArray) -> pd.DataFrame:
    """Set what was observed in each bin, with a 95 % interval, beside what was predicted.

    Parameters
    ----------
    model
        The fitted model.
    bins
        The bins of the dataset's trials.
    columns
        The observed dataset's response columns.
    bounds
        Median, lower and upper end of the predictions in the order of `rows_of`, shape (3, rows).

    Returns
    -------
    DataFrame
        A row a bin and quantity: covariate, bin, label, centre, quantity (``probability`` of a
        response or ``median_rt``), response, observed with observed_lower and observed_upper
        (Jeffreys' interval of a probability, order statistics of a median; trials taken as
        independent), predicted, lower, upper, n_observed.
    """
    rows = rows_of(model, bins)
    width = len(bins.labels)
    everything = np.ones(bins.index.size, dtype=np.bool_)
    observed = evaluate_bins(model, bins, columns, everything)
    count = np.bincount(bins.index, minlength=width)
    intervals = []
    response = np.asarray(columns["response"])
    for choice in model.choices:
        hits = np.bincount(bins.index[response == choice], minlength=width)
        intervals.append(np.stack(jeffreys_interval(hits, count)))
    if model.has_rt:
        rt = np.asarray(columns["rt"], dtype=np.float64)
        intervals.append(_median_intervals(rt, bins.index, width))
    lower, upper = np.concatenate(intervals, axis=1)
    return pd.DataFrame(
        {
            "covariate": pd.Series([bins.covariate] * len(rows), dtype="str"),
            "bin": np.array([k for k, _, _ in rows], dtype=np.int64),
            "label": pd.Series([bins.labels[k] for k, _, _ in rows], dtype="str"),
            "centre": np.array([bins.centres[k] for k, _, _ in rows], dtype=np.float64),
            "quantity": pd.Series([quantity for _, quantity, _ in rows], dtype="str"),
            "response": pd.array([choice for _, _, choice in rows], dtype="Int64"),
            "observed": observed,
            "observed_lower": lower,
            "observed_upper": upper,
            "predicted": bounds[0],
            "lower": bounds[1],
            "upper": bounds[2],
            "n_observed": np.array([count[k] for k, _, _ in rows], dtype=np.int64),
        }
    )


def _medians(rt: FloatArray, index: NDArray[np.int64], width: int) -> FloatArray:
    """Return the median of every bin's times, NaN left out; NaN in one without any."""
    timed = ~np.isnan(rt)
    parts = [rt[timed & (index == k)] for k in range(width)]
    return np.array([np.median(part) if part.size else np.nan for part in parts])


def _median_intervals(rt: FloatArray, index: NDArray[np.int64], width: int) -> FloatArray:
    """Return an interval of the median in every bin that holds it in 95 % of samples or more.

    Its ends are order statistics, which cover whatever the distribution (David & Nagaraja 2003,
    Order Statistics, section 7.1); NaN where fewer than six trials have none that do.

    Returns
    -------
    array
        Lower and upper ends, shape (2, bins).
    """
    ends = np.full((2, width), np.nan)
    for k in range(width):
        ordered = np.sort(rt[~np.isnan(rt) & (index == k)])
        # Fewer trials than this lie below the median with a probability under 2.5 %.
        lowest = int(stats.binom.ppf(0.025, ordered.size, 0.5)) if ordered.size else 0
        if lowest > 0:
            ends[:, k] = ordered[lowest - 1], ordered[-lowest]
    return ends
