"""What a dataset costs under a fit, by the study file alone: without the catalogue of models.

Tests hold what is said here against the plan's own estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from driftmill.sampling.settings import ON_GPU, PYMC_SAMPLERS, sampler_on, values_of_posterior
from driftmill.study.covariates import LevelsCovariate
from driftmill.study.learning import LearningModel
from driftmill.study.learning_costs import Learner
from driftmill.study.networks import asks_for_network
from driftmill.study.posterior_costs import posterior_seconds
from driftmill.study.rough_fit import PARAMETERS, RoughFormula, rough_formulas, rough_freedom
from driftmill.study.types import Fit, SimulatedCell, Study
from driftmill.study.unit_costs import Costs, Size

#: Parameters of which every set of values takes a numerical solution.
SOLVED: Mapping[str, tuple[str, ...]] = {
    "weibull": ("a", "z", "alpha", "beta"),
    "ornstein": ("v", "a", "z", "g"),
    **{
        f"race_no_bias_angle_{n}": tuple(
            p for p in PARAMETERS[f"race_no_bias_angle_{n}"] if p != "t"
        )
        for n in (2, 3, 4)
    },
}
#: How many times as many posteriors a GPU job has than one of a core that takes as long: chains go
#: side by side there, but modes are found on a core.
GPU_SPEED = 8.0
#: Learning models with a name: process and decision model.
LEARNING: Mapping[str, tuple[str, str]] = {
    "rlssm1": ("rescorla_wagner", "angle"),
    "rlssm2": ("rescorla_wagner_dual", "angle"),
    "hgf_softmax": ("hgf_binary", "softmax_inv_temperature_2"),
}


@dataclass(frozen=True)
class Rough:
    """What one dataset of a cell costs under one fit.

    Parameters
    ----------
    seconds
        Of one core, for its posterior.
    dearest
        For the dearest job that goes over the batch: the posterior, its scores, its refits.
    bytes
        Disk for its posterior.
    compile
        Seconds that a job takes before its first posterior.
    """

    seconds: float
    dearest: float
    bytes: float
    compile: float


def rough_costs(study: Study, cell: str, fit: Fit, size: Size, costs: Costs | None = None) -> Rough:
    """Return what a dataset costs.

    Parameters
    ----------
    study
        The study.
    cell
        A cell that the fit is applied to.
    fit
        The fit.
    size
        Trials and participants of a dataset.
    costs
        What single things cost.
    """
    costs = costs or Costs()
    sampling = study.sampling
    formulas = rough_formulas(fit)
    free = rough_freedom(fit)
    learner = _learner(fit.model)
    decision = fit.model if isinstance(fit.model, str) else fit.model.decision
    solutions = _solutions(study, cell, decision, fit, formulas, size)
    gradient = None
    if learner is not None:
        gradient = costs.learning.gradient(learner, size.trials, size.participants)
    compiling = costs.compile_solution if solutions else costs.compile
    if fit.likelihood == "blackbox":
        values = values_of_posterior(sampling.sampler, sampling.chains, sampling.draws, free.shared)
        seconds = costs.black_box * values
    else:
        price = costs.densities.get(decision, 1.0)
        price = costs.networks.density if asks_for_network(fit) else price
        seconds = posterior_seconds(costs, sampling, free, size, gradient, solutions, price)
    if sampling.sampler in PYMC_SAMPLERS:
        seconds += compiling
    # Refits go one after the other on a GPU as well.
    after = _after(study, cell, size, seconds, costs)
    beside = sampling.platform == "gpu" and sampler_on(sampling.sampler, "gpu") == ON_GPU
    side_by_side = beside and fit.likelihood != "blackbox"
    kept = free.of(size) + free.each * size.participants
    draws = sampling.chains * sampling.draws
    return Rough(
        seconds,
        max(seconds / GPU_SPEED if side_by_side else seconds, *after),
        draws * (kept * costs.draw_bytes + costs.sample_bytes),
        compiling,
    )


def _learner(model: str | LearningModel) -> Learner | None:
    if isinstance(model, str):
        if model not in LEARNING:
            return None
        process, decision = LEARNING[model]
    else:
        process, decision = model.learning, model.decision
    return Learner(process, decision, has_rt=not decision.startswith("softmax"))


def _solutions(
    study: Study,
    cell: str,
    decision: str,
    fit: Fit,
    formulas: Mapping[str, RoughFormula],
    size: Size,
) -> int:
    """Return how many sets of values of the parameters that are solved for a dataset has."""
    if asks_for_network(fit) or decision not in SOLVED:
        return 0
    words = [c for name, f in formulas.items() if name in SOLVED[decision] for c in f.columns]
    words += [v for n, v in fit.fixed.items() if n in SOLVED[decision] and isinstance(v, str)]
    found = study.cell(cell)
    known = found.covariates if isinstance(found, SimulatedCell) else {}
    sets = 1
    for word in dict.fromkeys(words):
        covariate = known.get(word)
        if word == "participant_id" or getattr(covariate, "per", None) == "participant":
            sets *= size.participants
        elif isinstance(covariate, LevelsCovariate):
            sets *= len(covariate.levels)
        else:
            sets *= 2
    return max(1, min(sets, size.trials // 2))


def _after(study: Study, cell: str, size: Size, seconds: float, costs: Costs) -> list[float]:
    """Return what the scores and refits of a dataset cost."""
    said = study.compare
    if not said.enabled:
        return [0.0]
    loo = costs.loo * study.sampling.chains * study.sampling.draws / 4000 * size.trials
    loo /= costs.trials
    found = [loo]
    several = size.participants > 1
    if said.participants and several:
        found.append(costs.integrals * costs.loo * size.trials / costs.trials)
    if said.folds and several:
        folds = said.folds if isinstance(said.folds, int) else size.participants
        found.append(folds * seconds)
    if said.future is not None and said.future.applies_to(cell):
        later = size.trials / size.participants - said.future.first
        found.append(seconds * min(said.future.refits, max(1.0, later / said.future.ahead)))
    return found
