"""From a fit and a dataset's columns to a Bambi model and its PyMC graph."""

from __future__ import annotations

from typing import Any

import bambi as bmb
import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.transforms import Interval

from driftmill.models.declaration import Columns, Parameter
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.response import observed_columns, response_distribution
from driftmill.regression.softplus import Softplus

#: Bambi's name for the intercept of the parent parameter.
INTERCEPT = "Intercept"


def parent_parameter(spec: FitSpec) -> str:
    """Return the parameter that Bambi treats as the parent: the first free one."""
    return spec.free_parameters[0]


def variable_names(spec: FitSpec) -> dict[str, str]:
    """Return the name of each free parameter's variable in the PyMC model."""
    parent = parent_parameter(spec)
    return {name: INTERCEPT if name == parent else name for name in spec.free_parameters}


def _prior(spec: FitSpec, parameter: Parameter, columns: Columns) -> bmb.Prior:
    """Return a Bambi prior truncated to the support, the shift kept below the smallest rt.

    Without lapses the posterior is zero at and beyond the smallest rt, so an interval
    transform up to it changes nothing but keeps every start and every step inside.
    """
    prior = spec.named_prior(parameter.name)
    lower, upper = parameter.lower, parameter.upper
    below, above = spec.prior_of(parameter.name).reaches_past
    transform: dict[str, Any] = {}
    if parameter.name == spec.model.shift and spec.p_outlier == 0.0:
        # Constants of a declared type: PyTensor casts a bare float by its value.
        ends = [pt.constant(np.float64(x), dtype="float64") for x in (lower, min(columns["rt"]))]
        transform["default_transform"] = Interval(bounds_fn=lambda *_: tuple(ends))

    if parameter.softplus and spec.prior_of(parameter.name).support == (0.0, np.inf):
        transform["default_transform"] = Softplus()
    # A bare float that 32 bits can hold becomes a 32-bit constant, and so would what is
    # computed from it.
    arguments = {key: np.float64(value) for key, value in prior.args.items()}

    def distribution(name: str, **_ignored: Any) -> Any:
        family = getattr(pm, prior.name)
        if not below and not above:
            return family(name, **arguments, **transform)
        return pm.Truncated(
            name,
            family.dist(**arguments),
            lower=np.float64(lower) if below else None,
            upper=np.float64(upper) if above else None,
            **transform,
        )

    return bmb.Prior(prior.name, dist=distribution, auto_scale=False)


def build_model(spec: FitSpec, columns: Columns, padded: bool = False) -> pm.Model:
    """Build the PyMC model of a fit for one dataset, through Bambi.

    Parameters
    ----------
    spec
        The fit.
    columns
        The dataset's columns, each of shape (n,).
    padded
        Whether ``columns`` holds ``counted``, which marks the rows that are trials.

    Returns
    -------
    pm.Model
        Its free variables are the free parameters; the parent's is called ``Intercept``.
    """
    names = observed_columns(spec, padded)
    frame = pd.DataFrame({name: np.asarray(columns[name], dtype=float) for name in names})
    parent = parent_parameter(spec)
    family = bmb.Family(
        spec.model.name,
        bmb.Likelihood(
            spec.model.name,
            params=list(spec.free_parameters),
            parent=parent,
            dist=response_distribution(spec),
        ),
        link=dict.fromkeys(spec.free_parameters, "identity"),
    )
    left = names[0] if len(names) == 1 else f"c({', '.join(names)})"
    priors = {
        variable: _prior(spec, spec.model.parameter(name), columns)
        for name, variable in variable_names(spec).items()
    }
    model = bmb.Model(f"{left} ~ 1", frame, family=family, priors=priors)
    model.build()
    return model.backend.model
