"""Priors as variables of a PyMC model, cut to the support of their parameter."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import bambi as bmb
import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions import transforms

from driftmill.models.declaration import Prior
from driftmill.models.priors import Distribution


def _constant(value: float) -> Any:
    """Return a constant of a declared type: PyTensor casts a bare float by its value."""
    return pt.constant(np.float64(value), dtype="float64")


def interval(lower: float, upper: float) -> Any:
    """Return the transform from an interval to the line; None where that is what it is."""
    if math.isinf(lower) and math.isinf(upper):
        return None
    if lower == 0.0 and math.isinf(upper):
        return transforms.log
    ends = tuple(None if math.isinf(x) else _constant(x) for x in (lower, upper))
    return transforms.Interval(bounds_fn=lambda *_: ends)


def cut_prior(prior: Prior, lower: float, upper: float, transform: Any = None) -> bmb.Prior:
    """Return a prior on an interval as Bambi takes it.

    Parameters
    ----------
    prior
        The prior, as PyMC names it.
    lower, upper
        Ends of the interval; where the prior reaches past one, it is normalised inside.
    transform
        From the interval to the line; None is what the interval asks for.
    """
    known = Distribution(prior, lower, upper)
    chosen = interval(*known.support) if transform is None else transform
    names, arguments = [], []
    for name, value in prior.args.items():
        assert not isinstance(value, Prior)  # ``Distribution`` refuses nested ones
        names.append(name)
        arguments.append(np.float64(value))

    family = getattr(pm, prior.name)
    log_mass = _constant(math.log(known.mass / Distribution(prior).mass))

    def log_density(value: Any, *given: Any) -> Any:
        return pm.logp(family.dist(**dict(zip(names, given, strict=True))), value) - log_mass

    def draw(*_given: Any, rng: np.random.Generator, size: Any) -> Any:
        return known.sample(rng, () if size is None else size)

    def distribution(name: str, dims: Any = None, **_ignored: Any) -> Any:
        options = {"default_transform": chosen, "dims": dims or None}
        if not any(known.reaches_past):
            return family(name, **dict(zip(names, arguments, strict=True)), **options)
        # Not pm.Truncated, which needs a cumulative distribution that not all families have.
        return pm.CustomDist(name, *arguments, logp=log_density, random=draw, **options)

    made: Callable[..., Any] = distribution
    return bmb.Prior(prior.name, dist=made, auto_scale=False)
