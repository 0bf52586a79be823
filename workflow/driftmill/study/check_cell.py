"""Checks of a simulated cell against the catalogue: model, truths, number of datasets."""

from __future__ import annotations

from driftmill.models import CATALOGUE, Parameter
from driftmill.study.check_fit import check_prior, outside, unknown_model, unknown_parameter
from driftmill.study.problems import Problem, show
from driftmill.study.types import GridSpec, PriorSpec, SimulatedCell, TruthSpec


def check_simulated(
    file: str, place: str, cell: SimulatedCell, *, recover: bool = True
) -> list[Problem]:
    """Return the problems of one simulated cell.

    Parameters
    ----------
    file
        The study file.
    place
        Where the cell stands, e.g. ``data[0]``.
    cell
        The cell.
    recover
        Whether the study asks for a recovery, which needs 2 datasets or more.
    """
    problems = []
    if recover and cell.datasets < 2:
        message = "a recovery needs at least 2 datasets"
        remedy = "give 2 or more (100 for a first look), or set recover: {enabled: false}"
        problems.append(Problem(file, f"{place}.datasets", show(cell.datasets), message, remedy))
    if cell.model not in CATALOGUE:
        return [unknown_model(file, place, cell.model), *problems]
    model = CATALOGUE[cell.model]
    for name, spec in cell.truth.items():
        if name not in model.parameter_names:
            value = spec if isinstance(spec, float) else str(spec.model_dump())
            problems.append(unknown_parameter(file, f"{place}.truth", name, value, model))
    for parameter in model.parameters:
        at = f"{place}.truth.{parameter.name}"
        if parameter.name in cell.truth:
            problems += _check_truth(file, at, cell.truth[parameter.name], parameter)
        else:
            message = f"the truth of {parameter.name} ({parameter.description}) is missing"
            remedy = (
                f"give a number inside {parameter.support}, {{grid: [...]}}, or a distribution, "
                f"e.g. its default prior {parameter.prior}"
            )
            problems.append(Problem(file, at, "", message, remedy))
    return problems


def _check_truth(file: str, at: str, spec: TruthSpec, parameter: Parameter) -> list[Problem]:
    if isinstance(spec, PriorSpec):
        return check_prior(file, at, spec, parameter)
    if isinstance(spec, GridSpec):
        return [
            outside(file, f"{at}.grid[{k}]", value, parameter)
            for k, value in enumerate(spec.grid)
            if not parameter.supports(value)
        ]
    return [] if parameter.supports(spec) else [outside(file, at, spec, parameter)]
