"""Simulation-based calibration of one fit in one go: data from its own priors, fitted, ranked."""

from __future__ import annotations

import pandas as pd

from driftmill.recovery.batch import Labels
from driftmill.recovery.calibration import calibration
from driftmill.recovery.ranking import rank_batch
from driftmill.regression.columns import datasets_of, shape_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.settings import SamplingSettings
from driftmill.sampling.watch import Say
from driftmill.simulation.design import Design
from driftmill.simulation.seeds import Purpose, seeds_of
from driftmill.simulation.simulate import simulate_datasets


def calibrate(design: Design, spec: FitSpec, settings: SamplingSettings, say: Say) -> pd.DataFrame:
    """Fit data that were simulated from a fit's priors, and test the ranks of their truths.

    Talts et al. (2018), Validating Bayesian inference algorithms with simulation-based calibration.

    Parameters
    ----------
    design
        Of the datasets, whose truths are drawn from the priors of the fit.
    spec
        The fit.
    settings
        Sampler, chains, gates, ladder.
    say
        Called with a line a posterior.

    Returns
    -------
    DataFrame
        As `driftmill.recovery.calibration.calibration` says, of one cell and one fit; the same to
        the bit for the same design and fit on one machine.
    """
    planned = range(design.datasets)
    trials, truth = simulate_datasets(design, planned)
    shape = shape_of(trials)
    datasets = datasets_of(trials, spec)
    seeds = seeds_of(design.seed, design.cell, datasets, Purpose.POSTERIOR)
    tree = fit_batch(spec, datasets, settings, seeds, shape, say)
    own = seeds_of(design.seed, design.cell, planned, Purpose.RANKS, spec.name)
    labels = Labels(design.cell, spec.name, spec.model.name, design.model.name)
    return calibration(rank_batch(tree, truth, trials, labels, spec, shape, own))
