"""The kernel on densities whose moments are known, many side by side."""

import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.sampling.gates import convergence
from driftmill.sampling.hmc import build_lanes
from driftmill.sampling.lanes import abreast, run_lanes
from driftmill.sampling.trajectories import most_steps, plan_of

D, CHAINS, DRAWS = 3, 4, 500
CENTRES = np.array([[0.0, 0.0, 0.0], [3.0, -1.0, 0.5], [0.0, 2.0, 0.0]])
MODE = (jnp.zeros(D), jnp.eye(D), (), (), ())


def covariances():
    """Sds up to five times those of the whitened coordinates, correlations up to .9."""
    rng = np.random.default_rng(4)
    factors = np.tril(rng.uniform(-1, 1, (3, D, D))) + 1.5 * np.eye(D)
    return factors @ factors.swapaxes(1, 2) * np.array([1.0, 0.04, 6.0])[:, None, None]


COVARIANCES = covariances()
DATA = [(jnp.asarray(m), jnp.linalg.inv(c)) for m, c in zip(CENTRES, COVARIANCES, strict=True)]


def normal(z, data, mode):
    centre, precision = data
    return -0.5 * (z - centre) @ precision @ (z - centre)


def half(z, data, mode):
    """Known where the first coordinate is negative, where the first of the centre says so."""
    return jnp.where((data[0][0] > 0) & (z[0] > 0), jnp.nan, -0.5 * z @ z)


def run(density, data, dense=True, warmup=300, look=lambda done, reached: None):
    rngs = [np.random.default_rng(k) for k in range(len(data))]
    starts = np.stack([-np.abs(rng.standard_normal((CHAINS, D))) for rng in rngs])
    keys = np.stack([rng.integers(2**32, size=(CHAINS, 2), dtype=np.uint32) for rng in rngs])
    plan = plan_of(warmup, DRAWS, 0.8, most_steps(D, 0.8))
    lanes = build_lanes(density, dense)
    return run_lanes(lanes, data, [MODE] * len(data), starts, keys, plan, look)


@pytest.fixture(scope="module")
def normals():
    return run(normal, DATA)


@pytest.mark.parametrize("k", range(3))
def test_moments_of_normals(normals, k):
    draws = normals[k]["position"]
    assert draws.shape == (CHAINS, DRAWS, D)
    found = convergence(np.moveaxis(draws, -1, 0))
    sd = np.sqrt(np.diag(COVARIANCES[k]))
    flat = draws.reshape(-1, D)
    assert np.all(found["r_hat"] < 1.02)
    assert np.all(found["ess_bulk"] > 1000)
    assert np.all(np.abs(flat.mean(axis=0) - CENTRES[k]) < 5 * found["mcse_ratio"] * sd)
    np.testing.assert_allclose(flat.std(axis=0), sd, rtol=0.1)
    correlation = COVARIANCES[k] / np.outer(sd, sd)
    np.testing.assert_allclose(np.corrcoef(flat.T), correlation, atol=0.1)


def test_statistics_of_the_sampler(normals):
    for k, stats in enumerate(normals):
        assert all(values.shape[:2] == (CHAINS, DRAWS) for values in stats.values())
        assert len(np.unique(stats["step_size"])) == 1
        assert 0.7 < stats["acceptance_rate"].mean() < 0.95
        assert (stats["n_steps"].min(), stats["n_steps"].max()) == (1, most_steps(D, 0.8))
        assert not stats["diverging"].any()
        density = [normal(z, DATA[k], MODE) for z in stats["position"][0, :5]]
        np.testing.assert_allclose(stats["lp"][0, :5], density, rtol=1e-9)
        # Energies are those of positions and momenta that have d degrees of freedom each.
        assert stats["energy"].mean() == pytest.approx(D, rel=0.15)


def test_neighbours_do_not_matter(normals):
    """Two lanes in place of four are another program: the last digits may differ."""
    pair = run(normal, DATA[:2])
    for name, values in normals[1].items():
        np.testing.assert_allclose(pair[1][name], values, rtol=1e-8, atol=1e-8)


def test_a_diagonal_mass_matrix(normals):
    (first, *_) = run(normal, DATA, dense=False)
    np.testing.assert_allclose(
        first["position"].std((0, 1)), np.sqrt(np.diag(COVARIANCES[0])), 0.15
    )


def test_what_leaves_the_support_is_refused_and_told():
    data = [(jnp.full(D, bound), jnp.eye(D)) for bound in (1.0, -1.0)]
    bounded, free = run(half, data, warmup=50)
    assert bounded["diverging"].any()
    assert np.all(bounded["acceptance_rate"][bounded["diverging"]] < 1)
    assert np.all(bounded["position"][..., 0] <= 0)
    assert np.all(np.isfinite(bounded["lp"]))
    assert not free["diverging"].any()
    assert (free["position"][..., 0] > 0).mean() == pytest.approx(0.5, abs=0.1)


def test_pieces_end_with_the_warm_up():
    seen = []
    run(half, [(jnp.full(D, -1.0), jnp.eye(D))], warmup=50, look=lambda done, _: seen.append(done))
    assert {50, 50 + DRAWS} < set(seen)
    assert seen == sorted(seen)


def test_those_of_one_structure_go_together():
    small, large = (np.zeros(10), np.zeros(3)), (np.zeros(2**20), np.zeros(3))
    assert abreast([small, large, small, small], 4) == [[0, 2, 3], [1]]
    assert abreast([large] * 5, 4) == [[0, 1], [2, 3], [4]]
    assert abreast([large] * 2, 16) == [[0], [1]]
