"""Checks of a study that need the catalogue of models or the data: all problems at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from driftmill.models import Model
from driftmill.models.registry import all_models
from driftmill.study.cell_data import observed_data, simulated_data
from driftmill.study.check_applied import check_names, check_unfitted
from driftmill.study.check_black_box import check_black_boxes
from driftmill.study.check_cell import check_simulated
from driftmill.study.check_columns import Bench, check_columns, needs_of
from driftmill.study.check_deadlines import check_scoring
from driftmill.study.check_fit import check_fit
from driftmill.study.check_future import check_future
from driftmill.study.check_learning import check_inputs
from driftmill.study.check_networks import check_boxes, check_networks
from driftmill.study.check_observed import check_observed
from driftmill.study.check_participants import check_participants
from driftmill.study.check_prior_truths import check_prior_truths
from driftmill.study.check_published import check_published
from driftmill.study.check_solved import check_solved
from driftmill.study.models import known_model, model_of
from driftmill.study.problems import Problem, show
from driftmill.study.types import Cell, Fit, ObservedCell, SimulatedCell, Study


@dataclass(frozen=True)
class Parts:
    """The parts of a study that could be read, with their places in the file.

    Parameters
    ----------
    data, fits
        Cells and fits.
    names
        Names of all cells, those that could not be read among them.
    compare, recover
        Whether these are enabled.
    """

    data: tuple[tuple[int, Cell], ...]
    fits: tuple[tuple[int, Fit], ...]
    names: tuple[str, ...]
    compare: bool = True
    recover: bool = True


def check_study(study: Study, path: Path | str, results: str = "results") -> list[Problem]:
    """Return every problem of a study whose file could be read.

    Parameters
    ----------
    study
        The study.
    path
        Its file, for the problems.
    results
        The folder of all studies' results, where networks lie that were made before.
    """
    parts = Parts(
        tuple(enumerate(study.data)),
        tuple(enumerate(study.fits)),
        tuple(cell.name for cell in study.data),
        study.compare.enabled,
        study.recover.enabled,
    )
    problems = [*check_parts(parts, str(path)), *check_unfitted(str(path), study)]
    problems += check_networks(str(path), study, results)
    return problems or [
        *check_black_boxes(str(path), study),
        *check_participants(str(path), study),
        *check_future(str(path), study),
        *check_published(str(path), study),
        *check_boxes(str(path), study, results),
    ]


def check_parts(parts: Parts, file: str) -> list[Problem]:
    """Return every problem of the parts of a study that could be read."""
    problems: list[Problem] = []
    fits = [(f"fits[{j}]", fit) for j, fit in parts.fits if known_model(fit.model) is not None]
    sound: list[tuple[str, Cell]] = []
    for i, cell in parts.data:
        at = f"data[{i}]"
        if isinstance(cell, ObservedCell):
            found = check_observed(file, at, cell, [fit for _, fit in _applied(cell, fits)])
        else:
            found = check_simulated(file, at, cell, recover=parts.recover)
        problems += found
        sound += [] if found else [(at, cell)]
    for j, fit in parts.fits:
        problems += check_fit(file, f"fits[{j}]", fit)
    problems += check_names(file, parts.names, parts.fits)
    for at, cell in sound:
        problems += _needs(file, at, cell, _applied(cell, fits))
        problems += check_scoring(file, cell, _applied(cell, fits), compare=parts.compare)
        if isinstance(cell, SimulatedCell):
            problems += check_prior_truths(file, at, cell, _applied(cell, fits))
    simulated = [c for _, c in parts.data if isinstance(c, SimulatedCell)]
    for place, fit in fits:
        cells = [c for c in simulated if fit.applies_to(c.name) and known_model(c.model)]
        problems += _mismatches(file, place, fit, cells)
    if parts.compare:
        problems += _incomparable(file, [cell for _, cell in parts.data], fits)
    return problems


def _applied(cell: Cell, fits: Sequence[tuple[str, Fit]]) -> list[tuple[str, Fit]]:
    """Return the fits that are applied to a cell, with their places."""
    return [(place, fit) for place, fit in fits if fit.applies_to(cell.name)]


def _needs(file: str, at: str, cell: Cell, fits: Sequence[tuple[str, Fit]]) -> list[Problem]:
    """Return the problems that fits have with the columns of a cell without problems."""
    learning = [(place, fit) for place, fit in fits if model_of(fit.model).learning is not None]
    if not learning and not any(needs_of(place, fit) for place, fit in fits):
        return []
    data = observed_data(cell) if isinstance(cell, ObservedCell) else simulated_data(cell)
    bench = Bench(file, at, cell, data, data.rows)
    others = [pair for pair in fits if pair not in learning]
    seen = bench if data.scored.rows.shape == data.rows.shape else bench.scored()
    # Learners go through all trials; what the others need is asked of those they see.
    problems = [*check_columns(seen, others), *check_columns(bench, learning)]
    problems += [] if problems else [*check_solved(seen, others), *check_solved(bench, learning)]
    return [*dict.fromkeys(problems), *check_inputs(bench, learning)]


def _mismatches(file: str, place: str, fit: Fit, cells: Sequence[SimulatedCell]) -> list[Problem]:
    """Return a problem for each cell whose data the model cannot speak about."""
    model, problems = model_of(fit.model), []
    for cell in cells:
        generator = model_of(cell.model)
        lacking = [c for c in model.response_columns if c not in generator.response_columns]
        if lacking:
            message = (
                f"needs the column {', '.join(lacking)}, which the data of cell {cell.name!r} lack "
                f"({generator.name} makes {', '.join(generator.response_columns)})"
            )
        elif unknown := [c for c in generator.choices if fit.recode.get(c, c) not in model.choices]:
            message = (
                f"knows the responses {_codes(model)}, but the data of cell {cell.name!r} have "
                f"{_codes(generator)} ({generator.name})"
            )
        elif len({fit.recode.get(c, c) for c in generator.choices}) < len(generator.choices):
            message = f"makes one code of two responses of cell {cell.name!r} ({generator.name})"
            remedy = f"give each of {_codes(generator)} a code of its own"
            problems.append(Problem(file, f"{place}.recode", show(fit.recode), message, remedy))
            continue
        else:
            continue
        fitting = ", ".join(m.name for m in all_models().values() if _fits(m, generator))
        remedy = f"fit one of {fitting}, or name the fit's cells: cells: [...]"
        if not lacking and len(generator.choices) <= len(model.choices):
            example = next(c for c in model.choices if c not in generator.choices)
            remedy += f"; or say which code is which: recode: {{{unknown[0]}: {example}}}"
        problems.append(Problem(file, f"{place}.model", model.name, message, remedy))
    return problems


def _fits(model: Model, generator: Model) -> bool:
    if model.learning is not None and generator.learning is None:
        return False
    return set(model.response_columns) <= set(generator.response_columns) and set(
        generator.choices
    ) <= set(model.choices)


def _codes(model: Model) -> str:
    return ", ".join(map(str, model.choices))


def _incomparable(
    file: str, cells: Sequence[Cell], fits: Sequence[tuple[str, Fit]]
) -> list[Problem]:
    """Return a problem for each fit that would be compared with fits that predict other columns."""
    alone: dict[str, Fit] = {}
    for cell in cells:
        here = _applied(cell, fits)
        if len({model_of(fit.model).response_columns for _, fit in here}) > 1:
            alone |= {place: fit for place, fit in here if not model_of(fit.model).has_rt}
    return [
        Problem(
            file,
            f"{place}.model",
            model_of(fit.model).name,
            f"fit {fit.name!r} predicts responses alone, others predict rt and response: "
            "their elpd cannot be compared",
            "apply it to other cells (cells: [...]), or set compare: {enabled: false}",
        )
        for place, fit in alone.items()
    ]
