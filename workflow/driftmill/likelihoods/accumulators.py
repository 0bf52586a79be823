"""What accumulators share that start uniformly in (0, A) and finish at ``b``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.logarithm import log, logaddexp
from driftmill.likelihoods.race import stacked
from driftmill.likelihoods.uniform_start import StartMeans


class Trial(NamedTuple):
    """The arguments in one shape, made safe: where ``early`` or ``impossible`` stand-ins."""

    early: Array
    impossible: Array
    time: Array
    A: Array
    gap: Array  # from the highest start to the threshold
    v: Array  # of every accumulator, first axis theirs

    def log_density(self, means: StartMeans, spread: Array) -> Array:
        """Return when each accumulator finishes, from averages over the start.

        Parameters
        ----------
        means
            Averages of the normal density, of each accumulator.
        spread
            The sd of the way travelled at the time of the trial.
        """
        ways = log(self.gap) + means.at_low, log(self.gap + self.A) + means.at_high
        return logaddexp(*ways) - log(spread * self.time)


def trial_of(
    rt: ArrayLike, A: ArrayLike, b: ArrayLike, drifts: Sequence[ArrayLike], t: ArrayLike
) -> Trial:
    """Return the arguments of a density; drifts may be any number."""
    rt, A, b, t, *each = stacked(rt, A, b, t, *drifts)
    time = rt - t
    early, flat = time <= 0, (A < 0) | (b <= A)
    time = jnp.where(early, 1.0, time)
    gap = jnp.where(flat, 0.5, b - A)
    return Trial(early, flat, time, jnp.where(flat, 0.5, A), gap, jnp.stack(each))
