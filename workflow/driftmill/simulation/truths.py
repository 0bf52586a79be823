"""Truths: the parameter values from which a dataset is simulated."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from driftmill.models.declaration import Model, Parameter, Prior
from driftmill.models.joint_draws import draw_allowed
from driftmill.models.priors import Distribution
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import child, named_child


@dataclass(frozen=True)
class Grid:
    """Values that the datasets of a cell take in turn.

    When several parameters have a grid, the datasets walk through the product of the grids,
    the last in the model's order changing fastest, and start again at its end.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a grid needs at least one value")


#: A fixed value, values walked through, or a distribution that is drawn from.
Truth = float | Grid | Prior


def check_truth(model: Model, parameters: Sequence[Parameter], truth: Mapping[str, Truth]) -> None:
    """Check that everything that needs a truth has one, inside its support.

    Parameters
    ----------
    model
        The data-generating model.
    parameters
        What needs a truth: the model's parameters, or coefficients in their place.
    truth
        By name.

    Raises
    ------
    SimulationError
        Naming the parameter, the value and the support. A `Prior` is truncated to the support
        when it is drawn from, so it need only be a distribution with mass there. The value at
        which a model holds a parameter may lie at an end of its support.
    """
    names = [parameter.name for parameter in parameters]
    missing = [name for name in names if name not in truth]
    unknown = [name for name in truth if name not in names]
    if missing or unknown:
        raise SimulationError(
            f"{model.name} needs a truth for {', '.join(names)}"
            + (f"; missing: {', '.join(missing)}" if missing else "")
            + (f"; unknown: {', '.join(unknown)}" if unknown else "")
        )
    for parameter in parameters:
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
            if not parameter.supports(number) and number != parameter.held:
                raise SimulationError(
                    f"{model.name}: the truth {parameter.name} = {number:g} is outside its "
                    f"support {parameter.support}; give a value inside it"
                )
    told = above_ceiling(model, truth)
    if told is not None:
        raise SimulationError(f"{model.name}: {told}")


def by_element(parameters: Sequence[Parameter], truth: Mapping[str, Truth]) -> dict[str, Truth]:
    """Give every element of a variable (``v_c[b]``) what is given for the variable (``v_c``).

    Parameters
    ----------
    parameters
        What needs a truth.
    truth
        By name of a parameter, a coefficient, an sd, or a variable of several of these.
    """
    whole = {p.name: p.name.partition("[")[0] for p in parameters if p.name not in truth}
    found = {name: truth[variable] for name, variable in whole.items() if variable in truth}
    used = {whole[name] for name in found}
    return {name: value for name, value in truth.items() if name not in used} | found


def above_ceiling(model: Model, truth: Mapping[str, Truth]) -> str | None:
    """Tell which number among the truths does not keep below those that end its support."""
    ceiling = model.ceiling
    if ceiling is None or not ceiling.by:
        return None
    names = (ceiling.parameter, *ceiling.by)
    # Of a grid every point is met with every other.
    points = [_numbers(truth[name]) for name in names if name in truth]
    if len(points) < len(names):
        return None
    for point in itertools.product(*points):
        if not ceiling.allows(dict(zip(names, point, strict=True))):
            values = ", ".join(f"{n} = {x:g}" for n, x in zip(names, point, strict=True))
            return f"{ceiling.parameter} must lie below {' and '.join(ceiling.by)}, not {values}"
    return None


def _numbers(truth: Truth) -> tuple[float, ...]:
    if isinstance(truth, Grid):
        return truth.values
    return () if isinstance(truth, Prior) else (float(truth),)


def grid_size(truth: Mapping[str, Truth]) -> int:
    """Return the number of points in the product of all grids, 1 when there is none."""
    return math.prod(len(value.values) for value in truth.values() if isinstance(value, Grid))


def draw_truth(
    model: Model,
    parameters: Sequence[Parameter],
    truth: Mapping[str, Truth],
    dataset: int,
    seed_sequence: np.random.SeedSequence,
) -> dict[str, float]:
    """Return the true values of one dataset, in the order of ``parameters``.

    Parameters
    ----------
    model
        The data-generating model.
    parameters
        What needs a truth: the model's parameters, or coefficients in their place.
    truth
        By name.
    dataset
        The dataset's number in its cell; it says which point of the grids is taken.
    seed_sequence
        Seeds the draws. Every parameter and coefficient has a stream of its own, so that fixing
        one of them leaves the others' draws as they were.

    Raises
    ------
    SimulationError
        As `check_truth`.
    """
    check_truth(model, parameters, truth)
    gridded = [p.name for p in parameters if isinstance(truth[p.name], Grid)]
    axes = [value.values for name in gridded if isinstance(value := truth[name], Grid)]
    step = dataset % grid_size(truth)
    point = dict(
        zip(gridded, next(itertools.islice(itertools.product(*axes), step, None)), strict=True)
    )
    given = point | {n: float(x) for n, x in truth.items() if not isinstance(x, Grid | Prior)}
    priors: dict[str, Distribution] = {}
    for parameter in parameters:
        value = truth[parameter.name]
        if isinstance(value, Prior):
            priors[parameter.name] = Distribution(value, parameter.lower, parameter.upper)
    streams = {n: np.random.default_rng(_stream(model, n, seed_sequence)) for n in priors}
    try:
        drawn = draw_allowed(model, priors, streams, 1, given)
    except ValueError as error:
        raise SimulationError(f"{model.name}: {error}; give other truths") from error
    return {
        p.name: float(drawn[p.name][0]) if p.name in drawn else float(given[p.name])
        for p in parameters
    }


def _stream(
    model: Model, name: str, seed_sequence: np.random.SeedSequence
) -> np.random.SeedSequence:
    """Return a parameter's stream by its place in the model, a coefficient's by its name."""
    if name in model.parameter_names:
        return child(seed_sequence, model.parameter_names.index(name))
    return named_child(seed_sequence, name)
