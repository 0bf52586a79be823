"""One dataset's true values: of every trial for a simulator, of everything for the truth table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmill.formulas.design import DesignMatrix, element_labels
from driftmill.formulas.participants import PARTICIPANT, participant_values
from driftmill.formulas.terms import FormulaError
from driftmill.models.declaration import FloatArray, Parameter
from driftmill.simulation.coefficients import coefficient_values, draw_deviations, truth_parameters
from driftmill.simulation.design import Design
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.simulation.truths import draw_truth

#: A row of the truth table: participant (None: shared by all), parameter, value.
Row = tuple[str | None, str, float]


@dataclass(frozen=True, eq=False)
class Generated:
    """What a dataset is simulated from.

    Parameters
    ----------
    table
        Participants, trial numbers, covariates and what the task shows before any response, one
        row a trial.
    parameters
        Every parameter of the model on its natural scale, one value a trial; those without a
        truth have the value at which the model holds them.
    rows
        The truth table, of all that was given a truth.
    """

    table: pd.DataFrame
    parameters: dict[str, FloatArray]
    rows: list[Row]


def generate(design: Design, dataset: int) -> Generated:
    """Draw the covariates, truths and deviations of one dataset.

    Raises
    ------
    SimulationError
        Naming cell, dataset and, where it is one trial's, participant, parameter and value.
    """
    place = f"cell {design.cell}, dataset {dataset}"
    table = design.table(dataset)
    try:
        matrices = design.matrices(table)
        needed = truth_parameters(design.model, matrices, design.truth)
    except FormulaError as error:
        raise SimulationError(f"{place}: {error}") from error
    _check_same(place, needed, design.parameters)
    seed = seed_sequence(design.seed, design.cell, dataset, Purpose.TRUTH)
    truth = draw_truth(design.model, needed, design.truth, dataset, seed)
    seed = seed_sequence(design.seed, design.cell, dataset, Purpose.DEVIATIONS)
    rows: list[Row] = [(None, name, value) for name, value in truth.items()]
    parameters: dict[str, FloatArray] = {}
    for parameter in design.model.parameters:
        matrix = matrices.get(parameter.name)
        if matrix is None:
            value = truth.get(parameter.name, parameter.held)
            assert value is not None  # draw_truth has seen to what is not held
            parameters[parameter.name] = np.full(len(table), value)
            continue
        deviations = draw_deviations(matrix, truth, seed)
        values = coefficient_values(matrix, truth) | deviations
        parameters[parameter.name] = matrix.parameter(values)
        _check_support(place, matrix, parameter, table, parameters[parameter.name])
        rows += _deviation_rows(matrix, deviations)
        own = participant_values(matrix.regression, values, matrix.labels)
        rows += [(value.participant, value.label, float(value.value)) for value in own]
    return Generated(table, parameters, rows)


def _check_same(place: str, found: Sequence[Parameter], first: Sequence[Parameter]) -> None:
    """Refuse formulas whose coefficients are others in other datasets."""
    names, expected = ({p.name: None for p in parameters} for parameters in (found, first))
    if list(names) != list(expected):
        differing = [
            *(n for n in names if n not in expected),
            *(n for n in expected if n not in names),
        ]
        raise SimulationError(
            f"{place}: its coefficients are not those of dataset 0 ({', '.join(differing[:5])}): "
            "the levels of a term change with the draws of a covariate; give it fixed levels"
        )


def _check_support(
    place: str,
    matrix: DesignMatrix,
    parameter: Parameter,
    table: pd.DataFrame,
    values: FloatArray,
) -> None:
    """Refuse a parameter that its formula takes out of its support on some trial."""
    inside = np.isfinite(values) & (values > parameter.lower) & (values < parameter.upper)
    if inside.all():
        return
    row = int(np.flatnonzero(~inside)[0])
    trial = table.iloc[row]
    covariates = [name for name in matrix.regression.terms.columns if name != PARTICIPANT]
    at = "".join(f", {name} = {_told(trial[name])}" for name in covariates)
    if matrix.regression.link.name == "identity":
        remedy = "take another link than the identity, or truths that keep every trial inside"
    else:
        remedy = "its linear predictor is too far from 0 for that link; give smaller truths"
    raise SimulationError(
        f"{place}, participant {trial[PARTICIPANT]}: {matrix.regression} gives "
        f"{parameter.name} = {values[row]:g} on trial {trial['trial_id']}{at}, outside its "
        f"support {parameter.support} ({int((~inside).sum())} of {len(values)} trials); {remedy}"
    )


def _told(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _deviation_rows(matrix: DesignMatrix, deviations: Mapping[str, FloatArray]) -> list[Row]:
    """Return the deviations as rows; those of participants say whose they are."""
    rows: list[Row] = []
    for group in matrix.groups:
        values = deviations[group.variable].ravel().tolist()
        if group.term.factor != PARTICIPANT:
            labels = element_labels(group.variable, group.labels)
            rows += [(None, label, value) for label, value in zip(labels, values, strict=True)]
            continue
        elements = element_labels(group.variable, group.sd_labels)
        keys = [(member, label) for member in group.groups for label in elements]
        rows += [(*key, value) for key, value in zip(keys, values, strict=True)]
    return rows
