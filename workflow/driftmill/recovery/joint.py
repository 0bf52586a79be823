"""The joint log likelihood as a test quantity: of the truth, and of draws of its posterior.

A quantity that depends on the data sees faults that ranks of single parameters miss, such as a
posterior that is the prior (Modrák et al. 2023, Bayesian Analysis, arXiv 2211.02383).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from driftmill.models.declaration import Columns
from driftmill.recovery.batch import FloatArray, dataset_numbers
from driftmill.recovery.quantities import element, labelled, own_dims
from driftmill.recovery.ranks import HIGHEST, Ranked, thinned
from driftmill.recovery.roles import Role, roles_of
from driftmill.recovery.truths import Truths
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.pointwise import PointwiseLikelihood
from driftmill.regression.scored import scored_rows

#: What the quantity and its level are called.
LOG_LIKELIHOOD, JOINT = "log_likelihood", "joint"
#: How variables end that are multiples of a standard deviation.
_OFFSET = "_offset"
_ESS = ("ess_bulk", "ess_tail")


def true_values(posterior: xr.Dataset, truths: Truths, roles: Mapping[str, Role]) -> xr.Dataset:
    """Return the truths in the form of a posterior: one chain with one draw.

    Parameters
    ----------
    posterior
        The posteriors of a batch, whose variables are wanted.
    truths
        The truths of its datasets; NaN stands where there is none.
    roles
        What the variables are. Multiples of a standard deviation, ``v_1|g_offset``, have none:
        they follow from the deviations and their standard deviation.
    """
    one = posterior.isel(chain=[0], draw=[0])
    found: dict[str, xr.DataArray] = {}
    for name in map(str, one.data_vars):
        if name in roles:
            found[name] = _truth(one[name], truths, roles[name])
    for name in map(str, one.data_vars):
        of = name.removesuffix(_OFFSET)
        if name not in found and of in found:
            found[name] = (found[of] / found[f"{of}_sigma"]).transpose(*one[name].dims)
    return xr.Dataset(found)


def _truth(variable: xr.DataArray, truths: Truths, role: Role) -> xr.DataArray:
    dims = own_dims(variable)
    shaped = variable.transpose("dataset", "chain", "draw", *dims)
    values = np.full([len(variable["dataset"]), *(variable.sizes[dim] for dim in dims)], np.nan)
    for place, labels in labelled(variable):
        told = [x for dim, x in zip(dims, labels, strict=True) if dim != role.people]
        people = [x for dim, x in zip(dims, labels, strict=True) if dim == role.people]
        known = truths.of(element(str(variable.name), told), people[0] if people else None)
        np.moveaxis(values, 0, -1)[place] = known
    return shaped.copy(data=values[:, None, None]).transpose(*variable.dims)


def joint_likelihood(
    likelihood: PointwiseLikelihood,
    datasets: Mapping[int, Columns],
    tree: xr.DataTree,
    truths: Truths,
    spec: FitSpec,
) -> Ranked:
    """Return the log likelihood of all trials, at truths and at nearly independent draws.

    Parameters
    ----------
    likelihood
        The fit's, compiled once.
    datasets
        Columns of every dataset of a batch.
    tree
        Its posteriors. Draws are thinned by the smallest effective sample size of any of a
        posterior's parameters.
    truths
        Their truths.
    spec
        The fit.
    """
    posterior = tree["posterior"].to_dataset()
    numbers = dataset_numbers(tree).tolist()
    truth_at = true_values(posterior, truths, roles_of(spec))
    diagnostics = tree["diagnostics"].to_dataset().sel(dataset=numbers)
    known = [diagnostics[name].transpose("dataset", "parameter").to_numpy() for name in _ESS]
    # Parameters that a dataset does not have are passed over.
    smallest = np.fmin.reduce(np.concatenate(known, axis=1), axis=1)
    draws, truth = np.full((len(numbers), HIGHEST), np.nan), np.full(len(numbers), np.nan)
    n_draws = posterior.sizes["chain"] * posterior.sizes["draw"]
    for k, number in enumerate(numbers):
        kept = thinned(n_draws, float(smallest[k]))
        columns = datasets[number]
        # As many draws for every posterior, so that one program serves all.
        filled = np.resize(kept, HIGHEST)
        here = truth_at.sel(dataset=[number])
        values = _sums(likelihood, columns, _beside(posterior, number, filled, here), number, spec)
        truth[k], draws[k, : len(kept)] = values[0], values[1 : len(kept) + 1]
    nobody = (None,) * len(numbers)
    return Ranked(LOG_LIKELIHOOD, JOINT, nobody, draws, truth, smallest, thin=False)


def _beside(posterior: xr.Dataset, number: int, kept: np.ndarray, truth: xr.Dataset) -> xr.Dataset:
    """Return the truth and some draws of one dataset as a chain; the truth is its first draw."""
    one = posterior[list(truth.data_vars)].sel(dataset=[number])
    chain, draw = np.divmod(kept, one.sizes["draw"])
    pointers = {"chain": xr.DataArray(chain, dims="kept"), "draw": xr.DataArray(draw, dims="kept")}
    picked = one.isel(pointers).drop_vars(["chain", "draw"], errors="ignore").rename(kept="draw")
    bare = truth.drop_vars(["chain", "draw"], errors="ignore")
    return xr.concat([bare.isel(chain=0), picked], dim="draw").expand_dims("chain")


def _sums(
    likelihood: PointwiseLikelihood,
    columns: Columns,
    posterior: xr.Dataset,
    number: int,
    spec: FitSpec,
) -> FloatArray:
    """Return the sums over a dataset's scored trials; NaN where a value is missing."""
    pointwise, _ = likelihood(columns, posterior, number)
    return np.asarray(pointwise[0][:, scored_rows(spec, columns)].sum(axis=1))
