"""Link functions between a parameter's support and the line of its linear predictor."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from driftmill.formulas.names import LinkName, LinkSettings
from driftmill.models.declaration import FloatArray, Parameter


@dataclass(frozen=True)
class Link:
    """A link function on an interval.

    Parameters
    ----------
    name
        ``identity``; ``log``: log(x - lower); ``logit`` and ``gen_logit``:
        log((x - lower) / (upper - x)), the first on (0, 1).
    lower, upper
        Ends of the interval; ``identity`` has none.
    """

    name: LinkName
    lower: float = -math.inf
    upper: float = math.inf

    def forward(self, value: ArrayLike) -> FloatArray:
        """Return the linear predictor of a parameter, elementwise."""
        x = np.asarray(value, dtype=np.float64)
        if self.name == "identity":
            return x
        if self.name == "log":
            return np.asarray(np.log(x - self.lower))
        return np.asarray(logit((x - self.lower) / (self.upper - self.lower)))

    def inverse(self, eta: ArrayLike) -> FloatArray:
        """Return the parameter at a linear predictor, elementwise."""
        x = np.asarray(eta, dtype=np.float64)
        if self.name == "identity":
            return x
        if self.name == "log":
            return np.asarray(self.lower + np.exp(x))
        return np.asarray(self.lower + (self.upper - self.lower) * expit(x))

    def __str__(self) -> str:
        """Return the link as it is read aloud, e.g. ``gen_logit(-0.1, 1.4)``."""
        return (
            f"gen_logit({self.lower:g}, {self.upper:g})" if self.name == "gen_logit" else self.name
        )


def link_of(parameter: Parameter, name: LinkName) -> Link:
    """Return a parameter's link by its name.

    Raises
    ------
    ValueError
        When the link does not fit the parameter's support; the message says which do.
    """
    if name not in possible_links(parameter):
        raise ValueError(
            f"the link {name} does not fit {parameter.name}, whose support is "
            f"{parameter.support}; possible are {', '.join(possible_links(parameter))}"
        )
    return Link("identity") if name == "identity" else Link(name, parameter.lower, parameter.upper)


def possible_links(parameter: Parameter) -> tuple[LinkName, ...]:
    """Return the names of the links that a parameter may have."""
    if math.isfinite(parameter.lower) and math.isfinite(parameter.upper):
        unit = (parameter.lower, parameter.upper) == (0.0, 1.0)
        return ("identity", "logit", "gen_logit") if unit else ("identity", "gen_logit")
    return ("identity", "log") if math.isfinite(parameter.lower) else ("identity",)


def default_link(parameter: Parameter, settings: LinkSettings = "log_logit") -> Link:
    """Return the link of a parameter whose formula names none.

    By default the one that maps the line onto the support, so that no trial can leave it.
    """
    if settings == "identity" or possible_links(parameter) == ("identity",):
        return Link("identity")
    return link_of(parameter, possible_links(parameter)[1])
