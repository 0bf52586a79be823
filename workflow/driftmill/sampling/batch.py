"""A batch of datasets through one fit: one compilation, one posterior after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from driftmill.models.declaration import Columns
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter, Shape
from driftmill.regression.variables import reading_order
from driftmill.sampling.posterior import Posterior, sample_posterior
from driftmill.sampling.programs import Programs
from driftmill.sampling.settings import APPROXIMATIONS, GRADIENT_FREE, Sampler, SamplingSettings
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


def sampler_of(name: Sampler, black_box: bool) -> Callable[..., Posterior]:
    """Return what samples one dataset's posterior; imports it only where it is wanted."""
    if black_box or name in GRADIENT_FREE:
        from driftmill.sampling.gradient_free import sample_gradient_free

        return sample_gradient_free
    if name == "nuts":
        return sample_posterior
    if name in APPROXIMATIONS:
        from driftmill.sampling.approximate import approximate_posterior

        return approximate_posterior
    from driftmill.sampling.by_pymc import sample_by_pymc

    return sample_by_pymc


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
    sample = sampler_of(settings.sampler, spec.black_box)
    posteriors: dict[int, Posterior] = {}
    lifter = Lifter(spec, shape)
    programs: dict[int, Programs] = {}
    for k, (number, columns) in enumerate(datasets.items(), start=1):
        began = time.monotonic()
        lifted, data = lifter.of(columns)
        compiled = programs.setdefault(id(lifted), Programs(lifted, settings))
        posteriors[number] = sample(compiled, data, seeds[number])
        seconds = time.monotonic() - began
        progress(
            f"posterior {k} of {len(datasets)}: dataset {number}, "
            f"{describe(posteriors[number])}, {seconds:.1f} s"
        )
    return assemble(posteriors, reading_order(spec), settings.chains, settings.draws)
