"""Posterior predictive checks: what a fit says of a dataset that it has seen."""

from __future__ import annotations

import numpy as np
import xarray as xr

from driftmill.models.declaration import Columns
from driftmill.prediction.better import better_of
from driftmill.prediction.covariates import bins_of, covariates_of
from driftmill.prediction.curves import Curves, curves_of
from driftmill.prediction.designs import designs_of, posterior_draws
from driftmill.prediction.predictive import Checks, check
from driftmill.prediction.splits import Trials, splits_of
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
    trials: Trials | None = None,
    grouped: bool = False,
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
    trials
        Whose trials they are, in which order; None: no curves are compared.
    grouped
        Whether curves are compared by condition and by participant too.
    """
    designs = designs_of(spec, columns)
    found = posterior_draws(spec, designs, posterior, dataset)
    rows = scored_rows(spec, columns)
    draws = trial_draws(spec, designs, found, columns, rows.size).among(rows)
    bins = [bins_of(name, np.asarray(columns[name])[rows]) for name in covariates_of(spec)]
    responses = scored_responses(spec, columns)
    curves = None if trials is None else _curves(spec, columns, trials, grouped)
    return check(draws, responses, seed, n_draws, bins, spec.silent, curves)


def _curves(spec: FitSpec, columns: Columns, trials: Trials, grouped: bool) -> Curves:
    """Say which curves are taken of the trials that are scored."""
    rows, better = scored_rows(spec, columns), better_of(spec, columns, trials)
    scored = {name: np.asarray(column)[rows] for name, column in columns.items()}
    here = trials.among(rows)
    splits = splits_of(spec, scored, here, grouped)
    responses = scored_responses(spec, columns)
    known = None if better is None else better[rows]
    return curves_of(spec.model.decision, responses, splits, here, known)
