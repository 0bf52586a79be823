"""Participants' own values: what a formula with groups says of each single participant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from driftmill.formulas.design import Labels, element_labels
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import INTERCEPT, GroupTerm
from driftmill.models.declaration import FloatArray

#: The column that says whose trial it is.
PARTICIPANT = "participant_id"


class ParticipantValue(NamedTuple):
    """One value of one participant: its label, whose it is, and an array of its values."""

    label: str
    participant: str
    value: FloatArray


#: What follows the name of a value that participants have of their own.
SUFFIX = " (participant)"


def value_names(regression: Regression) -> tuple[str, ...]:
    """Return what `participant_values` has, without the levels of vectors and the suffix."""
    groups = [term for term in regression.terms.groups if term.factor == PARTICIPANT]
    own = GroupTerm("1", PARTICIPANT)
    based = bool(groups) and (INTERCEPT in regression.terms.common or own in groups)
    slopes = [regression.variable(term.common) for term in groups if term != own]
    return (*([regression.parameter] if based else []), *slopes)


def participant_values(
    regression: Regression, values: Mapping[str, ArrayLike], labels: Mapping[str, Labels]
) -> list[ParticipantValue]:
    """Return participants' own values of a parameter that varies over participants.

    Parameters
    ----------
    regression
        The parameter's formula. Without a term that varies over ``participant_id`` there are
        no such values.
    values
        Coefficients and deviations by variable, shape (..., *dims); the leading axes (chains
        and draws, or none) are common to all.
    labels
        Labels of each variable's own dims: none for a scalar, the levels of a vector, the
        groups and then the levels of deviations.

    Returns
    -------
    list of ParticipantValue
        ``a (participant)``, where there is an intercept or participants deviate in it: the
        parameter at covariates 0 (and reference levels) on its natural scale. ``v_x
        (participant)`` and ``v_c[b] (participant)``, where participants deviate in ``x`` or
        ``c``: their coefficient on the scale of the linear predictor. Values of shape (...).
    """
    groups = [term for term in regression.terms.groups if term.factor == PARTICIPANT]
    if not groups:
        return []
    participants = labels[regression.variable(groups[0].name)][0]
    found: list[ParticipantValue] = []
    own = GroupTerm("1", PARTICIPANT)
    if INTERCEPT in regression.terms.common or own in groups:
        eta = np.zeros(len(participants))
        if INTERCEPT in regression.terms.common:
            eta = eta + _array(values, regression.variable(INTERCEPT))[..., None]
        if own in groups:
            eta = eta + _array(values, regression.variable(own.name))
        found += _split(regression.parameter, participants, regression.link.inverse(eta))
    for term in groups:
        if term != own:
            found += _slopes(regression, term, participants, values, labels)
    return found


def _slopes(
    regression: Regression,
    term: GroupTerm,
    participants: tuple[str, ...],
    values: Mapping[str, ArrayLike],
    labels: Mapping[str, Labels],
) -> list[ParticipantValue]:
    """Return participants' own coefficients of one term: the common ones and deviations."""
    variable = regression.variable(term.name)
    common = regression.variable(term.common)
    elements = element_labels(common, labels[variable][1:])
    deviations = _array(values, variable)
    # A level without a common coefficient is the reference, whose coefficient is 0.
    shared: dict[str, FloatArray] = {}
    if term.common in regression.terms.common:
        known = _array(values, common)
        known = known if labels[common] else known[..., None]
        names = element_labels(common, labels[common])
        shared = {name: known[..., j] for j, name in enumerate(names)}
    found: list[ParticipantValue] = []
    for j, element in enumerate(elements):
        own = deviations[..., j] if labels[variable][1:] else deviations
        if element in shared:
            own = own + shared[element][..., None]
        found += _split(element, participants, own)
    return found


def _split(label: str, participants: tuple[str, ...], value: FloatArray) -> list[ParticipantValue]:
    """Return one value a participant from an array with participants on its last axis."""
    return [
        ParticipantValue(f"{label}{SUFFIX}", participant, value[..., i])
        for i, participant in enumerate(participants)
    ]


def _array(values: Mapping[str, ArrayLike], variable: str) -> FloatArray:
    return np.asarray(values[variable], dtype=np.float64)
