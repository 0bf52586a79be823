"""What the network of an accumulator reflected at 0 is learnt from."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from driftmill.likelihoods import reflected_network
from driftmill.likelihoods.correction_network import Asked
from driftmill.likelihoods.reflected_walk import Bound, at_times, log_factor, log_undrifted, solve
from driftmill.networks.exact_targets import FloatArrays, Inputs, Targets, how_much

#: Times from so many exponents before the start of the density to as many after its end.
_EARLIEST, _LATEST = 30.0, 14.0
#: How small a density or a survivor still matters, and from where on it does not count.
_LEAST, _NONE = -12.0, -25.0
#: The share of its clock's end up to which an expanding bound is followed.
_SHARE = 0.95


def _solve(inputs: Inputs, shares: Array) -> tuple[Array, Array]:
    v, z, slope = inputs["v"], inputs["z"], inputs["slope"]
    first = (1.0 - z) ** 2 / (2.0 * _EARLIEST)
    longest = jnp.where(slope < 0, _SHARE / jnp.maximum(-slope, 1e-3), 40.0)
    grid = first * (jnp.minimum(longest, 40.0) / first) ** jnp.linspace(0.0, 1.0, 400)
    b = 1.0 / (1.0 + slope * grid)
    decay = jnp.pi**2 / 8.0 * grid + 0.5 * v * v * grid * b - v * (b - z)
    last = jnp.max(jnp.where(decay < _LATEST, grid, 2.0 * first))
    tau = first * (last / first) ** shares
    time = tau / (1.0 + slope * tau)
    reached = 1.0 - slope * time
    one = Bound(jnp.ones(()), slope, z)
    solution = solve(v[None], one)
    whole = Bound(*(x[None] for x in one))
    read = at_times(
        type(solution)(*(x[None] for x in solution)),
        v[None, None],
        whole,
        jnp.zeros(tau.size, int),
        tau,
        time,
    )
    log_f = log_undrifted(tau, z) + read.ratio[:, 0] + log_factor(v, one, time, reached)
    return time, jnp.stack([log_f, _log_odds(read.log_survivor[:, 0])], axis=1)[None]


def _log_odds(log_survivor: Array) -> Array:
    """Return the log odds of having arrived."""
    arrived = -jnp.expm1(log_survivor)
    return jnp.log(jnp.maximum(arrived, 1e-300)) - log_survivor


def _asked(inputs: Inputs, time: Array, side: float) -> Asked:
    return reflected_network.asked(inputs["v"], inputs["z"], inputs["slope"], time)


def _weights(inputs: Inputs, time: Array, side: float, exact: Array) -> Array:
    log_f, log_odds = exact[..., 0], exact[..., 1]
    density = how_much(log_f, _LEAST, _NONE)
    # An error of the log odds is one of the log survivor, times the share that has arrived.
    arrived = jax.nn.sigmoid(log_odds) + 0.03
    survivor = jnp.where((log_odds > _NONE) & (log_odds < -_LEAST), arrived, 0.0)
    return jnp.stack([density, survivor], axis=-1)


def _natural(inputs: FloatArrays, rng: np.random.Generator) -> FloatArrays:
    n = inputs["z"].size
    a = rng.uniform(0.5, 2.5, n)
    drifts = {f"v{k}": rng.permutation(inputs["v"]) / a for k in range(3)}
    return {
        **drifts,
        "a": a,
        "z": inputs["z"],
        "t": np.full(n, 0.3),
        "theta": np.arctan(inputs["slope"] / a),
    }


REFLECTED = Targets(_solve, _asked, (1.0,), _weights, _natural)
