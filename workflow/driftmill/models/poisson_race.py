"""The race of two Poisson counters: ``poisson_race``."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods import poisson_race
from driftmill.likelihoods.time_quadrature import cumulative_of
from driftmill.models import race_start, races
from driftmill.models.declaration import Columns, FloatArray, Model, Parameter, Prior

_HALF_NORMAL = Prior("HalfNormal", {"sigma": 2.0})
_CHOICES = (-1, 1)


def _parameter(name: str, description: str) -> Parameter:
    return Parameter(name, 0.0, math.inf, _HALF_NORMAL, description, margin=0.02)


def _sample(
    rng: np.random.Generator, parameters: Mapping[str, FloatArray]
) -> dict[str, NDArray[np.generic]]:
    finish = [rng.gamma(parameters[f"k{i}"]) / parameters[f"r{i}"] for i in (1, 2)]
    return races.first(np.stack(finish), parameters["t"], _CHOICES)


def _start(columns: Columns) -> dict[str, float]:
    return race_start.poisson_race(columns, _CHOICES)


POISSON_RACE = Model(
    name="poisson_race",
    parameters=(
        _parameter("r1", "events a second of the counter coded -1"),
        _parameter("r2", "events a second of the counter coded 1"),
        _parameter("k1", "events that the counter coded -1 needs"),
        _parameter("k2", "events that the counter coded 1 needs"),
        races.T,
    ),
    response_columns=("rt", "response"),
    choices=_CHOICES,
    likelihoods={"analytical": poisson_race.poisson_race},
    simulator=_sample,
    start=_start,
    title="Race of two Poisson counters",
    equation="counter i finishes at t + Gamma(shape k_i, rate r_i); the first decides",
    reference="LaBerge (1962), Psychometrika 27, 375-396; Townsend & Ashby (1983), chapter 9",
    identifiability=(
        "r and k of a counter trade off: their ratio, its mean time, is told well. Counts "
        "of 10 and more want wider priors than the default."
    ),
    shift="t",
    log_survivor=poisson_race.log_survivor,
    log_cumulative=cumulative_of(poisson_race.poisson_race, 4, panels=121, least=-60.0),
)

MODELS = (POISSON_RACE,)
