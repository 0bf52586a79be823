"""Diffusions between constant bounds: ``ddm`` and ``ddm_sdv``."""

from __future__ import annotations

import math

from driftmill.likelihoods import first_passage
from driftmill.models import start
from driftmill.models.declaration import Columns, Model, Parameter, Prior, SsmSimulator

V = Parameter(
    "v", -math.inf, math.inf, Prior("Normal", {"mu": 0.0, "sigma": 2.0}), "drift rate, upwards"
)
A = Parameter(
    "a",
    0.0,
    math.inf,
    Prior("HalfNormal", {"sigma": 2.0}),
    "half the distance between the bounds",
    # Decisions between nearer bounds take less than a millisecond.
    margin=0.02,
)
Z = Parameter(
    "z", 0.0, 1.0, Prior("Uniform", {"lower": 0.0, "upper": 1.0}), "relative starting point"
)
T = Parameter(
    "t", 0.0, math.inf, Prior("HalfNormal", {"sigma": 2.0}), "non-decision time in seconds"
)
SV = Parameter(
    "sv",
    0.0,
    math.inf,
    Prior("HalfNormal", {"sigma": 2.0}),
    "sd of the drift over trials",
    softplus=True,
)


def _start_sdv(columns: Columns) -> dict[str, float]:
    return start.diffusion(columns) | {"sv": 0.5}


DDM = Model(
    name="ddm",
    parameters=(V, A, Z, T),
    response_columns=("rt", "response"),
    choices=(-1, 1),
    likelihoods={"analytical": first_passage.ddm},
    simulator=SsmSimulator("ddm"),
    start=start.diffusion,
    title="Drift diffusion model",
    equation="dX = v ds + dW, bounds at -a and a, start (2z - 1) a, rt = t + first passage",
    reference="Ratcliff (1978), Psychol. Rev. 85, 59-108; Navarro & Fuss (2009)",
    shift="t",
)

DDM_SDV = Model(
    name="ddm_sdv",
    parameters=(V, A, Z, T, SV),
    response_columns=("rt", "response"),
    choices=(-1, 1),
    likelihoods={"analytical": first_passage.ddm_sdv},
    simulator=SsmSimulator("ddm_sdv"),
    start=_start_sdv,
    title="Drift diffusion model with drift variability",
    equation="as ddm, with a drift of its own a trial: Normal(v, sv)",
    reference="Ratcliff & Rouder (1998), Psychol. Sci. 9, 347-356; Tuerlinckx (2004)",
    shift="t",
)

MODELS = (DDM, DDM_SDV)
