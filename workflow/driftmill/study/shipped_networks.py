"""The networks that come along, as a study would say them: to be made anew by the workflow."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

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
            "seed": design.seed,
        }
    )


def designs_text(designs: Iterable[NetworkDesign] = DESIGNS) -> str:
    """Return designs as a file of networks, without what has its default."""
    said = [section_of(d).model_dump(mode="json", exclude_defaults=True) for d in designs]
    text = yaml.safe_dump({"networks": said}, sort_keys=False, default_flow_style=None, width=100)
    return _HEAD + text
