"""How many numerical solutions a fit's log density takes: one a set of parameters."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from driftmill.formulas.terms import FormulaError, terms_of
from driftmill.models import Model
from driftmill.study.cell_data import observed_data, simulated_data
from driftmill.study.models import model_of
from driftmill.study.networks import asks_for_network
from driftmill.study.statements import statements_of, written_of
from driftmill.study.types import Cell, Fit, ObservedCell


def deciding_parts(fit: Fit, model: Model) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Return what of a fit gives values of their own to parameters that are solved for.

    Parameters
    ----------
    fit
        The fit.
    model
        Its model.

    Returns
    -------
    dict
        By parameter: where it stands in the fit, what it says, and the columns that it needs;
        without formulas that cannot be read.
    """
    solved = () if asks_for_network(fit) else model.decision.solved
    found: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    for name, (at, written) in written_of(fit, model).items():
        try:
            columns = terms_of(written.formula).columns
        except FormulaError:
            continue
        if name in solved and columns:
            found[name] = (at, f"{name} ~ {written.formula}", columns)
    for statement in statements_of(fit):
        if isinstance(statement.said, str) and statement.parameter in solved:
            found[statement.parameter] = (statement.at, statement.said, (statement.said,))
    return found


def deciding_columns(fit: Fit, model: Model) -> tuple[str, ...]:
    """Return the columns that tell on which solution a trial depends; none: all on one."""
    parts = deciding_parts(fit, model).values()
    return tuple(dict.fromkeys(name for _, _, columns in parts for name in columns))


def solutions_of(cell: Cell, fit: Fit) -> int:
    """Return how many solutions a fit takes on a dataset of a cell, the largest number of them.

    0: its density is not solved for numerically.
    """
    model = model_of(fit.model)
    if asks_for_network(fit) or not model.decision.solved:
        return 0
    columns = deciding_columns(fit, model)
    if not columns:
        return 1
    data = observed_data(cell) if isinstance(cell, ObservedCell) else simulated_data(cell)
    return max(count_sets(frame, columns) for _, frame in data.datasets)


def count_sets(trials: pd.DataFrame, columns: Sequence[str]) -> int:
    """Return how many sets of values there are in columns of the trials; 1 without any."""
    return len(trials[list(columns)].drop_duplicates()) if columns else 1
