"""Design matrices: columns, names and levels of a formula's coefficients, as Bambi has them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import formulae
import numpy as np
import pandas as pd
from formulae.environment import Environment
from numpy.typing import ArrayLike, NDArray

from driftmill.formulas.functions import NAMESPACE
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import INTERCEPT, FormulaError, GroupTerm
from driftmill.models.declaration import FloatArray

#: Labels of a variable's elements, one tuple a dim; none for a scalar.
Labels = tuple[tuple[str, ...], ...]


def element_labels(variable: str, labels: Labels) -> tuple[str, ...]:
    """Return a label an element, in C order: ``v_c[b]``; a scalar's is its variable's name."""
    if not labels:
        return (variable,)
    return tuple(f"{variable}[{', '.join(element)}]" for element in itertools.product(*labels))


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The coefficients of one term that all groups share.

    Parameters
    ----------
    variable
        Their name, e.g. ``v_x``.
    term
        The term's name, e.g. ``x``.
    levels
        Labels of the elements of a vector; None for a scalar.
    columns
        What they are multiplied by on every trial, shape (n, elements).
    """

    variable: str
    term: str
    levels: tuple[str, ...] | None
    columns: FloatArray

    @property
    def labels(self) -> Labels:
        """Labels of each of the variable's dims."""
        return () if self.levels is None else (self.levels,)


@dataclass(frozen=True, eq=False)
class Deviations:
    """The deviations of groups in one term.

    Parameters
    ----------
    variable
        Their name, e.g. ``v_x|participant_id``.
    term
        The term.
    groups
        Labels of the groups.
    levels
        Labels of the elements of each group's vector; None for a scalar.
    columns
        What a group's deviations are multiplied by on every trial, shape (n, elements).
    rows
        Which group a trial belongs to, shape (n,).
    """

    variable: str
    term: GroupTerm
    groups: tuple[str, ...]
    levels: tuple[str, ...] | None
    columns: FloatArray
    rows: NDArray[np.int64]

    @property
    def labels(self) -> Labels:
        """Labels of each of the variable's dims."""
        return (self.groups, *self.sd_labels)

    @property
    def sd(self) -> str:
        """Name of the deviations' standard deviation."""
        return f"{self.variable}_sigma"

    @property
    def sd_labels(self) -> Labels:
        """Labels of each dim of the standard deviation."""
        return () if self.levels is None else (self.levels,)


@dataclass(frozen=True, eq=False)
class DesignMatrix:
    """The linear predictor of a parameter over some trials, its coefficients left open.

    Parameters
    ----------
    regression
        The formula and its link.
    common
        What all groups share, in the formula's order.
    groups
        What varies over groups, in the formula's order.
    offset
        What is added with coefficient 1, shape (n,).
    """

    regression: Regression
    common: tuple[Coefficients, ...]
    groups: tuple[Deviations, ...]
    offset: FloatArray

    @property
    def labels(self) -> dict[str, Labels]:
        """Labels of each dim of every variable, standard deviations included."""
        return (
            {c.variable: c.labels for c in self.common}
            | {d.sd: d.sd_labels for d in self.groups}
            | {d.variable: d.labels for d in self.groups}
        )

    def predictor(self, values: Mapping[str, ArrayLike]) -> FloatArray:
        """Return the linear predictor of every trial.

        Parameters
        ----------
        values
            Coefficients and deviations by variable, shape (..., *dims): scalars, vectors over
            levels, groups, or groups times levels. Leading axes broadcast.

        Returns
        -------
        array
            Shape (..., n).
        """
        # Added up a column at a time: the same bits with any number of threads.
        eta = self.offset
        for common in self.common:
            coefficients = _vector(values[common.variable], common.levels)
            for j, column in enumerate(common.columns.T):
                eta = eta + coefficients[..., j, None] * column
        for group in self.groups:
            deviations = _vector(values[group.variable], group.levels)
            for j, column in enumerate(group.columns.T):
                eta = eta + deviations[..., group.rows, j] * column
        return eta

    def parameter(self, values: Mapping[str, ArrayLike]) -> FloatArray:
        """Return the parameter of every trial on its natural scale; see `predictor`."""
        return self.regression.link.inverse(self.predictor(values))


def _vector(values: ArrayLike, levels: tuple[str, ...] | None) -> FloatArray:
    """Return coefficients with their elements on the last axis."""
    array = np.asarray(values, dtype=np.float64)
    return array[..., None] if levels is None else array


def design_matrix(regression: Regression, data: pd.DataFrame) -> DesignMatrix:
    """Evaluate a formula on trials.

    Predictors are not centred; text is categorical, its first level in alphabetical order the
    reference; transforms such as ``scale(x)`` or ``bs(x, df=4)`` are those of these trials.

    Parameters
    ----------
    regression
        The formula.
    data
        One row a trial, with the columns that the formula needs.

    Raises
    ------
    FormulaError
        When a column is missing or has gaps, a term cannot be evaluated, or is constant.
    """
    missing = [name for name in regression.terms.columns if name not in data.columns]
    if missing:
        known = ", ".join(map(str, data.columns))
        raise FormulaError(f"{regression}: there is no column {', '.join(missing)}; known: {known}")
    # Bambi alone can evaluate these; formulae would give back the raw covariates.
    if any("hsgp(" in name for name in regression.terms.names):
        raise FormulaError(f"{regression}: hsgp terms cannot be evaluated here; bs(...) can")
    try:
        found: Any = formulae.design_matrices(
            regression.formula, data, "error", Environment([dict(NAMESPACE)])
        )
    except Exception as error:  # formulae raises bare exceptions of many kinds
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FormulaError(f"{regression}: cannot be evaluated: {first}") from error
    terms = found.common.terms.values() if found.common else ()
    offsets = [np.asarray(t.data, dtype=np.float64).reshape(-1) for t in terms if _is_offset(t)]
    return DesignMatrix(
        regression,
        tuple(_coefficients(regression, t) for t in terms if not _is_offset(t)),
        tuple(
            _deviations(regression, t) for t in (found.group.terms.values() if found.group else ())
        ),
        np.sum([np.zeros(len(data)), *offsets], axis=0),
    )


def _is_offset(term: Any) -> bool:
    return bool(term.kind == "offset")


def _columns(term: Any) -> FloatArray:
    data = np.asarray(term.data, dtype=np.float64)
    return data[:, None] if data.ndim == 1 else data


def _levels(term: Any, elements: int) -> tuple[str, ...] | None:
    """Return the labels that Bambi gives the elements of a term; None for a scalar."""
    kinds = [component.kind for component in getattr(term, "components", ())]
    if "categoric" in kinds:
        return tuple(str(level) for level in term.levels)
    return tuple(str(i) for i in range(elements)) if elements > 1 else None


def _coefficients(regression: Regression, term: Any) -> Coefficients:
    columns = _columns(term)
    if term.name != INTERCEPT and (columns == columns[0]).all():
        raise FormulaError(
            f"{regression}: the term {term.name} is constant over all trials, so it cannot be "
            "told from the intercept; give its covariate two values or more, or leave it out"
        )
    levels = _levels(term, columns.shape[1])
    return Coefficients(regression.variable(term.name), term.name, levels, columns)


def _deviations(regression: Regression, term: Any) -> Deviations:
    columns = _columns(term.expr)
    expr, _, factor = term.name.partition("|")
    return Deviations(
        regression.variable(term.name),
        GroupTerm(expr, factor),
        tuple(str(group) for group in term.groups),
        _levels(term.expr, columns.shape[1]),
        columns,
        np.asarray(term.factor.data).argmax(axis=1).astype(np.int64),
    )
