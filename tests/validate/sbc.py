"""Simulation-based calibration: over truths from the prior, the truth's rank is uniform.

Talts et al. (2018, arXiv 1804.06788). Each dataset's parameters are drawn from the priors that its
fit uses; among nearly independent posterior draws the truth is then as likely to have any rank. A
wrong density, gradient, transform, prior or simulator, or a sampler that stops short, bends the
distribution of ranks. No posterior is left out, whatever its gates say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from driftmill.models import get_model
from driftmill.models.declaration import FloatArray, Prior
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifted import Shape
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.settings import SamplingSettings
from driftmill.simulation.design import Design
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.simulation.simulate import simulate_datasets

SEED = 20
TRIALS = 100
RANKED_DRAWS = 99  # of 4,000 draws: every fortieth, nearly independent; ranks 0 to 99
BINS = 10
ALPHA = 1e-3  # over all parameters of all cases


@dataclass(frozen=True)
class Case:
    """A model with informative priors, so that truths are such as experiments have."""

    model: str
    priors: Mapping[str, Prior]
    fixed: Mapping[str, float] = field(default_factory=dict)
    datasets: int = 150


DIFFUSION = {
    "v": Prior("Normal", {"mu": 0.0, "sigma": 1.5}),
    "a": Prior("Gamma", {"mu": 1.2, "sigma": 0.25}),
    "z": Prior("Beta", {"alpha": 10.0, "beta": 10.0}),
    "t": Prior("Gamma", {"mu": 0.4, "sigma": 0.1}),
}
CASES = [
    Case("ddm", DIFFUSION, datasets=300),
    Case("ddm_sdv", DIFFUSION | {"sv": Prior("HalfNormal", {"sigma": 1.0})}),
    Case("angle", DIFFUSION | {"theta": Prior("Normal", {"mu": 0.4, "sigma": 0.2})}),
    Case(
        "softmax_inv_temperature_2",
        {"beta": Prior("Gamma", {"alpha": 2.0, "beta": 0.5})},
        fixed={"logit1": 0.5},
    ),
    Case(
        "softmax_inv_temperature_3",
        {
            "logit1": Prior("Normal", {"mu": 0.0, "sigma": 1.0}),
            "logit2": Prior("Normal", {"mu": 0.0, "sigma": 1.0}),
        },
        fixed={"beta": 1.5},
    ),
]


def ranks(case: Case) -> pd.DataFrame:
    """Return the rank of the truth among the draws: a row a dataset, a column a parameter."""
    model = get_model(case.model)
    design = Design(
        cell=f"sbc-{case.model}",
        model=model,
        truth={**case.priors, **case.fixed},
        participants=1,
        trials=TRIALS,
        datasets=case.datasets,
        lapse=0.0,
        seed=SEED,
    )
    numbers = range(case.datasets)
    trials, truth = simulate_datasets(design, numbers)
    tree = fit_batch(
        FitSpec(name="sbc", model=model, fixed=case.fixed, priors=case.priors),
        {
            number: {name: table[name].to_numpy() for name in model.response_columns}
            for number, table in trials.groupby("dataset")
        },
        SamplingSettings(),
        {n: seed_sequence(SEED, design.cell, n, Purpose.POSTERIOR) for n in numbers},
        Shape(rows=TRIALS),
        lambda line: None,
    )
    print(f"\n{case.model}: {tree['result']['code'].to_series().value_counts().to_dict()}")
    true = truth.pivot_table(index="dataset", columns="parameter", values="value")
    return pd.DataFrame(
        {name: rank(tree["posterior"][name], true[name].to_numpy()) for name in case.priors}
    )


def rank(draws: xr.DataArray, truth: FloatArray) -> NDArray[np.int64]:
    """Return how many of the ranked draws lie below the truth, for each dataset."""
    flat = draws.transpose("dataset", "chain", "draw").to_numpy().reshape(len(truth), -1)
    every = np.linspace(0, flat.shape[1] - 1, RANKED_DRAWS).astype(int)
    return (flat[:, every] < truth[:, None]).sum(axis=1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.model)
def test_ranks_of_the_truth_are_uniform(case: Case) -> None:
    found = ranks(case)
    counts = {
        name: np.bincount(found[name] * BINS // (RANKED_DRAWS + 1), minlength=BINS)
        for name in found
    }
    p_values = {name: stats.chisquare(bins).pvalue for name, bins in counts.items()}
    for name, p in p_values.items():
        print(f"  {name:>7}: {' '.join(f'{n:3d}' for n in counts[name])}   p = {p:.3f}")
    assert min(p_values.values()) > ALPHA / sum(len(c.priors) for c in CASES)
