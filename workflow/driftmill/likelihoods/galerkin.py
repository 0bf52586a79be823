"""Polynomials on [-1, 1] that vanish at both ends, as a basis for diffusion between bounds.

Differences of Legendre polynomials (Shen 1994, SIAM J. Sci. Comput. 15, 1489-1505), turned so
that half the second derivative is diagonal. Sines, which diagonalise it as well, would converge
with the third power of their number only: a potential times a density has a kink at the ends
when it is continued as sines are.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Table = NDArray[np.float64]


@dataclass(frozen=True)
class Basis:
    """Tables of an orthonormal basis of ``size`` polynomials.

    Parameters
    ----------
    rates
        Rates of decay under half the second derivative, ascending; shape (size,).
    first, second
        Multiplication by y and by its square; shape (size, size).
    slopes
        Inward derivatives at -1 and at 1; shape (2, size).
    points
        Where a function must be known to be projected; shape (size + 16,).
    projection
        From values at ``points`` to coefficients; shape (size, size + 16).
    """

    rates: _Table
    first: _Table
    second: _Table
    slopes: _Table
    points: _Table
    projection: _Table


@functools.cache
def basis(size: int) -> Basis:
    """Return the tables of the basis of so many polynomials."""
    points, weights = np.polynomial.legendre.leggauss(size + 16)
    k = np.arange(size)
    scale = 1.0 / np.sqrt(4.0 * k + 6.0)
    legendre = np.polynomial.legendre.legvander(points, size + 2)
    differences = (legendre[:, :size] - legendre[:, 2 : size + 2]) * scale
    # The scale gives their derivatives unit norm, so that only their overlaps are to be turned.
    overlaps, rotation = np.linalg.eigh(differences.T @ (weights[:, None] * differences))
    overlaps, rotation = overlaps[::-1], rotation[:, ::-1]
    turned = rotation / np.sqrt(overlaps)
    values = differences @ turned
    ends = ((k + 2) * (k + 3) / 2 - k * (k + 1) / 2) * scale
    slopes = np.stack([(ends * (-1.0) ** k) @ turned, ends @ turned])
    weighted = values.T * weights
    return Basis(
        rates=0.5 / overlaps,
        first=weighted @ (points[:, None] * values),
        second=weighted @ (points[:, None] ** 2 * values),
        slopes=slopes,
        points=points,
        projection=weighted,
    )
