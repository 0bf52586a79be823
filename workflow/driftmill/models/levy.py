"""Diffusion with jumps: ``levy``, whose noise is alpha-stable."""

from __future__ import annotations

from driftmill.models import start
from driftmill.models.declaration import Columns, Model, Parameter, Prior, SsmSimulator
from driftmill.models.diffusion import A, T, V, Z
from driftmill.models.shipped import shipped
from driftmill.models.with_network import with_network

ALPHA = Parameter(
    "alpha",
    1.0,
    2.0,
    Prior("Uniform", {"lower": 1.0, "upper": 2.0}),
    "stability of the noise: 2 is Brownian, below it there are jumps, the more so the smaller",
    margin=0.05,
    typical=1.5,
)


def _start_levy(columns: Columns) -> dict[str, float]:
    values = start.diffusion(columns) | {"alpha": 1.5}
    return {name: values[name] for name in ("v", "a", "z", "alpha", "t")}


#: All but its log density, which is a network's.
LEVY = Model(
    name="levy",
    parameters=(V, A, Z, ALPHA, T),
    response_columns=("rt", "response"),
    choices=(-1, 1),
    likelihoods={},
    simulator=SsmSimulator("levy", stability="alpha"),
    start=_start_levy,
    title="Levy flight: diffusion with jumps",
    equation="dX = v ds + dL, L symmetric alpha-stable of scale 1, bounds at -a and a",
    reference="Voss, Lerche, Mertens & Voss (2019), Psychon. Bull. Rev. 26, 813-832",
    identifiability=(
        "alpha trades off with a: both say how long decisions take, and only the fastest and the "
        "slowest tell one from the other. 500 trials tell alpha to 0.1 near 2 and to 0.2 near 1."
    ),
    shift="t",
)

MODELS = (with_network(LEVY, shipped("levy")),)
