from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from driftmill.models import get_model
from driftmill.simulation.decisions import Chances, decide, draw_chances
from driftmill.simulation.parameters import SimulationError

DDM = get_model("ddm")
SEED = np.random.SeedSequence(5)


def chances(n, lapsed):
    return Chances(
        uniform=np.linspace(0.01, 0.99, n),
        lapsed=np.asarray(lapsed),
        guess=np.full(n, -1),
        lapse_rt=np.full(n, 17.0),
    )


def rows(n, **values):
    return {name: np.full(n, float(value)) for name, value in values.items()}


def test_chances_are_what_a_lapse_is():
    n = 20_000
    drawn = draw_chances((0, 1, 2), n, 0.2, SEED)
    assert abs(drawn.lapsed.mean() - 0.2) < 4 * np.sqrt(0.2 * 0.8 / n)
    counts = np.bincount(drawn.guess, minlength=3)
    assert (np.abs(counts - n / 3) < 4 * np.sqrt(n * 2 / 9)).all()
    assert kstest(drawn.lapse_rt / 20, "uniform").pvalue > 1e-3
    assert kstest(drawn.uniform, "uniform").pvalue > 1e-3
    numbers = np.stack([drawn.uniform, drawn.lapsed, drawn.guess, drawn.lapse_rt])
    between = np.corrcoef(numbers)[np.triu_indices(4, 1)]
    assert (np.abs(between) < 4 / np.sqrt(n)).all()


def test_more_lapses_leave_the_rest_of_chance_alone():
    few, many = (draw_chances((-1, 1), 50, lapse, SEED) for lapse in (0.0, 0.5))
    assert not few.lapsed.any()
    assert many.lapsed.any()
    for name in ("uniform", "guess", "lapse_rt"):
        np.testing.assert_array_equal(getattr(few, name), getattr(many, name))


def test_lapses_replace_decisions():
    lapsed = np.array([False, True, False, True])
    parameters = rows(4, v=3.0, a=1.0, z=0.5, t=0.3)
    clean = decide(DDM, parameters, chances(4, [False] * 4), SEED)
    mixed = decide(DDM, parameters, chances(4, lapsed), SEED)
    assert list(mixed) == ["rt", "response"]
    for name, value in (("rt", 17.0), ("response", -1)):
        np.testing.assert_array_equal(mixed[name], np.where(lapsed, value, clean[name]))


def test_a_lapse_stands_in_for_a_walk_that_does_not_end():
    """Hide the density, so that walks decide; at a drift of 0 between these bounds some go on."""
    hidden = replace(DDM, likelihoods={"blackbox": DDM.likelihoods["analytical"]})
    slow = rows(200, v=0.0, a=3.5, z=0.5, t=0.3)
    with pytest.raises(SimulationError, match="walk of ddm reached no bound") as caught:
        decide(hidden, slow, chances(200, [False] * 200), SEED)
    first = caught.value.row
    lapsed = np.arange(200) <= first
    with pytest.raises(SimulationError) as caught:
        decide(hidden, slow, chances(200, lapsed), SEED)
    assert caught.value.row > first
    assert (decide(hidden, slow, chances(200, [True] * 200), SEED)["rt"] == 17.0).all()
