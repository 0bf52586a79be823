"""What the protocol needs of a model: its compiled density, parameter sets, and quadrature."""

import functools
import json
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest

from driftmill.models import CATALOGUE
from driftmill.models.priors import Distribution

REFERENCE = Path(__file__).resolve().parents[1] / "reference"


class Protocol:
    """One model of the catalogue under test."""

    def __init__(self, name):
        self.model = CATALOGUE[name]

    @functools.cached_property
    def log_density(self):
        """Compiled; takes response columns, then parameters in order."""
        return jax.jit(next(iter(self.model.likelihoods.values())))

    @functools.cached_property
    def value_and_gradient(self):
        """Compiled; takes columns and one value a trial of every parameter, in two lists."""

        def total(parameters, columns):
            values = self.log_density(*columns, *parameters)
            return values.sum(), values

        def both(columns, parameters):
            gradient, values = jax.grad(total, has_aux=True)(parameters, columns)
            return values, gradient

        return jax.jit(both)

    @functools.cached_property
    def reference(self):
        """Rows with known log densities, parameters as columns."""
        rows = pd.read_parquet(REFERENCE / "likelihoods.parquet")
        rows = rows[rows["model"] == self.model.name].reset_index(drop=True)
        parameters = [json.loads(params) for params in rows["params"]]
        return rows.join(pd.DataFrame(parameters, index=rows.index))

    def arguments(self, rows):
        """Columns and parameters of a table, in the order of the density."""
        names = (*self.model.response_columns, *self.model.parameter_names)
        return [rows[name].to_numpy(dtype=np.float64) for name in names]

    def hard_rows(self):
        """All reference rows, and trials from before the shift to long after it."""
        waits = [0.0, 1e-6, 1e-4, 1e-2, 0.3, 3.0, 10.0] if self.model.has_rt else [0.0]
        rows = [
            parameters | {"rt": self.shift(parameters) + wait, "response": choice}
            for parameters in [*self.draws(20, margin=0.01), *self.corners()]
            for choice in self.model.choices
            for wait in waits
        ]
        return self.arguments(pd.concat([self.reference, pd.DataFrame(rows)]))

    def corners(self):
        """Hard parameter sets from the table of corners."""
        return json.loads((REFERENCE / "corners.json").read_text()).get(self.model.name, [])

    def draws(self, n, margin, seed=11):
        """Parameter sets from the default priors without ``margin`` of the mass on each side."""
        rng = np.random.default_rng(seed)
        quantiles = margin + (1 - 2 * margin) * rng.random((n, len(self.model.parameters)))
        priors = [Distribution(p.prior, p.lower, p.upper) for p in self.model.parameters]
        values = [[float(d.ppf(q)) for d, q in zip(priors, row, strict=True)] for row in quantiles]
        return [dict(zip(self.model.parameter_names, row, strict=True)) for row in values]

    def shift(self, parameters):
        return parameters[self.model.shift] if self.model.shift else 0.0

    def log_p(self, parameters, response, rt=None):
        columns = {"rt": rt, "response": response}
        values = [parameters[name] for name in self.model.parameter_names]
        arguments = [columns[name] for name in self.model.response_columns]
        return np.asarray(self.log_density(*arguments, *values))

    def mass_over_time(self, parameters, step=0.003):
        """Cumulative mass of each choice on a grid of response times.

        The trapezoid rule in log time: the density and all its derivatives vanish at both ends,
        so over the whole range it converges faster than any power of the step.
        """
        log_time = np.arange(np.log(1e-9), np.log(2e4), step)
        time = np.exp(log_time)
        rt = self.shift(parameters) + time
        cumulative = {}
        for choice in self.model.choices:
            density = np.exp(self.log_p(parameters, float(choice), rt)) * time * step
            cumulative[choice] = np.cumsum(density) - 0.5 * density
        return rt, cumulative


@pytest.fixture(scope="session", params=list(CATALOGUE))
def protocol(request):
    return Protocol(request.param)
