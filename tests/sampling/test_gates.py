"""Diagnostics against ArviZ on labelled draws, and gates that fail for one reason each."""

import arviz as az
import numpy as np
import pytest

from driftmill.sampling.gates import diagnose
from driftmill.sampling.settings import Gates


def draws_and_stats(seed=0, chains=4, draws=500, d=2):
    rng = np.random.default_rng(seed)
    stats = {
        "diverging": np.zeros((chains, draws), dtype=bool),
        "n_steps": np.full((chains, draws), 3),
        "energy": rng.normal(size=(chains, draws)),
    }
    return rng.normal(size=(chains, draws, d)), stats


def test_agrees_with_arviz_on_trees():
    draws, stats = draws_and_stats()
    found = diagnose(draws, stats, 10)
    tree = az.from_dict({"posterior": {"x": draws[..., 0], "y": draws[..., 1]}})
    for name, prob, ours in (
        ("bulk", None, found.ess_bulk),
        ("tail", (0.05, 0.95), found.ess_tail),
    ):
        theirs = az.ess(tree, method=name, prob=prob)
        np.testing.assert_allclose(ours, [theirs["x"], theirs["y"]], rtol=1e-12)
    rhat = az.rhat(tree)
    np.testing.assert_allclose(found.r_hat, [rhat["x"], rhat["y"]], rtol=1e-12)
    sd = draws.std(axis=(0, 1), ddof=1)
    mcse = az.mcse(tree)
    np.testing.assert_allclose(found.mcse_ratio * sd, [mcse["x"], mcse["y"]], rtol=1e-12)
    bfmi = az.bfmi(az.from_dict({"sample_stats": {"energy": stats["energy"]}}))
    assert found.e_bfmi == pytest.approx(float(bfmi["energy"].min()), rel=1e-6)


def test_independent_draws_pass():
    draws, stats = draws_and_stats()
    assert diagnose(draws, stats, 10).failures(Gates()) == []


def shifted(draws, stats):
    draws[0] += 1.0


def stuck(draws, stats):
    draws[:] = np.cumsum(draws, axis=1)


def diverged(draws, stats):
    stats["diverging"][2, 7] = True


def saturated(draws, stats):
    stats["n_steps"][1, 3] = 1023


def slow_energy(draws, stats):
    stats["energy"] = np.cumsum(stats["energy"], axis=1)


def constant(draws, stats):
    draws[..., 1] = 0.5


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (shifted, "r_hat"),
        (stuck, "ess_bulk"),
        (diverged, "divergences 1 is above 0"),
        (saturated, "saturated 1 is above 0"),
        (slow_energy, "e_bfmi"),
        (constant, "r_hat nan"),
    ],
)
def test_each_gate_fails_for_its_reason(spoil, word):
    draws, stats = draws_and_stats()
    spoil(draws, stats)
    assert word in "; ".join(diagnose(draws, stats, 10).failures(Gates()))


def test_one_chain_is_held_against_itself():
    rng = np.random.default_rng(0)
    draws = rng.standard_normal((1, 1001, 2))
    draws[0, :, 1] += np.linspace(0, 2, 1001)
    stats = {
        "diverging": np.zeros((1, 1001), bool),
        "n_steps": np.full((1, 1001), 7),
        "energy": rng.standard_normal((1, 1001)),
    }
    r_hat = diagnose(draws, stats, 10).r_hat
    assert r_hat[0] < 1.01 < 1.1 < r_hat[1]
