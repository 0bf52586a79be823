"""K-fold cross-validation by participant: refits without some, who are then predicted.

The exact way where leaving a participant out by importance sampling cannot be trusted (Vehtari,
Gelman & Gabry 2017, Statistics and Computing 27:1413, section 2.3). A fold's participants are
predicted one by one, each by the mean over the refit's draws of the likelihood of all trials
together, integrated over what is the participant's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from driftmill.comparison.integrals import Integrals, IntegratedLikelihood
from driftmill.comparison.loo import relative_efficiency
from driftmill.comparison.participants import RARE
from driftmill.models.declaration import Columns, FloatArray
from driftmill.natural_order import natural_order
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.sampling.refit import Refit, Refits
from driftmill.sampling.settings import Code, SamplingSettings
from driftmill.sampling.watch import Course
from driftmill.simulation.seeds import child


def assign_folds(
    participants: Iterable[str], n_folds: int | None, seed: np.random.SeedSequence
) -> dict[str, int]:
    """Return the fold of each participant, counted from 0: by chance, as many in each as can be.

    Parameters
    ----------
    participants
        Their labels; in whatever order, these and the seed decide.
    n_folds
        How many folds; None: one for each participant.
    seed
        Of this dataset's folds alone.

    Raises
    ------
    ValueError
        For more folds than participants, or less than two.
    """
    labels = natural_order(participants)
    wanted = len(labels) if n_folds is None else n_folds
    if not 2 <= wanted <= len(labels):
        raise ValueError(
            f"{wanted} folds of {len(labels)} participants: give from 2 to as many folds"
        )
    order = range(len(labels)) if n_folds is None else _shuffled(len(labels), seed)
    return {labels[who]: place % wanted for place, who in enumerate(order)}


def _shuffled(n: int, seed: np.random.SeedSequence) -> list[int]:
    return [int(k) for k in np.random.default_rng(seed).permutation(n)]


@dataclass(frozen=True, eq=False)
class Fold:
    """The participants of one fold, as a refit without them predicts them.

    Parameters
    ----------
    participants
        Their labels.
    n_trials
        Trials of each.
    elpd
        Log of the mean over draws of the integrated likelihood; NaN where there are no draws.
    mcse
        Monte-Carlo standard error of each elpd.
    total_mcse
        That of their sum, whose errors are those of the same draws.
    effective
        Effective draws of the integrals: those that make up 95 % of the mean have more. NaN where
        nothing varies over participants, or no mean is above zero.
    code
        What became of the refit.
    """

    participants: tuple[str, ...]
    n_trials: NDArray[np.int64]
    elpd: FloatArray
    mcse: FloatArray
    total_mcse: float
    effective: FloatArray
    code: Code


def score_fold(integrals: Integrals, code: Code) -> Fold:
    """Predict the participants of one fold.

    Parameters
    ----------
    integrals
        Of the fold's participants at the draws of the refit without them.
    code
        What became of the refit.
    """
    r_eff = relative_efficiency(integrals.shared) if integrals.shared.shape[-1] else 1.0
    people = len(integrals.participants)
    by_draw = integrals.log_mean.reshape(-1, people)
    with np.errstate(invalid="ignore"):  # of a likelihood that is zero under every draw
        total = logsumexp(by_draw, axis=0)
        shares = np.exp(by_draw - total)
    away = shares - 1 / len(by_draw)
    effective = integrals.effective.reshape(by_draw.shape)
    return Fold(
        participants=integrals.participants,
        n_trials=integrals.n_trials,
        elpd=np.asarray(total - np.log(len(by_draw))),
        mcse=np.sqrt((away**2).sum(axis=0) / r_eff),
        total_mcse=float(np.sqrt((away.sum(axis=1) ** 2).sum() / r_eff)),
        effective=np.array([_weighted(effective[:, k], shares[:, k]) for k in range(people)]),
        code=code,
    )


def _weighted(effective: FloatArray, shares: FloatArray) -> float:
    """Return the effective draws that integrals have of which all but ``RARE`` of the mean is.

    Where the shared parameters make a participant unlikely, integrals are hard and do not matter.
    """
    order = np.argsort(effective)
    if not len(order) or np.isnan(shares).any():
        return float("nan")
    below = int(np.searchsorted(np.cumsum(shares[order]), RARE))
    return float(effective[order[min(below, len(order) - 1)]])


class FoldPrediction:
    """Predictions of participants by refits without their fold, compiled once for a structure.

    Parameters
    ----------
    spec
        The fit.
    settings
        How its posteriors are sampled.
    shape
        The shape of the whole cell.
    course
        Tells of long refits, and has them kept.
    """

    def __init__(
        self, spec: FitSpec, settings: SamplingSettings, shape: Shape, course: Course | None = None
    ) -> None:
        lifter = Lifter(spec, shape)
        self._refits = Refits(lifter, settings, course)
        self._likelihood = IntegratedLikelihood(lifter)

    def __call__(
        self,
        columns: Columns,
        participants: ArrayLike,
        folds: Mapping[str, int],
        posterior: xr.Dataset,
        dataset: int,
        seed: np.random.SeedSequence,
    ) -> dict[int, Fold]:
        """Predict the participants of one dataset; returns its folds by number.

        Parameters
        ----------
        columns
            The dataset's columns, n trials.
        participants
            Whose each trial is.
        folds
            The fold of each participant, of those too who have no trial here.
        posterior
            Group ``posterior`` of a batch, of all participants.
        dataset
            The dataset's number.
        seed
            Of this dataset alone; every fold has a child of its own, whatever the other folds are.
        """
        fold_of_row = pd.Series(np.asarray(participants)).astype(str).map(folds).to_numpy()
        return {
            int(fold): self.without(
                fold_of_row == fold, columns, participants, posterior, dataset, child(seed, fold)
            )
            for fold in np.unique(fold_of_row).tolist()
        }

    def without(
        self,
        held: NDArray[np.bool_],
        columns: Columns,
        participants: ArrayLike,
        posterior: xr.Dataset,
        dataset: int,
        seed: np.random.SeedSequence,
    ) -> Fold:
        """Predict the participants of one dataset whose trials are held out, all of them.

        Parameters
        ----------
        held
            Their trials, shape (n,).
        columns, participants, posterior, dataset
            As for a call.
        seed
            Of this refit alone.
        """
        refit = self._refits(columns, held, child(seed, 0))
        draws = refit.draws if refit.posterior.draws is not None else _none(refit)
        integrals = self._likelihood.left_out(
            refit.held_out, draws, columns, participants, posterior, dataset, child(seed, 1)
        )
        return score_fold(integrals, refit.posterior.code)


def _none(refit: Refit) -> FloatArray:
    """Return draws that are not numbers, of a refit without any."""
    shape = refit.log_likelihood.shape[:2]
    return np.full((*shape, refit.held_out.lifted.dimension), np.nan)
