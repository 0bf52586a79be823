"""From datasets to lifted models: one program for all datasets of one structure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import Columns
from driftmill.regression.build import build_model
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.graphs import Graphs
from driftmill.regression.held_out import HeldOut, with_responses, withhold
from driftmill.regression.lifted import Data, LiftedModel
from driftmill.regression.omissions import marked
from driftmill.regression.panel import COUNTED, Panel, laid_out
from driftmill.regression.shared_solutions import Shared, laid_by_sets


class Lifter:
    """The lifted models of one fit on one cell.

    Datasets of a fit without formulas are padded to the cell's longest and share one program.
    With formulas they are taken as they are, and those share a program that have the same
    number of rows, groups and levels, and as many sets of parameters that are solved for; so are
    those of learning models, whose datasets share one that have as many participants, trials of
    each and cues. What a program is depends on the
    dataset alone, never on its neighbours in a batch.

    Parameters
    ----------
    spec
        The fit.
    shape
        The cell's shape.
    """

    def __init__(self, spec: FitSpec, shape: Shape) -> None:
        self.spec = spec
        self.shape = shape
        self._models: dict[bytes, LiftedModel] = {}

    def of(self, columns: Columns) -> tuple[LiftedModel, Data]:
        """Return the lifted model of a dataset, and the dataset as its functions take it.

        Parameters
        ----------
        columns
            All columns that the fit needs, each of shape (n,).
        """
        taken, padded, layout = prepare(self.spec, columns, self.shape)
        spec, taken = marked(self.spec, taken)
        return self._lift(spec, taken, padded, layout, len(columns["response"]))

    def without(self, columns: Columns, held: NDArray[np.bool_]) -> HeldOut:
        """Return a dataset with rows held out; all that may be held out share a lifted model.

        Parameters
        ----------
        columns
            All columns that the fit needs, each of shape (n,).
        held
            Which rows are held out, shape (n,).
        """
        shape = replace(self.shape, padded=True)
        taken, _, layout = prepare(self.spec, columns, shape)
        taken = {COUNTED: np.ones(len(taken["response"])), **taken}
        spec, taken = marked(self.spec, taken)
        lifted, kept = self._lift(spec, withhold(spec, taken, held), True, layout, held.size)
        return HeldOut(lifted, held, kept, with_responses(spec, kept, taken, layout))

    def _lift(
        self,
        spec: FitSpec,
        columns: Columns,
        padded: bool,
        layout: Panel | Shared | None,
        n_trials: int,
    ) -> tuple[LiftedModel, Data]:
        """Lift prepared columns."""
        model = build_model(spec, columns, padded, layout)
        graphs = Graphs(spec, model, len(columns["response"]), layout)
        lifted = self._models.setdefault(graphs.structure, LiftedModel(graphs))
        return lifted, Data(lifted.arrays_of(graphs, columns), graphs.coords, columns, n_trials)


def prepare(
    spec: FitSpec, columns: Columns, shape: Shape
) -> tuple[Columns, bool, Panel | Shared | None]:
    """Bring a dataset's columns into the form that a model is built from.

    Parameters
    ----------
    spec
        The fit.
    columns
        All columns that the fit needs, each of shape (n,).
    shape
        The cell's shape.

    Returns
    -------
    columns
        Padded, or with what a learning process needs.
    padded
        Whether they hold ``counted``.
    layout
        How the rows lie, for a learning model, or where rows share numerical solutions.
    """
    if spec.model.learning is not None:
        learned, panel = laid_out(spec, columns)
        return learned, COUNTED in learned, panel
    if spec.formulas or spec.fixed_columns:
        marks, layout = laid_by_sets(spec, columns)
        return {**columns, **marks}, False, layout
    return pad(columns, shape), shape.padded, None


def pad(columns: Columns, shape: Shape) -> Columns:
    """Repeat the last row up to the shape's rows; ``counted`` tells trials from padding."""
    n, n_rows = len(next(iter(columns.values()))), shape.rows
    if not shape.padded:
        if n != n_rows:
            raise ValueError(f"the dataset has {n} trials, the batch's shape is {n_rows}")
        return columns
    if n > n_rows:
        raise ValueError(f"the dataset has {n} trials, more than the batch's shape of {n_rows}")
    index = np.minimum(np.arange(n_rows), n - 1)
    counted = (np.arange(n_rows) < n).astype(float)
    return {name: np.asarray(column)[index] for name, column in columns.items()} | {
        COUNTED: counted
    }
