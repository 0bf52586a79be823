"""The course of a job: a line a posterior, lines within long ones, and what of it is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

import numpy as np

from driftmill.regression.lifted import Data
from driftmill.sampling.keeping import NOTHING, Arrays, Keeper
from driftmill.sampling.posterior import Posterior, pack_posterior, unpack_posterior
from driftmill.sampling.programs import Programs

#: Seconds between two lines within a posterior, and the shortest time left that is told.
TELL_EVERY: Final = 60.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """How far a posterior is.

    Parameters
    ----------
    phase
        What its chain does now.
    done, of
        Iterations of this phase that all chains have done, and will have; of posteriors that go
        side by side those of each chain, before these the modes that are found.
    chain, chains
        The chain, counted from 1, and how many there are.
    rung
        Index of the try.
    share
        Of the try's iterations that are done.
    datasets
        How many posteriors go side by side, all of them as far as this.
    """

    phase: Literal["modes", "warm-up", "draws"]
    done: int
    of: int
    chain: int
    chains: int
    rung: int
    share: float
    datasets: int = 1

    def __str__(self) -> str:
        """Return the step as it stands in a log."""
        beside = f"{self.datasets} side by side, " if self.datasets > 1 else ""
        chain = f", chain {self.chain} of {self.chains}" if self.chains > 1 else ""
        rung = f", rung {self.rung}" if self.rung else ""
        return f"{beside}{self.phase} {self.done} of {self.of}{chain}{rung}"


class Watch(Protocol):
    """What looks on while one posterior is sampled."""

    @property
    def kept(self) -> Arrays | None:
        """The state to go on from; None: there is none."""

    def __call__(self, step: Step, state: Callable[[], Arrays] | None) -> None:
        """See a step; ``state``, where there is one, is called when it is to be kept."""


class _Unwatched:
    kept: Arrays | None = None

    def __call__(self, step: Step, state: Callable[[], Arrays] | None) -> None:
        """See nothing."""


UNWATCHED: Final[Watch] = _Unwatched()
Sample = Callable[[Programs, Data, np.random.SeedSequence, Watch], Posterior]


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


@dataclass
class Course:
    """Tells of a job's posteriors, and has them kept.

    Parameters
    ----------
    say
        Called with one line at a time.
    total
        How many posteriors there are; None where that is not known: then the time left is not told.
    keeper
        Where state outlives the job.
    brief
        Whether to tell of finished posteriors only when nothing was told for ``TELL_EVERY``.
    """

    say: Say
    total: int | None = None
    keeper: Keeper = NOTHING
    brief: bool = False
    _began: float = field(default=0.0, init=False)
    _told: float = field(default=0.0, init=False)
    _done: int = field(default=0, init=False)
    #: Posteriors, and shares of one, that an earlier run did.
    _found: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Start the clock."""
        self._began = self._told = time.monotonic()

    def posterior(
        self,
        name: str,
        title: str,
        sample: Sample,
        programs: Programs,
        data: Data,
        seed: np.random.SeedSequence,
    ) -> Posterior:
        """Sample one posterior, or return it where it was kept.

        Parameters
        ----------
        name
            What it is kept under, of letters, digits and dashes.
        title
            How its lines begin.
        sample
            What samples it from ``programs``, ``data`` and ``seed``.
        programs, data, seed
            See ``driftmill.sampling.ladder.sample_posterior``.
        """
        found = self.known(name, title, programs, data)
        if found is None:
            began = time.monotonic()
            found = sample(programs, data, seed, Looking(self, name, title))
            self.finished(name, title, found, time.monotonic() - began)
        return found

    def known(self, name: str, title: str, programs: Programs, data: Data) -> Posterior | None:
        """Return a posterior where an earlier run of the job kept it.

        Parameters
        ----------
        name, title, programs, data
            As in ``posterior``.
        """
        kept = self.keeper.finished(name)
        if kept is None:
            return None
        found = unpack_posterior(kept, programs.lifted.stored, data.coords)
        self._found += 1
        self._tell_finished(f"{title}, {describe(found)}, kept by an earlier run of this job")
        self._done += 1
        return found

    def finished(self, name: str, title: str, posterior: Posterior, seconds: float) -> None:
        """Keep a posterior that is finished, and tell of it.

        Parameters
        ----------
        name, title
            As in ``posterior``.
        posterior
            The posterior.
        seconds
            How long it took.
        """
        self.keeper.finish(name, pack_posterior(posterior))
        said = f"{title}, {describe(posterior)}, {seconds:.1f} s{self.left(1.0)}"
        self._tell_finished(said)
        self._done += 1

    def _tell_finished(self, line: str) -> None:
        if not self.brief or self.silent:
            self.tell(line)

    @property
    def silent(self) -> bool:
        """Whether nothing was told for ``TELL_EVERY``."""
        return time.monotonic() - self._told >= TELL_EVERY

    def tell(self, line: str) -> None:
        """Tell a line now."""
        self._told = time.monotonic()
        self.say(line)

    def found(self, share: float) -> None:
        """Take note that a share of a posterior was done by an earlier run."""
        self._found += share

    def left(self, share: float) -> str:
        """Say how long the job will take yet, where that is a minute or more.

        Parameters
        ----------
        share
            Of the posterior after those that are done.
        """
        worked = self._done + share - self._found
        if self.total is None or worked <= 0:
            return ""
        seconds = time.monotonic() - self._began
        left = seconds * (self.total - self._done - share) / worked
        return f"; about {left / 60:.0f} min left" if left >= TELL_EVERY else ""


class Looking:
    """Looks on at one posterior of a course, or at several that go side by side.

    Parameters
    ----------
    course
        The course.
    name
        What their state is kept under.
    title
        How lines begin.
    """

    def __init__(self, course: Course, name: str, title: str = "") -> None:
        self._course, self._name, self._title = course, name, f"{title}, " if title else ""
        self.kept = course.keeper.underway(name)
        self._fresh = self.kept is None

    def __call__(self, step: Step, state: Callable[[], Arrays] | None) -> None:
        """Tell how far they are, if nothing was told for a while, and have their state kept."""
        course, share = self._course, step.share * step.datasets
        if not self._fresh:
            self._fresh = True
            course.found(share)
            course.tell(f"{self._title}{step}, went on from where an earlier run was stopped")
        if state is not None and course.keeper.due:
            course.keeper.save(self._name, state())
        if course.silent:
            course.tell(f"{self._title}{step}{course.left(share)}")
