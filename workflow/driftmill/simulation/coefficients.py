"""The coefficients of a generator's formulas: what needs a truth, and deviations from it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import numpy as np

from driftmill.formulas.design import DesignMatrix, element_labels
from driftmill.formulas.terms import INTERCEPT, FormulaError
from driftmill.models.declaration import FloatArray, Model, Parameter, Prior
from driftmill.simulation.seeds import named_child


def coefficients_of(matrix: DesignMatrix, parameter: Parameter) -> tuple[Parameter, ...]:
    """Return what needs a truth where a parameter is given by a formula.

    Parameters
    ----------
    matrix
        The formula, evaluated on trials.
    parameter
        The parameter.

    Returns
    -------
    tuple of Parameter
        Every element of the common coefficients (``v_x``, ``v_c[b]``), anywhere on the line of
        the linear predictor, then every standard deviation over groups
        (``v_1|participant_id_sigma``), above 0. On the identity scale the intercept is a value
        of the parameter, so it has its support.

    Raises
    ------
    FormulaError
        When groups have a single member, so that their standard deviation means nothing.
    """
    scale = f"the {matrix.regression.link.name} scale of {parameter.name}"
    found: list[Parameter] = []
    for common in matrix.common:
        lower, upper = -math.inf, math.inf
        if common.term == INTERCEPT and matrix.regression.link.name == "identity":
            lower, upper = parameter.lower, parameter.upper
        prior = Prior("Normal", {"mu": 0.0, "sigma": 0.5})
        found += [
            Parameter(label, lower, upper, prior, f"a coefficient on {scale}")
            for label in element_labels(common.variable, common.labels)
        ]
    for group in matrix.groups:
        if len(group.groups) < 2:
            raise FormulaError(
                f"{matrix.regression}: {group.term.factor} has the single member "
                f"{', '.join(group.groups)}, so nothing varies over it"
            )
        prior = Prior("HalfNormal", {"sigma": 0.3})
        words = f"the sd of {group.term.name} on {scale}"
        found += [
            Parameter(label, 0.0, math.inf, prior, words)
            for label in element_labels(group.sd, group.sd_labels)
        ]
    return tuple(found)


def truth_parameters(
    model: Model, matrices: Mapping[str, DesignMatrix], given: Collection[str] = ()
) -> tuple[Parameter, ...]:
    """Return all that needs a truth, parameter by parameter in the model's order.

    Parameters
    ----------
    model
        The model.
    matrices
        The formulas by parameter, evaluated on trials.
    given
        Names of what has a truth. A parameter that the model holds at a value needs none; it is
        among what is returned where it is given one.

    Raises
    ------
    FormulaError
        As `coefficients_of`, or when a coefficient bears the name of something else.
    """
    found: list[Parameter] = []
    for parameter in model.parameters:
        matrix = matrices.get(parameter.name)
        if matrix is not None:
            found += coefficients_of(matrix, parameter)
        elif parameter.held is None or parameter.name in given:
            found.append(parameter)
    names = [parameter.name for parameter in found]
    names += list(matrices)
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise FormulaError(
            f"{twice[0]} would be the name of a coefficient and of something else in "
            f"{model.name}; rename the covariate"
        )
    return tuple(found)


def coefficient_values(matrix: DesignMatrix, truth: Mapping[str, float]) -> dict[str, FloatArray]:
    """Return the common coefficients as one array a variable, from their elements' truths."""
    return {
        common.variable: np.array(
            [truth[label] for label in element_labels(common.variable, common.labels)]
        ).reshape([len(dim) for dim in common.labels])
        for common in matrix.common
    }


def draw_deviations(
    matrix: DesignMatrix, truth: Mapping[str, float], seed_sequence: np.random.SeedSequence
) -> dict[str, FloatArray]:
    """Draw the deviations of all groups, Normal(0, sd).

    Parameters
    ----------
    matrix
        The formula, evaluated on a dataset's trials.
    truth
        Has the standard deviations.
    seed_sequence
        Seeds the draws. Every deviation has a stream that follows from its own label, so that
        further participants, terms and formulas leave it as it was.

    Returns
    -------
    dict
        By variable, shape (groups,) or (groups, levels).
    """
    drawn: dict[str, FloatArray] = {}
    for group in matrix.groups:
        labels = element_labels(group.variable, group.labels)
        units = [
            np.random.default_rng(named_child(seed_sequence, label)).standard_normal()
            for label in labels
        ]
        sds = np.array([truth[label] for label in element_labels(group.sd, group.sd_labels)])
        shape = [len(dim) for dim in group.labels]
        drawn[group.variable] = np.array(units).reshape(shape) * sds.reshape(shape[1:])
    return drawn
