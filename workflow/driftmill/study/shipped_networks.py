"""The networks that come along, as a study would say them: to be made anew by the workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from driftmill.networks.design import NetworkDesign
from driftmill.networks.shipped_designs import DESIGNS
from driftmill.study.network_types import TrainedNetwork

#: Where they stand, relative to the project's root.
NETWORKS_FILE = Path("config/networks.yaml")
_HEAD = """\
# The networks that driftmill brings along, as they are trained; `make networks` makes them anew. To
# have one of your own, copy its lines into a study and change them. Written by
# `driftmill models --designs`.
"""

_DIFFUSION: Final = {
    "v": {"name": "Normal", "mu": 0, "sigma": 1.5},
    "a": {"name": "Gamma", "mu": 1.3, "sigma": 0.25},
    "z": {"name": "Beta", "alpha": 10, "beta": 10},
    "t": {"name": "Gamma", "mu": 0.4, "sigma": 0.1},
}
#: A bump whose time data can tell: its height and the drift trade off as it is.
_BUMP: Final = {
    "shape": {"name": "Uniform", "lower": 4, "upper": 6},
    "scale": {"name": "Uniform", "lower": 0.06, "upper": 0.14},
}
#: Where bound, start and collapse of a race trade off, posteriors would take minutes each.
_RACE: Final = {
    **{drift: {"name": "Gamma", "mu": 2.5, "sigma": 0.5} for drift in ("v0", "v1", "v2")},
    "a": {"name": "Gamma", "mu": 1.3, "sigma": 0.15},
    "z": {"name": "Beta", "alpha": 10, "beta": 30},
    "t": {"name": "Gamma", "mu": 0.4, "sigma": 0.05},
    "theta": {"name": "Uniform", "lower": 0.1, "upper": 0.5},
}
#: By network, the priors of its calibration: inside of its box, and decisions that end within 20 s.
CALIBRATION_PRIORS: Final[Mapping[str, Mapping[str, Any]]] = {
    "levy": {**_DIFFUSION, "alpha": {"name": "Uniform", "lower": 1.1, "upper": 1.95}},
    "gamma_drift": {**_DIFFUSION, **_BUMP},
    "gamma_drift_angle": {
        **_DIFFUSION,
        **_BUMP,
        "theta": {"name": "Uniform", "lower": 0, "upper": 0.6},
    },
    "full_ddm": {
        **_DIFFUSION,
        "sz": {"name": "Uniform", "lower": 0, "upper": 0.35},
        "sv": {"name": "Uniform", "lower": 0, "upper": 1.2},
        "st": {"name": "Uniform", "lower": 0, "upper": 0.3},
    },
    "weibull": {
        **_DIFFUSION,
        "alpha": {"name": "Uniform", "lower": 1, "upper": 4},
        "beta": {"name": "Uniform", "lower": 0.8, "upper": 3},
    },
    # A leak keeps walks from bounds that are far.
    "ornstein": {
        **_DIFFUSION,
        "a": {"name": "Gamma", "mu": 1.0, "sigma": 0.15},
        "g": {"name": "Uniform", "lower": -1, "upper": 1},
    },
    "race_no_bias_angle": _RACE,
}


def section_of(design: NetworkDesign) -> TrainedNetwork:
    """Return what a study says to have a design trained."""
    training = design.training
    return TrainedNetwork.model_validate(
        {
            "name": design.name,
            "model": design.model,
            "kind": design.kind,
            "box": design.box,
            "layers": design.layers,
            "components": design.components,
            "sets": design.sets,
            "draws": design.draws,
            "checks": design.checks,
            "steps": training.steps,
            "batch": training.batch,
            "learning_rate": training.learning_rate,
            "every": training.every,
            "patience": training.patience,
            "sbc": {"priors": CALIBRATION_PRIORS[design.name]},
            "seed": design.seed,
        }
    )


def designs_text(designs: Iterable[NetworkDesign] = DESIGNS) -> str:
    """Return designs as a file of networks, without what has its default."""
    said = [section_of(d).model_dump(mode="json", exclude_defaults=True) for d in designs]
    text = yaml.safe_dump({"networks": said}, sort_keys=False, default_flow_style=None, width=100)
    return _HEAD + text
