"""From what a study says of a network to be trained to its design."""

from __future__ import annotations

from driftmill.families import family_of
from driftmill.models import Model
from driftmill.models.mixture_networks import check_box
from driftmill.models.reductions import reduction_of
from driftmill.networks.design import NetworkDesign
from driftmill.networks.shipped_designs import DESIGNS
from driftmill.networks.training import Training
from driftmill.study.models import model_of
from driftmill.study.network_types import TrainedNetwork


class DesignError(ValueError):
    """A network cannot be as a study says.

    Parameters
    ----------
    message
        What is wrong.
    field
        What of the network is wrong.
    remedy
        What would be right.
    """

    def __init__(self, message: str, field: str, remedy: str) -> None:
        super().__init__(message)
        self.field, self.remedy = field, remedy


def network_design(section: TrainedNetwork) -> NetworkDesign:
    """Return the design of a network that is to be trained.

    Parameters
    ----------
    section
        What the study says of it, of a known model.

    Raises
    ------
    DesignError
        When its box is not over the inputs of the model's networks, or there are none of its kind.
    """
    model = model_of(section.model)
    training = Training(
        steps=section.steps,
        batch=section.batch,
        learning_rate=section.learning_rate,
        every=section.every,
        patience=section.patience,
        seed=section.seed,
    )
    return NetworkDesign(
        name=section.name,
        model=section.model,
        kind=section.kind,
        box=_box(section, model),
        layers=section.layers,
        components=section.components,
        sets=section.sets,
        draws=section.draws,
        checks=section.checks,
        training=training,
        seed=section.seed,
    )


def _box(section: TrainedNetwork, model: Model) -> dict[str, tuple[float, float]]:
    """Return the interval of every input: what the study says, else that of our own network."""
    ours = [
        d.box
        for d in DESIGNS
        if d.kind == section.kind and family_of(d.model) == family_of(model.name)
    ]
    usual = dict(ours[0]) if ours else {}
    if section.kind == "correction" and not ours:
        known = ", ".join(d.model for d in DESIGNS if d.kind == "correction")
        message = f"no correction of a closed form is known for {model.name}, but for {known}"
        raise DesignError(message, "kind", "take mixture, which learns from simulated trials")
    box = usual | dict(section.box)
    inputs = tuple(usual) if section.kind == "correction" else reduction_of(model).inputs
    unknown = [name for name in box if name not in inputs]
    try:
        if unknown:
            raise ValueError(f"networks of {model.name} have no input {unknown[0]!r}")
        if section.kind == "mixture":
            check_box(reduction_of(model), box, section.name)
    except ValueError as error:
        remedy = f"give an interval for each of {', '.join(inputs)}"
        raise DesignError(str(error), "box", remedy) from error
    return box
