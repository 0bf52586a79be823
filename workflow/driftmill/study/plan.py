"""What a study will cost: jobs, time and disk, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from driftmill.models import CATALOGUE
from driftmill.study.expand import Batch, Plan
from driftmill.study.observed import read_observed
from driftmill.study.options import Sampling
from driftmill.study.types import Fit, ObservedCell


@dataclass(frozen=True)
class Costs:
    """What things cost on one core of an ordinary machine.

    Parameters
    ----------
    start
        Seconds for a job to start, Snakemake and the imports included.
    compile
        Seconds to build and compile the log density of a batch the first time.
    posterior
        Seconds for one posterior of ``parameters`` free parameters on ``trials`` trials with
        ``iterations`` iterations (warm-up and draws of all chains). Longer in proportion.
    loo
        Seconds for the LOO of one such posterior.
    simulate
        Seconds to simulate one dataset.
    predictive
        Seconds to simulate one posterior predictive draw of ``trials`` trials.
    figures
        Seconds for the figures of one cell under one fit.
    draw_bytes, sample_bytes
        Disk for one draw: of each parameter, and of the sampler's own numbers.
    trial_bytes
        Disk for one trial, in the data and in each table of pointwise numbers.
    """

    start: float = 6.0
    compile: float = 6.0
    posterior: float = 1.2
    loo: float = 0.6
    simulate: float = 0.02
    predictive: float = 0.002
    figures: float = 10.0
    parameters: int = 4
    trials: int = 200
    iterations: int = 4 * (300 + 1000)
    draw_bytes: float = 7.7
    sample_bytes: float = 30.0
    trial_bytes: float = 20.0


@dataclass(frozen=True)
class Estimate:
    """What a study will cost.

    Parameters
    ----------
    jobs
        Jobs by step.
    cpu_seconds
        Seconds of one core by step.
    longest
        Seconds of the longest chain of jobs that must follow each other.
    disk
        Bytes of all artifacts.
    trials
        Trials of each cell, over all datasets.
    """

    jobs: Mapping[str, int]
    cpu_seconds: Mapping[str, float]
    longest: float
    disk: float
    trials: Mapping[str, int]

    def wall_seconds(self, cores: int) -> float:
        """Return the time that a machine with ``cores`` cores takes."""
        return max(sum(self.cpu_seconds.values()) / cores, self.longest)


def trials_of_datasets(plan: Plan) -> dict[str, list[int]]:
    """Return the number of trials of every dataset of every cell; reads observed data."""
    found = {}
    for cell in plan.study.data:
        if isinstance(cell, ObservedCell):
            found[cell.name] = [int(n) for n in read_observed(cell).groupby("dataset").size()]
        else:
            found[cell.name] = [cell.participants * cell.trials] * cell.datasets
    return found


def free_parameters(fit: Fit) -> int:
    """Return how many parameters a fit estimates."""
    return sum(name not in fit.fixed for name in CATALOGUE[fit.model].parameter_names)


def posterior_seconds(costs: Costs, sampling: Sampling, free: int, trials: int) -> float:
    """Return the time of one posterior that passes its gates at the first try."""
    iterations = sampling.chains * (sampling.warmup + sampling.draws)
    # Below some 50 trials the work between two trials dominates.
    size = max(trials, 50) / costs.trials
    return costs.posterior * size * free / costs.parameters * iterations / costs.iterations


def estimate(plan: Plan, costs: Costs | None = None) -> Estimate:
    """Return what a checked study will cost when every posterior passes at the first try."""
    costs = costs or Costs()
    study = plan.study
    trials = trials_of_datasets(plan)
    fits = [(b, fit) for b in plan.batches for fit in study.fits]
    fit_seconds = [_fit_seconds(costs, study.sampling, b, fit, trials[b.cell]) for b, fit in fits]
    figures = costs.start + costs.figures * len(plan.pairs)
    # Rules of the workflow: how many jobs, and seconds beyond their starts.
    steps: dict[str, tuple[int, float]] = {}
    simulated = [b for b in plan.batches if b.cell in plan.simulated]
    work = costs.simulate * sum(len(b.datasets) for b in simulated)
    steps["simulate"] = (len(simulated), work)
    steps["read"] = (len(plan.batches) - len(simulated), 0.0)
    steps["fit"] = (len(fits), sum(fit_seconds) - costs.start * len(fits))
    if plan.compared:
        rows = sum(sum(each) for each in trials.values()) * len(study.fits)
        draws = study.sampling.chains * study.sampling.draws
        steps["loo"] = (len(fits), costs.loo * draws / 4000 * rows / costs.trials)
        steps["compare"] = (len(plan.compared), 0.0)
        steps["confuse"] = (int(bool(plan.simulated)), 0.0)
    steps["estimate"] = (len(plan.pairs), 0.0)
    steps["recover"] = (int(bool(plan.recovered)), 0.0)
    each = costs.predictive * study.report.predictive.draws / costs.trials
    work = each * sum(sum(trials[cell]) for cell, _ in plan.predicted)
    steps["predict"] = (len(plan.predicted), work)
    steps["provenance"] = (1, 0.0)
    steps["report"] = (1, figures - costs.start)
    steps = {step: found for step, found in steps.items() if found[0]}
    return Estimate(
        jobs={step: jobs for step, (jobs, _) in steps.items()},
        cpu_seconds={step: costs.start * jobs + more for step, (jobs, more) in steps.items()},
        longest=max(fit_seconds) + figures + 4 * costs.start,
        disk=_disk(plan, costs, trials),
        trials={cell: sum(each) for cell, each in trials.items()},
    )


def _fit_seconds(
    costs: Costs, sampling: Sampling, batch: Batch, fit: Fit, trials: list[int]
) -> float:
    free = free_parameters(fit)
    work = sum(posterior_seconds(costs, sampling, free, trials[d]) for d in batch.datasets)
    return costs.start + costs.compile + work


def _disk(plan: Plan, costs: Costs, trials: Mapping[str, list[int]]) -> float:
    sampling = plan.study.sampling
    draws = sampling.chains * sampling.draws
    datasets = sum(len(each) for each in trials.values())
    rows = sum(sum(each) for each in trials.values())
    posteriors = sum(
        datasets * draws * (free_parameters(fit) * costs.draw_bytes + costs.sample_bytes)
        for fit in plan.study.fits
    )
    pointwise = len(plan.study.fits) if plan.study.compare.enabled else 0
    return posteriors + rows * costs.trial_bytes * (1 + pointwise)
