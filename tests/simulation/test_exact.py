from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.special import softmax

from driftmill.likelihoods.exact_draws import LANES
from driftmill.models import get_model
from driftmill.simulation.exact import draw_exactly, draws_exactly
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.trials import simulate_trials
from tests.simulation.learners import delta_model

ANGLE = get_model("angle")


def rows(n, **values):
    return {name: np.full(n, float(value)) for name, value in values.items()}


def uniforms(n, seed=1):
    return np.random.default_rng(seed).random(n)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ddm", {"v": 0.0, "a": 1.0, "z": 0.5, "t": 0.3}),
        ("ddm", {"v": 2.5, "a": 0.6, "z": 0.3, "t": 0.2}),
        ("ddm_sdv", {"v": 0.7, "a": 1.1, "z": 0.6, "t": 0.1, "sv": 1.5}),
        ("angle", {"v": 0.5, "a": 1.5, "z": 0.5, "t": 0.3, "theta": 0.5}),
        ("angle", {"v": -0.8, "a": 1.0, "z": 0.7, "t": 0.3, "theta": -0.05}),
        ("angle", {"v": 0.4, "a": 2.0, "z": 0.4, "t": 0.3, "theta": 1.2}),
    ],
)
def test_draws_are_those_of_random_walks(name, values):
    """Walks of ssm-simulators share neither density nor random numbers with the draws."""
    n = 6_000
    model = get_model(name)
    drawn = draw_exactly(model, rows(n, **values), uniforms(n))
    walked = simulate_trials(model, rows(n, **values), np.random.SeedSequence(4))
    upper = [np.count_nonzero(trials["response"] == 1) for trials in (drawn, walked)]
    share = sum(upper) / (2 * n)
    assert abs(upper[0] - upper[1]) < 4 * np.sqrt(2 * n * share * (1 - share))
    for choice in (-1, 1):
        times = [trials["rt"][trials["response"] == choice] for trials in (drawn, walked)]
        if min(map(len, times)) > 50:
            assert stats.ks_2samp(*times).pvalue > 1e-3


@pytest.mark.parametrize("options", [2, 3])
def test_choices_are_those_of_the_softmax(options):
    n, logits = 20_000, np.array([0.0, 0.6, -0.4])[:options]
    model = get_model(f"softmax_inv_temperature_{options}")
    values = {"beta": 1.7} | {f"logit{k}": logits[k] for k in range(1, options)}
    drawn = draw_exactly(model, rows(n, **values), uniforms(n))
    assert list(drawn) == ["response"]
    expected = softmax(1.7 * logits)
    for code, share in zip(model.choices, expected, strict=True):
        found = np.mean(drawn["response"] == code)
        assert abs(found - share) < 4 * np.sqrt(share * (1 - share) / n)


def test_a_row_does_not_depend_on_its_neighbours_to_the_bit():
    n = 3 * LANES - 5
    rng = np.random.default_rng(3)
    parameters = rows(n, v=1.0, a=1.0, z=0.5, t=0.3, theta=0.2)
    parameters["v"], parameters["a"] = rng.normal(0, 2, n), rng.uniform(0.5, 2, n)
    u = uniforms(n)
    drawn = draw_exactly(ANGLE, parameters, u)
    for row in (0, 7, LANES - 1, LANES, n - 1):
        lonely = {name: rng.uniform(0.4, 0.6, row + 1) for name in parameters}
        for name, values in parameters.items():
            lonely[name][row] = values[row]
        alone = draw_exactly(ANGLE, lonely, np.append(rng.random(row), u[row]))
        for column, values in drawn.items():
            assert alone[column][row] == values[row]


def test_rising_numbers_give_choices_in_order_and_rising_times():
    n = 400
    drawn = draw_exactly(ANGLE, rows(n, v=0.4, a=1, z=0.5, t=0.3, theta=0.3), np.arange(n) / n)
    assert (np.diff(drawn["response"]) >= 0).all()
    assert (drawn["rt"] > 0.3).all()
    for choice in (-1, 1):
        assert (np.diff(drawn["rt"][drawn["response"] == choice]) > 0).all()


def test_walks_that_never_end_are_refused_by_their_parameters():
    values = rows(40, v=1.0, a=2.0, z=0.5, t=0.3, theta=0.1)
    values["theta"][35], values["v"][35] = -0.09, 0.0
    with pytest.raises(SimulationError, match=r"mass 0\.99.*v=0, a=2,.*larger theta") as caught:
        draw_exactly(ANGLE, values, uniforms(40))
    assert caught.value.row == 35


def test_a_density_without_mass_1_is_refused():
    def leaky(response, beta, logit1):
        return SOFTMAX.likelihoods["analytical"](response, beta, logit1) - 0.1

    broken = replace(SOFTMAX, likelihoods={"analytical": leaky})
    with pytest.raises(SimulationError, match=r"mass 0\.9048.*sum over all choices"):
        draw_exactly(broken, rows(3, beta=1, logit1=0), uniforms(3))


SOFTMAX = get_model("softmax_inv_temperature_2")


def test_only_known_densities_are_inverted():
    assert all(draws_exactly(get_model(name)) for name in ("ddm", "ddm_sdv", "angle"))
    assert draws_exactly(SOFTMAX)
    own = replace(ANGLE, simulator=lambda rng, parameters: {})
    numerical = replace(ANGLE, likelihoods={"blackbox": ANGLE.likelihoods["analytical"]})
    assert not draws_exactly(own)
    assert not draws_exactly(numerical)
    assert not draws_exactly(delta_model())
