"""Rough parameter values of races from the data alone, as ``start`` has them for the others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from driftmill.likelihoods.lba import DRIFT_SD
from driftmill.models.declaration import Columns, FloatArray
from driftmill.models.start import collapse, without_outliers

#: The non-decision time at the start, in units of the fastest response time.
_SHIFT = 0.5
#: Drifts at the start are at least this share of the largest.
_LEAST = 0.2
#: Where reflected walks start, as a share of the bound, and the fastest of their drifts.
_RELATIVE_START, _FASTEST = 0.2, 4.0


class _Pooled(NamedTuple):
    """Decision times of all responses together, and how often each response is given."""

    mean: float
    sd: float
    t: float
    shares: FloatArray


def lba(columns: Columns, choices: tuple[int, ...]) -> dict[str, float]:
    """Return A, b, the drifts and t of a linear ballistic accumulator.

    Parameters
    ----------
    columns
        ``rt`` in seconds and ``response``, one value a trial.
    choices
        Codes of the accumulators.

    Notes
    -----
    The relative variance of decision times is put down in equal parts to the drifts, whose sd is
    known, and to the start; the difference of two drifts then gives the share of choices. The
    non-decision time, which the model most often does without, is next to nothing.
    """
    pooled = _pooled(columns, choices, 1e-3)
    spread = pooled.sd / pooled.mean
    fastest = float(np.clip(np.sqrt(2.0) * DRIFT_SD / spread, 0.15, 3.0))
    way = fastest * pooled.mean
    width = way * min(1.0, float(np.sqrt(6.0)) * spread)
    lag = np.sqrt(2.0) * DRIFT_SD * (ndtri(pooled.shares) - ndtri(pooled.shares.max()))
    return _values(width, way, np.maximum(fastest + lag, _LEAST * fastest), pooled.t)


def racing_diffusion(columns: Columns, choices: tuple[int, ...]) -> dict[str, float]:
    """Return A, b, the drifts and t of a racing diffusion.

    Parameters
    ----------
    columns
        ``rt`` in seconds and ``response``, one value a trial.
    choices
        Codes of the accumulators.

    Notes
    -----
    From mean and variance of a Wald distribution, the start in the lower half of the way.
    """
    pooled = _pooled(columns, choices, _SHIFT)
    fastest = float(np.clip(np.sqrt(pooled.mean) / pooled.sd, 0.3, 6.0))
    way = fastest * pooled.mean
    drifts = fastest * np.maximum(np.sqrt(pooled.shares / pooled.shares.max()), _LEAST)
    return _values(0.5 * way, way, drifts, pooled.t)


def reflected_race(columns: Columns, choices: tuple[int, ...]) -> dict[str, float]:
    """Return the drifts, a, z, t and theta of a race of reflected diffusions.

    Parameters
    ----------
    columns
        ``rt`` in seconds and ``response``, one value a trial.
    choices
        Codes of the accumulators.

    Notes
    -----
    As for the racing diffusion, from a start at a fifth of the bound, which hardly collapses.
    """
    values = racing_diffusion(columns, choices)
    a = min(max(values["b"] - 0.5 * values["A"], 0.2), 5.0) / (1.0 - _RELATIVE_START)
    found = {f"v{k}": min(values[f"v{k}"], _FASTEST) for k, _ in enumerate(choices)}
    found |= {"a": a, "z": _RELATIVE_START, "t": values["t"]}
    return found | {"theta": collapse(columns, found)}


def poisson_race(columns: Columns, choices: tuple[int, ...]) -> dict[str, float]:
    """Return r1, r2, k1, k2 and t of a Poisson race, from the moments of a gamma distribution.

    Parameters
    ----------
    columns
        ``rt`` in seconds and ``response``, one value a trial.
    choices
        Codes of the counters.
    """
    pooled = _pooled(columns, choices, _SHIFT)
    count = float(np.clip((pooled.mean / pooled.sd) ** 2, 0.5, 12.0))
    rates = count / pooled.mean * np.maximum(np.sqrt(pooled.shares / pooled.shares.max()), _LEAST)
    r1, r2 = (float(rate) for rate in rates)
    return {"r1": r1, "r2": r2, "k1": count, "k2": count, "t": pooled.t}


def _pooled(columns: Columns, choices: tuple[int, ...], shift: float) -> _Pooled:
    rt = np.asarray(columns["rt"], dtype=np.float64)
    t = shift * max(float(rt.min()), 1e-6)
    times = without_outliers(rt) - t
    response = np.asarray(columns["response"])
    counts = np.array([np.count_nonzero(response == choice) + 0.5 for choice in choices])
    mean = float(times.mean())
    return _Pooled(mean, max(float(times.std()), 0.05 * mean), t, counts / counts.sum())


def _values(width: float, way: float, drifts: FloatArray, t: float) -> dict[str, float]:
    """Return the parameters from the width of the start and the mean way to the threshold."""
    named = {f"v{k}": float(v) for k, v in enumerate(drifts)}
    return {"A": width, "b": way + 0.5 * width, **named, "t": t}
