"""Ranks of truths among posterior draws, and how surprising they are if all is well.

Talts et al. (2018, arXiv 1804.06788): where a dataset's truths are drawn from the priors that its
fit uses, the truth is as likely to have any rank among nearly independent posterior draws. A wrong
density, gradient, transform, prior, design matrix or simulator, or a sampler that stops short,
bends the distribution of ranks. No posterior is left out, whatever its gates say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from driftmill.formulas.participants import PARTICIPANT
from driftmill.models.declaration import FloatArray, Prior
from driftmill.regression.columns import datasets_of, shape_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.settings import SamplingSettings
from driftmill.simulation.covariates import Covariate
from driftmill.simulation.design import Design
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.simulation.simulate import simulate_datasets
from driftmill.simulation.tasks import Task
from driftmill.simulation.truths import Truth

SEED = 20
RANKED_DRAWS = 99  # ranks 0 to 99; of 4,000 draws every fortieth, nearly independent
BINS = 10
FIRST = "0"  # the first participant


@dataclass(frozen=True)
class Case:
    """A fit, and the experiments that are simulated from its own priors."""

    spec: FitSpec
    trials: int
    datasets: int
    participants: int = 1
    covariates: Mapping[str, Covariate] = field(default_factory=dict)
    task: Task | None = None

    @property
    def design(self) -> Design:
        return Design(
            cell=f"sbc-{self.spec.name}",
            model=self.spec.model,
            truth=truths_of(self.spec),
            participants=self.participants,
            trials=self.trials,
            datasets=self.datasets,
            lapse=0.0,
            seed=SEED,
            formulas=self.spec.formulas,
            covariates=self.covariates,
            task=self.task,
        )


@dataclass(frozen=True)
class Calibration:
    """Draws (dataset, draw) and truths (dataset,) by quantity, and what became of the fits."""

    draws: Mapping[str, FloatArray]
    truths: Mapping[str, FloatArray]
    codes: pd.Series

    @property
    def ranks(self) -> dict[str, NDArray[np.int64]]:
        """The truths' ranks among ``RANKED_DRAWS`` evenly spaced draws, by quantity."""
        return {name: rank(self.draws[name], truth) for name, truth in self.truths.items()}

    @property
    def p_values(self) -> dict[str, float]:
        """`band_p_value` of every quantity's ranks."""
        return {name: band_p_value(found) for name, found in self.ranks.items()}

    def __str__(self) -> str:
        lines, width = [str(self.codes.value_counts().to_dict())], max(map(len, self.truths))
        for (name, found), p in zip(self.ranks.items(), self.p_values.values(), strict=True):
            bins = np.bincount(found * BINS // (RANKED_DRAWS + 1), minlength=BINS)
            lines.append(f"  {name:>{width}}: {' '.join(f'{n:3d}' for n in bins)}   p = {p:.4f}")
        return "\n".join(lines)


def truths_of(spec: FitSpec) -> dict[str, Truth]:
    """Return the priors of a fit as the truths of a generator; its terms must be scalars."""
    truths: dict[str, Truth] = dict(spec.fixed_numbers)
    truths |= {name: spec.named_prior(name) for name in spec.plain_parameters}
    for formula in spec.formulas.values():
        for term in formula.terms.common:
            truths[formula.variable(term)] = formula.priors[term]
        for group in formula.terms.groups:
            sigma = formula.priors[group.name].args["sigma"]
            assert isinstance(sigma, Prior)
            truths[f"{formula.variable(group.name)}_sigma"] = sigma
    return truths


def calibrate(case: Case, settings: SamplingSettings) -> Calibration:
    """Simulate and fit all datasets of a case.

    What counts is every free parameter, coefficient and standard deviation, and the deviations
    of the first participant: those of several in one dataset would not be independent.
    """
    design, numbers = case.design, range(case.datasets)
    trials, truth = simulate_datasets(design, numbers)
    tree = fit_batch(
        case.spec,
        datasets_of(trials, case.spec),
        settings,
        {n: seed_sequence(SEED, design.cell, n, Purpose.POSTERIOR) for n in numbers},
        shape_of(trials),
        lambda line: print(line, flush=True),
    )
    posterior = tree["posterior"].to_dataset()
    shared = [p.name for p in design.parameters if p.name not in case.spec.fixed]
    draws = {name: _flat(posterior[name]) for name in shared}
    truths = {name: _truth(truth[truth["participant_id"].isna()], name) for name in shared}
    for formula in case.spec.formulas.values():
        for name in (formula.variable(term.name) for term in formula.terms.groups):
            label = f"{name}[{FIRST}]"
            draws[label] = _flat(posterior[name].sel({f"{PARTICIPANT}__factor_dim": FIRST}))
            truths[label] = _truth(truth[truth["participant_id"] == FIRST], name)
    return Calibration(draws, truths, tree["result"]["code"].to_series())


def _flat(draws: xr.DataArray) -> FloatArray:
    values = draws.transpose("dataset", "chain", "draw").to_numpy()
    return values.reshape(len(values), -1)


def _truth(truth: pd.DataFrame, name: str) -> FloatArray:
    return truth[truth["parameter"] == name].sort_values("dataset")["value"].to_numpy()


def rank(draws: FloatArray, truth: FloatArray) -> NDArray[np.int64]:
    """Return how many of the ranked draws lie below the truth, for each dataset."""
    every = np.linspace(0, draws.shape[1] - 1, RANKED_DRAWS).astype(int)
    return (draws[:, every] < truth[:, None]).sum(axis=1)


def band_p_value(found: NDArray[np.int64], highest: int = RANKED_DRAWS) -> float:
    """Return the level at which simultaneous bands around the ranks' ECDF are just left.

    The bands of Säilynoja, Bürkner & Vehtari (2022, Stat. Comput. 32:32) hold the whole ECDF of
    uniform ranks with probability 1 - p; they are pointwise binomial intervals of one tail
    probability. That probability follows without simulation: the counts below 1, 2, ... are a
    Markov chain.

    Parameters
    ----------
    found
        Ranks, each in 0, ..., ``highest``.
    """
    n, cells = len(found), highest + 1
    below = np.bincount(found, minlength=cells).cumsum()[:-1]
    counts = np.arange(n + 1)
    shares = np.arange(1, cells)[:, None] / cells
    tails = np.minimum(
        stats.binom.cdf(counts, n, shares), stats.binom.sf(counts - 1, n, shares)
    )  # (highest, n + 1)
    limit = tails[np.arange(highest), below].min() * (1 + 1e-9)
    inside = np.zeros(n + 1)
    inside[0] = 1.0
    for k in range(highest):
        gained, left = counts[None, :] - counts[:, None], n - counts[:, None]
        step = stats.binom.pmf(gained, left, 1 / (cells - k))
        inside = (inside @ step) * (tails[k] > limit)
    return float(1.0 - inside.sum())
