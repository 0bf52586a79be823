from dataclasses import replace

import pytest

from driftmill.models import get_model
from driftmill.simulation.design import Design
from driftmill.simulation.parameters import SimulationError

DESIGN = Design(
    cell="easy",
    model=get_model("ddm"),
    truth={"v": 1.0, "a": 0.6, "z": 0.5, "t": 0.3},
    participants=2,
    trials=5,
    datasets=3,
    lapse=0.0,
    seed=1,
)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"participants": 0}, "cell easy: participants is 0"),
        ({"trials": -5}, "cell easy: trials is -5"),
        ({"datasets": 0}, "cell easy: datasets is 0"),
        ({"lapse": 1.0}, "cell easy: lapse is 1"),
        ({"seed": -1}, "cell easy: seed is -1"),
    ],
)
def test_impossible_numbers_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        replace(DESIGN, **changed)


def test_the_truth_is_checked_at_once():
    with pytest.raises(SimulationError, match="z = 2"):
        replace(DESIGN, truth=dict(DESIGN.truth) | {"z": 2.0})
