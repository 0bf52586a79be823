"""Log densities that a network corrects: a closed form, and the small rest that was learnt.

The closed form has the early tail, the end and the scale right; the perceptron gives the logarithm
of the ratio of the density to it, which is smooth and small. Outside of the box of parameters in
which a network was trained a solver takes over: it is called for those sets of parameters alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.typing import ArrayLike

from driftmill.likelihoods.compiled import where_needed
from driftmill.likelihoods.perceptron import layers_of, perceptron

Weights = Mapping[str, Any]
#: By input of a network, the interval in which it was trained.
Box = Mapping[str, tuple[float, float]]
#: ``(rt, response, *parameters)``, elementwise.
LogDensity = Callable[..., Any]
#: The log density where there would have to be a solver and is none: that of others' networks.
FLOOR = -66.1


class Asked(NamedTuple):
    """What is asked of a network.

    Parameters
    ----------
    known
        The logarithm of the closed form; shape (..., outputs).
    features
        Inputs of the perceptron, about -1 to 1; shape (..., features).
    scale
        By what its outputs are multiplied before they are added; shape (..., outputs).
    """

    known: Array
    features: Array
    scale: Array


def corrected(weights: Weights, asked: Asked) -> Array:
    """Return the corrected logarithms; shape (..., outputs).

    Parameters
    ----------
    weights
        Of the perceptron, ``w0``, ``b0``, ``w1``, ...
    asked
        At what.
    """
    dtype = asked.features.dtype
    layers = layers_of({name: jnp.asarray(array, dtype) for name, array in weights.items()})
    return asked.known + asked.scale * perceptron(layers, asked.features)


def outside(box: Box, reduced: Mapping[str, Any]) -> Any:
    """Tell whether a reduced parameter lies outside of its interval; NaN does not.

    Parameters
    ----------
    box
        The intervals.
    reduced
        A number or an array for each of them.
    """
    found: Any = False
    for name, (low, high) in box.items():
        found = found | (reduced[name] < low) | (reduced[name] > high)
    return found


def within(box: Box, beyond: Array, reduced: Mapping[str, Array]) -> dict[str, Array]:
    """Return reduced parameters with the middle of the box in place of what lies ``beyond``."""
    return {
        name: jnp.where(beyond, 0.5 * (low + high), reduced[name])
        for name, (low, high) in box.items()
    }


class Hits(NamedTuple):
    """Responses by one of two bounds.

    Parameters
    ----------
    never
        Whether there is no such response: too early, of an unknown code, or without a bound.
    a
        The bound; 1 where there is none.
    ticks
        The time since the start, in units of the squared bound; of a second where there is none.
    side
        1 for the upper bound, -1 for the lower.
    """

    never: Array
    a: Array
    ticks: Array
    side: Array


def hits(rt: ArrayLike, response: ArrayLike, a: Array, t: Array) -> Hits:
    """Return responses in units of the bound ``a``, without the non-decision time ``t``."""
    response = jnp.asarray(response)
    time = jnp.asarray(rt, t.dtype) - t
    # Comparisons are written so that NaN is not left out and reaches the result.
    early, flat = (time <= 0) | jnp.isinf(time), a <= 0
    a = jnp.where(flat, 1.0, a)
    ticks = jnp.where(early, 1.0, time) / (a * a)
    side = jnp.where(response > 0, 1.0, -1.0).astype(t.dtype)
    return Hits(early | (jnp.abs(response) != 1) | flat, a, ticks, side)


def with_partials(function: Callable[..., Array], values: tuple[Array, ...]) -> tuple[Array, Array]:
    """Return ``function(*values)`` and its derivatives by each of them, by forward derivatives.

    Parameters
    ----------
    function
        Elementwise, broadcasting.
    values
        Its arguments, of any shapes.

    Returns
    -------
    value, partials
        The latter with a first axis over the arguments.
    """

    def along(direction: Array) -> tuple[Array, Array]:
        ones = (d * jnp.ones_like(x) for d, x in zip(direction, values, strict=True))
        return jax.jvp(function, values, tuple(ones))

    found, partials = jax.vmap(along)(jnp.eye(len(values), dtype=values[0].dtype))
    return found[0], partials


def only_where(
    exact: LogDensity | None, sets: Sequence[int]
) -> Callable[[Array, ArrayLike, ArrayLike, Sequence[ArrayLike]], Array]:
    """Return a log density that is computed only where it is needed.

    Parameters
    ----------
    exact
        A log density by a solver, which solves once for each distinct set of parameters. None: a
        floor stands in its place.
    sets
        The places of the parameters of which sets are made.

    Returns
    -------
    Callable
        ``(needed, rt, response, parameters)``, broadcasting: the log density of trials whose set
        of parameters is needed for any trial, 0 for others. Derivatives are forward derivatives of
        the solver, so that nothing has to be kept where it is not called. Under `jax.vmap` all
        sets are solved for.
    """
    if exact is None:
        return lambda needed, *_: jnp.full(jnp.shape(needed), FLOOR)
    solver, kept = exact, [k + 1 for k in sets]

    def values_of(response: Array, values: tuple[Array, ...]) -> Array:
        rt, *parameters = values
        return jnp.asarray(solver(rt, response, *parameters))

    def partials_of(response: Array, values: tuple[Array, ...]) -> tuple[Array, Array]:
        return with_partials(lambda *x: values_of(response, x), values)

    @jax.custom_jvp
    def solved(needed: Array, response: Array, values: tuple[Array, ...]) -> Array:
        return _by_sets(lambda *x: (values_of(*x),), kept, needed, response, values)[0]

    @solved.defjvp
    def _(primals: Any, tangents: Any) -> tuple[Array, Array]:
        found, partials = _by_sets(partials_of, kept, *primals)
        change = sum(partial * dx for partial, dx in zip(partials, tangents[2], strict=True))
        return found, jnp.broadcast_to(change, found.shape).astype(found.dtype)

    def log_density(
        needed: Array, rt: ArrayLike, response: ArrayLike, parameters: Sequence[ArrayLike]
    ) -> Array:
        kind = jnp.result_type(rt, *parameters, jnp.float32)
        values = tuple(jnp.asarray(x, kind) for x in (rt, *parameters))
        found: Array = solved(needed, jnp.asarray(response, kind), values)
        return found

    return log_density


def _by_sets(
    branch: Callable[..., tuple[Array, ...]],
    sets: Sequence[int],
    needed: Array,
    response: Array,
    values: tuple[Array, ...],
) -> tuple[Array, ...]:
    """Call ``branch(response, values)`` for the sets of values that are needed; zeros elsewhere.

    Which trials share a set is told by shapes: those along axes on which all of its values have
    one element.
    """
    kinds = jnp.broadcast_shapes(*(values[k].shape for k in sets))
    whole = jnp.broadcast_shapes(needed.shape, response.shape, *(x.shape for x in values))
    kinds = (1,) * (len(whole) - len(kinds)) + kinds
    order = sorted(range(len(whole)), key=lambda axis: (kinds[axis] == 1, axis))
    n = math.prod(kinds)

    def laid(x: Array) -> Array:
        return jnp.broadcast_to(x, whole).transpose(order).reshape(n, -1)

    each = tuple(
        jnp.broadcast_to(x, kinds).reshape(n) if k in sets else laid(x)
        for k, x in enumerate(values)
    )

    def of_one(one: tuple[Array, Array, tuple[Array, ...]]) -> tuple[Array, ...]:
        asked, code, here = one
        return where_needed(asked, lambda *x: branch(code, x), *here)

    # Where no set is needed, there is not even a loop over them.
    asked = laid(needed)
    codes = laid(response)
    found = where_needed(asked, lambda *x: lax.map(of_one, (asked, codes, x)), *each)
    back = list(np.argsort(order))

    def unlaid(x: Array) -> Array:
        ahead = x.ndim - 2
        x = jnp.moveaxis(x, 0, ahead).reshape(*x.shape[1:-1], *(whole[axis] for axis in order))
        return x.transpose(*range(ahead), *(ahead + axis for axis in back))

    return tuple(unlaid(x) for x in found)
