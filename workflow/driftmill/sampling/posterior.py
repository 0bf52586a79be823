"""One posterior: its draws, the verdict on them, and the density that they are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray
from driftmill.regression.lifted import Data
from driftmill.regression.variables import Coords, Variable, flatten
from driftmill.sampling.gates import Diagnostics, diagnose
from driftmill.sampling.keeping import Arrays, packed, unpacked
from driftmill.sampling.mode import Mode
from driftmill.sampling.programs import Programs
from driftmill.sampling.rough import rough_values
from driftmill.sampling.settings import Code, SamplingSettings
from driftmill.sampling.start import prior_draw
from driftmill.sampling.typical import find_centre


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


def pack_posterior(posterior: Posterior) -> Arrays:
    """Return what of a posterior does not follow from the fit and the dataset."""
    found = posterior.diagnostics
    return packed(
        {
            "draws": posterior.draws,
            "stats": posterior.stats,
            "diagnostics": None
            if found is None
            else {field.name: getattr(found, field.name) for field in fields(found)},
            "code": posterior.code,
            "rung": posterior.rung,
            "message": posterior.message,
        }
    )


def unpack_posterior(arrays: Arrays, variables: tuple[Variable, ...], coords: Coords) -> Posterior:
    """Return the posterior that was packed.

    Parameters
    ----------
    arrays
        What ``pack_posterior`` returned.
    variables, coords
        Those of the fit and of the dataset.
    """
    told = unpacked(arrays)
    found = told.get("diagnostics")
    return Posterior(
        variables,
        coords,
        told.get("draws"),
        told.get("stats", {}),
        None if found is None else Diagnostics(**({"e_bfmi": None} | found)),
        told["code"],
        told["rung"],
        told["message"],
    )
