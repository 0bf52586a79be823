"""The delta rule against a plain loop over single trials, with each of its parts on and off."""

import jax
import numpy as np
import pytest

from driftmill.processes.rescorla_wagner import rescorla_wagner
from driftmill.processes.trajectory import trajectory
from tests.processes.panels import defaults, lane_of, panel, some

FORGET = {"rl_forget": 0.2}
STICKY = {"rl_stickiness": 0.3}
OPPOSITE = {"rl_alpha_cf": 0.25}


def name_of(dual):
    return "rescorla_wagner_dual" if dual else "rescorla_wagner"


def plain_loop(parameters, trials, options, dual):
    """Return the values before each trial of one participant, written from the definition."""
    p = {n: float(np.squeeze(x)) for n, x in parameters.items()}
    q, last, told = [p["rl_q0"]] * options, None, []
    for k in range(len(trials["observed"])):
        told.append([x + (p["rl_stickiness"] if i == last else 0.0) for i, x in enumerate(q)])
        if not trials["observed"][k, 0]:
            continue
        choice, feedback = trials["choice"][k, 0], trials["feedback"][k, 0]
        for i in range(options):
            if i == choice:
                worse = dual and feedback < q[i]
                q[i] += (p["rl_alpha_neg"] if worse else p["rl_alpha"]) * (feedback - q[i])
            else:
                q[i] += p["rl_alpha_cf"] * (1 - feedback - q[i])
                q[i] += p["rl_forget"] * (p["rl_q0"] - q[i])
        last = choice
    return np.array(told)


@pytest.mark.parametrize("options", [2, 3, 4])
@pytest.mark.parametrize("dual", [False, True])
@pytest.mark.parametrize(
    "parts", [{}, FORGET, STICKY, OPPOSITE, FORGET | STICKY | OPPOSITE], ids="+".join
)
def test_values_against_a_plain_loop(options, dual, parts):
    trials = panel(60, 3, options, missing=0.1)
    free = {"rl_alpha": 0.4, "rl_q0": 0.3} | ({"rl_alpha_neg": 0.2} if dual else {}) | parts
    parameters = defaults(name_of(dual)) | some(3, **free)
    got = trajectory(rescorla_wagner(options, dual=dual), parameters, trials)
    assert got.shape == (60, options, 3)
    for lane in range(3):
        expected = plain_loop(lane_of(parameters, lane), lane_of(trials, lane), options, dual)
        np.testing.assert_allclose(got[:, :, lane], expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("off", ["rl_forget", "rl_stickiness", "rl_alpha_cf"])
def test_a_part_switched_off_is_the_part_at_zero(off):
    trials, rule = panel(40, 4, missing=0.1), rescorla_wagner(2)
    parameters = defaults("rescorla_wagner", rl_forget=0.2, rl_stickiness=0.3, rl_alpha_cf=0.1)
    skipped = trajectory(rule, parameters | {off: 0.0}, trials)
    computed = trajectory(rule, parameters | {off: np.zeros(4)}, trials)
    np.testing.assert_allclose(skipped, computed, rtol=0, atol=1e-15)


def test_a_part_switched_off_is_left_out_of_the_program():
    rule, trials = rescorla_wagner(2), panel(1, 4)
    trial = {n: x[0] for n, x in trials.items()}

    def operations(**given):
        parameters = defaults("rescorla_wagner", **given)
        state = rule.start(parameters, 4)
        program = jax.make_jaxpr(lambda s: rule.learn(s, trial, parameters))(state)
        return len(program.eqns)

    plain = operations()
    for part in (FORGET, STICKY, OPPOSITE):
        assert operations(**part) > plain
    assert rule.start(defaults("rescorla_wagner"), 4).shape == (2, 4)


def test_trials_that_are_not_observed_change_nothing():
    trials, rule = panel(50, 1, missing=0.4), rescorla_wagner(2)
    parameters = defaults("rescorla_wagner") | some(1, rl_alpha=0.4, **FORGET, **STICKY)
    kept = trials["observed"][:, 0]
    got = trajectory(rule, parameters, trials)
    without = trajectory(rule, parameters, {n: x[kept] for n, x in trials.items()})
    np.testing.assert_array_equal(got[kept], without)


def test_with_certain_outcomes_values_approach_them_geometrically():
    n, alpha = 30, 0.3
    trials = {
        "choice": np.ones((n, 1), int),
        "feedback": np.ones((n, 1)),
        "observed": np.ones((n, 1), bool),
    }
    got = trajectory(rescorla_wagner(2), defaults("rescorla_wagner", rl_alpha=alpha), trials)
    np.testing.assert_allclose(got[:, 1, 0], 1 - 0.5 * (1 - alpha) ** np.arange(n), atol=1e-14)
    np.testing.assert_array_equal(got[:, 0, 0], 0.5)
