"""The example of a user's file against the built-in model that it writes anew."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.models.registry import find_model, find_process
from driftmill.regression.columns import Shape, datasets_of
from driftmill.regression.evaluate import log_density
from driftmill.regression.lifter import Lifter
from driftmill.simulation.simulate import simulate_datasets
from driftmill.study.build import design_of, fit_spec_of
from driftmill.study.examine import examine
from driftmill.study.model_files import announce, load_announced
from driftmill.study.models import model_name, model_of

FILE = "config/models/dual_bandit.py"
TRUTH = {
    "rl_alpha": 0.4,
    "rl_alpha_neg": 0.2,
    "scaler": 2.5,
    "a": 1.3,
    "z": 0.5,
    "t": 0.3,
    "theta": 0.2,
}


@pytest.fixture
def study(raw, write, project_root, monkeypatch):
    """The study of a bandit, fitted by the user's model and by the built-in one."""
    monkeypatch.chdir(project_root)
    raw["models"] = [FILE]
    raw["data"][0] |= {
        "model": "dual_bandit",
        "task": {"bandit": {"means": [[0.8, 0.2], [0.4, 0.6]]}},
        "truth": TRUTH,
        "participants": 3,
        "trials": 40,
    }
    cues = {"cue": "cue"}
    raw["fits"] = [
        {"name": "own", "model": {"learning": "two_rates", "decision": "collapsing"} | cues},
        {
            "name": "built_in",
            "model": {"learning": "rescorla_wagner_dual", "decision": "angle"} | cues,
        },
    ]
    # Both keep the protocol, or this fails.
    yield examine(write(raw), thorough=True, trust=True)
    announce("", ())
    load_announced()


def test_the_parameters_are_those_of_the_built_in_model(study):
    own, built_in = model_of("dual_bandit"), find_model("rlssm2")
    # By its parts it is the same, so that estimates are held against the truths.
    assert model_name(study.fit("own").model) == "dual_bandit"
    free = [p for p in built_in.parameters if p.held is None]
    assert [p.name for p in own.parameters] == [p.name for p in free]
    for mine, theirs in zip(own.parameters, free, strict=True):
        assert (mine.lower, mine.upper, mine.prior, mine.typical) == (
            theirs.lower,
            theirs.upper,
            theirs.prior,
            theirs.typical,
        )
    assert own.choices == built_in.choices
    assert own.learning.coupling is built_in.learning.coupling
    assert find_process("two_rates").options == find_process("rescorla_wagner_dual").options


def test_the_log_likelihoods_are_equal_on_random_data(study):
    rng = np.random.default_rng(5)
    n = 120
    columns = {
        "participant_id": np.repeat(["x", "y", "z"], n // 3),
        "trial_id": np.tile(np.arange(n // 3), 3),
        "rt": 0.35 + rng.gamma(2.0, 0.2, n),
        "response": rng.choice([-1, 1], n),
        "feedback": np.where(rng.random(n) < 0.1, np.nan, rng.normal(0.5, 1.0, n)),
    }
    for _ in range(5):
        values = {
            "rl_alpha": rng.random(),
            "rl_alpha_neg": rng.random(),
            "scaler": 3 * rng.random(),
            "a": 1 + rng.random(),
            "z": 0.3 + 0.4 * rng.random(),
            "t": 0.3 * rng.random(),
            "theta": 0.2 * rng.random(),
        }
        given = columns | {name: np.full(n, value) for name, value in values.items()}
        own = log_density(model_of("dual_bandit"), given, "analytical")
        assert np.isfinite(own).all()
        np.testing.assert_allclose(
            own, log_density(find_model("rlssm2"), given, "analytical"), rtol=1e-12
        )


def test_the_posteriors_are_equal(study):
    trials, _ = simulate_datasets(design_of(study, "c"), [0])
    positions = np.random.default_rng(6).normal(0.0, 0.5, (5, 7))
    found = []
    for fit in ("own", "built_in"):
        spec = fit_spec_of(study, "c", fit)
        lifted, data = Lifter(spec, Shape(len(trials))).of(datasets_of(trials, spec)[0])
        assert [variable.name for variable in lifted.free] == sorted(TRUTH)
        both = jax.jit(jax.value_and_grad(lifted.log_density))
        found.append([both(jnp.asarray(x), data.arrays) for x in positions])
    for mine, theirs in zip(*found, strict=True):
        assert np.isfinite(mine[0])
        np.testing.assert_allclose(mine[0], theirs[0], rtol=1e-12)
        np.testing.assert_allclose(mine[1], theirs[1], rtol=1e-9, atol=1e-9)
