"""Power-scaling of a normal posterior against quadrature of its closed form."""

import numpy as np
import pytest
from scipy import stats

from driftmill.recovery.power_scaling import (
    CONFLICT,
    NONE,
    STRONG,
    diagnosis,
    power_weights,
    sensitivity,
)


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
