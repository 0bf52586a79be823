"""Checks of a formula on data: its groups, the size of its covariates, what its terms mean."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from driftmill.formulas.defaults import COMMON, GROUP_SPECIFIC, own_value_term
from driftmill.formulas.design import Coefficients, DesignMatrix, design_matrix
from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import INTERCEPT, FormulaError
from driftmill.models.declaration import FloatArray
from driftmill.study.statements import Written

#: Sds of a covariate that the default priors of slopes are meant for.
_SMALL, _LARGE = 0.05, 20.0
_MATRIX = "change the formula, or the column in the data"
_OWN_PRIOR = "or give it a prior of its own"


class Fault(NamedTuple):
    """What is wrong with a formula on the data of one dataset.

    Parameters
    ----------
    term
        The term, empty for the formula as a whole.
    message, remedy
        What is wrong, and what would be right.
    """

    term: str
    message: str
    remedy: str


def faults_of(
    parameter: str, written: Written, frame: pd.DataFrame, *, scales: bool
) -> Iterator[Fault]:
    """Find what is wrong with a formula on the trials of one dataset.

    Parameters
    ----------
    parameter
        The parameter that it is on.
    written
        The formula, which can be read.
    frame
        The trials, with all columns that the formula needs.
    scales
        Whether covariates are looked at that are too small or too large for default priors.
    """
    regression = Regression(parameter, written.formula, Link("identity"))
    try:
        # Formulae prints what it raises as well.
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            design = design_matrix(regression, frame)
    except FormulaError as error:
        yield Fault("", str(error).removeprefix(f"{regression}: "), _MATRIX)
        return
    yield from _not_finite(design)
    yield from _lonely_groups(design)
    if INTERCEPT not in regression.terms.common:
        yield from _own_values(design, written)
    if scales:
        yield from _sizes(design, written)


def _not_finite(design: DesignMatrix) -> Iterator[Fault]:
    columns = {common.term: common.columns for common in design.common}
    columns |= {group.term.name: group.columns for group in design.groups}
    for term, values in columns.items():
        strange = int((~np.isfinite(values)).any(axis=1).sum())
        if strange:
            message = f"{term} is no finite number on {strange} of {len(values)} trials"
            yield Fault(term, message, _MATRIX)


def _lonely_groups(design: DesignMatrix) -> Iterator[Fault]:
    for factor in design.regression.terms.factors:
        group = next(g for g in design.groups if g.term.factor == factor)
        most = int(np.bincount(group.rows, minlength=1).max())
        if len(group.groups) < 2:
            message = f"{factor} has one member ({group.groups[0]}), so its sd cannot be known"
            remedy = "give 2 members or more, or leave the groups out of the formula"
            if factor == "participant_id":
                remedy = (
                    "let a dataset hold all participants (without dataset_by, or with "
                    "participants: 2 or more), or leave the groups out of the formula"
                )
            yield Fault(factor, message, remedy)
        elif most < 2:
            message = f"no member of {factor} has 2 trials, so their deviations are noise"
            remedy = "leave the groups out of the formula"
            yield Fault(factor, message, remedy)


def _has_default(term: str, written: Written) -> bool:
    return term not in written.priors and COMMON not in written.priors


def _own_values(design: DesignMatrix, written: Written) -> Iterator[Fault]:
    """Find terms whose default prior is one of values where they are slopes, or the reverse."""
    values = own_value_term(design.regression.terms)
    for common in design.common:
        if not _has_default(common.term, written):
            continue
        if common.term == values and not _is_coded(common):
            message = (
                f"without an intercept {common.term}, which is numeric, would have the prior that "
                "is meant for the values of a parameter"
            )
            remedy = f"add an intercept (1 + {written.formula}), {_OWN_PRIOR}"
            yield Fault(common.term, message, remedy)
        elif common.term != values and _is_coded(common):
            message = (
                f"without an intercept the levels of {common.term} are values of the parameter, "
                "but would have the prior that is meant for differences"
            )
            remedy = f"write {common.term} as the first term, {_OWN_PRIOR}"
            yield Fault(common.term, message, remedy)


def _is_coded(common: Coefficients) -> bool:
    """Tell whether a term has an indicator for every level."""
    return common.levels is not None and bool((common.columns.sum(axis=1) == 1.0).all())


def _sizes(design: DesignMatrix, written: Written) -> Iterator[Fault]:
    """Find numeric covariates on whose scale a default prior would be far too narrow or wide."""
    told = set()
    for common in design.common:
        if common.term != INTERCEPT and _has_default(common.term, written):
            yield from _size(common.term, common.term, common.columns)
            told.add(common.term)
    for group in design.groups:
        expr, name = group.term.expr, group.term.name
        said = name in written.priors or GROUP_SPECIFIC in written.priors
        if expr != "1" and expr not in told and not said:
            yield from _size(name, expr, group.columns)


def _size(term: str, expr: str, columns: FloatArray) -> Iterator[Fault]:
    if np.isin(columns, (-1.0, 0.0, 1.0)).all():
        return
    sds, means = columns.std(axis=0), np.abs(columns.mean(axis=0))
    if sds.max() < _SMALL:
        what = f"varies little (sd {sds.max():.3g})"
    elif sds.max() > _LARGE:
        what = f"varies much (sd {sds.max():.3g})"
    elif means.max() > _LARGE:
        what = f"lies far from 0 (mean {means.max():.3g}), where the intercept is"
    else:
        return
    message = f"{expr} {what}: the default prior of its slope is for covariates of sd about 1"
    remedy = f"write scale({expr}), {_OWN_PRIOR}"
    yield Fault(term, message, remedy if columns.shape[1] == 1 else "give it a prior of its own")
