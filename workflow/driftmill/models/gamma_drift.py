"""Diffusions whose drift rises and falls: ``gamma_drift`` and ``gamma_drift_angle``."""

from __future__ import annotations

from driftmill.models import start
from driftmill.models.declaration import Columns, Model, Parameter, Prior, SsmSimulator
from driftmill.models.diffusion import A, T, V, Z
from driftmill.models.linear_bounds import ANGLE, THETA
from driftmill.models.shipped import shipped
from driftmill.models.with_network import with_network

SHAPE = Parameter(
    "shape",
    2.0,
    10.0,
    Prior("Uniform", {"lower": 2.0, "upper": 10.0}),
    "shape of the bump of the drift, which is highest after (shape - 1) scale seconds",
    typical=5.0,
)
SCALE = Parameter(
    "scale",
    0.01,
    1.0,
    Prior("Uniform", {"lower": 0.01, "upper": 1.0}),
    "scale of the bump of the drift in seconds",
)
C = Parameter(
    "c",
    -3.0,
    3.0,
    Prior("Uniform", {"lower": -3.0, "upper": 3.0}),
    "height of the bump of the drift, upwards",
)
_BUMP = {"shape": 3.0, "scale": 0.15, "c": 0.0}
_EQUATION = "dX = (v + c g(s)) ds + dW, g a gamma density over its maximum, "
_REFERENCE = "Fengler, Bera, Pedersen & Frank (2022), J. Cogn. Neurosci. 34, 1780-1805"
_TRADED = (
    "v and c trade off, and shape and scale: data tell the drift over the times in which decisions "
    "are made. Where c is near 0, shape and scale are not told at all."
)


def _start_gamma(columns: Columns) -> dict[str, float]:
    values = start.diffusion(columns) | _BUMP
    return {p.name: values[p.name] for p in (V, A, Z, T, SHAPE, SCALE, C)}


def _start_gamma_angle(columns: Columns) -> dict[str, float]:
    values = start.diffusion(columns)
    values |= _BUMP | {"theta": start.collapse(columns, values)}
    return {p.name: values[p.name] for p in (V, A, Z, T, THETA, SHAPE, SCALE, C)}


#: All but its log density, which is a network's.
GAMMA_DRIFT = Model(
    name="gamma_drift",
    parameters=(V, A, Z, T, SHAPE, SCALE, C),
    response_columns=("rt", "response"),
    choices=(-1, 1),
    likelihoods={},
    simulator=SsmSimulator("gamma_drift"),
    start=_start_gamma,
    title="Diffusion with a bump of the drift",
    equation=_EQUATION + "bounds at -a and a",
    reference=_REFERENCE,
    identifiability=_TRADED,
    shift="t",
)

#: All but its log density, which is a network's.
GAMMA_DRIFT_ANGLE = Model(
    name="gamma_drift_angle",
    parameters=(V, A, Z, T, THETA, SHAPE, SCALE, C),
    response_columns=("rt", "response"),
    choices=(-1, 1),
    likelihoods={},
    simulator=SsmSimulator("gamma_drift_angle"),
    start=_start_gamma_angle,
    title="Diffusion with a bump of the drift and linearly collapsing bounds",
    equation=_EQUATION + "bounds at -b(s) and b(s), b(s) = a - s tan(theta)",
    reference=_REFERENCE,
    identifiability=_TRADED + " So do theta and a.",
    shift="t",
    ceiling=ANGLE.ceiling,
)

MODELS = tuple(
    with_network(model, shipped(model.name)) for model in (GAMMA_DRIFT, GAMMA_DRIFT_ANGLE)
)
