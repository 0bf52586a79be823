"""Prior sensitivity of a batch against ArviZ, with components from a plain loop."""

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
from driftmill.recovery.power_scaling import CONFLICT, NONE, STRONG
from driftmill.recovery.sensitivity import sensitivity_batch
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
