"""The compiled programs of one fit, shared by all datasets of one structure."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp

from driftmill.regression.lifted import Arrays, LiftedModel
from driftmill.sampling.advi import Variational, build_variational
from driftmill.sampling.hmc import Lanes, build_lanes
from driftmill.sampling.mode import position_of
from driftmill.sampling.nuts import Kernel, build_kernel
from driftmill.sampling.scales import kind_of
from driftmill.sampling.settings import Rung, SamplingSettings

#: Largest number of parameters for which the warm-up adapts a dense mass matrix. Whitened by the
#: curvature at the mode, more parameters do better with a diagonal one: a dense one is too noisy.
DENSE_LIMIT = 20


class Programs:
    """What is compiled once for all datasets of one structure.

    Parameters
    ----------
    lifted
        The fit's functions.
    settings
        How posteriors are sampled.
    """

    def __init__(self, lifted: LiftedModel, settings: SamplingSettings) -> None:
        self.lifted = lifted
        self.settings = settings.of_fit(kind_of(lifted))
        self._kernels: dict[tuple[int, float], Kernel] = {}

    @cached_property
    def potential(self) -> Callable[[Any, Arrays], Any]:
        """Negative log density and gradient."""
        return jax.jit(jax.value_and_grad(lambda x, arrays: -self.lifted.log_density(x, arrays)))

    @cached_property
    def density(self) -> Callable[[Any, Arrays], Any]:
        """Log density alone, for what has no gradient."""
        return jax.jit(self.lifted.log_density)

    @cached_property
    def constrain(self) -> Callable[[Any, Arrays], Any]:
        """Positions (n, d) to natural values of all stored variables (n, m)."""
        return jax.jit(jax.vmap(self.lifted.constrain, (0, None)))

    @cached_property
    def unconstrain(self) -> Callable[[Any, Arrays], Any]:
        """Natural values (d,) to a position (d,)."""
        return jax.jit(self.lifted.unconstrain)

    def _whitened(self, z: jax.Array, arrays: Arrays, mode: tuple[Any, ...]) -> jax.Array:
        position, log_slope = position_of(z, mode)
        return jnp.asarray(self.lifted.log_density(position, arrays) + log_slope)

    @cached_property
    def whitened_densities(self) -> Callable[..., Any]:
        """Log densities (n,) by whitened coordinates (n, d), a hundred side by side."""

        def densities(z: jax.Array, arrays: Arrays, mode: tuple[Any, ...]) -> jax.Array:
            return jnp.asarray(
                jax.lax.map(lambda x: self._whitened(x, arrays, mode), z, batch_size=100)
            )

        return jax.jit(densities)

    @cached_property
    def variational(self) -> Variational:
        """The optimisation of ``advi``."""
        return build_variational(self._whitened)

    @cached_property
    def lanes(self) -> Lanes:
        """The programs of ``hmc``, for all rungs."""
        return build_lanes(self._whitened, self._dense)

    @property
    def _dense(self) -> bool:
        return self.lifted.dimension <= DENSE_LIMIT

    def kernel(self, rung: Rung) -> Kernel:
        """Return the NUTS programs of one rung."""
        key = (rung.warmup, rung.target_accept)
        if key not in self._kernels:
            self._kernels[key] = build_kernel(
                self.lifted.log_density,
                *key,
                self.settings.max_tree_depth,
                dense=self._dense,
            )
        return self._kernels[key]
