"""Mean-field variational inference by NumPyro's SVI, as one compiled program for a batch.

The Gaussian has independent coordinates where those of the mode are whitened, so it follows the
linear trade-offs between parameters, which independent parameters would not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from numpyro.distributions import ImproperUniform, constraints
from numpyro.infer import SVI, Trace_ELBO
from numpyro.infer.autoguide import AutoNormal
from numpyro.infer.initialization import init_to_value
from numpyro.optim import Adam

from driftmill.models.declaration import FloatArray
from driftmill.sampling.mode import Mode

#: Steps of the optimiser, and its step size at the first and at the last.
STEPS = 10_000
FIRST_STEP, LAST_STEP = 0.05, 0.0005
#: A rise of the ELBO in the last tenth of the steps, in nats, that is worth a word.
RISE = 0.1

#: ``(key, arrays, mode)`` to location, scale and the loss of every step.
Variational = Callable[..., tuple[jax.Array, jax.Array, jax.Array]]


@dataclass(frozen=True)
class Fitted:
    """A Gaussian with independent whitened coordinates.

    Parameters
    ----------
    location, scale
        Shape (d,), whitened coordinates.
    losses
        The negative ELBO of every step, NaN where a step met no density and was not taken.
    """

    location: FloatArray
    scale: FloatArray
    losses: FloatArray

    def coordinates(self, z: FloatArray) -> FloatArray:
        """Turn standard normal numbers (..., d) into whitened coordinates."""
        return np.asarray(self.location + self.scale * z)

    @property
    def note(self) -> str:
        """What there is to say about convergence; empty when the ELBO is at rest."""
        tenth = len(self.losses) // 10
        before, after = self.losses[-2 * tenth : -tenth], self.losses[-tenth:]
        if np.isnan(after).mean() > 0.5:
            return "more than half of the last steps met no density"
        rise = float(np.nanmean(before) - np.nanmean(after))
        error = float(np.hypot(np.nanstd(before), np.nanstd(after)) / np.sqrt(tenth))
        if rise <= max(RISE, 2.0 * error):
            return ""
        return f"the ELBO still rose by {rise:.2g} in the last tenth of {len(self.losses)} steps"


def build_variational(whitened: Callable[..., jax.Array]) -> Variational:
    """Compile (on first use) the optimisation for every dataset of one structure.

    Parameters
    ----------
    whitened
        ``(z, arrays, mode)`` to the log density by whitened coordinates; ``mode`` is
        ``Mode.arrays``.
    """

    def step_size(step: Any) -> Any:
        return FIRST_STEP * (LAST_STEP / FIRST_STEP) ** (step / STEPS)

    @jax.jit
    def optimise(key: Any, arrays: Any, mode: Any) -> Any:
        origin = jnp.zeros_like(mode[0])

        def model() -> None:
            flat = ImproperUniform(constraints.real_vector, (), event_shape=origin.shape)
            z = numpyro.sample("z", flat)
            numpyro.factor("log_density", whitened(z, arrays, mode))

        guide = AutoNormal(model, init_loc_fn=init_to_value(values={"z": origin}), init_scale=1.0)
        svi = SVI(model, guide, Adam(step_size), Trace_ELBO())
        first = svi.init(key)
        last, losses = jax.lax.scan(lambda state, _: svi.stable_update(state), first, length=STEPS)
        found = svi.get_params(last)
        return found["z_auto_loc"], found["z_auto_scale"], losses

    return optimise


def fit_variational(
    program: Variational, arrays: tuple[jax.Array, ...], mode: Mode, key: jax.Array
) -> Fitted:
    """Fit one dataset's Gaussian, starting from that of the mode's curvature.

    Parameters
    ----------
    program
        What ``build_variational`` made.
    arrays
        The dataset, as the log density takes it.
    mode
        Makes positions of whitened coordinates.
    key
        The dataset's random key.
    """
    return Fitted(*(np.asarray(x) for x in program(key, arrays, mode.arrays)))
