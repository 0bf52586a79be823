"""Jobs and seconds of steps that go over every dataset again: refits, and LOO-PIT."""

from __future__ import annotations

from collections.abc import Mapping

from driftmill.prediction.extent import PIT_DRAWS, PIT_TRIALS, WHOLE
from driftmill.study.expand import Plan
from driftmill.study.unit_costs import Costs, Size


def refit_steps(
    plan: Plan,
    costs: Costs,
    sizes: Mapping[str, list[Size]],
    fitted: Mapping[tuple[str, str, str], float],
) -> dict[str, tuple[int, float]]:
    """Return the steps of the comparisons by refits: jobs, and seconds beyond their starts.

    ``fitted``: seconds of every fit by cell, batch and name. As many refits as may be are taken.
    """
    said = plan.study.compare
    work = {"fold": 0.0, "future": 0.0}
    jobs = dict.fromkeys(work, 0)
    for (cell, label, _), seconds in fitted.items():
        first = sizes[cell][plan.datasets(cell, label).start]
        if cell in plan.by_fold:
            folds = said.folds if isinstance(said.folds, int) else first.participants
            rows = sum(sizes[cell][n].trials for n in plan.datasets(cell, label))
            work["fold"] += folds * (seconds + costs.integrals * costs.loo * rows / costs.trials)
            jobs["fold"] += 1
        if cell in plan.by_future and said.future is not None:
            later = first.trials / first.participants - said.future.first
            work["future"] += seconds * min(said.future.refits, max(1, later / said.future.ahead))
            jobs["future"] += 1
    steps = {step: (jobs[step], work[step]) for step in work}
    steps["compare_folds"] = (len(plan.by_fold), 0.0)
    steps["compare_future"] = (len(plan.by_future), 0.0)
    return steps


def transform_step(
    plan: Plan, costs: Costs, trials: Mapping[str, list[int]], timed: set[str]
) -> tuple[int, float]:
    """Return how many jobs hold trials against the others' predictions, and their seconds."""
    work, jobs = 0.0, 0
    for cell, fit in plan.transformed:
        jobs += len(plan.batches_of(cell))
        for total in trials[cell][:WHOLE]:
            work += costs.loo * PIT_DRAWS / 4000 * total / costs.trials
            work += (
                (fit in timed)
                * costs.predictive
                * PIT_DRAWS
                * min(total, PIT_TRIALS)
                / costs.trials
            )
    return jobs, work
