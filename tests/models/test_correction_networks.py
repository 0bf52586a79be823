"""Networks that correct a closed form: near the solver inside of their box, the solver outside."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.models.corrections import compiled, functions, network_of

from driftmill.models import CATALOGUE
from driftmill.models.correction_networks import exact_of
from driftmill.models.shipped import shipped
from driftmill.models.with_network import with_network
from driftmill.network_names import KIND

#: Inside of the boxes, for bounds of about 1.
INSIDE = {
    "weibull": {"v": 1.2, "a": 1.1, "z": 0.45, "t": 0.3, "alpha": 1.8, "beta": 1.6},
    "ornstein": {"v": 1.2, "a": 1.1, "z": 0.45, "g": 0.8, "t": 0.3},
    "race_no_bias_angle_2": {"v0": 1.5, "v1": 0.9, "a": 1.1, "z": 0.2, "t": 0.3, "theta": 0.3},
    "full_ddm": {"v": 1.2, "a": 1.1, "z": 0.45, "t": 0.3, "sz": 0.4, "sv": 0.6, "st": 0.2},
}
#: What takes each of them outside.
OUTSIDE = {
    "weibull": {"alpha": 7.0},
    "ornstein": {"z": 0.95},
    "race_no_bias_angle_2": {"v1": 9.0},
    "full_ddm": {"sv": 3.0},
}
EVERY = list(INSIDE)
#: One of them is enough for what they have in common; compiling takes most of the time.
MODELS = [EVERY[0], *(pytest.param(name, marks=pytest.mark.long) for name in EVERY[1:])]


def begin(parameters):
    """Return when the earliest decisions start."""
    return parameters["t"] - 0.5 * parameters.get("st", 0.0)


def trials(name, parameters, dtype=np.float64):
    """Return response times from the bulk and both tails, of all choices."""
    waits = np.array([0.02, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5]) * parameters["a"] ** 2
    choices = CATALOGUE[name].choices
    rt = np.tile(begin(parameters) + waits, len(choices)).astype(dtype)
    return rt, np.repeat(np.array(choices, dtype), waits.size)


@pytest.mark.parametrize("name", EVERY)
def test_the_networks_that_come_along_passed_their_gates(name):
    network = network_of(name)
    assert network.passed
    assert network.accuracy["log_density_error_median"] < 0.002
    assert network.accuracy["log_density_error_p95"] < 0.01
    assert sum(array.nbytes for array in network.weights.values()) < 300_000


@pytest.mark.parametrize(
    "name",
    [n if n in ("weibull", "ornstein") else pytest.param(n, marks=pytest.mark.long) for n in EVERY],
)
def test_inside_it_is_near_the_solver(name):
    parameters = INSIDE[name]
    fitted, _ = functions(name)
    columns = trials(name, parameters)
    by_network, by_solver = compiled(name)
    found = np.asarray(by_network(*columns, *parameters.values()))
    exact = np.asarray(by_solver(*columns, *parameters.values()))
    likely = exact > np.log(1e-4)
    assert likely.sum() > 8
    assert not np.asarray(fitted.beyond(parameters)).any()
    # The largest error on the card is that of 128 sets over the whole box.
    np.testing.assert_allclose(found[likely], exact[likely], rtol=0, atol=0.01)
    assert (found != exact).all()


@pytest.mark.parametrize("name", MODELS)
def test_outside_it_is_the_solver(name):
    parameters = INSIDE[name] | OUTSIDE[name]
    fitted, _ = functions(name)
    assert np.asarray(fitted.beyond(parameters)).all()
    columns, values = trials(name, parameters), list(parameters.values())
    solver = exact_of(CATALOGUE[name])

    def both(log_density):
        def total(values):
            found = log_density(*columns, *values)
            # Where there is hardly a density, derivatives of a solution are rounding errors.
            return jnp.where(found > np.log(1e-7), found, 0.0).sum(), found

        return jax.jit(jax.grad(total, has_aux=True))(values)

    gradient, found = both(fitted.likelihoods[KIND])
    exact_gradient, exact = both(solver)
    np.testing.assert_allclose(found, exact, rtol=1e-9)
    np.testing.assert_allclose(gradient, exact_gradient, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", MODELS)
def test_sets_inside_and_outside_stand_side_by_side(name):
    model, inside = CATALOGUE[name], INSIDE[name]
    fitted, _ = functions(name)
    there = inside | OUTSIDE[name]
    rt, response = trials(name, inside)
    values = [np.array([[inside[k]], [there[k]]]) for k in model.parameter_names]
    log_density, solver = compiled(name)
    both = np.asarray(log_density(rt, response, *values))
    assert both.shape == (2, rt.size)
    alone = np.asarray(log_density(rt, response, *inside.values()))
    np.testing.assert_allclose(both[0], alone, rtol=1e-9, atol=1e-12)
    solved = np.asarray(solver(rt, response, *there.values()))
    # A solution is as fine as the trials that share it need.
    np.testing.assert_allclose(both[1], solved, atol=1e-4)
    np.testing.assert_array_equal(
        np.asarray(fitted.beyond({k: v.ravel() for k, v in zip(there, values, strict=True)})),
        [False, True],
    )


@pytest.mark.parametrize("name", MODELS)
def test_gradients_equal_finite_differences(name):
    parameters = INSIDE[name]
    _, density = functions(name)
    columns = trials(name, parameters)
    _, gradient = density(*columns, *parameters.values())
    for k, (parameter, value) in enumerate(parameters.items()):
        step = 1e-5
        ends = [
            np.asarray(density(*columns, *(parameters | {parameter: value + d}).values())[0])
            for d in (-step, step)
        ]
        difference = (ends[1] - ends[0]) / (2 * step)
        np.testing.assert_allclose(gradient[k], difference, rtol=1e-6, atol=1e-5)


#: An end of each box, with the other parameters where network and solver differ most.
ENDS = {
    "weibull": ("alpha", {"v": 1.7, "a": 0.7, "z": 0.66, "alpha": 6.0, "beta": 1.34}),
    "ornstein": ("g", {"a": 1.0, "g": 4.0}),
    "race_no_bias_angle_2": ("v1", {"a": 1.0, "v1": 8.0}),
    "full_ddm": ("sv", {"a": 1.0, "sv": 2.5}),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_solver_takes_over_without_a_jump(name):
    parameter, there = ENDS[name]
    parameters, end = INSIDE[name] | there, there[parameter]
    fitted, density = functions(name)
    # Late trials too, in tails that no network was trained for.
    rt, response = trials(name, parameters)
    columns = np.append(rt, rt + 2.0), np.append(response, response)
    _, solver = compiled(name)

    def at(value):
        values = [np.full(columns[0].size, x) for x in (parameters | {parameter: value}).values()]
        found, gradient = density(*columns, *values)
        place = list(parameters).index(parameter)
        return np.asarray(found), np.asarray(gradient[place]), values

    before, _, _ = at(end * (1 - 1e-9))
    after, _, values = at(end * (1 + 1e-9))
    np.testing.assert_allclose(before, after, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(after, solver(*columns, *values), rtol=1e-6, atol=1e-4)
    # Half way through the margin both count, and the derivative knows how their shares change.
    middle, step = end * 0.975, 1e-5
    _, slope, _ = at(middle)
    likely = at(middle)[0] > np.log(1e-7)
    difference = (at(middle + step)[0][likely] - at(middle - step)[0][likely]) / (2 * step)
    np.testing.assert_allclose(slope[likely], difference, rtol=1e-4, atol=1e-3)
    assert not np.asarray(fitted.beyond(parameters | {parameter: middle})).any()


@pytest.mark.parametrize("name", MODELS)
def test_shapes_and_single_precision_agree(name):
    parameters = INSIDE[name]
    _, density = functions(name)
    log_density, _ = compiled(name)
    columns = trials(name, parameters)
    whole, _ = density(*columns, *parameters.values())
    shared = np.asarray(log_density(*columns, *parameters.values()))
    np.testing.assert_allclose(shared, whole, rtol=1e-10, atol=1e-10)
    one = log_density(columns[0][3], columns[1][3], *parameters.values())
    assert one.shape == ()
    np.testing.assert_allclose(one, whole[3], rtol=1e-10, atol=1e-10)
    mapped = jax.jit(jax.vmap(lambda rt, c: log_density(rt, c, *parameters.values())))(*columns)
    np.testing.assert_allclose(mapped, whole, rtol=1e-10, atol=1e-10)
    single, gradient = density(*trials(name, parameters, np.float32), *parameters.values())
    assert single.dtype == np.float32
    assert all(np.isfinite(g).all() for g in gradient)
    np.testing.assert_allclose(single, whole, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("dtype", [pytest.param(np.float32, marks=pytest.mark.long), np.float64])
@pytest.mark.parametrize("name", MODELS)
def test_hard_trials_have_finite_gradients(name, dtype):
    parameters = INSIDE[name]
    _, density = functions(name)
    waits = np.array([-0.1, 0.0, 1e-6, 1e-4, 1e-2, 3.0, 10.0, 100.0])
    rt = np.append(begin(parameters) + waits, np.inf).astype(dtype)
    for choice in (*CATALOGUE[name].choices, 7):
        found, gradient = density(rt, np.full(rt.size, choice, dtype), *parameters.values())
        assert not np.isnan(found).any()
        assert (np.asarray(found)[:2] == -np.inf).all()
        assert choice != 7 or (np.asarray(found) == -np.inf).all()
        assert all(np.isfinite(g).all() for g in gradient)


@pytest.mark.parametrize("name", MODELS)
def test_the_mass_is_one(name):
    parameters = INSIDE[name]
    log_density, _ = compiled(name)
    log_time = np.linspace(np.log(1e-4), np.log(200.0), 4000)
    time, mass = np.exp(log_time), 0.0
    for choice in CATALOGUE[name].choices:
        rt, codes = begin(parameters) + time, np.full(time.size, float(choice))
        density = np.exp(np.asarray(log_density(rt, codes, *parameters.values())))
        mass += np.sum(density * time) * (log_time[1] - log_time[0])
    assert abs(mass - 1.0) < 0.005


@pytest.mark.long
@pytest.mark.parametrize("name", EVERY)
def test_survivor_and_cumulative_share_the_mass(name):
    parameters = INSIDE[name]
    fitted, _ = functions(name)
    rt = np.array([0.1, 0.5, 0.9, 1.6])
    arrived = [
        np.exp(np.asarray(jax.jit(fitted.log_cumulative)(rt, float(c), *parameters.values())))
        for c in CATALOGUE[name].choices
    ]
    left = np.exp(np.asarray(jax.jit(fitted.log_survivor)(rt, *parameters.values())))
    assert left[0] == 1.0
    np.testing.assert_allclose(left + np.sum(arrived, axis=0), 1.0, atol=0.005)


def test_the_networks_of_races_survive_as_the_solver_says():
    name = "race_no_bias_angle_2"
    fitted, _ = functions(name)
    by_network, by_solver = jax.jit(fitted.log_survivor), jax.jit(CATALOGUE[name].log_survivor)
    rt = np.linspace(0.2, 2.5, 12)
    for parameters in (INSIDE[name], INSIDE[name] | OUTSIDE[name]):
        found = by_network(rt, *parameters.values())
        exact = by_solver(rt, *parameters.values())
        np.testing.assert_allclose(found, exact, atol=0.01)
    np.testing.assert_allclose(found, exact, rtol=1e-9)


@pytest.mark.long
def test_one_network_serves_all_races():
    network = shipped("race_no_bias_angle")
    for accumulators in (2, 3, 4):
        model = CATALOGUE[f"race_no_bias_angle_{accumulators}"]
        drifts = [1.5, 0.9, 0.5, 1.1][:accumulators]
        values = [*drifts, 1.1, 0.2, 0.3, 0.3]
        found = with_network(model, network).likelihoods[KIND](0.9, accumulators - 1, *values)
        exact = model.likelihoods["numerical"](0.9, accumulators - 1, *values)
        assert abs(found - exact) < 0.01
        assert found != exact
    with pytest.raises(ValueError, match="race_no_bias_angle is of race_no_bias_angle, not of ddm"):
        with_network(CATALOGUE["ddm"], network)


def test_programs_are_shared_by_networks_of_one_digest():
    model, network = CATALOGUE["ornstein"], shipped("ornstein")
    one, other = (with_network(model, network).likelihoods[KIND] for _ in range(2))
    assert one is other
    assert list(inspect.signature(one).parameters) == ["rt", "response", *model.parameter_names]
