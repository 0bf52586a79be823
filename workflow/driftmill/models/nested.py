"""Priors of deviations from a common value, whose sd has a prior of its own."""

from __future__ import annotations

import math

from driftmill.models.declaration import Prior
from driftmill.models.priors import Distribution

#: Families that deviations may have: symmetric around ``mu``, with ``sigma`` for a scale.
DEVIATION_FAMILIES = ("Normal", "StudentT")


class DeviationPrior:
    """The prior of a term that varies over groups, e.g. ``Normal(mu=0, sigma=HalfNormal(...))``.

    Parameters
    ----------
    prior
        ``Normal`` or ``StudentT`` with ``mu`` 0 and a distribution for ``sigma``.

    Raises
    ------
    ValueError
        When it is none of these; the message says what it should be.
    """

    def __init__(self, prior: Prior) -> None:
        sigma = prior.args.get("sigma")
        if prior.name not in DEVIATION_FAMILIES:
            families = " or ".join(DEVIATION_FAMILIES)
            raise ValueError(f"{prior}: deviations of groups are {families} around 0")
        if not isinstance(sigma, Prior):
            raise ValueError(
                f"{prior}: sigma, the sd over groups, needs a prior of its own, e.g. "
                "Normal(mu=0, sigma=HalfNormal(sigma=0.5))"
            )
        if prior.args.get("mu") != 0.0:
            raise ValueError(
                f"{prior}: mu must be 0, since deviations are around the common term; give the "
                "mean to the prior of that term"
            )
        self.prior = prior
        #: The prior of the sd over groups.
        self.scale = Distribution(sigma, 0.0)
        self._standard = Distribution(Prior(prior.name, {**prior.args, "sigma": 1.0}))

    @property
    def sd(self) -> float:
        """Standard deviation over groups and over what their sd may be."""
        return math.hypot(self.scale.mean, self.scale.sd) * self._standard.sd
