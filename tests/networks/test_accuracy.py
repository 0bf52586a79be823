"""Figures of accuracy: shares of the right probabilities are at the floor, others above it."""

import numpy as np

from driftmill.networks.accuracy import distances, figures_of, gates_of

N, BINS = 100_000, 100
P = np.full(BINS, 1 / BINS)


def measured(truth, seeds=range(40)):
    drawn = [np.random.default_rng(seed).multinomial(N, truth) / N for seed in seeds]
    return np.array([distances(P, shares, N) for shares in drawn])


def test_shares_of_the_right_probabilities_are_at_the_floor():
    hellinger, floor, variation, squared = measured(P).T
    # The square of each is chi-square with 99 degrees of freedom: 40 of them have an error of
    # 1/sqrt(2 * 99 * 40) of their root.
    np.testing.assert_allclose(np.mean(hellinger / floor), 1.0, atol=4 / np.sqrt(2 * 99 * 40))
    # Its error is that of a variance of 4,000 squares of 1/sqrt(1000).
    assert abs(np.mean(squared)) < 4 * 1e-3 * np.sqrt(2 / (BINS * 40))
    # Expected absolute deviations of 100 binomials, by the normal law.
    expected = 0.5 * BINS * np.sqrt(2 / np.pi * P[0] * (1 - P[0]) / N)
    np.testing.assert_allclose(np.mean(variation), expected, rtol=0.03)


def test_errors_of_a_log_density_are_found_beneath_the_sampling_noise():
    wrong = P * np.exp(0.05 * np.where(np.arange(BINS) % 2, 1.0, -1.0))
    hellinger, floor, _, squared = measured(wrong / wrong.sum()).T
    np.testing.assert_allclose(np.sqrt(np.mean(squared)), 0.05, rtol=0.05)
    # A Hellinger distance of an error e of the log density is e over the root of 8.
    expected = np.sqrt(floor[0] ** 2 + 0.05**2 / 8)
    np.testing.assert_allclose(np.mean(hellinger), expected, rtol=0.03)


def test_gates_are_of_the_mass_and_of_the_distance():
    good = (1.0, 0.011, 0.0111, 0.01, 1e-4, 0.001)
    far = (1.0, 0.022, 0.0111, 0.02, 1e-3, 0.01)
    assert all(gate.passed for gate in gates_of(figures_of([good, good, far])))
    assert not all(gate.passed for gate in gates_of(figures_of([good, far, far])))
    light = (0.98, *good[1:])
    failed = [gate.figure for gate in gates_of(figures_of([good, light])) if not gate.passed]
    assert failed == ["mass_least"]
