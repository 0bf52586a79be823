from dataclasses import replace

import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.trials import can_simulate, draw_trials, simulate_trials

DDM = get_model("ddm")
SOFTMAX = get_model("softmax_inv_temperature_3")


def rows(n, **values):
    return {name: np.full(n, float(value)) for name, value in values.items()}


def test_columns_are_the_models():
    trials = simulate_trials(DDM, rows(20, v=1, a=0.5, z=0.5, t=0.3), np.random.SeedSequence(1))
    assert list(trials) == ["rt", "response"]
    assert trials["rt"].dtype == np.float64
    assert trials["response"].dtype == np.int64
    assert set(trials["response"]) <= {-1, 1}


def test_choices_alone_come_without_rt():
    beta, logits = 2.0, np.array([0.0, 0.4, -0.3])
    n = 20_000
    trials = simulate_trials(
        SOFTMAX, rows(n, beta=beta, logit1=logits[1], logit2=logits[2]), np.random.SeedSequence(3)
    )
    assert list(trials) == ["response"]
    share = np.bincount(trials["response"], minlength=3) / n
    expected = np.exp(beta * logits) / np.exp(beta * logits).sum()
    assert (np.abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / n)).all()


@pytest.mark.parametrize("name", ["ddm", "softmax_inv_temperature_3"])
def test_a_seed_is_not_used_up_and_global_state_is_left_alone(name):
    model = get_model(name)
    parameters = {p: np.full(30, 0.5) for p in model.parameter_names}
    seed = np.random.SeedSequence(8)
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first = simulate_trials(model, parameters, seed, lapse=0.1)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    second = simulate_trials(model, parameters, seed, lapse=0.1)
    for column in model.response_columns:
        np.testing.assert_array_equal(first[column], second[column])


def test_a_slow_truth_is_refused_by_name_and_counted_on_request():
    slow = rows(500, v=0, a=3.0, z=0.5, t=0.3)
    seed = np.random.SeedSequence(1)
    finished = draw_trials(DDM, slow, seed).finished
    assert 0 < np.count_nonzero(~finished) < 100
    message = rf"^{np.count_nonzero(~finished)} of 500 walks.*v=0, a=3,.*smaller bound"
    with pytest.raises(SimulationError, match=message):
        simulate_trials(DDM, slow, seed)


def test_a_lapse_stands_in_for_an_unfinished_walk():
    slow = rows(2_000, v=0, a=3.0, z=0.5, t=0.3)
    plain, lapsing = (
        draw_trials(DDM, slow, np.random.SeedSequence(1), lapse) for lapse in (0.0, 0.3)
    )
    changed = plain.columns["rt"] != lapsing.columns["rt"]
    np.testing.assert_array_equal(lapsing.finished, plain.finished | changed)
    assert (~plain.finished & changed).any()


def test_can_simulate_knows_supports_and_reach():
    parameters = {
        "v": np.array([0, np.nan, 0, 0, 0.0]),
        "a": np.array([1, 1, 0.01, 1, 1.0]),
        "z": np.array([0.5, 0.5, 0.5, 1.0, 0.99]),
        "t": np.full(5, 0.3),
    }
    assert can_simulate(DDM, parameters).tolist() == [True, False, False, False, False]
    some = {"beta": np.array([1.0, -1.0]), "logit1": np.zeros(2), "logit2": np.zeros(2)}
    assert can_simulate(SOFTMAX, some).tolist() == [True, False]


def test_no_trials_is_an_error():
    with pytest.raises(SimulationError, match="no trials"):
        simulate_trials(DDM, rows(0, v=1, a=1, z=0.5, t=0.3), np.random.SeedSequence(1))


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ({"response": np.array([7, 7])}, "responses other than"),
        ({"response": np.array([1])}, "one value a trial"),
        ({}, "must return 'response'"),
    ],
)
def test_a_sampler_that_breaks_its_word_is_named(returned, message):
    broken = replace(SOFTMAX, simulator=lambda rng, parameters: returned)
    with pytest.raises(SimulationError, match=message):
        simulate_trials(broken, rows(2, beta=1, logit1=0, logit2=0), np.random.SeedSequence(1))


def test_an_rt_that_is_not_finite_is_refused():
    returned = {"rt": np.array([0.5, np.nan]), "response": np.array([1, -1])}
    broken = replace(DDM, simulator=lambda rng, parameters: returned)
    with pytest.raises(SimulationError, match="not finite"):
        simulate_trials(broken, rows(2, v=1, a=1, z=0.5, t=0.3), np.random.SeedSequence(1))
