"""Leave-one-trial-out scores of one posterior, with what is done about trials whose k is bad."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import logsumexp

from driftmill.comparison.bridge import bridge
from driftmill.comparison.limits import Remedies
from driftmill.comparison.loo import Loo, loo_dataset, relative_efficiency
from driftmill.comparison.moment_match import moment_match
from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression.draws import flat_draws
from driftmill.regression.lifted import Arrays, Data, LiftedModel
from driftmill.regression.lifter import Lifter
from driftmill.regression.pointwise import PointwiseLikelihood, draws_at_once
from driftmill.regression.scored import scored_rows
from driftmill.sampling.refit import Refits
from driftmill.sampling.settings import PASSED, SamplingSettings
from driftmill.sampling.watch import Course
from driftmill.simulation.seeds import child


@dataclass(frozen=True, eq=False)
class _Case:
    """One dataset and its posterior; ``rows`` and ``values`` are of the trials that are scored."""

    lifted: LiftedModel
    data: Data
    columns: Columns
    rows: NDArray[np.int64]
    draws: FloatArray
    values: FloatArray

    @cached_property
    def lppd(self) -> FloatArray:
        """Log predictive density of each trial given all."""
        size = self.values.shape[0] * self.values.shape[1]
        return np.asarray(logsumexp(self.values, axis=(0, 1)) - np.log(size))

    @cached_property
    def r_eff(self) -> float:
        """Relative efficiency of the draws."""
        return relative_efficiency(self.draws)

    def only(self, trial: int) -> NDArray[np.bool_]:
        """Tell which of the dataset's rows is a trial."""
        return np.asarray(np.arange(len(self.columns["response"])) == self.rows[trial])


class TrialScores:
    """Leave out every trial of a posterior; mend what importance sampling cannot tell.

    Draws are moved where the trial leaves the support of the posterior as it is. One that bounds a
    parameter, such as the fastest response a non-decision time, does not: without it there is mass
    where no draw can be moved, and only a refit finds it. Posteriors that failed their gates, and
    approximations, are scored as they are.

    Parameters
    ----------
    lifter
        The lifted models of the fit.
    settings
        How its posteriors were sampled; refits are sampled and judged alike.
    remedies
        What is done about bad k.
    course
        Tells of long refits, and has them kept.
    """

    def __init__(
        self,
        lifter: Lifter,
        settings: SamplingSettings,
        remedies: Remedies,
        course: Course | None = None,
    ) -> None:
        self._lifter = lifter
        self._remedies = remedies
        self._likelihood = PointwiseLikelihood(lifter)
        self._refits = Refits(lifter, settings, course)
        self._programs: dict[int, tuple[Any, Any]] = {}

    def __call__(
        self,
        columns: Columns,
        posterior: xr.Dataset,
        dataset: int,
        code: str,
        seed: np.random.SeedSequence,
    ) -> Loo:
        """Score one dataset.

        Parameters
        ----------
        columns
            The dataset's columns.
        posterior
            Group ``posterior`` of a batch.
        dataset
            The dataset's number.
        code
            What became of its posterior.
        seed
            The dataset's own seed, for refits.

        Returns
        -------
        Loo
            With a value for each row that is scored.
        """
        lifted, data = self._lifter.of(columns)
        draws = flat_draws(lifted, data, posterior, dataset)
        rows = np.flatnonzero(scored_rows(lifted.spec, columns))
        values = self._likelihood.at(lifted, data, draws)[..., rows]
        case = _Case(lifted, data, columns, rows, draws, values)
        loo = loo_dataset(values, case.r_eff, not lifted.spec.model.has_rt)
        if code not in PASSED or len(rows) < 2:
            return loo
        if 0 < loo.n_bad_k <= self._remedies.moment_match:
            loo = self._matched(loo, case)
        if 0 < loo.n_bad_k <= self._remedies.refits:
            loo = self._refitted(loo, case, seed)
        return loo

    def _matched(self, loo: Loo, case: _Case) -> Loo:
        """Score trials with a bad k by moved draws where that makes it good."""
        to_positions, densities = self._programs_of(case.lifted)
        flat = jnp.asarray(case.draws.reshape(-1, case.draws.shape[-1]))
        positions = np.asarray(to_positions(flat, case.data.arrays))
        for trial in loo.bad.tolist():
            if not self._lifter.without(case.columns, case.only(trial)).bounded_like(case.data):
                continue
            row = int(case.rows[trial])
            evaluate = partial(_evaluate, densities, case.data.arrays, row)
            found = moment_match(positions, *evaluate(positions), evaluate, case.r_eff, loo.k_limit)
            if found is not None and found.pareto_k <= loo.k_limit:
                lppd = case.lppd[trial]
                loo = loo.mended(trial, found.elpd, lppd, found.pareto_k, "moment_match")
        return loo

    def _refitted(self, loo: Loo, case: _Case, seed: np.random.SeedSequence) -> Loo:
        """Score trials with a bad k by posteriors that have not seen them, if these converge."""
        for trial in loo.bad.tolist():
            own = child(seed, int(case.rows[trial]))
            refit = self._refits(case.columns, case.only(trial), own)
            if not refit.failed:
                elpd = bridge(refit.log_likelihood, case.values[..., trial])
                loo = loo.mended(trial, elpd, case.lppd[trial], np.nan, "refit")
        return loo

    def _programs_of(self, lifted: LiftedModel) -> tuple[Any, Any]:
        """Return programs from draws to positions, and from these to densities."""
        at_once = draws_at_once(lifted)

        def densities(positions: jax.Array, arrays: Arrays, row: Any) -> Any:
            def of_position(position: jax.Array) -> Any:
                return lifted.log_density(position, arrays), lifted.pointwise(position, arrays)[row]

            return jax.lax.map(of_position, positions, batch_size=at_once)

        made = jax.jit(jax.vmap(lifted.unconstrain, (0, None))), jax.jit(densities)
        return self._programs.setdefault(id(lifted), made)


def _evaluate(
    densities: Any, arrays: Arrays, row: int, positions: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the log posterior density and a row's log likelihood at positions."""
    density, likelihood = densities(jnp.asarray(positions), arrays, row)
    return np.asarray(density), np.asarray(likelihood)


def describe(loo: Loo) -> str:
    """Describe one dataset's result in a line of a log."""
    matched, refitted = (int(loo.scored_by(m).sum()) for m in ("moment_match", "refit"))
    text = f"elpd {loo.elpd.sum():.1f}, {loo.n_bad_k} bad k"
    if matched or refitted:
        text += f" left, {matched} mended by moment matching, {refitted} by refits"
    return text
