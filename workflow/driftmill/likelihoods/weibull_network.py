"""The diffusion between Weibull bounds by a corrected closed form.

In units of the first bound, undrifted, with ``b(s) = exp(-(s / beta)^alpha)`` from ``y`` to the
upper bound, the other being its mirror image: the clock ``tau``, the integral of ``1 / b^2``, holds
the bounds still (see ``bounded_diffusion``), and ``log f`` is about::

    log f_1(tau | y) + (1 - y)^2 / (2 tau) - (b - y)^2 / (2 s) - 3/2 log b

with the density ``f_1`` between -1 and 1. This is right in the limit of early times, and decays as
the density does. A constant drift is a factor outside of all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.beyond_box import (
    Box,
    LogDensity,
    any_outside,
    handing_over,
    within,
)
from driftmill.likelihoods.correction_network import Asked, Weights, corrected, hits
from driftmill.likelihoods.fpt_kernel import log_fpt_between
from driftmill.likelihoods.logarithm import log
from driftmill.likelihoods.nonlinear_bounds import COLLAPSED

#: Inputs: relative start, shape of the collapse, its scale in units of the squared bound.
INPUTS = ("z", "alpha", "beta")
_LOG_4, _LOG_COLLAPSED = math.log(4.0), math.log(COLLAPSED)
#: The rate of decay between bounds that stay where they are when they have collapsed.
_LAST_RATE = math.pi**2 / 8.0 * math.exp(2.0 * COLLAPSED)
#: The mean over the time is a sum over shares of it, next to each other at the start.
_GAUSS, _WEIGHTS = np.polynomial.legendre.leggauss(6)
_ROOT = 0.5 * (1.0 + _GAUSS)
_LOG_SHARE, _SHARE_WEIGHTS = 2.0 * np.log(_ROOT), _WEIGHTS * _ROOT
#: The clock up to which features follow it.
_LONGEST = 9.0


def reduced(a: Any, z: Any, alpha: Any, beta: Any) -> dict[str, Any]:
    """Return the inputs of a network that belong to parameters of the model."""
    return {"z": z, "alpha": alpha, "beta": beta / (a * a)}


def is_beyond(box: Box, inputs: Mapping[str, Any]) -> Any:
    """Tell whether inputs, or their mirror image, lie outside of a box."""
    return any_outside(box, both_ways(inputs))


def both_ways(inputs: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return inputs as the upper bound has them, and as the lower."""
    return inputs, {**inputs, "z": 1.0 - inputs["z"]}


def _bound(alpha: Array, beta: Array, time: Array) -> Array:
    """Return the bound at a time, and after its collapse where it stands then."""
    fallen = jnp.exp(alpha * (log(time) - log(beta)))
    return jnp.exp(-jnp.minimum(fallen, COLLAPSED))


def pace(alpha: Array, fallen: Array) -> Array:
    """Return the clock in units of the time, when the bound has ``fallen`` to ``exp(-fallen)``."""
    shares = jnp.exp(jnp.asarray(_LOG_SHARE, fallen.dtype) * alpha[..., None])
    summed = jnp.exp(2.0 * fallen[..., None] * shares)
    return summed @ jnp.asarray(_SHARE_WEIGHTS, fallen.dtype)


def asked(y: Array, alpha: Array, beta: Array, time: Array) -> Asked:
    """Return what is asked of a network, all in units of the bound.

    Parameters
    ----------
    y
        Start towards the bound that is hit, in (-1, 1).
    alpha, beta
        Of the bound.
    time
        Since the start; positive.

    Returns
    -------
    Asked
        Of one output: the log density of hitting the bound without drift.
    """
    end = beta * jnp.exp(_LOG_COLLAPSED / alpha)
    late = jnp.maximum(time - end, 0.0)
    time = jnp.minimum(time, end)
    fallen = jnp.exp(alpha * (log(time) - log(beta)))
    b = jnp.exp(-fallen)
    tau = time * pace(alpha, fallen)
    near, far = 0.5 * (1.0 - y), 0.5 * (1.0 + y)
    straight = 0.5 * ((1.0 - y) ** 2 / tau - (b - y) ** 2 / time)
    known = log_fpt_between(0.25 * tau, near, far) - _LOG_4 + straight + 1.5 * fallen
    ticks = jnp.minimum(tau, _LONGEST)
    features = (
        1.2 * y,
        0.8 * log(alpha),
        0.6 * log(beta),
        2.0 * b - 1.0,
        0.7 * log(ticks + 0.03) + 0.3,
        1.1 * log(1.0 + fallen) - 1.0,
    )
    columns = jnp.stack(jnp.broadcast_arrays(*features), axis=-1)
    scale = -jnp.expm1(-fallen)
    return Asked((known - _LAST_RATE * late)[..., None], columns, scale[..., None])


def log_density(weights: Weights, box: Box, exact: LogDensity | None) -> LogDensity:
    """Make the log density of the model.

    Parameters
    ----------
    weights
        Of the perceptron.
    box
        In which it was trained, by input; it serves both bounds.
    exact
        By a solver, for parameters outside of it; None: a floor stands there.

    Returns
    -------
    Callable
        As ``nonlinear_bounds.weibull``, at one evaluation of the network a trial.
    """
    finish = handing_over(exact, box, sets=(1, 2, 4, 5))

    def weibull(
        rt: ArrayLike,
        response: ArrayLike,
        v: ArrayLike,
        a: ArrayLike,
        z: ArrayLike,
        t: ArrayLike,
        alpha: ArrayLike,
        beta: ArrayLike,
    ) -> Array:
        kind = jnp.result_type(rt, v, a, z, t, alpha, beta, jnp.float32)
        given = (v, a, z, t, alpha, beta)
        v, a, z, t, alpha, beta = (jnp.asarray(x, kind) for x in given)
        never, a, ticks, side = hits(rt, response, a, t)
        inputs = reduced(a, z, alpha, beta)
        beyond = is_beyond(box, inputs)
        safe = within(box, beyond, inputs)
        y = side * (2.0 * safe["z"] - 1.0)
        parts = jnp.broadcast_arrays(y, safe["alpha"], safe["beta"], ticks)
        found = corrected(weights, asked(*parts))[..., 0] - 2.0 * log(a)
        drift, b = v * a, _bound(*parts[1:])
        found = found + drift * side * (b - y) - 0.5 * drift * drift * ticks
        found = finish(found, ~never, both_ways(inputs), rt, response, given)
        return jnp.where(never, -jnp.inf, found)

    return weibull
