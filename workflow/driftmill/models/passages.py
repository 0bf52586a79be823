"""Exact samplers of first passages between constant or linear bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods.exact_draws import draw_in_lanes, passage_program
from driftmill.models.declaration import FloatArray, LogDensity

#: The codes of the lower and the upper bound.
CHOICES = (-1, 1)
#: How far below 1 the mass of a density may lie by rounding alone.
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Passages:
    """A sampler that draws from a density by the inverse of its mass.

    Parameters
    ----------
    density
        Log density of rt, response, then the parameters ``names``.
    names
        v, a, z, t and perhaps theta, sv, in the density's order.
    """

    density: LogDensity
    names: tuple[str, ...]

    def __call__(
        self, rng: np.random.Generator, parameters: Mapping[str, FloatArray]
    ) -> dict[str, NDArray[np.generic]]:
        """Draw one trial a row; its rt is infinite where no bound is ever reached."""
        response, time = self.draw(rng, parameters)
        return {"rt": parameters["t"] + time, "response": response}

    def draw(
        self, rng: np.random.Generator, parameters: Mapping[str, FloatArray]
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """Draw one passage a row.

        Parameters
        ----------
        rng
            The source of random numbers, two a row.
        parameters
            Arrays of shape (n,); ``t`` may be missing.

        Returns
        -------
        response, time
            -1 or 1; seconds since the start of the decision.
        """
        n = parameters["a"].size
        given = {name: parameters[name] for name in self.names if name != "t"}
        program = passage_program(self.density, self.names, CHOICES)
        drawn = draw_in_lanes(program, given | {"t": np.zeros(n)}, rng.random(n))
        ends = rng.random(n) < np.where(drawn.mass > 1.0 - _TOLERANCE, 1.0, drawn.mass)
        return np.asarray(CHOICES, dtype=np.int64)[drawn.place], np.where(ends, drawn.time, np.inf)
