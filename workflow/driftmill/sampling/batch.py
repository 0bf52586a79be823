"""A batch of datasets through one fit: one compilation, one posterior after the other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from driftmill.models.declaration import Columns
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter, Shape
from driftmill.regression.variables import reading_order
from driftmill.sampling.keeping import NOTHING, Keeper
from driftmill.sampling.ladder import sample_posterior
from driftmill.sampling.posterior import Posterior
from driftmill.sampling.programs import Programs
from driftmill.sampling.settings import APPROXIMATIONS, GRADIENT_FREE, Sampler, SamplingSettings
from driftmill.sampling.tree import assemble
from driftmill.sampling.watch import Course, Sample, Say


def sampler_of(name: Sampler, black_box: bool) -> Sample:
    """Return what samples one dataset's posterior; imports it only where it is wanted.

    ``nuts`` alone can go on in the middle of a posterior.
    """
    if black_box or name in GRADIENT_FREE:
        from driftmill.sampling.gradient_free import sample_gradient_free

        return sample_gradient_free
    if name == "nuts":
        return sample_posterior
    if name in APPROXIMATIONS:
        from driftmill.sampling.approximate import approximate_posterior

        return lambda programs, data, seed, _: approximate_posterior(programs, data, seed)
    from driftmill.sampling.by_pymc import sample_by_pymc

    return lambda programs, data, seed, _: sample_by_pymc(programs, data, seed)


def fit_batch(
    spec: FitSpec,
    datasets: Mapping[int, Columns],
    settings: SamplingSettings,
    seeds: Mapping[int, np.random.SeedSequence],
    shape: Shape,
    progress: Say,
    keeper: Keeper = NOTHING,
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
        Called with one line a posterior, and with more within long ones.
    keeper
        Where the state of a long batch outlives its job: what was kept is not sampled again.

    Returns
    -------
    xr.DataTree
        See ``driftmill.sampling.tree.assemble``.
    """
    sample = sampler_of(settings.sampler, spec.black_box)
    course = Course(progress, len(datasets), keeper)
    posteriors: dict[int, Posterior] = {}
    lifter = Lifter(spec, shape)
    programs: dict[int, Programs] = {}
    for k, (number, columns) in enumerate(datasets.items(), start=1):
        lifted, data = lifter.of(columns)
        compiled = programs.setdefault(id(lifted), Programs(lifted, settings))
        title = f"posterior {k} of {len(datasets)}: dataset {number}"
        name = f"dataset-{number}"
        posteriors[number] = course.posterior(name, title, sample, compiled, data, seeds[number])
    return assemble(posteriors, reading_order(spec), settings.chains, settings.draws)
