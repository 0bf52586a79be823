"""One dataset without gradients: PyMC's slice sampler, or its differential evolution.

The density is that of the batch's one program, in its own coordinates, so that all that a fit may
say is known here too. Neither sampler has diverging transitions, trees or an energy: those gates
are not asked.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.exceptions import SamplingError
from pytensor.graph.op import Op

from driftmill.models.declaration import FloatArray
from driftmill.regression.lifted import Data
from driftmill.regression.variables import flatten
from driftmill.sampling.nuts import OutOfTimeError
from driftmill.sampling.posterior import Posterior, Target, judge, nearer
from driftmill.sampling.programs import Programs
from driftmill.sampling.rough import rough_values
from driftmill.sampling.settings import THINNING, Rung, SamplingSettings, without_gradients
from driftmill.sampling.start import NoStartError, prior_draw
from driftmill.sampling.watch import UNWATCHED, Step, Watch

#: Warm-up iterations for each that NUTS would take.
_LONGER = {"slice": 1, "demetropolisz": 5}
#: Samplers ask for the density where they stand once more.
_REMEMBERED = 16
#: How far apart the chains start on the unconstrained scale.
_SPREAD = 0.1
_TRIES = 100
_POSITION = "position"

Density = Callable[[FloatArray], float]


@dataclass(frozen=True)
class _Pace:
    """Iterations of a try: of the warm-up, and for each draw that is kept."""

    rung: int
    warmup: int
    thinning: int

    def step(self, chain: int, done: int, chains: int, draws: int) -> Step:
        """Return how far a posterior is, a chain of which has done so many iterations."""
        warming = done <= self.warmup
        each, here = (self.warmup, done) if warming else (draws, done - self.warmup)
        share = (chain + done / (self.warmup + draws)) / chains
        phase: Literal["warm-up", "draws"] = "warm-up" if warming else "draws"
        return Step(phase, chain * each + here, chains * each, chain + 1, chains, self.rung, share)


class _LogDensity(Op):  # type: ignore[misc]
    """A function of a position as an operation on PyTensor's variables."""

    itypes = (pt.dvector,)
    otypes = (pt.dscalar,)

    def __init__(self, density: Density) -> None:
        self.density = density

    def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
        outputs[0][0] = np.asarray(self.density(inputs[0]))


def sample_gradient_free(
    programs: Programs, data: Data, seed: np.random.SeedSequence, watch: Watch = UNWATCHED
) -> Posterior:
    """Sample one dataset's posterior from values of its density alone.

    Parameters
    ----------
    programs
        The fit, and how it is sampled.
    data
        The dataset.
    seed
        The dataset's own seed: its draws depend on nothing else.
    watch
        Looks on; there is no state to go on from, since PyMC keeps it to itself.

    Returns
    -------
    Posterior
        Always; a failure is a code and a message, never an exception.
    """
    sampler = without_gradients(programs.settings.sampler)
    settings = replace(programs.settings, sampler=sampler)
    target = Target(programs, data)
    deadline = None if settings.timeout is None else time.monotonic() + settings.timeout
    empty = Posterior(programs.lifted.stored, data.coords, None, {}, None, "numeric_failure", 0, "")
    best: Posterior | None = None
    message = ""

    @lru_cache(_REMEMBERED)
    def remembered(position: bytes) -> float:
        value = float(programs.density(jnp.asarray(np.frombuffer(position)), data.arrays))
        return -np.inf if np.isnan(value) else value

    def density(position: FloatArray) -> float:
        return remembered(position.tobytes())

    def look(step: Step) -> None:
        if deadline is not None and time.monotonic() > deadline:
            raise OutOfTimeError
        watch(step, None)

    for index, (rung, rung_seed) in enumerate(
        zip(settings.rungs, seed.spawn(len(settings.rungs)), strict=True)
    ):
        start_seed, draw_seed = rung_seed.spawn(2)
        try:
            starts = [
                _start(target, density, rung, np.random.default_rng(each))
                for each in start_seed.spawn(settings.chains)
            ]
            thinned = THINNING[sampler] * programs.lifted.dimension * 2**index
            thinning = max(1, math.ceil(thinned))
            pace = _Pace(index, rung.warmup * _LONGER[sampler], thinning)
            positions = _sample(density, starts, pace, settings, draw_seed, look)
        except (NoStartError, SamplingError) as error:
            message = str(error)
            continue
        except OutOfTimeError:
            said = f"took more than {settings.timeout:g} s"
            return replace(best or empty, code="timeout", message=said)
        draws = target.natural(positions)
        if not np.all(np.isfinite(draws)):
            message = "draws are not finite"
            continue
        lp = np.array([[density(x) for x in chain] for chain in positions])
        found = judge(replace(empty, draws=draws, stats={"lp": lp}, rung=index), settings)
        if found.code != "not_converged":
            return found
        best = found if best is None else nearer(best, found)
    return best or replace(empty, rung=len(settings.rungs) - 1, message=message)


def _start(target: Target, density: Density, rung: Rung, rng: np.random.Generator) -> FloatArray:
    """Return where a chain starts: about rough values from the data, or at a draw of the prior."""
    lifted = target.programs.lifted
    if rung.start == "mode":
        rough = rough_values(lifted.spec, target.data.columns, lifted.free)
        centre, spread = target.position(flatten(lifted.free, rough)), _SPREAD
        for _ in range(_TRIES if np.all(np.isfinite(centre)) else 0):
            position = centre + spread * rng.standard_normal(centre.size)
            if np.isfinite(density(position)):
                return position
            spread *= 0.8
    return prior_draw(lifted, rng, target.position, lambda x: bool(np.isfinite(density(x))))


def _sample(
    density: Density,
    starts: list[FloatArray],
    pace: _Pace,
    settings: SamplingSettings,
    seed: np.random.SeedSequence,
    look: Callable[[Step], None],
) -> FloatArray:
    """Return positions, shape (chain, draw, d)."""
    draws = settings.draws * pace.thinning
    with pm.Model():
        position = pm.Flat(_POSITION, shape=starts[0].size)
        pm.Potential("density", _LogDensity(density)(position))
        # PyTensor need not compile what is one call of a program.
        compiled = {"mode": "FAST_COMPILE"}
        kind = pm.Slice if settings.sampler == "slice" else pm.DEMetropolisZ
        tree = pm.sample(
            draws=draws,
            tune=pace.warmup,
            chains=settings.chains,
            cores=1,
            step=kind([position], compile_kwargs=compiled),
            initvals=[{_POSITION: start} for start in starts],
            random_seed=[int(s) for s in seed.generate_state(settings.chains)],
            callback=lambda trace, draw: look(
                pace.step(draw.chain, draw.draw_idx + 1, settings.chains, draws)
            ),
            progressbar=False,
            quiet=True,
            compute_convergence_checks=False,
        )
    return np.asarray(
        tree["posterior"][_POSITION].to_numpy()[:, pace.thinning - 1 :: pace.thinning]
    )
