"""Power-scaling against ArviZ on whole trees, and of a normal posterior against quadrature."""

import logging

import arviz_stats
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats
from scipy.special import expit

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import Prior, get_model
from driftmill.recovery.batch import Labels
from driftmill.recovery.sensitivity import (
    CONFLICT,
    NONE,
    STRONG,
    diagnosis,
    power_weights,
    sensitivity,
    sensitivity_batch,
)
from driftmill.regression.columns import shape_of
from driftmill.regression.fit_spec import FitSpec

MODEL = get_model("softmax_inv_temperature_2")
SPEC = FitSpec(
    "f",
    MODEL,
    fixed={"beta": 1.0},
    regressions={
        "logit1": Regression(
            "logit1",
            "1 + (1 | participant_id)",
            Link("identity"),
            {
                "Intercept": Prior("Normal", {"mu": 0.3, "sigma": 0.7}),
                "1|participant_id": Prior(
                    "Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 0.6})}
                ),
            },
        )
    },
)
PEOPLE, DEVIATIONS = ("s1", "s2"), "logit1_1|participant_id"
GROUP = "participant_id__factor_dim"


@pytest.fixture(scope="module")
def batch():
    """Return a batch of two posteriors, of which the second failed, and its trials."""
    rng = np.random.default_rng(5)
    shape = (2, 150, 2)
    dims = ("chain", "draw", "dataset")
    sigma = np.abs(rng.normal(0.4, 0.1, shape))
    multiples = rng.normal(size=(*shape, 2))
    posterior = xr.Dataset(
        {
            "logit1_Intercept": (dims, rng.normal(0.5, 0.3, shape)),
            f"{DEVIATIONS}_sigma": (dims, sigma),
            f"{DEVIATIONS}_offset": ((*dims, GROUP), multiples),
            DEVIATIONS: ((*dims, GROUP), multiples * sigma[..., None]),
        },
        {"dataset": [0, 1], GROUP: list(PEOPLE)},
    )
    posterior = posterior.where(posterior["dataset"] == 0)
    names = ["logit1_Intercept", f"{DEVIATIONS}_sigma"]
    names += [f"{DEVIATIONS}{end}[{who}]" for end in ("", "_offset") for who in PEOPLE]
    told = np.full((2, len(names)), 500.0)
    known = dict.fromkeys(("r_hat", "ess_bulk", "ess_tail", "mcse_ratio"))
    diagnostics = xr.Dataset(
        dict.fromkeys(known, (("dataset", "parameter"), told)),
        {"dataset": [0, 1], "parameter": names},
    )
    codes = ("dataset", ["ok", "numeric_failure"])
    tree = xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "diagnostics": diagnostics,
            "result": xr.Dataset({"code": codes}, {"dataset": [0, 1]}),
        }
    )
    trials = pd.DataFrame(
        {
            "dataset": np.repeat([0, 1], 40),
            "participant_id": np.tile(np.repeat(PEOPLE, 20), 2),
            "response": rng.choice(MODEL.choices, 80, p=[0.35, 0.65]),
        }
    )
    labels = Labels("c", "f", MODEL.name)
    return posterior, trials, sensitivity_batch(tree, trials, labels, SPEC, shape_of(trials))


def test_a_batch_agrees_with_arviz_on_components_from_a_plain_loop(batch, caplog):
    posterior, trials, table = batch
    one = posterior.sel(dataset=0)
    logit = one["logit1_Intercept"] + one[DEVIATIONS]
    likelihood = xr.zeros_like(one["logit1_Intercept"])
    for row in trials[trials["dataset"] == 0].itertuples():
        p = expit(logit.sel({GROUP: row.participant_id}))
        likelihood = likelihood + np.log(p if row.response == MODEL.choices[1] else 1 - p)
    prior = stats.norm(0.3, 0.7).logpdf(one["logit1_Intercept"])
    prior = prior + stats.halfnorm(scale=0.6).logpdf(one[f"{DEVIATIONS}_sigma"])
    tree = xr.DataTree.from_dict(
        {
            "posterior": one.drop_vars("dataset"),
            "log_prior": xr.Dataset({"all": (("chain", "draw"), prior)}),
            "log_likelihood": xr.Dataset({"y": likelihood.drop_vars("dataset")}),
        }
    )
    with caplog.at_level(logging.ERROR):
        theirs = arviz_stats.psense_summary(tree, round_to=12)
    ours = table[table["dataset"] == 0]
    names = ["logit1_Intercept", f"{DEVIATIONS}_sigma", f"{DEVIATIONS}[s1]", f"{DEVIATIONS}[s2]"]
    assert [*ours["parameter"][:2]] == names[:2]
    assert ours["participant_id"].tolist()[2:] == list(PEOPLE)
    for side in ("prior", "likelihood"):
        np.testing.assert_allclose(ours[side], theirs.loc[names, side], rtol=1e-6)
    words = {"✓": NONE, "potential prior-data conflict": CONFLICT}
    words["potential strong prior / weak likelihood"] = STRONG
    assert ours["diagnosis"].tolist() == [words[x] for x in theirs.loc[names, "diagnosis"]]


def test_a_failed_posterior_is_kept_without_numbers(batch):
    failed = batch[2].query("dataset == 1")
    assert failed["parameter"].tolist() == ["logit1_Intercept", f"{DEVIATIONS}_sigma"]
    assert failed[["prior", "likelihood"]].isna().all(axis=None)
    assert (failed["diagnosis"] == "").all()
    assert (failed["code"] == "numeric_failure").all()


def distance(one, two, ends):
    """Return the cumulative Jensen-Shannon distance of two distributions (Kallioinen, eq. 8)."""
    x = np.linspace(*ends, 200_001)
    both = [np.clip(d.cdf(x), 1e-300, 1.0) for d in (one, two)]
    middle = (both[0] + both[1]) / 2
    mass = [np.trapezoid(c, x) for c in both]
    parts = [np.trapezoid(c * np.log2(c / middle), x) for c in both]
    return np.sqrt(max(0.0, sum(parts)) / sum(mass))


@pytest.mark.parametrize(("mean", "sd", "prior_sd"), [(0.4, 0.3, 0.5), (2.0, 0.5, 0.6)])
def test_a_normal_posterior_has_the_sensitivity_of_its_closed_form(mean, sd, prior_sd):
    """A prior N(0, s0) to the power a adds (a - 1) / s0**2 to the posterior's precision."""
    exact = stats.norm(mean, sd)
    draws = exact.ppf((np.arange(20_000) + 0.5) / 20_000)
    found = sensitivity(draws, power_weights(stats.norm(0, prior_sd).logpdf(draws)[None]))
    ends = draws.min(), draws.max()
    mirrored = stats.norm(-mean, sd)
    slopes = []
    for power in (0.99, 1.01):
        precision = sd**-2 + (power - 1) * prior_sd**-2
        moved = mean * sd**-2 / precision
        scaled, other = (stats.norm(m, precision**-0.5) for m in (moved, -moved))
        sides = (distance(exact, scaled, ends), distance(mirrored, other, (-ends[1], -ends[0])))
        slopes.append(max(sides) / abs(np.log2(power)))
    # The draws are a grid of 20,000, and the tails beyond it weigh more than they have room for.
    assert found == pytest.approx(np.mean(slopes), rel=0.02)


def test_a_uniform_prior_changes_nothing():
    draws = np.random.default_rng(1).normal(size=500)
    assert sensitivity(draws, power_weights(np.zeros((2, 250)))) == 0.0
    assert np.isnan(sensitivity(draws, power_weights(np.full((2, 250), np.nan))))
    assert np.isnan(sensitivity(np.ones(500), power_weights(draws[None])))


@pytest.mark.parametrize(
    ("prior", "likelihood", "told"),
    [(0.2, 0.1, CONFLICT), (0.2, 0.01, STRONG), (0.01, 0.9, NONE), (0.01, 0.0, NONE)],
)
def test_sensitivities_are_read_as_their_authors_do(prior, likelihood, told):
    assert diagnosis(prior, likelihood) == told


def test_what_is_not_known_has_no_reading():
    assert diagnosis(np.nan, 0.1) == ""
