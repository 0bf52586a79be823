"""Participants' own values as numbers of a posterior: draws, diagnostics, widths of priors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from driftmill.formulas.design import Labels, element_labels
from driftmill.formulas.participants import PARTICIPANT, ParticipantValue, participant_values
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import GroupTerm
from driftmill.models.declaration import Parameter
from driftmill.recovery.batch import FloatArray
from driftmill.recovery.quantities import DIAGNOSTICS, Quantity, own_dims
from driftmill.recovery.roles import common_sd, deviation_sd
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.gates import convergence


def own_values(tree: xr.DataTree, spec: FitSpec) -> Iterator[Quantity]:
    """Yield what every participant's parameters and coefficients are.

    Parameters
    ----------
    tree
        Groups ``posterior`` and ``diagnostics``.
    spec
        The fit; parameters without groups over participants have no such values.

    Yields
    ------
    Quantity
        Called ``a (participant)`` or ``v_x (participant)``. Diagnostics are computed where
        the posterior has any.
    """
    posterior = tree["posterior"].to_dataset()
    diagnostics = tree["diagnostics"].to_dataset().sel(dataset=posterior["dataset"])
    judged = diagnostics["r_hat"].notnull().any("parameter").to_numpy()
    for name, regression in spec.formulas.items():
        values, labels = _variables(posterior, regression)
        for value in participant_values(regression, values, labels):
            prior_sd = _prior_sd(regression, spec.parameter(name), value.label, labels)
            yield _quantity(value, prior_sd, judged)


def _variables(
    posterior: xr.Dataset, regression: Regression
) -> tuple[dict[str, FloatArray], dict[str, Labels]]:
    """Return a formula's variables, dataset, chain and draw first, and their labels."""
    values: dict[str, FloatArray] = {}
    labels: dict[str, Labels] = {}
    for term in regression.terms.names:
        name = regression.variable(term)
        dims = own_dims(posterior[name])
        shaped = posterior[name].transpose("dataset", "chain", "draw", *dims)
        values[name] = shaped.to_numpy().astype(np.float64)
        labels[name] = tuple(tuple(str(x) for x in shaped[dim].to_numpy()) for dim in dims)
    return values, labels


def _quantity(value: ParticipantValue, prior_sd: float, judged: NDArray[np.bool_]) -> Quantity:
    draws = np.ascontiguousarray(value.value)
    known = judged & np.isfinite(draws).all(axis=(1, 2))
    told = {name: np.full(len(draws), np.nan) for name in DIAGNOSTICS}
    if known.any():
        for name, found in convergence(draws[known]).items():
            told[name][known] = found
    return Quantity(
        value.label,
        "participant",
        value.participant,
        draws.reshape(len(draws), -1),
        prior_sd,
        told,
    )


def _prior_sd(
    regression: Regression, parameter: Parameter, label: str, labels: Mapping[str, Labels]
) -> float:
    """Return the sd of the prior of an own value; NaN behind a link that bends."""
    element = label.removesuffix(" (participant)")
    if element == regression.parameter:
        if regression.link.name != "identity":
            return math.nan
        return _joint_sd(regression, parameter, GroupTerm("1", PARTICIPANT), True)
    for term in regression.terms.groups:
        common = regression.variable(term.common)
        if term.factor == PARTICIPANT and (element == common or element.startswith(f"{common}[")):
            shared = element in element_labels(common, labels.get(common, ()))
            return _joint_sd(regression, parameter, term, shared)
    return math.nan


def _joint_sd(regression: Regression, parameter: Parameter, term: GroupTerm, shared: bool) -> float:
    """Return the sd of the prior of a common coefficient plus a deviation."""
    variances = []
    if shared and term.common in regression.terms.common:
        variances.append(common_sd(regression, parameter, term.common) ** 2)
    if term in regression.terms.groups:
        variances.append(deviation_sd(regression, term.name) ** 2)
    return math.sqrt(sum(variances))
