"""What a learning process says of every trial under many draws, given the trials before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.panel import decision_values, laid_out


class Learned:
    """The decision model's parameters on the trials of one dataset, compiled once.

    Parameters
    ----------
    spec
        A fit of a learning model.
    columns
        Its response columns and those that its process needs, each of shape (rows,).
    """

    def __init__(self, spec: FitSpec, columns: Columns) -> None:
        made, panel = laid_out(spec, columns)
        arrays = {name: jnp.asarray(made[name]) for name in panel.columns}
        driven = spec.model.parameter_names
        self._driven = [n for n in spec.model.decision.parameter_names if n not in driven]

        def of_draw(values: Mapping[str, Any]) -> dict[str, Any]:
            found = decision_values(spec, panel, arrays, values)
            return {name: found[name] for name in self._driven}

        self._names = spec.model.parameter_names
        self._evaluate = jax.jit(jax.vmap(of_draw))

    def decide(self, values: Mapping[str, FloatArray], draws: int) -> dict[str, FloatArray]:
        """Return the values and, of every draw and trial, what learning sets.

        Parameters
        ----------
        values
            Every parameter of the learning model, broadcastable to (draws, rows).
        draws
            How many draws.

        Returns
        -------
        dict
            ``values``, then the driven parameters of the decision model, shape (draws, rows).
        """
        given = {}
        for name in self._names:
            each = np.broadcast_to(values[name], (draws, values[name].shape[1]))
            given[name] = jnp.asarray(each[:, 0] if each.shape[1] == 1 else each)
        found = self._evaluate(given)
        return {**values, **{name: np.asarray(found[name]) for name in self._driven}}
