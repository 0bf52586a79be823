"""How the output of a learning process drives a decision model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from driftmill.models.declaration import Model, Parameter, Prior
from driftmill.models.learning import Coupling, Output

SCALER = Parameter(
    "scaler",
    0.0,
    math.inf,
    Prior("HalfNormal", {"sigma": 4.0}),
    "drift per unit of value difference or prediction",
)


def _logits(decision: Model) -> tuple[str, ...]:
    """Return the logits of a choice rule, one an option but the first."""
    names = tuple(f"logit{k}" for k in range(1, len(decision.choices)))
    return names if set(names) <= set(decision.parameter_names) else ()


def _first_logit(decision: Model) -> tuple[str, ...]:
    return _logits(decision) if len(decision.choices) == 2 else ()


def _drift(decision: Model) -> tuple[str, ...]:
    known = "v" in decision.parameter_names and len(decision.choices) == 2
    return ("v",) if known else ()


def _drifts(decision: Model) -> tuple[str, ...]:
    """Return the drifts of a race, one an option."""
    names = tuple(f"v{k}" for k in range(len(decision.choices)))
    return names if set(names) <= set(decision.parameter_names) else ()


def _values_to_logits(output: Any, _: Mapping[str, Any], decision: Model) -> dict[str, Any]:
    return {f"logit{k}": output[k] - output[0] for k in range(1, len(decision.choices))}


def _values_to_drift(output: Any, parameters: Mapping[str, Any], _: Model) -> dict[str, Any]:
    return {"v": parameters["scaler"] * (output[1] - output[0])}


def _values_to_drifts(
    output: Any, parameters: Mapping[str, Any], decision: Model
) -> dict[str, Any]:
    return {f"v{k}": parameters["scaler"] * output[k] for k in range(len(decision.choices))}


def _prediction_to_logit(output: Any, _: Mapping[str, Any], __: Model) -> dict[str, Any]:
    return {"logit1": output}


def _prediction_to_drift(output: Any, parameters: Mapping[str, Any], _: Model) -> dict[str, Any]:
    return {"v": parameters["scaler"] * output}


#: Values to a softmax choice: P = softmax(beta Q), Sutton & Barto (2018), eq. 2.11.
VALUES_TO_CHOICE = Coupling("values_to_choice", "values", (), _logits, _values_to_logits)
#: Difference of two values to a drift: v = scaler (Q1 - Q0), Pedersen et al. (2017), eq. 4.
VALUES_TO_DRIFT = Coupling("values_to_drift", "values", (SCALER,), _drift, _values_to_drift)
#: Every value to its accumulator's drift: v_i = scaler Q_i.
VALUES_TO_DRIFTS = Coupling("values_to_drifts", "values", (SCALER,), _drifts, _values_to_drifts)
#: Predicted log odds to the unit-square sigmoid: P(1) = sigmoid(beta mu2h), Mathys et al. (2014).
PREDICTION_TO_CHOICE = Coupling(
    "prediction_to_choice", "prediction", (), _first_logit, _prediction_to_logit
)
#: Prediction to a drift: v = scaler mu2h.
PREDICTION_TO_DRIFT = Coupling(
    "prediction_to_drift", "prediction", (SCALER,), _drift, _prediction_to_drift
)

COUPLINGS = (
    VALUES_TO_CHOICE,
    VALUES_TO_DRIFT,
    VALUES_TO_DRIFTS,
    PREDICTION_TO_CHOICE,
    PREDICTION_TO_DRIFT,
)


def couplings_for(
    output: Output, decision: Model, known: tuple[Coupling, ...] = COUPLINGS
) -> tuple[Coupling, ...]:
    """Return the couplings by which a process with such an output can drive a decision model."""
    return tuple(c for c in known if c.output == output and c.sets(decision))
