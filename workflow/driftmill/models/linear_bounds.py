"""Diffusions between linear bounds: ``angle``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftmill.likelihoods import first_passage
from driftmill.likelihoods.trigonometry import arctangent
from driftmill.models import start
from driftmill.models.declaration import Columns, Model, MovingEnd, Parameter, Prior, SsmSimulator
from driftmill.models.diffusion import A, T, V, Z

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
    shift="t",
    ceiling=MovingEnd("theta", _meeting_angle),
)

MODELS = (ANGLE,)
