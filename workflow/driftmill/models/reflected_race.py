"""Races of diffusions reflected at 0: ``race_no_bias_angle_2``, ``_3`` and ``_4``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods import reflected_race
from driftmill.likelihoods.time_quadrature import cumulative_of
from driftmill.models import race_start, races
from driftmill.models.declaration import Columns, FloatArray, LogDensity, Model
from driftmill.models.diffusion import A, Z
from driftmill.models.linear_bounds import ANGLE, THETA

#: As diffusions have them, but for what they mean.
_A = replace(A, description="bound at the start of the decision")
_Z = replace(Z, description="start as a share of a")
#: The clock ``s / (a b(s))`` at which survivor functions are inverted.
_CLOCK = np.exp(np.linspace(np.log(1e-9), np.log(40.0), 4000))
#: Where bounds expand, the share of the clock's end that is looked at.
_SHARE = 0.98


@lru_cache
def _survivors() -> Callable[..., Any]:
    return jax.jit(reflected_race.log_survivors)


def _finish(
    uniform: FloatArray, drifts: FloatArray, a: float, z: float, theta: float
) -> FloatArray:
    """Return when accumulators finish, by the inverse of their survivor functions.

    Parameters
    ----------
    uniform
        Shape (accumulators, n).
    drifts
        Shape (accumulators,).
    a, z, theta
        Of all.

    Returns
    -------
    FloatArray
        Seconds, shape (accumulators, n); infinite where an expanding bound is never reached.
    """
    slope = np.tan(theta)
    clock = _CLOCK * min(1.0, _SHARE / (a * -slope * _CLOCK[-1])) if slope < 0 else _CLOCK
    time = a * a * clock / (1.0 + a * slope * clock)
    left = np.exp(np.asarray(_survivors()(time, drifts, a, z, theta)))
    log_time = np.log(time)
    found = np.empty_like(uniform)
    for k, survivor in enumerate(left):
        rising = np.maximum.accumulate(survivor[::-1])
        found[k] = np.exp(np.interp(uniform[k], rising, log_time[::-1]))
        if slope < 0:
            found[k][uniform[k] < rising[0]] = np.inf
    return found


def _model(accumulators: int, log_density: LogDensity) -> Model:
    choices = tuple(range(accumulators))
    shared = ("a", "z", "theta")

    def sample(
        rng: np.random.Generator, parameters: Mapping[str, FloatArray]
    ) -> dict[str, NDArray[np.generic]]:
        names = (*(f"v{k}" for k in choices), *shared)
        rows = np.stack([np.asarray(parameters[name], dtype=np.float64) for name in names], axis=1)
        uniform = rng.random((accumulators, len(rows)))
        finish = np.empty_like(uniform)
        sets, which = np.unique(rows, axis=0, return_inverse=True)
        for number, values in enumerate(sets):
            there = np.flatnonzero(which == number)
            drifts, rest = values[:accumulators], map(float, values[accumulators:])
            finish[:, there] = _finish(uniform[:, there], drifts, *rest)
        return races.first(finish, parameters["t"], choices)

    def start(columns: Columns) -> dict[str, float]:
        return race_start.reflected_race(columns, choices)

    drifts = tuple(races.drift(k, f"drift of accumulator {k}") for k in choices)
    return Model(
        name=f"race_no_bias_angle_{accumulators}",
        parameters=(*drifts, _A, _Z, races.T, THETA),
        response_columns=("rt", "response"),
        choices=choices,
        likelihoods={"numerical": log_density},
        simulator=sample,
        start=start,
        title=f"Race of {accumulators} diffusions, reflected at 0, to a collapsing bound",
        equation=(
            "dX_i = v_i ds + dW_i from z a, reflected at 0, to b(s) = a - s tan(theta); rt = t + "
            "first passage, by the first of them"
        ),
        reference=(
            "Usher & McClelland (2001), Psychol. Rev. 108, 550-592, without leak and inhibition; "
            "integral equations: Smith (2000), J. Math. Psychol. 44, 408-463"
        ),
        solved=(*(drift.name for drift in drifts), *shared),
        identifiability=(
            "z trades off with a, and theta with both: drifts and non-decision time are told best. "
            "A drift near 0 is told by rare responses alone, since the reflection holds such an "
            "accumulator near the start."
        ),
        error=reflected_race.ERROR,
        shift="t",
        ceiling=ANGLE.ceiling,
        log_survivor=reflected_race.log_survivor,
        log_cumulative=cumulative_of(log_density, shift=accumulators + 2),
    )


MODELS = (
    _model(2, reflected_race.race_no_bias_angle_2),
    _model(3, reflected_race.race_no_bias_angle_3),
    _model(4, reflected_race.race_no_bias_angle_4),
)
