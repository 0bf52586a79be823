"""Default priors: complete, on the predictor's scale, and what they mean on the natural one."""

import math

import numpy as np
import pytest

from driftmill.formulas.defaults import own_value_term, term_priors
from driftmill.formulas.links import default_link, link_of
from driftmill.formulas.terms import terms_of
from driftmill.models import CATALOGUE, Prior
from driftmill.models.nested import DeviationPrior
from driftmill.models.priors import Distribution
from driftmill.regression.fit_spec import P_OUTLIER

PARAMETERS = {p.name: p for name in ("ddm_sdv", "angle") for p in CATALOGUE[name].parameters}
PARAMETERS["p_outlier"] = P_OUTLIER
PARAMETERS["beta"] = CATALOGUE["softmax_inv_temperature_2"].parameter("beta")
FORMULAS = (
    "1",
    "1 + x + C(c) + x:c + (1 + x | participant_id)",
    "0 + C(c) + (0 + x | participant_id)",
    "0 + x + (1 | participant_id)",
)


def normal(mu, sigma):
    return Prior("Normal", {"mu": mu, "sigma": sigma})


def half(sigma):
    return Prior("HalfNormal", {"sigma": sigma})


def deviations(sd):
    return Prior("Normal", {"mu": 0.0, "sigma": sd})


def priors(name, formula="1 + x + (1 + x | g)", link=None, given=None, **more):
    parameter = PARAMETERS[name]
    chosen = link_of(parameter, link) if link else default_link(parameter)
    return term_priors(parameter, chosen, terms_of(formula), given, **more)


@pytest.mark.parametrize("prior_set", ["default", "hssm"])
@pytest.mark.parametrize("settings", ["log_logit", "identity"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_every_term_of_every_parameter_has_a_prior_that_can_be(formula, settings, prior_set):
    terms = terms_of(formula)
    parameters = [p for model in CATALOGUE.values() for p in model.parameters]
    for parameter in (*parameters, P_OUTLIER):
        link = default_link(parameter, settings)
        found = term_priors(parameter, link, terms, prior_set=prior_set)
        assert tuple(found) == terms.names
        for name in terms.common:
            bounds = (-math.inf, math.inf)
            if link.name == "identity" and name == "Intercept":
                bounds = (parameter.lower, parameter.upper)
            assert math.isfinite(Distribution(found[name], *bounds).sd)
        for term in terms.groups:
            assert math.isfinite(DeviationPrior(found[term.name]).sd)


@pytest.mark.parametrize(
    ("name", "link", "intercept", "slope", "sd"),
    [
        ("v", None, normal(0.0, 2.0), 1.0, 1.0),
        ("a", None, normal(math.log(1.2), 0.5), 0.5, 0.5),
        ("t", None, normal(math.log(0.3), 0.7), 0.5, 0.5),
        ("sv", None, normal(math.log(0.7), 0.7), 0.5, 0.5),
        ("z", None, normal(0.0, 0.7), 0.5, 0.5),
        ("theta", None, normal(0.0, 1.0), 0.5, 0.5),
        ("p_outlier", None, normal(-3.0, 1.0), 0.5, 0.5),
        ("a", "identity", half(2.0), 0.5, 0.5),
        ("t", "identity", half(2.0), 0.1, 0.1),
        ("z", "identity", Prior("Uniform", {"lower": 0.0, "upper": 1.0}), 0.1, 0.1),
        ("theta", "identity", PARAMETERS["theta"].prior, 0.2, 0.2),
        ("p_outlier", "identity", P_OUTLIER.prior, 0.05, 0.05),
    ],
)
def test_the_default_set(name, link, intercept, slope, sd):
    assert priors(name, link=link) == {
        "Intercept": intercept,
        "x": normal(0.0, slope),
        "1|g": deviations(half(sd)),
        "x|g": deviations(half(sd)),
    }


@pytest.mark.parametrize(
    ("name", "link", "lower", "upper"),
    [
        ("v", None, -4.0, 4.0),
        ("a", None, 0.45, 3.2),
        ("t", None, 0.08, 1.2),
        ("sv", None, 0.18, 2.8),
        ("z", None, 0.2, 0.8),
        ("theta", None, 0.085, 1.215),
        ("p_outlier", None, 0.007, 0.26),
    ],
)
def test_the_intercepts_mean_what_is_said_on_the_natural_scale(name, link, lower, upper):
    parameter = PARAMETERS[name]
    prior = Distribution(priors(name)["Intercept"])
    ends = default_link(parameter).inverse(prior.ppf([0.025, 0.975]))
    np.testing.assert_allclose(ends, [lower, upper], rtol=0.05)


WEIBULL = Prior("Weibull", {"alpha": 1.5, "beta": 0.3})


@pytest.mark.parametrize(
    ("name", "intercept"),
    [
        ("v", normal(2.0, 3.0)),
        ("a", Prior("Gamma", {"mu": 1.5, "sigma": 0.75})),
        ("z", Prior("Beta", {"alpha": 10.0, "beta": 10.0})),
        ("t", Prior("Gamma", {"mu": 0.2, "sigma": 0.2})),
        ("sv", half(2.0)),
        ("theta", normal((1.4 - 0.1) / 2, 0.25)),
    ],
)
def test_the_set_of_hssm(name, intercept):
    rest = {"x": normal(0.0, 0.25), "1|g": deviations(WEIBULL), "x|g": deviations(WEIBULL)}
    assert priors(name, link="identity", prior_set="hssm") == {"Intercept": intercept, **rest}
    if name != "v":
        transformed = priors(name, prior_set="hssm")
        assert transformed == {"Intercept": normal(0.0, 0.25), **rest}


def test_given_priors_come_before_those_of_their_kind_and_these_before_defaults():
    one, two, three = normal(0.0, 3.0), normal(1.0, 4.0), deviations(half(9.0))
    given = {"x": one, "common": two, "group_specific": three}
    found = priors("v", "1 + x + y + (1 + x | g)", given=given)
    assert found == {
        "Intercept": normal(0.0, 2.0),
        "x": one,
        "y": two,
        "1|g": three,
        "x|g": three,
    }
    assert priors("v", given={"Intercept": two})["Intercept"] == two


def test_without_an_intercept_the_first_term_has_the_prior_of_values():
    found = priors("t", "0 + C(c) + x")
    assert found == {"C(c)": normal(math.log(0.3), 0.7), "x": normal(0.0, 0.5)}
    assert priors("t", "0 + x + C(c)") == dict(reversed(found.items()))
    assert priors("t", "0 + c", prior_set="hssm") == {"c": normal(0.0, 0.25)}
    assert own_value_term(terms_of("0 + (1 | g)")) is None


def test_deviations_around_nothing_are_as_wide_as_values():
    found = priors("t", "0 + (1 + x | g)")
    assert found["1|g"] == deviations(half(math.hypot(math.log(0.3), 0.7)))
    assert found["x|g"] == deviations(half(0.5))
    assert priors("t", "0 + C(c) + (1 | g)")["1|g"] == deviations(half(0.5))


def test_a_true_slope_of_eight_tenths_is_hardly_shrunk():
    # A slope that 1,000 trials know to .05 on the predictor's scale.
    for name in ("v", "a"):
        sd = Distribution(priors(name)["x"]).sd
        assert 0.8 * sd**2 / (sd**2 + 0.05**2) > 0.79


def words(prior, link):
    """Write a prior as the manual has it."""
    args = list(prior.args.values())
    if link == "log" and prior.name == "Normal" and prior.args["mu"]:
        return f"Normal(log {math.exp(args[0]):g}, {args[1]:g})"
    return f"{prior.name}({', '.join(f'{x:g}' for x in args)})"


def test_the_manual_has_the_defaults_by_parameter_and_link(project_root):
    manual = (project_root / "config" / "README.md").read_text(encoding="utf-8")
    section = manual.split("### Default priors of formulas")[1].split("### ")[0]
    rows = [
        [c.strip() for c in line.split("|")[1:-1]] for line in section.splitlines() if "|" in line
    ]
    told = [row for row in rows if row[0].startswith("`")]
    assert len(told) == 13
    for name, link, intercept, slope, sd, _ in told:
        parameter = PARAMETERS[name.strip("`")]
        found = term_priors(parameter, link_of(parameter, link), terms_of("1 + x + (1 | g)"))
        assert intercept == words(found["Intercept"], link)
        assert slope == words(found["x"], "identity")
        assert sd == words(found["1|g"].args["sigma"], "identity")
