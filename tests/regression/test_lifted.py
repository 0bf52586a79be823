"""The lifted functions against PyMC's own model, for data that the program has never seen."""

import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.regression.build import build_model
from driftmill.regression.columns import Shape
from driftmill.regression.draws import TrialParameters
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.pointwise import PointwiseLikelihood
from driftmill.regression.variables import flatten, slices_of, unflatten
from tests.regression.specs import SPECS, columns_of, rough

ROWS = 48


@pytest.fixture(scope="module", params=SPECS)
def lifter(request):
    return Lifter(SPECS[request.param], Shape(ROWS))


def start_of(lifted, data):
    return np.asarray(lifted.unconstrain(flatten(lifted.free, rough(lifted, data)), data.arrays))


def test_agrees_with_pymc_on_data_that_it_was_not_built_from(lifter):
    first, _ = lifter.of(columns_of(lifter.spec, ROWS, seed=6))
    columns = columns_of(lifter.spec, ROWS, seed=7)
    lifted, data = lifter.of(columns)
    assert lifted is first
    model = build_model(lifter.spec, columns)
    direct = model.compile_logp(mode="FAST_COMPILE")
    names = [model.rvs_to_values[model[v.name]].name for v in lifted.free]
    rng = np.random.default_rng(1)
    for _ in range(3):
        position = start_of(lifted, data) + 0.1 * rng.standard_normal(lifted.dimension)
        theirs, log_slope = jnp.asarray(position), 0.0
        if lifted.ceiling:
            theirs, log_slope = lifted.ceiling.to_pymc(theirs, data.arrays)
        values = unflatten(lifted.free, np.asarray(theirs))
        point = {n: values[v.name] for n, v in zip(names, lifted.free, strict=True)}
        got = float(jax.jit(lifted.log_density)(jnp.asarray(position), data.arrays))
        assert got == pytest.approx(float(direct(point)) + float(log_slope), rel=1e-11)


def test_round_trip(lifter):
    lifted, data = lifter.of(columns_of(lifter.spec, ROWS, seed=3))
    natural = flatten(lifted.free, rough(lifted, data))
    back = lifted.constrain(lifted.unconstrain(natural, data.arrays), data.arrays)
    np.testing.assert_allclose(back[: lifted.dimension], natural, rtol=1e-12, atol=1e-14)


def test_gradient_is_the_slope(lifter):
    lifted, data = lifter.of(columns_of(lifter.spec, ROWS, seed=5))
    start = start_of(lifted, data)
    value = jax.jit(lifted.log_density)
    gradient = jax.jit(jax.grad(lifted.log_density))(jnp.asarray(start), data.arrays)
    step = 1e-5
    for k, slope in enumerate(gradient):
        shift = step * np.eye(len(start))[k]
        central = (value(start + shift, data.arrays) - value(start - shift, data.arrays)) / (
            2 * step
        )
        assert float(slope) == pytest.approx(float(central), rel=1e-5, abs=1e-5)


def test_pointwise_is_the_density_at_the_parameters_of_each_trial(lifter):
    spec = lifter.spec
    columns = columns_of(spec, ROWS, seed=5)
    lifted, data = lifter.of(columns)
    natural = flatten(lifted.free, rough(lifted, data))
    position = lifted.unconstrain(natural, data.arrays)
    parameters = TrialParameters(lifted)(np.asarray(natural)[None], data)
    density = spec.log_density(
        *(jnp.asarray(columns[c], dtype=float) for c in spec.model.response_columns),
        *(parameters[name][0] for name in spec.model.parameter_names),
    )
    pointwise = lifted.pointwise(position, data.arrays)
    if not spec.lapses:
        np.testing.assert_allclose(pointwise, density, rtol=1e-9)
    else:
        share = parameters["p_outlier"][0] if spec.estimates_lapse else spec.p_outlier
        assert np.all(pointwise >= np.log1p(-share) + np.asarray(density) - 1e-9)


def test_deviations_are_offsets_times_their_sd():
    lifter = Lifter(SPECS["hierarchy"], Shape(ROWS))
    lifted, data = lifter.of(columns_of(lifter.spec, ROWS, seed=2))
    position = np.random.default_rng(4).normal(size=lifted.dimension)
    found = unflatten(lifted.stored, np.asarray(lifted.constrain(position, data.arrays)))
    name = "v_1|participant_id"
    np.testing.assert_allclose(
        found[name], found[f"{name}_offset"] * found[f"{name}_sigma"], rtol=1e-12
    )
    assert data.coords["participant_id__factor_dim"] == ("p0", "p1", "p2", "p3")
    labels = [label for v in lifted.stored for label in v.labels(data.coords)]
    assert "v_1|participant_id[p2]" in labels
    assert "v_c[b]" in labels


def test_names_are_bambis():
    lifter = Lifter(SPECS["hierarchy"], Shape(ROWS))
    lifted, _ = lifter.of(columns_of(lifter.spec, ROWS, seed=2))
    assert [v.name for v in lifted.stored] == [
        *("a_1|participant_id", "a_1|participant_id_sigma", "a_Intercept", "t"),
        *("v_1|participant_id_offset", "v_1|participant_id_sigma", "v_Intercept", "v_c", "v_x"),
        *("v_x|participant_id_offset", "v_x|participant_id_sigma", "z"),
        *("v_1|participant_id", "v_x|participant_id"),
    ]


def test_other_structures_get_programs_of_their_own():
    lifter = Lifter(SPECS["hierarchy"], Shape(ROWS))
    first, _ = lifter.of(columns_of(lifter.spec, ROWS, seed=2))
    columns = columns_of(lifter.spec, ROWS, seed=3)
    fewer = {name: column[: ROWS - 12] for name, column in columns.items()}
    other, data = lifter.of(fewer)
    assert other is not first
    assert len(data.coords["participant_id__factor_dim"]) == 3
    again, _ = lifter.of(columns)
    assert again is first


@pytest.mark.parametrize("name", ["angle", "angle, z and t fixed", "angle, a by formula"])
def test_ceiling_is_never_reached(name):
    """However far the coordinate goes, the bounds meet after the slowest response."""
    lifter = Lifter(SPECS[name], Shape(ROWS))
    lifted, data = lifter.of(columns_of(lifter.spec, ROWS, seed=4))
    where = dict(zip((v.name for v in lifted.free), slices_of(lifted.free), strict=True))
    k = where["theta"].start
    start = jnp.asarray(start_of(lifted, data))
    for far in (2.0, 8.0, 20.0):
        position = start.at[k].set(far)
        assert np.isfinite(float(lifted.log_density(position, data.arrays)))
    _, log_slope = lifted.ceiling.to_pymc(start, data.arrays)
    step = 1e-6
    ends = [lifted.ceiling.to_pymc(start.at[k].add(s), data.arrays)[0][k] for s in (-step, step)]
    assert float(log_slope) == pytest.approx(np.log((ends[1] - ends[0]) / (2 * step)), abs=1e-7)
    others = jnp.asarray([i for i in range(lifted.dimension) if i != k])
    np.testing.assert_array_equal(
        lifted.ceiling.to_pymc(start, data.arrays)[0][others], start[others]
    )


@pytest.mark.parametrize("name", ["lba2", "race, lapse", "race, b by formula"])
def test_starts_of_accumulators_stay_below_their_threshold(name):
    lifter = Lifter(SPECS[name], Shape(ROWS))
    lifted, data = lifter.of(columns_of(lifter.spec, ROWS, seed=4))
    where = dict(zip((v.name for v in lifted.free), slices_of(lifted.free), strict=True))
    start = jnp.asarray(start_of(lifted, data))
    for far in (-20.0, 2.0, 20.0):
        position = start.at[where["A"].start].set(far)
        values = lifted.parameters(position, data.arrays)
        assert (values["A"] < values["b"]).all()
        assert np.isfinite(float(lifted.log_density(position, data.arrays)))


def test_a_threshold_below_a_fixed_start_has_a_way_back():
    spec = FitSpec("lba2", get_model("lba2"), fixed={"A": 0.5})
    lifted, data = Lifter(spec, Shape(ROWS)).of(columns_of(spec, ROWS, seed=4))
    assert lifted.ceiling is None
    k = [variable.name for variable in lifted.free].index("b")
    below = jnp.asarray(start_of(lifted, data)).at[k].set(np.log(0.3))
    value, gradient = jax.value_and_grad(lifted.log_density)(below, data.arrays)
    assert np.isfinite(float(value))
    assert float(gradient[k]) > 0


def test_a_collapse_is_not_over_before_the_slowest_response():
    """However far the coordinate of beta goes; and the change of it keeps the density."""
    spec = FitSpec("weibull", get_model("weibull"))
    lifted, data = Lifter(spec, Shape(ROWS)).of(columns_of(SPECS["ddm"], ROWS, seed=4))
    k = [variable.name for variable in lifted.free].index("beta")
    natural = {"v": 0.5, "a": 1.2, "z": 0.5, "t": 0.1, "alpha": 2.0, "beta": 5.0}
    start = lifted.unconstrain(jnp.asarray([natural[v.name] for v in lifted.free]), data.arrays)
    for far in (-20.0, 0.0, 3.0):
        values = lifted.parameters(start.at[k].set(far), data.arrays)
        left = jnp.exp(-(((data.columns["rt"].max() - 0.1) / values["beta"]) ** 2))
        assert (left >= np.exp(-5.0) * (1 - 1e-9)).all()
    back = lifted.constrain(start, data.arrays)
    np.testing.assert_allclose(back[k], 5.0, rtol=1e-12)
    _, log_slope = lifted.ceiling.to_pymc(start, data.arrays)
    step = 1e-6
    ends = [lifted.ceiling.to_pymc(start.at[k].add(s), data.arrays)[0][k] for s in (-step, step)]
    assert float(log_slope) == pytest.approx(np.log((ends[1] - ends[0]) / (2 * step)), abs=1e-7)


def test_no_ceiling_under_a_lapse():
    lifter = Lifter(SPECS["angle, lapse"], Shape(ROWS))
    assert lifter.of(columns_of(lifter.spec, ROWS, seed=4))[0].ceiling is None


def test_padding_changes_nothing_but_the_shape():
    spec = SPECS["ddm"]
    columns = columns_of(spec, 30, seed=11)
    exact, data = Lifter(spec, Shape(30)).of(columns)
    padded, wide = Lifter(spec, Shape(ROWS, padded=True)).of(columns)
    start = start_of(exact, data)
    assert float(exact.log_density(start, data.arrays)) == pytest.approx(
        float(padded.log_density(start, wide.arrays)), rel=1e-12
    )
    assert wide.n_trials == 30
    np.testing.assert_allclose(
        padded.pointwise(start, wide.arrays)[:30], exact.pointwise(start, data.arrays), rtol=1e-12
    )


def test_padded_shape_refuses_a_longer_dataset():
    lifter = Lifter(SPECS["ddm"], Shape(20, padded=True))
    with pytest.raises(ValueError, match="30 trials, more than"):
        lifter.of(columns_of(SPECS["ddm"], 30, seed=1))


def test_shift_stays_below_the_smallest_rt():
    lifter = Lifter(SPECS["ddm"], Shape(ROWS))
    columns = columns_of(lifter.spec, ROWS, seed=2)
    lifted, data = lifter.of(columns)
    found = lifted.constrain(jnp.full(lifted.dimension, 50.0), data.arrays)
    assert float(unflatten(lifted.stored, np.asarray(found))["t"]) <= columns["rt"].min()


def test_pointwise_of_a_posterior_takes_each_datasets_own_labels():
    import xarray as xr

    spec = SPECS["hierarchy"]
    lifter = Lifter(spec, Shape(ROWS))
    columns = columns_of(spec, ROWS, seed=5)
    lifted, data = lifter.of(columns)
    rng = np.random.default_rng(0)
    positions = start_of(lifted, data) + 0.1 * rng.normal(size=(6, lifted.dimension))
    flat = np.stack([lifted.constrain(x, data.arrays) for x in positions]).reshape(2, 3, 1, -1)
    coords = {d: list(labels)[::-1] for d, labels in data.coords.items()}
    coords["participant_id__factor_dim"].append("someone else")
    tree = xr.Dataset(
        {
            v.name: xr.DataArray(
                values,
                dims=("chain", "draw", "dataset", *v.dims),
                coords={d: list(data.coords[d]) for d in v.dims},
            ).reindex({d: coords[d] for d in v.dims})
            for v, values in ((v, unflatten(lifted.stored, flat)[v.name]) for v in lifted.stored)
        }
    ).assign_coords(dataset=[3])
    got, draws = PointwiseLikelihood(lifter)(columns, tree, 3)
    assert got.shape == (2, 3, ROWS)
    assert draws.shape == (2, 3, lifted.dimension)
    np.testing.assert_allclose(
        got[1, 2], lifted.pointwise(positions[5], data.arrays), rtol=1e-9, atol=1e-10
    )


PROGRAM = """
import numpy as np, jax, jax.numpy as jnp
from tests.regression.specs import SPECS, columns_of
from driftmill.regression.columns import Shape
from driftmill.regression.lifter import Lifter
for name in ("angle, lapse", "hierarchy"):
    lifter = Lifter(SPECS[name], Shape(48))
    lifted, data = lifter.of(columns_of(lifter.spec, 48, seed=0))
    x = jnp.linspace(-0.5, 0.3, lifted.dimension)
    value, gradient = jax.jit(jax.value_and_grad(lifted.log_density))(x, data.arrays)
    print([v.name for v in lifted.free], float(value).hex(), [float(g).hex() for g in gradient])
"""


@pytest.mark.long
def test_same_bits_under_any_hash_seed():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1
