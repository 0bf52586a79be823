"""Linear ballistic accumulators: ``lba2``, ``lba3`` and ``lba4``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from driftmill.likelihoods import lba
from driftmill.likelihoods.lba import DRIFT_SD
from driftmill.likelihoods.time_quadrature import cumulative_of
from driftmill.models import race_start, races
from driftmill.models.declaration import Columns, FloatArray, LogDensity, Model, Parameter

#: Off until a fit frees it.
T = replace(races.T, held=0.0)


def _drifts(rng: np.random.Generator, v: FloatArray) -> FloatArray:
    """Draw the drifts of trials on which at least one is positive.

    Which of them is the first that is positive is drawn to begin with: those before it are not,
    it is cut to positive values, and those after it may be anything.

    Parameters
    ----------
    rng
        The source of random numbers.
    v
        Mean drifts, shape (accumulators, n).

    Returns
    -------
    FloatArray
        Drifts of that shape; 0 in place of those that are not positive.
    """
    stops = ndtr(-v / DRIFT_SD)
    none_before = np.cumprod(np.vstack([np.ones_like(stops[:1]), stops[:-1]]), axis=0)
    upto = np.cumsum(none_before * (1.0 - stops), axis=0)
    first = (upto <= rng.random(v.shape[1]) * upto[-1]).sum(axis=0)
    free = v + DRIFT_SD * rng.standard_normal(v.shape)
    cut = v - DRIFT_SD * ndtri(np.maximum(rng.random(v.shape), 2.0**-54) * (1.0 - stops))
    place = np.arange(len(v))[:, None]
    drawn = np.where(place == first, cut, np.where(place > first, free, 0.0))
    return np.maximum(drawn, 0.0)


def _model(accumulators: int, log_density: LogDensity) -> Model:
    choices = tuple(range(accumulators))
    names = tuple(f"v{k}" for k in choices)

    def sample(
        rng: np.random.Generator, parameters: Mapping[str, FloatArray]
    ) -> dict[str, NDArray[np.generic]]:
        v = np.stack([np.asarray(parameters[name], dtype=np.float64) for name in names])
        way = parameters["b"] - parameters["A"] * rng.random(v.shape)
        drifts = _drifts(rng, v)
        finish = np.full(v.shape, np.inf)
        np.divide(way, drifts, out=finish, where=drifts > 0)
        return races.first(finish, parameters["t"], choices)

    def start(columns: Columns) -> dict[str, float]:
        return race_start.lba(columns, choices)

    drifts: tuple[Parameter, ...] = tuple(
        races.drift(k, f"mean drift of accumulator {k}, with sd {DRIFT_SD:g} over trials")
        for k in choices
    )
    return Model(
        name=f"lba{accumulators}",
        parameters=(races.A, races.B, *drifts, T),
        response_columns=("rt", "response"),
        choices=choices,
        likelihoods={"analytical": log_density},
        simulator=sample,
        start=start,
        title=f"Linear ballistic accumulator with {accumulators} accumulators",
        equation=(
            "accumulator i finishes at t + (b - k_i) / d_i, k_i ~ Uniform(0, A), "
            "d_i ~ Normal(v_i, 0.1); the first decides, given that some d_i > 0"
        ),
        reference="Brown & Heathcote (2008), Cogn. Psychol. 57, 153-178",
        identifiability=(
            "the sd of the drifts sets the scale. A, b and the drifts trade off, and t with b - A: "
            "hundreds of trials with errors."
        ),
        shift="t",
        ceiling=races.BELOW_THRESHOLD,
        log_survivor=lba.log_survivor,
        log_cumulative=cumulative_of(log_density, accumulators + 2, panels=81),
    )


MODELS = (_model(2, lba.lba2), _model(3, lba.lba3), _model(4, lba.lba4))
