"""Coordinates in which scales are separated from what they multiply.

Groups. Where a group's own data say much, its deviation hardly depends on the sd and is best
sampled as it is (centred); where they say little, as a multiple of the sd (non-centred). In
between, a deviation u with sd s is sampled as u / s**(1 - w), w being the share of its prior
variance that the group's data remove (Papaspiliopoulos, Roberts & Skold 2007, Stat. Sci. 22,
equation 10).

Products. Where only the product of a scale and other parameters is identified, the products
are sampled, and the scale beside them.

Both are a matter of the sampler's coordinates alone; what a fit stores, it says itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray

#: The fields of a ``Centring`` as arrays, or nothing.
CentringArrays = tuple[Any, ...]


@dataclass(frozen=True)
class Centring:
    """For each coordinate the powers of two scales by which it is multiplied, and a shift.

    ``position = y * exp(power * (y[sd] - sd_anchor) + share * (y[scale] - scale_anchor))
    + shift * (y[scale] - scale_anchor)`` with coordinates ``y``. All have shape (d,); scales are
    given by their logarithms, which no other scale multiplies.

    Parameters
    ----------
    removed
        Share of a deviation's prior variance that the data remove.
    noncentred
        Power at which deviations are multiples of their sd: 0 for offsets, 1 for deviations.
    sd, sd_anchor
        Place of the sd's logarithm, and its value where coordinates and position are the same.
    share, shift
        Power of the product's scale, and its weight where the coordinate is a logarithm itself.
    scale, scale_anchor
        Place of the scale's logarithm, and its value where coordinates and position agree.
    """

    removed: FloatArray
    noncentred: FloatArray
    sd: NDArray[np.int64]
    sd_anchor: FloatArray
    share: FloatArray
    shift: FloatArray
    scale: NDArray[np.int64]
    scale_anchor: FloatArray

    @property
    def power(self) -> FloatArray:
        """Power of the sd by which a coordinate is multiplied."""
        return self.noncentred - self.removed

    @property
    def arrays(self) -> CentringArrays:
        """The same as a compiled program takes it."""
        of_sd = (self.power, self.sd, self.sd_anchor)
        of_scale = (self.share, self.shift, self.scale, self.scale_anchor)
        return tuple(jnp.asarray(field) for field in (*of_sd, *of_scale))

    def weakened(self, factor: float) -> Centring:
        """Return coordinates nearer to non-centred ones, which they are at ``factor`` 0."""
        return replace(self, removed=self.removed * factor)

    def to_position(self, coordinates: FloatArray) -> FloatArray:
        """Return positions (..., d) of coordinates (..., d)."""
        logarithm, shift = self._parts(coordinates)
        return coordinates * np.exp(logarithm) + shift

    def from_position(self, position: FloatArray) -> FloatArray:
        """Return coordinates (..., d) of positions (..., d)."""
        # Scales of products first, then the sds that they shift, then what these multiply.
        _, shift = self._parts(position)
        logarithm, _ = self._parts(position - shift)
        return (position - shift) * np.exp(-logarithm)

    def _parts(self, coordinates: FloatArray) -> tuple[FloatArray, FloatArray]:
        by_scale = coordinates[..., self.scale] - self.scale_anchor
        by_sd = self.power * (coordinates[..., self.sd] - self.sd_anchor)
        return by_sd + self.share * by_scale, self.shift * by_scale


def empty_centring(d: int) -> Centring:
    """Return coordinates that are the position itself."""
    zeros, places = np.zeros(d), np.zeros(d, dtype=np.int64)
    return Centring(zeros, zeros, places, zeros, zeros, zeros, places, zeros)


def to_position(coordinates: Any, arrays: CentringArrays) -> tuple[Any, Any]:
    """Return the position of coordinates, both (d,), and the log of the Jacobian, in JAX."""
    if not arrays:
        return coordinates, 0.0
    power, sd, sd_anchor, share, shift, scale, scale_anchor = arrays
    by_scale = coordinates[scale] - scale_anchor
    logarithm = power * (coordinates[sd] - sd_anchor) + share * by_scale
    return coordinates * jnp.exp(logarithm) + shift * by_scale, jnp.sum(logarithm)
