"""Posteriors beside the truths they should find, one row a dataset and quantity."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from driftmill.natural_order import natural_ranks
from driftmill.recovery.batch import (
    INTERVALS,
    FloatArray,
    Labels,
    Members,
    alone_in,
    dataset_numbers,
    width_of,
)
from driftmill.recovery.quantities import DIAGNOSTICS, Quantity, sampled
from driftmill.recovery.truths import Truths

ESTIMATES_TYPES = {
    "cell": "str",
    "fit": "str",
    "generator": "str",
    "model": "str",
    "matched": "bool",
    "dataset": "int64",
    "participant_id": "str",
    "parameter": "str",
    "level": "str",
    "truth": "float64",
    "mean": "float64",
    "sd": "float64",
    "median": "float64",
    **{f"{end}_{percent}": "float64" for percent in INTERVALS for end in ("lower", "upper")},
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
    quantities: Iterable[Quantity],
    members: Members | None = None,
) -> pd.DataFrame:
    """Summarise every posterior of a batch and put the truth beside it.

    A posterior of NaN (a failed fit) keeps its rows, with null numbers and its code.
    Rows do not depend on the datasets they share a batch with, to the last bit.

    Parameters
    ----------
    tree
        Groups ``posterior`` (dims chain, draw, dataset and more) and ``result`` (dataset).
    truth
        Columns dataset, participant_id, parameter, value; empty for observed data. What the
        generator does not have gets a null truth.
    labels
        Names of the cell, the fit and their models.
    quantities
        What the posterior holds, and what follows from it.
    members
        Participants of every dataset.

    Returns
    -------
    pd.DataFrame
        Columns of `ESTIMATES_TYPES`; intervals are central, ``truth_quantile`` is the
        share of draws below the truth, ``z_score`` (mean - truth) / sd, ``contraction``
        1 - sd**2 / prior_sd**2 (Schad et al. 2021), null where the prior has no finite
        variance; both are null where the posterior is its mode alone. A participant whom
        a dataset does not have has no row there. Participants are in natural order.

    Raises
    ------
    ValueError
        When there are two truths on one dataset.
    """
    datasets = dataset_numbers(tree)
    alone = pd.Series(alone_in(members or {}), dtype="str").reindex(datasets).to_numpy()
    try:
        truths = Truths(truth, datasets)
    except ValueError as error:
        raise ValueError(f"cell {labels.cell}: {error}") from error
    drawn = sampled(tree)
    codes = tree["result"]["code"].sel(dataset=datasets).to_numpy()
    tables = []
    for quantity in quantities:
        known = truths.of(quantity.parameter, quantity.participant)
        table = _summary(quantity.draws, known, quantity.prior_sd).assign(
            **quantity.diagnostics,
            parameter=quantity.parameter,
            level=quantity.level,
            participant_id=alone if quantity.participant is None else quantity.participant,
            dataset=datasets,
            code=codes,
        )
        tables.append(table[_has(quantity, datasets, drawn, members)])
    result = _in_order(pd.concat(tables, ignore_index=True)).assign(
        cell=labels.cell,
        fit=labels.fit,
        generator=labels.generator,
        model=labels.model,
        matched=labels.generator == labels.model,
    )
    return result[list(ESTIMATES_TYPES)].astype(ESTIMATES_TYPES)


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort by dataset, then parameters as they came, then participants in natural order."""
    dataset = rows["dataset"].to_numpy()
    quantity = rows.groupby(["parameter", "level"], sort=False).ngroup().to_numpy()
    person = np.array(natural_ranks(rows["participant_id"].fillna("").tolist()), dtype=np.int64)
    return rows.iloc[np.lexsort((person, quantity, dataset))].reset_index(drop=True)


def _has(
    quantity: Quantity,
    datasets: NDArray[np.int64],
    drawn: NDArray[np.bool_],
    members: Members | None,
) -> NDArray[np.bool_]:
    """Tell which datasets have a number: by its draws, without draws by their participants."""
    person = quantity.participant
    theirs = [
        person is None or members is None or person in members.get(int(dataset), ())
        for dataset in datasets
    ]
    return np.where(drawn, ~np.isnan(quantity.draws[:, 0]), np.array(theirs))


def _summary(draws: FloatArray, truth: FloatArray, prior_sd: float) -> pd.DataFrame:
    """Moments, central intervals and the truth's place, one row a dataset."""
    failed = np.isnan(draws).any(axis=1)
    tails = [(1.0 - percent / 100.0) / 2.0 for percent in INTERVALS]
    ends = np.quantile(draws, [0.5, *(p for tail in tails for p in (tail, 1.0 - tail))], axis=1)
    names = [f"{end}_{percent}" for percent in INTERVALS for end in ("lower", "upper")]
    mean, width = draws.mean(axis=1), width_of(draws)
    below = (draws < truth[:, None]).mean(axis=1)
    finite = np.isfinite(prior_sd)
    return pd.DataFrame(
        {
            "truth": truth,
            "mean": mean,
            "sd": np.where(np.isnan(width) & ~failed, 0.0, width),
            "median": ends[0],
            **dict(zip(names, ends[1:], strict=True)),
            "truth_quantile": np.where(failed | np.isnan(truth), np.nan, below),
            "z_score": (mean - truth) / width,
            "prior_sd": prior_sd if finite else np.nan,
            "contraction": 1.0 - (width / prior_sd) ** 2 if finite else np.nan,
        }
    )
