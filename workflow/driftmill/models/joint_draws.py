"""Draws of several parameters of which one must stay below an end that others set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from driftmill.models.declaration import FloatArray, Model
from driftmill.models.priors import Distribution

#: Rounds of drawing anew, after which the priors are taken to leave no room.
_ROUNDS = 1000


def draw_allowed(
    model: Model,
    priors: Mapping[str, Distribution],
    streams: Mapping[str, np.random.Generator],
    n: int,
    given: Mapping[str, float],
) -> dict[str, FloatArray]:
    """Draw parameters from their priors, given that the model allows them together.

    Parameters
    ----------
    model
        The model; where its ceiling is set by other parameters, draws beyond it are drawn anew,
        of the parameters that have to do with it.
    priors
        Of each parameter.
    streams
        A source of random numbers for each parameter, whose first ``n`` make the first draws.
    n
        How many draws.
    given
        Values of parameters that are not drawn.

    Returns
    -------
    dict
        Arrays of shape (n,), by parameter.

    Raises
    ------
    ValueError
        When some draw is not allowed after a thousand rounds.
    """
    drawn = {name: prior.sample(streams[name], n) for name, prior in priors.items()}
    ceiling = model.ceiling
    if ceiling is None or not {ceiling.parameter, *ceiling.by} <= {*drawn, *given}:
        return drawn
    anew = [name for name in (ceiling.parameter, *ceiling.by) if name in drawn]
    for _ in range(_ROUNDS):
        beyond = np.flatnonzero(~np.broadcast_to(ceiling.allows({**given, **drawn}), n))
        if not beyond.size or not anew:
            return drawn
        for name in anew:
            drawn[name][beyond] = priors[name].sample(streams[name], beyond.size)
    raise ValueError(
        f"{' and '.join(anew)} as they are distributed hardly ever keep {ceiling.parameter} "
        f"below {', '.join(ceiling.by)}"
    )
