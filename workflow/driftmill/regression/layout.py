"""How the rows of a dataset lie in lanes: participants, or sets of parameters that rows share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

#: The columns of participants' lanes.
LANE, PLACE = "trial_lane", "trial_place"


@dataclass(frozen=True)
class Layout:
    """Rows in lanes, all that a program must know of it.

    Parameters
    ----------
    lanes
        How many there are.
    trials
        Rows of the lane with most of them.
    regular
        Whether all have as many and the rows are in order: then rows are reshaped, not looked up.
    """

    lanes: int
    trials: int
    regular: bool

    #: Columns that are added to the trials: the lane of each, and the how manieth in it.
    marks: ClassVar[tuple[str, str]] = (LANE, PLACE)

    def _marked(self, columns: Mapping[str, Any]) -> tuple[jax.Array, jax.Array]:
        lane, place = (jnp.asarray(columns[name]).astype(int) for name in self.marks)
        return lane, place

    def spread(self, rows: Any, columns: Mapping[str, Any], fill: float = 0.0) -> jax.Array:
        """Lay a value a row out as (trials, lanes); ``fill`` where a lane has no trial."""
        rows = jnp.asarray(rows)
        if self.regular:
            return jnp.asarray(rows.reshape(self.lanes, self.trials).T)
        lane, place = self._marked(columns)
        empty = jnp.full((self.trials, self.lanes), fill, dtype=rows.dtype)
        filled = empty.at[place, lane].set(rows, unique_indices=True)
        return jnp.asarray(filled)

    def first(self, rows: jax.Array, columns: Mapping[str, Any]) -> jax.Array:
        """Return every lane's value of a column that is constant over its trials."""
        if self.regular:
            return rows.reshape(self.lanes, self.trials)[:, 0]
        lane, place = self._marked(columns)
        heads = jnp.where(place == 0, rows, 0.0)
        return jnp.zeros(self.lanes, dtype=rows.dtype).at[lane].add(heads)

    def gather(self, laid: jax.Array, columns: Mapping[str, Any]) -> jax.Array:
        """Return what is laid out as (trials, ..., lanes) as (..., rows)."""
        if self.regular:
            return jnp.moveaxis(laid, 0, -1).reshape(*laid.shape[1:-1], -1)
        lane, place = self._marked(columns)
        return jnp.moveaxis(laid[place, ..., lane], 0, -1)
