"""Training sets of exact log densities, by the solvers of the library, finer than fits use them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray
from scipy.stats import qmc

from driftmill.likelihoods.correction_network import Asked
from driftmill.networks.design import NetworkDesign
from driftmill.networks.training import Arrays

Inputs = Mapping[str, Array]
FloatArrays = dict[str, NDArray[np.float64]]
#: Sets that are solved for between two lines of progress.
_CHUNK = 1024
#: An interval whose ends are further apart than this ratio is sampled in its logarithm.
_WIDE = 4.0


@dataclass(frozen=True)
class Targets:
    """What a correction is learnt from.

    Parameters
    ----------
    solve
        Of the inputs of one set and of shares in (0, 1), shape (m,): times, shape (m,), from the
        early tail to the late one, and exact logarithms, shape (sides, m, outputs).
    asked
        Of inputs, times and a side: what the network is asked; all of one shape.
    sides
        The bounds, towards which one solution gives densities.
    weights
        Of inputs, times, a side and exact logarithms: how much the errors count.
    natural
        Of inputs, each of shape (n,), and a generator: parameters of the model that lead to them,
        what does not matter for them drawn at random.
    """

    solve: Callable[[Inputs, Array], tuple[Array, Array]]
    asked: Callable[[Inputs, Array, float], Asked]
    sides: tuple[float, ...]
    weights: Callable[[Inputs, Array, float, Array], Array]
    natural: Callable[[FloatArrays, np.random.Generator], FloatArrays]


def sets_in(box: Mapping[str, tuple[float, float]], n: int, seed: int) -> FloatArrays:
    """Spread sets of parameters evenly over a box.

    Parameters
    ----------
    box
        By name, the interval.
    n
        How many.
    seed
        Of the scrambled Sobol sequence.

    Returns
    -------
    dict
        An array of shape (n,) for each name.
    """
    with_powers = 2 ** math.ceil(math.log2(max(n, 2)))
    points = qmc.Sobol(len(box), seed=np.random.default_rng(seed)).random(with_powers)[:n]
    found = {}
    for share, (name, (low, high)) in zip(points.T, box.items(), strict=True):
        if low > 0 and high > _WIDE * low:
            found[name] = low * (high / low) ** share
        else:
            found[name] = low + (high - low) * share
    return found


def how_much(log_p: Array, least: float, none: float, lifted: Array | None = None) -> Array:
    """Return how much errors count: 1 where a density matters, little elsewhere, at last nothing.

    Parameters
    ----------
    log_p
        Log densities.
    least, none
        From where on a density matters, and up to where it does not count.
    lifted
        Log densities by which it is told whether they matter, where these are others.
    """
    matters = (log_p if lifted is None else lifted) > least
    return jnp.where(log_p > none, jnp.where(matters, 1.0, 0.03), 0.0)


def draw_targets(targets: Targets, design: NetworkDesign, say: Callable[[str], None]) -> Arrays:
    """Solve for the sets of a design and one in ten more.

    Parameters
    ----------
    targets
        Of the model.
    design
        Its box, its numbers of sets and of times a set (``draws``), and its seed.
    say
        Called with lines of progress.

    Returns
    -------
    dict
        The inputs, shape (sets,); ``time``, shape (sets, draws); ``log``, shape (sets, sides,
        draws, outputs).
    """
    n = design.sets + max(design.sets // 10, 1)
    inputs = sets_in(design.box, n, design.seed)
    jitter = np.random.default_rng([design.seed, 1]).random((n, design.draws))
    shares = (np.arange(design.draws) + jitter) / design.draws

    @jax.jit
    def solve(inputs: Inputs, shares: Array) -> tuple[Array, Array]:
        found: tuple[Array, Array] = jax.lax.map(lambda x: targets.solve(*x), (inputs, shares))
        return found

    found = []
    for first in range(0, n, _CHUNK):
        chosen = np.minimum(np.arange(first, first + _CHUNK), n - 1)
        some = {name: jnp.asarray(x[chosen]) for name, x in inputs.items()}
        found.append([np.asarray(x) for x in solve(some, jnp.asarray(shares[chosen]))])
        say(f"{min(first + _CHUNK, n)} of {n} sets solved for")
    time, logs = (np.concatenate(parts)[:n] for parts in zip(*found, strict=True))
    return {**inputs, "time": time, "log": logs}


def rows_of(targets: Targets, design: NetworkDesign, drawn: Arrays) -> tuple[Arrays, Arrays]:
    """Return rows to train with and rows to look at, in single precision.

    Parameters
    ----------
    targets, design
        As `draw_targets` takes them.
    drawn
        What it returned.

    Returns
    -------
    rows, held_out
        ``features``; and ``scale``, ``rest`` (what is to be learnt) and ``weight`` of each output.
    """

    def of(chosen: slice) -> Arrays:
        time, found = jnp.asarray(drawn["time"][chosen]), []
        inputs = {
            name: jnp.broadcast_to(jnp.asarray(drawn[name][chosen])[:, None], time.shape)
            for name in design.box
        }
        for k, side in enumerate(targets.sides):
            asked = jax.jit(targets.asked, static_argnums=2)(inputs, time, side)
            exact = jnp.asarray(drawn["log"][chosen, k])
            weight = targets.weights(inputs, time, side, exact)
            known = jnp.isfinite(exact)
            row = {
                "features": asked.features,
                "scale": asked.scale,
                "rest": jnp.where(known, exact - asked.known, 0.0),
                "weight": jnp.where(known, weight, 0.0),
            }
            found.append({name: _flat(x) for name, x in row.items()})
        joined = {name: np.concatenate([part[name] for part in found]) for name in found[0]}
        counted = (joined["weight"] > 0).any(axis=1)
        return {name: x[counted] for name, x in joined.items()}

    return of(slice(0, design.sets)), of(slice(design.sets, None))


def _flat(x: Array) -> NDArray[np.float32]:
    return np.asarray(x, np.float32).reshape(-1, x.shape[-1])
