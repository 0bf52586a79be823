"""Posteriors of a batch as one ArviZ tree with a dimension ``dataset``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from driftmill.sampling.posterior import Posterior

FLOAT_STATS = ("acceptance_rate", "energy", "step_size", "lp")
PARAMETER_DIAGNOSTICS = ("r_hat", "ess_bulk", "ess_tail", "mcse_ratio")
DIMS = ("chain", "draw", "dataset")


def assemble(
    posteriors: Mapping[int, Posterior],
    names: Sequence[str],
    order: Sequence[str],
    chains: int,
    draws: int,
) -> xr.DataTree:
    """Put the posteriors of a batch side by side.

    Parameters
    ----------
    posteriors
        By dataset number.
    names
        Parameters in the order of the draws' last axis.
    order
        The same parameters in the order in which the tree holds them.
    chains, draws
        Shape of every posterior.

    Returns
    -------
    xr.DataTree
        Groups ``posterior``, ``sample_stats`` (chain, draw, dataset), ``diagnostics``
        (dataset, parameter) and ``result`` (dataset). A posterior without draws is NaN,
        with no divergences and no steps counted.
    """
    numbers = list(posteriors)
    blank = np.full((chains, draws), np.nan)

    def stacked(name: str) -> np.ndarray:
        columns = []
        for number in numbers:
            found = posteriors[number].draws
            columns.append(blank if found is None else found[:, :, names.index(name)])
        return np.stack(columns, axis=-1)

    def stat(name: str, missing: np.ndarray) -> np.ndarray:
        return np.stack([posteriors[n].stats.get(name, missing) for n in numbers], axis=-1)

    def diagnostic(name: str) -> np.ndarray:
        rows = []
        for number in numbers:
            found = posteriors[number].diagnostics
            values = np.full(len(names), np.nan) if found is None else getattr(found, name)
            rows.append([values[names.index(parameter)] for parameter in order])
        return np.array(rows, dtype=float)

    def count(name: str) -> np.ndarray:
        return np.array(
            [getattr(posteriors[n].diagnostics, name, np.nan) for n in numbers], dtype=float
        )

    coords = {"chain": np.arange(chains), "draw": np.arange(draws), "dataset": numbers}
    sample_stats = {name: (DIMS, stat(name, blank)) for name in FLOAT_STATS}
    sample_stats["diverging"] = (DIMS, stat("diverging", np.zeros((chains, draws), dtype=bool)))
    sample_stats["n_steps"] = (DIMS, stat("n_steps", np.zeros((chains, draws), dtype=np.int64)))
    result = {
        "code": ("dataset", np.array([posteriors[n].code for n in numbers], dtype=object)),
        "rung": ("dataset", np.array([posteriors[n].rung for n in numbers])),
        "divergences": ("dataset", count("divergences")),
        "saturated": ("dataset", count("saturated")),
        "e_bfmi": ("dataset", count("e_bfmi")),
        "message": ("dataset", np.array([posteriors[n].message for n in numbers], dtype=object)),
    }
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset({name: (DIMS, stacked(name)) for name in order}, coords),
            "sample_stats": xr.Dataset(sample_stats, coords),
            "diagnostics": xr.Dataset(
                {
                    name: (("dataset", "parameter"), diagnostic(name))
                    for name in PARAMETER_DIAGNOSTICS
                },
                {"dataset": numbers, "parameter": list(order)},
            ),
            "result": xr.Dataset(result, {"dataset": numbers}),
        }
    )
