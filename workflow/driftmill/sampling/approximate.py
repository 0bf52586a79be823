"""Quick looks at a posterior: around its mode, or by the nearest Gaussian; no gate is asked."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from arviz_stats.base import array_stats

from driftmill.models.declaration import FloatArray
from driftmill.regression.lifted import Data
from driftmill.sampling.advi import fit_variational
from driftmill.sampling.mode import Mode
from driftmill.sampling.posterior import Posterior, Target
from driftmill.sampling.programs import Programs
from driftmill.sampling.settings import APPROXIMATE
from driftmill.sampling.start import NoStartError

#: Pareto k of the importance ratios above which a Gaussian is far from its posterior.
FAR = 0.7


def approximate_posterior(
    programs: Programs, data: Data, seed: np.random.SeedSequence
) -> Posterior:
    """Approximate one dataset's posterior by ``laplace``, ``advi`` or ``map``.

    Parameters
    ----------
    programs
        The compiled programs; their settings name the approximation.
    data
        The dataset.
    seed
        The dataset's own seed: its draws depend on nothing else.

    Returns
    -------
    Posterior
        Independent draws without diagnostics, its code ``approximate``; the message says how far
        the Gaussian is from the posterior: the Pareto k of the importance ratios (Yao et al.
        2018, arXiv 1802.02538), near it below 0.5, far from it above 0.7. Of ``map`` all draws
        are the mode.

    Notes
    -----
    The Gaussian lies in the whitened coordinates of the mode; that of ``laplace`` has their
    centre and scale. In a hierarchy the mode is that given typical sds of its groups.
    """
    settings, lifted = programs.settings, programs.lifted
    empty = Posterior(lifted.stored, data.coords, None, {}, None, "numeric_failure", 0, "")
    target = Target(programs, data)
    mode_seed, key_seed, draw_seed = seed.spawn(3)
    try:
        mode = target.mode(np.random.default_rng(mode_seed))
    except NoStartError as error:
        return replace(empty, message=str(error))
    shape = (settings.chains, settings.draws)
    if settings.sampler == "map":
        natural = target.natural(mode.positions(np.zeros((1, 1, lifted.dimension))))
        return _with_draws(empty, np.tile(natural, (*shape, 1)), "the mode alone")
    z = np.random.default_rng(draw_seed).standard_normal((*shape, lifted.dimension))
    if settings.sampler == "laplace":
        coordinates, note = z, ""
    else:
        key = jax.random.wrap_key_data(jnp.asarray(key_seed.generate_state(2)))
        found = fit_variational(programs.variational, data.arrays, mode, key)
        coordinates, note = found.coordinates(z), found.note
    notes = [_distance(target, mode, coordinates, z), *([note] if note else [])]
    return _with_draws(empty, target.natural(mode.positions(coordinates)), "; ".join(notes))


def _with_draws(empty: Posterior, draws: FloatArray, message: str) -> Posterior:
    """Return a posterior with its draws; without finite ones it stays a numeric failure."""
    if not np.all(np.isfinite(draws)):
        return replace(empty, message="draws are not finite")
    return replace(empty, draws=draws, code=APPROXIMATE, message=message)


def _distance(target: Target, mode: Mode, coordinates: FloatArray, z: FloatArray) -> str:
    """Say how far a Gaussian is from the posterior, from its draws and their normal numbers."""
    d = z.shape[-1]
    flat = jnp.asarray(coordinates.reshape(-1, d))
    args = (flat, target.data.arrays, mode.arrays)
    log_density = np.asarray(target.programs.whitened_densities(*args))
    ratios = log_density + 0.5 * np.sum(z.reshape(-1, d) ** 2, axis=-1)
    known = ratios[np.isfinite(ratios)]
    if len(known) < len(ratios) / 2:
        return "more than half of the draws have no density"
    # psislw takes minus the ratios, as leave-one-out has them; draws without density weigh least.
    _, k = array_stats.psislw(-np.where(np.isfinite(ratios), ratios, known.min()))
    return f"Pareto k {float(k):.2f}" + (", far from the posterior" if k > FAR else "")
