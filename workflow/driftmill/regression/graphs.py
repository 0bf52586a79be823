"""The graphs of a fit's PyMC model: inputs, outputs and constants in an order of our own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pymc as pm

from driftmill.regression.build import FASTEST
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifting import (
    LiftingError,
    constants,
    content,
    freeze_shared,
    is_data,
)
from driftmill.regression.panel import Panel
from driftmill.regression.response import pointwise_operation
from driftmill.regression.shared_solutions import Shared
from driftmill.regression.variables import (
    Coords,
    Variable,
    coords_of,
    deviations,
    free_variables,
)


@dataclass(frozen=True)
class Outputs:
    """What is computed from the free variables.

    Parameters
    ----------
    pointwise
        Log likelihood of every row.
    log_density
        Log posterior density.
    constrained
        Stored variables on their natural scale.
    parameters
        The fit's free parameters, each a scalar or one value a row.
    unconstrained
        Free variables on the unconstrained scale, from ``Graphs.naturals``.
    """

    pointwise: Any
    log_density: Any
    constrained: list[Any]
    parameters: list[Any]
    unconstrained: list[Any]


@dataclass(frozen=True)
class Graphs:
    """The graphs of a model of one dataset.

    Parameters
    ----------
    spec
        The fit.
    model
        Its PyMC model.
    rows
        Rows of the dataset, padding included.
    layout
        How the rows lie, for a learning model, or where rows share numerical solutions.
    """

    spec: FitSpec
    model: pm.Model
    rows: int
    layout: Panel | Shared | None = None

    @cached_property
    def free(self) -> tuple[Variable, ...]:
        """The free variables by name."""
        return free_variables(self.model)

    @cached_property
    def stored(self) -> tuple[Variable, ...]:
        """The free variables, then the deviations that are computed."""
        return (*self.free, *deviations(self.model))

    @cached_property
    def coords(self) -> Coords:
        """Labels of the variables' dims."""
        return coords_of(self.model)

    @cached_property
    def _rvs(self) -> list[Any]:
        return [self.model[variable.name] for variable in self.free]

    @cached_property
    def values(self) -> list[Any]:
        """The free variables on the unconstrained scale, inputs of all outputs but one kind."""
        return [self.model.rvs_to_values[rv] for rv in self._rvs]

    @cached_property
    def naturals(self) -> list[Any]:
        """The free variables on their natural scale, inputs of ``Outputs.unconstrained``."""
        return [rv.type(name=f"natural_{rv.name}") for rv in self._rvs]

    @cached_property
    def _unconstrained(self) -> list[Any]:
        transforms = [self.model.rvs_to_transforms[rv] for rv in self._rvs]
        return [
            natural if transform is None else transform.forward(natural, *rv.owner.inputs)
            for rv, natural, transform in zip(self._rvs, self.naturals, transforms, strict=True)
        ]

    @cached_property
    def _constants(self) -> list[Any]:
        """All constants of the model, in the order of a walk over its variables."""
        (observed,) = self.model.observed_RVs
        value = self.model.rvs_to_values[observed]
        return [value, *constants([observed, *self._rvs, *self._unconstrained])]

    @cached_property
    def data(self) -> list[Any]:
        """The constants that hold data."""
        return [c for c in self._constants if is_data(c, self.rows, (FASTEST,))]

    @cached_property
    def structure(self) -> bytes:
        """All that is not data: datasets with equal structures share a program."""
        parts = []
        for constant in self._constants:
            held = is_data(constant, self.rows, (FASTEST,))
            parts.append(str(constant.type).encode() if held else content(constant))
        shapes = repr([(v.name, v.shape, v.dims) for v in self.stored]).encode()
        layout = repr((self.rows, self.layout, self.spec.omission_kinds)).encode()
        return b"\0".join([layout, shapes, *parts])

    @cached_property
    def outputs(self) -> Outputs:
        """What is computed from the free variables, in an order that no hash seed can change."""
        model = self.model
        (observed,) = model.observed_RVs
        stored = [model[variable.name] for variable in self.stored]
        parameters = [model[name] for name in self.spec.free_parameters]
        natural = model.replace_rvs_by_values([*stored, *parameters])
        # PyMC's own way to the likelihood rewrites the graph and with it the data in it.
        pointwise = pointwise_operation(self.spec, self.layout)(
            model.rvs_to_values[observed], *natural[len(stored) :]
        )
        # Bambi creates variables in the order of a set; the sum is taken in ours.
        total = pointwise.sum()
        for prior in model.logp(vars=self._rvs, sum=False):
            total = total + prior.sum()
        ends = freeze_shared([pointwise, total, *natural, *self._unconstrained])
        self._check(ends)
        first, second = 2 + len(stored), 2 + len(stored) + len(parameters)
        return Outputs(ends[0], ends[1], ends[2:first], ends[first:second], ends[second:])

    def _check(self, outputs: list[Any]) -> None:
        """Make sure that what the outputs hold of the data is what is lifted, no more, no less."""
        found = {id(c) for c in constants(outputs) if is_data(c, self.rows, (FASTEST,))}
        if found != {id(c) for c in self.data}:
            raise LiftingError(
                f"fit {self.spec.name}: the graph holds data that are not lifted, or lacks some; "
                "an unusual term of a formula may be the cause"
            )
