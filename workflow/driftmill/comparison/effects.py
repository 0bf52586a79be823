"""Which of a fit's variables are a participant's own, and whose trial each row is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from driftmill.formulas.design import Deviations, design_matrix
from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifted import Data, LiftedModel
from driftmill.sampling.scales import groups_of

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Effects:
    """Where the deviations of every participant lie among the free variables' natural values.

    The arrays of shape (J, p) have a row for each of J participants; one with fewer than p
    deviations has its last ones not ``known``.

    Parameters
    ----------
    participants
        Their labels, in the order of their first trials.
    rows
        Whose trial each row is, shape (n,).
    place, scale
        Places of a deviation and of its sd in a vector of d values, shape (J, p).
    offset
        Whether the deviation is stored as a multiple of its sd, shape (J, p).
    tails
        Degrees of freedom of the deviation's distribution around 0, inf for a normal one,
        shape (J, p).
    known
        Whether there is such a deviation, shape (J, p).
    shared
        Places of all that participants have in common, shape (q,).

    Deviations of groups that no trial is of are neither: they say nothing of the data.
    """

    participants: tuple[str, ...]
    rows: IntArray
    place: IntArray
    scale: IntArray
    offset: NDArray[np.bool_]
    tails: FloatArray
    known: NDArray[np.bool_]
    shared: IntArray

    @property
    def some(self) -> bool:
        """Whether anything varies over participants."""
        return bool(self.known.any())

    def sds(self, natural: FloatArray) -> FloatArray:
        """Return the sd of each deviation, (..., J, p), of natural values (..., d)."""
        least = np.finfo(np.float64).tiny
        return np.asarray(np.where(self.known, np.maximum(natural[..., self.scale], least), 1.0))

    def deviations(self, natural: FloatArray) -> FloatArray:
        """Return centred deviations, (..., J, p), of natural values (..., d); 0 where unknown."""
        stored = natural[..., self.place]
        centred = np.where(self.offset, stored * self.sds(natural), stored)
        return np.asarray(np.where(self.known, centred, 0.0))

    def replace(self, natural: FloatArray, deviations: FloatArray) -> FloatArray:
        """Return natural values (k, d): those of one draw (d,) with other deviations (k, J, p)."""
        stored = np.where(self.offset, deviations / self.sds(natural), deviations)
        values = np.tile(natural, (len(deviations), 1))
        values[:, self.place[self.known]] = stored[:, self.known]
        return values


def effects_of(
    lifted: LiftedModel, data: Data, columns: Columns, participants: ArrayLike
) -> Effects:
    """Find what varies over the participants of one dataset.

    Parameters
    ----------
    lifted
        The fit.
    data, columns
        The dataset, padded and not.
    participants
        Whose each of its n trials is.

    Raises
    ------
    ValueError
        When a group of deviations is shared by participants.
    """
    people = pd.Series(np.asarray(participants)).astype(str)
    rows, labels = pd.factorize(people)
    found: list[list[tuple[int, int, bool, float]]] = [[] for _ in labels]
    own = np.zeros(lifted.dimension, dtype=bool)
    groups = groups_of(lifted.free)
    terms = _terms(lifted.spec, columns) if groups else {}
    dims = {variable.name.removesuffix("_offset"): variable.dims for variable in lifted.free}
    for group in groups:
        deviations, tails = terms[group.name]
        if data.coords[dims[group.name][0]] != deviations.groups:
            raise ValueError(f"{group.name}: the groups of the fit are not those of its formula")
        owners = _owners(deviations, rows, tuple(labels))
        own[group.deviation] = True
        levels = int(np.prod(group.shape[1:], dtype=int))
        for k, owner in owners.items():
            first = group.deviation.start + k * levels
            found[owner] += [
                (first + level, group.sigma.start + level, group.offset, tails)
                for level in range(levels)
            ]
    width = max(map(len, found))
    known = np.array([[k < len(each) for k in range(width)] for each in found], dtype=bool)
    filled = [each + [(0, 0, False, np.inf)] * (width - len(each)) for each in found]
    table = np.array(filled, dtype=np.float64).reshape(len(labels), width, 4)
    return Effects(
        participants=tuple(labels),
        rows=np.asarray(rows, dtype=np.int64),
        place=table[..., 0].astype(np.int64),
        scale=table[..., 1].astype(np.int64),
        offset=table[..., 2].astype(bool),
        tails=table[..., 3],
        known=known.reshape(len(labels), width),
        shared=np.flatnonzero(~own),
    )


def _terms(spec: FitSpec, columns: Columns) -> dict[str, tuple[Deviations, float]]:
    """Return which trials are in which group, and the tails of deviations, by variable."""
    frame = pd.DataFrame({name: np.asarray(columns[name]) for name in spec.columns})
    found = {}
    for regression in spec.formulas.values():
        for deviations in design_matrix(regression, frame).groups:
            prior = regression.priors[deviations.term.name]
            tails = prior.args.get("nu", np.inf)
            assert isinstance(tails, float | int)
            found[deviations.variable] = (deviations, float(tails))
    return found


def _owners(deviations: Deviations, rows: IntArray, labels: tuple[str, ...]) -> dict[int, int]:
    """Return whose each of a term's groups is; not of those that no trial is of."""
    pairs = pd.DataFrame({"group": deviations.rows, "participant": rows}).drop_duplicates()
    shared = pairs["group"].duplicated(keep=False)
    if shared.any():
        group = int(pairs["group"][shared].iloc[0])
        first, second = (labels[k] for k in pairs["participant"][pairs["group"] == group].iloc[:2])
        raise ValueError(
            f"{deviations.variable}: participants {first} and {second} share the group "
            f"{deviations.groups[group]}, so given the group parameters they are not independent"
        )
    return {int(group): int(participant) for group, participant in pairs.to_numpy()}
