"""Exact draws of decisions: one uniform number a trial through the inverse of the model's mass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray, LogDensity, Model, SsmSimulator
from driftmill.simulation.first_passage_mass import first_passage_draw
from driftmill.simulation.parameters import SimulationError, check_parameters, describe

#: Rows of one call of a compiled program. A row's place in it follows from its number alone, so
#: that neither rows beside it nor rows after it change a bit of what is drawn.
LANES = 32
#: The density that is inverted.
KIND = "analytical"
#: How far the mass of all responses may be from 1.
TOLERANCE = 1e-6
#: Names in ssm-simulators of diffusions between linear bounds.
_LINEAR = ("ddm", "ddm_sdv", "angle")

#: ``draw(parameters, uniform)`` to the place of the choice, the decision time and the mass.
_Draw = Callable[[Mapping[str, ArrayLike], ArrayLike], tuple[Array, Array, Array]]


def draws_exactly(model: Model) -> bool:
    """Tell whether a model's trials can be drawn by inversion of its own density.

    Those of choices alone can, and diffusions between constant or linear bounds.
    """
    if model.learning is not None or KIND not in model.likelihoods:
        return False
    if model.response_columns == ("response",):
        return True
    simulator = model.simulator
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
    n = uniform.size
    draw = _compiled(model.likelihoods[KIND], model.parameter_names, model.choices, model.has_rt)
    places, times, masses = np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n)
    for first in range(0, n, LANES):
        rows = slice(first, min(first + LANES, n))
        given = {name: _padded(values[rows]) for name, values in checked.items()}
        found = draw(given, _padded(uniform[rows]))
        places[rows], times[rows], masses[rows] = (
            np.asarray(x)[: rows.stop - first] for x in found
        )
    _check_mass(model, checked, masses)
    columns: dict[str, NDArray[np.generic]] = {
        "response": np.asarray(model.choices, dtype=np.int64)[places]
    }
    return {"rt": checked["t"] + times} | columns if model.has_rt else columns


def _padded(values: FloatArray) -> FloatArray:
    """Return ``LANES`` values, the first of them once more for those that lack."""
    return np.concatenate([values, np.full(LANES - values.size, values[0])])


@lru_cache
def _compiled(
    density: LogDensity, names: tuple[str, ...], choices: tuple[int, ...], has_rt: bool
) -> _Draw:
    """Return the compiled draw of ``LANES`` rows."""

    def log_density(rt: Any, response: Any, parameters: Mapping[str, Array]) -> Any:
        columns = (rt, response) if has_rt else (response,)
        return density(*columns, *(parameters[name] for name in names))

    def of_choices(parameters: Mapping[str, Array], uniform: Array) -> tuple[Array, Array, Array]:
        codes = jnp.asarray(choices)[:, None]
        total = jnp.cumsum(jnp.exp(log_density(None, codes, parameters)), axis=0)
        below = total[:-1] <= uniform * total[-1]
        return jnp.sum(below, axis=0), jnp.zeros_like(uniform), total[-1]

    def of_times(parameters: Mapping[str, Array], uniform: Array) -> tuple[Array, Array, Array]:
        return first_passage_draw(log_density, choices, parameters, uniform)

    draw: _Draw = jax.jit(of_times if has_rt else of_choices)
    return draw


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
