"""Up the ladder together: the posteriors of many datasets side by side, in place of one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray
from driftmill.regression.lifted import Data
from driftmill.sampling.climbers import Climber, begin, kept_lanes, on_cpu, pack_climbers
from driftmill.sampling.keeping import Arrays
from driftmill.sampling.ladder import coordinates_of, start_of
from driftmill.sampling.lanes import Records, abreast, run_lanes
from driftmill.sampling.mode import ModeArrays
from driftmill.sampling.nuts import OutOfTimeError
from driftmill.sampling.posterior import Posterior, judge, nearer
from driftmill.sampling.programs import Programs
from driftmill.sampling.settings import Rung
from driftmill.sampling.start import NoStartError
from driftmill.sampling.trajectories import most_steps, plan_of
from driftmill.sampling.watch import UNWATCHED, Step, Watch

#: Called with a dataset's place, its finished posterior, and its share of the time in seconds.
Told = Callable[[int, Posterior, float], None]


@dataclass(frozen=True)
class Ready:
    """A dataset at the foot of a rung: its place, and its chains' starts and keys."""

    place: int
    climber: Climber
    mode: ModeArrays
    z: FloatArray
    keys: NDArray[np.uint32]


@dataclass
class _Climb:
    programs: Programs
    watch: Watch
    told: Told
    going: dict[int, Climber] = field(default_factory=dict)
    found: dict[int, Posterior] = field(default_factory=dict)

    def finish(self, place: int, posterior: Posterior, seconds: float) -> None:
        self.found[place] = posterior
        self.going.pop(place, None)
        self.told(place, posterior, seconds)


def sample_together(
    programs: Programs,
    datasets: Sequence[Data],
    seeds: Sequence[np.random.SeedSequence],
    watch: Watch = UNWATCHED,
    told: Told = lambda *_: None,
    numbers: Sequence[int] | None = None,
) -> list[Posterior]:
    """Sample the posteriors of datasets side by side; who fails its gates goes on to the next rung.

    Parameters
    ----------
    programs
        The compiled programs.
    datasets
        The datasets.
    seeds
        A seed a dataset: its draws depend on nothing else.
    watch
        Looks on, and may know a state to go on from, which ends in the same draws.
    told
        Called as soon as a posterior is finished.
    numbers
        What the datasets are known by from one run to the next; their places if nothing is said.

    Returns
    -------
    list of Posterior
        In the order of the datasets. A failure is a code and a message, never an exception.

    Notes
    -----
    A time limit holds for a dataset's share of the time: what all that go side by side take,
    divided by their number, and its own search for the mode.
    """
    climb, n = _Climb(programs, watch, told), len(datasets)
    known = range(n) if numbers is None else numbers
    for place, (number, data, seed) in enumerate(zip(known, datasets, seeds, strict=True)):
        climber, seconds = begin(programs, number, data, seed, watch.kept)
        if isinstance(climber, Posterior):
            climb.finish(place, climber, seconds)
        else:
            climb.going[place] = climber
        if watch.kept is None:
            watch(Step("modes", place + 1, n, 1, 1, 0, 0.0, n), None)
    for index, rung in enumerate(programs.settings.rungs):
        ready = _at_foot(rung, index, climb.going)
        trees = [(r.climber.target.data.arrays, r.mode) for r in ready]
        for members in abreast(trees, programs.settings.chains):
            _try_rung(climb, rung, index, [ready[k] for k in members])
    for place, climber in list(climb.going.items()):
        now, last = climber.now, len(programs.settings.rungs) - 1
        failed = replace(climber.empty, rung=last, message=now.message)
        climb.finish(place, now.best or failed, climber.seconds)
    return [climb.found[place] for place in range(n)]


def sample_alone(
    programs: Programs, data: Data, seed: np.random.SeedSequence, watch: Watch = UNWATCHED
) -> Posterior:
    """Sample one dataset's posterior, its chains side by side: see ``sample_together``."""
    (posterior,) = sample_together(programs, [data], [seed], watch)
    return posterior


def _at_foot(rung: Rung, index: int, going: dict[int, Climber]) -> list[Ready]:
    """Return those at a rung whose chains find a start; the others wait for the next rung."""
    ready = []
    for place, climber in going.items():
        if climber.now.rung != index:
            continue
        began = time.monotonic()
        seed = climber.rung_seeds[climber.now.rung]
        chains = climber.target.programs.settings.chains
        try:
            with on_cpu():
                mode = coordinates_of(climber.now)
                starts = [start_of(climber.target, mode, rung, s) for s in seed.spawn(chains)]
                z, keys = (np.stack(parts) for parts in zip(*starts, strict=True))
                ready.append(Ready(place, climber, mode.arrays, z, keys))
        except NoStartError as error:
            climber.now = climber.now.next_try(message=str(error))
        climber.seconds += time.monotonic() - began
    return ready


def _try_rung(climb: _Climb, rung: Rung, index: int, ready: Sequence[Ready]) -> None:
    """Run one rung of datasets of one structure; finish those that pass or are out of time."""
    settings = climb.programs.settings
    most = most_steps(climb.programs.lifted.dimension, rung.target_accept, index)
    most = max(1, min(most, 2**settings.max_tree_depth - 2))
    plan = plan_of(rung.warmup, settings.draws, rung.target_accept, most)
    total = rung.warmup + settings.draws
    last = time.monotonic()
    climbers = [member.climber for member in ready]

    def late(climber: Climber) -> bool:
        return settings.timeout is not None and climber.seconds > settings.timeout

    def look(done: int, reached: Callable[[], Arrays]) -> None:
        nonlocal last
        share, last = (time.monotonic() - last) / len(ready), time.monotonic()
        for member in ready:
            member.climber.seconds += share
        if all(late(member.climber) for member in ready):
            raise OutOfTimeError
        beside, share_done = (1, 1, index), done / total
        if done <= rung.warmup:
            step = Step("warm-up", done, rung.warmup, *beside, share_done, len(ready))
        else:
            kept = done - rung.warmup
            step = Step("draws", kept, settings.draws, *beside, share_done, len(ready))
        climb.watch(step, lambda: pack_climbers(climb.going, climbers, reached()))

    try:
        records = run_lanes(
            climb.programs.lanes,
            [member.climber.target.data.arrays for member in ready],
            [member.mode for member in ready],
            np.stack([member.z for member in ready]),
            np.stack([member.keys for member in ready]),
            plan,
            look,
            kept_lanes(climb.watch.kept, climbers),
        )
    except OutOfTimeError:
        records = [{}] * len(ready)
    for member, recorded in zip(ready, records, strict=True):
        climber = member.climber
        if late(climber):
            said = f"took more than {settings.timeout:g} s"
            kept = climber.now.best or climber.empty
            climb.finish(member.place, replace(kept, code="timeout", message=said), climber.seconds)
            continue
        found = _judged(climber, recorded)
        if found is None:
            climber.now = climber.now.next_try(message="draws are not finite")
        elif found.code == "not_converged":
            best = climber.now.best
            climber.now = climber.now.next_try(best=nearer(best, found) if best else found)
        else:
            climb.finish(member.place, found, climber.seconds)


def _judged(climber: Climber, records: Records) -> Posterior | None:
    """Return the posterior of a rung with the verdict of its gates; None: it is not finite."""
    stats = {name: values for name, values in records.items() if name != "position"}
    with on_cpu():
        draws = climber.target.natural(records["position"])
    if not np.all(np.isfinite(draws)):
        return None
    found = replace(climber.empty, draws=draws, stats=stats, rung=climber.now.rung)
    return judge(found, climber.target.programs.settings)
