"""A batch of datasets through one fit: one compilation, one posterior after the other, or all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from driftmill.models.declaration import Columns
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifted import Data
from driftmill.regression.lifter import Lifter
from driftmill.regression.variables import reading_order
from driftmill.sampling.keeping import NOTHING, Keeper
from driftmill.sampling.ladder import sample_posterior
from driftmill.sampling.posterior import Posterior
from driftmill.sampling.programs import Programs
from driftmill.sampling.settings import APPROXIMATIONS, GRADIENT_FREE, Sampler, SamplingSettings
from driftmill.sampling.tree import assemble
from driftmill.sampling.watch import Course, Looking, Sample, Say


def sampler_of(name: Sampler, black_box: bool) -> Sample:
    """Return what samples one dataset's posterior; imports it only where it is wanted.

    ``nuts`` and ``hmc``, which has the chains side by side, can go on in the middle of a posterior.
    """
    if black_box or name in GRADIENT_FREE:
        from driftmill.sampling.gradient_free import sample_gradient_free

        return sample_gradient_free
    if name == "nuts":
        return sample_posterior
    if name == "hmc":
        from driftmill.sampling.together import sample_alone

        return sample_alone
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
    course = Course(progress, len(datasets), keeper)
    lifter = Lifter(spec, shape)
    if settings.sampler == "hmc" and not spec.black_box:
        posteriors = _together(lifter, datasets, settings, seeds, course)
    else:
        posteriors = _one_by_one(lifter, datasets, settings, seeds, course)
    return assemble(posteriors, reading_order(spec), settings.chains, settings.draws)


def _names(datasets: Mapping[int, Columns]) -> dict[int, tuple[str, str]]:
    """Return what each dataset's posterior is kept under, and how its lines begin."""
    return {
        number: (f"dataset-{number}", f"posterior {k} of {len(datasets)}: dataset {number}")
        for k, number in enumerate(datasets, start=1)
    }


def _one_by_one(
    lifter: Lifter,
    datasets: Mapping[int, Columns],
    settings: SamplingSettings,
    seeds: Mapping[int, np.random.SeedSequence],
    course: Course,
) -> dict[int, Posterior]:
    sample = sampler_of(settings.sampler, lifter.spec.black_box)
    names = _names(datasets)
    posteriors: dict[int, Posterior] = {}
    programs: dict[int, Programs] = {}
    for number, columns in datasets.items():
        lifted, data = lifter.of(columns)
        compiled = programs.setdefault(id(lifted), Programs(lifted, settings))
        posteriors[number] = course.posterior(*names[number], sample, compiled, data, seeds[number])
    return posteriors


def _together(
    lifter: Lifter,
    datasets: Mapping[int, Columns],
    settings: SamplingSettings,
    seeds: Mapping[int, np.random.SeedSequence],
    course: Course,
) -> dict[int, Posterior]:
    """Sample all datasets that share a program side by side; those that were kept not again.

    But for those whose chains went with others' that are not finished: rounding errors depend on
    who goes beside whom, so they go on together.
    """
    from driftmill.sampling.climbers import kept_members, on_cpu
    from driftmill.sampling.together import sample_together

    def unfinished(looking: Looking) -> set[int]:
        members = kept_members(looking.kept)
        done = all(course.keeper.finished(names[number][0]) is not None for number in members)
        return set() if done else members

    names = _names(datasets)
    posteriors: dict[int, Posterior] = {}
    programs: dict[int, tuple[Programs, Looking, set[int]]] = {}
    going: dict[int, dict[int, Data]] = {}
    for number, columns in datasets.items():
        with on_cpu():
            lifted, data = lifter.of(columns)
        if id(lifted) not in programs:
            looking = Looking(course, f"together-{len(programs)}")
            programs[id(lifted)] = Programs(lifted, settings), looking, unfinished(looking)
        compiled, _, to_go_on = programs[id(lifted)]
        known = None
        if number not in to_go_on:
            known = course.known(*names[number], compiled, data)
        if known is None:
            going.setdefault(id(lifted), {})[number] = data
        else:
            posteriors[number] = known
    for key, members in going.items():
        numbers = list(members)

        def told(
            place: int, posterior: Posterior, seconds: float, numbers: list[int] = numbers
        ) -> None:
            course.finished(*names[numbers[place]], posterior, seconds)

        own = [seeds[number] for number in numbers]
        compiled, looking, _ = programs[key]
        found = sample_together(compiled, list(members.values()), own, looking, told, numbers)
        posteriors |= zip(numbers, found, strict=True)
    return {number: posteriors[number] for number in datasets}
