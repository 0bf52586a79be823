"""The likelihood of all of a participant's trials, integrated over what is the participant's own.

Merkle, Furr & Rabe-Hesketh 2019, Psychometrika 84:802-829, equation 9. The integrals are taken by
importance sampling. A draw of the posterior brings deviations of its own, which are a draw of the
integrand itself; with these among the draws of the proposal, the inverse of an integral's estimate
is without bias (as in conditional sequential Monte Carlo: Andrieu, Doucet & Holenstein 2010, JRSS B
72:269), and the inverse is what leave-one-out takes means of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from driftmill.comparison.effects import Effects, effects_of
from driftmill.comparison.proposal import Proposal, fit_proposal
from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression.draws import flat_draws
from driftmill.regression.held_out import HeldOut
from driftmill.regression.lifted import Arrays, Data, LiftedModel
from driftmill.regression.lifter import Lifter
from driftmill.regression.pointwise import draws_at_once
from driftmill.regression.scored import scored_rows
from driftmill.simulation.seeds import child

#: Posterior draws of the shared parameters at which the integrals are taken.
DRAWS = 1000
#: Deviations drawn for an integral in one round, and rounds at most.
ROUND, ROUNDS = 32, 12
#: Effective draws that an integral needs; its logarithm then has an error of about 0.3.
ENOUGH = 12.0


@dataclass(frozen=True, eq=False)
class Integrals:
    """Log likelihoods of J participants at draws of the shared parameters.

    Parameters
    ----------
    participants
        Their labels.
    n_trials
        Trials of each, shape (J,).
    log_likelihood
        Shape (chain, draw, J); the inverse of the likelihood is without bias.
    log_mean
        The same with the likelihood itself without bias.
    effective
        Effective draws of each integral, shape (chain, draw, J); NaN where nothing varies over
        participants and there is nothing to integrate.
    shared
        The shared parameters, natural scale, shape (chain, draw, q).
    """

    participants: tuple[str, ...]
    n_trials: NDArray[np.int64]
    log_likelihood: FloatArray
    log_mean: FloatArray
    effective: FloatArray
    shared: FloatArray


class IntegratedLikelihood:
    """The integrated log likelihood of every participant, compiled once for a structure.

    Parameters
    ----------
    lifter
        The lifted models of the fit.
    """

    def __init__(self, lifter: Lifter) -> None:
        self._lifter = lifter
        self._sums: dict[tuple[int, int], Any] = {}
        self._positions: dict[int, Any] = {}

    def __call__(
        self,
        columns: Columns,
        participants: ArrayLike,
        posterior: xr.Dataset,
        dataset: int,
        seed: np.random.SeedSequence,
    ) -> Integrals:
        """Evaluate one dataset.

        Parameters
        ----------
        columns
            The dataset's columns, n trials.
        participants
            Whose each trial is.
        posterior
            Group ``posterior`` of a batch.
        dataset
            The dataset's number.
        seed
            The dataset's own seed.
        """
        lifted, data = self._lifter.of(columns)
        effects = effects_of(lifted, data, columns, participants)
        draws = flat_draws(lifted, data, posterior, dataset)
        kept = draws[:, thinned(*draws.shape[:2])]
        return self._integrals(lifted, data, columns, effects, draws, kept, seed, None)

    def left_out(
        self,
        held_out: HeldOut,
        refit: FloatArray,
        columns: Columns,
        participants: ArrayLike,
        posterior: xr.Dataset,
        dataset: int,
        seed: np.random.SeedSequence,
    ) -> Integrals:
        """Evaluate the participants of one dataset whose rows are held out, at a refit's draws.

        Given the shared parameters a participant's deviations are what they are whoever else was
        seen, so ``posterior``, of all participants, says where to look for them. Estimates of the
        likelihood are without bias, and those of its inverse are not: ``log_likelihood`` and
        ``log_mean`` are the same.

        Parameters
        ----------
        held_out
            The dataset with all rows of some participants held out.
        refit
            Draws of the free variables without them, natural scale, shape (chain, draw, d).
        columns, participants, posterior, dataset
            As for a call.
        seed
            Of these integrals alone.
        """
        lifted, data = held_out.lifted, held_out.whole
        effects = effects_of(lifted, data, columns, participants)
        draws = flat_draws(lifted, data, posterior, dataset)
        # Without a posterior of all, that of the others knows the distribution of deviations.
        draws = refit if np.isnan(draws).any() else draws
        kept = refit[:, thinned(*refit.shape[:2])]
        wanted = np.zeros(len(effects.participants), dtype=np.bool_)
        wanted[effects.rows[held_out.rows]] = True
        return self._integrals(lifted, data, columns, effects, draws, kept, seed, wanted)

    def _integrals(
        self,
        lifted: LiftedModel,
        data: Data,
        columns: Columns,
        effects: Effects,
        draws: FloatArray,
        kept: FloatArray,
        seed: np.random.SeedSequence,
        wanted: NDArray[np.bool_] | None,
    ) -> Integrals:
        """Integrate over what ``draws`` make likely, at ``kept``; of the ``wanted``, or all."""
        shape = (*kept.shape[:2], len(effects.participants))
        found = np.full((3, kept.shape[0] * kept.shape[1], shape[2]), np.nan)
        if not (np.isnan(draws).any() or np.isnan(kept).any()):
            found[:] = self._evaluate(lifted, data, effects, draws, kept, seed, wanted)
        n_trials = np.bincount(effects.rows[scored_rows(lifted.spec, columns)], minlength=shape[2])
        # Whoever has no trial that counts is not there for fits that do not learn.
        there = n_trials > 0 if wanted is None else wanted & (n_trials > 0)
        log_likelihood, log_mean, effective = (each.reshape(shape)[..., there] for each in found)
        return Integrals(
            tuple(np.array(effects.participants)[there].tolist()),
            n_trials[there],
            log_likelihood,
            log_mean,
            effective,
            kept[..., effects.shared],
        )

    def _evaluate(
        self,
        lifted: LiftedModel,
        data: Data,
        effects: Effects,
        draws: FloatArray,
        kept: FloatArray,
        seed: np.random.SeedSequence,
        wanted: NDArray[np.bool_] | None,
    ) -> FloatArray:
        """Return log likelihood, log mean and effective draws, shape (3, draws, J)."""
        flat = kept.reshape(-1, kept.shape[-1])
        owners = np.full(lifted.graphs.rows, len(effects.participants))
        owners[: data.n_trials] = effects.rows
        program = self._sum(lifted, len(effects.participants))

        def log_likelihood(naturals: FloatArray) -> FloatArray:
            sums = np.asarray(program(jnp.asarray(naturals), data.arrays, jnp.asarray(owners)))
            # Far out a likelihood may not be a number; there is no mass.
            return np.where(np.isnan(sums), -np.inf, sums)

        if not effects.some:
            sums = log_likelihood(flat)
            return np.stack([sums, sums, np.full_like(sums, np.nan)])
        every = draws.reshape(-1, draws.shape[-1])
        shared = self._shared(lifted, data, effects, every)
        proposal = fit_proposal(effects, shared, effects.deviations(every), effects.sds(every))
        shared = self._shared(lifted, data, effects, flat)
        found = []
        for k, natural in enumerate(flat):
            rng = np.random.default_rng(child(seed, k))
            found.append(_integrate(proposal, natural, shared[k], log_likelihood, rng, wanted))
        return np.stack(found, axis=1)

    def _sum(self, lifted: LiftedModel, people: int) -> Any:
        """Return the program from draws (k, d) to each participant's log likelihood (k, J)."""

        def of_draws(naturals: jax.Array, arrays: Arrays, owners: jax.Array) -> jax.Array:
            def of_draw(natural: jax.Array) -> jax.Array:
                each = lifted.pointwise(lifted.unconstrain(natural, arrays), arrays)
                # Rows that only pad the shape go to one place more.
                return jnp.zeros(people + 1).at[owners].add(each)[:people]

            at_once = draws_at_once(lifted)
            return jnp.asarray(jax.lax.map(of_draw, naturals, batch_size=at_once))

        return self._sums.setdefault((id(lifted), people), jax.jit(of_draws))

    def _shared(
        self, lifted: LiftedModel, data: Data, effects: Effects, flat: FloatArray
    ) -> FloatArray:
        """Return the shared parameters on the unconstrained scale, (k, q), of draws (k, d)."""
        made = jax.jit(jax.vmap(lifted.unconstrain, (0, None)))
        program = self._positions.setdefault(id(lifted), made)
        return np.asarray(program(jnp.asarray(flat), data.arrays))[:, effects.shared]


def thinned(chains: int, draws: int) -> NDArray[np.int64]:
    """Return which draws of each chain are taken: about ``DRAWS`` of all, evenly spread."""
    wanted = min(draws, -(-DRAWS // chains))
    return np.arange(wanted) * draws // wanted


def _integrate(
    proposal: Proposal,
    natural: FloatArray,
    shared: FloatArray,
    log_likelihood: Any,
    rng: np.random.Generator,
    wanted: NDArray[np.bool_] | None,
) -> FloatArray:
    """Integrate all participants' likelihoods at one draw, shape (3, J).

    Rounds are added until every integral that is wanted has draws enough. Where none is wanted more
    than others (None), the draw has seen them all: its own deviations are a draw of the integrand.
    """
    effects = proposal.effects
    sds = effects.sds(natural)
    weights = np.empty((0, len(effects.participants)))
    for _ in range(ROUNDS):
        deviations = proposal.draw(rng, shared, sds, ROUND)
        if wanted is None and not len(weights):
            deviations[0] = effects.deviations(natural)
        ratio = proposal.log_ratio(deviations, shared, sds)
        each = log_likelihood(effects.replace(natural, deviations)) + ratio
        weights = np.concatenate([weights, each])
        total = logsumexp(weights, axis=0)
        with np.errstate(invalid="ignore"):  # of a likelihood that is zero wherever it was tried
            effective = np.exp(2 * total - logsumexp(2 * weights, axis=0))
        effective = np.where(np.isfinite(total), effective, 0.0)
        if effective[... if wanted is None else wanted].min() >= ENOUGH:
            break
    mean = total - np.log(len(weights))
    if wanted is not None:
        return np.stack([mean, mean, effective])
    free = logsumexp(weights[1:], axis=0) - np.log(len(weights) - 1)
    return np.stack([mean, free, effective])
