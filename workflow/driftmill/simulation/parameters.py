"""Parameter values on their way to a simulator: checked first, since no simulator checks them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray, Model


class SimulationError(ValueError):
    """Trials cannot be simulated as asked; the message names the truth and the remedy.

    Parameters
    ----------
    message
        What is wrong, and what to do.
    row
        The row of the parameters that it is about, where it is about one.
    """

    def __init__(self, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row


class DesignError(SimulationError):
    """Trials cannot be simulated whatever the truth: the design itself is wrong."""


def check_parameters(model: Model, parameters: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Check parameter values and return them in the model's order.

    Parameters
    ----------
    model
        The model that is to be simulated.
    parameters
        One array of shape (n,) a parameter, on the natural scale.

    Returns
    -------
    dict
        float64 arrays of shape (n,), keyed in the order in which the model declares them.

    Raises
    ------
    SimulationError
        When a parameter is missing or unknown, the arrays differ in length or have more than
        one dimension, or a value is not finite or outside the open support.
    """
    missing = [name for name in model.parameter_names if name not in parameters]
    unknown = [name for name in parameters if name not in model.parameter_names]
    if missing or unknown:
        raise SimulationError(
            f"{model.name} takes the parameters {', '.join(model.parameter_names)}"
            + (f"; missing: {', '.join(missing)}" if missing else "")
            + (f"; unknown: {', '.join(unknown)}" if unknown else "")
        )
    arrays = {
        name: np.asarray(parameters[name], dtype=np.float64) for name in model.parameter_names
    }
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise SimulationError(
            f"{model.name} needs one value a trial for every parameter, arrays of one length; "
            f"got shapes {', '.join(f'{n} {array.shape}' for n, array in arrays.items())}"
        )
    for name, inside in inside_support(model, arrays).items():
        if not inside.all():
            row = int(np.flatnonzero(~inside)[0])
            raise SimulationError(
                f"{model.name}: {name} = {arrays[name][row]:g} (trial {row}) is outside its "
                f"support {model.parameter(name).support}; give a value inside it",
                row,
            )
    ceiling = model.ceiling
    below = True if ceiling is None else ceiling.allows(arrays)
    if ceiling is not None and not np.all(below):
        row = int(np.flatnonzero(~np.asarray(below))[0])
        ends = " and ".join(ceiling.by)
        raise SimulationError(
            f"{model.name}: {ceiling.parameter} = {arrays[ceiling.parameter][row]:g} (trial {row}) "
            f"is not below {ends} ({describe(arrays, row)}); give a smaller one",
            row,
        )
    return arrays


def inside_support(
    model: Model, parameters: Mapping[str, FloatArray]
) -> dict[str, NDArray[np.bool_]]:
    """Tell for every value whether it is finite and inside its parameter's open support.

    The value at which the model holds a parameter may lie at an end.
    """
    # NaN fails the comparisons as well.
    return {
        p.name: np.isfinite(parameters[p.name])
        & (parameters[p.name] > p.lower)
        & (parameters[p.name] < p.upper)
        | (parameters[p.name] == p.held)
        for p in model.parameters
    }


def describe(parameters: Mapping[str, FloatArray], row: int) -> str:
    """Return the parameter values of one row as they are read aloud, e.g. ``v=0.5, a=1.5``."""
    return ", ".join(f"{name}={array[row]:.6g}" for name, array in parameters.items())


def block_length(parameters: Mapping[str, FloatArray]) -> int:
    """Return the largest k for which the rows are blocks of k equal rows.

    All rows equal gives n, all rows different gives 1. A simulator sets up its bound once a
    block rather than once a trial.
    """
    columns = np.stack(list(parameters.values()))
    changes = np.flatnonzero((columns[:, 1:] != columns[:, :-1]).any(axis=0)) + 1
    return int(np.gcd.reduce([columns.shape[1], *changes.tolist()]))
