"""The joint log likelihood and prior ranks of a hierarchy against a plain NumPy loop."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats
from scipy.special import expit

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.recovery.batch import Labels
from driftmill.recovery.ranking import rank_batch
from driftmill.recovery.ranks import HIGHEST, NOT_SIMULATED, thinned
from driftmill.regression.columns import shape_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.simulation.covariates import Drawn
from driftmill.simulation.design import Design
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.simulation.simulate import simulate_datasets
from driftmill.study.build_truths import generator_formulas, truths_of_priors

SD = Prior("HalfNormal", {"sigma": 0.6})
SPEC = FitSpec(
    "f",
    get_model("softmax_inv_temperature_2"),
    priors={"beta": Prior("Gamma", {"mu": 2.0, "sigma": 0.5})},
    regressions={
        "logit1": Regression(
            "logit1",
            "1 + x + (1 | participant_id)",
            Link("identity"),
            {
                "Intercept": Prior("Normal", {"mu": 0.3, "sigma": 0.7}),
                "x": Prior("Normal", {"mu": 0.0, "sigma": 0.5}),
                "1|participant_id": Prior("Normal", {"mu": 0.0, "sigma": SD}),
            },
        )
    },
)
DATASETS, PEOPLE, CHAINS, DRAWS = 3, ("0", "1", "2"), 2, 60
GROUP = "participant_id__factor_dim"


@pytest.fixture(scope="module")
def batch():
    """Return made-up posteriors of simulated data, and their ranks; dataset 7 has no data."""
    design = Design(
        "c", SPEC.model, truths_of_priors(SPEC), len(PEOPLE), 12, 400, 0.0, 1,
        generator_formulas(SPEC),
        {"x": Drawn(Prior("Normal", {"mu": 0.0, "sigma": 1.0}))},
    )  # fmt: skip
    numbers = [0, 1, 2]
    trials, truth = simulate_datasets(design, numbers)
    _, lost = simulate_datasets(design, [7])
    truth = pd.concat([truth, lost[lost["participant_id"].isna()]])
    rng = np.random.default_rng(1)
    shape = (CHAINS, DRAWS, DATASETS)
    sd = np.abs(rng.normal(size=shape))
    multiples = rng.normal(size=(*shape, len(PEOPLE)))
    dims = ("chain", "draw", "dataset")
    deviations = "logit1_1|participant_id"
    posterior = xr.Dataset(
        {
            "beta": (dims, rng.gamma(8, 0.25, shape)),
            "logit1_Intercept": (dims, rng.normal(size=shape)),
            "logit1_x": (dims, rng.normal(size=shape)),
            f"{deviations}_sigma": (dims, sd),
            f"{deviations}_offset": ((*dims, GROUP), multiples),
            deviations: ((*dims, GROUP), multiples * sd[..., None]),
        },
        {"dataset": numbers, GROUP: list(PEOPLE)},
    )
    names = ["beta", "logit1_Intercept", "logit1_x", f"{deviations}_sigma"]
    names += [f"{deviations}{end}[{who}]" for end in ("", "_offset") for who in PEOPLE]
    told = np.full((DATASETS, len(names)), 80.0)
    told[1] = 1e4
    diagnostics = xr.Dataset(
        dict.fromkeys(("r_hat", "ess_bulk", "ess_tail"), (("dataset", "parameter"), told))
        | {"mcse_ratio": (("dataset", "parameter"), told)},
        {"dataset": numbers, "parameter": names},
    )
    result = xr.Dataset({"code": ("dataset", ["ok"] * DATASETS)}, {"dataset": numbers})
    tree = xr.DataTree.from_dict(
        {"posterior": posterior, "diagnostics": diagnostics, "result": result}
    )
    seeds = {n: seed_sequence(1, "c", n, Purpose.RANKS) for n in (*numbers, 7)}
    labels = Labels("c", "f", SPEC.model.name, SPEC.model.name)
    table = rank_batch(tree, truth, trials, labels, SPEC, shape_of(trials), seeds)
    return posterior, trials, truth, table


def log_likelihood(trials, beta, intercept, slope, deviations):
    """Return the log likelihood of one dataset, trial by trial."""
    total = 0.0
    for row in trials.itertuples():
        logit = intercept + slope * row.x + deviations[PEOPLE.index(row.participant_id)]
        p = expit(beta * logit)
        total += np.log(p if row.response == CHOSEN else 1 - p)
    return total


CHOSEN = SPEC.model.choices[1]


def test_the_joint_likelihood_is_that_of_a_plain_loop(batch):
    posterior, trials, truth, table = batch
    for dataset, ess in ((0, 80.0), (1, 1e4)):
        mine = trials[trials["dataset"] == dataset]
        known = truth[truth["dataset"] == dataset].set_index(["parameter"])["value"]
        at_truth = log_likelihood(
            mine,
            known["beta"],
            known["logit1_Intercept"],
            known["logit1_x"],
            known["logit1_1|participant_id"].to_numpy(),
        )
        row = table[(table["dataset"] == dataset) & (table["level"] == "joint")].iloc[0]
        assert row["truth"] == pytest.approx(at_truth, rel=1e-10)
        kept = thinned(CHAINS * DRAWS, ess)
        assert row["draws"] == len(kept)
        chain, draw = (xr.DataArray(at, dims="all") for at in divmod(kept, DRAWS))
        one = posterior.sel(dataset=dataset).isel(chain=chain, draw=draw)
        drawn = [
            log_likelihood(
                mine,
                float(one["beta"][k]),
                float(one["logit1_Intercept"][k]),
                float(one["logit1_x"][k]),
                one["logit1_1|participant_id"].isel(all=k).to_numpy(),
            )
            for k in range(len(kept))
        ]
        below = np.sum(np.array(drawn) < at_truth)
        share = (len(kept) + 1) / (HIGHEST + 1)
        assert below == int(np.floor((row["rank"] + 0.5) * share))


def test_a_dataset_without_data_has_ranks_among_priors_alone(batch):
    lost = batch[3][batch[3]["dataset"] == 7].set_index("parameter")
    assert set(lost["code"]) == {NOT_SIMULATED}
    assert lost["rank"].isna().all()
    shared = ["beta", "logit1_Intercept", "logit1_x", "logit1_1|participant_id_sigma"]
    assert lost.loc[shared, "prior_rank"].notna().all()
    assert lost.loc["log_likelihood", "prior_rank"] is pd.NA


def test_prior_ranks_are_those_of_the_priors_distributions(batch):
    """Among 99 draws the rank of a truth with distribution function F is binomial(99, F)."""
    table = batch[3].set_index(["parameter", "dataset"])
    known = {
        "logit1_Intercept": stats.norm(0.3, 0.7),
        "logit1_x": stats.norm(0.0, 0.5),
        "logit1_1|participant_id_sigma": stats.halfnorm(0, 0.6),
    }
    for name, prior in known.items():
        for row in table.loc[name].itertuples():
            low, high = stats.binom.ppf([1e-5, 1 - 1e-5], HIGHEST, prior.cdf(row.truth))
            assert low <= row.prior_rank <= high
