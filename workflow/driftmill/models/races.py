"""What races of accumulators that start uniformly in (0, A) and end at b have in common."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from driftmill.models import diffusion
from driftmill.models.declaration import FloatArray, MovingEnd, Parameter, Prior

_HALF_NORMAL = Prior("HalfNormal", {"sigma": 2.0})

#: Non-decision time, as diffusions have it.
T = diffusion.T
A = Parameter("A", 0.0, math.inf, _HALF_NORMAL, "upper end of the uniform start, below b")
B = Parameter("b", 0.0, math.inf, _HALF_NORMAL, "threshold, above A", margin=0.02)


def drift(accumulator: int, description: str) -> Parameter:
    """Return the drift of one accumulator, ``v0``, ``v1``, ..."""
    return Parameter(f"v{accumulator}", 0.0, math.inf, _HALF_NORMAL, description)


def _threshold(parameters: Mapping[str, Any], _: Any) -> Any:
    return parameters["b"]


#: No start lies at or above the threshold.
BELOW_THRESHOLD = MovingEnd("A", _threshold, by=("b",), midway=True)


def first(
    finish: FloatArray, starts_at: FloatArray, choices: tuple[int, ...]
) -> dict[str, np.ndarray]:
    """Return the responses of a race.

    Parameters
    ----------
    finish
        When each accumulator finishes, shape (accumulators, n); infinite where it never does.
    starts_at
        The non-decision time, shape (n,).
    choices
        The code of each accumulator.
    """
    winner = np.argmin(finish, axis=0)
    codes = np.asarray(choices, dtype=np.int64)
    return {"rt": starts_at + finish.min(axis=0), "response": codes[winner]}
