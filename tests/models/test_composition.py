"""Composed models: what they declare, what cannot be, and reference log densities."""

import json
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

from driftmill.models import CATALOGUE
from driftmill.models.composition import CompositionError, compose
from driftmill.models.couplings import PREDICTION_TO_CHOICE, VALUES_TO_CHOICE
from driftmill.models.processes import (
    HGF_BINARY,
    HGF_CONTINUOUS,
    RESCORLA_WAGNER,
    RESCORLA_WAGNER_DUAL,
)
from driftmill.processes.trajectory import trajectory

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
TABLE = pd.read_parquet(REFERENCE / "rl_likelihoods.parquet")
DDM, SOFTMAX_2 = CATALOGUE["ddm"], CATALOGUE["softmax_inv_temperature_2"]
MODELS = {
    "2AB_RW_DDM": compose(RESCORLA_WAGNER, DDM),
    "2AB_RW_DualAlpha_DDM(analytic)": compose(RESCORLA_WAGNER_DUAL, DDM),
    "2AB_RW_InvTempSoftmax": compose(RESCORLA_WAGNER, SOFTMAX_2),
    "2AB_RW_DualAlpha_InvTempSoftmax": compose(RESCORLA_WAGNER_DUAL, SOFTMAX_2),
    "3AB_RW_InvTempSoftmax": compose(RESCORLA_WAGNER, CATALOGUE["softmax_inv_temperature_3"]),
    "4AB_RW_InvTempSoftmax": compose(RESCORLA_WAGNER, CATALOGUE["softmax_inv_temperature_4"]),
}


class Known:
    """The trials, parameters and log densities that the table has for a model."""

    def __init__(self, name):
        rows = TABLE[TABLE["model"] == name]
        self.model = MODELS[name]
        self.participants = rows.drop_duplicates("participant_id")
        wide = {c: self.wide(rows, c) for c in ("rt", "response", "feedback", "loglik", "v", "q")}
        self.table = wide
        index = np.unique(wide["response"], return_inverse=True)[1].reshape(wide["response"].shape)
        choices = self.model.choices
        assert len(choices) == np.unique(wide["response"]).size
        self.columns = {"rt": wide["rt"], "response": np.asarray(choices, float)[index]}
        self.trials = {
            "choice": index,
            "feedback": wide["feedback"],
            "observed": np.ones(index.shape, bool),
        }
        params = [json.loads(p) for p in self.participants["params"]]
        self.free = {n: jnp.array([p[n] for p in params]) for n in params[0]}
        assert set(self.free) == {p.name for p in self.model.parameters if p.held is None}

    @staticmethod
    def wide(rows, column):
        ordered = rows.sort_values(["trial_id", "participant_id"])
        return ordered[column].to_numpy().reshape(-1, rows["participant_id"].nunique())

    def driven(self, free):
        """Return the decision parameters that the process sets."""
        learning = self.model.learning
        held = {p.name: p.held for p in self.model.parameters if p.held is not None}
        told = trajectory(learning.rule, held | free, self.trials)
        return told, learning.coupling.couple(jnp.moveaxis(told, 1, 0), free, learning.decision)

    def log_p(self, free):
        decision = self.model.decision
        values = {**free, **self.driven(free)[1]}
        columns = [self.columns[name] for name in decision.response_columns]
        density = decision.likelihoods["analytical"]
        return density(*columns, *(values[name] for name in decision.parameter_names))


@pytest.fixture(params=MODELS, scope="module")
def known(request):
    return Known(request.param)


def test_log_densities_trial_by_trial(known):
    np.testing.assert_allclose(known.log_p(known.free), known.table["loglik"], rtol=0, atol=1e-9)


def test_values_and_drifts_trial_by_trial(known):
    told, driven = known.driven(known.free)
    if known.model.has_rt:
        np.testing.assert_allclose(driven["v"], known.table["v"], rtol=1e-12, atol=1e-13)
    else:
        expected = np.array(
            [[json.loads(q) if isinstance(q, str) else q for q in row] for row in known.table["q"]]
        )
        np.testing.assert_allclose(np.moveaxis(np.asarray(told), 1, 2), expected, atol=1e-13)


def test_gradients_against_differences(known):
    total = jax.jit(lambda p: known.log_p(p).sum(axis=0))
    gradient = jax.grad(lambda p: known.log_p(p).sum())(known.free)
    step = 1e-6
    for name, at in known.free.items():
        up, down = (total(known.free | {name: at + s}) for s in (step, -step))
        np.testing.assert_allclose(gradient[name], (up - down) / (2 * step), rtol=2e-6, atol=1e-5)


def test_parameters_are_the_processs_the_couplings_and_the_rest():
    model = compose(RESCORLA_WAGNER_DUAL, DDM)
    names = tuple(p.name for p in RESCORLA_WAGNER_DUAL.parameters)
    assert model.parameter_names == (*names, "scaler", "a", "z", "t")
    assert model.name == "rescorla_wagner_dual+ddm"
    assert model.response_columns == DDM.response_columns
    assert model.choices == DDM.choices
    assert model.decision is DDM
    assert model.parameter("a") is DDM.parameter("a")


def test_a_start_has_every_parameter_inside_its_support_or_where_it_is_held():
    rng = np.random.default_rng(1)
    columns = {"rt": 0.3 + rng.gamma(2.0, 0.3, 50), "response": rng.choice([-1, 1], 50)}
    for process in (RESCORLA_WAGNER, HGF_BINARY):
        model = compose(process, DDM)
        start = model.start(columns)
        assert tuple(start) == model.parameter_names
        assert all(p.supports(start[p.name]) for p in model.parameters)
        assert start["a"] == DDM.start(columns)["a"]


def test_products_of_a_driven_parameter_are_identified():
    assert SOFTMAX_2.products
    assert compose(RESCORLA_WAGNER, SOFTMAX_2).products == ()


def test_columns_are_named_and_needed():
    model = compose(
        RESCORLA_WAGNER, DDM, name="mine", columns={"feedback": "reward"}, cue="pair", block="run"
    )
    assert model.name == "mine"
    assert model.learning.input_columns == ("reward",)
    assert model.learning.needed_columns == ("reward", "pair", "run", "participant_id", "trial_id")


def test_what_cannot_be_composed_says_why():
    with pytest.raises(CompositionError, match="has a learning process already"):
        compose(RESCORLA_WAGNER, compose(RESCORLA_WAGNER, DDM))
    with pytest.raises(CompositionError, match="hgf_binary cannot drive softmax_inv_temperature_3"):
        compose(HGF_BINARY, CATALOGUE["softmax_inv_temperature_3"])
    with pytest.raises(CompositionError, match="cannot drive ddm by values_to_choice"):
        compose(RESCORLA_WAGNER, DDM, VALUES_TO_CHOICE)
    with pytest.raises(CompositionError, match="by prediction_to_choice"):
        compose(RESCORLA_WAGNER, SOFTMAX_2, PREDICTION_TO_CHOICE)


def test_too_many_options_and_shared_names_are_refused():
    few = replace(RESCORLA_WAGNER, options=(2, 3))
    with pytest.raises(CompositionError, match=r"knows 2 to 3 options; .* has 4"):
        compose(few, CATALOGUE["softmax_inv_temperature_4"])
    named = replace(HGF_CONTINUOUS, parameters=(*HGF_CONTINUOUS.parameters, DDM.parameter("a")))
    with pytest.raises(CompositionError, match="hgf_continuous and ddm both have a"):
        compose(named, DDM)
