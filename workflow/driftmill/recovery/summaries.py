"""All tables of one batch: estimates beside truths, gates, correlations."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pandas as pd
import xarray as xr

from driftmill.formulas.regression import Regression
from driftmill.recovery.batch import Labels, members_of
from driftmill.recovery.correlations import SHARED, correlations
from driftmill.recovery.estimates import estimates
from driftmill.recovery.gates import gates
from driftmill.recovery.participants import own_values
from driftmill.recovery.quantities import quantities
from driftmill.recovery.roles import roles_of
from driftmill.recovery.truths import comparable
from driftmill.regression.fit_spec import FitSpec


def summaries(
    tree: xr.DataTree,
    truth: pd.DataFrame,
    trials: pd.DataFrame,
    labels: Labels,
    spec: FitSpec,
    generating: Mapping[str, Regression],
) -> dict[str, pd.DataFrame]:
    """Summarise the posteriors of a batch.

    Parameters
    ----------
    tree
        The batch's posteriors.
    truth
        What its data were simulated from; empty for observed data.
    trials
        Its data.
    labels
        Names of the cell, the fit and their models.
    spec
        The fit.
    generating
        Formulas of the generator, by parameter.

    Returns
    -------
    dict
        ``estimates``, ``gates`` and ``correlations``.
    """
    roles = roles_of(spec)
    everything = itertools.chain(quantities(tree, roles), own_values(tree, spec))
    known = comparable(truth, spec.formulas, generating)
    return {
        "estimates": estimates(tree, known, labels, everything, members_of(trials)),
        "gates": gates(tree, labels),
        "correlations": correlations(tree, labels, quantities(tree, roles, SHARED)),
    }
