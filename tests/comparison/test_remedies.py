"""What is done about bad Pareto k, against quadrature over the two parameters of a choice."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.special import logsumexp
from tests.comparison.hierarchies import SOFTMAX

from driftmill.comparison.limits import Remedies
from driftmill.comparison.loo import (
    elpd_table,
    pareto_k_limit,
    pointwise_table,
    relative_efficiency,
)
from driftmill.comparison.moment_match import moment_match
from driftmill.comparison.remedies import TrialScores, describe
from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.sampling.settings import SamplingSettings

PRIOR = Prior("Normal", {"mu": 0.0, "sigma": 1.0})
SPEC = FitSpec(
    "choice",
    SOFTMAX,
    fixed={"beta": 2.0},
    regressions={
        "logit1": Regression("logit1", "1 + x", Link("identity"), {"Intercept": PRIOR, "x": PRIOR})
    },
)
SETTINGS = SamplingSettings(chains=4, draws=500)
SEED = np.random.SeedSequence(6)
N = 26


def choices(far):
    """Columns of 26 choices; the last is of great weight, and against the others."""
    rng = np.random.default_rng(2)
    x = np.append(rng.normal(size=N - 1), far)
    up = np.append(rng.random(N - 1) < 1 / (1 + np.exp(-1.2 * x[:-1])), False)
    return {"response": np.where(up, 1, -1), "x": x}


def by_hand(columns, intercept, slope):
    """Log prior and log likelihoods (..., n) by the definition of the softmax."""
    eta = intercept[..., None] + slope[..., None] * columns["x"]
    prior = -0.5 * (intercept**2 + slope**2)
    return prior, -np.logaddexp(0, -2 * columns["response"] * eta)


def grid(columns):
    axes = np.meshgrid(np.linspace(-3, 3, 401), np.linspace(-3, 3, 401), indexing="ij")
    return (*axes, *by_hand(columns, *axes))


def exact(columns):
    """Log predictive density of the last row given all others."""
    _, _, prior, each = grid(columns)
    without = prior + each[..., :-1].sum(axis=-1)
    return logsumexp(without + each[..., -1]) - logsumexp(without)


def draws_of(columns):
    """Independent draws from the grid, spread over its cells."""
    first, second, prior, each = grid(columns)
    density = prior + each.sum(axis=-1)
    weights = np.exp(density - density.max()).ravel()
    rng = np.random.default_rng(8)
    picked = rng.choice(weights.size, 2000, p=weights / weights.sum())
    found = {}
    for name, values in (("logit1_Intercept", first), ("logit1_x", second)):
        drawn = values.ravel()[picked] + 0.015 * rng.uniform(-0.5, 0.5, 2000)
        found[name] = (("chain", "draw", "dataset"), drawn.reshape(4, 500, 1))
    return xr.Dataset(found, {"dataset": [0]})


@pytest.fixture(scope="module")
def columns():
    return choices(6.0)


@pytest.fixture(scope="module")
def posterior(columns):
    return draws_of(columns)


@pytest.fixture(scope="module")
def lifter():
    return Lifter(SPEC, Shape(N))


def scored(lifter, columns, posterior, remedies, code="ok"):
    return TrialScores(lifter, SETTINGS, remedies)(columns, posterior, 0, code, SEED)


@pytest.fixture(scope="module")
def plain(lifter, columns, posterior):
    return scored(lifter, columns, posterior, Remedies(0, 0))


def test_importance_sampling_fails_on_a_choice_of_great_weight(plain, columns):
    np.testing.assert_array_equal(plain.bad, [N - 1])
    assert plain.method is None
    assert plain.elpd[-1] - exact(columns) > 1.0


def test_moment_matching_mends_it(plain, lifter, columns, posterior):
    loo = scored(lifter, columns, posterior, Remedies(50, 0))
    assert loo.n_bad_k == 0
    np.testing.assert_array_equal(loo.scored_by("moment_match"), np.arange(N) == N - 1)
    # Over ten posteriors the error has an sd of 0.1.
    assert loo.elpd[-1] == pytest.approx(exact(columns), abs=0.4)
    np.testing.assert_array_equal(loo.elpd[:-1], plain.elpd[:-1])
    np.testing.assert_allclose(loo.p_loo + loo.elpd, plain.p_loo + plain.elpd, rtol=1e-10)
    assert describe(loo).endswith("0 bad k left, 1 mended by moment matching, 0 by refits")


def test_the_lifted_route_is_the_plain_one(lifter, columns, posterior):
    """The same algorithm with densities written down in NumPy."""

    def evaluate(at):
        prior, each = by_hand(columns, at[:, 0], at[:, 1])
        return prior + each.sum(axis=-1), each[:, -1]

    names = ("logit1_Intercept", "logit1_x")
    draws = np.stack([posterior[name].to_numpy()[..., 0] for name in names], axis=-1)
    flat, r_eff = draws.reshape(-1, 2), relative_efficiency(draws)
    found = moment_match(flat, *evaluate(flat), evaluate, r_eff, pareto_k_limit(2000))
    loo = scored(lifter, columns, posterior, Remedies(50, 0))
    assert loo.elpd[-1] == pytest.approx(found.elpd, rel=1e-9)
    assert loo.pareto_k[-1] == pytest.approx(found.pareto_k, rel=1e-6)


def test_a_refit_mends_what_is_left(lifter):
    columns = choices(9.0)
    posterior = draws_of(columns)
    assert scored(lifter, columns, posterior, Remedies(50, 0)).n_bad_k == 1
    loo = scored(lifter, columns, posterior, Remedies(50, 20))
    assert loo.n_bad_k == 0
    np.testing.assert_array_equal(loo.scored_by("refit"), np.arange(N) == N - 1)
    assert np.isnan(loo.pareto_k[-1])
    # Over twenty pairs of posteriors the error has an sd of 0.2; that of the mean is 1.
    assert loo.elpd[-1] == pytest.approx(exact(columns), abs=0.85)
    again = scored(lifter, columns, posterior, Remedies(0, 1))
    np.testing.assert_array_equal(loo.elpd, again.elpd)
    trials = pd.DataFrame({"participant_id": None, "trial_id": range(N)})
    assert pointwise_table(loo, 0, trials)["method"].tolist() == ["psis"] * (N - 1) + ["refit"]
    row = elpd_table([(0, "ok", loo)]).iloc[0]
    assert row[["n_bad_k", "n_matched", "n_refitted"]].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("remedies", "code"),
    [
        (Remedies(0, 0), "ok"),
        (Remedies(50, 20), "not_converged"),
        (Remedies(50, 20), "approximate"),
    ],
)
def test_nothing_is_done_beyond_the_limits_or_where_gates_failed(
    plain, lifter, columns, posterior, remedies, code
):
    loo = scored(lifter, columns, posterior, remedies, code)
    np.testing.assert_array_equal(loo.elpd, plain.elpd)
    assert loo.method is None


def test_a_refit_that_fails_mends_nothing(plain, lifter, columns, posterior, monkeypatch):
    score = TrialScores(lifter, SETTINGS, Remedies(0, 20))
    asked = []

    def failing(columns, held, seed):
        asked.append(np.flatnonzero(held).tolist())
        return SimpleNamespace(failed=True)

    monkeypatch.setattr(score, "_refits", failing)
    loo = score(columns, posterior, 0, "ok", SEED)
    assert asked == [[N - 1]]
    assert loo.n_bad_k == 1
    np.testing.assert_array_equal(loo.elpd, plain.elpd)


def test_the_trial_that_bounds_a_parameter_is_not_matched():
    """Without the fastest response there is mass where no draw of the shift can be moved."""
    rng = np.random.default_rng(1)
    spec = FitSpec("ddm", get_model("ddm"))
    columns = {"rt": np.append(0.4 + rng.gamma(2.0, 0.2, 29), 0.31), "response": np.ones(30)}
    columns["response"][::4] = -1
    shape = (4, 250, 1)
    drawn = {name: at + 0.05 * rng.normal(size=shape) for name, at in (("v", 1.0), ("a", 1.0))}
    drawn |= {"z": 0.5 + 0.02 * rng.normal(size=shape), "t": 0.31 - 0.05 * rng.random(shape)}
    found = {name: (("chain", "draw", "dataset"), values) for name, values in drawn.items()}
    lifter = Lifter(spec, Shape(30))
    posterior = xr.Dataset(found, {"dataset": [0]})
    loo = scored(lifter, columns, posterior, Remedies(50, 0))
    assert 29 in loo.bad
    assert not loo.scored_by("moment_match")[29]
