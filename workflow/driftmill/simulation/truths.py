"""Truths: the parameter values from which a dataset is simulated."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from driftmill.models.declaration import Model, Prior
from driftmill.models.priors import Distribution
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import child


@dataclass(frozen=True)
class Grid:
    """Values that the datasets of a cell take in turn.

    When several parameters have a grid, the datasets walk through the product of the grids,
    the last parameter of the model changing fastest, and start again at its end.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a grid needs at least one value")


#: A fixed value, values walked through, or a distribution that is drawn from.
Truth = float | Grid | Prior


def check_truth(model: Model, truth: Mapping[str, Truth]) -> None:
    """Check that every parameter has a truth, inside its support.

    Raises
    ------
    SimulationError
        Naming the parameter, the value and the support. A `Prior` is truncated to the support
        when it is drawn from, so it need only be a distribution with mass there.
    """
    missing = [name for name in model.parameter_names if name not in truth]
    unknown = [name for name in truth if name not in model.parameter_names]
    if missing or unknown:
        raise SimulationError(
            f"{model.name} needs a truth for {', '.join(model.parameter_names)}"
            + (f"; missing: {', '.join(missing)}" if missing else "")
            + (f"; unknown: {', '.join(unknown)}" if unknown else "")
        )
    for parameter in model.parameters:
        value = truth[parameter.name]
        if isinstance(value, Prior):
            try:
                Distribution(value, parameter.lower, parameter.upper)
            except ValueError as error:
                raise SimulationError(
                    f"{model.name}: the truth of {parameter.name} cannot be drawn: {error}"
                ) from error
            continue
        for number in value.values if isinstance(value, Grid) else (value,):
            if not parameter.supports(number):
                raise SimulationError(
                    f"{model.name}: the truth {parameter.name} = {number:g} is outside its "
                    f"support {parameter.support}; give a value inside it"
                )


def grid_size(model: Model, truth: Mapping[str, Truth]) -> int:
    """Return the number of points in the product of all grids, 1 when there is none."""
    size = 1
    for name in model.parameter_names:
        value = truth[name]
        size *= len(value.values) if isinstance(value, Grid) else 1
    return size


def draw_truth(
    model: Model,
    truth: Mapping[str, Truth],
    dataset: int,
    seed_sequence: np.random.SeedSequence,
) -> dict[str, float]:
    """Return the parameter values of one dataset, in the model's order.

    Parameters
    ----------
    model
        The data-generating model.
    truth
        One entry a parameter.
    dataset
        The dataset's number in its cell; it says which point of the grids is taken.
    seed_sequence
        Seeds the draws. Every parameter has a stream of its own, so that fixing one of them
        leaves the others' draws as they were.

    Raises
    ------
    SimulationError
        As `check_truth`.
    """
    check_truth(model, truth)
    gridded = [name for name in model.parameter_names if isinstance(truth[name], Grid)]
    axes = [value.values for name in gridded if isinstance(value := truth[name], Grid)]
    step = dataset % grid_size(model, truth)
    point = dict(
        zip(gridded, next(itertools.islice(itertools.product(*axes), step, None)), strict=True)
    )
    drawn: dict[str, float] = {}
    for index, parameter in enumerate(model.parameters):
        value = truth[parameter.name]
        if isinstance(value, Grid):
            drawn[parameter.name] = float(point[parameter.name])
        elif isinstance(value, Prior):
            rng = np.random.default_rng(child(seed_sequence, index))
            distribution = Distribution(value, parameter.lower, parameter.upper)
            drawn[parameter.name] = float(distribution.sample(rng, 1)[0])
        else:
            drawn[parameter.name] = float(value)
    return drawn
