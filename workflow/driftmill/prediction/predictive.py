"""Predictive checks: datasets simulated from draws of a fit against the data at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import DEADLINE, Columns, FloatArray, Model
from driftmill.prediction.covariates import Bins, covariate_table, evaluate_bins, rows_of
from driftmill.prediction.curves import Curves
from driftmill.prediction.simulated import Simulated, simulate_rows
from driftmill.prediction.statistics import evaluate, statistics_of, told
from driftmill.prediction.trial_draws import TrialDraws
from driftmill.simulation.deadlines import withhold
from driftmill.simulation.seeds import child

#: Central mass of the predictive intervals.
LEVEL = 0.9
#: Trials simulated at a time; bounds the memory, and being fixed does not touch the results.
CHUNK = 200_000
_NO_COVARIATES = pd.DataFrame(
    columns=[
        *("covariate", "bin", "label", "centre", "quantity", "response"),
        *("observed", "observed_lower", "observed_upper", "predicted", "lower", "upper"),
        *("n_observed", "n_draws", "n_outside"),
    ]
)
_NO_CURVES = pd.DataFrame(
    columns=[
        *("curve", "scope", "factor", "group", "quantity", "response", "bin", "x"),
        *("observed", "predicted", "lower", "upper", "n_observed", "n_draws"),
    ]
)


class Checks(NamedTuple):
    """What predictive checks of a fit on a dataset give.

    Parameters
    ----------
    quantiles
        A row a statistic: quantity (``rt_quantile``, ``response_share``; where there are
        deadlines also ``omission_share``, unless silence stands for a response), response,
        probability (null for a share), observed, predicted (median over the simulated
        datasets), lower and upper (90 % of them), n_observed (observed trials behind
        ``observed``: those of the response for a quantile, all for a share), n_draws (datasets
        simulated) and, of all their trials, n_unfinished (reached no bound in 20 s) and
        n_outside (a parameter outside its support or beyond the simulator's reach).

        The quantiles of a response that the observed dataset lacks are NaN in ``observed``;
        those that a simulated dataset lacks are left out of that row's median and interval,
        which are NaN when all lack it. A trial that does not finish counts as slow: rt 20 + t
        seconds and the response on whose side it stood. One that is outside is left out of its
        dataset. Where all trials have the same parameters, draws of which no dataset can be
        simulated are left out and ``n_draws`` is smaller; when none remain, as in a failed
        posterior, predictions are NaN and ``n_draws`` is 0.
    covariates
        A row a covariate, bin and quantity, as ``covariate_table`` has them, with n_draws and
        n_outside (of the bin's trials, over all draws); no rows without covariates.
    curves
        As ``Curves.table`` has them, with n_draws; no rows where no curves are wanted.
    """

    quantiles: pd.DataFrame
    covariates: pd.DataFrame
    curves: pd.DataFrame


def check(
    draws: TrialDraws,
    columns: Columns,
    seed: np.random.SeedSequence,
    n_draws: int = 200,
    covariates: Sequence[Bins] = (),
    silent: int | None = None,
    curves: Curves | None = None,
) -> Checks:
    """Compare a dataset's statistics with those of datasets simulated from draws of a fit.

    From each of ``n_draws`` draws one dataset of the observed size is simulated, lapses
    included, and its statistics are evaluated as those of the observed dataset are. Intervals
    hold both the uncertainty of the draws and the sampling error of a dataset of this size.

    Parameters
    ----------
    draws
        The parameters of every trial of the dataset under every draw.
    columns
        The observed dataset's response columns, arrays of shape (n,). With ``deadline`` among
        them rt and response may be NaN, and simulated responses that come later are none either.
    seed
        Seeds the choice of draws and the simulated datasets.
    n_draws
        Datasets to simulate; all draws are used when there are fewer.
    covariates
        The dataset's trials by their covariates.
    silent
        The response that is never seen but inferred from silence until the deadline.
    curves
        Which curves are compared; None: none.

    Raises
    ------
    ValueError
        When a response column is missing or not of one value a trial, or there are no trials.
    """
    model, n = draws.model, draws.rows
    _refuse(model, columns, n, n_draws)
    chosen, simulate = draws.choose(n_draws, child(seed, 0)), child(seed, 1)
    deadline = columns.get(DEADLINE)
    kind: _Kind = {"deadlines": deadline is not None, "silent": silent}
    columns = {**columns, "response": told(columns["response"], silent)}
    predicted = np.full((chosen.size, len(statistics_of(model, **kind))), np.nan)
    by_bin = [np.full((chosen.size, len(rows_of(model, bins))), np.nan) for bins in covariates]
    drawn = np.full((chosen.size, 0 if curves is None else len(curves.rows)), np.nan)
    outside = np.zeros(n, dtype=np.int64)
    n_unfinished = 0
    several = max(1, CHUNK // n)
    for chunk, first in enumerate(range(0, chosen.size, several)):
        part = chosen[first : first + several]
        values = {name: array.reshape(-1) for name, array in draws.of(part).items()}
        trials = simulate_rows(model, values, child(simulate, chunk))
        if deadline is None:
            n_unfinished += int(np.count_nonzero(~trials.finished))
        else:
            trials = withheld(
                trials, np.tile(np.asarray(deadline, dtype=np.float64), part.size), silent
            )
        for row in range(part.size):
            dataset, counted = _dataset(trials, slice(row * n, (row + 1) * n))
            outside += ~counted
            kept = {name: column[counted] for name, column in dataset.items()}
            predicted[first + row] = evaluate(model, kept, **kind)
            for bins, found in zip(covariates, by_bin, strict=True):
                found[first + row] = evaluate_bins(model, bins, dataset, counted)
            if curves is not None:
                drawn[first + row] = curves.evaluate(dataset, counted)
    quantiles = _quantiles(model, columns, _bounds(predicted), kind).assign(
        n_draws=chosen.size, n_unfinished=n_unfinished, n_outside=int(outside.sum())
    )
    tables = []
    for bins, found in zip(covariates, by_bin, strict=True):
        table = covariate_table(model, bins, columns, _bounds(found))
        missed = np.bincount(bins.index, outside, len(bins.labels)).astype(np.int64)
        tables.append(table.assign(n_draws=chosen.size, n_outside=missed[table["bin"]]))
    return Checks(
        quantiles,
        pd.concat(tables, ignore_index=True) if tables else _NO_COVARIATES,
        _NO_CURVES
        if curves is None
        else curves.table(columns, _bounds(drawn)).assign(n_draws=chosen.size),
    )


def _refuse(model: Model, columns: Columns, n: int, n_draws: int) -> None:
    """Check the arguments."""
    missing = [name for name in model.response_columns if name not in columns]
    if missing:
        raise ValueError(f"a predictive check of {model.name} needs {', '.join(missing)} too")
    sizes = {np.shape(columns[name]) for name in model.response_columns}
    if sizes != {(n,)} or n < 1:
        raise ValueError(
            f"response columns need one length of 1 or more, that of the trials ({n}), got "
            f"{sorted(sizes)}"
        )
    if n_draws < 1:
        raise ValueError(f"n_draws is {n_draws}; 1 or more is needed")


class _Kind(TypedDict):
    """What trials may lack a response, as the statistics take it."""

    deadlines: bool
    silent: int | None


def withheld(trials: Simulated, deadline: FloatArray, silent: int | None) -> Simulated:
    """Take away the responses that are not seen before the deadline."""
    rt = np.where(trials.finished, trials.columns["rt"], np.inf)
    seen = withhold({**trials.columns, "rt": rt}, deadline, silent)
    return replace(trials, columns=seen | {"response": told(seen["response"], silent)})


def _dataset(
    trials: Simulated, rows: slice
) -> tuple[dict[str, NDArray[np.generic]], NDArray[np.bool_]]:
    """Return one simulated dataset, and which of its trials count."""
    return {name: column[rows] for name, column in trials.columns.items()}, trials.possible[rows]


def _bounds(predicted: FloatArray) -> FloatArray:
    """Return median, lower and upper end of each statistic over datasets, shape (3, statistics)."""
    bounds = np.full((3, predicted.shape[1]), np.nan)
    for index, values in enumerate(predicted.T):
        present = values[~np.isnan(values)]
        if present.size:
            bounds[:, index] = np.quantile(present, [0.5, (1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return bounds


def _quantiles(model: Model, columns: Columns, bounds: FloatArray, kind: _Kind) -> pd.DataFrame:
    """Set observed statistics beside the median and interval of the predicted ones."""
    response = np.asarray(columns["response"])
    statistics = statistics_of(model, **kind)
    counts = [
        np.count_nonzero(response == s.response) if s.quantity == "rt_quantile" else response.size
        for s in statistics
    ]
    return pd.DataFrame(
        {
            "quantity": pd.Series([s.quantity for s in statistics], dtype="str"),
            "response": np.array([s.response for s in statistics], dtype=np.int64),
            "probability": pd.Series([s.probability for s in statistics], dtype="float64"),
            "observed": evaluate(model, columns, **kind),
            "predicted": bounds[0],
            "lower": bounds[1],
            "upper": bounds[2],
            "n_observed": np.array(counts, dtype=np.int64),
        }
    )
