"""Draws of a posterior as the lifted functions take them, and as every trial's parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from driftmill.models.declaration import FloatArray
from driftmill.regression.lifted import Arrays, Data, LiftedModel
from driftmill.regression.variables import Coords, Variable

#: Values of one parameter, draws times trials, that are held at once.
CHUNK = 250_000


def draws_of(
    variables: Sequence[Variable], coords: Coords, posterior: xr.Dataset, dataset: int
) -> FloatArray:
    """Return one dataset's draws of some variables, raveled, shape (chain, draw, d).

    Parameters
    ----------
    variables
        The variables, in the order wanted.
    coords
        The dataset's labels of their dims: a batch may hold others beside them.
    posterior
        Group ``posterior`` of a batch.
    dataset
        The dataset's number.
    """
    one = posterior.sel(dataset=dataset)
    parts = []
    for variable in variables:
        labels = {dim: list(coords[dim]) for dim in variable.dims}
        values = one[variable.name].sel(labels).transpose("chain", "draw", *variable.dims)
        parts.append(values.to_numpy().reshape(values.sizes["chain"], values.sizes["draw"], -1))
    return np.ascontiguousarray(np.concatenate(parts, axis=-1), dtype=np.float64)


def flat_draws(lifted: LiftedModel, data: Data, posterior: xr.Dataset, dataset: int) -> FloatArray:
    """Return one dataset's draws of the free variables, shape (chain, draw, d), natural scale."""
    return draws_of(lifted.free, data.coords, posterior, dataset)


class TrialParameters:
    """Every parameter of a model on every trial, compiled once for a structure."""

    def __init__(self, lifted: LiftedModel) -> None:
        def of_draw(natural: jax.Array, arrays: Arrays) -> dict[str, jax.Array]:
            return lifted.parameters(lifted.unconstrain(natural, arrays), arrays)

        self._lifted = lifted
        self._evaluate = jax.jit(jax.vmap(of_draw, (0, None)))

    def __call__(self, draws: FloatArray, data: Data) -> dict[str, FloatArray]:
        """Evaluate the parameters.

        Parameters
        ----------
        draws
            Shape (k, d): the free variables on their natural scale.
        data
            The dataset, of n trials.

        Returns
        -------
        dict
            By parameter, fixed ones and an estimated ``p_outlier`` included, shape (k, n).
        """
        spec, n = self._lifted.spec, data.n_trials
        found = self._evaluate(jnp.asarray(draws), data.arrays)
        values = {name: np.asarray(x)[:, :n] for name, x in found.items()}
        shape = (len(draws), n)
        for name, number in spec.fixed_numbers.items():
            values[name] = np.full(shape, number)
        for name, column in spec.fixed_columns.items():
            row = np.asarray(data.columns[column], dtype=np.float64)[:n]
            values[name] = np.broadcast_to(row, shape).copy()
        return {p.name: values[p.name] for p in spec.parameters}

    def chunks(self, draws: FloatArray, data: Data) -> Iterator[dict[str, FloatArray]]:
        """Evaluate the parameters some draws at a time, so that memory stays bounded."""
        size = max(1, CHUNK // max(1, self._lifted.graphs.rows))
        for start in range(0, len(draws), size):
            yield self(draws[start : start + size], data)
