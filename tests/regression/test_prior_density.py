"""The density of draws under the priors against PyMC's own, and against scipy's by hand."""

import numpy as np
import pytest
import xarray as xr
from pytensor.compile.mode import get_mode
from scipy import stats

from driftmill.formulas.links import default_link, link_of
from driftmill.formulas.regression import Regression
from driftmill.models import Prior, get_model
from driftmill.regression.build import build_model
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_density import log_prior, top_priors
from driftmill.regression.prior_draws import prior_draws

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
DDM = get_model("ddm")


def normal(mu, sigma):
    return Prior("Normal", {"mu": mu, "sigma": sigma})


def formula(parameter, text, priors, link=None):
    declared = DDM.parameter(parameter)
    chosen = default_link(declared) if link is None else link_of(declared, link)
    return Regression(parameter, text, chosen, priors)


GROUPS = Prior("Normal", {"mu": 0.0, "sigma": Prior("Gamma", {"alpha": 4.0, "beta": 8.0})})
V = {"Intercept": normal(0.5, 1.0), "c": normal(-1.0, 0.3), "1|participant_id": GROUPS}
SPEC = FitSpec(
    "f",
    DDM,
    fixed={"z": 0.5},
    priors={"t": normal(0.3, 0.3)},
    regressions={
        "v": formula("v", "1 + c + (1 | participant_id)", V),
        "a": formula("a", "1", {"Intercept": normal(0.4, 0.6)}, "identity"),
    },
    p_outlier=Prior("Beta", {"alpha": 2.0, "beta": 20.0}),
)
SHAPES = {"v_c": (2,), "v_1|participant_id": (3,)}


@pytest.fixture(scope="module")
def posterior():
    """Return draws of two datasets, of which the second lacks one level of c."""
    drawn = prior_draws(SPEC, SHAPES, 6, np.random.SeedSequence(1))
    variables = {}
    for name, values in drawn.items():
        array = np.repeat(values.reshape(2, 3, 1, *values.shape[1:]), 2, axis=2)
        if name == "v_c":
            array[:, :, 1, 1] = np.nan
        dims = [f"{name}_{k}" for k in range(values.ndim - 1)]
        variables[name] = (("chain", "draw", "dataset", *dims), array)
    return xr.Dataset(variables, {"dataset": [4, 9]})


def test_priors_that_depend_on_nothing_are_pymcs(posterior):
    rng, n = np.random.default_rng(0), 18
    columns = {
        "rt": rng.uniform(0.6, 2.0, n),
        "response": rng.choice([-1, 1], n),
        "c": np.resize(["h", "l", "m"], n),
        "participant_id": np.repeat(["s1", "s2", "s3"], 6),
    }
    model = build_model(SPEC, columns)
    top = [model[name] for name in top_priors(SPEC)]
    assert {rv.name for rv in model.free_RVs} - {rv.name for rv in top} == {
        "v_1|participant_id_offset"
    }
    values = [model.rvs_to_values[rv] for rv in top]
    density = model.compile_fn(
        model.logp(vars=top, jacobian=False), inputs=values, mode=get_mode("FAST_COMPILE"),
        point_fn=False,
    )  # fmt: skip
    found = log_prior(SPEC, posterior, 4)
    assert found.shape == (2, 3)
    for chain, draw in ((0, 0), (1, 2)):
        one = posterior.sel(dataset=4).isel(chain=chain, draw=draw)
        point = []
        for rv in top:
            natural = one[rv.name].to_numpy()
            transform = model.rvs_to_transforms[rv]
            moved = natural if transform is None else transform.forward(natural, *rv.owner.inputs)
            point.append(np.asarray(moved if transform is None else moved.eval()))
        assert found[chain, draw] == pytest.approx(float(density(*point)), rel=1e-10)


def test_a_level_that_a_dataset_lacks_has_no_density(posterior):
    one = posterior.sel(dataset=9).isel(chain=1, draw=2)
    cut = stats.truncnorm(-0.4 / 0.6, np.inf, 0.4, 0.6), stats.truncnorm(-1.0, np.inf, 0.3, 0.3)
    expected = (
        stats.norm(0.5, 1.0).logpdf(one["v_Intercept"])
        + stats.norm(-1.0, 0.3).logpdf(one["v_c"].to_numpy()[0])
        + stats.gamma(4.0, scale=1 / 8.0).logpdf(one["v_1|participant_id_sigma"])
        + cut[0].logpdf(one["a_Intercept"])
        + cut[1].logpdf(one["t"])
        + stats.beta(2.0, 20.0).logpdf(one["p_outlier"])
    )
    assert log_prior(SPEC, posterior, 9)[1, 2] == pytest.approx(float(expected), rel=1e-12)


def test_a_failed_posterior_has_no_density(posterior):
    assert np.isnan(log_prior(SPEC, posterior * np.nan, 4)).all()
