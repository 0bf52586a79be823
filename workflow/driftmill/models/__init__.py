"""The catalogue: every model driftmill knows, by name.

A family of models is one module with a tuple ``MODELS``; a new family is that
module and its name in ``_FAMILIES``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from driftmill.models import (
    diffusion,
    full_ddm,
    gamma_drift,
    lba,
    levy,
    linear_bounds,
    nonlinear_bounds,
    poisson_race,
    racing_diffusion,
    reflected_race,
    sequential,
    softmax,
)
from driftmill.models.declaration import Model, Parameter, Prior, SsmSimulator
from driftmill.models.named import find_named

__all__ = [
    "CATALOGUE",
    "Model",
    "Parameter",
    "Prior",
    "SsmSimulator",
    "get_model",
    "model_names",
]

_FAMILIES = (
    diffusion,
    full_ddm,
    linear_bounds,
    nonlinear_bounds,
    levy,
    gamma_drift,
    sequential,
    lba,
    racing_diffusion,
    reflected_race,
    poisson_race,
    softmax,
)

#: All models in the order of their families.
CATALOGUE: Mapping[str, Model] = MappingProxyType(
    {model.name: model for family in _FAMILIES for model in family.MODELS}
)


def model_names() -> tuple[str, ...]:
    """Return the names of all models, in catalogue order."""
    return tuple(CATALOGUE)


def get_model(name: str) -> Model:
    """Return the model called ``name``.

    Raises
    ------
    KeyError
        When there is none; the message names the nearest one.
    """
    return find_named("model", "models", CATALOGUE, name)
