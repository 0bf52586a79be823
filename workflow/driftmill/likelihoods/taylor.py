"""Averages over a narrow interval, from derivatives at its middle.

Differences of antiderivatives lose all digits there. With ``h`` half the width and ``u`` in (-1, 1)
the place between the ends, the averages of ``f`` and of ``u f`` are sums over the even and over the
odd ones of the terms ``h^n f_n``, where ``f_n`` is the n-th derivative.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array


def average(terms: Sequence[Array]) -> Array:
    """Return the average of a function from its terms ``h^n f_n``."""
    total = terms[0]
    for n in range(2, len(terms), 2):
        total = total + terms[n] / math.factorial(n + 1)
    return total


def tilted(terms: Sequence[Array]) -> Array:
    """Return the average of ``u`` times a function from its terms ``h^n f_n``."""
    total = terms[1] / 3.0
    for n in range(3, len(terms), 2):
        total = total + terms[n] / (math.factorial(n) * (n + 2))
    return total


def integrated(value: Array, slopes: Sequence[Array], half: Array) -> list[Array]:
    """Return the terms of a function from its value at the middle and the terms of its slope."""
    return [value, *(half * slope for slope in slopes[:-1])]


def normal_terms(z: Array, density: Array, half: Array, count: int) -> tuple[list[Array], ...]:
    """Return the terms of the normal density and of its slope.

    Parameters
    ----------
    z
        The middle.
    density
        The density there, in any unit.
    half
        Half the width of the interval.
    count
        How many terms of each.

    Notes
    -----
    The derivative of order n + 1 is ``-z`` times that of order n less n times the one before.
    """
    terms, slopes, before = [density], [], jnp.zeros_like(density)
    for n in range(count):
        slopes.append(-z * terms[n] - n * half * before)
        before = terms[n]
        terms.append(half * slopes[n])
    return terms[:count], slopes
