"""Racing diffusions: ``racing_diffusion_2``, ``_3`` and ``_4``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods import racing_diffusion
from driftmill.likelihoods.time_quadrature import cumulative_of
from driftmill.models import race_start, races
from driftmill.models.declaration import (
    Columns,
    FloatArray,
    LogDensity,
    Model,
    Parameter,
    Prior,
)

#: Off until a fit frees it.
THETA = Parameter(
    "theta",
    0.0,
    1.4,
    Prior("Uniform", {"lower": 0.0, "upper": 1.4}),
    "angle in radians at which the threshold falls",
    held=0.0,
)


def _wald(rng: np.random.Generator, way: FloatArray, v: FloatArray) -> FloatArray:
    """Draw first passage times of a drift ``v >= 0`` with unit noise over a way.

    Notes
    -----
    Michael, Schucany & Haas (1976), Am. Stat. 30, 88-90, written without a division by the drift.
    """
    pull = rng.standard_normal(way.shape) ** 2 / (2.0 * way)
    early = way / (v + pull + np.sqrt(pull * (2.0 * v + pull)))
    taken = rng.random(way.shape) * (1.0 + v * early / way) <= 1.0
    late = np.full(way.shape, np.inf)
    np.divide((way / np.where(v > 0, v, 1.0)) ** 2, early, out=late, where=v > 0)
    return np.where(taken, early, late)


def _model(accumulators: int, log_density: LogDensity) -> Model:
    choices = tuple(range(accumulators))

    def sample(
        rng: np.random.Generator, parameters: Mapping[str, FloatArray]
    ) -> dict[str, NDArray[np.generic]]:
        v = np.stack([np.asarray(parameters[f"v{k}"], dtype=np.float64) for k in choices])
        way = parameters["b"] - parameters["A"] * rng.random(v.shape)
        # Seen from a threshold that falls, everything drifts faster.
        finish = _wald(rng, way, v + np.tan(parameters["theta"]))
        return races.first(finish, parameters["t"], choices)

    def start(columns: Columns) -> dict[str, float]:
        return race_start.racing_diffusion(columns, choices) | {"theta": 0.05}

    drifts = tuple(races.drift(k, f"drift of accumulator {k}") for k in choices)
    return Model(
        name=f"racing_diffusion_{accumulators}",
        parameters=(races.A, races.B, *drifts, races.T, THETA),
        response_columns=("rt", "response"),
        choices=choices,
        likelihoods={"analytical": log_density},
        simulator=sample,
        start=start,
        title=f"Race of {accumulators} diffusions to one threshold",
        equation=(
            "dX_i = v_i ds + dW_i from X_i ~ Uniform(0, A); rt = t + first passage of "
            "b - s tan(theta), by the first of them"
        ),
        reference="Tillman, Van Zandt & Logan (2020), Psychon. Bull. Rev. 27, 911-936",
        identifiability=(
            "b and the drifts well; A hardly at 300 trials, as it differs from a lower b only in "
            "the fastest responses. A threshold that falls is the same as faster drifts: free "
            "theta only where what drives the drifts is known, as by learned values."
        ),
        shift="t",
        ceiling=races.BELOW_THRESHOLD,
        log_survivor=racing_diffusion.log_survivor,
        log_cumulative=cumulative_of(log_density, shift=accumulators + 2),
    )


MODELS = (
    _model(2, racing_diffusion.racing_diffusion_2),
    _model(3, racing_diffusion.racing_diffusion_3),
    _model(4, racing_diffusion.racing_diffusion_4),
)
