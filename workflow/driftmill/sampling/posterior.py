"""One posterior: mode, chains, gates, and up the ladder when a gate is not passed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray
from driftmill.regression.lifted import Data
from driftmill.regression.variables import Coords, Variable, flatten
from driftmill.sampling.gates import Diagnostics, diagnose
from driftmill.sampling.mode import Mode
from driftmill.sampling.nuts import Chain, OutOfTimeError, run_chain
from driftmill.sampling.programs import Programs
from driftmill.sampling.rough import rough_values
from driftmill.sampling.scales import groups_of
from driftmill.sampling.settings import Code, Rung, SamplingSettings
from driftmill.sampling.start import WIDE, NoStartError, around_mode, prior_draw
from driftmill.sampling.typical import find_centre

#: Each retry takes the coordinates of groups less centred by this factor; from this try on they
#: are not centred at all: where sds may be zero, a centred coordinate ends in a funnel.
LESS_CENTRED, LAST_CENTRED = 0.5, 2


@dataclass(frozen=True)
class Posterior:
    """Draws of one dataset's posterior and how they were come by.

    Parameters
    ----------
    variables
        The stored variables, in the order of the draws' last axis.
    coords
        Labels of their dims.
    draws
        Shape (chain, draw, m), natural scale; None when there are none.
    stats
        Sampler statistics, each of shape (chain, draw).
    diagnostics
        None when there are no draws.
    code
        ``ok``, ``retried_ok``, ``not_converged``, ``numeric_failure``, ``timeout``, or
        ``approximate`` for a sampler that passes no gates.
    rung
        Index of the try that these draws come from, 0 for the first.
    message
        What the last try failed at, in words; empty when it passed.
    """

    variables: tuple[Variable, ...]
    coords: Coords
    draws: FloatArray | None
    stats: Mapping[str, NDArray[Any]]
    diagnostics: Diagnostics | None
    code: Code
    rung: int
    message: str

    @property
    def labels(self) -> list[str]:
        """A label an element of the draws' last axis."""
        return [label for v in self.variables for label in v.labels(self.coords)]


@dataclass(frozen=True)
class Target:
    """One dataset's log density on the host."""

    programs: Programs
    data: Data

    def potential(self, position: FloatArray) -> tuple[float, FloatArray]:
        """Return the negative log density and its gradient."""
        energy, gradient = self.programs.potential(jnp.asarray(position), self.data.arrays)
        return float(energy), np.asarray(gradient)

    def finite(self, position: FloatArray) -> bool:
        """Tell whether log density and gradient are finite."""
        energy, gradient = self.potential(position)
        return bool(np.isfinite(energy) and np.all(np.isfinite(gradient)))

    def position(self, natural: FloatArray) -> FloatArray:
        """Return the position of the free variables' natural values, shape (d,) both."""
        return np.asarray(self.programs.unconstrain(jnp.asarray(natural), self.data.arrays))

    def natural(self, positions: FloatArray) -> FloatArray:
        """Return the stored variables at positions, shapes (chain, draw, d) to (chain, draw, m)."""
        chains, draws, d = positions.shape
        flat = self.programs.constrain(jnp.asarray(positions.reshape(-1, d)), self.data.arrays)
        return np.asarray(flat).reshape(chains, draws, -1)

    def mode(self, rng: np.random.Generator) -> Mode:
        """Find the posterior's centre from data-driven values, or from a draw of the prior.

        Raises
        ------
        NoStartError
            When the density is nowhere finite.
        """
        lifted = self.programs.lifted
        rough = rough_values(lifted.spec, self.data.columns, lifted.free)
        start = self.position(flatten(lifted.free, rough))
        if not (np.all(np.isfinite(start)) and self.finite(start)):
            start = prior_draw(lifted, rng, self.position, self.finite)
        d = lifted.dimension
        return find_centre(
            self.potential,
            start,
            lifted,
            lambda x: self.natural(x[None, None])[0, 0, :d],
            self.position,
        )


def _try_rung(
    target: Target,
    mode: Mode,
    rung: Rung,
    seed: np.random.SeedSequence,
    check_time: Callable[[], None],
) -> list[Chain]:
    """Run all chains of one rung, each from a seed of its own."""
    programs = target.programs
    settings = programs.settings
    chains = []
    for chain_seed in seed.spawn(settings.chains):
        start_seed, key_seed = chain_seed.spawn(2)
        rng = np.random.default_rng(start_seed)
        if rung.start == "mode":
            z = around_mode(mode, rng, target.finite)
        elif groups_of(programs.lifted.free):
            z = around_mode(mode, rng, target.finite, WIDE)
        else:
            z = mode.whitened(prior_draw(programs.lifted, rng, target.position, target.finite))
        key = jax.random.wrap_key_data(jnp.asarray(key_seed.generate_state(2)))
        arrays = target.data.arrays
        kernel = programs.kernel(rung)
        chains.append(run_chain(kernel, arrays, mode, z, key, settings.draws, check_time))
    return chains


def sample_posterior(programs: Programs, data: Data, seed: np.random.SeedSequence) -> Posterior:
    """Sample one dataset's posterior, retrying on the ladder until its gates pass.

    Parameters
    ----------
    programs
        The compiled programs.
    data
        The dataset.
    seed
        The dataset's own seed: its draws depend on nothing else.

    Returns
    -------
    Posterior
        Always; a failure is a code and a message, never an exception.
    """
    settings = programs.settings
    target = Target(programs, data)
    deadline = None if settings.timeout is None else time.monotonic() + settings.timeout
    empty = Posterior(programs.lifted.stored, data.coords, None, {}, None, "numeric_failure", 0, "")

    def check_time() -> None:
        if deadline is not None and time.monotonic() > deadline:
            raise OutOfTimeError

    mode_seed, *rung_seeds = seed.spawn(1 + len(settings.rungs))
    best: Posterior | None = None
    message = ""
    try:
        mode = target.mode(np.random.default_rng(mode_seed))
    except NoStartError as error:
        return replace(empty, message=str(error))
    for index, (rung, rung_seed) in enumerate(zip(settings.rungs, rung_seeds, strict=True)):
        try:
            moved = mode.less_centred(LESS_CENTRED**index if index < LAST_CENTRED else 0.0)
            chains = _try_rung(target, moved, rung, rung_seed, check_time)
        except NoStartError as error:
            message = str(error)
            continue
        except OutOfTimeError:
            said = f"took more than {settings.timeout:g} s"
            return replace(best or empty, code="timeout", message=said)
        draws = target.natural(np.stack([chain.positions for chain in chains]))
        stats = {name: np.stack([c.stats[name] for c in chains]) for name in chains[0].stats}
        if not np.all(np.isfinite(draws)):
            message = "draws are not finite"
            continue
        found = judge(replace(empty, draws=draws, stats=stats, rung=index), settings)
        if found.code != "not_converged":
            return found
        best = found if best is None else nearer(best, found)
    return best or replace(empty, rung=len(settings.rungs) - 1, message=message)


def nearer(first: Posterior, second: Posterior) -> Posterior:
    """Return that of two posteriors that failed their gates whose chains agree better."""
    worst = [
        np.inf if p.diagnostics is None else float(np.max(p.diagnostics.r_hat))
        for p in (first, second)
    ]
    return first if worst[0] <= worst[1] or np.isnan(worst[1]) else second


def judge(posterior: Posterior, settings: SamplingSettings) -> Posterior:
    """Return a posterior that has draws with its diagnostics and its code."""
    assert posterior.draws is not None
    diagnostics = diagnose(posterior.draws, posterior.stats, settings.max_tree_depth)
    failures = diagnostics.failures(settings.gates)
    passed: Code = "ok" if posterior.rung == 0 else "retried_ok"
    return replace(
        posterior,
        diagnostics=diagnostics,
        code="not_converged" if failures else passed,
        message="; ".join(failures),
    )
