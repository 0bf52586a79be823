"""Exact draws of decisions: one uniform number a trial through the inverse of the model's mass."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from driftmill.likelihoods.exact_draws import Program, draw_in_lanes, passage_program
from driftmill.models.declaration import FloatArray, LogDensity, Model, SsmSimulator
from driftmill.models.passages import Passages
from driftmill.simulation.parameters import SimulationError, check_parameters, describe

#: The density that is inverted.
KIND = "analytical"
#: How far the mass of all responses may be from 1.
TOLERANCE = 1e-6
#: Names in ssm-simulators of diffusions between linear bounds.
_LINEAR = ("ddm", "ddm_sdv", "angle")


def draws_exactly(model: Model) -> bool:
    """Tell whether a model's trials can be drawn by inversion of its own density.

    Those of choices alone can, and diffusions between constant or linear bounds.
    """
    if model.learning is not None or KIND not in model.likelihoods:
        return False
    if model.response_columns == ("response",):
        return True
    simulator = model.simulator
    if isinstance(simulator, Passages):
        return simulator.density is model.likelihoods[KIND]
    return (
        isinstance(simulator, SsmSimulator)
        and simulator.name in _LINEAR
        and model.response_columns == ("rt", "response")
        and {"v", "a", "z", "t"} <= set(model.parameter_names) <= {*"vazt", "theta", "sv"}
    )


def draw_exactly(
    model: Model, parameters: Mapping[str, FloatArray], uniform: FloatArray
) -> dict[str, NDArray[np.generic]]:
    """Draw one trial a row from the model's own density.

    Parameters
    ----------
    model
        A model of which `draws_exactly` is true.
    parameters
        One array of shape (n,) a parameter, on the natural scale.
    uniform
        Shape (n,), in [0, 1). A row's trial is a function of its number here and its parameters,
        to the bit, whatever the other rows hold.

    Returns
    -------
    dict
        ``response`` (int64) and, where the model has it, ``rt`` (float64, seconds). Decision
        times satisfy the cumulative mass to about 1e-9.

    Raises
    ------
    SimulationError
        When a value is outside its support, or the mass of all responses is not 1.
    """
    checked = check_parameters(model, parameters)
    drawn = draw_in_lanes(_program(model), checked, uniform)
    _check_mass(model, checked, drawn.mass)
    columns: dict[str, NDArray[np.generic]] = {
        "response": np.asarray(model.choices, dtype=np.int64)[drawn.place]
    }
    return {"rt": checked["t"] + drawn.time} | columns if model.has_rt else columns


def _program(model: Model) -> Program:
    density, names = model.likelihoods[KIND], model.parameter_names
    if model.has_rt:
        return passage_program(density, names, model.choices)
    return _choice_program(density, names, model.choices)


@lru_cache
def _choice_program(
    density: LogDensity, names: tuple[str, ...], choices: tuple[int, ...]
) -> Program:
    """Return the compiled draw of a choice without a time."""

    def program(parameters: Mapping[str, Array], uniform: Array) -> tuple[Array, Array, Array]:
        codes = jnp.asarray(choices)[:, None]
        log_p: Any = density(codes, *(parameters[name] for name in names))
        total = jnp.cumsum(jnp.exp(log_p), axis=0)
        below = total[:-1] <= uniform * total[-1]
        return jnp.sum(below, axis=0), jnp.zeros_like(uniform), total[-1]

    compiled: Program = jax.jit(program)
    return compiled


def _check_mass(model: Model, parameters: Mapping[str, FloatArray], masses: FloatArray) -> None:
    wrong = ~(np.abs(masses - 1.0) <= TOLERANCE)
    if not wrong.any():
        return
    row = int(np.flatnonzero(wrong)[0])
    if "theta" in parameters and parameters["theta"][row] < 0 and masses[row] < 1:
        remedy = (
            "between expanding bounds some walks never end: take a larger theta, a smaller a or "
            "a drift further from 0"
        )
    elif model.has_rt:
        remedy = "keep a and the drift to moderate values and z away from 0 and 1"
    else:
        remedy = "its log density must be a log probability: the sum over all choices is 1"
    raise SimulationError(
        f"{model.name}: the density of all responses has the mass {masses[row]:.9g}, not 1 "
        f"({describe(parameters, row)}); {remedy}",
        row,
    )
