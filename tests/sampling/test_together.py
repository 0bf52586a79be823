"""Datasets side by side against NUTS one after the other, and what becomes of those that fail."""

from dataclasses import replace

import numpy as np
import pytest
from tests.sampling.conftest import agree
from tests.sampling.memory import Memory

from driftmill.models import get_model
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.sampling import together
from driftmill.sampling.batch import fit_batch, sampler_of
from driftmill.sampling.ladder import sample_posterior
from driftmill.sampling.programs import Programs
from driftmill.sampling.settings import Gates, Rung, SamplingSettings, sampler_on
from driftmill.sampling.together import sample_alone, sample_together

DDM = FitSpec("ddm", get_model("ddm"))
SHORT = SamplingSettings(
    sampler="hmc",
    chains=2,
    draws=150,
    warmup=100,
    gates=Gates(r_hat=1.2, ess_bulk=20, ess_tail=20, mcse_ratio=0.4),
    ladder=(Rung(120, 0.9),),
)


def seeds(n):
    return [np.random.SeedSequence([5, k]) for k in range(n)]


def lifted_of(spec, datasets):
    lifter = Lifter(spec, Shape(len(datasets[0]["response"])))
    found = [lifter.of(columns) for columns in datasets]
    return found[0][0], [data for _, data in found]


@pytest.fixture(scope="module")
def lifted(datasets):
    return lifted_of(DDM, list(datasets.values()))


@pytest.fixture(scope="module")
def programs(lifted):
    return Programs(lifted[0], SHORT)


def with_settings(programs, **changed):
    """Return the same compiled programs under other settings."""
    assert programs.lanes
    other = Programs(programs.lifted, replace(programs.settings, **changed))
    other.__dict__ |= {k: v for k, v in vars(programs).items() if k not in ("settings", "lifted")}
    return other


@pytest.fixture(scope="module")
def short(programs, lifted):
    told = []
    found = sample_together(programs, lifted[1], seeds(3), told=lambda *said: told.append(said))
    assert [(place, posterior) for place, posterior, _ in told] == list(enumerate(found))
    assert all(seconds > 0 for *_, seconds in told)
    return found


def test_same_posteriors_as_nuts(programs, lifted):
    usual = with_settings(programs, draws=1000, warmup=300, chains=4, gates=Gates())
    found = sample_together(usual, lifted[1], seeds(3))
    for data, seed, posterior in zip(lifted[1], seeds(3), found, strict=True):
        agree(sample_posterior(usual, data, seed), posterior)
        assert posterior.code in {"ok", "retried_ok"}
        assert set(posterior.stats) == {
            *("n_steps", "acceptance_rate", "diverging", "energy", "step_size", "lp")
        }


def test_same_hierarchical_posterior_as_nuts(choices):
    spec, columns = choices
    lifted, (data,) = lifted_of(spec, [columns])
    programs = Programs(lifted, SamplingSettings(sampler="hmc"))
    posterior = sample_alone(programs, data, seeds(1)[0])
    assert posterior.code in {"ok", "retried_ok"}
    agree(sample_posterior(programs, data, seeds(1)[0]), posterior)


def test_alone_as_in_a_batch(programs, lifted, short):
    alone = sample_alone(programs, lifted[1][1], seeds(2)[1])
    np.testing.assert_allclose(alone.draws, short[1].draws, rtol=1e-6)
    assert alone.code == short[1].code
    for name, values in alone.stats.items():
        np.testing.assert_allclose(values, short[1].stats[name], rtol=1e-5)


def test_who_fails_climbs_and_the_others_stay(programs, lifted, short):
    least = [posterior.diagnostics.ess_bulk.min() for posterior in short]
    worst = int(np.argmin(least))
    between = float(np.mean(np.sort(least)[:2]))
    gates = replace(SHORT.gates, ess_bulk=between)
    found = sample_together(with_settings(programs, gates=gates), lifted[1], seeds(3))
    assert found[worst].code in {"retried_ok", "not_converged"}
    assert found[worst].rung == 1 or "ess_bulk" in found[worst].message
    for k in {0, 1, 2} - {worst}:
        assert (found[k].code, found[k].rung) == ("ok", 0)
        np.testing.assert_array_equal(found[k].draws, short[k].draws)


def test_who_fails_to_the_end_keeps_the_best_try(programs, lifted):
    strict = with_settings(programs, gates=Gates(ess_bulk=10_000))
    (found,) = sample_together(strict, lifted[1][:1], seeds(1))
    assert found.code == "not_converged"
    assert "ess_bulk" in found.message
    assert np.isfinite(found.draws).all()


def test_a_time_limit(programs, lifted):
    limited = with_settings(programs, timeout=1e-6)
    for posterior in sample_together(limited, lifted[1][:2], seeds(2)):
        assert (posterior.code, posterior.draws) == ("timeout", None)
        assert posterior.message == "took more than 1e-06 s"


def test_no_start_is_a_numeric_failure(datasets):
    """Under a fixed t above every rt the density is zero everywhere."""
    spec = FitSpec("ddm", get_model("ddm"), fixed={"t": 50.0})
    lifted, data = lifted_of(spec, [datasets[0]])
    (found,) = sample_together(Programs(lifted, SHORT), data, seeds(1))
    assert (found.code, found.draws) == ("numeric_failure", None)
    assert "no finite log density" in found.message


def test_a_batch_has_a_line_a_posterior_and_keeps_them(datasets, monkeypatch):
    keeper, lines = Memory(), []
    given = (DDM, datasets, SHORT, dict(enumerate(seeds(3))), Shape(80))
    tree = fit_batch(*given, lines.append, keeper)
    assert [line.partition(",")[0] for line in lines] == [
        f"posterior {k + 1} of 3: dataset {k}" for k in range(3)
    ]
    assert set(tree["result"]["code"].values) == {"ok"}
    monkeypatch.setattr(together, "run_lanes", None)
    again = fit_batch(*given, lines.append, keeper)
    assert again.identical(tree)
    assert all("kept by an earlier run" in line for line in lines[3:])


@pytest.fixture(scope="module")
def climbing(datasets, short):
    """Return a batch of which some go on to the next rung, its posteriors, and what was kept."""
    least = np.sort([posterior.diagnostics.ess_bulk.min() for posterior in short])
    gates = replace(SHORT.gates, ess_bulk=float(np.mean(least[:2])))
    settings = replace(SHORT, gates=gates)

    def fit(say, keeper):
        # Seeds that have been spawned from are others.
        return fit_batch(DDM, datasets, settings, dict(enumerate(seeds(3))), Shape(80), say, keeper)

    keeper = Memory()
    whole = fit(print, keeper)
    assert sorted(whole["result"]["rung"].values) == [0, 0, 1]
    return fit, whole, keeper


#: In the warm-up, at its end, in the draws, and while one of three tries again.
@pytest.mark.parametrize(
    "share",
    [
        pytest.param(0.2, marks=pytest.mark.long),
        pytest.param(0.4, marks=pytest.mark.long),
        0.5,
        0.8,
    ],
)
def test_a_batch_that_was_stopped_goes_on_to_the_same_bits(climbing, share):
    fit, whole, undisturbed = climbing
    keeper, lines = Memory(round(share * len(undisturbed.saves))), []
    with pytest.raises(KeyboardInterrupt):
        fit(print, keeper)
    assert len(keeper.done) == (2 if share > 0.5 else 0)
    keeper.stop_at = 0
    if share == 0.5:
        # The job was killed between writing down one that is finished and the next.
        keeper.done["dataset-0"] = undisturbed.done["dataset-0"]
    assert fit(lines.append, keeper).identical(whole)
    steps = [int(state["lanes/done"]) for state in keeper.saves]
    assert steps.count(10) == 2, "a rung was begun anew"
    assert sum("went on from where" in line for line in lines) == 1


def test_nuts_is_hmc_on_a_gpu():
    assert sampler_on("nuts", "gpu") == "hmc"
    assert sampler_on("nuts", "cpu") == "nuts"
    assert sampler_on("nutpie", "gpu") == "nutpie"
    assert sampler_of("hmc", black_box=False) is sample_alone
