"""Truths among draws of the fit's own priors, which they should have been drawn from.

Where data say much, posteriors hardly depend on the prior, and ranks among posterior draws do not
show that truths came from another one; ranks among prior draws do.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import numpy as np
import xarray as xr

from driftmill.recovery.batch import Members
from driftmill.recovery.participants import own_values
from driftmill.recovery.quantities import DIAGNOSTICS, own_dims, quantities
from driftmill.recovery.ranks import HIGHEST, RANKED, Ranked, ranked
from driftmill.recovery.roles import roles_of
from driftmill.recovery.truths import Truths
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_draws import prior_draws
from driftmill.simulation.seeds import named_child


def among_priors(
    tree: xr.DataTree,
    truths: Truths,
    members: Members,
    spec: FitSpec,
    seeds: Mapping[int, np.random.SeedSequence],
) -> list[Ranked]:
    """Return what is ranked of a batch, with draws of the fit's priors in the posteriors' place.

    Parameters
    ----------
    tree
        The posteriors of the batch, for the names, dims and labels of their variables.
    truths
        The truths of all planned datasets, those that could not be simulated among them.
    members
        Participants of every dataset.
    spec
        The fit.
    seeds
        A seed a planned dataset.
    """
    posterior, datasets = tree["posterior"].to_dataset(), list(seeds)
    parameters = tree["diagnostics"]["parameter"].to_numpy()
    unknown = np.full((len(datasets), len(parameters)), np.nan)
    told = xr.Dataset(
        dict.fromkeys(DIAGNOSTICS, (("dataset", "parameter"), unknown)),
        {"dataset": datasets, "parameter": parameters},
    )
    prior = _drawn(posterior, spec, seeds)
    made = xr.DataTree.from_dict({"posterior": prior, "diagnostics": told})
    everything = chain(quantities(made, roles_of(spec), RANKED), own_values(made, spec))
    return ranked(everything, truths, members, datasets)


def _drawn(
    posterior: xr.Dataset, spec: FitSpec, seeds: Mapping[int, np.random.SeedSequence]
) -> xr.Dataset:
    """Return independent draws of the priors for every dataset, in the form of posteriors."""
    dims = {str(name): own_dims(variable) for name, variable in posterior.data_vars.items()}
    shapes = {name: tuple(posterior.sizes[d] for d in dims[name]) for name in dims}
    drawn = [
        prior_draws(spec, shapes, HIGHEST, named_child(seed, "prior")) for seed in seeds.values()
    ]
    found = {}
    for name, own in dims.items():
        if name in drawn[0]:
            values = np.stack([each[name] for each in drawn])[None]
            labels = {dim: posterior[dim].to_numpy() for dim in own}
            coords = {"dataset": list(seeds), **labels}
            found[name] = xr.DataArray(values, coords, ("chain", "dataset", "draw", *own))
    return xr.Dataset(found)
