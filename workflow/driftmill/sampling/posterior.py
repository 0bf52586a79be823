"""One posterior: mode, chains, gates, and up the ladder when a gate is not passed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression.lifted import Data, LiftedModel
from driftmill.sampling.gates import Diagnostics, diagnose
from driftmill.sampling.mode import Mode, find_mode
from driftmill.sampling.nuts import Chain, Kernel, OutOfTimeError, build_kernel, run_chain
from driftmill.sampling.settings import Code, Rung, SamplingSettings
from driftmill.sampling.start import NoStartError, around_mode, prior_draw


@dataclass(frozen=True)
class Posterior:
    """Draws of one dataset's posterior and how they were come by.

    Parameters
    ----------
    draws
        Shape (chain, draw, d), natural scale; None when there are none.
    stats
        Sampler statistics, each of shape (chain, draw).
    diagnostics
        None when there are no draws.
    code
        ``ok``, ``retried_ok``, ``not_converged``, ``numeric_failure`` or ``timeout``.
    rung
        Index of the try that these draws come from, 0 for the first.
    message
        What the last try failed at, in words; empty when it passed.
    """

    draws: FloatArray | None
    stats: Mapping[str, NDArray[Any]]
    diagnostics: Diagnostics | None
    code: Code
    rung: int
    message: str


class LiftedSampler:
    """The compiled programs of one fit, shared by all datasets of one shape."""

    def __init__(self, lifted: LiftedModel, settings: SamplingSettings) -> None:
        self.lifted = lifted
        self.settings = settings
        self._kernels: dict[tuple[int, float], Kernel] = {}

    @cached_property
    def potential(self) -> Callable[[Any, Data], Any]:
        """Negative log density and gradient, compiled."""
        return jax.jit(jax.value_and_grad(lambda x, data: -self.lifted.log_density(x, data)))

    @cached_property
    def constrain(self) -> Callable[[Any, Data], Any]:
        """Positions (n, d) to natural values (n, d), compiled."""
        return jax.jit(jax.vmap(self.lifted.constrain, (0, None)))

    @cached_property
    def unconstrain(self) -> Callable[[Any, Data], Any]:
        """Natural values (d,) to a position (d,), compiled."""
        return jax.jit(self.lifted.unconstrain)

    def kernel(self, rung: Rung) -> Kernel:
        """Return the NUTS programs of one rung."""
        key = (rung.warmup, rung.target_accept)
        if key not in self._kernels:
            self._kernels[key] = build_kernel(
                self.lifted.log_density, *key, self.settings.max_tree_depth
            )
        return self._kernels[key]


@dataclass(frozen=True)
class _Target:
    """One dataset's log density on the host."""

    sampler: LiftedSampler
    data: Data

    def potential(self, position: FloatArray) -> tuple[float, FloatArray]:
        energy, gradient = self.sampler.potential(jnp.asarray(position), self.data)
        return float(energy), np.asarray(gradient)

    def finite(self, position: FloatArray) -> bool:
        energy, gradient = self.potential(position)
        return bool(np.isfinite(energy) and np.all(np.isfinite(gradient)))

    def position(self, natural: FloatArray) -> FloatArray:
        return np.asarray(self.sampler.unconstrain(jnp.asarray(natural), self.data))

    def natural(self, positions: FloatArray) -> FloatArray:
        chains, draws, d = positions.shape
        flat = self.sampler.constrain(jnp.asarray(positions.reshape(-1, d)), self.data)
        return np.asarray(flat).reshape(chains, draws, d)


def _first_mode(target: _Target, columns: Columns, rng: np.random.Generator) -> Mode:
    """Find the mode from the model's data-driven start, or from a draw of the prior."""
    lifted = target.sampler.lifted
    spec = lifted.spec
    rough = spec.model.start(columns)
    start = target.position(np.array([rough[name] for name in lifted.names]))
    if not (np.all(np.isfinite(start)) and target.finite(start)):
        start = prior_draw(spec, lifted.names, rng, target.position, target.finite)
    return find_mode(target.potential, start)


def _whiten(mode: Mode, position: FloatArray) -> FloatArray:
    return np.linalg.solve(mode.scale, position - mode.position)


def _try_rung(
    target: _Target,
    mode: Mode,
    rung: Rung,
    seed: np.random.SeedSequence,
    check_time: Callable[[], None],
) -> list[Chain]:
    """Run all chains of one rung, each from a seed of its own."""
    sampler = target.sampler
    chains = []
    for chain_seed in seed.spawn(sampler.settings.chains):
        start_seed, key_seed = chain_seed.spawn(2)
        rng = np.random.default_rng(start_seed)
        if rung.start == "mode":
            z = around_mode(mode, rng, target.finite)
        else:
            names = sampler.lifted.names
            spec = sampler.lifted.spec
            z = _whiten(mode, prior_draw(spec, names, rng, target.position, target.finite))
        key = jax.random.wrap_key_data(jnp.asarray(key_seed.generate_state(2)))
        draws = sampler.settings.draws
        chains.append(run_chain(sampler.kernel(rung), target.data, mode, z, key, draws, check_time))
    return chains


def sample_posterior(
    sampler: LiftedSampler, columns: Columns, seed: np.random.SeedSequence
) -> Posterior:
    """Sample one dataset's posterior, retrying on the ladder until its gates pass.

    Parameters
    ----------
    sampler
        The compiled programs.
    columns
        The dataset's trial columns, unpadded.
    seed
        The dataset's own seed: its draws depend on nothing else.

    Returns
    -------
    Posterior
        Always; a failure is a code and a message, never an exception.
    """
    settings = sampler.settings
    data = sampler.lifted.data_of(columns)
    target = _Target(sampler, data)
    deadline = None if settings.timeout is None else time.monotonic() + settings.timeout

    def check_time() -> None:
        if deadline is not None and time.monotonic() > deadline:
            raise OutOfTimeError

    mode_seed, *rung_seeds = seed.spawn(1 + len(settings.rungs))
    best: Posterior | None = None
    message = ""
    try:
        mode = _first_mode(target, columns, np.random.default_rng(mode_seed))
    except NoStartError as error:
        return Posterior(None, {}, None, "numeric_failure", 0, str(error))
    for index, (rung, rung_seed) in enumerate(zip(settings.rungs, rung_seeds, strict=True)):
        try:
            chains = _try_rung(target, mode, rung, rung_seed, check_time)
        except NoStartError as error:
            message = str(error)
            continue
        except OutOfTimeError:
            late = Posterior(None, {}, None, "timeout", index, "")
            said = f"took more than {settings.timeout:g} s"
            return replace(best or late, code="timeout", message=said)
        draws = target.natural(np.stack([chain.positions for chain in chains]))
        stats = {name: np.stack([c.stats[name] for c in chains]) for name in chains[0].stats}
        if not np.all(np.isfinite(draws)):
            message = "draws are not finite"
            continue
        diagnostics = diagnose(draws, stats, settings.max_tree_depth)
        failures = diagnostics.failures(settings.gates)
        if not failures:
            code: Code = "ok" if index == 0 else "retried_ok"
            return Posterior(draws, stats, diagnostics, code, index, "")
        best = Posterior(draws, stats, diagnostics, "not_converged", index, "; ".join(failures))
    return best or Posterior(None, {}, None, "numeric_failure", len(settings.rungs) - 1, message)
