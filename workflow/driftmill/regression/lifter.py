"""From datasets to lifted models: one program for all datasets of one structure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from driftmill.models.declaration import Columns
from driftmill.regression.build import build_model
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.graphs import Graphs
from driftmill.regression.lifted import Data, LiftedModel
from driftmill.regression.response import COUNTED


@dataclass(frozen=True)
class Shape:
    """What all datasets of a cell have in common: the rows of the observed matrix.

    Parameters
    ----------
    rows
        Trials of the cell's largest dataset.
    padded
        Whether some dataset of the cell is shorter, so that rows carry a mark.
    """

    rows: int
    padded: bool = False


class Lifter:
    """The lifted models of one fit on one cell.

    Datasets of a fit without formulas are padded to the cell's longest and share one program.
    With formulas they are taken as they are, and those share a program that have the same
    number of rows, groups and levels. What a program is depends on the dataset alone, never
    on its neighbours in a batch.

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
        n = len(columns["response"])
        taken, padded = columns, False
        if not (self.spec.formulas or self.spec.fixed_columns):
            taken, padded = pad(columns, self.shape), self.shape.padded
        model = build_model(self.spec, taken, padded)
        graphs = Graphs(self.spec, model, len(taken["response"]))
        lifted = self._models.setdefault(graphs.structure, LiftedModel(graphs))
        return lifted, Data(lifted.arrays_of(graphs, columns), graphs.coords, taken, n)


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
