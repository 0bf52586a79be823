"""Small datasets of known truth."""

import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.simulation.simulate import simulate_trials

TRUTH = {"v": 1.0, "a": 1.2, "z": 0.45, "t": 0.3}


def ddm_columns(n, seed):
    parameters = {name: np.full(n, value) for name, value in TRUTH.items()}
    return simulate_trials(get_model("ddm"), parameters, np.random.SeedSequence(seed))


@pytest.fixture(scope="session")
def datasets():
    """Return three datasets of 80 trials."""
    return {number: ddm_columns(80, number) for number in range(3)}
