from dataclasses import replace

import pytest

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.composition import compose
from driftmill.models.declaration import Prior
from driftmill.models.processes import RESCORLA_WAGNER
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.summary import products, summary

NORMAL = Prior("Normal", {"mu": 0.5, "sigma": 1.0})
DEVIATIONS = Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 0.5})})
TERMS = {"Intercept": NORMAL, "x": NORMAL, "1|participant_id": DEVIATIONS}


@pytest.fixture
def spec():
    return FitSpec(
        "f",
        get_model("ddm"),
        fixed={"z": 0.5, "t": "ter"},
        priors={"v": Prior("Normal", {"mu": 0.0, "sigma": 3.0})},
        regressions={"a": Regression("a", "1 + x + (1 | participant_id)", Link("log", 0.0), TERMS)},
        p_outlier=0.05,
    )


def test_trials_that_are_not_scored_are_counted_in_words(spec):
    told = summary(spec, 200, 4, 3)
    assert "Observations: 197 trials of 4 participants; 3 more trials without a response" in told
    assert "within the limits: left out" in told
    learner = FitSpec("f", compose(RESCORLA_WAGNER, get_model("ddm")))
    assert "1 more trial without a response" in summary(learner, 200, 4, 1)
    assert "lived through by learning, not scored" in summary(learner, 200, 4, 1)


def test_every_parameter_is_told(spec):
    assert (
        summary(spec, 200, 4)
        == """\
Fit: f
Model: ddm (Drift diffusion model)
Response: rt, response
Choices: -1, 1
Likelihood: analytical
Observations: 200 trials of 4 participants

Parameters:

v: drift rate, upwards
    Prior: Normal(mu=0, sigma=3)
    Support: (-inf, inf)

a: half the distance between the bounds
    Formula: a ~ 1 + x + (1 | participant_id)
    Priors:
        a_Intercept ~ Normal(mu=0.5, sigma=1)
        a_x ~ Normal(mu=0.5, sigma=1)
        a_1|participant_id ~ Normal(mu=0, sigma=HalfNormal(sigma=0.5))
    Link: log
    Support: (0, inf)
    Groups: non-centred

z: relative starting point
    Held at: 0.5

t: non-decision time in seconds
    Held at: the column ter, trial by trial

Lapses: 0.05 of trials
Lapse distribution: uniform over response times from 0 to 20 s and 2 choices
"""
    )


def test_priors_that_reach_past_the_support_are_said_to_be_cut(spec):
    identity = Regression("a", "1 + x", Link("identity"), {"Intercept": NORMAL, "x": NORMAL})
    text = summary(
        replace(spec, priors={}, fixed={"z": NORMAL.args["mu"]}, regressions={"a": identity}), 9, 1
    )
    assert "a_Intercept ~ Normal(mu=0.5, sigma=1), truncated to the support" in text
    assert "a_x ~ Normal(mu=0.5, sigma=1)\n" in text
    assert "Groups" not in text
    plain = summary(replace(spec, regressions={}, priors={"a": NORMAL}), 9, 1)
    assert "Prior: Normal(mu=0.5, sigma=1), truncated to the support" in plain
    assert "Observations: 9 trials of 1 participant\n" in plain


@pytest.mark.parametrize(
    ("p_outlier", "told"),
    [
        (0.0, "Lapses: none\n"),
        (Prior("Beta", {"alpha": 1.0, "beta": 9.0}), "    Prior: Beta(alpha=1, beta=9)\n"),
        (
            Regression("p_outlier", "1 + (1 | participant_id)", Link("logit", 0.0, 1.0), TERMS),
            "    Formula: p_outlier ~ 1 + (1 | participant_id)\n",
        ),
    ],
)
def test_lapses(spec, p_outlier, told):
    text = summary(replace(spec, p_outlier=p_outlier), 9, 1)
    assert told in text
    assert ("Lapse distribution" in text) == (p_outlier != 0.0)


def test_choices_alone_have_no_lapse_times_and_a_product():
    spec = FitSpec("s", get_model("softmax_inv_temperature_2"), p_outlier=0.1)
    text = summary(spec, 9, 0)
    assert "Observations: 9 trials\n" in text
    assert "Lapse distribution: uniform over 2 choices\n" in text
    assert text.endswith("Only products are identified: beta × logit1\n")


@pytest.mark.parametrize(
    ("model", "fixed", "expected"),
    [
        ("softmax_inv_temperature_2", {}, (("beta", "logit1"),)),
        ("softmax_inv_temperature_2", {"beta": 2.0}, ()),
        ("softmax_inv_temperature_3", {"logit1": 0.5}, (("beta", "logit2"),)),
        ("ddm", {}, ()),
    ],
)
def test_products_of_free_parameters(model, fixed, expected):
    assert products(FitSpec("s", get_model(model), fixed=fixed)) == expected


def test_a_learning_model_says_what_it_learns_from_and_what_that_drives():
    model = compose(RESCORLA_WAGNER, get_model("ddm"), cue="pair", block="session")
    text = summary(FitSpec("f", model), 40, 2)
    assert (
        "Learning: rescorla_wagner from feedback; kept for each pair; anew at each session" in text
    )
    assert "Decision: ddm, v by learning" in text
    assert (
        "rl_forget: share by which options not chosen decay to rl_q0 a trial\n    Held at: 0"
        in text
    )
