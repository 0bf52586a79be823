"""From a fit and a dataset's columns to a Bambi model and its PyMC graph."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import bambi as bmb
import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.transforms import Interval

from driftmill.formulas.functions import NAMESPACE
from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import INTERCEPT
from driftmill.models.declaration import Columns, Parameter, Prior
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.omissions import responded
from driftmill.regression.panel import Panel
from driftmill.regression.prior_variables import cut_prior
from driftmill.regression.response import observed_columns, response_distribution
from driftmill.regression.shared_solutions import Shared
from driftmill.regression.softplus import Softplus

#: Bambi wants a parent parameter, whose terms it names without the parameter. Ours is none of the
#: model's, so that all are named alike.
_PARENT = "no_parameter"
#: Name of the constant that holds the smallest rt.
FASTEST = "fastest"


def _plain(spec: FitSpec, parameter: Parameter, columns: Columns) -> bmb.Prior:
    """Return the prior of a parameter without a formula, the shift kept below the smallest rt.

    Without lapses the posterior is zero at and beyond the smallest rt, so an interval
    transform up to it changes nothing but keeps every start and every step inside.
    """
    transform: Any = None
    if parameter.name == spec.model.shift and not spec.lapses and not spec.model.shift_width:
        ends = (
            pt.constant(np.float64(parameter.lower), dtype="float64"),
            pt.constant(
                np.float64(np.asarray(columns["rt"])[responded(columns)].min()),
                FASTEST,
                dtype="float64",
            ),
        )
        transform = Interval(bounds_fn=lambda *_: ends)
    lower, upper = spec.prior_of(parameter.name).support
    if parameter.softplus and np.isfinite(lower) and upper == np.inf:
        transform = Softplus(lower)
    return cut_prior(spec.named_prior(parameter.name), parameter.lower, parameter.upper, transform)


def _group_prior(prior: Prior) -> bmb.Prior:
    """Return the prior of deviations, whose scale has a prior of its own."""
    arguments = {
        key: cut_prior(value, 0.0, np.inf) if isinstance(value, Prior) else np.float64(value)
        for key, value in prior.args.items()
    }
    return bmb.Prior(prior.name, auto_scale=False, **arguments)


def _term_priors(regression: Regression, parameter: Parameter) -> dict[str, bmb.Prior]:
    """Return the priors of all terms of a formula.

    On the identity scale the intercept is a value of the parameter, so it stays in its support.
    """
    groups = {term.name for term in regression.terms.groups}
    bounded = regression.link.name == "identity"
    priors = {}
    for term in regression.terms.names:
        prior = regression.priors[term]
        if term in groups:
            priors[term] = _group_prior(prior)
        elif term == INTERCEPT and bounded:
            priors[term] = cut_prior(prior, parameter.lower, parameter.upper)
        else:
            priors[term] = cut_prior(prior, -np.inf, np.inf)
    return priors


def _bambi_link(link: Link) -> bmb.Link:
    """Return a link as Bambi takes it, for arrays and for graphs."""
    lower, width = np.float64(link.lower), np.float64(link.upper - link.lower)
    backend: dict[str, Callable[[Any], Any]] = {
        "identity": lambda eta: eta,
        "log": lambda eta: pt.exp(eta) + lower if lower else pt.exp(eta),
        "logit": pt.sigmoid,
        "gen_logit": lambda eta: lower + width * pt.sigmoid(eta),
    }
    return bmb.Link(
        f"driftmill_{link.name}",
        link=link.forward,
        linkinv=link.inverse,
        linkinv_backend=backend[link.name],
    )


def data_frame(
    spec: FitSpec, columns: Columns, padded: bool = False, layout: Panel | Shared | None = None
) -> pd.DataFrame:
    """Return the data of a fit as Bambi takes them: observed columns as numbers, others as are."""
    observed = observed_columns(spec, padded, layout)
    frame = {name: np.asarray(columns[name], dtype=float) for name in observed}
    others = [name for name in spec.columns if name not in frame]
    return pd.DataFrame(frame | {name: np.asarray(columns[name]) for name in others})


def build_bambi(
    spec: FitSpec, columns: Columns, padded: bool = False, layout: Panel | Shared | None = None
) -> bmb.Model:
    """Build the Bambi model of a fit for one dataset.

    Parameters
    ----------
    spec
        The fit.
    columns
        The dataset's columns, each of shape (n,).
    padded
        Whether ``columns`` holds ``counted``, which marks the rows that are trials.
    layout
        How the rows lie, for a learning model, whose columns are those of ``laid_out``, or where
        rows share solutions, with those of ``laid_by_sets``.

    Returns
    -------
    bmb.Model
        Built; its formulas are those of the fit, its parent parameter stands for nothing.
    """
    names = observed_columns(spec, padded, layout)
    made = response_distribution(spec, layout)

    def response(name: str, **given: Any) -> Any:
        return made(name, **{key: value for key, value in given.items() if key != _PARENT})

    nothing = bmb.Link(
        _PARENT, link=np.abs, linkinv=np.abs, linkinv_backend=lambda _: pt.zeros((1,))
    )
    formulas = spec.formulas
    family = bmb.Family(
        spec.model.name,
        bmb.Likelihood(
            spec.model.name,
            params=[_PARENT, *spec.free_parameters],
            parent=_PARENT,
            dist=response,
        ),
        link={_PARENT: nothing} | {name: _bambi_link(r.link) for name, r in formulas.items()},
    )
    priors: dict[str, Any] = {
        name: _plain(spec, spec.parameter(name), columns) for name in spec.plain_parameters
    }
    priors |= {name: _term_priors(r, spec.parameter(name)) for name, r in formulas.items()}
    left = names[0] if len(names) == 1 else f"c({', '.join(names)})"
    main = f"{left} ~ 0"
    with warnings.catch_warnings():
        # Bambi asks pandas for columns of objects, by which it means text too.
        warnings.filterwarnings("ignore", "For backward compatibility, 'str' dtypes")
        model = bmb.Model(
            bmb.Formula(main, *(str(regression) for regression in formulas.values())),
            data_frame(spec, columns, padded, layout),
            family=family,
            priors=priors,
            auto_scale=False,
            center_predictors=False,
            noncentered={name: r.noncentered for name, r in formulas.items()},
            extra_namespace=NAMESPACE,
        )
    _flatten_slopes(model)
    model.build()
    _forget(model.backend.model, _PARENT)
    return model


def _flatten_slopes(model: bmb.Model) -> None:
    """Give slopes over groups on one column a vector of it.

    Bambi 0.21 makes coefficients of shape (groups,) for such a term but leaves the column of an
    interaction of numbers at (n, 1), and so adds up the products of all pairs of rows.
    """
    for component in model.conditional_parameters.values():
        for term in component.group_specific_terms.values():
            data = term.term.expr.data
            if data.ndim == 2 and len(term.coords) == 1:
                term.term.expr.data = data[:, 0]


def _forget(model: pm.Model, name: str) -> None:
    """Take a deterministic variable that nothing depends on out of a model."""
    variable = model.named_vars.pop(name)
    model.named_vars_to_dims.pop(name, None)
    del model.deterministics[[x is variable for x in model.deterministics].index(True)]


def build_model(
    spec: FitSpec, columns: Columns, padded: bool = False, layout: Panel | Shared | None = None
) -> pm.Model:
    """Build the PyMC model of a fit for one dataset, through Bambi.

    Parameters
    ----------
    spec
        The fit.
    columns
        The dataset's columns, each of shape (n,).
    padded
        Whether ``columns`` holds ``counted``, which marks the rows that are trials.
    layout
        How the rows lie, for a learning model, whose columns are those of ``laid_out``, or where
        rows share solutions, with those of ``laid_by_sets``.

    Returns
    -------
    pm.Model
        Its variables: a plain parameter by its name, coefficients as ``v_x``, groups as
        ``v_1|participant_id`` with ``_sigma`` and, non-centred, ``_offset``; for every
        parameter with a formula its value on each trial.
    """
    return build_bambi(spec, columns, padded, layout).backend.model
