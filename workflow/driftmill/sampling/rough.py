"""Rough values of a fit's variables from the data: where the search for the mode starts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from driftmill.formulas.terms import INTERCEPT
from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression.fit_spec import P_OUTLIER, FitSpec
from driftmill.regression.omissions import start_columns
from driftmill.regression.panel import COUNTED
from driftmill.regression.variables import Variable

#: Sd of groups at the start, on the scale of the linear predictor.
GROUP_SD = 0.2
#: Share of lapses at the start.
LAPSES = 0.02


def rough_values(
    spec: FitSpec, columns: Columns, variables: Sequence[Variable]
) -> dict[str, FloatArray]:
    """Return values of the free variables on their natural scale, near nothing but the support.

    Plain parameters and intercepts are where the model's data-driven start has them, slopes
    and deviations are zero.

    Parameters
    ----------
    spec
        The fit.
    columns
        The dataset's columns; rows that are not counted are not asked.
    variables
        The variables wanted.
    """
    if COUNTED in columns:
        counted = np.asarray(columns[COUNTED], dtype=np.float64) > 0
        columns = {name: np.asarray(column)[counted] for name, column in columns.items()}
    start = {**spec.model.start(start_columns(spec, columns)), P_OUTLIER.name: LAPSES}
    known: dict[str, float] = {name: start[name] for name in spec.plain_parameters}
    for name, regression in spec.formulas.items():
        eta = float(regression.link.forward(start[name]))
        if INTERCEPT in regression.terms.common:
            known[regression.variable(INTERCEPT)] = eta
        elif regression.terms.common:
            # Without an intercept the first term is most often a factor with all its levels.
            known[regression.variable(regression.terms.common[0])] = eta
        known |= {f"{regression.variable(g.name)}_sigma": GROUP_SD for g in regression.terms.groups}
    return {v.name: np.full(v.shape, known.get(v.name, 0.0)) for v in variables}
