"""Mixtures of log-normals whose parameters are the outputs of a perceptron, one mixture a choice.

A perceptron of inputs alone gives for every choice its probability and the weights, means and
standard deviations of normal distributions of ``x``, a scale of time. It is evaluated once for
each set of inputs, whatever the number of trials that share it. Survivor functions and cumulative
ones are exact for such a mixture.

The scale is the logarithm of the time where that is short and grows as its square root where it is
long: ``x = 2 log(exp(sqrt(time)) - 1)``. A normal component is a log-normal in short times and has
an exponential tail, as first passages have, in long ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.scipy.special import log_ndtr

from driftmill.likelihoods.logarithm import log
from driftmill.likelihoods.perceptron import Layers, perceptron

#: The smallest sd of a component.
NARROWEST = 0.03
_HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)


class Heads(NamedTuple):
    """Mixtures at inputs of any shape: components, or choices, first, then that shape.

    ``log_choice`` has shape (choices, ...), the others have (choices, components, ...).
    """

    log_choice: Array
    log_weight: Array
    mean: Array
    sd: Array


class Scaled(NamedTuple):
    """Times on the scale of the components, and the log of its derivative by the time."""

    x: Array
    log_slope: Array


def scaled(log_time: Array) -> Scaled:
    """Return times, given by their logarithms, on the scale on which components are normal."""
    root = jnp.exp(0.5 * log_time)
    log_rest = log(-jnp.expm1(-root))
    return Scaled(2.0 * (root + log_rest), -0.5 * log_time - log_rest)


def outputs(components: int, choices: int, mirrored: bool) -> int:
    """Return how many numbers the perceptron gives.

    Parameters
    ----------
    components
        Log-normals a choice.
    choices
        How many there are.
    mirrored
        Whether one set of outputs serves both choices, at inputs and at mirrored ones.
    """
    return (1 if mirrored else choices) * (3 * components + 1)


def heads(layers: Layers, inputs: Array, mirrored: Array | None, choices: int) -> Heads:
    """Return the mixtures of all choices.

    Parameters
    ----------
    layers
        Of the perceptron.
    inputs
        Shape (..., inputs), in [-1, 1] or near it.
    mirrored
        The inputs under which the other of two choices is what this one is here; None: the
        perceptron has outputs for each choice.
    choices
        How many there are.

    Notes
    -----
    With mirrored inputs the log odds of the second choice are an antisymmetric difference, so that
    the density of one choice is that of the other at mirrored inputs, to the last digit.
    """
    if mirrored is None:
        found = jnp.moveaxis(perceptron(layers, inputs), -1, 0)
        each = found.reshape(choices, -1, *found.shape[1:])
        log_choice = jax.nn.log_softmax(each[:, -1], axis=0)
    else:
        # The mirrored inputs are those of the first choice: the lower bound.
        both = jnp.stack([mirrored, inputs])
        each = jnp.moveaxis(perceptron(layers, both), -1, 1)
        odds = each[1, -1] - each[0, -1]
        log_choice = jax.nn.log_sigmoid(jnp.stack([-odds, odds]))
    weight, mean, sd = jnp.split(each[:, :-1], 3, axis=1)
    return Heads(log_choice, jax.nn.log_softmax(weight, axis=1), mean, _positive(sd))


def _positive(raw: Array) -> Array:
    return NARROWEST + jax.nn.softplus(raw)


def log_density(found: Heads, x: Array, places: Array) -> Array:
    """Return the log density of ``x`` and a choice together.

    Parameters
    ----------
    found
        The mixtures, at inputs of a shape that broadcasts with that of ``x``.
    x
        Times on the scale of the components.
    places
        Which choice, counted from 0, in the shape of ``x``.
    """
    constant = found.log_choice[:, None] + found.log_weight - log(found.sd) - _HALF_LOG_2_PI
    narrow = 1.0 / found.sd
    constant, narrow, centre = chosen((constant, narrow, found.mean * narrow), places, x.ndim)
    z = x * narrow - centre
    return _log_sum(constant - 0.5 * z * z)


def log_survivor(found: Heads, x: Array) -> Array:
    """Return the log probability that no choice has come by ``x``; shapes as in `log_density`."""
    weight = found.log_choice[:, None] + found.log_weight
    every = tuple(a.reshape(-1, *a.shape[2:]) for a in (weight, found.mean, found.sd))
    weight, mean, sd = (_lifted(a, x.ndim) for a in every)
    return _log_sum(weight + log_ndtr((mean - x) / sd))


def log_cumulative(found: Heads, x: Array, places: Array) -> Array:
    """Return the log probability of a choice by ``x``; arguments as in `log_density`."""
    weight = found.log_choice[:, None] + found.log_weight
    weight, mean, sd = chosen((weight, found.mean, found.sd), places, x.ndim)
    return _log_sum(weight + log_ndtr((x - mean) / sd))


def chosen(arrays: Sequence[Array], places: Array, dimensions: int) -> tuple[Array, ...]:
    """Return the rows of arrays that belong to each trial's choice.

    Parameters
    ----------
    arrays
        Shape (choices, components, ...).
    places
        Which choice, counted from 0; of as many dimensions as the trials or none.
    dimensions
        Those of the trials.
    """

    def of_one(array: Array) -> Array:
        found = _lifted(array[0], dimensions)
        for k in range(1, array.shape[0]):
            found = jnp.where(places == k, _lifted(array[k], dimensions), found)
        return found

    return tuple(of_one(array) for array in arrays)


def _lifted(array: Array, dimensions: int) -> Array:
    """Return an array of shape (components, ...) that broadcasts with that of the trials."""
    missing = dimensions - (array.ndim - 1)
    return array.reshape(array.shape[0], *(1,) * missing, *array.shape[1:])


def _log_sum(terms: Array) -> Array:
    top = lax.stop_gradient(terms.max(axis=0))
    return top + log(jnp.exp(terms - top).sum(axis=0))
