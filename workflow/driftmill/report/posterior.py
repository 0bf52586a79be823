"""One posterior as the page draws it: a scalar a variable, of the dataset as a whole."""

from __future__ import annotations

import numpy as np
import xarray as xr

from driftmill.recovery.quantities import element, labelled
from driftmill.report.levels import LAYERS, layer_of


def scalars(tree: xr.DataTree) -> xr.DataTree:
    """Return a posterior of one dataset with a scalar variable for every shared number.

    Deviations and offsets, a number a group, are left out; a vector becomes ``v_c[b]``,
    ``v_c[c]``. What this dataset does not have of its batch is left out too, unless it has
    nothing at all.

    Parameters
    ----------
    tree
        Groups ``posterior`` and ``sample_stats``; dims chain, draw and the variables' own.
    """
    found: dict[str, xr.DataArray] = {}
    for name, variable in tree["posterior"].to_dataset().items():
        dims = [dim for dim in variable.dims if dim not in ("chain", "draw")]
        if any(str(dim).endswith("__factor_dim") for dim in dims):
            continue
        for place, labels in labelled(variable):
            one = variable.isel(dict(zip(dims, place, strict=True)), drop=True)
            found[element(str(name), labels)] = one.transpose("chain", "draw")
    known = {name: x for name, x in found.items() if not np.isnan(x.to_numpy()).all()}
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset({name: (known or found)[name] for name in known or found}),
            "sample_stats": tree["sample_stats"].to_dataset(),
        }
    )


def has_draws(tree: xr.DataTree) -> bool:
    """Tell whether all numbers of a posterior are finite."""
    posterior = tree["posterior"].to_dataset()
    return all(bool(np.isfinite(draws.to_numpy()).all()) for draws in posterior.values())


def first(tree: xr.DataTree, most: int, levels: dict[str, str]) -> xr.DataTree:
    """Keep at most so many variables: parameters, group means, slopes, sds, in this order.

    Parameters
    ----------
    tree
        A posterior of scalars.
    most
        How many.
    levels
        The level of each, where it is not a plain parameter's.
    """
    ranks = {
        name: LAYERS.index(layer)
        for name in map(str, tree["posterior"].data_vars)
        if (layer := layer_of(levels.get(name, "dataset"), name)) is not None
    }
    kept = sorted(ranks, key=lambda name: ranks[name])[:most]
    groups = {"posterior": tree["posterior"].to_dataset()[kept]}
    return xr.DataTree.from_dict(groups | {"sample_stats": tree["sample_stats"].to_dataset()})
