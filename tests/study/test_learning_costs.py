"""What the plan says of learning models, against what was measured once on one core."""

import pytest

from driftmill.models.composition import compose
from driftmill.models.registry import find_model, find_process
from driftmill.study.expand import expand
from driftmill.study.learning_costs import LearningCosts, learner_of
from driftmill.study.load import load_study
from driftmill.study.models import model_of
from driftmill.study.options import Sampling
from driftmill.study.plan import estimate, free_parameters
from driftmill.study.posterior_costs import posterior_seconds
from driftmill.study.types import Fit
from driftmill.study.unit_costs import Costs, Size

COSTS = LearningCosts()


def learning(process, decision):
    return learner_of(compose(find_process(process), find_model(decision)).learning)


SOFTMAX = "softmax_inv_temperature_2"
TRAJECTORIES = [
    ("rescorla_wagner", 200, 27e-6),
    ("rescorla_wagner_dual", 200, 45e-6),
    ("hgf_binary", 320, 51e-6),
    ("hgf_binary_3", 320, 248e-6),
]
GRADIENTS = [
    ("rescorla_wagner_dual", "angle", 20, 200, 0.42e-3),
    ("hgf_binary", SOFTMAX, 10, 320, 0.11e-3),
    ("rescorla_wagner", "ddm", 20, 200, 0.29e-3),
    ("rescorla_wagner", "ddm", 1, 200, 34e-6),
    ("rescorla_wagner", SOFTMAX, 20, 200, 0.18e-3),
    ("rescorla_wagner", SOFTMAX, 100, 200, 0.47e-3),
    ("hgf_binary", SOFTMAX, 40, 320, 0.30e-3),
    ("hgf_binary_3", SOFTMAX, 10, 320, 0.25e-3),
    ("hgf_binary_3", "ddm", 10, 320, 0.31e-3),
    ("hgf_continuous", "ddm", 10, 320, 0.16e-3),
]


@pytest.mark.parametrize(("process", "length", "measured"), TRAJECTORIES)
def test_scans_cost_about_what_was_measured(process, length, measured):
    found = COSTS.trajectory(learning(process, SOFTMAX), length)
    assert measured / 2 < found < measured * 2


@pytest.mark.parametrize(("process", "decision", "people", "each", "measured"), GRADIENTS)
def test_gradients_cost_about_what_was_measured(process, decision, people, each, measured):
    found = COSTS.gradient(learning(process, decision), people * each, people)
    assert measured / 2 < found < measured * 2


#: Participants, trials of each, seconds of a gradient, gradients of a draw.
POSTERIORS = [
    ("hgf_softmax", (10, 320), 0.11e-3, 7.5),
    ("rlssm2", (20, 200), 0.42e-3, 15),
]


@pytest.mark.parametrize(("model", "sizes", "gradient", "leapfrogs"), POSTERIORS)
def test_hierarchies_cost_about_what_was_measured(model, sizes, gradient, leapfrogs):
    fit = Fit.model_validate(
        {"name": "f", "model": model, "global_formula": "y ~ 1 + (1 | participant_id)"}
    )
    free = free_parameters(fit)
    assert leapfrogs / 2 < COSTS.steps(free.shared, groups=True) < leapfrogs * 2
    sampling = Sampling.model_validate({"chains": 2, "draws": 1000})
    size = Size(sizes[0] * sizes[1], sizes[0])
    gradient = COSTS.gradient(learner_of(model_of(model).learning), size.trials, size.participants)
    found = posterior_seconds(Costs(), sampling, free, size, gradient)
    measured = 2 * (500 + 1000) * leapfrogs * gradient
    assert measured / 2 < found < measured * 2


def test_more_participants_share_the_scan():
    one, many = (COSTS.gradient(learning("hgf_binary_3", SOFTMAX), 320 * n, n) for n in (1, 10))
    assert one < many < 2 * one


def test_learners_take_longer_to_simulate_and_to_fit(bandit, raw, write):
    def seconds(study):
        return estimate(expand(load_study(write(study | {"batch_size": 64})))).cpu_seconds

    raw["data"][0] |= {"trials": 500, "datasets": 20}
    learners = seconds(bandit)
    # One participant at a time: 3 ms a trial.
    assert learners["simulate"] > 20 * 500 * 0.002
    raw["data"][0]["participants"] = 32
    assert seconds(raw)["simulate"] == pytest.approx(learners["simulate"], rel=0.01)
    raw["data"][0]["participants"] = 33
    assert seconds(raw)["simulate"] > 1.5 * learners["simulate"]
    assert seconds(raw)["fit"] > 3 * learners["fit"] > 0.0
