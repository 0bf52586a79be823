"""The natural logarithm and what is made of it, by arithmetic that XLA vectorises.

XLA calls the C library for a logarithm in double precision, one element at a time: over a
dataset's trials that takes twenty times as long as the polynomial here. In single precision
XLA's own is used.

A number is ``2^k m`` with ``m`` in (sqrt(1/2), sqrt(2)), read off its bits. With ``f = m - 1`` and
``s = f / (2 + f)``, ``log m = 2 artanh(s) = f - f^2 / 2 + s (f^2 / 2 + 2 (artanh(s) / s - 1))``, in
which the first term is exact and all others are small.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

#: ``(artanh(s) / s - 1) / s^2`` in powers of ``s^2``, the highest first, through Chebyshev points
#: of the range of ``s``: relative error of the logarithm 5e-18.
_ARTANH = (
    *(0.07309671726756307, 0.07665743617932867, 0.09091448091741543, 0.11111105518908294),
    *(0.14285714313285103, 0.19999999999949095, 0.3333333333333335),
)
#: The ends of ``m``.
_LOWEST, _HIGHEST = math.sqrt(0.5), math.sqrt(2.0)
_LOWEST_BITS = np.float64(_LOWEST).view(np.uint64)
_EXPONENT = np.uint64(0xFFF0000000000000)
_BIAS, _MANTISSA_BITS = 1023, 52
#: 2^52 has an exponent under which a small integer's bits are the last ones of its value.
_SHIFTED = np.float64(2.0**52)
#: log 2 in two parts, of which the first has so many zeros at its end that k times it is exact.
_LOG_2 = math.floor(math.ldexp(math.log(2.0), 32)) / 2.0**32
_LOG_2_REST = math.log(2.0) - _LOG_2
#: Numbers below the smallest normal one are brought into the range by this power of two.
_SMALLEST, _LIFT = np.finfo(np.float64).tiny, 54


@jax.custom_jvp
def log(x: ArrayLike) -> Array:
    """Return the natural logarithm, elementwise, right to the last digit.

    Parameters
    ----------
    x
        Any number: 0 gives -inf, a negative one NaN.
    """
    x = jnp.asarray(x)
    if x.dtype != jnp.float64:
        return jnp.log(x)
    tiny = x < _SMALLEST
    bits = jax.lax.bitcast_convert_type(jnp.where(tiny, x * 2.0**_LIFT, x), jnp.uint64)
    above = bits - _LOWEST_BITS
    m = jax.lax.bitcast_convert_type(bits - (above & _EXPONENT), jnp.float64)
    # A conversion of 64-bit integers has no vector instruction; this is one by bits.
    k = (above + (np.uint64(_BIAS) << np.uint64(_MANTISSA_BITS))) >> np.uint64(_MANTISSA_BITS)
    k = k | _SHIFTED.view(np.uint64)
    power = jax.lax.bitcast_convert_type(k, jnp.float64) - float(_SHIFTED + _BIAS)
    power = power - jnp.where(tiny, float(_LIFT), 0.0)
    value = _of_power(m - 1.0, power)
    value = jnp.where(x == 0.0, -jnp.inf, jnp.where(x < 0.0, jnp.nan, value))
    return jnp.where(x < jnp.inf, value, x)


@log.defjvp
def _log_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return log(primals[0]), tangents[0] / primals[0]


@jax.custom_jvp
def log1p(x: ArrayLike) -> Array:
    """Return ``log(1 + x)``, elementwise, right to the last digits for small ``x`` too."""
    x = jnp.asarray(x)
    if x.dtype != jnp.float64:
        return jnp.log1p(x)
    small = (x > _LOWEST - 1.0) & (x < _HIGHEST - 1.0)
    return jnp.where(small, _of_power(jnp.where(small, x, 0.0), 0.0), log(1.0 + x))


@log1p.defjvp
def _log1p_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return log1p(primals[0]), tangents[0] / (1.0 + primals[0])


def logaddexp(a: ArrayLike, b: ArrayLike) -> Array:
    """Return ``log(exp(a) + exp(b))``, elementwise; -inf where both are."""
    a, b = jnp.asarray(a), jnp.asarray(b)
    above = a > b
    top, other = jnp.where(above, a, b), jnp.where(above, b, a)
    nothing = jnp.isneginf(top)
    apart = jnp.where(nothing, 0.0, other - jnp.where(nothing, 0.0, top))
    return jnp.where(nothing, -jnp.inf, top + log1p(jnp.exp(apart)))


def _of_power(f: Array, power: Array | float) -> Array:
    """Return the logarithm of ``2^power (1 + f)``."""
    s = f / (2.0 + f)
    square = s * s
    series = jnp.full_like(square, _ARTANH[0])
    for coefficient in _ARTANH[1:]:
        series = series * square + coefficient
    half = 0.5 * f * f
    rest = s * (half + 2.0 * square * series) + power * _LOG_2_REST
    value: Array = power * _LOG_2 + (f - (half - rest))
    return value
