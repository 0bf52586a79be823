"""A fit as pure JAX functions of a position and of a dataset, built once for all datasets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression import ceiling, midway
from driftmill.regression.ceiling import Ceiling
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.graphs import Graphs
from driftmill.regression.lifting import to_jax
from driftmill.regression.midway import Coordinate, Midway
from driftmill.regression.omissions import slow_rows
from driftmill.regression.variables import Coords, Variable, size_of, slices_of

Arrays = tuple[jax.Array, ...]
Function = Callable[[jax.Array, Arrays], Any]


@dataclass(frozen=True)
class Data:
    """One dataset as the lifted functions take it.

    Parameters
    ----------
    arrays
        What the graph holds of the data, the last argument of every lifted function.
    coords
        Labels of the variables' dims.
    columns
        The trial columns, padded as the arrays are.
    n_trials
        Rows that are trials; padding comes after them.
    """

    arrays: Arrays
    coords: Coords
    columns: Columns
    n_trials: int


@dataclass(frozen=True)
class LiftedModel:
    """One fit for every dataset of one structure.

    Positions are vectors of shape (d,) on the unconstrained scale: the free variables, by
    name, raveled one after the other. Every function takes ``(position, arrays)`` with the
    ``arrays`` of a ``Data``.

    Parameters
    ----------
    graphs
        The graphs of the dataset that it was built from.
    """

    graphs: Graphs

    @property
    def spec(self) -> FitSpec:
        """The fit."""
        return self.graphs.spec

    @property
    def free(self) -> tuple[Variable, ...]:
        """The free variables, in the order of a position."""
        return self.graphs.free

    @property
    def stored(self) -> tuple[Variable, ...]:
        """The free variables, then the deviations of non-centred groups."""
        return self.graphs.stored

    @property
    def dimension(self) -> int:
        """Length of a position."""
        return size_of(self.free)

    @cached_property
    def ceiling(self) -> Ceiling | Midway | None:
        """The change of coordinates between a position and PyMC's, where there is one."""
        end = self.spec.model.ceiling
        if end is None or not ceiling.applies(self.spec):
            return None
        if midway.applies(self.spec):
            return Midway(self._coordinate(end.parameter), self._coordinate(*end.by))
        return Ceiling(self.spec, *self._coordinate(end.parameter), self._raw_parameters)

    def _coordinate(self, name: str) -> Coordinate:
        k = [variable.name for variable in self.free].index(name)
        graphs = self.graphs
        to_natural = to_jax([graphs.values[k]], [], [graphs.outputs.constrained[k]])
        from_natural = to_jax([graphs.naturals[k]], [], [graphs.outputs.unconstrained[k]])
        index = slices_of(self.free)[k].start
        return Coordinate(index, lambda y: to_natural(y)[0], lambda x: from_natural(x)[0])

    def _function(self, inputs: list[Any], outputs: list[Any]) -> Function:
        function = to_jax(inputs, self.graphs.data, outputs)
        parts = list(zip(self.free, slices_of(self.free), strict=True))

        def of_vector(vector: jax.Array, arrays: Arrays) -> tuple[Any, ...]:
            values = [vector[where].reshape(variable.shape) for variable, where in parts]
            return tuple(function(*values, *arrays))

        return of_vector

    @cached_property
    def _raw_density(self) -> Function:
        return self._function(self.graphs.values, [self.graphs.outputs.log_density])

    @cached_property
    def _raw_constrain(self) -> Function:
        return self._function(self.graphs.values, self.graphs.outputs.constrained)

    @cached_property
    def _raw_unconstrain(self) -> Function:
        return self._function(self.graphs.naturals, self.graphs.outputs.unconstrained)

    @cached_property
    def _raw_pointwise(self) -> Function:
        return self._function(self.graphs.values, [self.graphs.outputs.pointwise])

    @cached_property
    def _parameters(self) -> Function:
        return self._function(self.graphs.values, self.graphs.outputs.parameters)

    def _raw_parameters(self, position: jax.Array, arrays: Arrays) -> Mapping[str, Any]:
        return dict(zip(self.spec.free_parameters, self._parameters(position, arrays), strict=True))

    def _pymc(self, position: jax.Array, arrays: Arrays) -> tuple[jax.Array, Any, Arrays]:
        """Return PyMC's position, the log slope of the change, and the graph's own arrays."""
        if self.ceiling is None:
            return position, 0.0, arrays
        moved, log_slope = self.ceiling.to_pymc(position, arrays)
        return moved, log_slope, arrays[:-1]

    def log_density(self, position: jax.Array, arrays: Arrays) -> jax.Array:
        """Return the log posterior density, a scalar."""
        moved, log_slope, inner = self._pymc(position, arrays)
        total = self._raw_density(moved, inner)[0]
        return jnp.asarray(total if self.ceiling is None else total + log_slope)

    def constrain(self, position: jax.Array, arrays: Arrays) -> jax.Array:
        """Return the stored variables on their natural scale, raveled, shape (m,)."""
        moved, _, inner = self._pymc(position, arrays)
        return jnp.concatenate([jnp.ravel(x) for x in self._raw_constrain(moved, inner)])

    def unconstrain(self, natural: jax.Array, arrays: Arrays) -> jax.Array:
        """Return the position of the free variables' natural values, shape (d,) both."""
        inner = arrays if self.ceiling is None else arrays[:-1]
        position = jnp.concatenate([jnp.ravel(x) for x in self._raw_unconstrain(natural, inner)])
        return position if self.ceiling is None else self.ceiling.from_pymc(position, arrays)

    def pointwise(self, position: jax.Array, arrays: Arrays) -> jax.Array:
        """Return the log likelihood of every row, shape (rows,)."""
        moved, _, inner = self._pymc(position, arrays)
        return jnp.asarray(self._raw_pointwise(moved, inner)[0])

    def parameters(self, position: jax.Array, arrays: Arrays) -> dict[str, jax.Array]:
        """Return every free parameter of the model on every row, natural scale, shape (rows,)."""
        moved, _, inner = self._pymc(position, arrays)
        values = self._raw_parameters(moved, inner)
        return {name: jnp.broadcast_to(x, (self.graphs.rows,)) for name, x in values.items()}

    def arrays_of(self, graphs: Graphs, columns: Columns) -> Arrays:
        """Return what a dataset's own graphs hold of it, as the functions take it."""
        arrays = tuple(jnp.asarray(constant.data) for constant in graphs.data)
        if self.ceiling is None:
            return arrays
        rt: FloatArray = np.asarray(columns["rt"], dtype=np.float64)[slow_rows(self.spec, columns)]
        # With one value of each parameter the slowest trial alone sets the ceiling.
        return (*arrays, jnp.asarray(rt if self.spec.formulas else rt.max(keepdims=True)))
