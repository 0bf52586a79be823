"""Draws from a density by the inverse of its mass, in programs of a fixed number of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array
from jax.typing import ArrayLike
from numpy.typing import NDArray

from driftmill.likelihoods.first_passage_mass import first_passage_draw

FloatArray = NDArray[np.float64]
#: Rows of one call of a compiled program. A row's place in it follows from its number alone, so
#: that neither rows beside it nor rows after it change a bit of what is drawn.
LANES = 32

#: ``program(parameters, uniform)`` to the place of the choice, the decision time and the mass.
Program = Callable[[Mapping[str, ArrayLike], ArrayLike], tuple[Array, Array, Array]]


class Drawn(NamedTuple):
    """What was drawn, arrays of shape (n,).

    Parameters
    ----------
    place
        The number of the response among those that there are.
    time
        Seconds since the start of the decision, 0 where there is no time.
    mass
        The mass of all responses at the row's parameters.
    """

    place: NDArray[np.int64]
    time: FloatArray
    mass: FloatArray


def draw_in_lanes(
    program: Program, parameters: Mapping[str, FloatArray], uniform: FloatArray
) -> Drawn:
    """Run a compiled program over all rows.

    Parameters
    ----------
    program
        Compiled for ``LANES`` rows.
    parameters
        By name, arrays of shape (n,).
    uniform
        Shape (n,), in [0, 1). A row's draw is a function of its number here and its parameters,
        to the bit, whatever the other rows hold.
    """
    n = uniform.size
    drawn = Drawn(np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n))
    for first in range(0, n, LANES):
        rows = slice(first, min(first + LANES, n))
        given = {name: _padded(values[rows]) for name, values in parameters.items()}
        for whole, part in zip(drawn, program(given, _padded(uniform[rows])), strict=True):
            whole[rows] = np.asarray(part)[: rows.stop - first]
    return drawn


def _padded(values: FloatArray) -> FloatArray:
    """Return ``LANES`` values, the first of them once more for those that lack."""
    return np.concatenate([values, np.full(LANES - values.size, values[0])])


@lru_cache
def passage_program(
    density: Callable[..., object], names: tuple[str, ...], choices: tuple[int, ...]
) -> Program:
    """Return the compiled draw of a first passage between constant or linear bounds.

    Parameters
    ----------
    density
        Takes rt, response, then the parameters ``names``.
    names
        Names of its parameters, in order: v, a, z, t and perhaps theta, sv.
    choices
        The codes of the responses, one a bound.
    """

    def log_density(rt: Any, response: Any, parameters: Mapping[str, Array]) -> Any:
        return density(rt, response, *(parameters[name] for name in names))

    def program(parameters: Mapping[str, Array], uniform: Array) -> tuple[Array, Array, Array]:
        return first_passage_draw(log_density, choices, parameters, uniform)

    compiled: Program = jax.jit(program)
    return compiled
