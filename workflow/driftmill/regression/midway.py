"""A width and the end that it keeps below, where data tell the middle rather than either.

The start of an accumulator is uniform from 0 to ``A`` and its threshold ``b`` lies above. Data
tell the mean way ``b - A / 2`` well and ``A`` hardly: with ``b`` in its place the posterior is
a bent ridge, and where ``A`` may be next to nothing the logarithm of it has a long tail. The
coordinates here are the log of the mean way ``c``, and one in which ``A / (2 c)`` is a straight
line but for a smooth turn at 0 and at 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from driftmill.regression.fit_spec import FitSpec

#: Units of the coordinate between the two turns of the line, which are one or two units wide
#: themselves. A posterior of ``A`` from hundreds of trials has an sd of about 0.15 of the line, or
#: three units: a turn at 0 is short beside it, yet no edge to a sampler. With 15, 20 and 32 units
#: 12, 14 and 8 of 16 racing diffusions passed their gates at the first try; with ``b`` and the log
#: odds of ``A / b``, 2.
_LENGTH = 20.0
#: Log of the slope of the line, but for its turns.
_LOG_STEEPEST = math.log(-math.expm1(-_LENGTH) / _LENGTH)


class Coordinate(NamedTuple):
    """Where a parameter stands in a position, and PyMC's own transform of it."""

    place: int
    to_natural: Callable[[Any], Any]
    from_natural: Callable[[Any], Any]


@dataclass(frozen=True)
class Midway:
    """The change of the coordinates of two plain parameters of a fit.

    Parameters
    ----------
    width, end
        The coordinates of the parameter and of that which it keeps below.
    """

    width: Coordinate
    end: Coordinate

    def to_pymc(self, position: jax.Array, data: Any) -> tuple[jax.Array, jax.Array]:
        """Return PyMC's position and the log determinant of its derivatives by ours."""
        del data
        y, log_middle = position[self.width.place], position[self.end.place]
        share = (jax.nn.softplus(y) - jax.nn.softplus(y - _LENGTH)) / _LENGTH
        log_steep = jax.nn.log_sigmoid(y) + jax.nn.log_sigmoid(_LENGTH - y) + _LOG_STEEPEST
        middle = jnp.exp(log_middle)
        width, end = 2.0 * middle * share, middle * (1.0 + share)
        # The determinant of the width and the end by ours is 2 c^2 by the slope of the share.
        moved, log_slope = position, math.log(2.0) + 2.0 * log_middle + log_steep
        for coordinate, value in ((self.width, width), (self.end, end)):
            theirs = coordinate.from_natural(value)
            log_slope = log_slope - jnp.log(jax.grad(coordinate.to_natural)(theirs))
            moved = moved.at[coordinate.place].set(theirs)
        return moved, log_slope

    def from_pymc(self, position: jax.Array, data: Any) -> jax.Array:
        """Return our position of PyMC's; NaN where the width is not below its end."""
        del data
        width, end = (c.to_natural(position[c.place]) for c in (self.width, self.end))
        middle = end - 0.5 * width
        way = 0.5 * _LENGTH * width / middle
        y = jnp.log(jnp.expm1(way)) - jnp.log(-jnp.expm1(way - _LENGTH))
        return position.at[self.width.place].set(y).at[self.end.place].set(jnp.log(middle))


def applies(spec: FitSpec) -> bool:
    """Tell whether a fit has such a pair, both plain and any number above 0 by their priors."""
    ceiling = spec.model.ceiling
    if ceiling is None or not ceiling.midway or spec.fixed_columns:
        return False
    pair = {ceiling.parameter, *ceiling.by}
    return pair <= set(spec.plain_parameters) and all(
        spec.prior_of(name).support == (0.0, math.inf) for name in pair
    )
