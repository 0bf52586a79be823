"""Prior predictive checks: what a fit expects of a dataset before it has seen it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from driftmill.models.declaration import Columns
from driftmill.prediction.designs import designs_of, shapes_of
from driftmill.prediction.predictive import CHUNK, check
from driftmill.prediction.trial_draws import TrialDraws, trial_draws
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_draws import prior_draws
from driftmill.regression.scored import scored_responses, scored_rows
from driftmill.simulation.seeds import child


def prior_check(
    spec: FitSpec, columns: Columns, seed: np.random.SeedSequence, n_draws: int = 200
) -> pd.DataFrame:
    """Compare a dataset's statistics with those of datasets simulated from a fit's priors.

    Parameters
    ----------
    spec
        The fit.
    columns
        All columns that the fit needs, of the observed dataset, arrays of shape (n,). Trials
        that are not scored are not compared.
    seed
        Seeds the draws and the simulated datasets.
    n_draws
        Draws from the priors, and datasets.

    Returns
    -------
    DataFrame
        The rows of ``Checks.quantiles``; then a row a free parameter with quantity
        ``share_outside``, the name in ``parameter`` and in ``share_outside`` the share of draws
        and trials that put the parameter outside its support, or the non-decision time above
        the slowest response of the dataset.
    """
    designs = designs_of(spec, columns)
    drawn = prior_draws(spec, shapes_of(designs), n_draws, child(seed, 0))
    rows, responses = scored_rows(spec, columns), scored_responses(spec, columns)
    draws = trial_draws(spec, designs, drawn, columns, rows.size).among(rows)
    quantiles = check(draws, responses, child(seed, 1), n_draws, silent=spec.silent).quantiles
    slowest = np.inf
    if spec.model.has_rt and np.isfinite(responses["rt"]).any():
        slowest = float(np.nanmax(np.asarray(responses["rt"])))
    shares = share_outside(spec, draws, slowest)
    table = pd.DataFrame(
        {
            "quantity": pd.Series(["share_outside"] * len(shares), dtype="str"),
            "parameter": pd.Series(list(shares), dtype="str"),
            "share_outside": np.array(list(shares.values())),
            "n_observed": draws.rows,
            "n_draws": n_draws,
            "n_unfinished": 0,
            "n_outside": 0,
        }
    )
    return pd.concat([quantiles.astype({"response": "Int64"}), table], ignore_index=True)


def share_outside(spec: FitSpec, draws: TrialDraws, slowest: float) -> dict[str, float]:
    """Return for every free parameter which share of draws and trials put it out of bounds.

    Parameters
    ----------
    spec
        The fit.
    draws
        The parameters of every trial under every draw.
    slowest
        The largest rt in seconds, beyond which no non-decision time makes sense.
    """
    outside = dict.fromkeys(spec.free_parameters, 0)
    several = max(1, CHUNK // draws.rows)
    for first in range(0, draws.usable.size, several):
        numbers = np.arange(first, min(first + several, draws.usable.size))
        values = draws.of(numbers, names=list(outside))
        for name in outside:
            declared, value = spec.parameter(name), values[name]
            upper = min(declared.upper, slowest) if name == spec.model.shift else declared.upper
            inside = np.isfinite(value) & (value > declared.lower) & (value < upper)
            outside[name] += int(np.count_nonzero(~inside))
    total = draws.usable.size * draws.rows
    return {name: count / total for name, count in outside.items()}
