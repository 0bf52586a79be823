"""Curvature by few differences where groups do not touch each other."""

import numpy as np
import pytest

from driftmill.sampling.mode import hessian
from driftmill.sampling.scales import Group, members_of


def arrow(members, rng):
    """Return a positive matrix without curvature between coordinates of different groups."""
    d = len(members)
    factor = rng.normal(size=(d, d))
    matrix = factor @ factor.T + d * np.eye(d)
    apart = (members[:, None] != members) & (members[:, None] >= 0) & (members >= 0)
    return np.where(apart, 0.0, matrix)


@pytest.mark.parametrize(
    "members",
    [[-1, -1, -1], [0, 1, 2, -1], [0, 1, 2, 0, 1, 2, -1, -1], [-1, 0, 0, 0, 1, -1, 1, 2]],
)
def test_a_quadratic_gives_its_matrix(members):
    members = np.array(members)
    matrix = arrow(members, np.random.default_rng(1))
    calls = []

    def gradient(x):
        calls.append(x)
        return matrix @ x

    found = hessian(gradient, np.ones(len(members)), members)
    np.testing.assert_allclose(found, matrix, atol=1e-7)
    largest = max((np.sum(members == g) for g in set(members.tolist()) - {-1}), default=0)
    assert len(calls) == 2 * (np.sum(members < 0) + largest)


def test_only_one_factor_is_taken_apart():
    groups = [
        Group("v_1|participant_id", slice(0, 1), slice(2, 5), (3,), True),
        Group("a_x|participant_id", slice(1, 2), slice(5, 11), (3, 2), True),
        Group("v_1|item", slice(11, 12), slice(12, 16), (4,), True),
    ]
    members = members_of(groups, 16)
    assert members.tolist() == [-1, -1, 0, 1, 2, 0, 0, 1, 1, 2, 2, -1, -1, -1, -1, -1]
