import math
from dataclasses import replace

import numpy as np
import pytest

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models.declaration import Prior
from driftmill.models.priors import Distribution
from driftmill.recovery.roles import log_sd, roles_of

PEOPLE = "participant_id__factor_dim"


def test_every_variable_has_its_level_and_offsets_have_none(hierarchy):
    roles = roles_of(hierarchy.spec)
    assert {name: role.level for name, role in roles.items()} == {
        "t": "dataset",
        "v_Intercept": "group",
        "v_c": "group",
        "v_1|participant_id": "deviation",
        "v_1|participant_id_sigma": "sd",
        "v_c|participant_id": "deviation",
        "v_c|participant_id_sigma": "sd",
        "a_Intercept": "group",
        "a_1|participant_id": "deviation",
    }
    stored = set(hierarchy.tree["posterior"].data_vars)
    assert stored - set(roles) == {"v_1|participant_id_offset", "v_c|participant_id_offset"}
    assert {name for name, role in roles.items() if role.people == PEOPLE} == {
        name for name, role in roles.items() if role.level == "deviation"
    }


def test_widths_of_priors_in_closed_form(hierarchy):
    sd = {name: role.prior_sd for name, role in roles_of(hierarchy.spec).items()}
    assert sd["t"] == hierarchy.spec.prior_of("t").sd
    assert sd["v_Intercept"] == 2.0
    assert sd["v_c"] == 0.6
    assert sd["v_1|participant_id_sigma"] == pytest.approx(1.5 * math.sqrt(1 - 2 / math.pi))
    # E[sigma^2] of a half-normal of scale s is s^2, of an exponential of rate r it is 2 / r^2.
    assert sd["v_1|participant_id"] == pytest.approx(1.5)
    assert sd["v_c|participant_id"] == pytest.approx(math.sqrt(2) / 1.25)
    assert sd["a_1|participant_id"] == pytest.approx(0.3)


def with_a(spec, **changes):
    return replace(spec, regressions=dict(spec.regressions) | {"a": Regression("a", **changes)})


def test_an_intercept_without_a_link_stays_in_the_support(hierarchy):
    wide = Prior("Normal", {"mu": 0.5, "sigma": 2.0})
    spec = with_a(
        hierarchy.spec,
        formula="1 + x",
        link=Link("identity"),
        priors={"Intercept": wide, "x": wide},
    )
    roles = roles_of(spec)
    assert roles["a_Intercept"].prior_sd == Distribution(wide, 0.0, math.inf).sd
    assert roles["a_x"].prior_sd == 2.0


def test_groups_of_other_columns_are_not_participants(hierarchy):
    prior = Prior(
        "StudentT",
        {"nu": Prior("Gamma", {"alpha": 2.0, "beta": 0.1}), "mu": 0.0, "sigma": 1.0},
    )
    spec = with_a(
        hierarchy.spec, formula="0 + (1 | item)", link=Link("log", 0.0), priors={"1|item": prior}
    )
    roles = roles_of(spec)
    assert roles["a_1|item"].people is None
    assert np.isnan(roles["a_1|item"].prior_sd)
    assert roles["a_1|item_nu"].level == "sd"
    assert roles["a_1|item_nu"].prior_sd == pytest.approx(math.sqrt(200))


@pytest.mark.parametrize(
    ("prior", "ends", "sd"),
    [
        (Prior("LogNormal", {"mu": 0.3, "sigma": 0.8}), (0.0, math.inf), 0.8),
        # Logarithms of Gammas and exponentials have the variance polygamma(1, shape).
        (Prior("Gamma", {"alpha": 3.0, "beta": 2.0}), (0.0, math.inf), math.sqrt(0.394934)),
        (Prior("Exponential", {"lam": 2.0}), (0.0, math.inf), math.pi / math.sqrt(6)),
        (Prior("Uniform", {"lower": 0.0, "upper": 3.0}), (0.0, math.inf), 1.0),
        (Prior("Normal", {"mu": 0.0, "sigma": 1.0}), (-math.inf, math.inf), math.nan),
    ],
)
def test_widths_of_logarithms_in_closed_form(prior, ends, sd):
    assert log_sd(Distribution(prior, *ends)) == pytest.approx(sd, rel=4e-3, nan_ok=True)
