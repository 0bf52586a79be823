"""Participants that importance sampling cannot leave out are left out by refits."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from driftmill.comparison.folds import FoldPrediction
from driftmill.comparison.integrals import IntegratedLikelihood
from driftmill.comparison.participants import ParticipantLoo, Refitted, loo_participants
from driftmill.models.declaration import Columns
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.sampling.settings import PASSED, SamplingSettings
from driftmill.sampling.watch import Course
from driftmill.simulation.seeds import named_child


class ParticipantScores:
    """Leave out every participant of a posterior; refit without those whose Pareto k is bad.

    Posteriors that failed their gates, and approximations, are scored as they are; a refit that
    fails them mends nothing.

    Parameters
    ----------
    spec
        The fit.
    settings
        How its posteriors are sampled.
    shape
        The shape of the whole cell.
    refits
        Participants of a posterior that are left out by refits at most; with more, none is.
    course
        Tells of long refits, and has them kept.
    """

    def __init__(
        self,
        spec: FitSpec,
        settings: SamplingSettings,
        shape: Shape,
        refits: int,
        course: Course | None = None,
    ) -> None:
        self._likelihood = IntegratedLikelihood(Lifter(spec, shape))
        self._predict = FoldPrediction(spec, settings, shape, course)
        self._refits = refits

    def __call__(
        self,
        columns: Columns,
        participants: ArrayLike,
        posterior: xr.Dataset,
        dataset: int,
        code: str,
        seed: np.random.SeedSequence,
    ) -> ParticipantLoo:
        """Score one dataset.

        Parameters
        ----------
        columns
            The dataset's columns, n trials.
        participants
            Whose each trial is.
        posterior
            Group ``posterior`` of a batch.
        dataset
            The dataset's number.
        code
            What became of the posterior.
        seed
            Of this dataset alone.
        """
        integrals = self._likelihood(columns, participants, posterior, dataset, seed)
        found = loo_participants(integrals)
        bad = np.array(found.participants)[found.loo.pareto_k > found.loo.k_limit].tolist()
        if code not in PASSED or len(bad) > self._refits:
            return found
        people = np.asarray(participants).astype(str)
        refits = {}
        for person in bad:
            own = named_child(seed, f"without {person}")
            fold = self._predict.without(
                people == person, columns, participants, posterior, dataset, own
            )
            if fold.code in PASSED:
                told = (fold.elpd, fold.mcse, fold.effective)
                refits[person] = Refitted(*(float(values[0]) for values in told))
        return loo_participants(integrals, refits)
