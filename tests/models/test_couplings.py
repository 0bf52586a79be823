"""How predictions drive decisions, each coupling by its definition, a race among them."""

import jax.numpy as jnp
import numpy as np
import pytest
from tests.processes.panels import defaults, panel

from driftmill.models import CATALOGUE, Model, Parameter, Prior
from driftmill.models.composition import compose
from driftmill.models.couplings import COUPLINGS, couplings_for
from driftmill.models.processes import HGF_BINARY, RESCORLA_WAGNER
from driftmill.processes.trajectory import trajectory

RNG = np.random.default_rng(2)
#: Values of three options on five trials of two participants.
VALUES = RNG.random((3, 5, 2))
PREDICTION = RNG.normal(size=(5, 2))
HALF_LINE = Prior("HalfNormal", {"sigma": 2.0})


def race(options):
    """Return a race of exponential clocks: the first to ring is chosen."""

    def log_density(rt, response, *values):
        rates, t = jnp.stack(jnp.broadcast_arrays(*values[:-1])), values[-1]
        own = jnp.take_along_axis(rates, jnp.asarray(response, int)[None], axis=0)[0]
        return jnp.log(own) - rates.sum(axis=0) * (rt - t)

    names = (*(f"v{k}" for k in range(options)), "t")
    parameters = tuple(Parameter(name, 0.0, np.inf, HALF_LINE, name) for name in names)
    return Model(
        name="clocks",
        parameters=parameters,
        response_columns=("rt", "response"),
        choices=tuple(range(options)),
        likelihoods={"analytical": log_density},
        simulator=lambda rng, parameters: {},
        start=lambda columns: dict.fromkeys(names, 0.1),
        title="A race",
        equation="exponential clocks",
        reference="none",
        shift="t",
    )


def model(name):
    return {"race2": race(2), "race3": race(3)}.get(name) or CATALOGUE[name]


def coupled(output, decision, given=()):
    (coupling,) = couplings_for("prediction" if output.ndim == 2 else "values", decision)
    values = coupling.couple(output, dict(given), decision)
    assert tuple(values) == coupling.sets(decision)
    return values


@pytest.mark.parametrize(
    ("output", "decision", "name"),
    [
        ("values", "ddm", "values_to_drift"),
        ("values", "ddm_sdv", "values_to_drift"),
        ("values", "angle", "values_to_drift"),
        ("values", "softmax_inv_temperature_2", "values_to_choice"),
        ("values", "softmax_inv_temperature_3", "values_to_choice"),
        ("values", "softmax_inv_temperature_4", "values_to_choice"),
        ("values", "lba2", "values_to_drifts"),
        ("values", "racing_diffusion_3", "values_to_drifts"),
        ("values", "poisson_race", None),
        ("values", "race2", "values_to_drifts"),
        ("values", "race3", "values_to_drifts"),
        ("prediction", "ddm", "prediction_to_drift"),
        ("prediction", "softmax_inv_temperature_2", "prediction_to_choice"),
        ("prediction", "softmax_inv_temperature_3", None),
        ("prediction", "race2", None),
    ],
)
def test_which_coupling_fits(output, decision, name):
    found = [coupling.name for coupling in couplings_for(output, model(decision))]
    assert found == ([] if name is None else [name])


def test_names_are_unique_and_parameters_sound():
    assert len({coupling.name for coupling in COUPLINGS}) == len(COUPLINGS)
    for coupling in COUPLINGS:
        assert all(p.supports(p.typical) for p in coupling.parameters)


def test_values_to_logits_are_relative_to_the_first_option():
    got = coupled(VALUES, CATALOGUE["softmax_inv_temperature_3"])
    np.testing.assert_array_equal(got["logit1"], VALUES[1] - VALUES[0])
    np.testing.assert_array_equal(got["logit2"], VALUES[2] - VALUES[0])


def test_values_to_a_drift_are_scaled_by_each_participants_scaler():
    scaler = np.array([2.0, 3.0])
    got = coupled(VALUES[:2], CATALOGUE["angle"], {"scaler": scaler})["v"]
    np.testing.assert_allclose(got, scaler * (VALUES[1] - VALUES[0]), rtol=1e-15)


def test_a_prediction_is_log_odds_or_scaled_to_a_drift():
    logit = coupled(PREDICTION, CATALOGUE["softmax_inv_temperature_2"])["logit1"]
    np.testing.assert_array_equal(logit, PREDICTION)
    drift = coupled(PREDICTION, CATALOGUE["ddm"], {"scaler": 1.5})["v"]
    np.testing.assert_array_equal(drift, 1.5 * PREDICTION)


def test_the_unit_square_sigmoid_is_the_power_form_of_its_paper():
    beta, logit = 2.3, coupled(PREDICTION, CATALOGUE["softmax_inv_temperature_2"])["logit1"]
    density = CATALOGUE["softmax_inv_temperature_2"].likelihoods["analytical"]
    p = 1 / (1 + np.exp(-PREDICTION))
    expected = np.log(p**beta / (p**beta + (1 - p) ** beta))
    np.testing.assert_allclose(density(1.0, beta, logit), expected, rtol=1e-12)


def test_values_drive_a_race_of_any_number_of_accumulators():
    rng = np.random.default_rng(4)
    for options in (2, 3):
        composed = compose(RESCORLA_WAGNER, race(options))
        learning = composed.learning
        assert {"scaler", "t"} < set(composed.parameter_names)
        assert not {"v0", "v1", "v2"} & set(composed.parameter_names)
        trials = panel(30, 2, options)
        told = trajectory(learning.rule, defaults("rescorla_wagner"), trials)
        free = {"scaler": np.array([2.0, 3.0]), "t": 0.2}
        rates = learning.coupling.couple(jnp.moveaxis(told, 1, 0), free, learning.decision)
        rt = 0.2 + rng.exponential(size=(30, 2))
        values = [{**free, **rates}[name] for name in learning.decision.parameter_names]
        got = learning.decision.likelihoods["analytical"](rt, trials["choice"], *values)
        for k, lane in [(0, 0), (7, 1), (29, 0)]:
            own = free["scaler"][lane] * np.asarray(told)[k, :, lane]
            expected = np.log(own[trials["choice"][k, lane]]) - own.sum() * (rt[k, lane] - 0.2)
            assert float(got[k, lane]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["lba2", "racing_diffusion_3"])
def test_values_drive_the_races_of_the_catalogue(name):
    decision = CATALOGUE[name]
    composed = compose(RESCORLA_WAGNER, decision)
    options = len(decision.choices)
    kept = tuple(n for n in decision.parameter_names if n[0] != "v")
    free = tuple(p.name for p in composed.parameters if p.held is None or p.name in kept)
    assert free == ("rl_alpha", "scaler", *kept)
    assert composed.ceiling is decision.ceiling
    trials = panel(20, 2, options)
    told = np.asarray(trajectory(composed.learning.rule, defaults("rescorla_wagner"), trials))
    others = {"A": 0.3, "b": 0.8, "t": 0.1, "theta": 0.0, "scaler": np.array([2.0, 3.0])}
    drifts = composed.learning.coupling.couple(np.moveaxis(told, 1, 0), others, decision)
    rt = 0.1 + np.random.default_rng(5).uniform(0.1, 0.9, (20, 2))
    density = decision.likelihoods["analytical"]
    values = [{**others, **drifts}[n] for n in decision.parameter_names]
    got = density(rt, trials["choice"], *values)
    for k, lane in [(0, 0), (9, 1), (19, 0)]:
        own = others["scaler"][lane] * told[k, :, lane]
        last = [others[n] for n in kept[2:]]
        expected = density(rt[k, lane], trials["choice"][k, lane], 0.3, 0.8, *own, *last)
        assert float(got[k, lane]) == pytest.approx(float(expected), rel=1e-12)


def test_a_prediction_drives_a_drift_through_a_composition():
    composed = compose(HGF_BINARY, CATALOGUE["ddm"])
    assert composed.learning.coupling.name == "prediction_to_drift"
    assert composed.learning.coupling.sets(composed.decision) == ("v",)
    assert "v" not in composed.parameter_names
