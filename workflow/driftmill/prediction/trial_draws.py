"""The parameters of every trial under every draw, made a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import Columns, FloatArray, Model
from driftmill.prediction.designs import Designs, cut, finite
from driftmill.prediction.learned import Learned
from driftmill.regression.fit_spec import P_OUTLIER, FitSpec
from driftmill.simulation.trials import can_simulate

#: ``(numbers of draws, rows)`` to the values of every parameter, broadcastable to (draws, rows).
Values = Callable[[NDArray[np.int64], slice], Mapping[str, FloatArray]]
LAPSE = P_OUTLIER.name


@dataclass(frozen=True)
class TrialDraws:
    """What every trial's parameters are under every draw.

    Parameters
    ----------
    model
        The model that trials are simulated from: the decision model where there is learning.
    rows
        How many trials.
    usable
        Draws that data can be simulated from, shape (draws,).
    values
        The parameters of some draws on some trials, natural scale, ``p_outlier`` among them; of a
        learning model its own, and those of its decision model.
    """

    model: Model
    rows: int
    usable: NDArray[np.bool_]
    values: Values

    def of(
        self, draws: NDArray[np.int64], rows: slice | None = None, names: Sequence[str] = ()
    ) -> dict[str, FloatArray]:
        """Return parameters and ``p_outlier`` of some draws on some trials, (draws, rows).

        All of ``model``, unless there are ``names``.
        """
        where = slice(0, self.rows) if rows is None else rows
        values = self.values(draws, where)
        shape = (draws.size, where.stop - where.start)
        wanted = (*(names or self.model.parameter_names), LAPSE)
        return {name: np.broadcast_to(values[name], shape) for name in wanted}

    def among(self, rows: NDArray[np.bool_]) -> TrialDraws:
        """Return the same of some of the trials, marked in an array of shape (rows,)."""
        if rows.all():
            return self
        kept = np.flatnonzero(rows)

        def values(draws: NDArray[np.int64], where: slice) -> dict[str, FloatArray]:
            found = self.values(draws, slice(0, self.rows))
            return _at(found, kept[where])

        return replace(self, rows=kept.size, values=values)

    def choose(self, n_draws: int, seed: np.random.SeedSequence) -> NDArray[np.int64]:
        """Pick draws that can be simulated from without replacement, all when there are fewer."""
        possible = np.flatnonzero(self.usable)
        rng = np.random.default_rng(seed)
        return np.sort(rng.choice(possible, min(n_draws, possible.size), replace=False))


def trial_draws(
    spec: FitSpec,
    designs: Designs,
    draws: Mapping[str, FloatArray],
    columns: Columns,
    rows: int,
) -> TrialDraws:
    """Return the trial-wise parameters that draws of a fit's variables give.

    Parameters
    ----------
    spec
        The fit.
    designs
        Its formulas over the trials.
    draws
        By variable, shape (draws, ...).
    columns
        The columns that hold parameters fixed at one number a trial, and those that a learning
        process needs, shape (rows,). What is learned is learned from these trials, so that every
        trial is predicted from those before it.
    rows
        How many trials.

    Returns
    -------
    TrialDraws
        Where all trials have the same parameters, draws outside a support or out of a
        simulator's reach are not usable; where they differ, those that are not finite.
    """
    own = own_draws(spec, designs, draws, columns, rows)
    if spec.model.learning is None:
        return own
    learned = Learned(spec, columns)

    def with_decision(chosen: NDArray[np.int64], where: slice) -> dict[str, FloatArray]:
        found = own.values(chosen, slice(0, rows))
        decided = learned.decide(found, chosen.size)
        return _at(decided, where)

    return TrialDraws(spec.model.decision, rows, finite(draws), with_decision)


def own_draws(
    spec: FitSpec,
    designs: Designs,
    draws: Mapping[str, FloatArray],
    columns: Columns,
    rows: int,
) -> TrialDraws:
    """Return the parameters of a fit's own model, those of a learner before it learns.

    Takes what `trial_draws` takes; of the columns those that hold fixed parameters are enough.
    """
    held: dict[str, FloatArray] = {
        name: np.asarray(columns[column], dtype=np.float64)[None, :]
        for name, column in spec.fixed_columns.items()
    }
    held |= {name: np.array([[value]]) for name, value in spec.fixed_numbers.items()}
    if not spec.estimates_lapse:
        held[LAPSE] = np.array([[float(spec.p_outlier)]])  # type: ignore[arg-type]

    def values(chosen: NDArray[np.int64], where: slice) -> dict[str, FloatArray]:
        found = _at(held, where)
        found |= {name: draws[name][chosen, None] for name in spec.plain_parameters}
        for name, design in designs.items():
            here = {variable: draws[variable][chosen] for variable in design.labels}
            found[name] = cut(design, where).parameter(here)
        return found

    count = len(next(iter(draws.values())))
    usable = finite(draws)
    if not (designs or spec.fixed_columns or spec.model.learning):
        every = values(np.arange(count), slice(0, 1))
        same = {name: np.broadcast_to(x[:, 0], count) for name, x in every.items()}
        usable = possible(spec.model, same)
    return TrialDraws(spec.model, rows, usable, values)


def _at(
    parameters: Mapping[str, FloatArray], trials: slice | NDArray[np.int64]
) -> dict[str, FloatArray]:
    """Return the values of some trials, shape (draws, trials), or (draws, 1) where all share."""
    return {name: x if x.shape[1] == 1 else x[:, trials] for name, x in parameters.items()}


def possible(model: Model, parameters: Mapping[str, FloatArray]) -> NDArray[np.bool_]:
    """Tell which values can be simulated: inside their supports, the lapse a probability."""
    lapse = parameters[LAPSE]
    return can_simulate(model, parameters) & (lapse >= 0.0) & (lapse < 1.0)
