"""What the network of the diffusion with sz, sv and st is learnt from."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from driftmill.likelihoods import full_ddm_network
from driftmill.likelihoods.correction_network import Asked
from driftmill.likelihoods.full_ddm import full_ddm, widest_start
from driftmill.networks.exact_targets import FloatArrays, Inputs, Targets, how_much

#: The earliest and the latest times, in units of the squared bound; and from when on a density is
#: wanted: so many exponents before the nearest start.
_FIRST, _LAST, _EARLIEST = 2e-4, 20.0, 20.0
#: One time in so many lies around the end of the window of non-decision times, where densities turn
#: from a plateau to a fall: so far from it in its logarithm, that of windows of this size at least.
_EACH, _AROUND, _LEAST_TURN = 3, 0.5, 0.02
#: How small a density still matters, and from where on it does not count.
_LEAST, _NONE = -12.0, -25.0
#: The least non-decision time of fresh sets, and by how much it varies.
_WAIT = (0.05, 0.3)


def _solve(inputs: Inputs, shares: Array) -> tuple[Array, Array]:
    v, z, spread, sv, st = (inputs[name] for name in full_ddm_network.INPUTS)
    widest = widest_start(z)
    nearest = widest * (1.0 - spread)
    first = jnp.maximum(nearest**2 / (2.0 * _EARLIEST), _FIRST)
    low, high = jnp.log(first), jnp.log(_LAST)
    turn = jnp.log(jnp.maximum(st, _LEAST_TURN))
    near = turn + _AROUND * (2.0 * shares - 1.0)
    often = jnp.arange(shares.size) % _EACH == 0
    time = jnp.exp(jnp.where(often, near, low + (high - low) * shares))
    codes = jnp.asarray([1.0, -1.0])[:, None]
    log_f = full_ddm(time, codes, v, 1.0, z, 0.5 * st, spread * widest, sv, st)
    return time, log_f[..., None]


def _asked(inputs: Inputs, time: Array, side: float) -> Asked:
    return full_ddm_network.asked(full_ddm_network.walk_of(inputs, side), time)


def _weights(inputs: Inputs, time: Array, side: float, exact: Array) -> Array:
    return how_much(exact, _LEAST, _NONE)


def _natural(inputs: FloatArrays, rng: np.random.Generator) -> FloatArrays:
    z = inputs["z"]
    a = rng.uniform(0.5, 2.5, z.size)
    st = inputs["st"] * a * a
    return {
        "v": inputs["v"] / a,
        "a": a,
        "z": z,
        "t": 0.5 * st + rng.uniform(*_WAIT, z.size),
        "sz": inputs["spread"] * widest_start(z),
        "sv": inputs["sv"] / a,
        "st": st,
    }


FULL_DDM = Targets(_solve, _asked, (1.0, -1.0), _weights, _natural)
