"""Curves of a dataset that predictive checks compare, over times, quantiles and the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import Columns, FloatArray, Model
from driftmill.prediction.splits import Split, Trials
from driftmill.prediction.statistics import PROBABILITIES
from driftmill.prediction.tallies import FIFTHS, fifths, means, over, quantiles

IntArray = NDArray[np.int64]
#: Times of a defective CDF, at quantiles of the observed ones.
TIMES = 15
#: Bins of a participant's trials in their order.
STAGES = 8
#: Trials that a participant must have for these.
SHORTEST = 2 * STAGES
DEFECTIVE, ACCURACY, COURSE = "defective_cdf", "conditional_accuracy", "course"
QUANTILES = "quantile_probability"


@dataclass(frozen=True)
class Curves:
    """Which curves are taken of a dataset and of those simulated in its place.

    Parameters
    ----------
    model
        The model whose responses they hold.
    splits
        Groups of the trials; every group has its own curves.
    times
        Seconds at which defective CDFs are evaluated; empty where no times are modelled.
    stage
        The bin of every trial in the course of its participant's, shape (n,); None: no course.
    positions
        The mean place of a bin's trials, from 1; shape (STAGES,).
    better
        Of every trial the place among the model's choices of that which paid more, -1 where
        that is not known, shape (n,); None where nothing is paid.
    """

    model: Model
    splits: tuple[Split, ...]
    times: FloatArray
    stage: IntArray | None
    positions: FloatArray
    better: IntArray | None

    @property
    def rows(self) -> pd.DataFrame:
        """What the curves' numbers are, in the order of `evaluate`.

        Columns curve, scope, factor, group, quantity, response, bin.
        """
        return pd.DataFrame(
            [
                (curve, split.scope, split.factor, label, quantity, response, k)
                for split in self.splits
                for curve, quantity, response, width in self._blocks()
                for label in split.labels
                for k in range(width)
            ],
            columns=["curve", "scope", "factor", "group", "quantity", "response", "bin"],
        ).astype({"response": "Int64", "bin": "int64"})

    def _blocks(self) -> list[tuple[str, str, int | None, int]]:
        """List the curves of a group: curve, quantity, response and how many numbers."""
        choices = self.model.choices
        timed = [(DEFECTIVE, TIMES), (ACCURACY, FIFTHS)] if self.model.has_rt else []
        told = [*timed, *([(COURSE, STAGES)] if self.stage is not None else [])]
        found: list[tuple[str, str, int | None, int]] = []
        for curve, width in told:
            width = len(self.times) if curve == DEFECTIVE else width
            found += [(curve, "probability", c, width) for c in choices]
        if self.stage is not None:
            found += [(COURSE, "better", None, STAGES)] if self.better is not None else []
            found += [(COURSE, "median_rt", None, STAGES)] if self.model.has_rt else []
        if self.model.has_rt:
            found += [(QUANTILES, "probability", c, 1) for c in choices]
            found += [(QUANTILES, "rt_quantile", c, len(PROBABILITIES)) for c in choices]
        return found

    def evaluate(self, columns: Columns, counted: NDArray[np.bool_]) -> FloatArray:
        """Evaluate a dataset in the order of `rows`; NaN where no trial says anything.

        Parameters
        ----------
        columns
            The model's response columns, arrays of shape (n,), NaN where there is no response.
        counted
            Which trials count, shape (n,).
        """
        trials = _Told(self, columns)
        return np.concatenate([trials.of(split, counted) for split in self.splits])

    def table(self, columns: Columns, bounds: FloatArray) -> pd.DataFrame:
        """Set the curves of the observed dataset beside those predicted.

        Parameters
        ----------
        columns
            The observed dataset's response columns.
        bounds
            Median, lower and upper end of the predictions, shape (3, rows).

        Returns
        -------
        DataFrame
            `rows`, then x (seconds of a defective CDF; mean rt of a bin by rt; mean place of a
            bin's trials, from 1; the observed share of the response beside its RT quantiles),
            observed, predicted, lower, upper and n_observed: trials of the group for a defective
            CDF or a share, of the response for a quantile, of the bin for others.
        """
        everything = np.ones(self.splits[0].index.size, dtype=np.bool_)
        trials = _Told(self, columns)
        places = [trials.places(split) for split in self.splits]
        return self.rows.assign(
            x=np.concatenate([x for x, _ in places]),
            observed=self.evaluate(columns, everything),
            predicted=bounds[0],
            lower=bounds[1],
            upper=bounds[2],
            n_observed=np.concatenate([n for _, n in places]).astype(np.int64),
        )


def curves_of(
    model: Model,
    columns: Columns,
    splits: Sequence[Split],
    trials: Trials,
    better: IntArray | None = None,
) -> Curves:
    """Say which curves are taken of a dataset.

    Parameters
    ----------
    model
        The model.
    columns
        The observed dataset's response columns, arrays of shape (n,).
    splits
        Groups of its trials.
    trials
        Whose trials they are, in which order.
    better
        As `Curves` has it.
    """
    times = np.empty(0)
    if model.has_rt:
        rt = np.asarray(columns["rt"], dtype=np.float64)
        known = rt[~np.isnan(rt)]
        if known.size:
            levels = (np.arange(TIMES) + 0.5) / TIMES
            times = np.unique(np.quantile(known, levels))
    counts = trials.counts
    stage = None
    positions = np.full(STAGES, np.nan)
    if counts.max(initial=0) >= SHORTEST:
        stage = trials.position * STAGES // counts
        positions = means(1 + trials.position.astype(np.float64), stage, STAGES)
    return Curves(model, tuple(splits), times, stage, positions, better)


class _Told:
    """One dataset, observed or simulated, ready to be counted in groups."""

    def __init__(self, curves: Curves, columns: Columns) -> None:
        self.curves = curves
        response = np.asarray(columns["response"], dtype=np.float64)
        self.choice = np.full(response.size, -1, dtype=np.int64)
        for k, choice in enumerate(curves.model.choices):
            self.choice[response == choice] = k
        self.rt = np.full(response.size, np.nan)
        if curves.model.has_rt:
            self.rt = np.asarray(columns["rt"], dtype=np.float64)

    def of(self, split: Split, counted: NDArray[np.bool_]) -> FloatArray:
        """Return the numbers of all groups of a split."""
        curves, groups = self.curves, len(split.labels)
        inside = counted & (split.index >= 0)
        timed = inside & ~np.isnan(self.rt) & (self.choice >= 0)
        parts: list[FloatArray] = []
        if curves.model.has_rt:
            total = np.bincount(split.index[inside], minlength=groups)
            place = np.searchsorted(curves.times, self.rt[timed])
            reached = self._counts(split.index[timed], place, timed, groups, len(curves.times) + 1)
            parts.append(over(reached.cumsum(axis=2)[:, :, :-1], total[None, :, None]))
            fifth = fifths(self.rt[timed], split.index[timed], groups)
            held = self._counts(split.index[timed], fifth, timed, groups, FIFTHS)
            parts.append(over(held, held.sum(axis=0)[None]))
        if curves.stage is not None:
            parts += self._course(curves.stage, split, inside, timed)
        if curves.model.has_rt:
            cells = len(curves.model.choices) * groups
            cell = self.choice[timed] * groups + split.index[timed]
            parts.append(self._shares(split, inside))
            parts.append(quantiles(self.rt[timed], cell, cells, PROBABILITIES))
        return np.concatenate([part.ravel() for part in parts]) if parts else np.empty(0)

    def _course(
        self,
        stage: IntArray,
        split: Split,
        inside: NDArray[np.bool_],
        timed: NDArray[np.bool_],
    ) -> list[FloatArray]:
        """Return shares of the choices, of the better one, and median rt, by stage."""
        groups, better = len(split.labels), self.curves.better
        cell = split.index * STAGES + stage
        total = np.bincount(cell[inside], minlength=groups * STAGES).reshape(groups, STAGES)
        made = inside & (self.choice >= 0)
        held = self._counts(split.index[made], stage[made], made, groups, STAGES)
        found = [over(held, total[None])]
        if better is not None:
            known = inside & (better >= 0)
            hit: FloatArray = (self.choice == better)[known].astype(np.float64)
            found.append(means(hit, cell[known], groups * STAGES))
        if self.curves.model.has_rt:
            found.append(quantiles(self.rt[timed], cell[timed], groups * STAGES, [0.5]))
        return found

    def _shares(self, split: Split, inside: NDArray[np.bool_]) -> FloatArray:
        """Return the share of every choice in every group, shape (choices, groups)."""
        groups = len(split.labels)
        made = inside & (self.choice >= 0)
        nowhere = np.zeros(int(made.sum()), dtype=np.int64)
        held = self._counts(split.index[made], nowhere, made, groups, 1)[..., 0]
        return over(held, np.bincount(split.index[inside], minlength=groups)[None])

    def _counts(
        self, group: IntArray, place: IntArray, rows: NDArray[np.bool_], groups: int, width: int
    ) -> IntArray:
        """Count trials by choice, group and place, shape (choices, groups, width)."""
        choices = len(self.curves.model.choices)
        cell = (self.choice[rows] * groups + group) * width + place
        counts = np.bincount(cell, minlength=choices * groups * width)
        return counts.reshape(choices, groups, width)

    def places(self, split: Split) -> tuple[FloatArray, IntArray]:
        """Return where each number of a split's groups stands, and how many trials tell it."""
        curves, groups = self.curves, len(split.labels)
        inside = split.index >= 0
        timed = inside & ~np.isnan(self.rt) & (self.choice >= 0)
        total = np.bincount(split.index[inside], minlength=groups)
        at, n = {}, {}
        if curves.model.has_rt:
            fifth = fifths(self.rt[timed], split.index[timed], groups)
            cell = split.index[timed] * FIFTHS + fifth
            at[DEFECTIVE] = np.tile(curves.times, groups)
            n[DEFECTIVE] = np.repeat(total, len(curves.times))
            at[ACCURACY] = means(self.rt[timed], cell, groups * FIFTHS)
            n[ACCURACY] = np.bincount(cell, minlength=groups * FIFTHS)
        if curves.stage is not None:
            at[COURSE] = np.tile(curves.positions, groups)
            cell = (split.index * STAGES + curves.stage)[inside]
            n[COURSE] = np.bincount(cell, minlength=groups * STAGES)
        order = [curve for curve, *_ in curves._blocks() if curve != QUANTILES]
        x, told = [at[curve] for curve in order], [n[curve] for curve in order]
        if curves.model.has_rt:
            share, choices = self._shares(split, inside).ravel(), len(curves.model.choices)
            held = np.bincount(self.choice[timed] * groups + split.index[timed])
            held = np.pad(held, (0, choices * groups - held.size))
            x += [share, np.repeat(share, len(PROBABILITIES))]
            told += [np.tile(total, choices), np.repeat(held, len(PROBABILITIES))]
        empty = np.empty(0)
        return np.concatenate([empty, *x]), np.concatenate([empty, *told]).astype(np.int64)
