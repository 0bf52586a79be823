"""Checks of which fit is applied to which cell."""

from __future__ import annotations

from collections.abc import Sequence

from driftmill.study.problems import Problem, show, suggest
from driftmill.study.types import Fit, Study


def check_names(file: str, cells: Sequence[str], fits: Sequence[tuple[int, Fit]]) -> list[Problem]:
    """Return a problem for each cell that a fit names and there is not.

    Parameters
    ----------
    file
        The study file.
    cells
        Names of the cells.
    fits
        The fits with their places in the file.
    """
    return [
        Problem(
            file,
            f"fits[{j}].cells[{k}]",
            show(name),
            f"there is no cell {name!r} that fit {fit.name!r} could be applied to",
            suggest(name, cells, "cells"),
        )
        for j, fit in fits
        for k, name in enumerate(fit.cells or ())
        if name not in cells
    ]


def check_unfitted(file: str, study: Study) -> list[Problem]:
    """Return a problem for each cell that no fit is applied to."""
    return [
        Problem(
            file,
            f"data[{i}].name",
            show(cell.name),
            f"no fit is applied to cell {cell.name!r}",
            "name it under the cells of a fit, or take it out",
        )
        for i, cell in enumerate(study.data)
        if not any(fit.applies_to(cell.name) for fit in study.fits)
    ]
