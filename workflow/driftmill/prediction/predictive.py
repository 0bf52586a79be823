"""Posterior predictive checks: datasets simulated from posterior draws against the data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray, Model
from driftmill.prediction.statistics import evaluate, statistics_of
from driftmill.simulation.seeds import child
from driftmill.simulation.trials import can_simulate, draw_trials

#: Central mass of the predictive intervals.
LEVEL = 0.9
#: Trials simulated at a time; bounds the memory, and being fixed does not touch the results.
CHUNK = 200_000


def predict_quantiles(
    model: Model,
    draws: Mapping[str, FloatArray],
    columns: Mapping[str, NDArray[np.generic]],
    seed: np.random.SeedSequence,
    p_outlier: float = 0.0,
    n_draws: int = 200,
) -> pd.DataFrame:
    """Compare a dataset's RT quantiles and response shares with what its posterior predicts.

    From each of ``n_draws`` posterior draws one dataset of the observed size is simulated, lapses
    included, and its statistics are evaluated as those of the observed dataset are. Intervals
    hold both the posterior's uncertainty and the sampling error of a dataset of this size.

    Parameters
    ----------
    model
        The fitted model.
    draws
        Every parameter's posterior draws on the natural scale, arrays of shape (draws,); a fixed
        parameter is a constant array.
    columns
        The observed dataset's response columns, arrays of shape (n,).
    seed
        Seeds the choice of draws and the simulated datasets.
    p_outlier
        The fit's probability of a lapse.
    n_draws
        Datasets to simulate; all draws are used when there are fewer.

    Returns
    -------
    DataFrame
        A row a statistic: quantity (``rt_quantile`` or ``response_share``), response,
        probability (null for a share), observed, predicted (median over the simulated datasets),
        lower and upper (90 % of them), n_observed (observed trials behind ``observed``: those of
        the response for a quantile, all for a share), n_draws (datasets simulated) and
        n_unfinished (simulated trials, of all ``n_draws * n``, that reached no bound in 20 s).

        The quantiles of a response that the observed dataset lacks are NaN in ``observed``; those
        that a simulated dataset lacks are left out of that row's median and interval, which are
        NaN when all lack it. A simulated trial that does not finish counts as slow: rt 20 + t
        seconds and the response on whose side it stood. Draws that are not finite, outside a
        support or too near a bound to be simulated are left out; when none remain, as in a
        failed posterior, predictions are NaN and ``n_draws`` is 0.

    Raises
    ------
    ValueError
        When a parameter or a response column is missing, arrays differ in length or there are
        no trials.
    """
    n = _check(model, draws, columns, n_draws)
    select, simulate = child(seed, 0), child(seed, 1)
    chosen = _choose(model, draws, n_draws, np.random.default_rng(select))
    used = next(iter(chosen.values())).size
    predicted = np.full((used, len(statistics_of(model))), np.nan)
    n_unfinished = 0
    rows = max(1, CHUNK // n)
    for chunk, first in enumerate(range(0, used, rows)):
        part = {name: np.repeat(values[first : first + rows], n) for name, values in chosen.items()}
        trials = draw_trials(model, part, child(simulate, chunk), p_outlier)
        n_unfinished += int(np.count_nonzero(~trials.finished))
        for row in range(trials.finished.size // n):
            dataset = {k: column[row * n : (row + 1) * n] for k, column in trials.columns.items()}
            predicted[first + row] = evaluate(model, dataset)
    return _table(model, columns, predicted, n_unfinished)


def _check(
    model: Model,
    draws: Mapping[str, FloatArray],
    columns: Mapping[str, NDArray[np.generic]],
    n_draws: int,
) -> int:
    """Check the arguments and return the number of observed trials."""
    missing = [name for name in model.parameter_names if name not in draws]
    missing += [name for name in model.response_columns if name not in columns]
    if missing:
        raise ValueError(f"a predictive check of {model.name} needs {', '.join(missing)} too")
    if len({np.shape(draws[name]) for name in model.parameter_names}) > 1:
        raise ValueError(f"posterior draws of {model.name} differ in shape between parameters")
    sizes = {np.shape(columns[name]) for name in model.response_columns}
    if len(sizes) > 1 or sizes <= {(0,)}:
        raise ValueError(f"response columns need one length of 1 or more, got {sorted(sizes)}")
    if n_draws < 1:
        raise ValueError(f"n_draws is {n_draws}; 1 or more is needed")
    return int(np.size(columns["response"]))


def _choose(
    model: Model, draws: Mapping[str, FloatArray], n_draws: int, rng: np.random.Generator
) -> dict[str, FloatArray]:
    """Pick ``n_draws`` of the draws that can be simulated, without replacement."""
    possible = np.flatnonzero(can_simulate(model, draws))
    picked = np.sort(rng.choice(possible, min(n_draws, possible.size), replace=False))
    return {
        name: np.asarray(draws[name], dtype=np.float64)[picked] for name in model.parameter_names
    }


def _table(
    model: Model,
    columns: Mapping[str, NDArray[np.generic]],
    predicted: FloatArray,
    n_unfinished: int,
) -> pd.DataFrame:
    """Set observed statistics beside the median and interval of the predicted ones."""
    response = np.asarray(columns["response"])
    statistics = statistics_of(model)
    bounds = np.full((3, len(statistics)), np.nan)
    for index, values in enumerate(predicted.T):
        present = values[~np.isnan(values)]
        if present.size:
            bounds[:, index] = np.quantile(present, [0.5, (1 - LEVEL) / 2, (1 + LEVEL) / 2])
    counts = [
        np.count_nonzero(response == s.response) if s.quantity == "rt_quantile" else response.size
        for s in statistics
    ]
    return pd.DataFrame(
        {
            "quantity": pd.Series([s.quantity for s in statistics], dtype="str"),
            "response": np.array([s.response for s in statistics], dtype=np.int64),
            "probability": pd.Series([s.probability for s in statistics], dtype="float64"),
            "observed": evaluate(model, columns),
            "predicted": bounds[0],
            "lower": bounds[1],
            "upper": bounds[2],
            "n_observed": np.array(counts, dtype=np.int64),
            "n_draws": np.full(len(statistics), len(predicted), dtype=np.int64),
            "n_unfinished": np.full(len(statistics), n_unfinished, dtype=np.int64),
        }
    )
