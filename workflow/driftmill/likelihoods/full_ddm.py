"""Log density of the diffusion whose drift, start and non-decision time all vary over trials.

The drift is integrated in closed form; the start and the non-decision time by Gauss-Legendre
nodes, those of the non-decision time even in the logarithm of the decision time. Both windows
are first cut to where the density is more than exp(-24) of its largest value there.

Largest error of the log density against quadrature in 24 x 6 panels (in brackets: the 95th of 100),
where the density is above 1e-12, over nodes in the start x nodes in time. "Usual": a .5 to 2, z .35
to .65, sv to 1.5, st to .5, sz to .9 of what z allows. "Priors": draws of the default priors.

    nodes     usual              priors
    7 x 14    9.7e-5 (7.6e-7)    5.8e-4 (7.7e-5)
    9 x 20    4.4e-7 (4.7e-9)    1.0e-4 (3.6e-7)
    11 x 24   2.0e-8 (1.6e-11)   1.4e-5 (1.4e-8)
    13 x 28   2.2e-10 (5.9e-14)  1.6e-6 (1.0e-9)

Fewer nodes do where windows are narrow: the first two of ``RULES`` were within 2e-7 in 15,000
trials with windows up to ``NARROW``. Trials are sorted by what they need and evaluated some
``_TOGETHER`` at a time, by the rule of the widest. A spread that is 0 on all trials costs one node.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.scipy.special import logsumexp
from jax.typing import ArrayLike

from driftmill.likelihoods.few_nodes import log_rule
from driftmill.likelihoods.logarithm import log, log1p
from driftmill.likelihoods.race import stacked
from driftmill.likelihoods.start_average import LEAST, log_start_average

#: Gauss-Legendre nodes in the start and in the non-decision time.
RULES = ((7, 10), (9, 14), (13, 26))
#: The widest windows for all rules but the last: in the start, over the square root of the earliest
#: decision time; in the non-decision time, the log of the latest over the earliest decision time.
NARROW = ((1.5, 2.2), (2.5, 4.5))
#: Trials that are given the same rule; they are sorted by what they need.
_TOGETHER = 100
#: Waits of less than this share of t are none: they are rounding of ``t - st / 2``.
_ROUNDING = 2.3e-16
#: The nearest start that sets the earliest decision time, as a share of the distance of the bounds.
_NEAREST = 1e-3


def full_ddm(
    rt: ArrayLike,
    response: ArrayLike,
    v: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    sz: ArrayLike,
    sv: ArrayLike,
    st: ArrayLike,
) -> Array:
    """Log density of the drift diffusion model with drift, start and t varying over trials.

    Parameters
    ----------
    rt, response
        Response time in seconds; -1 (lower bound) or +1 (upper bound).
    v, sv
        Mean and standard deviation of the drift rate, which is normal over trials.
    a
        Half the distance between the bounds; positive.
    z, sz
        Mean and full width of the relative starting point, which is uniform over trials between
        ``z - sz / 2`` and ``z + sz / 2``; both within [0, 1], else the density is 0.
    t, st
        Mean and full width of the non-decision time in seconds, which is uniform over trials
        between ``t - st / 2``, or 0 where that is negative, and ``t + st / 2``.

    Returns
    -------
    Array
        One log density an element; -inf with zero gradient outside the support and up to the
        least non-decision time. At ``sz = st = 0`` it is `ddm_sdv`, and smooth there.

    Notes
    -----
    Ratcliff & Tuerlinckx (2002), Psychon. Bull. Rev. 9, 438-481, appendix B, with the drift's
    average in closed form (Tuerlinckx 2004, Behav. Res. Methods 36, 702-716). Where the fastest
    non-decision times leave no time for a decision, only the part of the window below ``rt`` is
    integrated, and its share of the window kept.
    """
    rt, response, v, a, z, t, sz, sv, st = stacked(rt, response, v, a, z, t, sz, sv, st)
    outside = (a <= 0) | (z <= 0) | (z >= 1) | (sz < 0) | (sv < 0) | (st < 0)
    outside |= (z - 0.5 * sz < 0) | (z + 0.5 * sz > 1) | (jnp.abs(response) != 1)
    a, z, sz = jnp.where(outside, 1.0, a), jnp.where(outside, 0.5, z), jnp.where(outside, 0.0, sz)
    sv, st = jnp.where(outside, 0.0, sv), jnp.where(outside, 0.0, st)
    latest, early = longest_decision(rt, t, st)
    latest = jnp.where(early, 1.0, latest)
    earliest = jnp.where(early, 1.0, rt - t - 0.5 * st)
    upper = response > 0
    walk = _Walk(
        middle=2.0 * a * jnp.where(upper, 1.0 - z, z),
        half=a * sz,
        separation=2.0 * a,
        v=jnp.where(upper, -v, v),
        sv=sv,
    )
    log_p = _log_time_average(earliest, latest, walk)
    return jnp.where(outside | early, -jnp.inf, log_p)


def widest_start(z: Any) -> Any:
    """Return the width at which the window of starts reaches the nearer bound."""
    return 1.0 - abs(2.0 * z - 1.0)


def longest_decision(rt: Array, t: Array, st: Array) -> tuple[Array, Array]:
    """Return how long decisions may have lasted, and where there was no time for any."""
    longest = jnp.where(t > 0.5 * st, _difference(rt, t, 0.5 * st), rt)
    return longest, longest <= _ROUNDING * t


def _difference(rt: Array, t: Array, half: Array) -> Array:
    """Return ``rt - t + half``, which may be next to nothing beside them."""
    wait = rt - t
    subtracted = rt - wait
    lost = (rt - (wait + subtracted)) - (t - subtracted)
    return (wait + half) + lost


class _Walk(NamedTuple):
    """What the average over the start takes, beside the time."""

    middle: Array
    half: Array
    separation: Array
    v: Array
    sv: Array


class _Window(NamedTuple):
    """Decision times from ``low`` on, and the log of their share of all."""

    low: Array
    log_span: Array
    log_share: Array


def _log_time_average(earliest: Array, latest: Array, walk: _Walk) -> Array:
    """Log of the average over decision times, those below 0 without density."""
    window = _window(earliest, latest, walk)
    shape = window.low.shape
    trials = jax.tree.map(lambda x: jnp.broadcast_to(x, shape).ravel(), (window, walk))
    n = math.prod(shape)
    if n <= _TOGETHER:
        return _of_alike(trials).reshape(shape)
    order = jnp.argsort(_width(*trials), stable=True)
    places = order[jnp.minimum(jnp.arange(-(-n // _TOGETHER) * _TOGETHER), n - 1)]
    taken = jax.tree.map(lambda x: x[places].reshape(-1, _TOGETHER), trials)
    found = lax.map(_of_alike, taken).ravel()[:n]
    back: Array = found[jnp.argsort(order)].reshape(shape)
    return back


def _width(window: _Window, walk: _Walk) -> Array:
    """Return how many nodes each trial's windows need, as the place of a rule in `RULES`."""
    start, time = 2.0 * walk.half / jnp.sqrt(window.low), window.log_span
    wide = jnp.stack([(start > narrow[0]) | (time > narrow[1]) for narrow in NARROW])
    return jnp.sum(wide, axis=0)


def _of_alike(trials: tuple[_Window, _Walk]) -> Array:
    """Log of the average of trials that are all given the rule of the widest."""
    window, walk = trials
    case = jnp.max(_width(window, walk))
    case = jnp.where(jnp.all(walk.half == 0), len(RULES), case)
    case = jnp.where(jnp.all(window.log_span == 0), len(RULES) + 1, case)
    rules = (*RULES, (1, RULES[-1][1]), (RULES[-1][0], 1))
    averages = [partial(_with_nodes, nodes) for nodes in rules]
    average: Array = lax.switch(case, averages, window, walk)
    return average


def _with_nodes(nodes: tuple[int, int], window: _Window, walk: _Walk) -> Array:
    of_start, of_time = nodes
    places, log_weights = log_rule(of_time, window.low)
    rise = window.log_span * places
    log_p = log_start_average(window.low * jnp.exp(rise), *walk, of_start)
    total: Array = logsumexp(log_p + rise + log_weights, axis=0)
    return total + window.log_share


def _window(earliest: Array, latest: Array, walk: _Walk) -> _Window:
    """Return the decision times that count; an end that is cut is not differentiated."""
    first, last = _limits(jnp.maximum(earliest, 0.0), latest, walk)
    low, high = jnp.maximum(earliest, first), jnp.minimum(latest, last)
    cut = (low > earliest) | (high < latest)
    share = jnp.where(cut, (high - low) / jnp.where(cut, latest - earliest, 1.0), 1.0)
    # The nodes' weights hold the time itself: d time = time d log time.
    ratio = (high - low) / low
    log_span = log1p(ratio)
    narrow = ratio < 1e-3
    r = jnp.where(narrow, ratio, 0.0)
    series = 1.0 - r * (1 / 2 - r * (1 / 3 - r * (1 / 4 - r * (1 / 5 - r / 6))))
    pace = jnp.where(narrow, series, log_span / jnp.where(narrow, 1.0, ratio))
    return _Window(low, log_span, log(share * pace))


def _limits(low: Array, high: Array, walk: _Walk) -> tuple[Array, Array]:
    """Return the decision times before and after which the density is next to nothing.

    Before: bounded by the density of a walk to the bound that is hit from the nearest start.
    After: by the slowest decay between the bounds.
    """
    middle, half, separation, drift, sv = walk
    near = jnp.maximum(middle - half, _NEAREST * separation)
    far, v = middle + half, jnp.abs(drift)
    likely = jnp.minimum(near * near / (3.0 + near * v), high)
    growth = 1.0 + sv * sv * likely
    depth = (near + drift * likely) ** 2 / (2.0 * likely * growth)
    gain = jnp.maximum(near * (0.5 * sv * sv * near - drift), 0.0)
    first = near * near / (2.0 * (LEAST + depth + gain))
    growth = 1.0 + sv * sv * high
    decay = 0.5 * (math.pi / separation) ** 2 + 0.5 * (v / growth) ** 2
    last = jnp.maximum(low, far * far / (3.0 + far * v)) + LEAST / decay
    return lax.stop_gradient(jnp.minimum(first, 0.999 * high)), lax.stop_gradient(last)
