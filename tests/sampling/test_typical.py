"""The centre of hierarchies: sds near their estimates, coordinates that make sampling easy."""

import numpy as np
import pytest
from tests.regression.specs import IDENTITY, group, normal

from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.variables import slices_of, unflatten
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.posterior import Target
from driftmill.sampling.programs import Programs
from driftmill.sampling.scales import groups_of, products_of
from driftmill.sampling.settings import SamplingSettings
from driftmill.simulation.simulate import simulate_trials

MODEL = get_model("softmax_inv_temperature_2")
PRIORS = {"Intercept": normal(1.0), "x": normal(1.0), "1|participant_id": group(1.0)}
FORMULA = "1 + x + (1 | participant_id)"


def spec_of(noncentered=True, fixed=None):
    formula = Regression("logit1", FORMULA, IDENTITY, PRIORS, noncentered)
    return FitSpec("softmax", MODEL, fixed=fixed or {}, regressions={"logit1": formula})


def data_of(participants=12, trials=60, sd=0.6, seed=0):
    rng = np.random.default_rng(seed)
    n = participants * trials
    who = np.repeat(np.arange(participants), trials)
    x = rng.normal(size=n)
    effects = rng.normal(size=participants)
    effects = sd * (effects - effects.mean()) / effects.std()
    parameters = {"beta": np.full(n, 2.0), "logit1": 0.3 + effects[who] + 0.5 * x}
    trials = simulate_trials(MODEL, parameters, np.random.SeedSequence(seed))
    return {**trials, "x": x, "participant_id": np.array([f"p{k:02}" for k in who], dtype=object)}


def centre_of(spec, columns):
    lifted, data = Lifter(spec, Shape(len(columns["x"]))).of(columns)
    target = Target(Programs(lifted, SamplingSettings()), data)
    mode = target.mode(np.random.default_rng(0))
    flat = target.natural(mode.position[None, None])[0, 0]
    return lifted, mode, unflatten(lifted.stored, flat), target


@pytest.mark.parametrize("noncentered", [True, False])
def test_the_sd_is_near_that_of_the_effects(noncentered):
    """Effects with an sd of exactly .6, known to about .15 each."""
    _, _, natural, _ = centre_of(spec_of(noncentered, {"beta": 2.0}), data_of())
    assert float(natural["logit1_1|participant_id_sigma"]) == pytest.approx(0.6, abs=0.15)
    assert float(natural["logit1_x"]) == pytest.approx(0.5, abs=0.15)


def effects_of(mode, target, lifted, z):
    """Return the sd and the effects (participants,) at whitened coordinates."""
    (found,) = groups_of(lifted.free)
    natural = target.natural(mode.positions(z)[None, None])[0, 0]
    sd = natural[found.sigma]
    return sd[0], natural[found.deviation] * (sd if found.offset else 1.0)


def test_both_parametrisations_have_the_same_coordinates():
    """Effects follow from whitened coordinates alike whichever of u and u / s is stored."""
    columns = data_of()
    z = np.random.default_rng(0).normal(size=15)
    found = []
    for noncentered in (True, False):
        lifted, mode, _, target = centre_of(spec_of(noncentered, {"beta": 2.0}), columns)
        order = [*range(3), *(3 + np.arange(12))]
        where = np.concatenate([np.arange(lifted.dimension)[s] for s in _in_order(lifted)])
        there = np.empty(15)
        there[where] = z[order]
        found.append(effects_of(mode, target, lifted, there))
    assert found[0][0] == pytest.approx(found[1][0], rel=0.02)
    np.testing.assert_allclose(found[0][1], found[1][1], atol=0.02)


def _in_order(lifted):
    """Return the places of the sd, the common coefficients, and the deviations."""
    (group,) = groups_of(lifted.free)
    taken = {group.sigma.start, *range(group.deviation.start, group.deviation.stop)}
    common = [slice(k, k + 1) for k in range(lifted.dimension) if k not in taken]
    return [group.sigma, *common, group.deviation]


def test_effects_of_which_the_data_say_more_change_less_with_the_sd():
    changes = []
    for trials in (10, 200):
        spec = spec_of(True, {"beta": 2.0})
        lifted, mode, _, target = centre_of(spec, data_of(trials=trials))
        (group,) = groups_of(lifted.free)
        z = np.zeros((2, lifted.dimension))
        z[1, group.sigma] = 1.0
        (one, here), (two, there) = (effects_of(mode, target, lifted, x) for x in z)
        assert two > one
        changes.append(np.sum(here * (there - here)) / np.sum(here**2) / np.log(two / one))
    assert 0.0 < changes[1] < 0.2 < changes[0]


def test_groups_that_cross_the_largest_are_centred_by_a_power():
    columns = data_of()
    columns["item"] = np.array([f"i{k % 6}" for k in range(len(columns["x"]))], dtype=object)
    priors = {**PRIORS, "1|item": group(1.0)}
    formula = Regression("logit1", f"{FORMULA} + (1 | item)", IDENTITY, priors, True)
    spec = FitSpec("softmax", MODEL, fixed={"beta": 2.0}, regressions={"logit1": formula})
    lifted, mode, _, _ = centre_of(spec, columns)
    removed = {g.name: mode.centring.removed[g.deviation] for g in groups_of(lifted.free)}
    assert np.all(removed["logit1_1|item"] > 0.05)
    assert np.all(removed["logit1_1|participant_id"] == 0.0)
    assert mode.conditional.places.shape == (12, 1)


def test_a_free_scale_is_held_and_divides_what_it_multiplies():
    columns = data_of()
    lifted, mode, natural, _ = centre_of(spec_of(), columns)
    (product,) = products_of(lifted.spec, lifted.free)
    where = dict(zip((v.name for v in lifted.free), slices_of(lifted.free), strict=True))
    assert product.scale == where["beta"].start
    centring = mode.centring
    assert centring.share[where["logit1_x"]].item() == -1.0
    assert centring.shift[where["logit1_1|participant_id_sigma"]].item() == -1.0
    assert np.count_nonzero(centring.share) == 2
    assert float(natural["beta"]) == pytest.approx(2.0)


def test_a_plain_fit_has_no_scales():
    spec = FitSpec("ddm", get_model("ddm"))
    columns = {"rt": np.linspace(0.5, 1.5, 40), "response": np.tile([-1, 1], 20)}
    lifted, _ = Lifter(spec, Shape(40)).of(columns)
    assert groups_of(lifted.free) == []
    assert products_of(spec, lifted.free) == []


@pytest.mark.parametrize("spec", [spec_of(False), spec_of(True)], ids=("centred", "non-centred"))
def test_an_unidentified_scale_does_not_spoil_the_sampler(spec):
    """Beta is known from its prior alone; its ridge with five other quantities is long."""
    columns = data_of(participants=8, trials=40)
    seeds = {0: np.random.SeedSequence(3)}
    settings = SamplingSettings(chains=2, draws=500, ladder=())
    tree = fit_batch(spec, {0: columns}, settings, seeds, Shape(320), lambda line: None)
    assert tree["sample_stats"]["n_steps"].mean() < 20
    assert tree["diagnostics"]["ess_bulk"].min() > 150
    assert tree["diagnostics"]["r_hat"].max() < 1.05
