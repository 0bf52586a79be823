"""The ranks of one batch: of parameters, sds, a participant a dataset, the joint likelihood."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from driftmill.recovery.batch import Labels, dataset_numbers, members_of
from driftmill.recovery.joint import joint_likelihood
from driftmill.recovery.participants import own_values
from driftmill.recovery.prior_ranks import among_priors
from driftmill.recovery.quantities import quantities
from driftmill.recovery.ranks import RANKED, ranked, ranks_table
from driftmill.recovery.roles import roles_of
from driftmill.recovery.truths import Truths
from driftmill.regression.columns import Shape, datasets_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.pointwise import PointwiseLikelihood


def rank_batch(
    tree: xr.DataTree,
    truth: pd.DataFrame,
    trials: pd.DataFrame,
    labels: Labels,
    spec: FitSpec,
    shape: Shape,
    seeds: Mapping[int, np.random.SeedSequence],
) -> pd.DataFrame:
    """Rank the truths of a batch among the draws of its posteriors.

    Parameters
    ----------
    tree
        The batch's posteriors.
    truth, trials
        What its data were simulated from, and the data.
    labels
        Names of the cell and the fit.
    spec, shape
        The fit, and the cell's shape.
    seeds
        A seed a dataset of the batch, those that could not be simulated among them.

    Returns
    -------
    DataFrame
        As `driftmill.recovery.ranks.ranks_table` says.
    """
    fitted, members = dataset_numbers(tree), members_of(trials)
    truths = Truths(truth, fitted)
    everything = itertools.chain(quantities(tree, roles_of(spec), RANKED), own_values(tree, spec))
    found = ranked(everything, truths, members, fitted.tolist())
    likelihood = PointwiseLikelihood(Lifter(spec, shape))
    joint = joint_likelihood(likelihood, datasets_of(trials, spec), tree, truths, spec)
    planned = Truths(truth, np.array(list(seeds), dtype=np.int64))
    priors = among_priors(tree, planned, members, spec, seeds)
    return ranks_table([*found, joint], priors, tree, labels, seeds)
