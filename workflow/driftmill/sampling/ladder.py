"""Up the ladder: mode, chains, gates, and another try when a gate is not passed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray
from driftmill.regression.lifted import Data
from driftmill.sampling.mode import Mode
from driftmill.sampling.nuts import (
    Chain,
    OutOfTimeError,
    Partial,
    StuckError,
    run_chain,
    start_chain,
    state_of,
)
from driftmill.sampling.posterior import Posterior, Target, judge, nearer
from driftmill.sampling.programs import Programs
from driftmill.sampling.scales import groups_of
from driftmill.sampling.settings import Rung
from driftmill.sampling.start import WIDE, NoStartError, around_mode, prior_draw
from driftmill.sampling.underway import Underway, pack_underway, unpack_underway
from driftmill.sampling.watch import UNWATCHED, Step, Watch

#: Each retry takes the coordinates of groups less centred by this factor; from this try on they
#: are not centred at all: where sds may be zero, a centred coordinate ends in a funnel.
LESS_CENTRED, LAST_CENTRED = 0.5, 2


def sample_posterior(
    programs: Programs, data: Data, seed: np.random.SeedSequence, watch: Watch = UNWATCHED
) -> Posterior:
    """Sample one dataset's posterior, retrying on the ladder until its gates pass.

    Parameters
    ----------
    programs
        The compiled programs.
    data
        The dataset.
    seed
        The dataset's own seed: its draws depend on nothing else.
    watch
        Looks on, and may know a state to go on from, which ends in the same draws.

    Returns
    -------
    Posterior
        Always; a failure is a code and a message, never an exception.
    """
    began = time.monotonic()
    settings = programs.settings
    target = Target(programs, data)
    empty = Posterior(programs.lifted.stored, data.coords, None, {}, None, "numeric_failure", 0, "")
    mode_seed, *rung_seeds = seed.spawn(1 + len(settings.rungs))
    if watch.kept is not None:
        now, seconds = unpack_underway(watch.kept, empty)
        began -= seconds
    else:
        try:
            now = Underway(target.mode(np.random.default_rng(mode_seed)))
        except NoStartError as error:
            return replace(empty, message=str(error))

    def between(step: Step, state: Underway) -> None:
        seconds = time.monotonic() - began
        if settings.timeout is not None and seconds > settings.timeout:
            raise OutOfTimeError
        watch(step, lambda: pack_underway(state, seconds))

    while now.rung < len(settings.rungs):
        try:
            chains = _try_rung(target, now, rung_seeds[now.rung], between)
        except (NoStartError, StuckError) as error:
            now = now.next_try(message=str(error))
            continue
        except OutOfTimeError:
            said = f"took more than {settings.timeout:g} s"
            return replace(now.best or empty, code="timeout", message=said)
        draws = target.natural(np.stack([chain.positions for chain in chains]))
        stats = {name: np.stack([c.stats[name] for c in chains]) for name in chains[0].stats}
        if not np.all(np.isfinite(draws)):
            now = now.next_try(message="draws are not finite")
            continue
        found = judge(replace(empty, draws=draws, stats=stats, rung=now.rung), settings)
        if found.code != "not_converged":
            return found
        now = now.next_try(best=found if now.best is None else nearer(now.best, found))
    return now.best or replace(empty, rung=len(settings.rungs) - 1, message=now.message)


def _try_rung(
    target: Target,
    now: Underway,
    seed: np.random.SeedSequence,
    between: Callable[[Step, Underway], None],
) -> tuple[Chain, ...]:
    """Run what is left of the chains of one rung, each from a seed of its own."""
    programs, arrays = target.programs, target.data.arrays
    settings = programs.settings
    rung = settings.rungs[now.rung]
    mode = coordinates_of(now)
    kernel = programs.kernel(rung)
    for chain_seed in seed.spawn(settings.chains)[len(now.chains) :]:
        if now.partial is None:
            z, bits = start_of(target, mode, rung, chain_seed)
            key = jax.random.wrap_key_data(jnp.asarray(bits))
            partial = start_chain(kernel, arrays, mode, z, key)
        else:
            partial = replace(now.partial, state=state_of(kernel, now.partial.state, arrays, mode))
        told = now

        def look(partial: Partial, told: Underway = told) -> None:
            state = replace(told, partial=partial)
            between(step_of(state, rung.warmup, settings.chains, settings.draws), state)

        chain = run_chain(kernel, arrays, mode, partial, settings.draws, look)
        now = replace(now, chains=(*now.chains, chain), partial=None)
    return now.chains


def coordinates_of(now: Underway) -> Mode:
    """Return the centre of a posterior in the coordinates of the try that it is at."""
    return now.mode.less_centred(LESS_CENTRED**now.rung if now.rung < LAST_CENTRED else 0.0)


def start_of(
    target: Target, mode: Mode, rung: Rung, seed: np.random.SeedSequence
) -> tuple[FloatArray, NDArray[np.uint32]]:
    """Return where a chain starts, in whitened coordinates, and the bits of its random key.

    Raises
    ------
    NoStartError
        When no point with a finite log density is found.
    """
    lifted = target.programs.lifted
    start_seed, key_seed = seed.spawn(2)
    rng = np.random.default_rng(start_seed)
    if rung.start == "mode":
        z = around_mode(mode, rng, target.finite)
    elif groups_of(lifted.free):
        z = around_mode(mode, rng, target.finite, WIDE)
    else:
        z = mode.whitened(prior_draw(lifted, rng, target.position, target.finite))
    return z, key_seed.generate_state(2).astype(np.uint32)


def step_of(now: Underway, warmup: int, chains: int, draws: int) -> Step:
    """Return how far a posterior is whose chains take so many iterations."""
    assert now.partial is not None
    before, warmed, kept = len(now.chains), now.partial.warmed, now.partial.kept
    warming = kept == 0
    done, each = (warmed, warmup) if warming else (kept, draws)
    return Step(
        "warm-up" if warming else "draws",
        before * each + done,
        chains * each,
        before + 1,
        chains,
        now.rung,
        (before * (warmup + draws) + warmed + kept) / (chains * (warmup + draws)),
    )
