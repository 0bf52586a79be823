"""From what a study says of a generator to its formulas and covariates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from driftmill.formulas.links import default_link, link_of
from driftmill.formulas.names import LinkSettings
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import split_formula
from driftmill.models import Model, Parameter
from driftmill.models.declaration import DEADLINE
from driftmill.simulation.covariates import Covariate, Drawn, Given, Levels
from driftmill.study.covariates import (
    CovariateFile,
    CovariateSpec,
    GeneratorEntry,
    GeneratorFormula,
    LevelsCovariate,
)
from driftmill.study.data_file import read_path, to_covariate
from driftmill.study.priors import prior_of
from driftmill.study.types import SimulatedCell


def written_formula(entry: GeneratorEntry) -> GeneratorFormula:
    """Return a formula that is written as text as one without a link of its own."""
    return entry if isinstance(entry, GeneratorFormula) else GeneratorFormula(formula=entry)


def regression_of(
    written: GeneratorFormula, parameter: Parameter, settings: LinkSettings
) -> Regression:
    """Return the formula of a parameter; ValueError when its link does not fit."""
    link = link_of(parameter, written.link) if written.link else default_link(parameter, settings)
    return Regression(parameter.name, split_formula(written.formula)[1], link)


def regressions_of(cell: SimulatedCell, model: Model) -> dict[str, Regression]:
    """Return the formulas of a cell that passed its checks, by parameter."""
    found = {}
    for entry in cell.formulas:
        written = written_formula(entry)
        parameter = model.parameter(str(split_formula(written.formula)[0]))
        found[parameter.name] = regression_of(written, parameter, cell.link_settings)
    return found


def covariate_of(spec: CovariateSpec) -> Covariate:
    """Return a covariate as the simulation's type."""
    if isinstance(spec, LevelsCovariate):
        levels: Sequence[float | str] = spec.levels
        words = tuple(level for level in levels if isinstance(level, str))
        numbers = tuple(level for level in levels if not isinstance(level, str))
        return Levels(words or numbers, spec.per)
    return Drawn(prior_of(spec), spec.per)


def deadline_of(cell: SimulatedCell) -> Covariate:
    """Return the deadlines of a cell that has some, a column as its covariates are."""
    assert cell.deadline is not None
    if isinstance(cell.deadline, float | int):
        return Given(np.full(cell.participants * cell.trials, float(cell.deadline)))
    return covariate_of(cell.deadline)


def read_covariates(file: CovariateFile, rows: int) -> dict[str, Given]:
    """Return the covariates of a file, from its first rows.

    Raises
    ------
    UnreadableFile
        When the file cannot be read.
    """
    raw = read_path(Path(file.path))
    found = {}
    for name in file.columns:
        column = to_covariate(raw[name].iloc[:rows])
        numeric = column.dtype.kind == "f"
        values = column.to_numpy(dtype=np.float64) if numeric else column.astype("str").to_numpy()
        found[name] = Given(np.asarray(values, dtype=None if numeric else np.str_))
    return found


def covariates_of(cell: SimulatedCell) -> dict[str, Covariate]:
    """Return the covariates of a cell that passed its checks, by name, its deadline among them."""
    found = {name: covariate_of(spec) for name, spec in cell.covariates.items()}
    if cell.deadline is not None:
        found[DEADLINE] = deadline_of(cell)
    if cell.covariates_from is None:
        return found
    return found | read_covariates(cell.covariates_from, cell.participants * cell.trials)
