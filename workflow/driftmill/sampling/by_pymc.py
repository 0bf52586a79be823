"""One dataset by ``pm.sample`` on the same PyMC model, with any of its four NUTS samplers.

They know nothing of the mode, of the whitened coordinates or of the program that a batch shares,
so they check all three; each compiles every dataset anew.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pymc as pm
from numpy.typing import NDArray
from pymc.exceptions import SamplingError

from driftmill.models.declaration import FloatArray
from driftmill.regression.build import build_model
from driftmill.regression.lifted import Data
from driftmill.regression.panel import COUNTED
from driftmill.regression.variables import flatten, unflatten
from driftmill.sampling.posterior import Posterior, Target, judge
from driftmill.sampling.programs import Programs
from driftmill.sampling.rough import rough_values
from driftmill.sampling.runtime import import_jax_samplers
from driftmill.sampling.settings import Rung, SamplingSettings
from driftmill.sampling.start import NoStartError, prior_draw

#: Our names of the statistics that all four keep, to theirs.
STATS = ("diverging", "n_steps", "acceptance_rate", "energy", "step_size", "lp")
NUTPIE_STATS = {"acceptance_rate": "mean_tree_accept", "lp": "logp"}

Values = Mapping[str, FloatArray]


def sample_by_pymc(programs: Programs, data: Data, seed: np.random.SeedSequence) -> Posterior:
    """Sample one dataset's posterior by ``pm.sample``, one try a rung of the ladder.

    Parameters
    ----------
    programs
        The fit, and how it is sampled; of what is compiled only the density's value is used, to
        check where chains start.
    data
        The dataset.
    seed
        The dataset's own seed: its draws depend on nothing else.

    Returns
    -------
    Posterior
        Always; a failure is a code and a message, never an exception.
    """
    settings = programs.settings
    deadline = None if settings.timeout is None else time.monotonic() + settings.timeout
    stored = programs.lifted.stored
    best = Posterior(stored, data.coords, None, {}, None, "numeric_failure", 0, "")
    lifted = programs.lifted
    padded = COUNTED in data.columns
    model = build_model(lifted.spec, data.columns, padded, lifted.graphs.layout)
    _sort(model)
    import_jax_samplers()
    target = Target(programs, data)
    for index, (rung, rung_seed) in enumerate(
        zip(settings.rungs, seed.spawn(len(settings.rungs)), strict=True)
    ):
        if deadline is not None and time.monotonic() > deadline:
            return replace(best, code="timeout", message=f"took more than {settings.timeout:g} s")
        start_seed, draw_seed = rung_seed.spawn(2)
        try:
            starts = [_start(target, rung, s) for s in start_seed.spawn(settings.chains)]
            tree = _sample(model, [v.name for v in stored], starts, rung, settings, draw_seed)
        except (NoStartError, SamplingError, RuntimeError) as error:
            best = best if best.draws is not None else replace(best, message=str(error), rung=index)
            continue
        values = [tree["posterior"][v.name].to_numpy() for v in stored]
        draws = np.concatenate([x.reshape(*x.shape[:2], -1) for x in values], axis=-1)
        if not np.all(np.isfinite(draws)):
            best = replace(best, message="draws are not finite")
            continue
        stats = _statistics(tree, settings)
        best = judge(replace(best, draws=draws, stats=stats, rung=index), settings)
        if best.code != "not_converged":
            break
    return best


def _sort(model: pm.Model) -> None:
    """Put a model's variables in the order of their names.

    Bambi creates them in the order of a set, which changes from process to process, and the
    samplers hand out their random numbers in the model's order.
    """
    for variables in (model.free_RVs, model.deterministics):
        variables.sort(key=lambda variable: variable.name)


def _start(target: Target, rung: Rung, seed: np.random.SeedSequence) -> Values:
    """Return where a chain starts: rough values from the data, else a draw of the prior.

    All chains of a first try start alike: their paths part in the warm-up.
    """
    lifted = target.programs.lifted
    if rung.start == "mode":
        rough = rough_values(lifted.spec, target.data.columns, lifted.free)
        position = target.position(flatten(lifted.free, rough))
        if np.all(np.isfinite(position)) and target.finite(position):
            return rough
    drawn = prior_draw(lifted, np.random.default_rng(seed), target.position, target.finite)
    natural = unflatten(lifted.stored, target.natural(drawn[None, None]))
    return {variable.name: natural[variable.name][0, 0] for variable in lifted.free}


def _sample(
    model: pm.Model,
    names: Sequence[str],
    starts: Sequence[Values],
    rung: Rung,
    settings: SamplingSettings,
    seed: np.random.SeedSequence,
) -> Any:
    """Run ``pm.sample``; the samplers that take one seed alone take the first chain's."""
    with model:
        return pm.sample(
            draws=settings.draws,
            tune=rung.warmup,
            chains=settings.chains,
            cores=1,
            # nutpie takes one start for all chains.
            initvals=dict(starts[0]) if settings.sampler == "nutpie" else [dict(s) for s in starts],
            random_seed=[int(s) for s in seed.generate_state(settings.chains)],
            nuts_sampler=settings.sampler,
            var_names=list(names),
            progressbar=False,
            quiet=True,
            compute_convergence_checks=False,
            **_options(rung, settings),
        )


def _options(rung: Rung, settings: SamplingSettings) -> dict[str, Any]:
    """Return what each sampler calls the rung's settings, and what it needs besides.

    The likelihood is written in JAX, so its gradient is compiled by JAX for all four.
    """
    depth = settings.max_tree_depth
    nuts: dict[str, Any] = {"target_accept": rung.target_accept}
    if settings.sampler == "pymc":
        nuts |= {"max_treedepth": depth}
        return {"init": "adapt_diag", "compile_kwargs": {"mode": "JAX"}, "nuts": nuts}
    if settings.sampler == "nutpie":
        compiled = {"mode": "JAX", "gradient_backend": "jax", "jitter_rvs": set()}
        nuts |= {"maxdepth": depth, "adaptation": "low_rank"}
        return {"compile_kwargs": compiled, "nuts": nuts}
    nuts |= {"jitter": False}
    if settings.sampler == "numpyro":
        return {"nuts": nuts | {"max_tree_depth": depth, "chain_method": "sequential"}}
    # blackjax: chains side by side in one program; its other way needs a device a chain.
    return {"nuts": nuts | {"max_num_doublings": depth, "chain_method": "vectorized"}}


def _statistics(tree: Any, settings: SamplingSettings) -> dict[str, NDArray[Any]]:
    """Return the sampler's statistics by our names; blackjax does not tell its step size."""
    kept = tree["sample_stats"]
    theirs = {name: name for name in STATS}
    if settings.sampler == "nutpie":
        theirs |= NUTPIE_STATS
    found = {name: np.asarray(kept[their]) for name, their in theirs.items() if their in kept}
    found["n_steps"] = found["n_steps"].astype(np.int64)
    if settings.sampler == "numpyro":
        found["lp"] = -found["lp"]  # PyMC hands on the potential energy under this name.
    return found
