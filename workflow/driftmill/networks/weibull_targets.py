"""What the network of the Weibull bounds is learnt from."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from driftmill.likelihoods import bounded_diffusion, weibull_network
from driftmill.likelihoods.correction_network import Asked
from driftmill.likelihoods.nonlinear_bounds import COLLAPSED, LONGEST
from driftmill.networks.exact_targets import FloatArrays, Inputs, Targets, how_much

#: How fine the solutions are.
_POLYNOMIALS, _STEPS = 96, 256
#: A density is wanted up to this time of the clock, from this many exponents before on.
_LATEST, _EARLIEST = 9.0, 30.0
#: Drifts up to this one may lift a density, and how small a density still matters.
_STRONGEST, _LEAST, _NONE = 6.0, -12.0, -40.0


def _start(inputs: Inputs) -> Array:
    return 2.0 * inputs["z"] - 1.0


def _solve(inputs: Inputs, shares: Array) -> tuple[Array, Array]:
    start, alpha, beta = _start(inputs), inputs["alpha"], inputs["beta"]

    def fallen(s: Array) -> Array:
        return jnp.exp(alpha * jnp.log(s / beta))

    end = beta * jnp.exp(jnp.log(COLLAPSED) / alpha)
    first = (1.0 - jnp.abs(start)) ** 2 / (2.0 * _EARLIEST)
    grid = jnp.exp(jnp.linspace(jnp.log(1e-3), jnp.log(LONGEST), 400))
    down = fallen(grid)
    there = (down < COLLAPSED) & (grid * weibull_network.pace(alpha, down) < _LATEST)
    last = jnp.max(jnp.where(there, grid, 2.0 * first))
    last = jnp.minimum(last, 0.999 * jnp.minimum(end, LONGEST))
    time = jnp.exp(jnp.log(first) + (jnp.log(last) - jnp.log(first)) * shares)
    m = shares.size
    log_f = bounded_diffusion.log_density(
        lambda s: jnp.exp(-fallen(s)),
        jnp.ones(()),
        start,
        jnp.concatenate([time, time]),
        jnp.arange(2 * m) < m,
        jnp.zeros(2 * m),
        last,
        jnp.minimum(end, LONGEST),
        None,
        _POLYNOMIALS,
        _STEPS,
    )
    return time, log_f.reshape(2, m, 1)


def _side(inputs: Inputs, side: float) -> Array:
    return side * _start(inputs)


def _asked(inputs: Inputs, time: Array, side: float) -> Asked:
    return weibull_network.asked(_side(inputs, side), inputs["alpha"], inputs["beta"], time)


def _weights(inputs: Inputs, time: Array, side: float, exact: Array) -> Array:
    """Return 1 where the density matters under some drift, little elsewhere."""
    way = jnp.exp(-jnp.exp(inputs["alpha"] * jnp.log(time / inputs["beta"]))) - _side(inputs, side)
    v = jnp.clip(way / time, -_STRONGEST, _STRONGEST)
    lifted = exact + (v * way - 0.5 * v * v * time)[..., None]
    return how_much(exact, _LEAST, _NONE, lifted)


def _natural(inputs: FloatArrays, rng: np.random.Generator) -> FloatArrays:
    n = inputs["z"].size
    a = rng.uniform(0.5, 2.5, n)
    return {
        "v": rng.uniform(-_STRONGEST, _STRONGEST, n) / a,
        "a": a,
        "z": inputs["z"],
        "t": np.full(n, 0.3),
        "alpha": inputs["alpha"],
        "beta": inputs["beta"] * a * a,
    }


WEIBULL = Targets(_solve, _asked, (1.0, -1.0), _weights, _natural)
