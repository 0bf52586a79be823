"""Checks that what a study fixes or simulates lies where a fit's network was trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from driftmill.models.declaration import FloatArray, Model
from driftmill.models.network import Network, network_of
from driftmill.models.shipped import shipped
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_draws import prior_draws
from driftmill.simulation.generator import shared_rows
from driftmill.study.build import design_of, fit_spec_of
from driftmill.study.models import model_name
from driftmill.study.networks import NetworkUse
from driftmill.study.problems import Problem, show
from driftmill.study.types import Fit, PriorTruth, SimulatedCell, Study

#: Datasets of a cell whose truths are looked at, and draws of the priors beside fixed values.
MOST, DRAWS = 1000, 500
#: Kinds of networks beside which an exact density stands, which takes over.
EXACT_BEYOND = ("correction",)
Beyond = Callable[[Mapping[str, Any]], Any]


def check_box(
    file: str, number: int, study: Study, fit: Fit, use: NetworkUse, results: str
) -> list[Problem]:
    """Return the problems of values that lie beyond a network's box, where that can be told.

    Parameters
    ----------
    file
        The study file.
    number
        The fit's place in the study.
    study, fit
        The study and the fit, which have no other problems.
    use
        Its network.
    results
        The folder of all studies' results, where networks lie that were made before.
    """
    network = _known(use, results)
    if network is None or network.kind in EXACT_BEYOND:
        return []
    spec = fit_spec_of(study, study.data[0].name, fit.name, network)
    beyond = spec.model.beyond
    if beyond is None or spec.model.learning is not None:
        return []
    box = ", ".join(f"{name} in [{low:g}, {high:g}]" for name, (low, high) in network.box.items())
    held = dict(spec.fixed_numbers)
    if held and not spec.formulas and not spec.fixed_columns and _always(beyond, spec, held):
        message = f"lies beyond what network {network.name} was trained for, whatever the rest is"
        remedy = f"give values inside ({box}), or have a network trained over a larger box"
        return [Problem(file, f"fits[{number}].fixed", show(held), message, remedy)]
    problems = []
    for i, cell in enumerate(study.data):
        if not (isinstance(cell, SimulatedCell) and fit.applies_to(cell.name)):
            continue
        if cell.formulas or model_name(cell.model) != spec.model.name or spec.formulas:
            continue
        outside = _truths_beyond(beyond, spec.model, study, cell)
        if not outside:
            continue
        dataset, truth = outside[0]
        told = ", ".join(f"{name} = {value:.4g}" for name, value in truth.items())
        looked = min(cell.datasets, MOST)
        message = (
            f"{len(outside)} of {looked} datasets have truths beyond what network {network.name} "
            f"was trained for; the first, dataset {dataset}: {told}"
        )
        drawn = isinstance(cell.truth, PriorTruth)
        where = f"data[{i}].truth"
        remedy = f"{'give priors' if drawn else 'give truths'} inside ({box}), or have a network "
        remedy += "trained over a larger box"
        value = "prior" if drawn else show({n: str(x) for n, x in cell.truths.items()})
        problems.append(Problem(file, where, value, message, remedy))
    return problems


def _known(use: NetworkUse, results: str) -> Network | None:
    """Return a network whose files are there."""
    if use.section is None:
        return shipped(use.name)
    folder = use.folder(results)
    card, weights = (folder / name for name in ("card.json", "weights.npz"))
    if not (card.is_file() and weights.is_file()):
        return None
    return network_of(card.read_text(encoding="utf-8"), weights.read_bytes())


def _always(beyond: Beyond, spec: FitSpec, held: Mapping[str, float]) -> bool:
    """Tell whether fixed values lie beyond the box beside all draws of the other priors."""
    drawn = prior_draws(spec, {}, DRAWS, np.random.SeedSequence(1))
    values: dict[str, FloatArray] = {n: np.full(DRAWS, value) for n, value in held.items()}
    values |= {name: np.asarray(drawn[name]).reshape(-1) for name in spec.plain_parameters}
    own = {name: values[name] for name in spec.model.parameter_names}
    return bool(np.asarray(beyond(own)).all())


def _truths_beyond(
    beyond: Beyond, model: Model, study: Study, cell: SimulatedCell
) -> list[tuple[int, dict[str, float]]]:
    """Return the datasets whose truths lie beyond the box, with the truths."""
    design = design_of(study, cell.name)
    truths = []
    for dataset in range(min(cell.datasets, MOST)):
        rows = {name: value for _, name, value in shared_rows(design, dataset)}
        truths.append({name: rows[name] for name in model.parameter_names if name in rows})
    if not all(len(truth) == len(model.parameter_names) for truth in truths):
        return []
    columns = {n: np.array([truth[n] for truth in truths]) for n in model.parameter_names}
    outside = np.broadcast_to(np.asarray(beyond(columns)), len(truths))
    return [(number, truths[number]) for number in np.flatnonzero(outside).tolist()]
