"""Beyond the box of parameters in which a network was trained: a solver takes over.

It is called for those sets of parameters alone. It begins inside, next to the ends of the box:
where the log density jumped by the network's error, which in far tails is some nats, chains of a
sampler would be caught.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.typing import ArrayLike

from driftmill.likelihoods.compiled import where_needed

#: By input of a network, the interval in which it was trained.
Box = Mapping[str, tuple[float, float]]
#: ``(rt, response, *parameters)``, elementwise.
LogDensity = Callable[..., Any]
#: The log density where there would have to be a solver and is none: that of others' networks.
FLOOR = -66.1
#: How far inside of an end of a box the solver begins to take over, in units of that end, or of the
#: interval if that is less: not at all at 0, where a parameter's support ends too.
MARGIN = 0.05
#: Inputs of a network by name, numbers or arrays.
Inputs = Mapping[str, Any]
#: ``(found, possible, inputs, rt, response, parameters)``; see `handing_over`.
HandOver = Callable[[Array, Array, Sequence[Inputs], ArrayLike, ArrayLike, Sequence[Any]], Array]


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


def any_outside(box: Box, inputs: Sequence[Inputs]) -> Any:
    """Tell whether any of several sets of inputs lies outside of a box."""
    found: Any = False
    for reduced in inputs:
        found = found | outside(box, reduced)
    return found


def within(box: Box, beyond: Array, reduced: Mapping[str, Array]) -> dict[str, Array]:
    """Return reduced parameters with the middle of the box in place of what lies ``beyond``."""
    return {
        name: jnp.where(beyond, 0.5 * (low + high), reduced[name])
        for name, (low, high) in box.items()
    }


def share_of_solver(box: Box, inputs: Sequence[Inputs]) -> Any:
    """Return the weight of the solver's log density: 0 well inside of a box, 1 outside, smooth.

    Parameters
    ----------
    box
        The intervals.
    inputs
        Sets of inputs that the network is asked at for one trial: the furthest out counts most.
    """
    kept: Any = 1.0
    for reduced in inputs:
        for name, (low, high) in box.items():
            for end, depth in ((low, reduced[name] - low), (high, high - reduced[name])):
                width = MARGIN * min(high - low, abs(end))
                way = jnp.clip(depth / width, 0.0, 1.0) if width else jnp.where(depth < 0, 0.0, 1.0)
                kept = kept * way * way * (3.0 - 2.0 * way)
    return 1.0 - kept


def handing_over(exact: LogDensity | None, box: Box, sets: Sequence[int]) -> HandOver:
    """Return what puts the solver's log densities in the place of a network's beyond its box.

    Parameters
    ----------
    exact, sets
        As `only_where` takes them; without a solver a floor begins at the ends of the box.
    box
        The intervals.

    Returns
    -------
    Callable
        From the network's log densities, whether trials are possible at all, the sets of inputs
        that the network was asked at, and the arguments of the log density, to log densities;
        those of impossible trials as they were.
    """
    if exact is None:
        return lambda found, possible, inputs, *_: jnp.where(
            possible & any_outside(box, inputs), FLOOR, found
        )
    elsewhere = only_where(exact, sets)

    def finish(
        found: Array,
        possible: Array,
        inputs: Sequence[Inputs],
        rt: ArrayLike,
        response: ArrayLike,
        parameters: Sequence[Any],
    ) -> Array:
        share = share_of_solver(box, inputs)
        needed = possible & (share > 0.0)
        solved = elsewhere(needed, rt, response, parameters)
        partly = needed & (share < 1.0) & jnp.isfinite(found) & jnp.isfinite(solved)
        ours, exactly = (jnp.where(partly, x, 0.0) for x in (found, solved))
        mixed = ours + share * (exactly - ours)
        return jnp.where(partly, mixed, jnp.where(needed, solved, found))

    return finish


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
    exact: LogDensity, sets: Sequence[int]
) -> Callable[[Array, ArrayLike, ArrayLike, Sequence[ArrayLike]], Array]:
    """Return a log density that is computed only where it is needed.

    Parameters
    ----------
    exact
        A log density by a solver, which solves once for each distinct set of parameters.
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
    kept = [k + 1 for k in sets]

    def values_of(response: Array, values: tuple[Array, ...]) -> Array:
        rt, *parameters = values
        return jnp.asarray(exact(rt, response, *parameters))

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
