"""The diffusion whose drift, start and non-decision time vary over trials: ``full_ddm``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods import first_passage, full_ddm
from driftmill.likelihoods.time_quadrature import cumulative_of, survivor_of
from driftmill.models import start
from driftmill.models.declaration import (
    Columns,
    FloatArray,
    Model,
    MovingEnd,
    Parameter,
    Prior,
)
from driftmill.models.diffusion import SV, A, T, V, Z
from driftmill.models.passages import Passages

#: The largest error that was measured of a log density where the density exceeds 1e-4.
ERROR = 1e-5
SZ = Parameter(
    "sz",
    0.0,
    1.0,
    Prior("Uniform", {"lower": 0.0, "upper": 1.0}),
    "full width of the relative starting point over trials, within the bounds",
)
ST = Parameter(
    "st",
    0.0,
    math.inf,
    Prior("HalfNormal", {"sigma": 2.0}),
    "full width of the non-decision time over trials in seconds",
    softplus=True,
)

_DDM = Passages(first_passage.ddm, ("v", "a", "z", "t"))


def _widest_start(parameters: Mapping[str, Any], _: Any) -> Any:
    """Return the width at which the starting point reaches the nearer bound."""
    return full_ddm.widest_start(parameters["z"])


def _sample(
    rng: np.random.Generator, parameters: Mapping[str, FloatArray]
) -> dict[str, NDArray[np.generic]]:
    """Draw each trial's own drift, start and non-decision time, then its first passage."""
    p, n = parameters, parameters["a"].size
    v = p["v"] + p["sv"] * rng.standard_normal(n)
    z = np.clip(p["z"] + p["sz"] * (rng.random(n) - 0.5), 1e-9, 1.0 - 1e-9)
    fastest, slowest = np.maximum(p["t"] - 0.5 * p["st"], 0.0), p["t"] + 0.5 * p["st"]
    t = fastest + (slowest - fastest) * rng.random(n)
    return _DDM(rng, {"v": v, "a": p["a"], "z": z, "t": t})


def _start(columns: Columns) -> dict[str, float]:
    values = start.diffusion(columns)
    return values | {"sz": 0.2, "sv": 0.5, "st": min(0.1, values["t"])}


_T_AND_WIDTH = (3, 6)

FULL_DDM = Model(
    name="full_ddm",
    parameters=(V, A, Z, T, SZ, SV, ST),
    response_columns=("rt", "response"),
    choices=(-1, 1),
    likelihoods={"analytical": full_ddm.full_ddm},
    simulator=_sample,
    start=_start,
    title="Drift diffusion model with drift, start and non-decision time that vary",
    equation=(
        "as ddm, with a drift Normal(v, sv), a start Uniform(z - sz/2, z + sz/2) and a "
        "non-decision time Uniform(max(t - st/2, 0), t + st/2) of its own a trial"
    ),
    reference="Ratcliff & Tuerlinckx (2002), Psychon. Bull. Rev. 9, 438-481; Tuerlinckx (2004)",
    identifiability=(
        "v, a, z and t as in ddm, st from the fastest responses; sz and sv are hard, even with "
        "1,000 trials (Boehm et al. 2018, J. Math. Psychol. 87, 46-75): consider to hold them."
    ),
    error=ERROR,
    shift="t",
    shift_width="st",
    ceiling=MovingEnd("sz", _widest_start, by=("z",)),
    log_survivor=survivor_of(full_ddm.full_ddm, (-1, 1), *_T_AND_WIDTH),
    log_cumulative=cumulative_of(full_ddm.full_ddm, *_T_AND_WIDTH),
)

MODELS = (FULL_DDM,)
