"""Checks that parameters of which each value takes a numerical solution have few values."""

from __future__ import annotations

from collections.abc import Sequence

from driftmill.models import Model
from driftmill.study.check_columns import Bench
from driftmill.study.models import model_of
from driftmill.study.networks import asks_for_network
from driftmill.study.problems import Problem
from driftmill.study.solutions import count_sets, deciding_columns, deciding_parts
from driftmill.study.types import Fit

#: Fewer trials a solution than this on average count as a solution a trial.
_FEWEST = 2.0


def check_driven(file: str, place: str, fit: Fit, model: Model) -> list[Problem]:
    """Return a problem for each parameter that learning drives and every value of which is solved.

    Parameters
    ----------
    file
        The study file.
    place
        Where the fit stands, e.g. ``fits[0]``.
    fit
        The fit.
    model
        Its model.
    """
    if model.learning is None or asks_for_network(fit):
        return []
    solved = set(model.decision.solved)
    problems = []
    for name in sorted(solved.intersection(model.learning.coupling.sets(model.decision))):
        message = f"learning drives {name}, of which each value takes a solution of its own"
        remedy = "take ddm, angle, weibull, or a race by lba or racing_diffusion"
        problems.append(Problem(file, f"{place}.model", model.name, message, remedy))
    return problems


def check_solved(bench: Bench, fits: Sequence[tuple[str, Fit]]) -> list[Problem]:
    """Return a problem for each fit that would take a solution for nearly every trial of a cell.

    Parameters
    ----------
    bench
        The cell's trials that the fits see.
    fits
        The fits, of known models, with their places, e.g. ``fits[0]``.
    """
    problems = []
    for place, fit in fits:
        model = model_of(fit.model)
        columns = deciding_columns(fit, model)
        if not columns or not set(columns) <= set(bench.rows):
            continue
        trials = sum(len(frame) for _, frame in bench.data.datasets)
        sets = sum(count_sets(frame, columns) for _, frame in bench.data.datasets)
        if sets * _FEWEST <= trials:
            continue
        name, (at, said, own) = max(
            deciding_parts(fit, model).items(),
            key=lambda part: count_sets(bench.rows, part[1][2]),
        )
        model_name, solved = model.decision.name, ", ".join(model.decision.solved)
        message = (
            f"the density of {model_name} is solved for numerically, about a millisecond for "
            f"every distinct set of {solved}; with {', '.join(own)} there are {sets} sets in "
            f"{trials} trials of cell {bench.cell.name!r}"
        )
        free = [p for p in model.parameter_names if p not in model.decision.solved]
        other = "angle" if len(model.decision.choices) == 2 else "racing_diffusion"
        remedy = (
            f"let {name} differ between participants or conditions only, give such formulas to "
            f"{' and '.join(free)}, take {other} in place of it, or a network "
            "(likelihood: approx_differentiable)"
        )
        problems.append(Problem(bench.file, f"{place}.{at}", said, message, remedy))
    return problems
