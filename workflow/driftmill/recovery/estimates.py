"""Posteriors beside the truths they should find, one row a dataset and parameter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from driftmill.recovery.batch import Labels, dataset_numbers, draws_by_parameter

FloatArray = NDArray[np.float64]

#: Percent of the central intervals that are kept.
LEVELS = (50, 80, 90, 94, 95)
DIAGNOSTICS = ("r_hat", "ess_bulk", "ess_tail", "mcse_ratio")
ESTIMATES_TYPES = {
    "cell": "str",
    "fit": "str",
    "generator": "str",
    "model": "str",
    "matched": "bool",
    "dataset": "int64",
    "participant_id": "str",
    "parameter": "str",
    "truth": "float64",
    "mean": "float64",
    "sd": "float64",
    "median": "float64",
    **{f"{end}_{level}": "float64" for level in LEVELS for end in ("lower", "upper")},
    "truth_quantile": "float64",
    "z_score": "float64",
    "prior_sd": "float64",
    "contraction": "float64",
    **dict.fromkeys(DIAGNOSTICS, "float64"),
    "code": "str",
}


def estimates(
    tree: xr.DataTree,
    truth: pd.DataFrame,
    labels: Labels,
    prior_sd: Mapping[str, float],
    participants: Mapping[int, str] | None = None,
) -> pd.DataFrame:
    """Summarise every posterior of a batch and put the truth beside it.

    A posterior of NaN (a failed fit) keeps its rows, with null numbers and its code.
    Rows do not depend on the datasets they share a batch with, to the last bit.

    Parameters
    ----------
    tree
        Groups ``posterior`` (one variable a parameter, dims chain, draw, dataset),
        ``diagnostics`` (dataset, parameter) and ``result`` (dataset).
    truth
        Columns dataset, participant_id, parameter, value. Truths shared by all
        participants (participant_id null) are used; empty for observed data. A
        parameter the generator does not have gets a null truth.
    labels
        Names of the cell, the fit and their models.
    prior_sd
        Standard deviation of each free parameter's prior; one that is not finite
        leaves the contraction null.
    participants
        Participant by dataset, where each dataset is one participant's.

    Returns
    -------
    pd.DataFrame
        Columns of `ESTIMATES_TYPES`; intervals are central, ``truth_quantile`` is the
        share of draws below the truth, ``z_score`` (mean - truth) / sd, ``contraction``
        1 - sd**2 / prior_sd**2 (Schad et al. 2021).

    Raises
    ------
    ValueError
        When a parameter has no prior sd, or two truths on one dataset.
    """
    draws = draws_by_parameter(tree)
    lacking = sorted(set(draws) - set(prior_sd))
    if lacking:
        raise ValueError(f"fit {labels.fit} of cell {labels.cell}: no prior sd for {lacking}")
    datasets = dataset_numbers(tree)
    truths = _truths(truth, datasets, list(draws), labels)
    codes = tree["result"]["code"].sel(dataset=datasets).to_numpy()
    diagnostics = tree["diagnostics"].to_dataset().sel(dataset=datasets)
    tables = []
    for parameter, values in draws.items():
        table = _summary(values, truths[parameter], prior_sd[parameter])
        for name in DIAGNOSTICS:
            table[name] = diagnostics[name].sel(parameter=parameter).to_numpy()
        tables.append(table.assign(parameter=parameter, dataset=datasets, code=codes))
    result = pd.concat(tables, ignore_index=True).sort_values(
        "dataset", kind="stable", ignore_index=True
    )
    named = pd.Series(participants or {}, dtype="str")
    result = result.assign(
        cell=labels.cell,
        fit=labels.fit,
        generator=labels.generator,
        model=labels.model,
        matched=labels.generator == labels.model,
        participant_id=named.reindex(result["dataset"]).to_numpy(),
    )
    return result[list(ESTIMATES_TYPES)].astype(ESTIMATES_TYPES)


def _summary(draws: FloatArray, truth: FloatArray, prior_sd: float) -> pd.DataFrame:
    """Moments, central intervals and the truth's place, one row a dataset."""
    failed = np.isnan(draws).any(axis=1)
    tails = [(1.0 - level / 100.0) / 2.0 for level in LEVELS]
    ends = np.quantile(draws, [0.5, *(p for tail in tails for p in (tail, 1.0 - tail))], axis=1)
    names = [f"{end}_{level}" for level in LEVELS for end in ("lower", "upper")]
    mean, sd = draws.mean(axis=1), draws.std(axis=1, ddof=1)
    below = (draws < truth[:, None]).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z_score = (mean - truth) / sd
    finite = np.isfinite(prior_sd)
    return pd.DataFrame(
        {
            "truth": truth,
            "mean": mean,
            "sd": sd,
            "median": ends[0],
            **dict(zip(names, ends[1:], strict=True)),
            "truth_quantile": np.where(failed | np.isnan(truth), np.nan, below),
            "z_score": z_score,
            "prior_sd": prior_sd if finite else np.nan,
            "contraction": 1.0 - (sd / prior_sd) ** 2 if finite else np.nan,
        }
    )


def _truths(
    truth: pd.DataFrame, datasets: NDArray[np.int64], parameters: list[str], labels: Labels
) -> dict[str, FloatArray]:
    """Return the shared truth of each parameter on each dataset, NaN where there is none."""
    shared = truth[truth["participant_id"].isna() & truth["dataset"].isin(datasets)]
    by_parameter = shared.set_index(["parameter", "dataset"])["value"]
    if by_parameter.index.has_duplicates:
        raise ValueError(f"cell {labels.cell}: a parameter has two truths on one dataset")
    wanted = pd.MultiIndex.from_product([parameters, datasets], names=by_parameter.index.names)
    values = by_parameter.reindex(wanted).to_numpy(dtype=np.float64)
    return dict(zip(parameters, values.reshape(len(parameters), -1), strict=True))
