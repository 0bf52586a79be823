"""Speed of driftmill beside others on the same data and models: see README.md in this folder."""

import argparse
import os
from collections.abc import Sequence

import numpy as np
from measure import BUILD, Run, furthest, run_driftmill, run_rival
from rich.console import Console
from rich.table import Table
from scenarios import SCENARIOS, Scenario

from driftmill.simulation.simulate import simulate_datasets
from driftmill.study.build import design_of
from driftmill.study.types import Study

#: Headings, and what stands below them of a run and its rival.
COLUMNS = {
    "": lambda run, rival: run.who,
    "datasets": lambda run, rival: f"{run.fits}",
    "wall s": lambda run, rival: f"{run.wall:.0f}",
    "CPU s": lambda run, rival: f"{run.cpu:.0f}",
    "smallest bulk ESS": lambda run, rival: f"{np.median(run.ess):,.0f} ({min(run.ess):,.0f})",
    "ESS a second": lambda run, rival: f"{run.ess_per_second:,.1f}",
    "times": lambda run, rival: f"{run.ess_per_second / rival.ess_per_second:,.1f}",
    "ESS a CPU second": lambda run, rival: f"{run.ess_per_cpu_second:,.1f}",
    "times (CPU)": lambda run, rival: f"{run.ess_per_cpu_second / rival.ess_per_cpu_second:,.1f}",
}


def compare(scenario: Scenario, batches: Sequence[int], rival_fits: int) -> Table:
    """Measure both sides on one scenario; without a rival the first run stands in for it."""
    count = max([*batches, rival_fits])
    study = Study.model_validate(scenario.study(count))
    trials, _ = simulate_datasets(design_of(study, scenario.name), range(count))
    runs = [run_driftmill(scenario, trials, fits) for fits in batches]
    if not scenario.rival:
        return table_of(scenario, runs, runs[0])
    rival = run_rival(scenario, trials, rival_fits)
    table = table_of(scenario, [*runs, rival], rival)
    table.caption = (
        f"The first dataset's posterior means differ by {furthest(runs[0], rival):.2f} posterior "
        "sds at most"
    )
    return table


def table_of(scenario: Scenario, runs: Sequence[Run], rival: Run) -> Table:
    """Lay the numbers out; a rival's cost of a fit is the same for any number."""
    title = f"{scenario.title}, {scenario.chains} chains x {scenario.draws:,} draws"
    table = Table(title=f"{title}, whole processes")
    for heading in COLUMNS:
        table.add_column(heading, justify="right")
    for run in runs:
        table.add_row(*(cell(run, rival) for cell in COLUMNS.values()))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SCENARIOS, nargs="+", default=list(SCENARIOS))
    parser.add_argument("--datasets", type=int, nargs="+", help="instead of the scenario's own")
    parser.add_argument("--rival-fits", type=int, help="instead of the scenario's own")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    print(f"load over the last minute: {os.getloadavg()[0]:.1f}", flush=True)
    console = Console(width=120)
    for scenario in (SCENARIOS[name] for name in options.only):
        batches = options.datasets or scenario.batches
        console.print(compare(scenario, batches, options.rival_fits or scenario.rival_fits))


if __name__ == "__main__":
    main()
