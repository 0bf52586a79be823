import numpy as np
import pymc as pm
import pytest
from pytensor.compile.mode import get_mode
from scipy import stats

from driftmill.formulas.links import default_link, link_of
from driftmill.formulas.regression import Regression
from driftmill.models import Prior, get_model
from driftmill.regression.build import build_model
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_draws import draw_deviations, prior_draws

#: Bambi asks pandas for columns by a word that pandas means to redefine.
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
DDM = get_model("ddm")


def normal(mu, sigma):
    return Prior("Normal", {"mu": mu, "sigma": sigma})


def deviations(sigma, **more):
    name = "StudentT" if more else "Normal"
    return Prior(name, {"mu": 0.0, "sigma": Prior("Gamma", {"alpha": 4.0, "beta": sigma}), **more})


def formula(parameter, text, priors, link=None, noncentered=True):
    declared = DDM.parameter(parameter)
    chosen = default_link(declared) if link is None else link_of(declared, link)
    return Regression(parameter, text, chosen, priors, noncentered)


V = {
    "Intercept": normal(0.5, 1.0),
    "x": normal(0.0, 0.5),
    "c": normal(-1.0, 0.3),
    "1|participant_id": deviations(8.0),
    "c|participant_id": deviations(16.0),
}
A = {"Intercept": normal(0.4, 0.6), "1|participant_id": deviations(10.0)}
SPEC = FitSpec(
    "f",
    DDM,
    priors={"z": Prior("Beta", {"alpha": 4.0, "beta": 2.0}), "t": normal(0.3, 0.3)},
    regressions={
        "v": formula("v", "1 + x + c + (1 + c | participant_id)", V),
        "a": formula("a", "1 + (1 | participant_id)", A, "identity", noncentered=False),
    },
    p_outlier=Prior("Beta", {"alpha": 2.0, "beta": 20.0}),
)


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    n = 24
    columns = {
        "rt": rng.uniform(0.6, 2.0, n),
        "response": rng.choice([-1, 1], n),
        "x": rng.normal(size=n),
        "c": np.resize(["h", "l", "m"], n),
        "participant_id": np.repeat(["s1", "s2", "s3", "s4"], 6),
    }
    return build_model(SPEC, columns)


@pytest.fixture(scope="module")
def shapes(model):
    return {v.name: tuple(v.shape.eval()) for v in (*model.free_RVs, *model.deterministics)}


def draw(shapes, n=20_000, seed=1, spec=SPEC):
    return prior_draws(spec, shapes, n, np.random.SeedSequence(seed))


def test_draws_are_those_of_pymc(model, shapes):
    wanted = [*model.free_RVs, *(d for d in model.deterministics if "|" in d.name)]
    n = 4_000
    theirs = pm.draw(wanted, n, random_seed=3, mode=get_mode("FAST_COMPILE"))
    ours = draw(shapes)
    assert set(ours) == {variable.name for variable in wanted}
    for variable, values in zip(wanted, theirs, strict=True):
        mine, yours = ours[variable.name], np.asarray(values)
        assert mine.shape[1:] == yours.shape[1:], variable.name
        for element in np.ndindex(mine.shape[1:]):
            one, two = mine[(slice(None), *element)], yours[(slice(None), *element)]
            assert stats.ks_2samp(one, two).pvalue > 1e-4, (variable.name, element)


def test_a_plain_parameter_stays_in_its_support(shapes):
    t = draw(shapes)["t"]
    assert t.min() > 0.0
    assert stats.kstest(t, stats.truncnorm(-1.0, np.inf, 0.3, 0.3).cdf).pvalue > 1e-4


def test_an_intercept_on_the_identity_scale_stays_in_the_support(shapes):
    found = draw(shapes)
    assert found["a_Intercept"].min() > 0.0
    assert found["v_Intercept"].min() < 0.0
    cut = stats.truncnorm(-0.4 / 0.6, np.inf, 0.4, 0.6)
    assert stats.kstest(found["a_Intercept"], cut.cdf).pvalue > 1e-4


def test_multiples_of_the_sd_make_the_deviations(shapes):
    found = draw(shapes, 50)
    name = "v_c|participant_id"
    expected = found[f"{name}_offset"] * found[f"{name}_sigma"][:, None, :]
    np.testing.assert_allclose(found[name], expected, rtol=1e-15)
    assert "a_1|participant_id_offset" not in found


def test_every_variable_has_a_stream_of_its_own(shapes):
    first = draw(shapes, 10)
    changed = FitSpec("f", DDM, regressions={"v": SPEC.regressions["v"]}, priors=SPEC.priors)
    second = draw(shapes, 10, spec=changed)
    for name, values in second.items():
        if name in first:
            np.testing.assert_array_equal(values, first[name])
    streams = [values.ravel()[:3].tolist() for values in draw(shapes, 10).values()]
    assert len({tuple(s) for s in streams}) == len(streams)


def test_the_seed_decides(shapes):
    np.testing.assert_array_equal(draw(shapes, 5)["v_x"], draw(shapes, 5)["v_x"])
    assert (draw(shapes, 5)["v_x"] != draw(shapes, 5, seed=2)["v_x"]).all()


def test_fewer_draws_are_the_first_of_more(shapes):
    few, many = draw(shapes, 5), draw(shapes, 50)
    for name, values in few.items():
        np.testing.assert_array_equal(values, many[name][:5])


def test_heavy_tails_scale_with_sigma():
    priors = {"Intercept": normal(0.0, 1.0), "1|g": deviations(8.0, nu=3.0)}
    one = formula("v", "1 + (1 | g)", priors, noncentered=False)
    sigma = np.full(20_000, 0.5)
    rng = np.random.default_rng(1)
    found = draw_deviations(one, "1|g", {"v_1|g_sigma": sigma}, 2, rng)["v_1|g"]
    assert found.shape == (20_000, 2)
    assert stats.kstest(found[:, 1], stats.t(3.0, 0.0, 0.5).cdf).pvalue > 1e-4
