"""Rows that share a solution of a density that is solved for numerically.

Where formulas give the parameters that a solution depends on, rows which agree in the columns of
these formulas (the same participant, the same condition) share one. They are laid out as lanes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import Columns, LogDensity, Model
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.layout import Layout


@dataclass(frozen=True)
class Shared(Layout):
    """The layout of rows, a lane a set of the parameters that a solution depends on."""

    marks: ClassVar[tuple[str, str]] = ("trial_set", "trial_set_place")

    @property
    def shared(self) -> Shared:
        """Itself, as a learner's layout tells which of its rows share a solution."""
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that tell whose each row is, in the order of the observed matrix."""
        return () if self.regular else self.marks


def deciding_columns(spec: FitSpec) -> tuple[str, ...]:
    """Return the columns that tell on which solution a row depends; none where all share one."""
    names: list[str] = []
    for name in spec.model.decision.solved:
        if name in spec.formulas:
            names += spec.formulas[name].terms.columns
        elif name in spec.fixed_columns:
            names.append(spec.fixed_columns[name])
    return tuple(dict.fromkeys(names))


def laid_by_sets(
    spec: FitSpec, columns: Columns
) -> tuple[dict[str, NDArray[np.float64]], Shared | None]:
    """Say which rows share a solution.

    Parameters
    ----------
    spec
        The fit.
    columns
        All columns that the fit needs, each of shape (n,).

    Returns
    -------
    columns
        Those of the layout, to be added, where rows have several solutions.
    layout
        None where there is one for all, or none is needed.
    """
    names = deciding_columns(spec)
    if not names:
        return {}, None
    frame = pd.DataFrame({name: np.asarray(columns[name]) for name in names})
    return _laid(frame)


def _laid(frame: pd.DataFrame) -> tuple[dict[str, NDArray[np.float64]], Shared]:
    """Give rows that agree in a frame a lane, in the order in which they appear."""
    groups = frame.groupby(list(frame.columns), sort=False, dropna=False, observed=True)
    lane = groups.ngroup().to_numpy(dtype=np.int64)
    place = groups.cumcount().to_numpy(dtype=np.int64)
    lanes, longest, n = int(lane.max()) + 1, int(place.max()) + 1, len(lane)
    regular = n == lanes * longest and bool((lane * longest + place == np.arange(n)).all())
    marks = dict(zip(Shared.marks, (lane.astype(float), place.astype(float)), strict=True))
    return marks, Shared(lanes, longest, regular)


def density_by_sets(
    log_density: LogDensity,
    model: Model,
    layout: Layout,
    columns: Mapping[str, Any],
    arguments: Sequence[Any],
) -> jax.Array:
    """Return the log density of every row, with one solution a lane.

    Parameters
    ----------
    log_density
        Of the model.
    model
        A model with parameters that a solution depends on.
    layout
        Which rows share one.
    columns
        The response columns and those of the layout, each of shape (n,).
    arguments
        Values of the model's parameters in order, each a scalar or of shape (n,); those that a
        solution depends on are the same on all rows of a lane.

    Returns
    -------
    jax.Array
        Shape (n,).
    """
    # A lane without a trial at some place has one there that comes too early.
    responses = [layout.spread(columns[name], columns) for name in model.response_columns]
    laid = []
    for name, value in zip(model.parameter_names, arguments, strict=True):
        if jnp.ndim(value) == 0:
            laid.append(value)
        elif name in model.solved:
            laid.append(layout.first(value, columns)[None, :])
        else:
            laid.append(layout.spread(value, columns))
    found = jnp.asarray(log_density(*responses, *laid))
    return layout.gather(jnp.broadcast_to(found, (layout.trials, layout.lanes)), columns)


def log_density_of_rows(
    log_density: LogDensity, model: Model, columns: Columns, values: Sequence[NDArray[Any]]
) -> jax.Array:
    """Return the log density of every row, rows of equal parameters sharing a solution.

    Parameters
    ----------
    log_density
        Of the model.
    model
        The model.
    columns
        Its response columns, each of shape (n,).
    values
        Its parameters in order, each of shape (n,).
    """
    if not model.solved:
        return jnp.asarray(log_density(*(columns[n] for n in model.response_columns), *values))
    given = dict(zip(model.parameter_names, values, strict=True))
    marks, layout = _laid(pd.DataFrame({name: given[name] for name in model.solved}))
    made = {**columns, **marks}
    arrays = {
        name: jnp.asarray(made[name], float) for name in (*model.response_columns, *layout.marks)
    }
    return density_by_sets(
        log_density, model, layout, arrays, [jnp.asarray(x, float) for x in values]
    )
