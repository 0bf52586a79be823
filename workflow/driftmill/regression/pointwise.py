"""Pointwise log likelihoods, recomputed from a posterior's draws and its data."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression.draws import flat_draws
from driftmill.regression.lifted import Arrays, Data, LiftedModel
from driftmill.regression.lifter import Lifter

#: Values, draws times trials, that are evaluated at once: bounds the memory.
CHUNK = 250_000
#: Numerical solutions that are found side by side.
SOLUTIONS = 256


def draws_at_once(lifted: LiftedModel) -> int:
    """Return at how many draws a fit's log likelihood is evaluated at once."""
    size = CHUNK // lifted.graphs.rows
    if lifted.spec.model.decision.solved:
        layout = lifted.graphs.layout
        shared = None if layout is None else layout.shared
        size = min(size, SOLUTIONS // (1 if shared is None else shared.lanes))
    return max(1, size)


class PointwiseLikelihood:
    """The log likelihood of every trial at every draw, compiled once for a structure.

    Parameters
    ----------
    lifter
        The lifted models of the fit.
    """

    def __init__(self, lifter: Lifter) -> None:
        self._lifter = lifter
        self._programs: dict[int, Any] = {}

    def _program(self, lifted: LiftedModel) -> Any:
        def of_draw(natural: jax.Array, arrays: Arrays) -> jax.Array:
            return lifted.pointwise(lifted.unconstrain(natural, arrays), arrays)

        return self._programs.setdefault(id(lifted), jax.jit(jax.vmap(of_draw, (0, None))))

    def __call__(
        self, columns: Columns, posterior: xr.Dataset, dataset: int
    ) -> tuple[FloatArray, FloatArray]:
        """Evaluate one dataset.

        Parameters
        ----------
        columns
            The dataset's columns, n trials.
        posterior
            Group ``posterior`` of a batch.
        dataset
            The dataset's number.

        Returns
        -------
        tuple
            The log likelihood, shape (chain, draw, n), and the draws that it was evaluated
            at, shape (chain, draw, d).
        """
        lifted, data = self._lifter.of(columns)
        draws = flat_draws(lifted, data, posterior, dataset)
        return self.at(lifted, data, draws), draws

    def at(self, lifted: LiftedModel, data: Data, draws: FloatArray) -> FloatArray:
        """Evaluate a lifted dataset at draws.

        Parameters
        ----------
        lifted, data
            The model and the dataset, n trials.
        draws
            The free variables on their natural scale, shape (chain, draw, d).

        Returns
        -------
        ndarray
            The log likelihood, shape (chain, draw, n).
        """
        chains, n_draws, d = draws.shape
        flat = draws.reshape(-1, d)
        size = draws_at_once(lifted)
        blocks = np.array_split(flat, max(1, -(-len(flat) // size)))
        program = self._program(lifted)
        rows = [
            np.asarray(program(jnp.asarray(block), data.arrays))[:, : data.n_trials]
            for block in blocks
        ]
        return np.concatenate(rows).reshape(chains, n_draws, data.n_trials)
