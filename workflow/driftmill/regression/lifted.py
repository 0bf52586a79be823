"""A fit as pure JAX functions of a position and of a dataset, built once for all datasets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm

from driftmill.models.declaration import Columns
from driftmill.regression.build import build_model, variable_names
from driftmill.regression.ceiling import Ceiling, applies
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifting import (
    LiftingError,
    constants,
    differing,
    freeze_shared,
    to_jax,
)
from driftmill.regression.response import COUNTED

Data = tuple[jax.Array, ...]


@dataclass(frozen=True)
class Shape:
    """What all datasets of a cell have in common: the rows of the observed matrix.

    Parameters
    ----------
    rows
        Trials of the cell's largest dataset.
    padded
        Whether some dataset of the cell is shorter, so that rows carry a mark.
    """

    rows: int
    padded: bool = False


@dataclass(frozen=True)
class LiftedModel:
    """One fit for every dataset of one shape.

    Positions are vectors of shape (d,) on the unconstrained scale, one entry a free
    parameter, ordered by name. ``data`` is what ``data_of`` returned for a dataset.

    Parameters
    ----------
    spec
        The fit.
    shape
        Rows of the observed matrix, padding included.
    names
        Free parameters in the order of a position.
    log_density
        ``(position, data)`` to the log posterior density, a scalar.
    constrain
        ``(position, data)`` to the parameters on their natural scale, shape (d,).
    unconstrain
        ``(natural, data)`` to a position, shape (d,).
    pointwise
        ``(position, data)`` to the log likelihood of every row, shape (rows,).
    ceiling
        The change of coordinate between a position and PyMC's, where there is one.
    """

    spec: FitSpec
    shape: Shape
    names: tuple[str, ...]
    log_density: Callable[[jax.Array, Data], jax.Array]
    constrain: Callable[[jax.Array, Data], jax.Array]
    unconstrain: Callable[[jax.Array, Data], jax.Array]
    pointwise: Callable[[jax.Array, Data], jax.Array]
    ceiling: Ceiling | None
    _template: _Graphs
    _slots: tuple[int, ...]

    def model_of(self, columns: Columns) -> pm.Model:
        """Build the PyMC model of one dataset, padded to this shape."""
        return build_model(self.spec, pad(columns, self.shape), self.shape.padded)

    def data_of(self, columns: Columns) -> Data:
        """Return one dataset as the arrays that the lifted functions take.

        Raises
        ------
        LiftingError
            When the dataset's graph differs from the template in more than its data.
        """
        mine = _graphs(self.spec, self.model_of(columns)).constants
        strays = set(differing(self._template.constants, mine)) - set(self._slots)
        if strays:
            raise LiftingError(f"constants {sorted(strays)} hold data that were not lifted")
        data = tuple(jnp.asarray(mine[k].data) for k in self._slots)
        return (*data, jnp.asarray(max(columns["rt"]), float)) if self.ceiling else data


@dataclass(frozen=True)
class _Graphs:
    values: list[Any]
    naturals: list[Any]
    log_density: Any
    constrained: list[Any]
    unconstrained: list[Any]
    pointwise: Any
    constants: list[Any]


def pad(columns: Columns, shape: Shape) -> Columns:
    """Repeat the last row up to the shape's rows; ``counted`` tells trials from padding."""
    n, n_rows = len(next(iter(columns.values()))), shape.rows
    if not shape.padded:
        if n != n_rows:
            raise ValueError(f"the dataset has {n} trials, the batch's shape is {n_rows}")
        return columns
    if n > n_rows:
        raise ValueError(f"the dataset has {n} trials, more than the batch's shape of {n_rows}")
    index = np.minimum(np.arange(n_rows), n - 1)
    counted = (np.arange(n_rows) < n).astype(float)
    return {name: np.asarray(column)[index] for name, column in columns.items()} | {
        COUNTED: counted
    }


def _twin(spec: FitSpec, shape: Shape, seed: int) -> Columns:
    """Make a dataset of this shape with every column redrawn."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {"response": rng.choice(spec.model.choices, shape.rows)}
    # One row may draw the same choice in both twins; then nothing of it would be lifted.
    columns["response"][0] = spec.model.choices[seed % len(spec.model.choices)]
    if spec.model.has_rt:
        columns["rt"] = rng.uniform(0.4, 2.0, shape.rows)
    if shape.padded:
        columns[COUNTED] = np.where(rng.random(shape.rows) < 0.5, 1.0, 0.0)
    return columns


def _graphs(spec: FitSpec, model: pm.Model) -> _Graphs:
    """Take the graphs of a model, roots and constants in an order that no hash seed can change."""
    variables = variable_names(spec)
    rvs = [model[variables[name]] for name in sorted(variables)]
    values = [model.rvs_to_values[rv] for rv in rvs]
    naturals = [rv.type(name=f"natural_{rv.name}") for rv in rvs]
    transforms = [model.rvs_to_transforms[rv] for rv in rvs]
    unconstrained = [
        natural if transform is None else transform.forward(natural, *rv.owner.inputs)
        for rv, natural, transform in zip(rvs, naturals, transforms, strict=True)
    ]
    (observed,) = model.observed_RVs
    # Bambi creates variables in the order of a set; the sum is taken in ours.
    (pointwise,) = model.logp(vars=[observed], sum=False)
    total = pointwise.sum()
    for rv in rvs:
        total = total + model.logp(vars=[rv], sum=False)[0].sum()
    constrained = model.replace_rvs_by_values(rvs)
    outputs = freeze_shared([total, pointwise, *constrained, *unconstrained])
    d = len(rvs)
    return _Graphs(
        values=values,
        naturals=naturals,
        log_density=outputs[0],
        constrained=outputs[2 : 2 + d],
        unconstrained=outputs[2 + d :],
        pointwise=outputs[1],
        constants=list(constants(outputs)),
    )


def lift(spec: FitSpec, shape: Shape) -> LiftedModel:
    """Build the lifted functions of a fit for every dataset of one shape.

    What is data is found from two twins that depend on nothing but the shape, so the
    program, and with it every bit of the results, is the same whoever shares the batch.
    """
    first, second = (
        _graphs(spec, build_model(spec, _twin(spec, shape, seed), shape.padded)) for seed in (0, 1)
    )
    slots = differing(first.constants, second.constants)
    data = [first.constants[k] for k in slots]
    d = len(first.values)

    def vector_function(inputs: list[Any], outputs: list[Any]) -> Callable[..., Any]:
        function = to_jax(inputs, data, outputs)
        return lambda vector, arrays: function(*(vector[k] for k in range(d)), *arrays)

    density = vector_function(first.values, [first.log_density])
    constrain = vector_function(first.values, first.constrained)
    unconstrain = vector_function(first.naturals, first.unconstrained)
    pointwise = vector_function(first.values, [first.pointwise])
    lifted = LiftedModel(
        spec=spec,
        shape=shape,
        names=tuple(sorted(variable_names(spec))),
        log_density=lambda x, arrays: density(x, arrays)[0],
        constrain=lambda x, arrays: jnp.stack(constrain(x, arrays)),
        unconstrain=lambda x, arrays: jnp.stack(unconstrain(x, arrays)),
        pointwise=lambda x, arrays: pointwise(x, arrays)[0],
        ceiling=None,
        _template=first,
        _slots=tuple(slots),
    )
    return _under_ceiling(lifted) if applies(spec) else lifted


def _under_ceiling(raw: LiftedModel) -> LiftedModel:
    """Let a lifted model's positions have the coordinate that stays below the ceiling."""
    ceiling = Ceiling(raw.spec, raw.names, raw.constrain, raw.unconstrain)

    def log_density(position: jax.Array, data: Data) -> jax.Array:
        moved, log_slope = ceiling.to_pymc(position, data)
        return raw.log_density(moved, data[:-1]) + log_slope

    return replace(
        raw,
        log_density=log_density,
        constrain=lambda x, data: raw.constrain(ceiling.to_pymc(x, data)[0], data[:-1]),
        unconstrain=ceiling.from_natural,
        pointwise=lambda x, data: raw.pointwise(ceiling.to_pymc(x, data)[0], data[:-1]),
        ceiling=ceiling,
    )


def position_of(lifted: LiftedModel, natural: Mapping[str, float], data: Data) -> jax.Array:
    """Return the position of parameter values given by name."""
    return lifted.unconstrain(jnp.asarray([natural[name] for name in lifted.names]), data)
