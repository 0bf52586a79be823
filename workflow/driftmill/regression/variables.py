"""The variables of a fit's graph: names, shapes, dims, and where each lies in a flat vector."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pymc as pm

from driftmill.models.declaration import FloatArray
from driftmill.regression.fit_spec import FitSpec

#: Labels of every dim of a dataset's variables.
Coords = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Variable:
    """One variable of a fit.

    Parameters
    ----------
    name
        As HSSM and Bambi have it: ``a``, ``v_x``, ``v_1|participant_id_sigma``.
    shape
        Shape of its value.
    dims
        Names of its axes.
    """

    name: str
    shape: tuple[int, ...]
    dims: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of its elements."""
        return int(np.prod(self.shape, dtype=int))

    def labels(self, coords: Coords) -> list[str]:
        """Return a label an element, e.g. ``v_c[b]``, in the order of the flat vector."""
        if not self.dims:
            return [self.name]
        levels = itertools.product(*(coords[dim] for dim in self.dims))
        return [f"{self.name}[{', '.join(level)}]" for level in levels]


def size_of(variables: Sequence[Variable]) -> int:
    """Return the length of the flat vector of some variables."""
    return sum(variable.size for variable in variables)


def slices_of(variables: Sequence[Variable]) -> list[slice]:
    """Return where each variable lies in their flat vector."""
    ends = np.cumsum([0, *(variable.size for variable in variables)]).tolist()
    return [slice(start, stop) for start, stop in itertools.pairwise(ends)]


def flatten(variables: Sequence[Variable], values: Mapping[str, FloatArray | float]) -> FloatArray:
    """Return values given by name as a flat vector."""
    parts = [np.broadcast_to(np.asarray(values[v.name], float), v.shape) for v in variables]
    return np.concatenate([part.reshape(-1) for part in parts])


def unflatten(variables: Sequence[Variable], flat: FloatArray) -> dict[str, FloatArray]:
    """Return flat vectors, shape (..., m), as one array (..., *shape) a variable."""
    return {
        variable.name: flat[..., where].reshape((*flat.shape[:-1], *variable.shape))
        for variable, where in zip(variables, slices_of(variables), strict=True)
    }


def coords_of(model: pm.Model) -> dict[str, tuple[str, ...]]:
    """Return the labels of all dims of a model but that of the trials."""
    return {
        name: tuple(str(label) for label in labels)
        for name, labels in model.coords.items()
        if labels is not None and not name.startswith(("__obs__", "c("))
    }


def variable_of(model: pm.Model, name: str) -> Variable:
    """Return the description of one variable of a model."""
    dims = tuple(model.named_vars_to_dims.get(name) or ())
    return Variable(name, tuple(len(model.coords[dim]) for dim in dims), dims)


def free_variables(model: pm.Model) -> tuple[Variable, ...]:
    """Return the free variables of a model in the order of their names."""
    return tuple(variable_of(model, name) for name in sorted(rv.name for rv in model.free_RVs))


def deviations(model: pm.Model) -> tuple[Variable, ...]:
    """Return the non-centred groups' deviations, which a model computes, by name."""
    names = (x.name for x in model.deterministics if "|" in x.name)
    return tuple(variable_of(model, name) for name in sorted(names))


def reading_order(spec: FitSpec) -> list[str]:
    """Return the names that the variables of a fit may have, in the order in which to read them.

    Parameter after parameter as the model declares them; of a formula its common terms, then
    of each group the sd, the deviations and, where there are some, the offsets.
    """
    names: list[str] = []
    for parameter in spec.free_parameters:
        if parameter not in spec.formulas:
            names.append(parameter)
            continue
        regression = spec.formulas[parameter]
        names += [regression.variable(term) for term in regression.terms.common]
        for group in regression.terms.groups:
            name = regression.variable(group.name)
            names += [f"{name}_mu", f"{name}_sigma", name, f"{name}_offset"]
    return names
