import math

import arviz_stats as azs
import numpy as np
import pytest

from driftmill.recovery.participants import own_values

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def found(hierarchy):
    return {(q.parameter, q.participant): q for q in own_values(hierarchy.tree, hierarchy.spec)}


def draws_of(hierarchy, name, **labels):
    return hierarchy.tree["posterior"][name].sel(dataset=4, **labels).to_numpy()


def test_values_on_the_scale_they_are_read_on(found, hierarchy):
    person = {"participant_id__factor_dim": "s2"}
    own = draws_of(hierarchy, "a_Intercept") + draws_of(hierarchy, "a_1|participant_id", **person)
    np.testing.assert_allclose(found["a (participant)", "s2"].draws[0], np.exp(own).ravel())
    slope = draws_of(hierarchy, "v_c", v_c_dim="z") + draws_of(
        hierarchy, "v_c|participant_id", c__expr_dim="z", **person
    )
    np.testing.assert_allclose(found["v_c[z] (participant)", "s2"].draws[0], slope.ravel())
    assert {label for label, _ in found} == {
        "v (participant)",
        "v_c[b] (participant)",
        "v_c[z] (participant)",
        "a (participant)",
    }
    assert {q.level for q in found.values()} == {"participant"}


def test_diagnostics_are_those_of_the_values(found, hierarchy):
    one = found["v (participant)", "s1"]
    values = one.draws[0].reshape(4, 60)
    assert one.diagnostics["r_hat"][0] == pytest.approx(azs.rhat(values))
    assert one.diagnostics["ess_bulk"][0] == pytest.approx(azs.ess(values))
    assert np.isnan(one.diagnostics["ess_bulk"]).tolist() == [False, False, True]
    assert np.isnan(found["v (participant)", "s3"].diagnostics["r_hat"]).tolist() == [0, 1, 1]


def test_posteriors_that_are_not_judged_have_no_diagnostics(hierarchy):
    blind = hierarchy.tree.copy()
    blind["diagnostics"] = hierarchy.tree["diagnostics"] * np.nan
    for quantity in own_values(blind, hierarchy.spec):
        assert np.isnan(quantity.diagnostics["r_hat"]).all()


def test_priors_add_up_where_no_link_bends_them(found):
    assert found["v (participant)", "s1"].prior_sd == pytest.approx(math.hypot(2.0, 1.5))
    width = math.hypot(0.6, math.sqrt(2) / 1.25)
    assert found["v_c[b] (participant)", "s1"].prior_sd == pytest.approx(width)
    assert math.isnan(found["a (participant)", "s1"].prior_sd)
