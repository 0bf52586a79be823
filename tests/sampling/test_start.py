"""Starts are finite, or refused after a known number of tries."""

import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.sampling.mode import Mode
from driftmill.sampling.start import NoStartError, around_mode, prior_draw

MODE = Mode(np.zeros(2), np.eye(2))


def test_starts_near_a_wall_come_nearer_to_the_mode():
    rng = np.random.default_rng(0)
    starts = [around_mode(MODE, rng, lambda x: bool(np.all(np.abs(x) < 0.05))) for _ in range(20)]
    assert all(np.all(np.abs(z) < 0.05) for z in starts)


def test_no_start_is_an_error_that_says_so():
    rng = np.random.default_rng(0)
    with pytest.raises(NoStartError, match="near the mode"):
        around_mode(MODE, rng, lambda x: False)


def test_prior_draws_skip_impossible_points():
    spec = FitSpec("ddm", get_model("ddm"))
    columns = {"rt": np.linspace(0.4, 1.4, 20), "response": np.tile([-1, 1], 10)}
    lifted, _ = Lifter(spec, Shape(20)).of(columns)
    drawn = []

    def finite(x):
        drawn.append(x)
        return len(drawn) >= 3

    position = prior_draw(lifted, np.random.default_rng(1), lambda x: x, finite)
    assert len(drawn) == 3
    assert position[0] > 0
    assert 0 < position[3] < 1
    with pytest.raises(NoStartError, match="draws of the prior"):
        prior_draw(lifted, np.random.default_rng(1), lambda x: x, lambda x: False)
