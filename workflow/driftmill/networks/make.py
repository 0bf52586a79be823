"""A network from its design: draw a training set, train, and measure on fresh parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from driftmill.models.declaration import Model
from driftmill.models.network import Kind, Network
from driftmill.networks import accuracy, corrections, mixture
from driftmill.networks.design import NetworkDesign
from driftmill.networks.training import Arrays, Keeper

#: Called with a line of progress.
Say = Callable[[str], None]


@dataclass(frozen=True)
class Maker:
    """The steps by which networks of one kind are made, each a function of its arguments alone.

    Parameters
    ----------
    draw
        The training set: arrays by name, as they can be kept in a file.
    fit
        A network trained with it, without accuracy or gates.
    check
        The network with its accuracy on fresh parameters, and its gates.
    """

    draw: Callable[[Model, NetworkDesign, Say], Arrays]
    fit: Callable[[Model, NetworkDesign, Arrays, Say, Keeper | None], Network]
    check: Callable[[Model, NetworkDesign, Network, Say], Network]


#: How networks of each kind are made.
MAKERS: dict[Kind, Maker] = {
    "mixture": Maker(mixture.draw_training_set, mixture.fit, accuracy.check),
    "correction": Maker(corrections.draw, corrections.fit, corrections.check),
}


def make(
    model: Model,
    design: NetworkDesign,
    say: Say = lambda _: None,
    keeper: Keeper | None = None,
) -> Network:
    """Make a network.

    Parameters
    ----------
    model
        The model that the design names, with its simulator or solver.
    design
        What to make.
    say
        Called with lines of progress.
    keeper
        Where the state of the training is kept; None: nowhere.

    Returns
    -------
    Network
        With its accuracy and gates, passed or not; the same to the bit for the same model and
        design on one machine.

    Raises
    ------
    ValueError
        When the design is of another model, of a kind that cannot be made, or has a box that is
        not one of the model's.
    """
    maker = maker_of(model, design)
    drawn = maker.draw(model, design, say)
    return maker.check(model, design, maker.fit(model, design, drawn, say, keeper), say)


def maker_of(model: Model, design: NetworkDesign) -> Maker:
    """Return the steps by which a design's network is made; ValueError where there are none."""
    if design.model != model.name:
        raise ValueError(f"network {design.name} is of {design.model}, not of {model.name}")
    if design.kind not in MAKERS:
        raise ValueError(
            f"network {design.name}: networks of kind {design.kind} are not made here but "
            f"{', '.join(MAKERS) or 'none'} are"
        )
    return MAKERS[design.kind]
