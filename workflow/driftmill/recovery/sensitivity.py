"""How much the posteriors of a batch would change with a stronger or a weaker prior."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from driftmill.models.declaration import Columns
from driftmill.recovery.batch import FloatArray, Labels, dataset_numbers
from driftmill.recovery.power_scaling import diagnosis, power_weights, sensitivity
from driftmill.recovery.quantities import quantities
from driftmill.recovery.roles import roles_of
from driftmill.regression.columns import Shape, datasets_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.pointwise import PointwiseLikelihood
from driftmill.regression.prior_density import log_prior
from driftmill.regression.scored import scored_rows

TYPES = {
    "cell": "str",
    "fit": "str",
    "dataset": "int64",
    "participant_id": "str",
    "parameter": "str",
    "level": "str",
    "prior": "float64",
    "likelihood": "float64",
    "diagnosis": "str",
    "code": "str",
}


def sensitivity_batch(
    tree: xr.DataTree, trials: pd.DataFrame, labels: Labels, spec: FitSpec, shape: Shape
) -> pd.DataFrame:
    """Return the sensitivity of every number of a batch's posteriors.

    Of hierarchies the priors of group means and sds are scaled, and those of what has no groups;
    not the distribution of the deviations, which is a part of the model.

    Parameters
    ----------
    tree
        The batch's posteriors.
    trials
        Their data.
    labels
        Names of the cell and the fit.
    spec, shape
        The fit, and the cell's shape.

    Returns
    -------
    DataFrame
        Columns of `TYPES`, a row a dataset and number: the sensitivities to the prior and to the
        likelihood, NaN where a posterior has no draws or they do not differ, and the diagnosis,
        empty there.
    """
    likelihood = PointwiseLikelihood(Lifter(spec, shape))
    datasets, numbers = datasets_of(trials, spec), dataset_numbers(tree).tolist()
    posterior = tree["posterior"].to_dataset()
    weights = {
        number: (
            power_weights(log_prior(spec, posterior, number)),
            power_weights(_log_likelihood(likelihood, datasets[number], posterior, number, spec)),
        )
        for number in numbers
    }
    codes = tree["result"]["code"].sel(dataset=numbers).to_numpy()
    parts = []
    for of in quantities(tree, roles_of(spec)):
        for k, number in enumerate(numbers):
            if of.participant is not None and np.isnan(of.draws[k]).all():
                continue
            prior, data = (sensitivity(of.draws[k], scaled) for scaled in weights[number])
            parts.append(
                {
                    "dataset": number,
                    "participant_id": of.participant,
                    "parameter": of.parameter,
                    "level": of.level,
                    "prior": prior,
                    "likelihood": data,
                    "diagnosis": diagnosis(prior, data),
                    "code": str(codes[k]),
                }
            )
    table = pd.DataFrame(parts, columns=list(TYPES))
    return table.assign(cell=labels.cell, fit=labels.fit).astype(TYPES)


def _log_likelihood(
    likelihood: PointwiseLikelihood,
    columns: Columns,
    posterior: xr.Dataset,
    dataset: int,
    spec: FitSpec,
) -> FloatArray:
    """Return the log likelihood of all scored trials together, shape (chain, draw)."""
    pointwise, _ = likelihood(columns, posterior, dataset)
    return np.asarray(pointwise[..., scored_rows(spec, columns)].sum(axis=-1))
