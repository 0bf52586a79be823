"""Reductions are exact: simulated trials of one set of parameters are those of its reduced twin."""

import numpy as np
import pytest
from scipy.stats import binomtest, ks_2samp

from driftmill.models import CATALOGUE
from driftmill.models.gamma_drift import GAMMA_DRIFT, GAMMA_DRIFT_ANGLE
from driftmill.models.levy import LEVY
from driftmill.models.reductions import plain_reduction, reduction_of
from driftmill.networks.draws import decisions

MODELS = {model.name: model for model in (LEVY, GAMMA_DRIFT, GAMMA_DRIFT_ANGLE)}
TRUTHS = {
    "levy": {"v": 0.8, "a": 0.7, "z": 0.4, "alpha": 1.4, "t": 0.2},
    "gamma_drift": {
        **{"v": 0.3, "a": 0.8, "z": 0.4, "t": 0.2},
        **{"shape": 3.0, "scale": 0.08, "c": 2.0},
    },
    "gamma_drift_angle": {
        **{"v": 0.3, "a": 0.8, "z": 0.4, "t": 0.2, "theta": 0.4},
        **{"shape": 3.0, "scale": 0.08, "c": 2.0},
    },
}
N = 20_000
#: False alarms: one in ten thousand for each comparison.
ALPHA = 1e-4


def rows(values):
    return {name: np.full(N, float(value)) for name, value in values.items()}


def reduced(model, values, seed):
    """Reduced times and responses of simulated trials."""
    parameters, reduction = rows(values), reduction_of(model)
    time, response, finished = decisions(
        model, reduction, parameters, np.random.SeedSequence([7, seed])
    )
    assert finished.all()
    return np.asarray(reduction.clock(time, parameters).log_time), response


def assert_alike(first, second):
    """Compare the shares of the upper response, and the times of each response."""
    upper = [np.count_nonzero(response == 1) for _, response in (first, second)]
    pooled = sum(upper) / (2 * N)
    assert abs(upper[0] - upper[1]) < 4 * np.sqrt(2 * N * pooled * (1 - pooled))
    for choice in (-1, 1):
        times = [log_time[response == choice] for log_time, response in (first, second)]
        assert ks_2samp(*times).pvalue > ALPHA


@pytest.mark.parametrize("name", TRUTHS)
def test_reduced_parameters_give_the_same_reduced_times(name):
    model, reduction = MODELS[name], reduction_of(MODELS[name])
    one = {n: np.array([x]) for n, x in TRUTHS[name].items()}
    inputs = dict(zip(reduction.inputs, map(np.asarray, reduction.reduce(one)), strict=True))
    twin = {n: x[0] for n, x in reduction.expand(inputs).items()}
    assert twin["a"] > 1.5 * TRUTHS[name]["a"]
    assert_alike(reduced(model, TRUTHS[name], 1), reduced(model, twin, 2))


@pytest.mark.parametrize("name", TRUTHS)
def test_mirrored_parameters_change_the_places_of_the_responses(name):
    model, truth = MODELS[name], TRUTHS[name]
    centres = dict(reduction_of(model).mirror)
    mirrored = truth | {n: 2 * c - truth[n] for n, c in centres.items()}
    log_time, response = reduced(model, mirrored, 4)
    assert_alike(reduced(model, truth, 3), (log_time, -response))


def test_a_wrong_scaling_would_be_noticed():
    model, truth = MODELS["levy"], TRUTHS["levy"]
    reduction = reduction_of(model)
    wrong = {**truth, "a": 1.5, "v": truth["v"] * truth["a"] / 1.5}
    first, second = reduced(model, truth, 1), reduced(model, wrong, 2)
    assert reduction.inputs == ("v", "z", "alpha")
    upper = [np.count_nonzero(response == 1) for _, response in (first, second)]
    assert binomtest(upper[0], N, upper[1] / N).pvalue < ALPHA


@pytest.mark.parametrize("name", TRUTHS)
def test_what_is_expanded_reduces_to_what_it_was(name):
    reduction = reduction_of(MODELS[name])
    rng = np.random.default_rng(3)
    inputs = {n: rng.uniform(0.1, 0.9, 50) for n in reduction.inputs}
    inputs |= {n: 1 + inputs[n] for n in ("alpha", "shape") if n in inputs}
    for got, name in zip(reduction.reduce(reduction.expand(inputs)), reduction.inputs, strict=True):
        np.testing.assert_allclose(got, inputs[name], rtol=1e-12)


@pytest.mark.parametrize("name", TRUTHS)
def test_the_rate_of_the_clock_is_its_derivative(name):
    reduction, truth = reduction_of(MODELS[name]), TRUTHS[name]
    values = {n: np.float64(x) for n, x in truth.items()}
    for time in (0.05, 0.4, 1.2):
        step = 1e-5 * time
        ahead, behind = (np.exp(reduction.clock(time + d, values).log_time) for d in (step, -step))
        rate = np.exp(reduction.clock(np.float64(time), values).log_rate)
        np.testing.assert_allclose(rate, (ahead - behind) / (2 * step), rtol=1e-6)


def test_bounds_that_have_met_end_the_clock():
    clock = reduction_of(GAMMA_DRIFT_ANGLE).clock
    values = {n: np.float64(x) for n, x in TRUTHS["gamma_drift_angle"].items()}
    end = values["a"] / np.tan(values["theta"])
    assert not clock(end - 1e-3, values).over
    assert clock(end + 1e-3, values).over


def test_of_any_other_model_the_shift_is_reduced_away():
    reduction = plain_reduction(CATALOGUE["lba3"])
    assert reduction.inputs == ("A", "b", "v0", "v1", "v2")
    assert reduction.mirror is None
    assert reduction_of(CATALOGUE["softmax_inv_temperature_2"]).inputs == ("beta", "logit1")
