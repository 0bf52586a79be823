"""Hierarchies that are small enough to be integrated by quadrature, and their likelihoods."""

import numpy as np
import xarray as xr

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter

SOFTMAX = get_model("softmax_inv_temperature_2")
NORMAL = Prior("Normal", {"mu": 0.0, "sigma": 1.0})


def deviations(sigma, name="Normal", **more):
    return Prior(name, {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": sigma}), **more})


def varying_intercept(noncentered=True, prior=None):
    """A choice whose logit has a common slope and an intercept for each participant."""
    priors = {
        "Intercept": NORMAL,
        "x": NORMAL,
        "1|participant_id": prior or deviations(0.7),
    }
    formula = "1 + x + (1 | participant_id)"
    regression = Regression("logit1", formula, Link("identity"), priors, noncentered)
    return FitSpec("choice", SOFTMAX, fixed={"beta": 2.0}, regressions={"logit1": regression})


def choices(participants, trials, seed):
    """Columns of participants whose intercepts differ with an sd of 0.6."""
    rng = np.random.default_rng(seed)
    n = participants * trials
    x = rng.normal(size=n)
    logit = 0.3 + 0.6 * x + np.repeat(rng.normal(0, 0.6, participants), trials)
    return {
        "response": np.where(rng.random(n) < 1 / (1 + np.exp(-2 * logit)), 1, -1),
        "x": x,
        "participant_id": np.repeat([f"p{k}" for k in range(participants)], trials).astype(object),
    }


def without(columns, participant):
    """Columns of all others."""
    kept = columns["participant_id"] != participant
    return {name: column[kept] for name, column in columns.items()}


def choice_integrals(columns, participant, values, points=241):
    """Log likelihoods (k,) of all of a participant's choices, by the trapezoid rule over u / sd."""
    rows = columns["participant_id"] == participant
    sign, x = columns["response"][rows], columns["x"][rows]
    z = np.linspace(-8, 8, points)
    sd = values["logit1_1|participant_id_sigma"][:, None]
    eta = values["logit1_Intercept"][:, None, None] + (sd * z)[..., None]
    eta = eta + values["logit1_x"][:, None, None] * x
    total = -np.logaddexp(0, -2 * sign * eta).sum(axis=-1) - z**2 / 2 - np.log(2 * np.pi) / 2
    return np.logaddexp.reduce(total, axis=-1) + np.log(z[1] - z[0])


def lifter_of(spec, columns):
    return Lifter(spec, Shape(len(columns["response"])))


def made_up(spec, columns, values, spread, shape=(4, 100), seed=0):
    """A posterior of dataset 0 around given values, sds and deviations at random."""
    lifted, data = lifter_of(spec, columns).of(columns)
    rng = np.random.default_rng(seed)
    found = {}
    for variable in lifted.free:
        size = (*shape, *variable.shape)
        if variable.name in values:
            draws = values[variable.name] + spread * rng.standard_normal(size)
        elif variable.name.endswith("_sigma"):
            draws = rng.uniform(0.3, 0.6, size)
        else:
            draws = 0.4 * rng.standard_normal(size)
        dims = ("chain", "draw", "dataset", *variable.dims)
        coords = {dim: list(data.coords[dim]) for dim in variable.dims}
        found[variable.name] = xr.DataArray(draws[:, :, None], dims=dims, coords=coords)
    return xr.Dataset(found).assign_coords(dataset=[0])
