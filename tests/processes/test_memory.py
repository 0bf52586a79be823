"""Cues and new starts: the same as runs of their own, and the same one trial at a time."""

import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.processes.hgf import hgf_binary
from driftmill.processes.memory import Memory
from driftmill.processes.rescorla_wagner import rescorla_wagner
from driftmill.processes.rule import Rule
from driftmill.processes.trajectory import trajectory
from tests.processes.panels import defaults, lane_of, panel, some

T, LANES, CUES = 80, 3, 4
RW = (
    rescorla_wagner(2, dual=True),
    defaults("rescorla_wagner_dual")
    | some(LANES, rl_alpha=0.4, rl_alpha_neg=0.2, rl_forget=0.1, rl_stickiness=0.3),
)
HGF = (hgf_binary(3), defaults("hgf_binary_3") | some(LANES, omega2=-3.0, omega3=-4.0))
RULES = pytest.mark.parametrize(("rule", "parameters"), [RW, HGF], ids=["rw", "hgf"])


def with_cues(seed=3):
    rng = np.random.default_rng(seed)
    return panel(T, LANES, missing=0.1) | {"cue": rng.integers(0, CUES, (T, LANES))}


@RULES
def test_several_cues_are_separate_runs(rule, parameters):
    trials = with_cues()
    together = np.asarray(trajectory(rule, parameters, trials, cues=CUES))
    for lane in range(LANES):
        for cue in range(CUES):
            mine = trials["cue"][:, lane] == cue
            own = {n: x[mine] for n, x in lane_of(trials, lane).items() if n != "cue"}
            alone = trajectory(rule, lane_of(parameters, lane), own)
            np.testing.assert_allclose(together[mine][..., [lane]], alone, rtol=1e-13, atol=1e-15)


@RULES
@pytest.mark.parametrize("cues", [1, CUES])
def test_a_reset_starts_a_separate_run(rule, parameters, cues):
    starts = [[0, 30, 31], [0, 11, 60], [0]]
    trials = with_cues() | {"reset": np.zeros((T, LANES), bool)}
    for lane, places in enumerate(starts):
        trials["reset"][places, lane] = True
    together = np.asarray(trajectory(rule, parameters, trials, cues=cues))
    for lane, places in enumerate(starts):
        for first, after in zip(places, [*places[1:], T], strict=True):
            own = {n: x[first:after] for n, x in lane_of(trials, lane).items() if n != "reset"}
            alone = trajectory(rule, lane_of(parameters, lane), own, cues=cues)
            got = together[first:after][..., [lane]]
            np.testing.assert_allclose(got, alone, rtol=1e-13, atol=1e-15)


@RULES
@pytest.mark.parametrize("cues", [1, CUES])
def test_a_trajectory_is_the_memory_one_trial_at_a_time(rule, parameters, cues):
    rng = np.random.default_rng(8)
    trials = with_cues() | {"reset": rng.random((T, LANES)) < 0.1}
    memory = Memory(rule, parameters, LANES, cues)
    state, told = memory.start(), []
    for k in range(25):
        trial = {n: x[k] for n, x in trials.items()}
        told.append(np.asarray(memory.predict(state, trial)))
        state = memory.learn(state, trial)
    expected = trajectory(rule, parameters, trials, cues=cues)
    np.testing.assert_allclose(told, expected[:25], rtol=1e-13, atol=1e-15)


def test_the_last_choice_is_remembered_for_each_cue():
    rule = rescorla_wagner(2)
    parameters = defaults("rescorla_wagner", rl_alpha=0.0, rl_stickiness=1.0, rl_q0=0.0)
    cue, choice = np.array([0, 1, 0, 1, 0]), np.array([0, 1, 1, 1, 0])
    trials = {
        "cue": cue[:, None],
        "choice": choice[:, None],
        "feedback": np.ones((5, 1)),
        "observed": np.ones((5, 1), bool),
    }
    got = trajectory(rule, parameters, trials, cues=2)[:, :, 0]
    np.testing.assert_array_equal(got, [[0, 0], [0, 0], [1, 0], [0, 1], [0, 1]])


def test_time_that_is_not_told_is_one():
    rule, parameters = HGF
    trials = panel(T, LANES)
    np.testing.assert_allclose(
        trajectory(rule, parameters, trials),
        trajectory(rule, parameters, trials | {"elapsed": np.ones((T, LANES))}),
        rtol=1e-13,
    )


def test_leaves_of_any_kind_are_kept_for_each_cue():
    """A rule of a user's that counts trials, as a whole number, and remembers a yes or no."""
    rule = Rule(
        start=lambda parameters, lanes: {"n": jnp.zeros(lanes, int), "odd": jnp.zeros(lanes, bool)},
        predict=lambda state, trial, parameters: jnp.where(state["odd"], -1, 1) * state["n"],
        learn=lambda state, trial, parameters: {"n": state["n"] + 1, "odd": ~state["odd"]},
    )
    trials = {"observed": np.ones((6, 1), bool), "cue": np.array([0, 1, 1, 0, 1, 1])[:, None]}
    got = trajectory(rule, {}, trials, cues=2)
    np.testing.assert_array_equal(got[:, 0], [0, 0, -1, -1, 2, -3])
