"""A parameter one end of which depends on other parameters and on the slowest trials.

Bounds that collapse to zero before a response leave that trial without density: the support of
the slope ends where the support of ``t`` ends at the fastest trial, but at a place that moves
with ``a`` and ``t``. The start of an accumulator ends at its threshold; the time scale of a
collapse begins where it would be over before the slowest response. A sampler that steps over
such an edge diverges. Here the parameter gets a coordinate that reaches the edge at infinity
only, whatever the others are, be they one value a dataset or one a trial.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from driftmill.regression.fit_spec import FitSpec

Scalar = Callable[[Any], Any]
#: The largest log of a ratio to a lower end.
_FAR = 200.0


@dataclass(frozen=True)
class Ceiling:
    """The change of coordinate of one plain parameter of a fit.

    Parameters
    ----------
    spec
        The fit.
    index
        Place of the parameter in a position.
    to_natural, from_natural
        PyMC's own transform of this parameter, from its coordinate to its value and back.
    parameters
        ``(position, arrays)`` in PyMC's coordinates to the fit's free parameters by name.
    """

    spec: FitSpec
    index: int
    to_natural: Scalar
    from_natural: Scalar
    parameters: Callable[[jax.Array, Any], Mapping[str, Any]]

    @property
    def _endless(self) -> bool:
        """Whether the lower end moves and there is no upper one."""
        ceiling = self.spec.model.ceiling
        assert ceiling is not None
        return ceiling.lower and self.spec.prior_of(ceiling.parameter).support[1] == math.inf

    def _ends(self, position: jax.Array, data: Any) -> tuple[Any, Any, Any]:
        """Return both ends, of which one moves, and the power of the ratio to a lower one."""
        ceiling = self.spec.model.ceiling
        assert ceiling is not None
        *arrays, rt = data
        lower, upper = self.spec.prior_of(ceiling.parameter).support
        values = {**self.parameters(position, tuple(arrays)), **self.spec.fixed_numbers}
        limit = ceiling.limit(values, rt)
        if ceiling.lower:
            return jnp.maximum(lower, jnp.max(limit)), upper, jnp.mean(ceiling.power(values))
        return lower, jnp.minimum(upper, jnp.min(limit)), 1.0

    def to_pymc(self, position: jax.Array, data: Any) -> tuple[jax.Array, jax.Array]:
        """Return PyMC's position and the log of its derivative by ours.

        Only this parameter's entry changes, and the others do not depend on it, so the
        Jacobian is triangular: its determinant is one derivative, that of the parameter by
        our coordinate over that of the parameter by PyMC's.
        """
        y = position[self.index]
        lower, upper, power = self._ends(position.at[self.index].set(0.0), data)
        if self._endless:
            # Held where nothing is told any more, for no overflow.
            value = lower * jnp.exp(jnp.minimum(jax.nn.softplus(y) / power, _FAR))
            ours = jnp.log(value) + jax.nn.log_sigmoid(y) - jnp.log(power)
        else:
            value = lower + (upper - lower) * jax.nn.sigmoid(y)
            ours = jnp.log(upper - lower) + jax.nn.log_sigmoid(y) + jax.nn.log_sigmoid(-y)
        theirs = self.from_natural(value)
        slope = jax.grad(self.to_natural)(theirs)
        return position.at[self.index].set(theirs), ours - jnp.log(slope)

    def from_pymc(self, position: jax.Array, data: Any) -> jax.Array:
        """Return our position of PyMC's; NaN at or beyond the moving end."""
        lower, upper, power = self._ends(position.at[self.index].set(0.0), data)
        value = self.to_natural(position[self.index])
        if self._endless:
            above = power * jnp.log(value / lower)
            ours = above + jnp.log(-jnp.expm1(-above))
        else:
            ours = jnp.log(value - lower) - jnp.log(upper - value)
        return position.at[self.index].set(ours)


def applies(spec: FitSpec) -> bool:
    """Tell whether a fit has a plain parameter with a moving end.

    Under a lapse no trial is without density, so there is no edge to keep away from, but for
    one that other parameters set. What is held at one number a trial is known to the likelihood
    alone.
    """
    ceiling = spec.model.ceiling
    return (
        ceiling is not None
        and (bool(ceiling.by) or not spec.lapses)
        and not spec.fixed_columns
        and ceiling.parameter in spec.plain_parameters
    )
