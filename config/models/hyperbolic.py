"""Bounds that collapse as a hyperbola: a model from a boundary of one's own.

A study that has ``models: [config/models/hyperbolic.py]`` at its top can say ``model: hyperbolic``.
The density, its gradients and a simulator follow from the boundary. ``driftmill check STUDY
--trust`` checks them, ``snakemake --config study=STUDY trust=true`` runs the study, and ``driftmill
models --file config/models/hyperbolic.py`` lists the model.
"""

import math

from driftmill.models.extend import Parameter, Prior, diffusion_between, register


def boundary(s, a, k):
    """Return the upper bound ``s`` seconds after the start of the decision."""
    return a / (1.0 + s / k)


HALF_NORMAL = Prior("HalfNormal", {"sigma": 2.0})

register(
    diffusion_between(
        name="hyperbolic",
        boundary=boundary,
        parameters=(
            Parameter("a", 0.0, math.inf, HALF_NORMAL, "bound at the start", margin=0.02),
            Parameter("k", 0.1, math.inf, HALF_NORMAL, "seconds until half the bound is left"),
        ),
        title="Diffusion with bounds that collapse as a hyperbola",
        equation="dX = v ds + dW, bounds at -b(s) and b(s), b(s) = a / (1 + s / k)",
        reference="Frazier & Yu (2008), NIPS 20, have bounds that collapse, of no fixed form",
    )
)
