"""How many draws of a posterior lie where a network was not trained."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from driftmill.models.declaration import Columns
from driftmill.prediction.designs import designs_of, finite, posterior_draws
from driftmill.prediction.trial_draws import TrialDraws, trial_draws
from driftmill.regression.fit_spec import FitSpec

#: Values of a parameter that are looked at together at most.
TOGETHER = 2_000_000


def draws_beyond(
    spec: FitSpec, columns: Columns, posterior: xr.Dataset, dataset: int
) -> tuple[int, float]:
    """Count the draws of a posterior at which some trial lies beyond the box of a network.

    Parameters
    ----------
    spec
        The fit, with its network.
    columns
        The trials that it sees, arrays of shape (n,).
    posterior
        Dims chain, draw, dataset and those of the variables.
    dataset
        The dataset's number.

    Returns
    -------
    draws : int
        Draws whose parameters are finite; none of a failed fit are.
    beyond : float
        Their share at which the parameters of at least one trial are beyond; NaN where there are
        no draws.

    Raises
    ------
    ValueError
        When the fit's likelihood is not that of a network.
    """
    model = spec.model.decision
    if model.beyond is None:
        raise ValueError(f"fit {spec.name}: the likelihood is not that of a network with a box")
    designs = designs_of(spec, columns)
    draws = posterior_draws(spec, designs, posterior, dataset)
    chosen = np.flatnonzero(finite(draws))
    if not chosen.size:
        return 0, float("nan")
    trials = len(next(iter(columns.values())))
    alike = not (designs or spec.fixed_columns or spec.model.learning)
    rows = 1 if alike else trials
    source = trial_draws(spec, designs, draws, columns, trials)
    several = max(1, TOGETHER // rows)
    found = [
        _beyond(source, spec, chosen[first : first + several], slice(0, rows))
        for first in range(0, chosen.size, several)
    ]
    return int(chosen.size), float(np.concatenate(found).mean())


def _beyond(
    source: TrialDraws, spec: FitSpec, chosen: NDArray[np.int64], rows: slice
) -> NDArray[np.bool_]:
    """Tell of each of some draws whether any trial is beyond."""
    model = spec.model.decision
    assert model.beyond is not None
    values = source.of(chosen, rows, model.parameter_names)
    own = {name: values[name] for name in model.parameter_names}
    outside = np.broadcast_to(np.asarray(model.beyond(own)), (chosen.size, rows.stop))
    return np.asarray(outside.any(axis=1))
