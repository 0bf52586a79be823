"""The time that one posterior takes; imports nothing heavy."""

from __future__ import annotations

from driftmill.sampling.settings import FIRST_TRY
from driftmill.study.options import Sampling
from driftmill.study.unit_costs import Costs, Freedom, Size


def posterior_seconds(
    costs: Costs,
    sampling: Sampling,
    free: Freedom,
    size: Size,
    gradient: float | None = None,
    solutions: int = 0,
    price: float = 1.0,
) -> float:
    """Return the time of one posterior that passes its gates at the first try.

    Parameters
    ----------
    costs
        What single things cost.
    sampling
        Chains and iterations.
    free
        How many numbers the fit estimates.
    size
        The dataset's trials and participants.
    gradient
        Seconds of a gradient of a learning model; None for others.
    solutions
        How many numerical solutions the density takes.
    price
        How many times as much as that of the plain diffusion model a trial's density costs.
    """
    first = FIRST_TRY["groups" if free.each else "plain"]
    warmup = first.warmup if sampling.warmup is None else sampling.warmup
    iterations = sampling.chains * (warmup + sampling.draws)
    if gradient is not None or solutions:
        steps = costs.learning.steps(free.shared, free.each > 0)
        each = (gradient or 0.0) + solutions * costs.solution
        return costs.posterior + iterations * steps * each
    seconds = costs.posterior + costs.trial * price * size.trials
    harder = costs.groups if free.each else 1.0
    share = free.shared / costs.parameters
    return seconds * harder * share * iterations / costs.iterations
