"""Running a process over trials: gradients by either mode, batching, precision, panels."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.processes import trajectory as module
from driftmill.processes.hgf import hgf_binary
from driftmill.processes.rescorla_wagner import rescorla_wagner
from driftmill.processes.rule import Rule
from driftmill.processes.trajectory import trajectory
from tests.processes.panels import defaults, lane_of, panel, some

T, LANES = 60, 4
CASES = {
    "rw": (rescorla_wagner(3), "rescorla_wagner", {"rl_alpha": 0.4}),
    "dual": (
        rescorla_wagner(2, dual=True),
        "rescorla_wagner_dual",
        {"rl_alpha": 0.4, "rl_alpha_neg": 0.3},
    ),
    "hgf": (hgf_binary(2), "hgf_binary", {"omega2": -3.0}),
    "hgf3": (hgf_binary(3), "hgf_binary_3", {"omega2": -3.0, "omega3": -4.0}),
}
EACH = pytest.mark.parametrize("case", CASES)


def score_of(case, seed=5):
    """Return a smooth function of a case's free parameters, and those parameters."""
    rule, name, centres = CASES[case]
    trials, held = panel(T, LANES, options=3, missing=0.1), defaults(name)
    free = {n: jnp.asarray(x) for n, x in some(LANES, **centres).items()}
    shape = trajectory(rule, held | free, trials).shape
    weights = np.random.default_rng(seed).normal(size=shape)

    def score(parameters):
        return jnp.sum(jnp.sin(weights * trajectory(rule, held | parameters, trials)))

    return score, free


@EACH
def test_gradients_carried_forward_equal_reverse_mode_and_differences(case, monkeypatch):
    score, free = score_of(case)
    assert len(free) <= module.MOST_FORWARD
    forward = jax.jit(jax.grad(score))(free)
    monkeypatch.setattr(module, "MOST_FORWARD", 0)
    reverse = jax.jit(jax.grad(score))(free)
    step, value = 1e-6, jax.jit(score)
    for name, at in free.items():
        np.testing.assert_allclose(forward[name], reverse[name], rtol=1e-10, atol=1e-12)
        for lane in range(LANES):
            up, down = (value(free | {name: at.at[lane].add(s)}) for s in (step, -step))
            difference = (up - down) / (2 * step)
            np.testing.assert_allclose(forward[name][lane], difference, rtol=1e-6, atol=1e-7)


@EACH
def test_second_derivatives_go_through(case, monkeypatch):
    score, free = score_of(case)
    forward = jax.hessian(score)(free)
    gradient = jax.jit(jax.grad(score))
    name = next(iter(free))
    at, step = free[name], 1e-5
    for lane in range(LANES):
        up, down = (gradient(free | {name: at.at[lane].add(s)}) for s in (step, -step))
        for other in free:
            difference = (up[other] - down[other]) / (2 * step)
            np.testing.assert_allclose(
                forward[other][name][:, lane], difference, rtol=1e-5, atol=1e-5
            )
    monkeypatch.setattr(module, "MOST_FORWARD", 0)
    for one, other in zip(
        jax.tree.leaves(forward), jax.tree.leaves(jax.hessian(score)(free)), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-10)


@EACH
def test_forward_mode_and_many_directions(case):
    score, free = score_of(case)
    gradient = jax.grad(score)(free)
    forwards = jax.jacfwd(score)(free)
    for name in free:
        np.testing.assert_allclose(forwards[name], gradient[name], rtol=1e-11, atol=1e-13)


@EACH
def test_batches_are_runs_of_their_own(case):
    score, free = score_of(case)
    batch = {n: jnp.stack([x, x + 0.05, x - 0.05]) for n, x in free.items()}
    values, gradients = jax.jit(jax.vmap(jax.value_and_grad(score)))(batch)
    for k in range(3):
        value, gradient = jax.value_and_grad(score)({n: x[k] for n, x in batch.items()})
        np.testing.assert_allclose(values[k], value, rtol=1e-12)
        for name in free:
            np.testing.assert_allclose(gradients[name][k], gradient[name], rtol=1e-10, atol=1e-12)


@EACH
def test_single_precision(case):
    rule, name, centres = CASES[case]
    trials, free = panel(T, LANES, missing=0.1), some(LANES, **centres)
    exact = np.asarray(trajectory(rule, defaults(name) | free, trials))
    narrow = {n: x.astype(np.float32) for n, x in free.items()}
    got = trajectory(rule, defaults(name) | narrow, trials)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, exact, rtol=1e-4, atol=1e-4)
    gradient = jax.grad(lambda p: trajectory(rule, defaults(name) | p, trials).sum())(narrow)
    assert all(g.dtype == np.float32 for g in gradient.values())


@EACH
def test_a_panel_filled_up_is_the_panel(case):
    rule, name, centres = CASES[case]
    parameters = defaults(name) | some(LANES, **centres)
    trials = panel(T, LANES)
    lengths = [T, 17, 1, 33]
    short = np.arange(T)[:, None] < lengths
    filled = {n: np.where(short, x, 0) for n, x in trials.items()}

    def within(p, columns):
        told = trajectory(rule, parameters | p, columns)
        return jnp.where(short if told.ndim == 2 else short[:, None], told, 0.0).sum()

    free = {n: jnp.asarray(parameters[n]) for n in centres}
    # What comes after a sequence's end, and whether anything does, says nothing.
    one = jax.value_and_grad(within)(free, filled)
    other = jax.value_and_grad(within)(free, trials)
    np.testing.assert_allclose(one[0], other[0], rtol=1e-12)
    for n in free:
        np.testing.assert_allclose(one[1][n], other[1][n], rtol=1e-12)
    together = np.asarray(trajectory(rule, parameters, filled))
    for lane, length in enumerate(lengths):
        own = {n: x[:length, [lane]] for n, x in trials.items()}
        alone = trajectory(rule, lane_of(parameters, lane), own)
        np.testing.assert_allclose(together[:length, ..., [lane]], alone, rtol=1e-13, atol=1e-15)


@EACH
def test_trial_wise_parameters_that_do_not_vary(case):
    rule, name, centres = CASES[case]
    trials, free = panel(T, LANES, missing=0.1), some(LANES, **centres)
    wide = {n: np.broadcast_to(x, (T, LANES)) for n, x in free.items()}

    def total(parameters):
        return jnp.sum(jnp.sin(trajectory(rule, defaults(name) | parameters, trials)))

    one, other = jax.value_and_grad(total)(free), jax.value_and_grad(total)(wide)
    np.testing.assert_allclose(one[0], other[0], rtol=1e-12)
    for n in free:
        np.testing.assert_allclose(one[1][n], other[1][n].sum(axis=0), rtol=1e-9, atol=1e-12)


def test_trial_wise_rates_are_used_on_their_trials():
    rate = np.random.default_rng(4).random((T, LANES))
    trials = panel(T, LANES, missing=0.1)
    got = trajectory(rescorla_wagner(2), defaults("rescorla_wagner", rl_alpha=rate), trials)
    for lane in range(LANES):
        q = [0.5, 0.5]
        for k in range(T):
            np.testing.assert_allclose(got[k, :, lane], q, atol=1e-14)
            if trials["observed"][k, lane]:
                c = trials["choice"][k, lane]
                q[c] += rate[k, lane] * (trials["feedback"][k, lane] - q[c])


def test_a_start_takes_the_parameters_of_its_trial():
    first = np.linspace(0.1, 0.9, T)[:, None] * np.ones(LANES)
    trials = panel(T, LANES) | {"reset": np.zeros((T, LANES), bool)}
    trials["reset"][20] = True
    got = trajectory(rescorla_wagner(2), defaults("rescorla_wagner", rl_q0=first), trials)
    for k in (0, 20):
        np.testing.assert_array_equal(got[k], np.broadcast_to(first[k], (2, LANES)))
    assert not (got[19] == first[19]).any()


def test_numbers_alone_need_no_arrays():
    trials = panel(T, LANES)
    held = defaults("rescorla_wagner")
    got = trajectory(rescorla_wagner(2), held, trials)
    arrays = {n: np.full(LANES, x) for n, x in held.items()}
    np.testing.assert_allclose(got, trajectory(rescorla_wagner(2), arrays, trials), atol=1e-15)


def test_a_nest_of_predictions_keeps_its_gradients():
    rule, _, _ = CASES["rw"]
    both = Rule(
        rule.start, lambda *a: {"q": rule.predict(*a), "sum": sum(rule.predict(*a))}, rule.learn
    )
    trials, held = panel(T, LANES), defaults("rescorla_wagner")

    def total(alpha, of):
        return jnp.sum(of(trajectory(both, held | {"rl_alpha": alpha}, trials)) ** 2)

    alpha = jnp.full(LANES, 0.3)
    np.testing.assert_allclose(
        jax.grad(total)(alpha, lambda told: told["sum"]),
        jax.grad(total)(alpha, lambda told: told["q"].sum(axis=1)),
        rtol=1e-12,
    )


def test_wrong_shapes_are_named():
    rule, held, trials = rescorla_wagner(2), defaults("rescorla_wagner"), panel(T, LANES)
    with pytest.raises(ValueError, match=r"rl_alpha has shape \(3,\); give a number, \(4,\) or"):
        trajectory(rule, held | {"rl_alpha": np.ones(3)}, trials)
    with pytest.raises(ValueError, match=r"feedback has shape \(59, 4\)"):
        trajectory(rule, held, trials | {"feedback": np.ones((T - 1, LANES))})
