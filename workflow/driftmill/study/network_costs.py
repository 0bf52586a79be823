"""What making the networks of a study costs."""

from __future__ import annotations

import itertools
from pathlib import Path

from driftmill.study.expand import Plan
from driftmill.study.network_study import CELL, FIT, calibration_study
from driftmill.study.network_types import GivenNetwork, TrainedNetwork
from driftmill.study.networks import NetworkUse
from driftmill.study.rough_costs import rough_costs
from driftmill.study.unit_costs import Costs, Size

#: Numbers of a network beside its inputs and layers: the outputs of each component of a mixture.
_OUTPUTS = 3
#: Inputs of a network whose box is not said, about.
_INPUTS = 4


def network_seconds(use: NetworkUse, costs: Costs) -> dict[str, float]:
    """Return the seconds of the jobs that make a network, by step, beyond their starts."""
    section, each = use.section, costs.networks
    assert isinstance(section, TrainedNetwork | GivenNetwork)
    checked = each.check * section.checks + each.pictures
    told = {"check_network": checked, "export_network": costs.compile}
    if section.sbc is not None:
        study, size = calibration_study(section), Size(section.sbc.trials, 1)
        fitted = rough_costs(study, CELL, study.fit(FIT), size, costs).seconds + costs.rank
        told["calibrate_network"] = section.sbc.datasets * fitted + costs.compile
    if isinstance(section, GivenNetwork):
        return told | {"take_network": 0.0}
    trials = 1.1 * section.sets * section.draws
    drawn = trials * (each.trial if section.kind == "mixture" else each.target)
    wide = 2 * _OUTPUTS * section.components if section.kind == "mixture" else 1
    widths = (len(section.box) or _INPUTS, *section.layers, wide)
    products = sum(a * b for a, b in itertools.pairwise(widths))
    row = each.product * products
    if section.kind == "mixture":
        row += each.component * section.components * section.draws
    trained = section.steps * section.batch * row + costs.compile
    return told | {"draw_network": drawn, "train_network": trained}


def network_megabytes(use: NetworkUse) -> float:
    """Return the MB of the set that a network is trained with, and of copies of it."""
    section = use.section
    return 4 * 16e-6 * section.sets * section.draws if isinstance(section, TrainedNetwork) else 0.0


def network_steps(plan: Plan, costs: Costs) -> dict[str, tuple[int, float]]:
    """Return the steps of the networks that are still to be made: jobs, and seconds."""
    steps: dict[str, tuple[int, float]] = {}
    for use in _unmade(plan):
        for step, seconds in network_seconds(use, costs).items():
            if step != "export_network":
                jobs, sum_of = steps.get(step, (0, 0.0))
                steps[step] = (jobs + 1, sum_of + seconds)
    return {step: steps[step] for step in _ORDER if step in steps}


_ORDER = ("draw_network", "train_network", "take_network", "calibrate_network", "check_network")


def longest_network(plan: Plan, costs: Costs) -> float:
    """Return the seconds of the network that takes longest to make, its jobs' starts included."""
    each = [network_seconds(use, costs) for use in _unmade(plan)]
    return max(
        (sum(told[s] + costs.start for s in _ORDER if s in told) for told in each), default=0
    )


def _unmade(plan: Plan) -> list[NetworkUse]:
    """Return the networks whose cards are not there yet."""
    results = plan.paths.results
    return [use for use in plan.networks.values() if not Path(use.files(results)[0]).is_file()]
