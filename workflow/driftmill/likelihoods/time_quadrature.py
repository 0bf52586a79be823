"""Survivor functions and distributions by quadrature of a density over time.

For models that have no closed form but a cheap, smooth density. Summands are positive and added
up in log space, so that no small probability is a difference of large ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.typing import ArrayLike
from numpy.typing import NDArray

from driftmill.likelihoods.logarithm import log

_X, _W = np.polynomial.legendre.leggauss(8)


def _panels(edges: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the nodes of panels, and the logs of their weights."""
    half = 0.5 * np.diff(edges)[:, None]
    return (edges[:-1, None] + half * (1.0 + _X)).ravel(), np.log(half * _W).ravel()


def _graded(least: float, most: float, panels: int) -> NDArray[np.float64]:
    """Return edges from 0 on, even in their logarithm but for the first."""
    return np.concatenate([[0.0], np.exp(np.linspace(least, most, panels))])


#: Panels of the times after one, where nothing changes at once.
PANELS = 23
#: Panels of the times before one, and the log of the first one's width in units of that time.
BEFORE, LEAST = 21, -12.0
_RISE = 0.5 * _graded(-7.0, 0.0, 8)
#: Ways between two times at both of which much may happen in no time, as shares.
_BETWEEN = _panels(np.concatenate([_RISE, 1.0 - _RISE[-2::-1]]))

#: With less than this share of responses given, theirs is what is integrated.
_FEW = 0.2
#: ``(columns, *parameters)`` to a log density or log probability, elementwise.
Function = Callable[..., Array]


def survivor_of(
    log_density: Callable[..., Any],
    choices: Sequence[int],
    shift: int | None = None,
    width: int | None = None,
    panels: int = PANELS,
) -> Function:
    """Make the log survivor function of a model from its log density alone.

    Parameters
    ----------
    log_density
        ``(rt, response, *parameters)``, elementwise in all of them, of total mass 1.
    choices
        All responses.
    shift
        The place of the non-decision time among the parameters.
    width
        The place of its full width, where it varies over trials.
    panels
        How many, of eight nodes each; more where bounds fall at once.

    Returns
    -------
    Callable
        ``(rt, *parameters)``: elementwise, 0 up to the non-decision time. It costs 8
        densities of each response a panel and 168 more, with a width 256 more. For smooth
        densities, such as those of diffusions between constant bounds, the error is about 1e-8 of
        the probability where decisions end within some thousand times ``rt``; a kink after ``rt``,
        such as an end of the support, costs most digits.
    """
    before = cumulative_of(log_density, shift, width)
    # In units of the time until rt.
    later = _panels(_graded(-9.0, 9.0, panels))

    def log_survivor(rt: ArrayLike, *parameters: ArrayLike) -> Array:
        rt, first, last = _window(rt, parameters, shift, width)
        early = rt <= first
        at = jnp.where(early, first + 1.0, rt)
        values = [jnp.asarray(x)[..., None] for x in parameters]
        pieces = [_piece(jnp.maximum(at, last), jnp.maximum(at, last) - first, later)]
        if width is not None:
            pieces.append(_piece(at, jnp.maximum(last - at, 0.0), _BETWEEN))
        parts = [log_density(x, c, *values) + weights for x, weights in pieces for c in choices]
        log_s = jnp.minimum(log_sum(jnp.concatenate(parts, axis=-1)), 0.0)
        # Soon after the start what is left may last many thousand times as long.
        ended = jnp.exp(log_sum(jnp.stack([before(at, c, *parameters) for c in choices], axis=-1)))
        few = ended < _FEW
        log_s = jnp.where(few, jnp.log1p(-jnp.where(few, ended, 0.0)), log_s)
        return jnp.where(early, 0.0, log_s)

    return log_survivor


def cumulative_of(
    log_density: Callable[..., Any],
    shift: int | None = None,
    width: int | None = None,
    panels: int = BEFORE,
    least: float = LEAST,
) -> Function:
    """Make the log probability of a response up to a time from a log density alone.

    Parameters
    ----------
    log_density, shift, width
        As in :func:`survivor_of`.
    panels
        How many, of eight nodes each; more for densities that are narrow beside their mean.
    least
        Log of the width of the first panel, in units of the time; less where the density is
        infinite at 0.

    Returns
    -------
    Callable
        ``(rt, response, *parameters)``: elementwise, -inf up to the non-decision time. It costs 8
        densities a panel, 128 more with a width; accuracy as of :func:`survivor_of`.
    """
    earlier = _panels(_graded(least, 0.0, panels))

    def log_cumulative(rt: ArrayLike, response: ArrayLike, *parameters: ArrayLike) -> Array:
        rt, first, last = _window(rt, parameters, shift, width)
        early = rt <= first
        at = jnp.where(early, first + 1.0, rt)
        values = [jnp.asarray(x)[..., None] for x in parameters]
        middle = jnp.minimum(at, last)
        pieces = [_piece(middle, at - middle, earlier)]
        if width is not None:
            pieces.append(_piece(first, middle - first, _BETWEEN))
        choice = jnp.asarray(response)[..., None]
        parts = [log_density(x, choice, *values) + weights for x, weights in pieces]
        log_f = log_sum(jnp.concatenate(parts, axis=-1))
        return jnp.where(early, -jnp.inf, jnp.minimum(log_f, 0.0))

    return log_cumulative


def _window(
    rt: ArrayLike, parameters: Sequence[ArrayLike], shift: int | None, width: int | None
) -> tuple[Array, Array, Array]:
    """Return a time, and the least and the largest non-decision time, in one shape."""
    rt = jnp.asarray(rt, float)
    first = last = jnp.zeros_like(rt) if shift is None else jnp.asarray(parameters[shift])
    if width is not None:
        half = 0.5 * jnp.asarray(parameters[width])
        first, last = jnp.maximum(first - half, 0.0), last + half
    rt, first, last = jnp.broadcast_arrays(rt, first, last)
    return rt, first, last


def _piece(
    start: Array, unit: Array, panels: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> tuple[Array, Array]:
    """Return times from ``start`` on, on a last axis, and the logs of their weights."""
    ways, log_weights = (jnp.asarray(x, unit.dtype) for x in panels)
    none = unit <= 0
    log_unit = jnp.where(none, -jnp.inf, log(jnp.where(none, 1.0, unit)))
    return start[..., None] + unit[..., None] * ways, log_weights + log_unit[..., None]


def log_sum(log_p: Array) -> Array:
    """Log of the sum over the last axis; where all are -inf that, with finite gradients."""
    top = lax.stop_gradient(jnp.max(log_p, axis=-1))
    nothing = top == -jnp.inf
    top = jnp.where(nothing, 0.0, top)
    total = jnp.sum(jnp.exp(log_p - top[..., None]), axis=-1)
    return jnp.where(nothing, -jnp.inf, top + log(jnp.where(nothing, 1.0, total)))
