"""A model from any boundary: the density by the numerical solution, and draws from it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods.nonlinear_bounds import collapsing
from driftmill.likelihoods.time_quadrature import cumulative_of, survivor_of
from driftmill.models.declaration import Columns, FloatArray, Model, Parameter
from driftmill.models.diffusion import T, V, Z
from driftmill.models.nonlinear_bounds import ERROR, FINE
from driftmill.models.priors import Distribution
from driftmill.models.sound import RegistrationError
from driftmill.models.start import diffusion

#: Times, equidistant in their fourth root, between which draws are made, and the last of them.
_TIMES, _LATEST = 1200, 60.0


def diffusion_between(
    name: str,
    boundary: Callable[..., Any],
    parameters: Sequence[Parameter],
    title: str = "Diffusion between bounds of one's own",
    equation: str = "dX = v ds + dW, bounds at -b(s) and b(s)",
    reference: str = "",
) -> Model:
    """Return the model of a diffusion between ``-b(s)`` and ``b(s)``.

    Parameters
    ----------
    name
        The model's name.
    boundary
        ``boundary(s, **parameters)`` in JAX, element by element: the upper bound ``s`` seconds
        after the start of the decision. Positive at 0, twice differentiable after it. Where it
        comes down to a 150th of its height at 0, nobody is left.
    parameters
        The boundary's parameters; ``v``, ``z`` and ``t`` are the model's own.
    title, equation, reference
        For the catalogue's listing.

    Returns
    -------
    Model
        With the parameters v, the boundary's, z and t. It is not registered yet.

    Raises
    ------
    RegistrationError
        When the boundary does not take the parameters, or takes a name that the model has.
    """
    names = tuple(p.name for p in parameters)
    if taken := {"v", "z", "t", "s"} & set(names):
        raise RegistrationError(
            f"model {name}: the boundary has a parameter {min(taken)!r}, which the model has "
            "itself; give it another name"
        )
    try:
        inspect.signature(boundary).bind(0.0, **dict.fromkeys(names, 1.0))
    except TypeError as error:
        raise RegistrationError(
            f"model {name}: boundary(s, {', '.join(names)}) cannot be called: {error}; let its "
            "parameters have the names that are declared"
        ) from error
    order = ("rt", "response", "v", *names, "z", "t")

    def at(s: Any, *shape: Any) -> Any:
        return boundary(s, **dict(zip(names, shape, strict=True)))

    def log_density(*arguments: Any) -> Any:
        rt, response, v, *shape, z, t = arguments
        return collapsing(at, rt, response, v, z, t, shape)

    kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD
    log_density.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(each, kinds) for each in order]
    )

    def start(columns: Columns) -> dict[str, float]:
        values = diffusion(columns)
        medians = {
            p.name: float(Distribution(p.prior, p.lower, p.upper).ppf(0.5)) for p in parameters
        }
        # The bound at 0, where it is a parameter, as between constant bounds.
        medians |= {"a": values["a"]} if "a" in names else {}
        return {key: (values | medians)[key] for key in order[2:]}

    return Model(
        name=name,
        parameters=(V, *parameters, Z, T),
        response_columns=("rt", "response"),
        choices=(-1, 1),
        likelihoods={"numerical": log_density},
        simulator=_sampler(log_density, order[2:]),
        start=start,
        title=title,
        equation=equation,
        reference=reference,
        shift="t",
        error=ERROR,
        solved=(*names, "z"),
        log_survivor=survivor_of(log_density, (-1, 1), len(names) + 2, panels=FINE),
        log_cumulative=cumulative_of(log_density, shift=len(names) + 2),
    )


def _sampler(
    log_density: Callable[..., Any], names: tuple[str, ...]
) -> Callable[[np.random.Generator, Mapping[str, FloatArray]], dict[str, NDArray[np.generic]]]:
    """Return a sampler that inverts the mass of a density, one set of parameters after another."""
    density = jax.jit(log_density)
    roots = np.linspace(0.0, math.sqrt(math.sqrt(_LATEST)), _TIMES + 1)
    times = roots[1:] ** 4
    asked = jnp.asarray(np.tile(times, 2))
    responses = jnp.asarray(np.repeat([-1.0, 1.0], _TIMES))

    def sample(
        rng: np.random.Generator, parameters: Mapping[str, FloatArray]
    ) -> dict[str, NDArray[np.generic]]:
        uniform = rng.random(parameters["t"].size)
        # The non-decision time is added after the draw.
        given = np.stack([parameters[name] if name != "t" else 0 * uniform for name in names], 1)
        sets, which = np.unique(given, axis=0, return_inverse=True)
        rt, response = np.empty(uniform.size), np.empty(uniform.size, dtype=np.int64)
        for k, values in enumerate(sets):
            rows = np.flatnonzero(which.ravel() == k)
            heights = np.exp(np.asarray(density(asked, responses, *values))).reshape(2, -1)
            # By the root, of which it is smooth: dt = 4 root^3 d root; it begins at 0.
            heights = np.concatenate([np.zeros((2, 1)), heights * 4.0 * roots[1:] ** 3], axis=1)
            pieces = 0.5 * (heights[:, 1:] + heights[:, :-1]) * roots[1]
            mass = np.cumsum(pieces.ravel())
            # What is left after the last time never ends, as far as anybody will see.
            finished = uniform[rows] < mass[-1]
            place = np.minimum(np.searchsorted(mass, uniform[rows], side="right"), mass.size - 1)
            before = np.where(place > 0, mass[place - 1], 0.0)
            share = (uniform[rows] - before) / pieces.ravel()[place]
            left = place % _TIMES
            drawn = (roots[left] + np.clip(share, 0.0, 1.0) * roots[1]) ** 4
            rt[rows] = np.where(finished, drawn, np.inf) + parameters["t"][rows]
            response[rows] = np.where(place < _TIMES, -1, 1)
        return {"rt": rt, "response": response}

    return sample
