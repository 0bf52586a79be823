"""Rows of a dataset held out: they lose their likelihood, and nothing else changes.

They stay in the design, so that all posteriors of a dataset have one shape whatever is held out;
a participant all of whose rows are held out has effects that only the group speaks of. A learner
learns from them as from all others: the outcomes of trials held out are among what happened before
the later ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import Columns
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifted import Data, LiftedModel
from driftmill.regression.omissions import responded
from driftmill.regression.panel import COUNTED, Panel
from driftmill.regression.response import observed_columns
from driftmill.regression.shared_solutions import Shared


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A dataset with rows held out, as the functions of its lifted model take it.

    Parameters
    ----------
    lifted
        The model; one for all that is held out of datasets of one structure.
    rows
        Which of the dataset's rows are held out, shape (n,).
    kept
        The dataset whose posterior has not seen them: they have no likelihood.
    whole
        The same with the likelihood of all rows, in the same coordinates: what bounds a parameter,
        such as the fastest response, is taken from the rows that are kept.
    """

    lifted: LiftedModel
    rows: NDArray[np.bool_]
    kept: Data
    whole: Data

    def bounded_like(self, data: Data) -> bool:
        """Tell whether all parameters have the bounds that they have when nothing is held out.

        Parameters
        ----------
        data
            The dataset with nothing held out.
        """
        # What is not the observed matrix is the design, and the times that bound parameters.
        ours, theirs = self.kept.arrays[1:], data.arrays[1:]
        return all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def withhold(spec: FitSpec, columns: Columns, held: NDArray[np.bool_]) -> Columns:
    """Take the likelihood from rows.

    Parameters
    ----------
    spec
        The fit.
    columns
        The dataset's columns with ``counted``, each of shape (rows,), padding last.
    held
        Which rows are held out, shape (n,).

    Returns
    -------
    columns
        With ``counted`` zero there. Rows that are not counted have the fastest of the responses
        that are, which bounds no parameter more than it does already.

    Raises
    ------
    ValueError
        When no trial is left.
    """
    counted = np.array(columns[COUNTED], dtype=np.float64)
    counted[: held.size][held] = 0.0
    left = np.flatnonzero(counted > 0)
    if not left.size:
        raise ValueError(f"fit {spec.name}: no trial is left when {held.sum()} are held out")
    # Where all that is left are omissions, theirs are the deadlines.
    answered = left[responded(columns)[left]]
    given = answered if answered.size else left
    # Omissions have a likelihood whatever the parameters, and others may be scored by theirs.
    rows = (counted == 0) & responded(columns)
    by = np.asarray(columns["rt"], dtype=np.float64)[given] if spec.model.has_rt else given
    example = given[np.argmin(by)]
    made = {name: np.array(columns[name]) for name in spec.model.response_columns}
    for values in made.values():
        values[rows] = values[example]
    return {**columns, **made, COUNTED: counted}


def with_responses(
    spec: FitSpec, data: Data, columns: Columns, layout: Panel | Shared | None
) -> Data:
    """Return a dataset with rows held out with their responses put back.

    Parameters
    ----------
    spec
        The fit.
    data
        The dataset whose rows are held out.
    columns
        The columns that they were held out of, as `withhold` takes them.
    layout
        How the rows lie.
    """
    names = observed_columns(spec, True, layout)
    observed = np.column_stack([np.asarray(columns[name], dtype=np.float64) for name in names])
    return Data((jnp.asarray(observed), *data.arrays[1:]), data.coords, columns, data.n_trials)
