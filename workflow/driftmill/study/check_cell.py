"""Checks of a simulated cell against the catalogue: model, covariates, formulas, truths."""

from __future__ import annotations

from driftmill.models import Model, Parameter
from driftmill.simulation.truths import Grid, above_ceiling
from driftmill.study.check_covariates import check_covariates
from driftmill.study.check_deadlines import check_generator_deadline
from driftmill.study.check_fit import outside, unknown_parameter
from driftmill.study.check_generator import Coefficients, check_formulas
from driftmill.study.check_model import check_model
from driftmill.study.check_prior import check_prior
from driftmill.study.check_rows import Place
from driftmill.study.check_task import check_task
from driftmill.study.distribution import PriorSpec
from driftmill.study.models import known_model
from driftmill.study.problems import Problem, show, suggest
from driftmill.study.types import GridSpec, PriorTruth, SimulatedCell, TruthSpec


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
    wrong = check_model(file, place, cell.model)
    model = known_model(cell.model)
    if wrong or model is None:
        return [*wrong, *problems]
    wrong_covariates, covariates = check_covariates(file, place, cell)
    wrong_formulas, coefficients = check_formulas(file, place, cell, model, covariates)
    return [
        *problems,
        *check_task(file, place, cell, model),
        *check_generator_deadline(Place(file, place), cell, model),
        *wrong_covariates,
        *wrong_formulas,
        *_check_truths(file, f"{place}.truth", cell, model, coefficients),
    ]


def _check_truths(
    file: str, place: str, cell: SimulatedCell, model: Model, coefficients: Coefficients
) -> list[Problem]:
    """Return a problem for each truth that is missing, superfluous or impossible.

    Of a parameter whose formula cannot be evaluated nothing is said, nor of truths that are drawn
    from a fit's priors.
    """
    if isinstance(cell.truth, PriorTruth):
        return []
    needed: list[Parameter] = []
    for parameter in model.parameters:
        if parameter.name not in coefficients.broken:
            needed += coefficients.known.get(parameter.name, (parameter,))
    names = [parameter.name for parameter in needed]
    spared = tuple(f"{name}_" for name in coefficients.broken)
    problems = [
        _superfluous(file, place, name, spec, model, coefficients, names)
        for name, spec in cell.truths.items()
        if name not in (*names, *coefficients.broken) and not name.startswith(spared)
    ]
    for parameter in needed:
        at = f"{place}.{parameter.name}"
        if parameter.name in cell.truths:
            problems += _check_truth(file, at, cell.truths[parameter.name], parameter)
        elif parameter.held is None:
            message = f"the truth of {parameter.name} ({parameter.description}) is missing"
            remedy = (
                f"give a number inside {parameter.support}, {{grid: [...]}}, or a distribution, "
                f"e.g. {_example(parameter, model)}"
            )
            problems.append(Problem(file, at, "", message, remedy))
    numbers = {name: _points(spec) for name, spec in cell.truths.items()}
    above = above_ceiling(model, {name: Grid(x) for name, x in numbers.items() if x})
    if above is not None and model.ceiling is not None:
        at = f"{place}.{model.ceiling.parameter}"
        problems.append(Problem(file, at, "", above, "give values that keep this order"))
    return problems


def _points(spec: TruthSpec) -> tuple[float, ...]:
    """Return the numbers that a truth takes; none where it is drawn."""
    if isinstance(spec, PriorSpec):
        return ()
    return tuple(spec.grid) if isinstance(spec, GridSpec) else (spec,)


def _example(parameter: Parameter, model: Model) -> str:
    default = "its default prior " if parameter.name in model.parameter_names else ""
    return f"{default}{parameter.prior}"


def _superfluous(
    file: str,
    place: str,
    name: str,
    spec: TruthSpec,
    model: Model,
    coefficients: Coefficients,
    names: list[str],
) -> Problem:
    """Return the problem of a truth that nothing needs."""
    value = show(spec) if isinstance(spec, float) else str(spec.model_dump())
    if name in coefficients.known:
        labels = ", ".join(p.name for p in coefficients.known[name])
        message = f"{name} has a formula, so its truth is that of its coefficients"
        return Problem(file, f"{place}.{name}", value, message, f"take it out; give {labels}")
    if not coefficients.known and not coefficients.broken:
        return unknown_parameter(file, place, name, value, model)
    message = f"{name!r} is neither a parameter nor a coefficient or sd of the formulas"
    return Problem(file, f"{place}.{name}", value, message, suggest(name, names, "truths"))


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
