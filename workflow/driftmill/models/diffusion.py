"""Diffusions between constant bounds: ``ddm`` and ``ddm_sdv``."""

from __future__ import annotations

import math

from driftmill.likelihoods import (
    first_passage,
    first_passage_cumulative,
    first_passage_survivor,
)
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
    identifiability=(
        "all four from some 100 trials a participant. Where nearly all responses are of one kind, "
        "v and z trade off."
    ),
    shift="t",
    log_survivor=first_passage_survivor.ddm,
    log_cumulative=first_passage_cumulative.ddm,
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
    identifiability=(
        "sv is hard: it lies on a ridge with v and a, and is told by how slow errors are, so by "
        "many trials with errors (Boehm et al. 2018, J. Math. Psychol. 87, 46-75)."
    ),
    shift="t",
    log_survivor=first_passage_survivor.ddm_sdv,
    log_cumulative=first_passage_cumulative.ddm_sdv,
)

MODELS = (DDM, DDM_SDV)
