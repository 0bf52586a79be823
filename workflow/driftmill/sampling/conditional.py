"""Coordinates in which the deviations of groups are standard normal whatever their sds are.

Given its sds and the shared parameters, what the data say of one group's deviations is nearly
a normal likelihood, whose curvature and maximum the centre of the posterior tells. Times the
normal prior it has a covariance and a mean that change with the sds and with the shared
parameters in closed form, and the deviations are sampled in units of that: where a group's data
say much this is the centred form, where they say little the non-centred one, for every
group and every direction by itself. It is exact where the likelihood is normal; the idea is that
of partial centring (Papaspiliopoulos, Roberts & Skold 2007, Stat. Sci. 22:59-73, section 3) with
a matrix in place of a weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.lax.linalg import triangular_solve
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray
from driftmill.sampling.scales import Group

#: The fields of a ``Conditional`` as arrays, or nothing.
ConditionalArrays = tuple[Any, ...]


@dataclass(frozen=True)
class Conditional:
    """What the data say of J groups' k deviations near the posterior's centre.

    With r the sds over their values at the centre, the deviations in units of their sds have, up
    to the quadratic term, precision ``r information r + 1`` and
    ``r (linear - cross (shared - shared_centre))`` as precision times mean.

    Parameters
    ----------
    places
        Places of the deviations in a position, shape (J, k).
    sd, sd_anchor
        Places of the k sds' logarithms, and their values at the centre.
    unit
        The deviations' coordinates per unit of the sd at the centre, shape (k,).
    information
        Shape (J, k, k).
    cross
        Shape (J, k, m).
    linear
        Shape (J, k).
    shared, shared_centre
        Places of the m parameters that are neither deviations nor scales, and their values.
    power
        Power at which the sds enter: 1, or less towards coordinates that do not change with them.
    """

    places: NDArray[np.int64]
    sd: NDArray[np.int64]
    sd_anchor: FloatArray
    unit: FloatArray
    information: FloatArray
    cross: FloatArray
    linear: FloatArray
    shared: NDArray[np.int64]
    shared_centre: FloatArray
    power: float = 1.0

    @property
    def arrays(self) -> ConditionalArrays:
        """The same as a compiled program takes it."""
        return tuple(jnp.asarray(field) for field in vars(self).values())

    def weakened(self, factor: float) -> Conditional:
        """Return coordinates that change less with the sds, not at all at ``factor`` 0."""
        return replace(self, power=self.power * factor)


def build_conditional(
    groups: Sequence[Group],
    position: FloatArray,
    sds: FloatArray,
    precision: FloatArray,
    shared: NDArray[np.int64],
) -> Conditional:
    """Take apart the curvature at a posterior's centre.

    Parameters
    ----------
    groups
        Terms over the same J groups, whose sds enter a position by their logarithms.
    position
        The centre, shape (d,): a maximum given the sds.
    sds
        The sds there by their places in a position, shape (d,).
    precision
        Minus the log density's Hessian there, shape (d, d), positive definite.
    shared
        Places of the parameters that are neither deviations nor scales.
    """
    members = groups[0].shape[0]
    places = np.concatenate(
        [np.arange(g.deviation.start, g.deviation.stop).reshape(members, -1) for g in groups],
        axis=1,
    )
    sd = np.concatenate([np.arange(g.sigma.start, g.sigma.stop) for g in groups])
    offset = np.concatenate([np.full(g.sigma.stop - g.sigma.start, g.offset) for g in groups])
    unit = np.where(offset, 1.0, sds[sd])
    whole = precision[places[:, :, None], places[:, None, :]] * unit[:, None] * unit
    cross = precision[places[:, :, None], shared] * unit[:, None]
    # The prior's share of the curvature is one; noise may leave less than that.
    values, vectors = np.linalg.eigh(whole - np.eye(len(sd)))
    information = np.einsum("jab,jb,jcb->jac", vectors, np.maximum(values, 0.0), vectors)
    centre = position[places] / unit
    linear = np.einsum("jab,jb->ja", information, centre) + centre
    return Conditional(
        *(places, sd, position[sd], unit, information, cross, linear, shared, position[shared])
    )


def marginal_precision(conditional: Conditional, precision: FloatArray) -> FloatArray:
    """Return the shared parameters' precision with the deviations integrated out, (m, m).

    Parameters
    ----------
    conditional
        What the data say of the deviations.
    precision
        Minus the log density's Hessian at the centre, shape (d, d).
    """
    shared, cross = conditional.shared, conditional.cross
    whole = conditional.information + np.eye(len(conditional.sd))
    taken = np.einsum("jka,jkb->ab", cross, np.linalg.solve(whole, cross))
    left = precision[np.ix_(shared, shared)] - taken
    return np.asarray(0.5 * (left + left.T))


def _parts(coordinates: Any, arrays: ConditionalArrays) -> tuple[Any, Any]:
    """Return the Cholesky factors (J, k, k) and what they leave of the linear term (J, k, 1)."""
    _, sd, sd_anchor, _, information, cross, linear, shared, shared_centre, power = arrays
    ratio = jnp.exp(power * (coordinates[sd] - sd_anchor))
    precision = ratio[:, None] * information * ratio + jnp.eye(sd.size)
    factor = jnp.linalg.cholesky(precision)
    right = ratio * (linear - cross @ (coordinates[shared] - shared_centre))
    return factor, triangular_solve(factor, right[..., None], left_side=True, lower=True)


def spread(coordinates: Any, arrays: ConditionalArrays) -> tuple[Any, Any]:
    """Return coordinates (d,) with their standard deviations made deviations, in JAX.

    Returns
    -------
    tuple
        The coordinates, and the logarithm of the Jacobian.
    """
    if not arrays:
        return coordinates, 0.0
    places, unit = arrays[0], arrays[3]
    factor, left = _parts(coordinates, arrays)
    scaled = triangular_solve(
        *(factor, left + coordinates[places][..., None]),
        **{"left_side": True, "lower": True, "transpose_a": True},
    )[..., 0]
    widths = jnp.log(unit) - jnp.log(jnp.diagonal(factor, axis1=1, axis2=2))
    return coordinates.at[places].set(unit * scaled), jnp.sum(widths)


def gathered(coordinates: Any, arrays: ConditionalArrays) -> Any:
    """Return coordinates (d,) with deviations made standard: the inverse of ``spread``."""
    if not arrays:
        return coordinates
    places, unit = arrays[0], arrays[3]
    factor, left = _parts(coordinates, arrays)
    scaled = (coordinates[places] / unit)[..., None]
    standard = jnp.swapaxes(factor, 1, 2) @ scaled - left
    return jnp.asarray(coordinates).at[places].set(standard[..., 0])
