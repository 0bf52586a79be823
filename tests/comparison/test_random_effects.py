"""Against closed forms, quadrature over the exact posterior, and a sampler of the hierarchy."""

import numpy as np
import pytest
from scipy import special, stats

from driftmill.comparison.random_effects import exceedance, frequencies

pytestmark = pytest.mark.filterwarnings("error")


def clear(counts, gap=60.0):
    """Evidence of participants each of whom is surely of one model."""
    return np.repeat(np.eye(len(counts)) * gap, counts, axis=0) - 500.0


def log_evidence(counts):
    """Of participants whose models are known: the Dirichlet-multinomial, uniform prior."""
    k, n = len(counts), sum(counts)
    return special.gammaln(k) - special.gammaln(k + n) + special.gammaln(np.add(counts, 1)).sum()


@pytest.mark.parametrize("counts", [[9, 3], [7, 7], [14, 0], [5, 2, 4, 1]])
def test_known_models_give_the_closed_form(counts):
    found = frequencies(clear(counts))
    np.testing.assert_allclose(found.alpha, np.add(counts, 1.0), rtol=1e-9)
    np.testing.assert_allclose(found.expected, np.add(counts, 1) / (sum(counts) + len(counts)))
    marginal = stats.beta(counts[0] + 1, sum(counts[1:]) + len(counts) - 1)
    assert found.sd[0] == pytest.approx(marginal.std())
    assert found.interval()[1][0] == pytest.approx(marginal.ppf(0.975))
    odds = -sum(counts) * np.log(len(counts)) - log_evidence(counts)
    assert found.omnibus_risk == pytest.approx(special.expit(odds), rel=1e-6)
    if len(counts) == 2:
        assert found.exceedance[0] == pytest.approx(stats.beta(*np.add(counts, 1)).sf(0.5))


@pytest.mark.parametrize("k", [2, 3, 5])
def test_without_evidence_all_models_are_equal(k):
    rng = np.random.default_rng(k)
    found = frequencies(np.broadcast_to(rng.normal(-700, 50, (12, 1)), (12, k)))
    np.testing.assert_allclose(found.expected, 1 / k, atol=1e-12)
    np.testing.assert_allclose(found.exceedance, 1 / k, atol=1e-8)
    np.testing.assert_allclose(found.protected, 1 / k, atol=1e-8)
    # The evidence is that of equal frequencies exactly, and its bound lies below.
    assert found.omnibus_risk > 0.5


def two_models(evidence):
    """Posterior mean, P(r > 1/2) and log evidence of r by quadrature over the exact posterior."""
    r = (np.arange(20_000) + 0.5) / 20_000
    first, second = evidence[:, :1], evidence[:, 1:]
    log_p = np.logaddexp(first + np.log(r), second + np.log1p(-r)).sum(axis=0)
    p = np.exp(log_p - log_p.max())
    return (r * p).sum() / p.sum(), p[r > 0.5].sum() / p.sum(), log_p.max() + np.log(p.mean())


@pytest.mark.parametrize(
    ("gap", "near", "sure"), [(8.0, 0.002, 0.002), (3.0, 0.02, 0.02), (1.0, 0.04, 0.15)]
)
def test_two_models_against_quadrature(gap, near, sure):
    rng = np.random.default_rng(5)
    sides = np.where(np.arange(20) < 15, gap, -gap)
    evidence = np.column_stack([sides + rng.normal(0, 1, 20), np.zeros(20)]) - 300
    mean, above, log_p = two_models(evidence)
    found = frequencies(evidence)
    # Independent factors make the posterior of r too narrow, the more so the less is known.
    assert found.expected[0] == pytest.approx(mean, abs=near)
    assert above - 1e-3 <= found.exceedance[0] <= above + sure
    equal = (special.logsumexp(evidence, axis=1) - np.log(2)).sum()
    exact = special.expit(equal - log_p)
    assert exact <= found.omnibus_risk <= exact + 0.2


def gibbs(evidence, draws=6000):
    """Draws of the frequencies from their exact posterior."""
    rng = np.random.default_rng(8)
    n, k = evidence.shape
    r, kept = np.full(k, 1 / k), []
    for step in range(draws + 200):
        p = special.softmax(evidence + np.log(r), axis=1).cumsum(axis=1)
        models = (rng.random((n, 1)) > p[:, :-1]).sum(axis=1)
        r = rng.dirichlet(1 + np.bincount(models, minlength=k))
        if step >= 200:
            kept.append(r)
    return np.array(kept)


def test_three_models_against_a_sampler_of_the_hierarchy():
    rng = np.random.default_rng(3)
    evidence = rng.normal(0, 1, (24, 3)) - 900
    evidence[np.arange(24), np.repeat([0, 1, 2], [14, 7, 3])] += 4.0
    found, drawn = frequencies(evidence), gibbs(evidence)
    np.testing.assert_allclose(found.expected, drawn.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(found.sd, drawn.std(axis=0), atol=0.02)
    often = np.bincount(drawn.argmax(axis=1), minlength=3) / len(drawn)
    np.testing.assert_allclose(found.exceedance, often, atol=0.04)
    mixed = found.omnibus_risk / 3 + (1 - found.omnibus_risk) * found.exceedance
    np.testing.assert_allclose(found.protected, mixed)


@pytest.mark.parametrize("alpha", [[1, 1, 1], [3.5, 9, 2, 1], [400, 350, 30], [12, 12, 1, 1, 1, 1]])
def test_exceedance_is_the_share_of_draws(alpha):
    drawn = np.random.default_rng(2).dirichlet(alpha, 40_000)
    share = np.bincount(drawn.argmax(axis=1), minlength=len(alpha)) / len(drawn)
    found = exceedance(np.array(alpha, dtype=float))
    # Four standard errors of the share.
    np.testing.assert_allclose(found, share, atol=0.01)
    assert found.sum() == pytest.approx(1)


def test_exceedance_of_two_is_that_of_more_models_of_which_none_has_a_chance():
    two = exceedance(np.array([13.0, 7.5]))
    three = exceedance(np.array([13.0, 7.5, 1e-9]))
    np.testing.assert_allclose(three[:2], two, atol=1e-7)


def test_order_of_the_participants_and_of_the_models_does_not_matter():
    evidence = np.random.default_rng(9).normal(0, 3, (15, 3))
    found, turned = frequencies(evidence), frequencies(evidence[::-1, [2, 0, 1]])
    np.testing.assert_allclose(turned.alpha, found.alpha[[2, 0, 1]], rtol=1e-6)
    np.testing.assert_allclose(turned.protected, found.protected[[2, 0, 1]], rtol=1e-6)


def test_what_is_no_evidence_is_refused():
    with pytest.raises(ValueError, match="two models at least, not of shape"):
        frequencies(np.zeros((4, 1)))
    with pytest.raises(ValueError, match="leave these participants out"):
        frequencies(np.array([[0.0, np.nan]]))
