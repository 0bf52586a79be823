"""Where chains start: around the mode, or at prior draws; never where the density is zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from driftmill.models.declaration import FloatArray
from driftmill.regression.lifted import LiftedModel
from driftmill.regression.prior_draws import prior_draws
from driftmill.regression.variables import flatten
from driftmill.sampling.mode import Mode

#: Draws that are tried for a start before the posterior is given up.
TRIES = 100
#: Spread of the starts around the mode, in Laplace standard deviations.
SPREAD = 0.5
#: The same on a rung that starts at the prior, for fits with groups: draws of the prior of many
#: deviations lie so far out that chains are lost on their way.
WIDE = 2.0

Finite = Callable[[FloatArray], bool]


class NoStartError(Exception):
    """No point with a finite log density was found."""


def around_mode(
    mode: Mode, rng: np.random.Generator, finite: Finite, spread: float = SPREAD
) -> FloatArray:
    """Draw a start in whitened coordinates around the mode, nearer after every refusal."""
    for _ in range(TRIES):
        z = spread * rng.standard_normal(mode.position.size)
        if finite(mode.positions(z)):
            return z
        spread *= 0.8
    raise NoStartError("no finite log density near the mode")


def prior_draw(
    lifted: LiftedModel,
    rng: np.random.Generator,
    to_position: Callable[[FloatArray], FloatArray],
    finite: Finite,
) -> FloatArray:
    """Draw a position from the prior at which the log density is finite."""
    seed = np.random.SeedSequence(rng.integers(2**63, size=2).tolist())
    shapes = {variable.name: variable.shape for variable in lifted.stored}
    draws = prior_draws(lifted.spec, shapes, TRIES, seed)
    for k in range(TRIES):
        natural = flatten(lifted.free, {name: values[k] for name, values in draws.items()})
        position = to_position(natural)
        if np.all(np.isfinite(position)) and finite(position):
            return position
    raise NoStartError(f"no finite log density in {TRIES} draws of the prior")
