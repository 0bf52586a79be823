"""From what a study says of a network to be trained to its design."""

from __future__ import annotations

from driftmill.models import Model
from driftmill.models.mixture_networks import check_box
from driftmill.models.reductions import reduction_of
from driftmill.networks.design import NetworkDesign
from driftmill.networks.training import Training
from driftmill.store.cards import shipped_cards
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
        When its box is not over the inputs of the model's networks.
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
    ours = [card for card in shipped_cards().values() if card.model == model.name]
    usual = dict(ours[0].box) if ours else {}
    box = usual | dict(section.box)
    if section.kind == "mixture":
        reduction = reduction_of(model)
        try:
            check_box(reduction, box, section.name)
        except ValueError as error:
            remedy = f"give an interval for each of {', '.join(reduction.inputs)}"
            raise DesignError(str(error), "box", remedy) from error
    return box
