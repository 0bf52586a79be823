"""A coordinate for every scale in which its own profile is nearly standard normal.

The logarithm of an sd that the data hardly tell from zero falls off exponentially to the left
and like a normal to the right. In coordinates whose deviations follow the sds
(``driftmill.sampling.conditional``) the log density along one sd is, all else at its centre,
Laplace's approximation to that sd's marginal (Tierney & Kadane 1986, J. Am. Stat. Assoc. 81:82,
equation 4.1), so that its quantiles are known before a chain is run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.special import log_expit, ndtri

from driftmill.models.declaration import FloatArray

#: The fields of a ``Profile`` as arrays, or nothing.
ProfileArrays = tuple[Any, ...]
#: The grid ends where the density is below that at the centre by this much, or this far out.
DROP, REACH = 10.0, 16.0
#: First distance from the centre that is tried, and points of the grid.
NEAR, POINTS = 0.125, 41
#: Quantiles that are matched.
LEVELS = np.linspace(0.005, 0.995, 100)
#: The narrowest that a scale's logarithm is taken to be, in standard deviations.
NARROWEST = 0.02


@dataclass(frozen=True)
class Profile:
    """For each of n scales the map of a standard normal y to its logarithm.

    ``location + width y - left psi(-y) + right psi(y)`` with psi the square of softplus: a line
    where the tails are normal, a parabola where they are exponential.

    Parameters
    ----------
    places
        Places of the scales in a position, shape (n,).
    location, width, left, right
        Shape (n,); width positive, the tails' weights not negative.
    """

    places: NDArray[np.int64]
    location: FloatArray
    width: FloatArray
    left: FloatArray
    right: FloatArray

    @property
    def arrays(self) -> ProfileArrays:
        """The same as a compiled program takes it."""
        return tuple(jnp.asarray(field) for field in vars(self).values())


def bent(coordinates: Any, arrays: ProfileArrays) -> tuple[Any, Any]:
    """Return coordinates (d,) with standard normals made scales' logarithms, in JAX.

    Returns
    -------
    tuple
        The coordinates, and the logarithm of the Jacobian.
    """
    if not arrays:
        return coordinates, 0.0
    places, location, width, left, right = arrays
    y = coordinates[places]
    below, above = jax.nn.softplus(-y), jax.nn.softplus(y)
    value = location + width * y - left * below**2 + right * above**2
    rise = 2.0 * (left * below * jax.nn.sigmoid(-y) + right * above * jax.nn.sigmoid(y))
    return coordinates.at[places].set(value), jnp.sum(jnp.log(width + rise))


def straightened(coordinates: Any, arrays: ProfileArrays) -> Any:
    """Return coordinates (d,) with scales' logarithms made standard: the inverse of ``bent``."""
    if not arrays:
        return coordinates
    places, location, width, left, right = arrays
    wanted = coordinates[places]

    def halve(_: Any, ends: tuple[Any, Any]) -> tuple[Any, Any]:
        low, high = ends
        middle = 0.5 * (low + high)
        below, above = jax.nn.softplus(-middle), jax.nn.softplus(middle)
        under = location + width * middle - left * below**2 + right * above**2 < wanted
        return jnp.where(under, middle, low), jnp.where(under, high, middle)

    reach = 1.0 + jnp.abs(wanted - location) / width + (left + right) / width
    low, high = jax.lax.fori_loop(0, 80, halve, (-reach, reach))
    return jnp.asarray(coordinates).at[places].set(0.5 * (low + high))


def _basis(y: FloatArray) -> FloatArray:
    """Return the parts of the map at some y, shape (n, 4): line, tails, constant."""
    below, above = -log_expit(y), -log_expit(-y)
    return np.stack([y, -(below**2), above**2, np.ones_like(y)], axis=1)


def _quantiles(log_density: Callable[[float], float], centre: float) -> FloatArray:
    """Return quantiles of a density along a line at ``LEVELS``, from a grid around its centre."""
    lowest = log_density(centre) - DROP
    ends = []
    for side in (-1.0, 1.0):
        distance = NEAR
        while distance < REACH and log_density(centre + side * distance) > lowest:
            distance *= 2.0
        ends.append(centre + side * distance)
    grid = np.linspace(ends[0], ends[1], POINTS)
    heights = np.array([log_density(float(x)) for x in grid])
    heights = np.where(np.isfinite(heights), heights, -np.inf)
    mass = np.exp(heights - heights.max()) if np.any(np.isfinite(heights)) else np.ones(POINTS)
    below = np.concatenate([[0.0], np.cumsum(mass[1:] + mass[:-1])])
    return np.asarray(np.interp(LEVELS * below[-1], below, grid))


def build_profile(
    log_density: Callable[[FloatArray], float],
    places: NDArray[np.int64],
    centre: FloatArray,
) -> Profile:
    """Match the map of every scale to the quantiles of its profile.

    Parameters
    ----------
    log_density
        The log density of a shift (d,) of the coordinates from the centre.
    places
        Places of the scales.
    centre
        The coordinates at the centre, shape (d,).
    """
    rows = []
    y = ndtri(LEVELS)
    for place in places:

        def along(x: float, place: int = int(place)) -> float:
            shift = np.zeros(centre.size)
            shift[place] = x - centre[place]
            return log_density(shift)

        wanted = _quantiles(along, float(centre[place]))
        # The constant may be negative: it is given twice, once with either sign.
        basis = _basis(y)
        found, _ = nnls(np.column_stack([basis, -basis[:, -1]]), wanted)
        width, left, right = found[:3]
        rows.append((found[3] - found[4], max(width, NARROWEST), left, right))
    return Profile(places, *np.array(rows).reshape(-1, 4).T)
