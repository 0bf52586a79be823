"""One dataset by plain ``pm.sample`` on the same PyMC model: the cross-check of our sampler."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm

from driftmill.models.declaration import Columns
from driftmill.regression.build import build_model, variable_names
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.gates import diagnose
from driftmill.sampling.posterior import Posterior
from driftmill.sampling.settings import SamplingSettings

#: Our name of a statistic to PyMC's.
STATS = {
    "diverging": "diverging",
    "n_steps": "n_steps",
    "acceptance_rate": "acceptance_rate",
    "energy": "energy",
    "step_size": "step_size",
    "lp": "lp",
}


def sample_by_pymc(
    spec: FitSpec, columns: Columns, settings: SamplingSettings, seed: np.random.SeedSequence
) -> Posterior:
    """Sample one posterior by PyMC's own NUTS, one try a rung.

    The chains start at the model's data-driven values, since PyMC's default start
    (t = 1, say) may lie where the density is zero.
    """
    rough = spec.model.start(columns)
    variables = variable_names(spec)
    start = {variables[name]: rough[name] for name in spec.free_parameters}
    names = sorted(variables)
    outcome: Posterior | None = None
    for index, (rung, rung_seed) in enumerate(
        zip(settings.rungs, seed.spawn(len(settings.rungs)), strict=True)
    ):
        with build_model(spec, columns):
            tree: Any = pm.sample(
                draws=settings.draws,
                tune=rung.warmup,
                chains=settings.chains,
                cores=1,
                initvals=start,
                init="adapt_diag",
                target_accept=rung.target_accept,
                random_seed=[int(s) for s in rung_seed.generate_state(settings.chains)],
                progressbar=False,
                compute_convergence_checks=False,
                var_names=[variables[name] for name in names],
            )
        posterior = tree["posterior"]
        draws = np.stack([posterior[variables[name]].to_numpy() for name in names], axis=-1)
        stats = {ours: tree["sample_stats"][theirs].to_numpy() for ours, theirs in STATS.items()}
        diagnostics = diagnose(draws, stats, settings.max_tree_depth)
        failures = diagnostics.failures(settings.gates)
        code: Any = "not_converged" if failures else ("ok" if index == 0 else "retried_ok")
        outcome = Posterior(draws, stats, diagnostics, code, index, "; ".join(failures))
        if not failures:
            break
    assert outcome is not None
    return outcome
