"""A learning process over whole sequences of trials, with cheap gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.processes.memory import Memory
from driftmill.processes.rule import Rule

#: Sensitivities carried forward cost more with every parameter, reverse mode does not: on a CPU
#: they win with one parameter, draw with two (better for a filter, worse for a delta rule) and
#: lose from three on. They need one scan where reverse mode needs two.
MOST_FORWARD = 2


def trajectory(
    rule: Rule,
    parameters: Mapping[str, ArrayLike],
    trials: Mapping[str, ArrayLike],
    cues: int = 1,
) -> Any:
    """Return what a rule predicts before each trial of its participants' sequences.

    Parameters
    ----------
    rule
        The learning rule.
    parameters
        By name: a Python float (a constant, from which the rule may leave out what it switches
        off), an array of shape (lanes,), or one of shape (trials, lanes). A start, the first or
        by ``reset``, takes the values of the trial before which it happens.
    trials
        By name, of shape (trials, lanes): ``choice`` (index of the option taken), ``observed``
        (bool), the rule's inputs (zero where not observed), and as needed ``elapsed``, ``cue``
        and ``reset``, as `Memory` has them. They are data: no derivative goes through them.
        Sequences shorter than the longest are filled up with trials that are not observed.
    cues
        How many cues a participant learns about.

    Returns
    -------
    Array
        The rule's predictions, (trials, lanes) or (trials, options, lanes), in the precision of
        the parameters; a nest of such arrays where the rule predicts a nest.

    Raises
    ------
    ValueError
        When a parameter or a trial column has another shape; the message names it.

    Notes
    -----
    With one or two parameters, constant over trials, the derivatives of the state are carried
    forward in the same scan (forward sensitivities, one direction a parameter, since lanes do not
    touch each other) instead of storing all trials and going back over them in a second one.
    The tangent rule is linear in the tangents and made of ordinary operations, so reverse mode
    and derivatives of any order go through it.
    """
    length, lanes = jnp.shape(trials["observed"])
    constants = {n: float(v) for n, v in parameters.items() if isinstance(v, int | float)}
    arrays = {n: jnp.asarray(v) for n, v in parameters.items() if n not in constants}
    _check_shapes(arrays, trials, length, lanes)
    dtype = jnp.result_type(*arrays.values()) if arrays else jnp.result_type(float)
    arrays = {n: v.astype(dtype) for n, v in arrays.items()}
    data = {n: _data(v, dtype) for n, v in trials.items()}
    fixed = {n: jnp.broadcast_to(v, (lanes,)) for n, v in arrays.items() if v.ndim < 2}
    varying = {n: v for n, v in arrays.items() if v.ndim == 2}

    def run(stacked: Array, data: Mapping[str, Array]) -> Any:
        named = dict(zip(fixed, stacked, strict=True))
        return _scan(rule, constants | named, varying, data, lanes, cues)

    stacked = jnp.stack(list(fixed.values())) if fixed else jnp.zeros((0, lanes), dtype)
    if varying or not 0 < len(fixed) <= MOST_FORWARD:
        return run(stacked, data)
    forward = jax.custom_jvp(run)

    @forward.defjvp
    def tangent(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        values, data = primals

        def along(direction: Array) -> tuple[Any, Any]:
            return jax.jvp(lambda s: run(s, data), (values,), (direction,))

        # Direction p moves parameter p of all lanes at once: lane l's outputs feel only lane l's.
        directions = jnp.eye(len(fixed), dtype=dtype)[:, :, None] * jnp.ones(lanes, dtype)
        outputs, sensitivities = jax.vmap(along, out_axes=(None, 0))(directions)
        moved = jax.tree.map(lambda s: _weigh(s, tangents[0]), sensitivities)
        return outputs, moved

    return forward(stacked, data)


def _weigh(sensitivities: Array, tangents: Array) -> Array:
    """Return the sum over parameters of sensitivities (p, trials, ..., lanes) by (p, lanes)."""
    between = (1,) * (sensitivities.ndim - 2)
    return (sensitivities * tangents.reshape(len(tangents), *between, -1)).sum(axis=0)


def _scan(
    rule: Rule,
    fixed: Mapping[str, Any],
    varying: Mapping[str, Array],
    trials: Mapping[str, Array],
    lanes: int,
    cues: int,
) -> Any:
    """Run the memory over all trials and stack its predictions."""

    def step(state: Any, row: tuple[dict[str, Array], dict[str, Array]]) -> tuple[Any, Any]:
        values, trial = row
        memory = Memory(rule, {**fixed, **values}, lanes, cues)
        return memory.learn(state, trial), memory.predict(state, trial)

    first = {n: v[0] for n, v in varying.items()}
    start = Memory(rule, {**fixed, **first}, lanes, cues).start()
    return jax.lax.scan(step, start, (dict(varying), dict(trials)))[1]


def _data(values: ArrayLike, dtype: Any) -> Array:
    array = jnp.asarray(values)
    floating = jnp.issubdtype(array.dtype, jnp.floating)
    return jax.lax.stop_gradient(array.astype(dtype)) if floating else array


def _check_shapes(
    arrays: Mapping[str, Array], trials: Mapping[str, ArrayLike], length: int, lanes: int
) -> None:
    for name, value in arrays.items():
        if value.shape not in ((), (lanes,), (length, lanes)):
            raise ValueError(
                f"parameter {name} has shape {value.shape}; "
                f"give a number, ({lanes},) or ({length}, {lanes})"
            )
    for name, column in trials.items():
        if jnp.shape(column) != (length, lanes):
            raise ValueError(
                f"trials: {name} has shape {jnp.shape(column)}; "
                f"observed has ({length}, {lanes}), as every column must"
            )
