"""Rough parameter values from the data alone: where the search for the mode starts.

The values need not be good, only inside the support with a finite density on every
trial, whatever the data: three trials, one response only, a few outlying times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from driftmill.models.declaration import Columns, FloatArray, Parameter, Start
from driftmill.models.priors import Distribution

_SEPARATION = (0.6, 6.0)
_DRIFT = 4.0


def diffusion(columns: Columns) -> dict[str, float]:
    """Estimate v, a, z and t of a diffusion by the EZ method.

    Parameters
    ----------
    columns
        ``rt`` in seconds and ``response`` in {-1, 1}, one value a trial.

    Returns
    -------
    dict
        ``v``, ``a`` (half the separation), ``z`` = 0.5 and ``t``, which stays below 0.95 times
        the fastest response time.

    Notes
    -----
    Wagenmakers, van der Maas & Grasman (2007), Psychon. Bull. Rev. 14, 3-22, equations 5, 6
    and 9, with unit noise. The share of upper responses is shrunk away from 0, 1/2 and 1, the
    moments are those of the times that Tukey's outer fences keep.
    """
    rt = np.asarray(columns["rt"], dtype=np.float64)
    response = np.asarray(columns["response"], dtype=np.int64)
    kept = without_outliers(rt)
    upper = (np.count_nonzero(response > 0) + 0.5) / (rt.size + 1.0)
    correct = min(max(upper, 1.0 - upper), 0.995)
    variance = max(float(np.var(kept)), 1e-4)
    log_odds = math.log(correct / (1.0 - correct))
    if log_odds < 0.05:
        # Without drift the decision time has mean A^2 / 4 and variance A^4 / 24.
        drift, separation = 0.0, math.sqrt(math.sqrt(24.0 * variance))
    else:
        spread = log_odds * (correct**2 * log_odds - correct * log_odds + correct - 0.5)
        drift = math.sqrt(math.sqrt(spread / variance))
        separation = log_odds / drift
    drift = min(drift, _DRIFT)
    separation = min(max(separation, _SEPARATION[0]), _SEPARATION[1])
    reach = 0.5 * separation * drift
    decision_time = 0.25 * separation**2 * (math.tanh(reach) / reach if reach > 1e-6 else 1.0)
    fastest = max(float(rt.min()), 1e-6)
    t = min(max(float(kept.mean()) - decision_time, 0.1 * fastest), 0.9 * fastest)
    return {"v": math.copysign(drift, upper - 0.5), "a": 0.5 * separation, "z": 0.5, "t": t}


def collapse(columns: Columns, start: dict[str, float]) -> float:
    """Return a bound angle whose bounds meet well after the slowest response.

    Parameters
    ----------
    columns
        ``rt`` in seconds, one value a trial.
    start
        The start values of ``a`` and ``t``.

    Returns
    -------
    float
        At most 0.1, and such that at the slowest response half the bound is left.
    """
    slowest = float(np.max(np.asarray(columns["rt"], dtype=np.float64)))
    return min(0.1, math.atan(0.5 * start["a"] / max(slowest - start["t"], 1e-6)))


def utilities(columns: Columns, choices: tuple[int, ...], beta: float) -> list[float]:
    """Return the logits of all choices but the first that give the observed shares.

    Parameters
    ----------
    columns
        ``response``, one of ``choices`` a trial.
    choices
        Codes of the options; the first is the reference.
    beta
        The inverse temperature by which the logits are multiplied.

    Returns
    -------
    list of float
        Log odds against the first option over ``beta``, with half a count added to each.
    """
    response = np.asarray(columns["response"])
    counts = [np.count_nonzero(response == choice) + 0.5 for choice in choices]
    return [math.log(count / counts[0]) / beta for count in counts[1:]]


def from_priors(parameters: Sequence[Parameter], shift: str | None = None) -> Start:
    """Return a start that knows nothing of the data: the medians of the priors.

    Parameters
    ----------
    parameters
        The model's.
    shift
        The parameter that every rt must exceed; it starts at half the fastest of them.
    """

    def start(columns: Columns) -> dict[str, float]:
        priors = {p.name: Distribution(p.prior, p.lower, p.upper) for p in parameters}
        values = {name: float(prior.ppf(0.5)) for name, prior in priors.items()}
        if shift is not None:
            values[shift] = 0.5 * float(np.min(np.asarray(columns["rt"], dtype=np.float64)))
        return values

    return start


def without_outliers(rt: FloatArray) -> FloatArray:
    """Return the response times within three interquartile ranges of the middle half."""
    low, high = np.quantile(rt, [0.25, 0.75])
    margin = 3.0 * (high - low)
    kept: FloatArray = rt[(rt >= low - margin) & (rt <= high + margin)]
    return kept
