"""The numbers of a batch's posteriors one by one, each with what it is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from driftmill.recovery.batch import FloatArray
from driftmill.recovery.roles import LEVELS, Level, Role

DIAGNOSTICS = ("r_hat", "ess_bulk", "ess_tail", "mcse_ratio")
#: Dims of every variable of a posterior; what a variable has beside them are its own.
_SHARED = ("chain", "draw", "dataset")


@dataclass(frozen=True)
class Quantity:
    """One number of a posterior, on all datasets of a batch.

    Parameters
    ----------
    parameter
        Its name, e.g. ``a``, ``v_x``, ``v_c[b]`` or ``v_1|participant_id``.
    level
        What it is.
    participant
        Whose it is, for deviations and participants' own values.
    draws
        Shape (dataset, chain x draw), each dataset's draws side by side; NaN where a posterior
        has no draws, or a dataset no such number.
    prior_sd
        Standard deviation of its prior, NaN or infinite where it has none.
    diagnostics
        ``r_hat``, ``ess_bulk``, ``ess_tail`` and ``mcse_ratio``, shape (dataset,).
    log_prior_sd
        Standard deviation of its logarithm under the prior; NaN where it may be negative.
    """

    parameter: str
    level: Level
    participant: str | None
    draws: FloatArray
    prior_sd: float
    diagnostics: Mapping[str, FloatArray]
    log_prior_sd: float = math.nan


def quantities(
    tree: xr.DataTree, roles: Mapping[str, Role], levels: Sequence[Level] = LEVELS
) -> Iterator[Quantity]:
    """Yield the numbers of a posterior level by level, in the order of its variables.

    Parameters
    ----------
    tree
        Groups ``posterior`` (dims chain, draw, dataset and the variables' own) and
        ``diagnostics`` (dataset, parameter).
    roles
        What each variable is; those without a role are left out.
    levels
        The levels that are wanted.

    Yields
    ------
    Quantity
        An element of a variable that has dims of its own is called by its labels along them,
        ``v_c[b]``; participants are not part of the name.
    """
    posterior = tree["posterior"].to_dataset()
    diagnostics = tree["diagnostics"].to_dataset().sel(dataset=posterior["dataset"])
    for level in levels:
        for name in posterior.data_vars:
            role = roles.get(str(name))
            if role is not None and role.level == level:
                yield from _elements(posterior[name], role, diagnostics)


def _elements(variable: xr.DataArray, role: Role, diagnostics: xr.Dataset) -> Iterator[Quantity]:
    dims = own_dims(variable)
    shaped = variable.transpose(*dims, "dataset", "chain", "draw").to_numpy().astype(np.float64)
    flat = shaped.reshape(*shaped.shape[: len(dims) + 1], -1)
    for place, labels in labelled(variable):
        known = diagnostics.sel(parameter=element(str(variable.name), labels))
        told = [x for dim, x in zip(dims, labels, strict=True) if dim != role.people]
        people = [x for dim, x in zip(dims, labels, strict=True) if dim == role.people]
        yield Quantity(
            element(str(variable.name), told),
            role.level,
            people[0] if people else None,
            np.ascontiguousarray(flat[place]),
            role.prior_sd,
            {name: known[name].to_numpy() for name in DIAGNOSTICS},
            role.log_prior_sd,
        )


def own_dims(variable: xr.DataArray) -> list[str]:
    """Return the dims that a variable has beside chain, draw and dataset."""
    return [str(dim) for dim in variable.dims if dim not in _SHARED]


def labelled(variable: xr.DataArray) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """Yield the place of every element of a variable along its own dims, and its labels."""
    labels = [[str(x) for x in variable[dim].to_numpy()] for dim in own_dims(variable)]
    for place in itertools.product(*(range(len(each)) for each in labels)):
        yield place, tuple(each[k] for each, k in zip(labels, place, strict=True))


def element(name: str, labels: Sequence[str]) -> str:
    """Return the name of an element of a variable, e.g. ``v_c[b]``."""
    return f"{name}[{', '.join(labels)}]" if labels else name


def sampled(tree: xr.DataTree) -> NDArray[np.bool_]:
    """Tell which datasets of a batch have draws, in the order of the posterior."""
    first = tree["posterior"].to_dataset().isel(chain=0, draw=0)
    found = [x.notnull().any([dim for dim in x.dims if dim != "dataset"]) for x in first.values()]
    return np.asarray(np.any(np.stack([x.to_numpy() for x in found]), axis=0))
