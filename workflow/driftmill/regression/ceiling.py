"""A parameter whose upper end depends on other parameters and on the slowest trial.

Bounds that collapse to zero before the slowest response leave that trial without density:
the support of the slope ends where the support of ``t`` ends at the fastest trial, but at a
place that moves with ``a`` and ``t``. A sampler that steps over such an edge diverges. Here the
parameter gets a coordinate that reaches the edge at infinity only, whatever the others are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from driftmill.regression.fit_spec import FitSpec

#: ``(position, data)`` to whatever a lifted function returns.
Lifted = Callable[[jax.Array, tuple[jax.Array, ...]], jax.Array]


@dataclass(frozen=True)
class Ceiling:
    """The change of coordinate of one parameter of a fit.

    Parameters
    ----------
    spec
        The fit.
    names
        Parameters in the order of a position.
    constrain, unconstrain
        PyMC's own transforms of the whole position, to the natural scale and back.
    """

    spec: FitSpec
    names: tuple[str, ...]
    constrain: Lifted
    unconstrain: Lifted

    @property
    def parameter(self) -> str:
        """The parameter under the ceiling."""
        ceiling = self.spec.model.ceiling
        assert ceiling is not None
        return ceiling.parameter

    @property
    def index(self) -> int:
        """Its place in a position."""
        return self.names.index(self.parameter)

    def ends(self, natural: jax.Array, slowest: jax.Array) -> tuple[Any, Any]:
        """Return the lower end and the upper end, the nearer of the prior's and the ceiling."""
        ceiling = self.spec.model.ceiling
        assert ceiling is not None
        lower, upper = self.spec.prior_of(self.parameter).support
        values = {name: natural[k] for k, name in enumerate(self.names)} | dict(self.spec.fixed)
        return lower, jnp.minimum(upper, ceiling.limit(values, slowest))

    def to_pymc(
        self, position: jax.Array, data: tuple[jax.Array, ...]
    ) -> tuple[jax.Array, jax.Array]:
        """Return PyMC's position and the log of its derivative by ours.

        Only this parameter's entry changes, and the others do not depend on it, so the
        Jacobian is triangular: its determinant is one derivative, that of the parameter by
        our coordinate over that of the parameter by PyMC's.
        """
        *arrays, slowest = data
        k, y = self.index, position[self.index]
        natural = self.constrain(position.at[k].set(0.0), tuple(arrays))
        lower, upper = self.ends(natural, slowest)
        value = lower + (upper - lower) * jax.nn.sigmoid(y)
        theirs = self.unconstrain(natural.at[k].set(value), tuple(arrays))
        moved = position.at[k].set(theirs[k])
        direction = jnp.zeros_like(position).at[k].set(1.0)
        slope = jax.jvp(lambda x: self.constrain(x, tuple(arrays)), (moved,), (direction,))[1][k]
        ours = jnp.log(upper - lower) + jax.nn.log_sigmoid(y) + jax.nn.log_sigmoid(-y)
        return moved, ours - jnp.log(slope)

    def from_natural(self, natural: jax.Array, data: tuple[jax.Array, ...]) -> jax.Array:
        """Return our position of natural values; NaN at or above the ceiling."""
        *arrays, slowest = data
        lower, upper = self.ends(natural, slowest)
        value = natural[self.index]
        ours = jnp.log(value - lower) - jnp.log(upper - value)
        return self.unconstrain(natural, tuple(arrays)).at[self.index].set(ours)


def applies(spec: FitSpec) -> bool:
    """Tell whether a fit has a parameter under a ceiling.

    Under a lapse no trial is without density, so there is no edge to keep away from.
    """
    ceiling = spec.model.ceiling
    return ceiling is not None and spec.p_outlier == 0.0 and ceiling.parameter not in spec.fixed
