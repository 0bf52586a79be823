"""What the network of the leaky diffusion is learnt from."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from driftmill.likelihoods import bounded_diffusion, ornstein_network
from driftmill.likelihoods.correction_network import Asked
from driftmill.likelihoods.nonlinear_bounds import LONGEST
from driftmill.networks.exact_targets import FloatArrays, Inputs, Targets, how_much

#: How fine the solutions are.
_POLYNOMIALS, _STEPS = 96, 256
#: From when on a density is wanted: so many exponents before its start.
_EARLIEST = 30.0
#: How small a density still matters, and from where on it does not count.
_LEAST, _NONE = -12.0, -25.0


def _start(inputs: Inputs) -> Array:
    return 2.0 * inputs["z"] - 1.0


def _solve(inputs: Inputs, shares: Array) -> tuple[Array, Array]:
    start, m = _start(inputs), shares.size
    first = (1.0 - jnp.abs(start)) ** 2 / (2.0 * _EARLIEST)
    time = jnp.exp(jnp.log(first) + (jnp.log(0.999 * LONGEST) - jnp.log(first)) * shares)
    log_f = bounded_diffusion.log_density(
        jnp.ones_like,
        jnp.ones(()),
        start,
        jnp.concatenate([time, time]),
        jnp.arange(2 * m) < m,
        inputs["v"],
        jnp.asarray(LONGEST),
        jnp.asarray(LONGEST),
        inputs["g"],
        _POLYNOMIALS,
        _STEPS,
    )
    return time, log_f.reshape(2, m, 1)


def _asked(inputs: Inputs, time: Array, side: float) -> Asked:
    return ornstein_network.asked(side * _start(inputs), side * inputs["v"], inputs["g"], time)


def _weights(inputs: Inputs, time: Array, side: float, exact: Array) -> Array:
    return how_much(exact, _LEAST, _NONE)


def _natural(inputs: FloatArrays, rng: np.random.Generator) -> FloatArrays:
    n = inputs["z"].size
    a = rng.uniform(0.5, 2.5, n)
    return {
        "v": inputs["v"] / a,
        "a": a,
        "z": inputs["z"],
        "g": inputs["g"] / (a * a),
        "t": np.full(n, 0.3),
    }


ORNSTEIN = Targets(_solve, _asked, (1.0, -1.0), _weights, _natural)
