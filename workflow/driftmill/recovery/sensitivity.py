"""How much posteriors would change with a stronger or a weaker prior, or likelihood.

Power-scaling (Kallioinen, Paananen, Bürkner & Vehtari 2024, Stat. Comput. 34:57): prior or
likelihood is raised to a power near 1 by importance weights, and the distance of a parameter's
posterior before and after, per doubling of the power, is its sensitivity.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.base import array_stats

from driftmill.models.declaration import Columns
from driftmill.recovery.batch import FloatArray, Labels, dataset_numbers
from driftmill.recovery.quantities import quantities
from driftmill.recovery.roles import roles_of
from driftmill.regression.columns import datasets_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter, Shape
from driftmill.regression.pointwise import PointwiseLikelihood
from driftmill.regression.prior_density import log_prior
from driftmill.regression.scored import scored_rows

#: Powers, and the sensitivity from which the authors call a posterior sensitive.
POWERS, THRESHOLD = (0.99, 1.01), 0.05
CONFLICT, STRONG, NONE = "prior-data conflict", "strong prior or weak likelihood", "none"
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


def power_weights(log_component: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Return the weights of draws for a component raised to each power of ``POWERS``.

    Parameters
    ----------
    log_component
        Log prior or log likelihood of every draw, shape (chain, draw).

    Returns
    -------
    tuple
        Weights that sum to 1, shape (chains * draws,) each. None where a value is not finite;
        even weights where no draw differs from another, as under uniform priors.
    """
    flat = log_component.reshape(-1)
    if not np.isfinite(flat).all():
        return None
    if np.ptp(flat) <= 1e-12 * np.abs(flat).max():
        even = np.full(flat.size, 1.0 / flat.size)
        return even, even
    lower, upper = (np.exp(array_stats.power_scale_lw(flat, alpha=power)) for power in POWERS)
    return lower / lower.sum(), upper / upper.sum()


def sensitivity(draws: FloatArray, weights: tuple[FloatArray, FloatArray] | None) -> float:
    """Return by how much a number's posterior moves per doubling of a power.

    Parameters
    ----------
    draws
        Shape (chains * draws,).
    weights
        As `power_weights` gives them.
    """
    if weights is None or np.isnan(draws).any() or np.ptp(draws) == 0.0:
        return float("nan")
    lower, upper = weights
    if lower is upper:
        return 0.0
    arguments = (draws[None], lower[None], upper[None], *POWERS)
    return float(array_stats.power_scale_sense(*arguments))


def diagnosis(prior: float, likelihood: float) -> str:
    """Say what two sensitivities mean together; empty where one is not known."""
    if np.isnan(prior) or np.isnan(likelihood):
        return ""
    if prior < THRESHOLD:
        return NONE
    return CONFLICT if likelihood >= THRESHOLD else STRONG


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
