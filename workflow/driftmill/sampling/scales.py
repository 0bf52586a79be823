"""Which variables of a fit are scales, and what they multiply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftmill.formulas.terms import INTERCEPT
from driftmill.models.declaration import FloatArray
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifted import LiftedModel
from driftmill.regression.variables import Variable, slices_of
from driftmill.sampling.settings import Kind


@dataclass(frozen=True)
class Group:
    """A term that varies over groups.

    Parameters
    ----------
    name
        The term's variable, e.g. ``v_1|participant_id``.
    sigma, deviation
        Places of its sds and of its deviations in a position.
    shape
        Groups, or groups times levels, of the deviations.
    offset
        Whether deviations are stored as multiples of the sd.
    """

    name: str
    sigma: slice
    deviation: slice
    shape: tuple[int, ...]
    offset: bool

    @property
    def factor(self) -> str:
        """What its groups are groups of, e.g. ``participant_id``."""
        return self.name.rpartition("|")[2]


@dataclass(frozen=True)
class Product:
    """A scale of which only its product with others is identified.

    Parameters
    ----------
    scale
        Place of the scale's logarithm in a position.
    multiplied
        Places of what it multiplies: values and coefficients.
    groups
        Terms over groups that it multiplies, by name.
    """

    scale: int
    multiplied: tuple[slice, ...]
    groups: tuple[str, ...]


def groups_of(free: tuple[Variable, ...]) -> list[Group]:
    """Pair the sds of a fit with their deviations."""
    where = dict(zip((v.name for v in free), slices_of(free), strict=True))
    shapes = {v.name: v.shape for v in free}
    groups = []
    for name in where:
        if not name.endswith("_sigma"):
            continue
        term = name.removesuffix("_sigma")
        for deviation, offset in ((f"{term}_offset", True), (term, False)):
            if deviation in where:
                shape = shapes[deviation]
                groups.append(Group(term, where[name], where[deviation], shape, offset))
    return groups


def products_of(spec: FitSpec, free: tuple[Variable, ...]) -> list[Product]:
    """Find the model's products of which the scale and another member are free.

    The scale is the product's first member: plain, or by a formula on the logarithmic scale;
    the others count where they are plain or by a formula on the identity scale.
    """
    where = dict(zip((v.name for v in free), slices_of(free), strict=True))
    found: dict[int, tuple[list[slice], list[str]]] = {}
    for first, *others in spec.model.products:
        place = where.get(first)
        if first in spec.formulas:
            formula = spec.formulas[first]
            logarithmic = formula.link.name == "log" and formula.link.lower == 0.0
            place = where.get(formula.variable(INTERCEPT)) if logarithmic else None
        if place is None:
            continue
        multiplied, groups = found.setdefault(place.start, ([], []))
        for name in others:
            if name in spec.plain_parameters:
                multiplied.append(where[name])
            elif name in spec.formulas and spec.formulas[name].link.name == "identity":
                formula = spec.formulas[name]
                multiplied += [where[formula.variable(t)] for t in formula.terms.common]
                groups += [formula.variable(g.name) for g in formula.terms.groups]
    return [Product(k, tuple(m), tuple(g)) for k, (m, g) in found.items() if m or g]


def held_of(groups: list[Group], products: list[Product], dimension: int) -> NDArray[np.bool_]:
    """Tell which coordinates are scales, shape (d,)."""
    held = np.zeros(dimension, dtype=bool)
    for group in groups:
        held[group.sigma] = True
    for product in products:
        held[product.scale] = True
    return held


def main_groups(groups: Sequence[Group]) -> list[Group]:
    """Return the groups of one factor, that with most deviations."""
    sizes: dict[str, int] = {}
    for group in groups:
        sizes[group.factor] = sizes.get(group.factor, 0) + int(np.prod(group.shape))
    largest = max(sizes, key=lambda factor: sizes[factor], default="")
    return [group for group in groups if group.factor == largest]


def members_of(groups: Sequence[Group], dimension: int) -> NDArray[np.int64]:
    """Return which group each coordinate is a deviation of, -1 where of none, shape (d,).

    The groups are those of one factor: deviations of one participant and of another never
    meet in a trial, but those of a participant and of an item may.
    """
    members = np.full(dimension, -1, dtype=np.int64)
    for group in main_groups(groups):
        owner = np.arange(group.shape[0]).reshape(-1, *(1,) * (len(group.shape) - 1))
        members[group.deviation] = np.broadcast_to(owner, group.shape).reshape(-1)
    return members


def are_logarithms(where: slice, position: FloatArray, natural: FloatArray) -> bool:
    """Tell whether coordinates are the logarithms of their values."""
    return bool(np.allclose(np.exp(position[where]), natural[where], rtol=1e-6, atol=0.0))


def kind_of(lifted: LiftedModel) -> Kind:
    """Return what kind of fit it is for the sampler: of two kinds, the harder."""
    if products_of(lifted.spec, lifted.free):
        return "products"
    return "groups" if groups_of(lifted.free) else "plain"
