"""Checks that no parameter which takes a solution of its own has a value of its own a trial."""

from __future__ import annotations

from driftmill.formulas.terms import INTERCEPT, FormulaError, terms_of
from driftmill.models import Model
from driftmill.study.problems import Problem
from driftmill.study.statements import statements_of, written_of
from driftmill.study.types import Fit


def check_solved(file: str, place: str, fit: Fit, model: Model) -> list[Problem]:
    """Return a problem for each parameter whose values would take a solution for every trial.

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
    solved = set(model.decision.solved)
    varying: dict[str, tuple[str, str]] = {}
    for name, (at, written) in written_of(fit, model).items():
        try:
            terms = terms_of(written.formula)
        except FormulaError:
            continue
        if terms.names != (INTERCEPT,):
            varying[name] = (at, f"{name} ~ {written.formula}")
    for statement in statements_of(fit):
        if isinstance(statement.said, str):
            varying[statement.parameter] = (statement.at, statement.said)
    problems = []
    for name in model.parameter_names:
        if name not in solved or name not in varying:
            continue
        at, shown = varying[name]
        free = [p for p in model.parameter_names if p not in solved]
        message = (
            f"the density of {model.decision.name} is solved for numerically, about half a "
            f"millisecond for every distinct set of {', '.join(model.decision.solved)}: {name} "
            "cannot differ from trial to trial or between participants"
        )
        other = "angle" if len(model.decision.choices) == 2 else "racing_diffusion"
        remedy = f"give formulas to {' and '.join(free)} only, or take {other} in place of it"
        problems.append(Problem(file, f"{place}.{at}", shown, message, remedy))
    if model.learning is not None:
        driven = set(model.learning.coupling.sets(model.decision)) & solved
        for name in sorted(driven):
            message = f"learning drives {name}, of which each value takes a solution of its own"
            remedy = "take ddm, angle, weibull, or a race by lba or racing_diffusion"
            problems.append(Problem(file, f"{place}.model", model.name, message, remedy))
    return problems
