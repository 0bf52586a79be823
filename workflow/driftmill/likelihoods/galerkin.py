"""Polynomials on [-1, 1] that vanish at both ends, as a basis for diffusion between bounds.

Differences of Legendre polynomials (Shen 1994, SIAM J. Sci. Comput. 15, 1489-1505), turned so
that half the second derivative is diagonal. Sines, which diagonalise it as well, would converge
with the third power of their number only: a potential times a density has a kink at the ends
when it is continued as sines are.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

_Table = NDArray[np.float64]


@dataclass(frozen=True)
class Basis:
    """Tables of an orthonormal basis of ``size`` polynomials: the even ones, then the odd.

    Parameters
    ----------
    rates
        Rates of decay under half the second derivative, ascending in each half; shape (size,).
    first
        Multiplication by y, which leads from odd to even and from even to odd; shape
        (2, size / 2, size / 2).
    second
        Multiplication by its square, which leads from even to even and from odd to odd.
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
    """Return the tables of the basis of so many polynomials, an even number."""
    points, weights = np.polynomial.legendre.leggauss(size + 16)
    k = np.arange(size)
    scale = 1.0 / np.sqrt(4.0 * k + 6.0)
    legendre = np.polynomial.legendre.legvander(points, size + 2)
    differences = (legendre[:, :size] - legendre[:, 2 : size + 2]) * scale
    # The scale gives their derivatives unit norm, so that only their overlaps are to be turned.
    overlaps, rotation = np.linalg.eigh(differences.T @ (weights[:, None] * differences))
    overlaps, rotation = overlaps[::-1], rotation[:, ::-1]
    # Every eigenvector is even or odd, in turns.
    by_parity, half = np.r_[0:size:2, 1:size:2], size // 2
    overlaps = overlaps[by_parity]
    turned = rotation[:, by_parity] / np.sqrt(overlaps)
    values = differences @ turned
    ends = ((k + 2) * (k + 3) / 2 - k * (k + 1) / 2) * scale
    slopes = np.stack([(ends * (-1.0) ** k) @ turned, ends @ turned])
    weighted = values.T * weights
    even, odd = slice(0, half), slice(half, size)
    first = weighted @ (points[:, None] * values)
    second = weighted @ (points[:, None] ** 2 * values)
    return Basis(
        rates=0.5 / overlaps,
        first=np.stack([first[even, odd], first[odd, even]]),
        second=np.stack([second[even, even], second[odd, odd]]),
        slopes=slopes,
        points=points,
        projection=weighted,
    )


def products(table: Basis, state: Array, leaning: bool) -> Array:
    """Multiply a function by the square of y, and by y.

    Parameters
    ----------
    table
        The basis.
    state
        The function's coefficients, shape (size,).
    leaning
        Whether the product with y is asked for.

    Returns
    -------
    Array
        Coefficients of the products, shape (2, size), or (1, size) of the first alone.
    """
    even, odd = jnp.split(state, 2)
    second = jnp.asarray(table.second)
    found = [jnp.concatenate([second[0] @ even, second[1] @ odd])]
    if leaning:
        first = jnp.asarray(table.first)
        found.append(jnp.concatenate([first[0] @ odd, first[1] @ even]))
    return jnp.stack(found)
