"""Learning models in a fit, against loops over single trials."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.formulas.links import default_link
from driftmill.formulas.regression import Regression
from driftmill.models import Prior, get_model
from driftmill.models.composition import compose
from driftmill.models.processes import HGF_BINARY, RESCORLA_WAGNER, RESCORLA_WAGNER_DUAL
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.panel import COUNTED, laid_out

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
DDM, SOFTMAX = get_model("ddm"), get_model("softmax_inv_temperature_2")
RLDDM = compose(RESCORLA_WAGNER_DUAL, DDM)
DEVIATIONS = Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 1.0})})


def trials(sizes, seed=0, shuffle=False):
    """Return the columns of participants with so many trials, with cues, blocks and times."""
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    people = np.repeat([f"s{k}" for k in range(len(sizes))], sizes)
    columns = {
        "rt": rng.uniform(0.5, 2.0, n),
        "response": rng.choice([-1, 1], n),
        "feedback": rng.choice([0.0, 1.0], n),
        "u": rng.choice([0.0, 1.0], n),
        "participant_id": people.astype(object),
        "trial_id": np.concatenate([np.arange(size) for size in sizes]),
        "cue": rng.choice(["ab", "cd", "ef"], n),
        "block": np.concatenate([np.arange(size) // 5 for size in sizes]),
        "age": np.repeat(rng.normal(size=len(sizes)), sizes),
        "dose": rng.normal(size=n),
    }
    order = rng.permutation(n) if shuffle else np.arange(n)
    return {name: column[order] for name, column in columns.items()}


def learned_drift(columns, alpha, negative, scaler, cue=False, block=False, skipped=()):
    """Return the drift of every row by a loop over each participant's trials in their order."""
    n = len(columns["response"])
    drift = np.zeros(n)
    alpha, negative, scaler = (np.broadcast_to(x, n) for x in (alpha, negative, scaler))
    for person in dict.fromkeys(columns["participant_id"]):
        rows = np.flatnonzero(columns["participant_id"] == person)
        values, last = {}, None
        for row in rows[np.argsort(columns["trial_id"][rows], kind="stable")]:
            if block and columns["block"][row] != last:
                values, last = {}, columns["block"][row]
            q = values.setdefault(columns["cue"][row] if cue else "", [0.5, 0.5])
            drift[row] = scaler[row] * (q[1] - q[0])
            if row in skipped:
                continue
            option = int(columns["response"][row] > 0)
            error = columns["feedback"][row] - q[option]
            q[option] += (alpha[row] if error >= 0 else negative[row]) * error
    return drift


def pointwise(spec, columns, values, more=()):
    """Return every row's log likelihood at natural values of the fit's free variables."""
    needed = {name: columns[name] for name in (*spec.columns, *more)}
    lifted, data = Lifter(spec, Shape(len(columns["response"]))).of(needed)
    flat = np.concatenate([np.ravel(values[v.name]) for v in lifted.free]).astype(float)
    position = lifted.unconstrain(jnp.asarray(flat), data.arrays)
    return np.asarray(lifted.pointwise(position, data.arrays))


PLAIN = {"rl_alpha": 0.3, "rl_alpha_neg": 0.15, "scaler": 2.5, "a": 1.1, "z": 0.45, "t": 0.3}


def density(columns, drift, values=PLAIN):
    shape = [values[name] for name in ("a", "z", "t")]
    return np.asarray(
        DDM.likelihoods["analytical"](columns["rt"], columns["response"], drift, *shape)
    )


@pytest.mark.parametrize(
    ("sizes", "shuffle"), [([12, 12, 12], False), ([12, 7, 15], False), ([9, 9, 4], True)]
)
@pytest.mark.parametrize(
    "kept", [{}, {"cue": "cue"}, {"block": "block"}, {"cue": "cue", "block": "block"}]
)
def test_rows_are_scored_as_a_loop_scores_them(sizes, shuffle, kept):
    columns = trials(sizes, shuffle=shuffle)
    spec = FitSpec("f", compose(RESCORLA_WAGNER_DUAL, DDM, **kept))
    drift = learned_drift(columns, 0.3, 0.15, 2.5, "cue" in kept, "block" in kept)
    np.testing.assert_allclose(pointwise(spec, columns, PLAIN), density(columns, drift), rtol=1e-11)


def test_participants_have_their_own_rates():
    columns = trials([8, 11, 10])
    alpha = RLDDM.parameter("rl_alpha")
    priors = {
        "Intercept": Prior("Normal", {"mu": 0.0, "sigma": 1.5}),
        "1|participant_id": DEVIATIONS,
    }
    formula = Regression("rl_alpha", "1 + (1 | participant_id)", default_link(alpha), priors)
    spec = FitSpec("f", RLDDM, regressions={"rl_alpha": formula})
    offsets = np.array([0.5, -1.0, 0.2])
    values = {
        **PLAIN,
        "rl_alpha_Intercept": -0.4,
        "rl_alpha_1|participant_id_sigma": 0.7,
        "rl_alpha_1|participant_id_offset": offsets,
    }
    eta = np.repeat(-0.4 + 0.7 * offsets, [8, 11, 10])
    drift = learned_drift(columns, 1.0 / (1.0 + np.exp(-eta)), 0.15, 2.5)
    np.testing.assert_allclose(
        pointwise(spec, columns, values), density(columns, drift), rtol=1e-11
    )
    _, panel = laid_out(spec, {name: columns[name] for name in spec.columns})
    assert panel.constant == ("rl_alpha",)


def test_a_rate_may_change_from_trial_to_trial():
    columns = trials([8, 11], shuffle=True)
    alpha = RLDDM.parameter("rl_alpha")
    priors = {name: Prior("Normal", {"mu": 0.0, "sigma": 1.0}) for name in ("Intercept", "dose")}
    formula = Regression("rl_alpha", "1 + dose", default_link(alpha), priors)
    spec = FitSpec("f", RLDDM, regressions={"rl_alpha": formula})
    values = {**PLAIN, "rl_alpha_Intercept": -0.4, "rl_alpha_dose": 0.8}
    rate = 1.0 / (1.0 + np.exp(0.4 - 0.8 * columns["dose"]))
    drift = learned_drift(columns, rate, 0.15, 2.5)
    np.testing.assert_allclose(
        pointwise(spec, columns, values), density(columns, drift), rtol=1e-11
    )
    _, panel = laid_out(spec, {name: columns[name] for name in spec.columns})
    assert panel.constant == ()


def test_a_rate_held_at_a_column_is_used_as_it_is():
    columns = trials([8, 8]) | {"rate": np.repeat([0.2, 0.6], 8)}
    spec = FitSpec("f", RLDDM, fixed={"rl_alpha": "rate"})
    drift = learned_drift(columns, columns["rate"], 0.15, 2.5)
    values = {name: x for name, x in PLAIN.items() if name != "rl_alpha"}
    np.testing.assert_allclose(
        pointwise(spec, columns, values), density(columns, drift), rtol=1e-11
    )


def test_trials_without_a_response_have_no_likelihood_and_teach_nothing():
    columns = trials([10, 6])
    columns["response"] = columns["response"].astype(float)
    missing = [3, 12]
    columns["response"][missing] = columns["rt"][missing] = np.nan
    spec = FitSpec("f", RLDDM)
    made, _ = laid_out(spec, {name: columns[name] for name in spec.columns})
    assert np.flatnonzero(made[COUNTED] == 0).tolist() == missing
    found = pointwise(spec, columns, PLAIN)
    drift = learned_drift(columns, 0.3, 0.15, 2.5, skipped=missing)
    expected = np.where(made[COUNTED] > 0, density(columns, drift), 0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_trials_that_are_not_scored_teach_what_is_known_of_them():
    columns = trials([10, 6])
    whole = pointwise(FitSpec("f", RLDDM), columns, PLAIN)
    columns["response"] = columns["response"].astype(float)
    # A response whose time does not count, one without a time, and none at all.
    columns["scored"] = np.ones(16)
    columns["scored"][[2, 5, 12]] = 0
    columns["rt"][2], columns["rt"][5] = 0.01, np.nan
    columns["response"][12] = columns["rt"][12] = np.nan
    spec = FitSpec("f", RLDDM)
    found = pointwise(spec, columns, PLAIN, ("scored",))
    drift = learned_drift(columns, 0.3, 0.15, 2.5, skipped=[12])
    scored = columns["scored"] > 0
    assert (found[~scored] == 0.0).all()
    np.testing.assert_allclose(found[scored], density(columns, drift)[scored], rtol=1e-11)
    # Before what is missing all is as if nothing were.
    np.testing.assert_array_equal(found[scored][:10], whole[scored][:10])


def test_feedback_that_is_missing_teaches_nothing():
    columns = trials([10, 6])
    columns["feedback"][[2, 11]] = np.nan
    spec = FitSpec("f", RLDDM)
    drift = learned_drift(columns, 0.3, 0.15, 2.5, skipped=[2, 11])
    np.testing.assert_allclose(pointwise(spec, columns, PLAIN), density(columns, drift), rtol=1e-11)


def test_beliefs_go_on_where_the_response_is_missing():
    columns = trials([30])
    spec = FitSpec("f", compose(HGF_BINARY, SOFTMAX))
    values = {"omega2": -2.0, "beta": 1.5}
    whole = pointwise(spec, columns, values)
    columns["response"] = columns["response"].astype(float)
    columns["response"][4] = np.nan
    holed = pointwise(spec, columns, values)
    assert holed[4] == 0.0
    np.testing.assert_allclose(np.delete(holed, 4), np.delete(whole, 4), rtol=1e-12)


def test_one_participant_needs_no_name():
    columns = trials([14])
    spec = FitSpec("f", compose(RESCORLA_WAGNER, DDM))
    values = {name: x for name, x in PLAIN.items() if name != "rl_alpha_neg"}
    named = pointwise(spec, columns, values)
    columns["participant_id"] = np.full(14, None)
    np.testing.assert_array_equal(pointwise(spec, columns, values), named)


def test_datasets_of_one_layout_share_a_program():
    spec = FitSpec("f", RLDDM)
    lifter = Lifter(spec, Shape(24))
    models = [
        lifter.of({name: x[name] for name in spec.columns})[0]
        for x in (trials([12, 12], 1), trials([12, 12], 2), trials([11, 13], 3))
    ]
    assert models[0] is models[1]
    assert models[2] is not models[0]


@pytest.mark.parametrize("sizes", [[10, 10], [12, 8]])
def test_gradients_agree_with_finite_differences(sizes):
    columns = trials(sizes)
    spec = FitSpec("f", compose(RESCORLA_WAGNER_DUAL, DDM, cue="cue"))
    needed = {name: columns[name] for name in spec.columns}
    lifted, data = Lifter(spec, Shape(20)).of(needed)
    at = lifted.unconstrain(jnp.asarray([PLAIN[v.name] for v in lifted.free]), data.arrays)
    value = jax.jit(lifted.log_density)
    gradient = np.asarray(jax.grad(lifted.log_density)(at, data.arrays))
    for k in range(len(at)):
        step = jnp.zeros_like(at).at[k].set(1e-5)
        up, down = (float(value(at + s * step, data.arrays)) for s in (1.0, -1.0))
        assert gradient[k] == pytest.approx((up - down) / 2e-5, rel=1e-6, abs=1e-7)
