"""Integrated likelihoods and what is made of them, against quadrature and against refits."""

import numpy as np
import pytest
from scipy import stats
from tests.comparison.hierarchies import (
    NORMAL,
    choice_integrals,
    choices,
    deviations,
    lifter_of,
    made_up,
    varying_intercept,
    without,
)

from driftmill.comparison.integrals import ENOUGH, IntegratedLikelihood, thinned
from driftmill.comparison.loo import loo_dataset
from driftmill.comparison.participants import loo_participants
from driftmill.formulas.links import Link, default_link
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.composition import compose
from driftmill.models.processes import RESCORLA_WAGNER
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.pointwise import PointwiseLikelihood
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.settings import SamplingSettings

PEOPLE, TRIALS = 6, 40
SETTINGS = SamplingSettings(draws=500)
SEED = np.random.SeedSequence([3, 1])


def posteriors_of(datasets):
    """Posteriors of datasets of one length."""
    seeds = {number: np.random.SeedSequence([1, number]) for number in datasets}
    shape = Shape(len(datasets[0]["response"]))
    tree = fit_batch(varying_intercept(), datasets, SETTINGS, seeds, shape, lambda line: None)
    assert set(tree["result"]["code"].values) <= {"ok", "retried_ok"}
    return tree["posterior"].to_dataset()


def values_of(posterior, draws=slice(None), dataset=0):
    """Scalar draws by name, shape (k,)."""
    one = posterior.sel(dataset=dataset).isel(draw=draws)
    return {n: v.to_numpy().reshape(-1) for n, v in one.data_vars.items() if v.ndim == 2}


def integrate(spec, columns, posterior, dataset=0, seed=SEED):
    people = columns["participant_id"]
    likelihood = IntegratedLikelihood(lifter_of(spec, columns))
    return likelihood(columns, people, posterior, dataset, seed)


@pytest.fixture(scope="module")
def columns():
    return choices(PEOPLE, TRIALS, seed=2)


@pytest.fixture(scope="module")
def posterior(columns):
    return posteriors_of({0: columns})


@pytest.fixture(scope="module")
def found(columns, posterior):
    return integrate(varying_intercept(), columns, posterior)


@pytest.fixture(scope="module")
def exact(columns, posterior):
    """Log likelihoods by quadrature, (chain, draw, participant)."""
    values = values_of(posterior, thinned(4, 500))
    each = [choice_integrals(columns, f"p{k}", values) for k in range(PEOPLE)]
    return np.stack(each, axis=-1).reshape(4, -1, PEOPLE)


def test_integrals_are_those_of_a_quadrature(found, exact):
    assert found.participants == tuple(f"p{k}" for k in range(PEOPLE))
    assert found.n_trials.tolist() == [TRIALS] * PEOPLE
    assert found.log_mean.shape == (4, 250, PEOPLE)
    assert found.effective.min() >= ENOUGH
    # Each mean over 1,000 draws has no bias; its error is that of independent integrals.
    for ratio in (np.exp(found.log_mean - exact), np.exp(exact - found.log_likelihood)):
        flat = ratio.reshape(-1, PEOPLE)
        error = flat.std(axis=0) / np.sqrt(len(flat))
        assert np.all(np.abs(flat.mean(axis=0) - 1) < 4.5 * error)
        assert error.max() < 0.01
    # The effective draws say how far off an integral is.
    z = (found.log_mean - exact) * np.sqrt(found.effective)
    assert np.mean(z**2) < 1.5


def test_elpd_of_new_participants_is_that_of_exact_integrals(found, exact):
    ours = loo_participants(found)
    theirs = loo_dataset(exact)
    # Both take the means of the same draws; what differs is the error of the integrals.
    assert np.all(np.abs(ours.loo.elpd - theirs.elpd) < 4 * ours.mcse)
    np.testing.assert_allclose(ours.loo.elpd, theirs.elpd, atol=0.03)
    np.testing.assert_allclose(ours.loo.p_loo, theirs.p_loo, atol=0.06)


@pytest.mark.long
def test_leaving_out_is_refitting_without(columns, found):
    ours = loo_participants(found)
    # One participant in six is so unlike the others that k may say leaving it out is too much.
    trusted = np.flatnonzero(ours.loo.pareto_k < ours.loo.k_limit)
    assert len(trusted) >= PEOPLE - 1
    others = {k: without(columns, person) for k, person in enumerate(found.participants)}
    refits = posteriors_of(others)
    for k in trusted:
        person, values = found.participants[k], values_of(refits, dataset=k)
        each = choice_integrals(columns, person, values)
        exact = np.logaddexp.reduce(each) - np.log(len(each))
        likely = np.exp(each - exact)
        error = np.hypot(ours.mcse[k], likely.std() / np.sqrt(len(likely) / 2))
        assert abs(ours.loo.elpd[k] - exact) < 4 * error, person
        assert error < 0.1


def test_parametrisations_agree(columns, posterior, exact):
    """The same draws as deviations themselves, and under heavy tails by their own quadrature."""
    term, names = "logit1_1|participant_id", {"draw": thinned(4, 500)}
    kept = posterior.isel(names).drop_vars(f"{term}_offset")
    centred = integrate(varying_intercept(noncentered=False), columns, kept)
    error = 1 / np.sqrt(centred.effective)
    assert np.mean(((centred.log_mean - exact) / error) ** 2) < 1.5
    heavy = deviations(0.7, "StudentT", nu=3.0)
    tailed = integrate(varying_intercept(noncentered=False, prior=heavy), columns, kept)
    u = np.linspace(-12, 12, 4001)
    values = {name: v[:20] for name, v in values_of(kept).items()}
    rows = columns["participant_id"] == "p2"
    for s in range(20):
        sd = values[f"{term}_sigma"][s]
        eta = values["logit1_Intercept"][s] + values["logit1_x"][s] * columns["x"][rows]
        each = -np.logaddexp(0, -2 * columns["response"][rows] * (eta + u[:, None])).sum(axis=1)
        total = each + stats.t(3.0, scale=sd).logpdf(u)
        expected = np.logaddexp.reduce(total) + np.log(u[1] - u[0])
        # Nothing in the draws knows of the tails, so their errors are larger.
        assert tailed.log_mean[0, s, 2] == pytest.approx(expected, abs=6 / np.sqrt(ENOUGH))
    assert not np.allclose(tailed.log_mean, centred.log_mean, atol=0.02)


def test_a_dataset_does_not_depend_on_its_batch(columns, posterior):
    few, spec = posterior.isel(draw=slice(0, 25)), varying_intercept()
    alone = integrate(spec, columns, few)
    likelihood, people = IntegratedLikelihood(lifter_of(spec, columns)), columns["participant_id"]
    likelihood(choices(PEOPLE, TRIALS, seed=9), people, few, 0, np.random.SeedSequence(8))
    again = likelihood(columns, people, few, 0, SEED)
    np.testing.assert_array_equal(again.log_likelihood, alone.log_likelihood)
    np.testing.assert_array_equal(again.log_mean, alone.log_mean)
    renewed = likelihood(columns, people, few, 0, np.random.SeedSequence(4))
    assert not np.array_equal(renewed.log_likelihood, alone.log_likelihood)


def test_without_effects_a_participant_is_the_sum_of_the_trials(columns):
    spec = FitSpec("plain", varying_intercept().model)
    posterior = made_up(spec, columns, {"beta": 2.0, "logit1": 0.3}, 0.05)
    given = {"response": columns["response"]}
    likelihood = IntegratedLikelihood(Lifter(spec, Shape(PEOPLE * TRIALS + 7, padded=True)))
    found = likelihood(given, columns["participant_id"], posterior, 0, SEED)
    trials, _ = PointwiseLikelihood(lifter_of(spec, given))(given, posterior, 0)
    sums = trials.reshape(4, 100, PEOPLE, TRIALS).sum(axis=-1)
    np.testing.assert_allclose(found.log_likelihood, sums, rtol=1e-12)
    assert np.isnan(found.effective).all()
    scored = loo_participants(found)
    assert scored.n_bad_integrals == 0
    np.testing.assert_allclose(scored.loo.elpd, loo_dataset(sums).elpd, rtol=0.01)


def test_a_learners_sequence_is_integrated_as_a_whole():
    """A learning rate and a temperature for each, against a loop over trials on a grid of both."""
    model = compose(RESCORLA_WAGNER, get_model("softmax_inv_temperature_2"))
    links = {name: default_link(model.parameter(name)) for name in ("rl_alpha", "beta")}
    terms = {"Intercept": NORMAL, "1|participant_id": deviations(0.7)}
    formula = "1 + (1 | participant_id)"
    spec = FitSpec(
        "learner",
        model,
        regressions={n: Regression(n, formula, link, terms) for n, link in links.items()},
    )
    rng = np.random.default_rng(6)
    people, trials = 3, 25
    columns = {
        "response": rng.choice([-1, 1], people * trials),
        "feedback": rng.choice([0.0, 1.0], people * trials),
        "participant_id": np.repeat(["a", "b", "c"], trials).astype(object),
        "trial_id": np.tile(np.arange(trials), people),
    }
    values = {"rl_alpha_Intercept": -0.5, "beta_Intercept": 0.7}
    posterior = made_up(spec, columns, values, 0.1, shape=(2, 20))
    found = integrate(spec, columns, posterior)
    z = np.linspace(-6, 6, 61)
    draws = values_of(posterior)
    weight = np.add.outer(stats.norm.logpdf(z), stats.norm.logpdf(z)) + 2 * np.log(z[1] - z[0])
    log_mean = found.log_mean.reshape(-1, people)
    effective = found.effective.reshape(-1, people)
    errors = []
    for s in range(40):
        eta = {
            n: draws[f"{n}_Intercept"][s] + draws[f"{n}_1|participant_id_sigma"][s] * z
            for n in links
        }
        alpha, beta = 1 / (1 + np.exp(-eta["rl_alpha"]))[:, None], np.exp(eta["beta"])[None, :]
        for k in range(people):
            rows = slice(k * trials, (k + 1) * trials)
            q, total = [0.5 + 0 * alpha, 0.5 + 0 * alpha], weight.copy()
            for response, feedback in zip(
                columns["response"][rows], columns["feedback"][rows], strict=True
            ):
                total -= np.logaddexp(0, -response * beta * (q[1] - q[0]))
                option = int(response > 0)
                q[option] = q[option] + alpha * (feedback - q[option])
            exact = np.logaddexp.reduce(total, axis=None)
            errors.append((log_mean[s, k] - exact) * np.sqrt(effective[s, k]))
    assert np.mean(np.square(errors)) < 1.5
    assert abs(np.mean(errors)) < 4.5 / np.sqrt(len(errors)) + 0.1


def test_slopes_over_participants_with_lapses_and_both_parametrisations():
    """Drift by a covariate, non-centred, and bounds, centred, against a grid of three effects."""
    model = get_model("ddm")
    slope = {"Intercept": NORMAL, "x": NORMAL, "1|participant_id": deviations(0.7)}
    slope["x|participant_id"] = deviations(0.5)
    bound = {"Intercept": NORMAL, "1|participant_id": deviations(0.3)}
    formula = "1 + (1 | participant_id)"
    spec = FitSpec(
        "drift",
        model,
        fixed={"z": 0.5, "t": 0.2},
        regressions={
            "v": Regression("v", "1 + x + (1 + x | participant_id)", Link("identity"), slope),
            "a": Regression("a", formula, default_link(model.parameter("a")), bound, False),
        },
        p_outlier=0.05,
    )
    rng = np.random.default_rng(7)
    people, trials = 2, 8
    columns = {
        "rt": 0.25 + rng.gamma(2.0, 0.3, people * trials),
        "response": rng.choice([-1, 1], people * trials),
        "x": rng.normal(size=people * trials),
        "participant_id": np.repeat(["a", "b"], trials).astype(object),
    }
    values = {"v_Intercept": 0.5, "v_x": 0.4, "a_Intercept": 0.0}
    posterior = made_up(spec, columns, values, 0.1, shape=(2, 15))
    found = integrate(spec, columns, posterior)
    z = np.linspace(-5, 5, 21)
    grid = np.stack(np.meshgrid(z, z, z, indexing="ij")).reshape(3, -1)
    weight = stats.norm.logpdf(grid).sum(axis=0) + 3 * np.log(z[1] - z[0])
    draws = values_of(posterior)
    log_mean, errors = found.log_mean.reshape(-1, people), []
    effective = found.effective.reshape(-1, people)
    for s in range(0, 30, 3):
        sd = [draws[f"{n}|participant_id_sigma"][s] for n in ("v_1", "v_x", "a_1")]
        own = np.array(sd)[:, None] * grid
        for k in range(people):
            rows = slice(k * trials, (k + 1) * trials)
            x, rt, response = (columns[n][rows] for n in ("x", "rt", "response"))
            v = draws["v_Intercept"][s] + own[0][:, None] + (draws["v_x"][s] + own[1][:, None]) * x
            a = np.exp(draws["a_Intercept"][s] + own[2])[:, None] + 0 * v
            density = model.likelihoods["analytical"](rt, response, v, a, 0.5, 0.2)
            mixed = np.logaddexp(np.log(0.95) + np.asarray(density), np.log(0.05 / 40))
            exact = np.logaddexp.reduce(mixed.sum(axis=1) + weight)
            errors.append((log_mean[s, k] - exact) * np.sqrt(effective[s, k]))
    assert np.mean(np.square(errors)) < 2.0
    assert abs(np.mean(errors)) < 4.5 / np.sqrt(len(errors))


def test_a_failed_fit_has_no_integrals(columns, posterior):
    broken = posterior.where(False)
    found = integrate(varying_intercept(), columns, broken)
    assert np.isnan(found.log_likelihood).all()


@pytest.mark.parametrize(
    ("chains", "draws", "kept"), [(4, 1000, 250), (4, 100, 100), (3, 400, 334)]
)
def test_draws_are_thinned_evenly(chains, draws, kept):
    picked = thinned(chains, draws)
    assert len(picked) == kept
    assert picked[0] == 0
    assert picked[-1] < draws
    assert np.ptp(np.diff(picked)) <= 1
