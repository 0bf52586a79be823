"""What the built-in processes declare, and that it is what their rules use."""

import numpy as np
import pytest

from driftmill.models.priors import Distribution
from driftmill.models.processes import COMPOSITIONS, PROCESSES
from driftmill.processes.trajectory import trajectory

T, LANES = 12, 2
EACH = pytest.mark.parametrize("process", PROCESSES, ids=lambda p: p.name)


def trials_for(process):
    rng = np.random.default_rng(6)
    columns = {name: (rng.random((T, LANES)) < 0.6).astype(float) for name in process.inputs}
    choice = rng.integers(0, 2, (T, LANES))
    return columns | {"choice": choice, "observed": np.ones((T, LANES), bool)}


class Watched(dict):
    """Parameters that remember which of them were asked for."""

    def __init__(self, values):
        super().__init__(values)
        self.asked = set()

    def __getitem__(self, name):
        self.asked.add(name)
        return super().__getitem__(name)


def test_names():
    rl = ["rescorla_wagner", "rescorla_wagner_dual"]
    binary = ["hgf_binary", "hgf_binary_3", "hgf_binary_3_standard"]
    continuous = ["hgf_continuous", "hgf_continuous_3", "hgf_continuous_3_standard"]
    assert [p.name for p in PROCESSES] == [*rl, *binary, *continuous]


@EACH
def test_priors_have_the_mass_of_the_support_and_typical_values_lie_inside(process):
    for parameter in process.parameters:
        prior = Distribution(parameter.prior, parameter.lower, parameter.upper)
        assert prior.support == (parameter.lower, parameter.upper)
        assert parameter.supports(parameter.typical)
        quantiles = [float(prior.ppf(q)) for q in (0.001, 0.999)]
        assert quantiles[0] < parameter.typical < quantiles[1]


@EACH
def test_the_rule_uses_the_declared_parameters_and_no_others(process):
    rule, trials = process.rule(2), trials_for(process)
    trial = {name: column[0] for name, column in trials.items()} | {"elapsed": np.ones(LANES)}
    values = Watched({p.name: np.full(LANES, p.typical) for p in process.parameters})
    state = rule.start(values, LANES)
    told = rule.predict(state, trial, values)
    after = rule.learn(state, trial, values)
    assert values.asked == set(values)
    assert told.shape == ((2, LANES) if process.output == "values" else (LANES,))
    assert after.shape == state.shape


@EACH
def test_held_values_are_those_at_which_a_part_is_off(process):
    """Every free parameter matters, and each held one too once it is moved."""
    rule, trials = process.rule(2), trials_for(process)
    usual = {p.name: p.typical if p.held is None else p.held for p in process.parameters}
    told = np.asarray(trajectory(rule, usual, trials))
    assert np.isfinite(told).all()
    for parameter in process.parameters:
        moved = usual | {parameter.name: usual[parameter.name] + 0.1}
        assert (np.asarray(trajectory(rule, moved, trials)) != told).any(), parameter.name


@EACH
def test_free_parameters_come_first(process):
    held = [p.held is not None for p in process.parameters]
    assert held == sorted(held)
    free = [p.name for p in process.parameters if p.held is None]
    expected = {
        "rescorla_wagner": ["rl_alpha"],
        "rescorla_wagner_dual": ["rl_alpha", "rl_alpha_neg"],
        "hgf_binary": ["omega2"],
        "hgf_binary_3": ["omega2", "omega3"],
        "hgf_continuous": ["omega1"],
        "hgf_continuous_3": ["omega1", "omega2"],
    }
    assert free == expected[process.name.removesuffix("_standard")]


def test_named_compositions():
    free = {
        model.name: [p.name for p in model.parameters if p.held is None] for model in COMPOSITIONS
    }
    assert free == {
        "rlssm1": ["rl_alpha", "scaler", "a", "z", "t", "theta"],
        "rlssm2": ["rl_alpha", "rl_alpha_neg", "scaler", "a", "z", "t", "theta"],
        "hgf_softmax": ["omega2", "beta"],
    }
