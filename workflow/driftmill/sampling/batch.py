"""A batch of datasets through one fit: one compilation, one posterior after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from driftmill.models.declaration import Columns
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifted import Shape, lift
from driftmill.sampling.plain_pymc import sample_by_pymc
from driftmill.sampling.posterior import LiftedSampler, Posterior, sample_posterior
from driftmill.sampling.settings import SamplingSettings
from driftmill.sampling.tree import assemble

Progress = Callable[[str], None]


def describe(posterior: Posterior) -> str:
    """One posterior in one line of a log."""
    found = posterior.diagnostics
    if found is None:
        return f"{posterior.code}: {posterior.message}"
    text = (
        f"{posterior.code}, r_hat {np.max(found.r_hat):.3f}, ess_bulk {np.min(found.ess_bulk):.0f}"
    )
    if posterior.rung:
        text += f", rung {posterior.rung}"
    return f"{text}, {posterior.message}" if posterior.message else text


def fit_batch(
    spec: FitSpec,
    datasets: Mapping[int, Columns],
    settings: SamplingSettings,
    seeds: Mapping[int, np.random.SeedSequence],
    shape: Shape,
    progress: Progress,
) -> xr.DataTree:
    """Sample the posterior of every dataset of a batch.

    Parameters
    ----------
    spec
        The fit.
    datasets
        Trial columns by dataset number.
    settings
        Sampler, chains, gates, ladder.
    seeds
        A seed a dataset.
    shape
        The shape of the whole cell: shorter datasets are padded to it, so that a cell is
        one program and a posterior does not depend on who shares its batch.
    progress
        Called with one line a posterior.

    Returns
    -------
    xr.DataTree
        See ``driftmill.sampling.tree.assemble``.
    """
    posteriors: dict[int, Posterior] = {}
    if settings.sampler == "nuts":
        sampler = LiftedSampler(lift(spec, shape), settings)
    for k, (number, columns) in enumerate(datasets.items(), start=1):
        began = time.monotonic()
        if settings.sampler == "nuts":
            posteriors[number] = sample_posterior(sampler, columns, seeds[number])
        else:
            posteriors[number] = sample_by_pymc(spec, columns, settings, seeds[number])
        seconds = time.monotonic() - began
        progress(
            f"posterior {k} of {len(datasets)}: dataset {number}, "
            f"{describe(posteriors[number])}, {seconds:.1f} s"
        )
    names = sorted(spec.free_parameters)
    return assemble(posteriors, names, spec.free_parameters, settings.chains, settings.draws)
