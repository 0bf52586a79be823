"""Posteriors of a batch as one ArviZ tree with a dimension ``dataset``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from driftmill.regression.variables import Variable, size_of, unflatten
from driftmill.sampling.posterior import Posterior

FLOAT_STATS = ("acceptance_rate", "energy", "step_size", "lp")
PARAMETER_DIAGNOSTICS = ("r_hat", "ess_bulk", "ess_tail", "mcse_ratio")
DIMS = ("chain", "draw", "dataset")


def assemble(
    posteriors: Mapping[int, Posterior], order: Sequence[str], chains: int, draws: int
) -> xr.DataTree:
    """Put the posteriors of a batch side by side.

    Parameters
    ----------
    posteriors
        By dataset number.
    order
        Names of variables in the order in which the tree holds them; others come after.
    chains, draws
        Shape of every posterior.

    Returns
    -------
    xr.DataTree
        Groups ``posterior`` (chain, draw, dataset, dims of the variable), ``sample_stats``
        (chain, draw, dataset), ``diagnostics`` (dataset, parameter) with a label an element
        of a variable, and ``result`` (dataset). A posterior without draws is NaN, with no
        divergences and no steps counted; so is a label that a dataset lacks.
    """
    numbers = list(posteriors)
    blank = np.full((chains, draws), np.nan)

    def stat(name: str, missing: np.ndarray) -> np.ndarray:
        return np.stack([posteriors[n].stats.get(name, missing) for n in numbers], axis=-1)

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
    by_dataset = [_draws(posteriors[n], order, chains, draws) for n in numbers]
    summaries = [_diagnostics(posteriors[n], order) for n in numbers]
    index = xr.Variable("dataset", numbers)
    together: Any = {"join": "outer", "combine_attrs": "drop"}
    return xr.DataTree.from_dict(
        {
            "posterior": xr.concat(by_dataset, index, **together).transpose(*DIMS, ...),
            "sample_stats": xr.Dataset(sample_stats, coords),
            "diagnostics": xr.concat(summaries, index, **together),
            "result": xr.Dataset(result, {"dataset": numbers}),
        }
    )


def _in_order(variables: Sequence[Variable], order: Sequence[str]) -> list[Variable]:
    places = {name: k for k, name in enumerate(order)}
    return sorted(variables, key=lambda variable: places.get(variable.name, len(places)))


def _draws(posterior: Posterior, order: Sequence[str], chains: int, draws: int) -> xr.Dataset:
    """Return one posterior's draws by variable, NaN where there are none."""
    flat = posterior.draws
    if flat is None:
        flat = np.full((chains, draws, size_of(posterior.variables)), np.nan)
    values = unflatten(posterior.variables, flat)
    variables = _in_order(posterior.variables, order)
    used = {dim: None for variable in variables for dim in variable.dims}
    labels = {dim: list(posterior.coords[dim]) for dim in used}
    return xr.Dataset(
        {v.name: (("chain", "draw", *v.dims), values[v.name]) for v in variables},
        {"chain": np.arange(chains), "draw": np.arange(draws)} | labels,
    )


def _diagnostics(posterior: Posterior, order: Sequence[str]) -> xr.Dataset:
    """Return one posterior's diagnostics by label, NaN where there are none."""
    labels, found = posterior.labels, posterior.diagnostics
    blank = np.full(len(labels), np.nan)
    table = xr.Dataset(
        {
            name: ("parameter", blank if found is None else np.asarray(getattr(found, name), float))
            for name in PARAMETER_DIAGNOSTICS
        },
        {"parameter": labels},
    )
    read = [x for v in _in_order(posterior.variables, order) for x in v.labels(posterior.coords)]
    return table.sel(parameter=read)
