"""Diffusions between linear bounds: ``angle`` and ``angle_sdv``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftmill.likelihoods import (
    first_passage,
    first_passage_cumulative,
    first_passage_survivor,
)
from driftmill.likelihoods.trigonometry import arctangent
from driftmill.models import start
from driftmill.models.declaration import Columns, Model, MovingEnd, Parameter, Prior, SsmSimulator
from driftmill.models.diffusion import SV, A, T, V, Z
from driftmill.models.passages import Passages

THETA = Parameter(
    "theta",
    -0.1,
    1.4,
    Prior("Uniform", {"lower": -0.1, "upper": 1.4}),
    "angle of the bounds in radians, positive where they collapse",
)


def _meeting_angle(parameters: Mapping[str, Any], slowest: Any) -> Any:
    """Return the angle at which the bounds meet just when the slowest decision is made."""
    return arctangent(parameters["a"], slowest - parameters["t"])


def _start_angle(columns: Columns) -> dict[str, float]:
    values = start.diffusion(columns)
    return values | {"theta": start.collapse(columns, values)}


def _start_angle_sdv(columns: Columns) -> dict[str, float]:
    return _start_angle(columns) | {"sv": 0.5}


ANGLE = Model(
    name="angle",
    parameters=(V, A, Z, T, THETA),
    response_columns=("rt", "response"),
    choices=(-1, 1),
    likelihoods={"analytical": first_passage.angle},
    simulator=SsmSimulator("angle"),
    start=_start_angle,
    title="Diffusion with linearly collapsing bounds",
    equation="dX = v ds + dW, bounds at -b(s) and b(s), b(s) = a - s tan(theta)",
    reference="Anderson (1960), Ann. Math. Stat. 31, 165-197; Hall (1997), J. Appl. Probab. 34",
    identifiability=(
        "theta trades off with a and t, and is told by the slow trials. Without a lapse, the "
        "slowest trial bounds it."
    ),
    shift="t",
    ceiling=MovingEnd("theta", _meeting_angle),
    log_survivor=first_passage_survivor.angle,
    log_cumulative=first_passage_cumulative.angle,
)

_SDV = (V, A, Z, T, THETA, SV)

ANGLE_SDV = Model(
    name="angle_sdv",
    parameters=_SDV,
    response_columns=("rt", "response"),
    choices=(-1, 1),
    likelihoods={"analytical": first_passage.angle_sdv},
    simulator=Passages(first_passage.angle_sdv, tuple(p.name for p in _SDV)),
    start=_start_angle_sdv,
    title="Diffusion with linearly collapsing bounds and drift variability",
    equation="as angle, with a drift of its own a trial: Normal(v, sv)",
    reference="Anderson (1960), Ann. Math. Stat. 31, 165-197; Tuerlinckx (2004)",
    identifiability=(
        "theta makes slow errors rarer, sv makes them more frequent: told apart by many trials "
        "with errors."
    ),
    shift="t",
    ceiling=MovingEnd("theta", _meeting_angle),
    log_survivor=first_passage_survivor.angle_sdv,
    log_cumulative=first_passage_cumulative.angle_sdv,
)

MODELS = (ANGLE, ANGLE_SDV)
