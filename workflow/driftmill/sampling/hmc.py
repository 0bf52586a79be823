"""Hamiltonian Monte Carlo with numbers of steps fixed beforehand, many chains side by side.

A GPU is fast at one thing done to many numbers, so the chains of many datasets go together, each
in a lane. NUTS would make them all wait for the deepest tree; here an iteration has as many
leapfrog steps in every lane (``driftmill.sampling.trajectories``).

The chains of a dataset share a step size, by dual averaging of their mean acceptance (Hoffman &
Gelman 2014, J. Mach. Learn. Res. 15:1593-1623, algorithm 5), and a mass matrix, by Stan's windows
of warm-up. Nothing is shared between datasets, nor does a draw depend on how many there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
from numpyro.infer.hmc_util import dual_averaging, welford_covariance

from driftmill.sampling.mode import position_of
from driftmill.sampling.nuts import PIECE
from driftmill.sampling.trajectories import Plan

#: The step size that dual averaging begins with.
FIRST_STEP: Final = 0.8
#: How strongly dual averaging holds step sizes back, four times as much as usual for one chain:
#: with the mean of a few chains it is quick enough, and it does not blow up rounding errors, by
#: which a posterior would depend on who goes beside it.
SHRINKAGE: Final = 0.2
#: Error of the energy from which a trajectory counts as divergent, as NUTS has it.
DIVERGENT: Final = 1000.0

WhitenedDensity = Callable[[Any, Any, Any], Any]


class State(NamedTuple):
    """The chains of one dataset and what they share; of all datasets with a first axis more.

    Parameters
    ----------
    z, potential, gradient
        Whitened coordinates (chain, d), minus their log density (chain,), its gradient (chain, d).
    keys
        Bits of the chains' random keys, shape (chain, 2).
    step_size, averaging
        Of the leapfrog steps, and the state of its dual averaging.
    scale, moments
        A square root of the inverse mass matrix, shape (d, d), or (d,) where it is diagonal, and
        the moments that the next one is made of.
    """

    z: Any
    potential: Any
    gradient: Any
    keys: Any
    step_size: Any
    averaging: Any
    scale: Any
    moments: Any


@dataclass(frozen=True)
class Lanes:
    """The compiled programs, for any number of datasets of one structure and any rung.

    Parameters
    ----------
    init
        ``(z, keys, data, mode)``, all by dataset, to a state.
    advance
        ``(state, plan of PIECE iterations, n, data, mode)`` to a state and the first n of
        ``PIECE`` records, shapes (PIECE, dataset, chain).
    """

    init: Callable[..., Any]
    advance: Callable[..., Any]


def build_lanes(log_density: WhitenedDensity, dense: bool) -> Lanes:
    """Compile (on first use) the programs for all datasets of one structure.

    Parameters
    ----------
    log_density
        ``(z, data, mode)`` to the log density of whitened coordinates.
    dense
        Whether the mass matrix of the whitened coordinates is dense or diagonal.
    """
    ss_init, ss_update = dual_averaging(gamma=SHRINKAGE)
    mm_init, mm_update, mm_final = welford_covariance(diagonal=not dense)

    def potential(z: Any, data: Any, mode: Any) -> Any:
        return -log_density(z, data, mode)

    slope = jax.value_and_grad(potential)

    def times(scale: Any, vector: Any) -> Any:
        return scale @ vector if dense else scale * vector

    def begin(z: Any, keys: Any, data: Any, mode: Any) -> State:
        d = z.shape[-1]
        energies, gradients = jax.vmap(slope, (0, None, None))(z, data, mode)
        step = jnp.full((), FIRST_STEP)
        scale = jnp.eye(d) if dense else jnp.ones(d)
        averaging = ss_init(jnp.log(step))
        return State(z, energies, gradients, keys, step, averaging, scale, mm_init(d))

    def trajectory(z: Any, energy: Any, slopes: Any, bits: Any, given: Any) -> Any:
        """One chain: leapfrog steps, then Metropolis; momenta are standard normal."""
        (state, plan, data, mode) = given
        key = jax.random.fold_in(jax.random.wrap_key_data(bits), plan.iteration)
        of_momentum, of_choice = jax.random.split(key)
        momentum = jax.random.normal(of_momentum, z.shape)
        start = energy + 0.5 * momentum @ momentum
        back, step = jnp.swapaxes(state.scale, 0, -1), state.step_size

        def leap(_: Any, at: Any) -> Any:
            z, momentum, _, slopes, _, worst = at
            momentum = momentum - 0.5 * step * times(back, slopes)
            z = z + step * times(state.scale, momentum)
            energy, slopes = slope(z, data, mode)
            momentum = momentum - 0.5 * step * times(back, slopes)
            error = energy + 0.5 * momentum @ momentum - start
            error = jnp.where(jnp.isnan(error), jnp.inf, error)
            return z, momentum, energy, slopes, error, jnp.maximum(worst, error)

        first = (z, momentum, energy, slopes, jnp.zeros(()), jnp.asarray(-jnp.inf))
        end, _, *there, error, worst = jax.lax.fori_loop(0, plan.steps, leap, first)
        acceptance = jnp.minimum(1.0, jnp.exp(-error))
        taken = jax.random.uniform(of_choice) < acceptance
        chosen = [
            jnp.where(taken, new, old)
            for new, old in zip((end, *there), (z, energy, slopes), strict=True)
        ]
        record = {
            "diverging": worst > DIVERGENT,
            "acceptance_rate": acceptance,
            "energy": jnp.where(taken, start + error, start),
        }
        return (*chosen, record)

    def adapted(state: State, plan: Plan, acceptance: Any) -> State:
        averaging = ss_update(plan.target - acceptance, state.averaging)
        now, average = averaging[:2]
        step = jnp.exp(jnp.where(plan.last, average, now))
        moments = jax.lax.cond(
            plan.collecting,
            lambda: jax.lax.fori_loop(
                0, len(state.z), lambda k, moments: mm_update(state.z[k], moments), state.moments
            ),
            lambda: state.moments,
        )
        kept = state._replace(step_size=step, averaging=averaging, moments=moments)

        def renewed() -> State:
            covariance = mm_final(moments, regularize=True)[0]
            scale = jnp.linalg.cholesky(covariance) if dense else jnp.sqrt(covariance)
            fresh = ss_init(jnp.log(step))
            return kept._replace(averaging=fresh, scale=scale, moments=mm_init(state.z.shape[-1]))

        found: State = jax.lax.cond(plan.closing, renewed, lambda: kept)
        return found

    def iterate(state: State, plan: Plan, data: Any, mode: Any) -> tuple[State, dict[str, Any]]:
        given = (state, plan, data, mode)
        per_chain = (0, 0, 0, 0, None)
        z, energy, slopes, record = jax.vmap(trajectory, per_chain)(
            state.z, state.potential, state.gradient, state.keys, given
        )
        used = state.step_size
        state = state._replace(z=z, potential=energy, gradient=slopes)
        acceptance = jnp.mean(record["acceptance_rate"])
        state = jax.lax.cond(plan.warming, lambda: adapted(state, plan, acceptance), lambda: state)
        position = jax.vmap(lambda z: position_of(z, mode)[0])(z)
        more = {"position": position, "lp": -energy, "step_size": jnp.full(len(z), used)}
        return state, record | more

    side_by_side = jax.vmap(iterate, (0, None, 0, 0))

    @jax.jit
    def advance(state: Any, plan: Any, n: Any, data: Any, mode: Any) -> Any:
        def at(k: Any) -> Any:
            return jax.tree.map(lambda values: values[k], plan)

        like = jax.eval_shape(side_by_side, state, at(0), data, mode)[1]
        records = {k: jnp.zeros((PIECE, *leaf.shape), leaf.dtype) for k, leaf in like.items()}

        def step(k: Any, carry: Any) -> Any:
            state, records = carry
            state, record = side_by_side(state, at(k), data, mode)
            return state, {name: records[name].at[k].set(record[name]) for name in records}

        return jax.lax.fori_loop(0, n, step, (state, records))

    return Lanes(jax.jit(jax.vmap(begin)), advance)
