"""Posterior predictive checks: what a fit says of a dataset that it has seen."""

from __future__ import annotations

import numpy as np
import xarray as xr

from driftmill.models.declaration import Columns
from driftmill.prediction.covariates import bins_of, covariates_of
from driftmill.prediction.designs import designs_of, posterior_draws
from driftmill.prediction.predictive import Checks, check
from driftmill.prediction.trial_draws import trial_draws
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.scored import scored_responses, scored_rows


def posterior_check(
    spec: FitSpec,
    columns: Columns,
    posterior: xr.Dataset,
    dataset: int,
    seed: np.random.SeedSequence,
    n_draws: int = 200,
) -> Checks:
    """Compare a dataset with datasets simulated from its posterior on its own trials.

    Parameters
    ----------
    spec
        The fit.
    columns
        All columns that the fit needs, of this dataset, arrays of shape (n,). Trials that are
        not scored are not compared.
    posterior
        Dims chain, draw, dataset and those of the variables.
    dataset
        The dataset's number.
    seed
        Seeds the choice of draws and the simulated datasets.
    n_draws
        Datasets to simulate.
    """
    designs = designs_of(spec, columns)
    found = posterior_draws(spec, designs, posterior, dataset)
    rows = scored_rows(spec, columns)
    draws = trial_draws(spec, designs, found, columns, rows.size).among(rows)
    bins = [bins_of(name, np.asarray(columns[name])[rows]) for name in covariates_of(spec)]
    responses = scored_responses(spec, columns)
    return check(draws, responses, seed, n_draws, bins, spec.silent)
