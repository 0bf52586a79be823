"""Black boxes by samplers without gradients, against NUTS on the same density."""

from dataclasses import replace

import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.pointwise import PointwiseLikelihood
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.gradient_free import sample_gradient_free
from driftmill.sampling.programs import Programs
from driftmill.sampling.settings import Gates, Rung, SamplingSettings

RACE = get_model("racing_diffusion_2")
#: No start variability and one drift: first passages of a Wald distribution and its rival.
FIXED = {"A": 1e-6, "v1": 1e-6}
TRIALS = 80


def wald_race(rt, response, A, b, v0, v1, t, theta):
    """The race of two Wald accumulators from 0, in plain NumPy."""
    from scipy.special import log_ndtr

    time = rt - t
    late = np.where(time > 0, time, 1.0)
    root = np.sqrt(late)

    def density(v):
        return np.log(b) - 0.5 * np.log(2 * np.pi * late**3) - (b - v * late) ** 2 / (2 * late)

    def survivor(v):
        kept = log_ndtr((b - v * late) / root)
        back = 2 * v * b + log_ndtr(-(b + v * late) / root)
        return kept + np.log1p(-np.exp(np.minimum(back - kept, -1e-12)))

    v0, v1 = v0 + np.tan(theta), v1 + np.tan(theta)
    first = density(v0) + survivor(v1)
    second = density(v1) + survivor(v0)
    return np.where(time > 0, np.where(response == 0, first, second), -np.inf)


BOX = replace(RACE, name="box", likelihoods={"blackbox": wald_race})


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(4)
    values = {"A": 1e-6, "b": 1.2, "v0": 2.5, "v1": 1e-6, "t": 0.25, "theta": 0.0}
    return RACE.simulator(rng, {name: np.full(TRIALS, x) for name, x in values.items()})


def batch(model, columns, sampler="nuts", **given):
    gates = Gates(r_hat=1.03, ess_bulk=150, ess_tail=100, mcse_ratio=0.1)
    given = {"chains": 2, "draws": 250, "ladder": (), "gates": gates, **given}
    settings = SamplingSettings(sampler=sampler, **given)
    seeds = {0: np.random.SeedSequence(8)}
    spec = FitSpec("f", model, FIXED)
    return spec, fit_batch(spec, {0: columns}, settings, seeds, Shape(TRIALS), lambda line: None)


@pytest.fixture(scope="module")
def by_nuts(columns):
    return batch(RACE, columns)[1]


@pytest.fixture(scope="module")
def boxed(columns):
    return batch(BOX, columns)


def test_a_black_box_has_the_posterior_of_the_gradient_route(by_nuts, boxed):
    _, tree = boxed
    assert tree["result"]["code"].item() == "ok"
    for name in ("b", "v0", "t"):
        one, two = (x["posterior"][name].to_numpy() for x in (by_nuts, tree))
        ratio = tree["diagnostics"]["mcse_ratio"].sel(parameter=name).item()
        ours = by_nuts["diagnostics"]["mcse_ratio"].sel(parameter=name).item()
        error = np.hypot(ratio * two.std(), ours * one.std())
        assert abs(one.mean() - two.mean()) < 5 * error
        # With n effective draws an sd is known to a share of about 1 / sqrt(2 n).
        n = tree["diagnostics"]["ess_tail"].sel(parameter=name).item()
        assert abs(np.log(one.std() / two.std())) < 5 / np.sqrt(n)


def test_what_a_sampler_without_energy_lacks_is_no_gate(boxed):
    _, tree = boxed
    assert tree["result"]["divergences"].item() == 0
    assert np.isnan(tree["result"]["e_bfmi"].item())
    assert np.isfinite(tree["sample_stats"]["lp"]).all()


def test_pointwise_likelihoods_are_those_of_the_function(boxed, columns):
    spec, tree = boxed
    values, draws = PointwiseLikelihood(Lifter(spec, Shape(TRIALS)))(columns, tree["posterior"], 0)
    named = dict(zip(("b", "t", "v0"), draws[1, 7], strict=True))
    expected = wald_race(columns["rt"], columns["response"], v1=1e-6, A=1e-6, theta=0, **named)
    np.testing.assert_allclose(values[1, 7], expected, rtol=1e-12)


def test_draws_are_reproducible_and_a_failure_is_a_code(columns):
    spec = FitSpec("f", BOX, FIXED)
    lifted, data = Lifter(spec, Shape(TRIALS)).of(columns)
    ladder = (Rung(20, 0.9, "prior"),)
    short = {"chains": 2, "draws": 10, "warmup": 5, "ladder": ladder, "gates": Gates(ess_bulk=1e6)}
    one, two = (
        sample_gradient_free(
            Programs(lifted, SamplingSettings(**short)), data, np.random.SeedSequence(3)
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(one.draws, two.draws)
    assert one.code == "not_converged"
    assert "ess_bulk" in one.message
    late = SamplingSettings(**short, timeout=1e-6)
    assert sample_gradient_free(Programs(lifted, late), data, np.random.SeedSequence(3)).code == (
        "timeout"
    )
    sliced = SamplingSettings(**short | {"ladder": ()}, sampler="slice")
    found = sample_gradient_free(Programs(lifted, sliced), data, np.random.SeedSequence(3))
    assert np.isfinite(found.draws).all()
