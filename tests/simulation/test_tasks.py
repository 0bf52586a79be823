import numpy as np
import pytest
from scipy import stats

from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.tasks import Bandit, Inputs

SEED = np.random.SeedSequence(12)


def seeds(n):
    return [np.random.SeedSequence([12, k]) for k in range(n)]


def test_means_stay_where_nothing_moves_them():
    course = Bandit(((0.8, 0.2),)).course(30, SEED)
    np.testing.assert_array_equal(course.means, np.tile([0.8, 0.2], (30, 1)))
    assert course.cue.tolist() == course.block.tolist() == [0] * 30
    assert course.inputs is None


def test_cues_are_balanced_in_every_block_and_shuffled_for_everyone():
    task = Bandit(((0.9, 0.1), (0.5, 0.5), (0.3, 0.7)), blocks=2)
    courses = [task.course(120, seed) for seed in seeds(2)]
    for course in courses:
        assert course.block.tolist() == [0] * 60 + [1] * 60
        for block in (0, 1):
            assert np.bincount(course.cue[course.block == block]).tolist() == [20, 20, 20]
        np.testing.assert_array_equal(course.means, np.asarray(task.means)[course.cue])
        assert (course.cue[:60] != course.cue[60:]).any()
    assert (courses[0].cue != courses[1].cue).any()


def test_order_of_cues_is_even():
    """Each place of the order holds the first of two cues half of the time."""
    n = 2_000
    task = Bandit(((0.9, 0.1), (0.5, 0.5)))
    first = sum(task.course(6, seed).cue == 0 for seed in seeds(n))
    assert (np.abs(first - n / 2) < 4 * np.sqrt(n / 4)).all()


def test_reversals_count_the_trials_of_a_cue_and_start_anew_with_a_block():
    task = Bandit(((0.8, 0.2, 0.4), (0.9, 0.1, 0.5)), reverse_every=7, blocks=2)
    course = task.course(100, SEED)
    seen = {}
    for cue, block, means in zip(course.cue, course.block, course.means, strict=True):
        count = seen[block, cue] = seen.get((block, cue), 0) + 1
        expected = task.means[cue] if (count - 1) // 7 % 2 == 0 else task.means[cue][::-1]
        assert means.tolist() == list(expected)


def test_drifting_means_walk_with_the_sd_of_a_trial():
    task = Bandit(((1.0, -2.0), (0.0, 5.0)), payoff="gaussian", drift=0.3)
    n, trials = 400, 25
    single = Bandit(((1.0, -2.0),), payoff="gaussian", drift=0.3)
    moved = np.stack([single.course(trials, seed).means for seed in seeds(n)]) - [1.0, -2.0]
    assert (moved[:, 0] == 0).all()
    steps = np.diff(moved, axis=1).ravel()
    assert stats.kstest(steps / 0.3, "norm").pvalue > 1e-3
    lag = np.corrcoef(np.diff(moved, axis=1)[:, :-1].ravel(), np.diff(moved, axis=1)[:, 1:].ravel())
    assert abs(lag[0, 1]) < 4 / np.sqrt(n * (trials - 2) * 2)
    # The means of a cue go on while it is the other's turn.
    course = task.course(trials, SEED)
    late = next(cue for cue in (0, 1) if cue != course.cue[0])
    assert (course.means[np.argmax(course.cue == late)] != task.means[late]).all()


def test_drifting_probabilities_are_reflected():
    """A walk that is reflected at each step, in plain steps, spreads the same way."""
    n, trials, drift = 3_000, 30, 0.15
    task = Bandit(((0.9, 0.5),), drift=drift)
    means = np.stack([task.course(trials, seed).means for seed in seeds(n)])
    assert means.min() >= 0
    assert means.max() <= 1
    rng, walk = np.random.default_rng(5), np.full(n, 0.9)
    for k in range(1, trials):
        walk = walk + rng.normal(0, drift, n)
        walk = np.where(walk > 1, 2 - walk, np.abs(walk))
        if k in (3, 29):
            assert stats.ks_2samp(means[:, k, 0], walk).pvalue > 1e-3


def test_payoffs_have_their_means():
    n = 20_000
    means = np.linspace(0.05, 0.95, n)
    bernoulli = Bandit(((0.5, 0.5),))
    paid = bernoulli.feedback(means, bernoulli.noise(n, SEED))
    assert set(paid) == {0.0, 1.0}
    error = np.sqrt((means * (1 - means)).sum())
    assert abs((paid - means).sum()) < 4 * error
    assert abs(((paid - means) * means).sum()) < 4 * error
    gaussian = Bandit(((0.0, 3.0),), payoff="gaussian", sd=2.5)
    paid = gaussian.feedback(means, gaussian.noise(n, SEED))
    assert stats.kstest((paid - means) / 2.5, "norm").pvalue > 1e-3


def test_given_inputs_are_everybodys():
    task = Inputs(values=(0.0, 1.0, 1.0, 0.0))
    for seed in seeds(2):
        assert task.course(3, seed).inputs.tolist() == [0.0, 1.0, 1.0]


def test_scheduled_inputs_have_the_rates_of_their_segments():
    task = Inputs(schedule=((0.9, 10), (0.2, 15), (1.0, 5)))
    n = 1_000
    inputs = np.stack([task.course(28, seed).inputs for seed in seeds(n)])
    assert set(inputs.ravel()) == {0.0, 1.0}
    for rate, part in ((0.9, slice(0, 10)), (0.2, slice(10, 25)), (1.0, slice(25, 28))):
        count = inputs[:, part].size
        assert abs(inputs[:, part].mean() - rate) <= 4 * np.sqrt(rate * (1 - rate) / count)
    assert (inputs[0] != inputs[1]).any()


def test_walking_inputs_start_at_zero_and_walk():
    inputs = np.stack([Inputs(walk=0.4).course(20, seed).inputs for seed in seeds(300)])
    assert (inputs[:, 0] == 0).all()
    assert stats.kstest(np.diff(inputs, axis=1).ravel() / 0.4, "norm").pvalue > 1e-3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"means": ()}, r"means = \(\): give a row a cue"),
        ({"means": ((0.5,),)}, "a mean for every option"),
        ({"means": ((0.5, 0.5), (0.1, 0.2, 0.3))}, "a mean for every option"),
        ({"means": ((0.5, 1.5),)}, r"means = 1.5: .*probability in \[0, 1\]"),
        ({"means": ((0.5, np.nan),)}, "means = nan: give finite"),
        ({"means": ((0.5, 0.5),), "payoff": "poisson"}, "payoff = poisson: .*gaussian"),
        ({"means": ((0.5, 0.5),), "sd": 0.0}, "sd = 0.0: give a number above 0"),
        ({"means": ((0.5, 0.5),), "drift": -0.1}, "drift = -0.1"),
        ({"means": ((0.5, 0.5),), "reverse_every": 0}, "reverse_every = 0: give 1 or more"),
        ({"means": ((0.5, 0.5),), "blocks": 0}, "blocks = 0: give 1 or more"),
    ],
)
def test_a_bandit_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(SimulationError, match=message):
        Bandit(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "inputs = nothing: give values, schedule or walk"),
        ({"values": (0.0,), "walk": 1.0}, "inputs = values and walk"),
        ({"values": (0.0, np.inf)}, "values = inf"),
        ({"schedule": ((1.2, 5),)}, r"schedule = \(1.2, 5\): .*probability"),
        ({"schedule": ((0.2, 0),)}, "1 trial or more"),
        ({"walk": 0.0}, "walk = 0.0: give a number above 0"),
    ],
)
def test_inputs_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(SimulationError, match=message):
        Inputs(**arguments)


@pytest.mark.parametrize(
    ("task", "trials", "message"),
    [
        (Bandit(((0.8, 0.2),), blocks=3), 100, "blocks = 3: 100 trials cannot be cut into 3"),
        (Bandit(((0.8, 0.2),) * 3, blocks=2), 4, "a block of 2 trials has no room for 3 cues"),
        (Inputs(values=(0.0, 1.0)), 3, "values = 2 numbers: give one for each of 3 trials"),
        (Inputs(schedule=((0.5, 4), (0.1, 5))), 10, "schedule = 9 trials: .* cover 10 trials"),
    ],
)
def test_tasks_that_do_not_fit_the_trials_are_refused(task, trials, message):
    with pytest.raises(SimulationError, match=message):
        task.check(trials)
