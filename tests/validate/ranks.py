"""Simulation-based calibration of a fit without the workflow: simulate, fit, rank, test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray
from driftmill.recovery.batch import Labels, dataset_numbers, members_of
from driftmill.recovery.calibration import calibration
from driftmill.recovery.participants import own_values
from driftmill.recovery.quantities import quantities
from driftmill.recovery.ranking import rank_batch
from driftmill.recovery.ranks import HIGHEST, ranked, thinned
from driftmill.recovery.ranks import rank as rank_of
from driftmill.recovery.roles import roles_of
from driftmill.recovery.truths import Truths
from driftmill.regression.columns import datasets_of, shape_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.settings import SamplingSettings
from driftmill.simulation.covariates import Covariate
from driftmill.simulation.design import Design
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.simulation.simulate import simulate_datasets
from driftmill.simulation.tasks import Task
from driftmill.study.build_truths import truths_of_priors

SEED = 20
BINS = 10


@dataclass(frozen=True)
class Case:
    """A fit, and the experiments that are simulated from its own priors.

    ``generator``, where it is given, is another fit whose priors the truths have; ``spoil``
    changes the simulated trials.
    """

    spec: FitSpec
    trials: int
    datasets: int
    participants: int = 1
    covariates: Mapping[str, Covariate] = field(default_factory=dict)
    task: Task | None = None
    generator: FitSpec | None = None
    lapse: float = 0.0
    spoil: Callable[[pd.DataFrame], pd.DataFrame] | None = None

    @property
    def design(self) -> Design:
        spec = self.generator or self.spec
        return Design(
            cell=f"sbc-{self.spec.name}",
            model=spec.model,
            truth=truths_of_priors(spec),
            participants=self.participants,
            trials=self.trials,
            datasets=self.datasets,
            lapse=self.lapse,
            seed=SEED,
            formulas=spec.formulas,
            covariates=self.covariates,
            task=self.task,
        )


@dataclass(frozen=True)
class Calibration:
    """Ranks and their tests, and by quantity draws (dataset, draw) and truths (dataset,)."""

    ranks: pd.DataFrame
    draws: Mapping[str, FloatArray]
    truths: Mapping[str, FloatArray]

    @property
    def tests(self) -> pd.DataFrame:
        """The tests, by quantity."""
        return calibration(self.ranks).set_index("parameter")

    @property
    def p_values(self) -> dict[str, float]:
        """The p-values of all ranks, those of posteriors that failed their gates among them."""
        return dict(self.tests["p_with_failed"])

    def __str__(self) -> str:
        tests = self.tests
        codes = self.ranks.drop_duplicates("dataset")["code"].value_counts().to_dict()
        lines, width = [str(codes)], max(map(len, tests.index))
        for name, test in tests.iterrows():
            found = self.ranks.loc[self.ranks["parameter"] == name, "rank"].dropna().to_numpy(int)
            bins = np.bincount(found * BINS // (HIGHEST + 1), minlength=BINS)
            shown = " ".join(f"{n:3d}" for n in bins)
            lines.append(f"  {name:>{width}}: {shown}   p = {test['p_with_failed']:.4g}")
        return "\n".join(lines)


def calibrate(case: Case, settings: SamplingSettings) -> Calibration:
    """Simulate and fit all datasets of a case, and rank their truths."""
    design, numbers = case.design, range(case.datasets)
    trials, truth = simulate_datasets(design, numbers)
    if case.spoil is not None:
        trials = case.spoil(trials)
    seeds = {n: seed_sequence(SEED, design.cell, n, Purpose.POSTERIOR) for n in numbers}
    shape = shape_of(trials)
    tree = fit_batch(
        case.spec,
        datasets_of(trials, case.spec),
        settings,
        seeds,
        shape,
        lambda line: print(line, flush=True),
    )
    labels = Labels(design.cell, case.spec.name, case.spec.model.name, design.model.name)
    seeds = {n: seed_sequence(SEED, design.cell, n, Purpose.RANKS) for n in numbers}
    table = rank_batch(tree, truth, trials, labels, case.spec, shape, seeds)
    everything = chain(quantities(tree, roles_of(case.spec)), own_values(tree, case.spec))
    fitted = dataset_numbers(tree)
    found = ranked(everything, Truths(truth, fitted), members_of(trials), fitted.tolist())
    return Calibration(
        table,
        {each.parameter: each.draws for each in found},
        {each.parameter: each.truth for each in found},
    )


def rank(draws: FloatArray, truth: FloatArray) -> NDArray[np.int64]:
    """Return the rank of each dataset's truth among its draws, taken as independent."""
    rng, every = np.random.default_rng(SEED), thinned(draws.shape[1], np.nan)
    return np.array([rank_of(d[every], t, rng) for d, t in zip(draws, truth, strict=True)])
