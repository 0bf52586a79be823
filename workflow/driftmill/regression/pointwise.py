"""Pointwise log likelihoods, recomputed from a posterior's draws and its data."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression.lifted import Data, LiftedModel

#: Draws that are evaluated at once: bounds the memory at this many rows of trials.
CHUNK = 250


class PointwiseLikelihood:
    """The log likelihood of every trial at every draw, compiled once for a shape."""

    def __init__(self, lifted: LiftedModel) -> None:
        def of_draw(natural: jax.Array, data: Data) -> jax.Array:
            return lifted.pointwise(lifted.unconstrain(natural, data), data)

        self._lifted = lifted
        self._evaluate = jax.jit(jax.vmap(of_draw, (0, None)))

    def __call__(self, draws: FloatArray, columns: Columns) -> FloatArray:
        """Evaluate one dataset.

        Parameters
        ----------
        draws
            Shape (chain, draw, d), natural scale, parameters ordered by name.
        columns
            The dataset's trial columns, n of them counted.

        Returns
        -------
        FloatArray
            Shape (chain, draw, n).
        """
        chains, n_draws, d = draws.shape
        n = len(columns["response"])
        data = self._lifted.data_of(columns)
        flat = draws.reshape(-1, d)
        blocks = np.array_split(flat, max(1, int(np.ceil(len(flat) / CHUNK))))
        rows = [np.asarray(self._evaluate(jnp.asarray(block), data))[:, :n] for block in blocks]
        return np.concatenate(rows).reshape(chains, n_draws, n)
