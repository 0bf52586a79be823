"""How long each job of a plan works and what it holds in memory, retries of posteriors included."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate

from driftmill.sampling.settings import FIRST_TRY
from driftmill.study.batches import Batch
from driftmill.study.expand import Plan
from driftmill.study.network_costs import network_megabytes, network_seconds
from driftmill.study.networks import networks_of
from driftmill.study.plan import (
    free_parameters,
    seconds_of_fit,
    seconds_of_simulation,
    sizes_of_datasets,
)
from driftmill.study.solutions import solutions_of
from driftmill.study.unit_costs import Costs

#: Share of a batch's posteriors, but one at least, that may climb the whole ladder.
CLIMBING = 0.25
#: How many times the first try's steps an iteration on the ladder takes.
SMALLER_STEPS = 2.0
#: Seconds to read and sum up a posterior, and to go over one of a table's rows.
SUM_UP, TABLED = 0.3, 0.02
#: MB of compiling a log density, and of drawing the figures.
COMPILED, DRAWN = 1000.0, 2000.0
#: Copies of a batch's draws that a job holds, and bytes of a trial in a table.
COPIES, ROW = 4, 200


class Work:
    """The work of every job of a plan; a job is looked up, not counted anew.

    Parameters
    ----------
    plan
        What will be made; observed data are read for their sizes.
    costs
        What things cost on an ordinary machine.
    """

    def __init__(self, plan: Plan, costs: Costs | None = None) -> None:
        self._plan, self._study, self._costs = plan, plan.study, costs or Costs()
        self._batches = {(b.cell, b.label): b.datasets for b in plan.batches}
        self._first = dict(reversed(self._batches))
        self._sizes = sizes_of_datasets(plan)
        self._rows = {
            cell: list(accumulate((size.trials for size in sizes), initial=0))
            for cell, sizes in self._sizes.items()
        }
        self._summed = lru_cache(maxsize=None)(self._sum_posteriors)
        self._solved = lru_cache(maxsize=None)(self._count_solutions)
        self._made = {use.label: use for use in networks_of(plan.study) if use.made}
        self._free = {fit.name: free_parameters(fit) for fit in plan.study.fits}

    def seconds(self, step: str, wildcards: Mapping[str, str]) -> float:
        """Return the seconds of one core that a job takes, its start included."""
        costs, cell, fit = self._costs, wildcards.get("cell"), wildcards.get("fit")
        if "network" in wildcards:
            return costs.start + network_seconds(self._made[wildcards["network"]], costs)[step]
        if cell is None:
            many = sum(len(self._sizes[cell]) for cell, _ in self._plan.pairs)
            figures = costs.figures * len(self._plan.pairs) if step == "report" else 0.0
            return costs.start + figures + TABLED * many
        those = self._datasets(cell, wildcards.get("batch"))
        if step == "simulate":
            found = self._study.cell(cell)
            return costs.start + seconds_of_simulation(costs, found, Batch(cell, "", those))
        if fit is None:
            return costs.start + TABLED * len(those) * len(self._plan.fits_of(cell))
        compiling = costs.compile_solution if self._solved(cell, fit) else costs.compile
        return costs.start + compiling + self._of_fit(step, cell, fit, those)

    def megabytes(self, step: str, wildcards: Mapping[str, str]) -> float:
        """Return the MB that a job holds beside its program."""
        cell, fit = wildcards.get("cell"), wildcards.get("fit")
        if "network" in wildcards:
            return COMPILED + network_megabytes(self._made[wildcards["network"]])
        if cell is None:
            rows = sum(self._rows[cell][-1] for cell, _ in self._plan.pairs)
            return (DRAWN if step == "report" else 0.0) + rows * ROW / 1e6
        those = self._datasets(cell, wildcards.get("batch"))
        rows = self._rows[cell][those.stop] - self._rows[cell][those.start]
        if fit is None:
            return rows * ROW * len(self._plan.fits_of(cell)) / 1e6
        # Steps over all batches of a cell read one after the other.
        held = self._datasets(cell, wildcards.get("batch", self._first[cell]))
        return COMPILED + (rows * ROW + COPIES * self._bytes_of_draws(cell, fit, held)) / 1e6

    def _of_fit(self, step: str, cell: str, fit: str, those: range) -> float:
        """Return the seconds of what a job does with the posteriors of a fit."""
        costs, study, compare = self._costs, self._study, self._study.compare
        rows = self._rows[cell][those.stop] - self._rows[cell][those.start]
        share = study.sampling.chains * study.sampling.draws / 4000
        scored = costs.loo * share * rows / costs.trials
        drawn = costs.predictive * study.report.predictive.draws * rows / costs.trials
        fitted = self._fitted(cell, fit, those)
        refitted = CLIMBING * compare.refits * fitted
        match step:
            case "fit":
                return fitted
            case "loo":
                return scored * (1 + compare.moment_match / 10) + refitted
            case "integrate":
                return costs.integrals * scored + refitted
            case "fold":
                people = max(self._sizes[cell][n].participants for n in those)
                folds = compare.folds if isinstance(compare.folds, int) else people
                return folds * (fitted + costs.integrals * scored)
            case "future":
                return (compare.future.refits if compare.future else 1) * (fitted + scored)
            case "foresee":
                return drawn / len(those)
            case _:
                return SUM_UP * len(those) + 3 * scored + drawn

    def _fitted(self, cell: str, fit: str, those: range) -> float:
        """Return the seconds of posteriors of which some climb the ladder."""
        sums, sampling = self._summed(cell, fit), self._study.sampling
        once = sums[those.stop] - sums[those.start]
        first = sampling.warmup or FIRST_TRY["groups"].warmup
        climb = sum(rung.warmup + sampling.draws for rung in sampling.ladder)
        longer = SMALLER_STEPS * climb / (first + sampling.draws)
        seconds = once * (1 + longer * max(CLIMBING, 1 / len(those)))
        return min(seconds, (sampling.timeout or float("inf")) * len(those))

    def _sum_posteriors(self, cell: str, fit: str) -> list[float]:
        """Return the running sum of the seconds of a cell's posteriors, each at its first try."""
        costs, sampling, found = self._costs, self._study.sampling, self._study.fit(fit)
        solutions = self._solved(cell, fit)
        one, none = (Batch(cell, "", range(count)) for count in (1, 0))
        start = seconds_of_fit(costs, sampling, none, found, [], solutions)
        each = {
            size: seconds_of_fit(costs, sampling, one, found, [size], solutions) - start
            for size in dict.fromkeys(self._sizes[cell])
        }
        return list(accumulate((each[size] for size in self._sizes[cell]), initial=0.0))

    def _count_solutions(self, cell: str, fit: str) -> int:
        return solutions_of(self._study.cell(cell), self._study.fit(fit))

    def _bytes_of_draws(self, cell: str, fit: str, those: range) -> float:
        sampling, free = self._study.sampling, self._free[fit]
        largest = max((self._sizes[cell][n] for n in those), key=lambda size: size.participants)
        # Deviations are kept beside the multiples of their sd; ten numbers are the sampler's own.
        kept = free.of(largest) + free.each * largest.participants + 10
        return 8.0 * sampling.chains * sampling.draws * kept * len(those)

    def _datasets(self, cell: str, batch: str | None) -> range:
        return range(len(self._sizes[cell])) if batch is None else self._batches[cell, batch]
