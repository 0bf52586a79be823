"""What a study will cost: jobs, time and disk, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from driftmill.formulas.terms import terms_of
from driftmill.regression.fit_spec import P_OUTLIER
from driftmill.regression.scored import is_scored
from driftmill.sampling.settings import values_of_posterior
from driftmill.study.batches import Batch
from driftmill.study.check_black_box import is_black_box
from driftmill.study.expand import Plan
from driftmill.study.learning_costs import learner_of
from driftmill.study.models import free_names, model_of
from driftmill.study.network_costs import longest_network, network_steps
from driftmill.study.networks import asks_for_network
from driftmill.study.observed import read_observed
from driftmill.study.options import Sampling
from driftmill.study.posterior_costs import posterior_seconds
from driftmill.study.solutions import solutions_of
from driftmill.study.statements import statements_of, written_of
from driftmill.study.step_costs import refit_steps, transform_step
from driftmill.study.types import Cell, Fit, ObservedCell, SimulatedCell
from driftmill.study.unit_costs import Costs, Freedom, Size


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


def sizes_of_datasets(plan: Plan) -> dict[str, list[Size]]:
    """Return the size of every dataset of every cell; reads observed data."""
    found = {}
    for cell in plan.study.data:
        if isinstance(cell, ObservedCell):
            found[cell.name] = [
                Size(int(is_scored(frame).sum()), max(1, frame["participant_id"].nunique()))
                for _, frame in read_observed(cell).groupby("dataset")
            ]
        else:
            size = Size(cell.participants * cell.trials, cell.participants)
            found[cell.name] = [size] * cell.datasets
    return found


def free_parameters(fit: Fit) -> Freedom:
    """Return how many numbers a fit estimates."""
    model = model_of(fit.model)
    terms = [terms_of(w.formula) for _, w in written_of(fit, model).values()]
    each = sum(len(t.groups) for t in terms)
    said = {s.parameter: s.said for s in statements_of(fit)}
    names = [*free_names(model, (*fit.free, *said))]
    names += [P_OUTLIER.name] if P_OUTLIER.name in said else []
    plain = sum(not isinstance(said.get(name), float | str) for name in names) - len(terms)
    return Freedom(plain + sum(len(t.common) for t in terms) + each, each)


def estimate(plan: Plan, costs: Costs | None = None) -> Estimate:
    """Return what a checked study will cost when every posterior passes at the first try."""
    costs = costs or Costs()
    study = plan.study
    sizes = sizes_of_datasets(plan)
    trials = {cell: [size.trials for size in each] for cell, each in sizes.items()}
    fits = [(b, study.fit(name)) for b in plan.batches for name in plan.fits_of(b.cell)]
    solutions = {p: solutions_of(study.cell(p[0]), study.fit(p[1])) for p in plan.pairs}
    fit_seconds = [
        seconds_of_fit(costs, study.sampling, b, fit, sizes[b.cell], solutions[b.cell, fit.name])
        for b, fit in fits
    ]
    figures = costs.start + costs.figures * len(plan.pairs)
    # Rules of the workflow: how many jobs, and seconds beyond their starts.
    steps: dict[str, tuple[int, float]] = {}
    simulated = [b for b in plan.batches if b.cell in plan.simulated]
    work = sum(seconds_of_simulation(costs, study.cell(b.cell), b) for b in simulated)
    steps |= network_steps(plan, costs)
    steps["simulate"] = (len(simulated), work)
    steps["read"] = (len(plan.batches) - len(simulated), 0.0)
    steps["fit"] = (len(fits), sum(fit_seconds) - costs.start * len(fits))
    steps["describe"] = (len(plan.pairs), 0.0)
    if plan.compared:
        rows = sum(sum(trials[cell]) for cell, _ in plan.pairs)
        draws = study.sampling.chains * study.sampling.draws
        steps["loo"] = (len(fits), costs.loo * draws / 4000 * rows / costs.trials)
        steps["compare"] = (len(plan.compared), 0.0)
        whole = [b for b, _ in fits if b.cell in plan.by_participant]
        rows = sum(sum(trials[cell]) for cell, _ in plan.pairs if cell in plan.by_participant)
        work = costs.integrals * costs.loo * rows / costs.trials
        steps["integrate"] = (len(whole), work)
        steps["compare_participants"] = (len(plan.by_participant), 0.0)
        again = {
            (b.cell, b.label, fit.name): seconds - costs.start
            for (b, fit), seconds in zip(fits, fit_seconds, strict=True)
        }
        steps |= refit_steps(plan, costs, sizes, again)
        steps["confuse"] = (int(bool(plan.confused)), 0.0)
    steps["estimate"] = (len(plan.pairs), 0.0)
    steps["edge"] = (len(plan.networked), 0.0)
    ranked = [b for b in plan.batches for pair in plan.calibrated if pair[0] == b.cell]
    work = sum(costs.compile + costs.rank * len(b.datasets) for b in ranked)
    steps["rank"] = (len(ranked), work)
    rows = sum(sum(trials[cell]) for cell, _ in plan.scaled)
    draws = study.sampling.chains * study.sampling.draws
    work = costs.loo * draws / 4000 * rows / costs.trials
    steps["scale"] = (sum(len(plan.batches_of(cell)) for cell, _ in plan.scaled), work)
    steps["recover"] = (int(bool(plan.recovered)), 0.0)
    steps["size"] = (int(bool(plan.sized)), 0.0)
    each = costs.predictive * study.report.predictive.draws / costs.trials
    timed = {fit.name for fit in study.fits if model_of(fit.model).has_rt}
    work = each * sum(sum(trials[cell]) for cell, fit in plan.predicted if fit in timed)
    steps["predict"] = (len(plan.predicted), work)
    steps["transform"] = transform_step(plan, costs, trials, timed)
    work = each * sum(trials[cell][0] for cell, fit in plan.foreseen if fit in timed)
    steps["foresee"] = (len(plan.foreseen), work)
    steps["publish"] = (int(bool(study.report.published)), 0.0)
    steps["sketch"] = (int(plan.sketched), 0.0)
    steps["provenance"] = (1, 0.0)
    steps["report"] = (1, figures - costs.start)
    steps = {step: found for step, found in steps.items() if found[0]}
    return Estimate(
        jobs={step: jobs for step, (jobs, _) in steps.items()},
        cpu_seconds={step: costs.start * jobs + more for step, (jobs, more) in steps.items()},
        longest=longest_network(plan, costs) + max(fit_seconds) + figures + 4 * costs.start,
        disk=_disk(plan, costs, sizes),
        trials={cell: sum(each) for cell, each in trials.items()},
    )


def seconds_of_fit(
    costs: Costs, sampling: Sampling, batch: Batch, fit: Fit, sizes: list[Size], solutions: int
) -> float:
    """Return the time of a job that fits a batch, its start included."""
    free, learning = free_parameters(fit), model_of(fit.model).learning
    those = [sizes[d] for d in batch.datasets]
    if is_black_box(fit):
        values = values_of_posterior(sampling.sampler, sampling.chains, sampling.draws, free.shared)
        return costs.start + costs.compile + costs.black_box * values * len(those)
    learner = None if learning is None else learner_of(learning)
    price = costs.densities.get(model_of(fit.model).decision.name, 1.0)
    price = costs.networks.density if asks_for_network(fit) else price

    def seconds(size: Size) -> float:
        gradient = None
        if learner is not None:
            gradient = costs.learning.gradient(learner, size.trials, size.participants)
        return posterior_seconds(costs, sampling, free, size, gradient, solutions, price)

    found = {size: seconds(size) for size in dict.fromkeys(those)}
    work = sum(found[size] for size in those)
    return costs.start + (costs.compile_solution if solutions else costs.compile) + work


def seconds_of_simulation(costs: Costs, cell: Cell, batch: Batch) -> float:
    """Return the time of simulating the datasets of a batch."""
    assert isinstance(cell, SimulatedCell)
    learning = model_of(cell.model).learning
    each = costs.simulate
    if learning is not None:
        each += costs.learning.simulation(learner_of(learning), cell.trials, cell.participants)
    return each * len(batch.datasets)


def _disk(plan: Plan, costs: Costs, sizes: Mapping[str, list[Size]]) -> float:
    sampling = plan.study.sampling
    draws = sampling.chains * sampling.draws
    free = {fit.name: free_parameters(fit) for fit in plan.study.fits}
    fitted = [(free[fit], size) for cell, fit in plan.pairs for size in sizes[cell]]
    # Deviations are kept beside the multiples of their sd.
    kept = [each.of(size) + each.each * size.participants for each, size in fitted]
    posteriors = draws * sum(n * costs.draw_bytes + costs.sample_bytes for n in kept)
    rows = sum(size.trials for each in sizes.values() for size in each)
    if plan.study.compare.enabled:
        rows += sum(size.trials for _, size in fitted)
    return posteriors + rows * costs.trial_bytes
