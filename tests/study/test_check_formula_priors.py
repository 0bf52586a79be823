"""Problems of the priors of a formula's terms."""

import pytest
from tests.study.fits_with_formulas import HALF, NESTED, NORMAL, entry, problems


@pytest.mark.parametrize(
    ("said", "field", "value", "message", "remedy"),
    [
        (
            {"include": [entry({"xx": NORMAL})]},
            "include[0].prior.xx",
            "Normal(mu=0, sigma=1)",
            "has no such term",
            "did you mean 'x'?",
        ),
        (
            {"include": [entry({"1|participant": NESTED})]},
            "include[0].prior.1|participant",
            "Normal(mu=0, sigma=HalfNormal(sigma=0.5))",
            "has no such term",
            "did you mean '1|participant_id'?",
        ),
        (
            {"include": [entry({"group_specific": NESTED}, formula="1 + x")]},
            "include[0].prior.group_specific",
            "Normal(",
            "has no terms of this kind",
            "known terms: Intercept, x, common",
        ),
        (
            {"include": [entry({"x": {"name": "Nromal", "mu": 0, "sigma": 1}})]},
            "include[0].prior.x.name",
            "'Nromal'",
            "unknown distribution",
            "did you mean 'Normal'?",
        ),
        (
            {"include": [entry({"x": {"name": "Flat"}})]},
            "include[0].prior.x.name",
            "'Flat'",
            "Flat cannot be a prior: it is improper",
            "known distributions",
        ),
        (
            {"include": [entry({"x": {"name": "Normal", "mu": 0, "sd": 1}})]},
            "include[0].prior.x",
            "Normal(mu=0, sd=1)",
            "takes the arguments (mu, sigma)",
            "as PyMC names them",
        ),
        (
            {"include": [entry({"x": NESTED})]},
            "include[0].prior.x",
            "Normal(mu=0, sigma=HalfNormal(sigma=0.5))",
            "sigma is a distribution, which only the sd of a term that varies over groups",
            "as PyMC names them",
        ),
        (
            {"include": [entry({"1|participant_id": NORMAL})]},
            "include[0].prior.1|participant_id",
            "Normal(mu=0, sigma=1)",
            "sigma, the sd over groups, needs a prior of its own",
            "sigma: {name: HalfNormal, sigma: 0.5}",
        ),
        (
            {"include": [entry({"1|participant_id": NESTED | {"mu": 1}})]},
            "include[0].prior.1|participant_id",
            "Normal(mu=1,",
            "mu must be 0",
            "give a nested prior",
        ),
        (
            {
                "include": [
                    entry({"1|participant_id": NESTED | {"sigma": HALF | {"name": "HalfNorml"}}})
                ]
            },
            "include[0].prior.1|participant_id.sigma.name",
            "'HalfNorml'",
            "unknown distribution",
            "did you mean 'HalfNormal'?",
        ),
        (
            {"include": [entry({"1|participant_id": NESTED | {"sigma": HALF | {"nu": 3}}})]},
            "include[0].prior.1|participant_id",
            "HalfNormal(sigma=0.5, nu=3)",
            "HalfNormal takes the arguments",
            "give a nested prior",
        ),
        (
            {"include": [entry({"group_specific": NESTED | {"name": "StudentT", "nu": 4}})]},
            "include[0].prior.group_specific",
            "StudentT(",
            "StudentT deviations cannot be multiples of their sd",
            "set noncentered: false",
        ),
        (
            {"include": [entry({"Intercept": NORMAL | {"mu": -90}}, name="a", link="identity")]},
            "include[0].prior.Intercept",
            "Normal(mu=-90, sigma=1)",
            "no mass inside the support (0, inf)",
            "inside (0, inf) can be drawn",
        ),
        (
            {"p_outlier": {"formula": "1", "prior": {"x": NORMAL}}},
            "p_outlier.prior.x",
            "Normal(",
            "has no such term",
            "known terms: Intercept",
        ),
        (
            {"p_outlier": {"name": "Uniform", "lower": 1, "upper": 2}},
            "p_outlier",
            "Uniform(lower=1, upper=2)",
            "no mass inside the support (0, 1)",
            "inside (0, 1) can be drawn",
        ),
    ],
)
def test_a_wrong_prior_is_told_with_its_place_and_remedy(said, field, value, message, remedy):
    (problem,) = problems(**said)
    assert problem.field == f"fits[0].{field}"
    assert value in problem.value
    assert message in problem.message
    assert remedy in problem.remedy
