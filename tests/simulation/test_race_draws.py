"""Draws of races where their samplers have work to do: drifts of next to nothing, few counts."""

import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.models.probe import Probe
from driftmill.simulation.agreement import simulator_agreement
from driftmill.simulation.trials import simulate_trials

#: One false alarm in a million.
ALPHA = 1e-6
#: Among the first, every sixth trial would have no positive drift.
HARD = [
    ("lba2", {"A": 0.2, "b": 0.5, "v0": 0.05, "v1": 0.02, "t": 0.0}),
    ("lba3", {"A": 0.4, "b": 0.41, "v0": 0.1, "v1": 0.01, "v2": 0.05, "t": 0.1}),
    ("racing_diffusion_2", {"A": 0.3, "b": 0.6, "v0": 0.05, "v1": 0.01, "t": 0.1, "theta": 0}),
    ("racing_diffusion_2", {"A": 0.3, "b": 0.9, "v0": 0.1, "v1": 0.4, "t": 0.1, "theta": 0.6}),
    (
        "racing_diffusion_3",
        {"A": 1.0, "b": 1.01, "v0": 3.0, "v1": 0.1, "v2": 5.0, "t": 0.1, "theta": 0},
    ),
    ("poisson_race", {"r1": 0.5, "r2": 9.0, "k1": 0.5, "k2": 12.0, "t": 0.1}),
]


@pytest.mark.parametrize(("name", "parameters"), HARD)
def test_draws_are_those_of_the_density(name, parameters):
    probe = Probe(get_model(name))
    found = simulator_agreement(probe, parameters, 40_000, np.random.SeedSequence(3))
    assert found.degrees >= 20
    assert found.p_value > ALPHA


@pytest.mark.parametrize(("name", "parameters"), HARD)
def test_trials_follow_their_seed_and_come_after_the_shift(name, parameters):
    columns = {key: np.full(500, value) for key, value in parameters.items()}
    first, again, other = (
        simulate_trials(get_model(name), columns, np.random.SeedSequence(k)) for k in (1, 1, 2)
    )
    assert (first["rt"] == again["rt"]).all()
    assert (first["response"] == again["response"]).all()
    assert (first["rt"] != other["rt"]).all()
    assert (first["rt"] > parameters["t"]).all()
