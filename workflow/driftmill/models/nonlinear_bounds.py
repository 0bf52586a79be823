"""Diffusions whose density is solved for numerically: ``weibull`` and ``ornstein``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from driftmill.likelihoods import nonlinear_bounds
from driftmill.likelihoods.time_quadrature import cumulative_of, survivor_of
from driftmill.models import start
from driftmill.models.declaration import (
    Columns,
    Model,
    MovingEnd,
    Parameter,
    Prior,
    SsmSimulator,
)
from driftmill.models.diffusion import A, T, V, Z

#: The largest error that was measured of a log density where the density exceeds 1e-4.
ERROR = 1e-3
#: Panels of survivor functions between bounds that may fall at once.
FINE = 60
_LOG_COLLAPSED = math.log(nonlinear_bounds.COLLAPSED)
ALPHA = Parameter(
    "alpha",
    # Below it the bounds fall in no time, and the solution is no longer as good.
    0.5,
    math.inf,
    Prior("HalfNormal", {"sigma": 2.0}),
    "shape of the collapse: above 1 it begins late",
    softplus=True,
)
BETA = Parameter(
    "beta",
    0.0,
    math.inf,
    Prior("HalfNormal", {"sigma": 2.0}),
    "seconds until 37 % are left of the bounds",
    margin=0.05,
)
G = Parameter(
    "g",
    -1.0,
    1.0,
    Prior("Uniform", {"lower": -1.0, "upper": 1.0}),
    "leak a second; below 0 evidence grows by itself",
)


def _start_weibull(columns: Columns) -> dict[str, float]:
    values = start.diffusion(columns)
    slowest = float(np.max(np.asarray(columns["rt"], dtype=np.float64)))
    # A quarter of a unit of collapse until the slowest decision.
    return values | {"alpha": 1.5, "beta": 2.5 * max(slowest - values["t"], 0.2)}


def _over(parameters: Mapping[str, Any], slowest: Any) -> Any:
    """Return the scale at which the collapse is over just when the slowest decision is made."""
    return (slowest - parameters["t"]) * jnp.exp(-_LOG_COLLAPSED / parameters["alpha"])


def _start_ornstein(columns: Columns) -> dict[str, float]:
    values = start.diffusion(columns) | {"g": 0.0}
    return {name: values[name] for name in ("v", "a", "z", "g", "t")}


WEIBULL = Model(
    name="weibull",
    parameters=(V, A, Z, T, ALPHA, BETA),
    response_columns=("rt", "response"),
    choices=(-1, 1),
    likelihoods={"numerical": nonlinear_bounds.weibull},
    simulator=SsmSimulator("weibull_cdf"),
    start=_start_weibull,
    title="Diffusion with bounds that collapse like a Weibull survivor",
    equation="dX = v ds + dW, bounds at -b(s) and b(s), b(s) = a exp(-(s / beta)^alpha)",
    reference="Hawkins et al. (2015), J. Neurosci. 35, 2476-2484; Smith (2000), J. Math. Psychol.",
    shift="t",
    # (slowest / beta)^alpha, how far the bounds have come down by then, is what data tell.
    ceiling=MovingEnd("beta", _over, lower=True, power=lambda parameters: parameters["alpha"]),
    error=ERROR,
    solved=("a", "z", "alpha", "beta"),
    log_survivor=survivor_of(nonlinear_bounds.weibull, (-1, 1), 3, panels=FINE),
    log_cumulative=cumulative_of(nonlinear_bounds.weibull, shift=3),
    identifiability=(
        "a, alpha and beta trade off: what data tell is the bound over the times in which "
        "decisions are made. Expect wide posteriors of alpha and beta below 1,000 trials, and of "
        "all three where few decisions last as long as beta."
    ),
)

ORNSTEIN = Model(
    name="ornstein",
    parameters=(V, A, Z, G, T),
    response_columns=("rt", "response"),
    choices=(-1, 1),
    likelihoods={"numerical": nonlinear_bounds.ornstein},
    simulator=SsmSimulator("ornstein"),
    start=_start_ornstein,
    title="Leaky diffusion (Ornstein-Uhlenbeck)",
    equation="dX = (v - g X) ds + dW, bounds at -a and a, start (2z - 1) a",
    reference="Busemeyer & Townsend (1993), Psychol. Rev. 100, 432-459; Smith (2000)",
    shift="t",
    error=ERROR,
    solved=("v", "a", "z", "g"),
    log_survivor=survivor_of(nonlinear_bounds.ornstein, (-1, 1), shift=4),
    log_cumulative=cumulative_of(nonlinear_bounds.ornstein, shift=4),
    identifiability=(
        "g trades off with v and a: leak takes back what a larger drift and nearer bounds give. A "
        "few hundred trials tell its sign at best."
    ),
)

MODELS = (WEIBULL, ORNSTEIN)
