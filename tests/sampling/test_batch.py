"""Whole batches: against PyMC, against other batches, and with datasets that cannot be fitted."""

import numpy as np
import pytest
from tests.sampling.conftest import ddm_columns

from driftmill.models import get_model
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.settings import Gates, Rung, SamplingSettings

SPEC = FitSpec("ddm", get_model("ddm"))
SHORT = SamplingSettings(
    chains=2,
    draws=150,
    warmup=100,
    gates=Gates(r_hat=1.2, ess_bulk=20, ess_tail=20, mcse_ratio=0.4),
    ladder=(),
)


def seeds_of(datasets):
    return {number: np.random.SeedSequence([7, number]) for number in datasets}


def run(datasets, settings=SHORT, spec=SPEC, shape=None, progress=lambda line: None):
    shape = shape or Shape(len(next(iter(datasets.values()))["response"]))
    return fit_batch(spec, datasets, settings, seeds_of(datasets), shape, progress)


@pytest.fixture(scope="module")
def whole(datasets):
    return run(datasets)


def test_tree_has_the_declared_groups(whole):
    assert set(whole.children) == {"posterior", "sample_stats", "diagnostics", "result"}
    assert list(whole["posterior"].data_vars) == ["v", "a", "z", "t"]
    assert dict(whole["posterior"].sizes) == {"chain": 2, "draw": 150, "dataset": 3}
    assert np.isfinite(whole["posterior"]["v"]).all()
    assert set(whole["result"]["code"].values) == {"ok"}


def test_draws_stay_in_the_support(whole, datasets):
    posterior = whole["posterior"]
    assert float(posterior["a"].min()) > 0
    assert 0 < float(posterior["z"].min()) < float(posterior["z"].max()) < 1
    for number, columns in datasets.items():
        assert float(posterior["t"].sel(dataset=number).max()) < columns["rt"].min()


def test_a_posterior_does_not_depend_on_its_batch(whole, datasets):
    alone = run({1: datasets[1]})
    for name in ("posterior", "sample_stats", "diagnostics", "result"):
        together = whole[name].to_dataset().sel(dataset=[1])
        assert alone[name].to_dataset().identical(together)


def test_a_shorter_dataset_is_padded(datasets):
    short = {name: column[:50] for name, column in datasets[0].items()}
    shape = Shape(80, padded=True)
    tree = run({0: short, 1: datasets[1]}, shape=shape)
    assert set(tree["result"]["code"].values) == {"ok"}
    alone = run({1: datasets[1]}, shape=shape)
    assert (
        alone["posterior"].to_dataset().identical(tree["posterior"].to_dataset().sel(dataset=[1]))
    )


def test_each_posterior_gets_a_line(datasets):
    lines = []
    run({2: datasets[2]}, progress=lines.append)
    assert len(lines) == 1
    assert lines[0].startswith("posterior 1 of 1: dataset 2, ok, r_hat")


def test_a_hard_dataset_is_recorded_and_harms_no_other(whole, datasets):
    """No posterior of 150 draws has 10,000 effective ones: every rung fails that gate."""
    strict = SamplingSettings(
        chains=2, draws=150, warmup=100, gates=Gates(ess_bulk=10_000), ladder=(Rung(120, 0.9),)
    )
    tree = run({0: datasets[0]}, strict)
    assert tree["result"]["code"].item() == "not_converged"
    assert tree["result"]["rung"].item() == 1
    assert "ess_bulk" in tree["result"]["message"].item()
    assert np.isfinite(tree["posterior"]["v"]).all()


@pytest.mark.parametrize("kind", ["one response", "three trials"])
def test_poor_data_give_a_code_and_leave_the_rest_unharmed(kind, whole, datasets):
    if kind == "one response":
        poor = datasets[0] | {"response": np.ones(80, dtype=np.int64)}
        tree = run({0: poor, 1: datasets[1]})
        same = whole["posterior"].to_dataset().sel(dataset=[1])
        assert tree["posterior"].to_dataset().sel(dataset=[1]).identical(same)
    else:
        poor = {name: column[:3] for name, column in datasets[0].items()}
        tree = run({0: poor, 1: datasets[1]}, shape=Shape(80, padded=True))
        assert tree["result"]["code"].sel(dataset=1).item() == "ok"
    codes = {"ok", "retried_ok", "not_converged", "numeric_failure"}
    assert tree["result"]["code"].sel(dataset=0).item() in codes


def test_no_start_is_a_numeric_failure(datasets):
    """Under a fixed t above every rt the density is zero everywhere."""
    spec = FitSpec("ddm", get_model("ddm"), fixed={"t": 50.0})
    tree = run({0: datasets[0]}, spec=spec)
    assert tree["result"]["code"].item() == "numeric_failure"
    assert np.isnan(tree["posterior"]["v"]).all()
    assert np.isnan(tree["diagnostics"]["r_hat"]).all()


def test_a_time_limit_is_kept(datasets):
    settings = SamplingSettings(chains=2, draws=150, warmup=100, timeout=1e-6)
    tree = run({0: datasets[0]}, settings)
    assert tree["result"]["code"].item() == "timeout"
    assert "took more than" in tree["result"]["message"].item()


def test_the_ladder_rescues_what_a_short_warm_up_spoils():
    """Ten iterations adapt nothing; the second rung's do."""
    settings = SamplingSettings(chains=2, draws=400, warmup=5, ladder=(Rung(300, 0.9, "prior"),))
    gates = Gates(r_hat=1.05, ess_bulk=250, ess_tail=100, mcse_ratio=0.2)
    settings = SamplingSettings(
        **{**vars(settings), "gates": gates, "target_accept": 0.3, "max_tree_depth": 2}
    )
    tree = run({0: ddm_columns(60, 3)}, settings)
    assert tree["result"]["code"].item() in {"retried_ok", "not_converged"}
    assert tree["result"]["rung"].item() == 1


def test_of_failed_tries_the_one_whose_chains_agree_best_is_kept():
    """A first try of 300 iterations beats a second of ten, which adapt nothing."""
    strict = SamplingSettings(
        chains=2, draws=100, warmup=300, gates=Gates(ess_bulk=10_000), ladder=(Rung(10, 0.2),)
    )
    tree = run({0: ddm_columns(60, 3)}, strict)
    assert tree["result"]["code"].item() == "not_converged"
    assert tree["result"]["rung"].item() == 0
