"""One dataset's true values: of every trial for a simulator, of everything for the truth table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmill.formulas.design import DesignMatrix, element_labels
from driftmill.formulas.participants import PARTICIPANT, participant_values
from driftmill.formulas.terms import FormulaError
from driftmill.models.declaration import FloatArray, Parameter, Prior
from driftmill.models.priors import Distribution
from driftmill.simulation.coefficients import coefficient_values, draw_deviations, truth_parameters
from driftmill.simulation.design import Design
from driftmill.simulation.parameters import DesignError, SimulationError
from driftmill.simulation.seeds import Purpose, named_child, seed_sequence
from driftmill.simulation.truths import draw_truth

#: What the truth of a share of lapses that is drawn is called.
LAPSE = "p_outlier"
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
    lapse
        Probability that a trial is a lapse.
    """

    table: pd.DataFrame
    parameters: dict[str, FloatArray]
    rows: list[Row]
    lapse: float


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
        raise DesignError(f"{place}: {error}") from error
    _check_same(place, needed, design.parameters)
    truth = _shared(design, dataset)
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
    lapse = truth[LAPSE] if isinstance(design.lapse, Prior) else design.lapse
    return Generated(table, parameters, rows, lapse)


def shared_rows(design: Design, dataset: int) -> list[Row]:
    """Return what of a dataset's truths all its participants share."""
    return [(None, name, value) for name, value in _shared(design, dataset).items()]


def _shared(design: Design, dataset: int) -> dict[str, float]:
    seed = seed_sequence(design.seed, design.cell, dataset, Purpose.TRUTH)
    drawn = draw_truth(design.model, design.parameters, design.truth, dataset, seed)
    if not isinstance(design.lapse, Prior):
        return drawn
    share = Distribution(design.lapse, 0.0, 1.0)
    rng = np.random.default_rng(named_child(seed, LAPSE))
    return drawn | {LAPSE: float(share.sample(rng, 1)[0])}


def _check_same(place: str, found: Sequence[Parameter], first: Sequence[Parameter]) -> None:
    """Refuse formulas whose coefficients are others in other datasets."""
    names, expected = ({p.name: None for p in parameters} for parameters in (found, first))
    if list(names) != list(expected):
        differing = [
            *(n for n in names if n not in expected),
            *(n for n in expected if n not in names),
        ]
        raise DesignError(
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
