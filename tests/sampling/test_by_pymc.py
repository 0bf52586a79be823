"""The four samplers behind ``pm.sample`` against ours, on the same posterior."""

import numpy as np
import pytest
from tests.sampling.conftest import agree, ddm_columns

from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.sampling import by_pymc
from driftmill.sampling.by_pymc import STATS, sample_by_pymc
from driftmill.sampling.ladder import sample_posterior
from driftmill.sampling.posterior import Target
from driftmill.sampling.programs import Programs
from driftmill.sampling.settings import PYMC_SAMPLERS, Gates, Rung, SamplingSettings

SEED = 11
TRIALS = 100
DDM = FitSpec("ddm", get_model("ddm"))
SOFTMAX = get_model("softmax_inv_temperature_2")


def prepared(spec, columns, **settings):
    lifted, data = Lifter(spec, Shape(len(columns["response"]))).of(columns)
    return Programs(lifted, SamplingSettings(**settings)), data


def run(sampler, spec, columns, **settings):
    given = {"chains": 2, "draws": 600, "ladder": (), **settings}
    programs, data = prepared(spec, columns, sampler=sampler, **given)
    sample = sample_posterior if sampler == "nuts" else sample_by_pymc
    return sample(programs, data, np.random.SeedSequence(SEED))


@pytest.fixture(scope="module")
def our_choices(choices):
    return run("nuts", *choices, chains=4, draws=1000)


@pytest.fixture(scope="module")
def columns():
    return ddm_columns(TRIALS, 1)


@pytest.fixture(scope="module")
def ours(columns):
    return run("nuts", DDM, columns, chains=4)


@pytest.fixture(scope="module")
def theirs(columns):
    return {sampler: run(sampler, DDM, columns) for sampler in PYMC_SAMPLERS}


@pytest.mark.parametrize("sampler", PYMC_SAMPLERS)
def test_same_posterior_as_ours(sampler, ours, theirs):
    posterior = theirs[sampler]
    assert posterior.variables == ours.variables
    assert posterior.draws.shape == (2, 600, 4)
    assert posterior.code in {"ok", "not_converged"}
    agree(ours, posterior)


@pytest.mark.parametrize("sampler", PYMC_SAMPLERS)
def test_statistics_have_our_names_and_meanings(sampler, columns, theirs):
    posterior = theirs[sampler]
    lacking = {"step_size"} if sampler == "blackjax" else set()
    assert set(posterior.stats) == set(STATS) - lacking
    assert all(values.shape == (2, 600) for values in posterior.stats.values())
    assert posterior.stats["n_steps"].dtype == np.int64
    assert 1 <= posterior.stats["n_steps"].min() <= posterior.stats["n_steps"].max() < 1023
    assert 0.6 < posterior.stats["acceptance_rate"].mean() < 0.99
    target = Target(*prepared(DDM, columns))
    density = [-target.potential(target.position(draw))[0] for draw in posterior.draws[0, :5]]
    np.testing.assert_allclose(posterior.stats["lp"][0, :5], density, rtol=1e-9)


@pytest.mark.parametrize(
    "sampler",
    ["nutpie", *(pytest.param(s, marks=pytest.mark.long) for s in PYMC_SAMPLERS if s != "nutpie")],
)
def test_same_draws_whatever_the_order_in_which_bambi_makes_variables(
    sampler, columns, theirs, monkeypatch
):
    build = by_pymc.build_model

    def reversed_model(*args):
        model = build(*args)
        model.free_RVs.sort(key=lambda variable: variable.name, reverse=True)
        return model

    monkeypatch.setattr(by_pymc, "build_model", reversed_model)
    again = run(sampler, DDM, columns)
    np.testing.assert_array_equal(again.draws, theirs[sampler].draws)


def test_a_start_outside_the_prior_becomes_a_draw_of_it():
    prior = Prior("Uniform", {"lower": 2.0, "upper": 3.0})
    spec = FitSpec("softmax", SOFTMAX, fixed={"beta": 1.0}, priors={"logit1": prior})
    columns = {"response": np.tile([-1, 1], 20)}
    posterior = run("nutpie", spec, columns, draws=20, warmup=20)
    assert np.all((posterior.draws > 2) & (posterior.draws < 3))


@pytest.mark.parametrize("sampler", ["nutpie", "numpyro"])
def test_same_hierarchical_posterior_as_ours(sampler, choices, our_choices):
    posterior = run(sampler, *choices, warmup=500)
    assert [v.name for v in posterior.variables] == [
        "logit1_1|participant_id_offset",
        "logit1_1|participant_id_sigma",
        "logit1_Intercept",
        "logit1_1|participant_id",
    ]
    assert posterior.labels == our_choices.labels
    agree(our_choices, posterior)


def test_no_start_is_a_numeric_failure(columns):
    """Under a fixed t above every rt the density is zero everywhere."""
    spec = FitSpec("ddm", get_model("ddm"), fixed={"t": 50.0})
    posterior = run("numpyro", spec, columns, ladder=(Rung(20, 0.9, "prior"),))
    assert posterior.draws is None
    assert posterior.code == "numeric_failure"
    assert "no finite log density" in posterior.message


def test_what_never_passes_climbs_the_ladder_until_its_time_is_up():
    """No posterior of 40 draws has a thousand effective ones."""
    spec = FitSpec("softmax", SOFTMAX, fixed={"beta": 1.0})
    columns = {"response": np.tile([-1, 1, 1], 20)}
    short = {"draws": 20, "warmup": 20, "gates": Gates(ess_bulk=1000)}
    ladder = (Rung(30, 0.9, "prior"),)
    posterior = run("nutpie", spec, columns, **short, ladder=ladder)
    assert (posterior.code, posterior.rung) == ("not_converged", 1)
    assert "ess_bulk" in posterior.message
    late = run("nutpie", spec, columns, **short, ladder=ladder, timeout=1e-3)
    assert late.code == "timeout"
