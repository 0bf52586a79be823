"""The full diffusion against its parts: no spread, an average over panels, and other layouts."""

import json
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from scipy.special import logsumexp

from driftmill.likelihoods import first_passage
from driftmill.likelihoods.full_ddm import full_ddm

density = jax.jit(full_ddm)
ddm_sdv = jax.jit(first_passage.ddm_sdv)
TABLE = pd.read_parquet(Path(__file__).parents[1] / "reference" / "likelihoods.parquet")
NAMES = ("v", "a", "z", "t", "sz", "sv", "st")


def test_the_reference_is_met_to_nine_digits():
    rows = TABLE[(TABLE["model"] == "full_ddm") & (TABLE["loglik"] > np.log(1e-12))]
    given = pd.DataFrame([json.loads(text) for text in rows["params"]])
    values = [given[name].to_numpy() for name in NAMES]
    got = density(rows["rt"].to_numpy(), rows["response"].to_numpy(), *values)
    np.testing.assert_allclose(got, rows["loglik"], rtol=0, atol=1e-9)


def test_without_spread_it_is_the_ddm_and_smooth():
    rt, response = np.array([0.31, 0.5, 0.9, 4.0] * 2), np.repeat([-1.0, 1.0], 4)
    plain = ddm_sdv(rt, response, 0.7, 1.1, 0.4, 0.3, 0.6)
    np.testing.assert_allclose(
        density(rt, response, 0.7, 1.1, 0.4, 0.3, 0.0, 0.6, 0.0), plain, atol=1e-12
    )
    by = jax.grad(
        lambda sz, st: full_ddm(rt, response, 0.7, 1.1, 0.4, 0.3, sz, 0.6, st).sum(), (0, 1)
    )
    np.testing.assert_allclose(by(0.0, 0.0), 0.0, atol=1e-7)
    narrow = density(rt[1:4], 1.0, 0.7, 1.1, 0.4, 0.3, 1e-4, 0.6, 1e-4)
    np.testing.assert_allclose(narrow, plain[5:], atol=1e-5)


@pytest.mark.parametrize("rt", [0.18, 0.3, 0.62, 2.5])
def test_it_is_the_average_of_the_ddm(rt):
    v, a, z, t, sz, sv, st = 0.8, 1.2, 0.45, 0.35, 0.3, 0.7, 0.4
    nodes, weights = np.polynomial.legendre.leggauss(300)
    start, wait = z + 0.5 * sz * nodes, t + 0.5 * st * nodes
    every = ddm_sdv(rt, 1.0, v, a, start[:, None], wait, sv)
    expected = logsumexp(every, b=0.25 * weights[:, None] * weights)
    # Plain nodes have a kink where the non-decision time reaches rt, but no density.
    np.testing.assert_allclose(density(rt, 1.0, v, a, z, t, sz, sv, st), expected, atol=1e-8)


def test_outside_the_support_there_is_no_density():
    base = {"v": 0.5, "a": 1.0, "z": 0.3, "t": 0.3, "sz": 0.2, "sv": 0.5, "st": 0.2}
    assert np.isfinite(density(0.8, 1.0, *base.values()))
    for change in ({"sz": 0.61}, {"sz": -0.1}, {"st": -0.1}, {"sv": -0.1}, {"a": 0.0}, {"t": 1.0}):
        assert density(0.8, 1.0, *(base | change).values()) == -np.inf
    # A non-decision time below 0 is none: the window begins at 0.
    early, wide = (density(0.05, 1.0, *(base | {"t": t, "st": 1.0}).values()) for t in (0.4, 0.5))
    assert early > wide > -np.inf


def test_a_trial_among_many_is_as_it_is_alone():
    rng = np.random.default_rng(2)
    rt, response = 0.32 + rng.gamma(1.0, 0.5, 250), rng.choice([-1.0, 1.0], 250)
    shared = (0.8, 1.2, 0.5, 0.3, 0.3, 0.8, 0.2)
    many = jax.jit(full_ddm)(rt, response, *shared)
    alone = jax.jit(jax.vmap(lambda *trial: full_ddm(*trial, *shared)))(rt, response)
    np.testing.assert_allclose(many, alone, atol=5e-7)
