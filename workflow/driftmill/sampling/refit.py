"""Posteriors of a dataset with rows held out, and what they say of the rows that they never saw."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression.held_out import HeldOut
from driftmill.regression.lifter import Lifter
from driftmill.regression.pointwise import PointwiseLikelihood
from driftmill.sampling.batch import sampler_of
from driftmill.sampling.posterior import Posterior
from driftmill.sampling.programs import Programs
from driftmill.sampling.settings import FAILED, SamplingSettings
from driftmill.sampling.watch import Course
from driftmill.simulation.seeds import child


@dataclass(frozen=True, eq=False)
class Refit:
    """A posterior that has not seen some rows of its dataset.

    Parameters
    ----------
    held_out
        The rows, and the dataset with and without their likelihood.
    posterior
        Its draws are those of all stored variables; deviations of participants all of whose
        rows are held out are draws of the group's distribution.
    log_likelihood
        Of the h rows held out, in their order, shape (chain, draw, h); NaN when there are no draws.
        For a learner, given all that came before, held out or not.
    """

    held_out: HeldOut
    posterior: Posterior
    log_likelihood: FloatArray

    @property
    def failed(self) -> bool:
        """Whether the posterior did not pass its gates."""
        return self.posterior.code in FAILED

    @property
    def draws(self) -> FloatArray:
        """Draws of the free variables, natural scale, shape (chain, draw, d); none: an error."""
        if self.posterior.draws is None:
            raise ValueError(f"no draws: {self.posterior.message}")
        return np.ascontiguousarray(self.posterior.draws[..., : self.held_out.lifted.dimension])


class Refits:
    """Refit datasets with rows held out: one compilation for all that is held out of a structure.

    Parameters
    ----------
    lifter
        The lifted models of the fit.
    settings
        How its posteriors are sampled, gates and ladder included.
    course
        Tells of long refits, and has them kept.
    """

    def __init__(
        self, lifter: Lifter, settings: SamplingSettings, course: Course | None = None
    ) -> None:
        self._course = Course(lambda _: None) if course is None else course
        self._count = 0
        self._settings = settings
        self._sample = sampler_of(settings.sampler, lifter.spec.black_box)
        self._lifter = lifter
        self._likelihood = PointwiseLikelihood(lifter)
        self._programs: dict[int, Programs] = {}

    def __call__(
        self, columns: Columns, held: NDArray[np.bool_], seed: np.random.SeedSequence
    ) -> Refit:
        """Refit one dataset.

        Parameters
        ----------
        columns
            The dataset's columns, n trials.
        held
            Which of them are held out, shape (n,).
        seed
            A seed of its own: the draws depend on nothing else.
        """
        out = self._lifter.without(columns, held)
        lifted = out.lifted
        programs = self._programs.setdefault(id(lifted), Programs(lifted, self._settings))
        self._count += 1
        of = "" if self._course.total is None else f" of {self._course.total}"
        name, title = f"refit-{_digest(held, seed)}", f"refit {self._count}{of}"
        # A sampler spawns from the seed that it is given, which changes it.
        own = child(seed, 0)
        posterior = self._course.posterior(name, title, self._sample, programs, out.kept, own)
        shape = (self._settings.chains, self._settings.draws, int(held.sum()))
        if posterior.draws is None:
            return Refit(out, posterior, np.full(shape, np.nan))
        free = np.ascontiguousarray(posterior.draws[..., : lifted.dimension])
        values = self._likelihood.at(lifted, out.whole, free)[..., held]
        # Where a row is beyond what bounds a parameter, its density may not be a number.
        return Refit(out, posterior, np.where(np.isnan(values), -np.inf, values))


def _digest(held: NDArray[np.bool_], seed: np.random.SeedSequence) -> str:
    """Return what tells a refit from all others of a job."""
    told = f"{seed.entropy} {seed.spawn_key}".encode()
    return hashlib.sha256(told + np.packbits(held).tobytes()).hexdigest()[:16]
