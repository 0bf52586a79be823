"""The calibration of a network as a study: one fit through it, on data from the fit's priors."""

from __future__ import annotations

from typing import Final

from driftmill.network_names import KIND
from driftmill.study.network_types import GivenNetwork, TrainedNetwork
from driftmill.study.types import Study

CELL: Final = "from_priors"
FIT: Final = "network"


def calibration_study(section: TrainedNetwork | GivenNetwork) -> Study:
    """Return the study by which a network that asks for it is calibrated.

    Its one fit accepts the network unchecked, since the calibration is one of the checks.

    Parameters
    ----------
    section
        What a study says of the network, with ``sbc``.
    """
    said = section.sbc
    assert said is not None
    cell = {"name": CELL, "model": section.model, "truth": "prior"}
    fit = {"name": FIT, "model": section.model, "likelihood": KIND, "network": section.name}
    return Study.model_validate(
        {
            "study": section.name,
            "seed": section.seed,
            "data": [cell | {"trials": said.trials, "datasets": said.datasets}],
            "networks": [section],
            "fits": [fit | {"accept_unchecked": True, "priors": dict(said.priors)}],
            "sampling": {"chains": 2},
            "compare": {"enabled": False},
        }
    )
