"""Log densities that are plain NumPy functions, called from compiled programs."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import LogDensity


@lru_cache
def called_back(density: LogDensity) -> Callable[..., jax.Array]:
    """Return a NumPy log density as a JAX function, which has no gradient.

    Parameters
    ----------
    density
        ``density(*columns, *parameters)`` with one value a trial each, shape (n,), to one log
        density a trial. NaN counts as a density of 0.

    Returns
    -------
    Callable
        It takes numbers and arrays of any shapes that broadcast.
    """

    def on_host(*arguments: Any) -> NDArray[np.float64]:
        arrays = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in arguments))
        values = np.asarray(density(*(x.ravel() for x in arrays)), dtype=np.float64)
        whole = np.broadcast_to(values, (arrays[0].size,)).reshape(arrays[0].shape)
        return np.where(np.isnan(whole), -np.inf, whole)

    def function(*arguments: Any) -> jax.Array:
        arrays = jnp.broadcast_arrays(*(jnp.asarray(x, dtype=jnp.float64) for x in arguments))
        shape = jax.eval_shape(lambda x: x, arrays[0])
        # Draws that are evaluated side by side go to the function as more trials.
        return jax.pure_callback(on_host, shape, *arrays, vmap_method="broadcast_all")  # type: ignore[no-any-return]

    return function
