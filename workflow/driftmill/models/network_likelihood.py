"""What a network gives of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from driftmill.models.declaration import LogDensity

#: The kind of likelihood that a network is.
KIND: Final = "approx_differentiable"


@dataclass(frozen=True)
class NetworkLikelihood:
    """The functions that a network takes the place of.

    Parameters
    ----------
    log_density, log_survivor, log_cumulative
        As a model has them; None: not known.
    beyond
        Tells of parameters by name whether they lie outside of the network's box.
    solved
        Parameters of which every distinct set takes an evaluation of the network of its own,
        that trials share; none where each trial takes one.
    """

    log_density: LogDensity
    log_survivor: LogDensity | None
    log_cumulative: LogDensity | None
    beyond: Callable[[Mapping[str, Any]], Any]
    solved: tuple[str, ...] = ()
