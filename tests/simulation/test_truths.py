import numpy as np
import pytest
from scipy import stats

from driftmill.models import Prior, get_model
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.simulation.truths import Grid, check_truth, draw_truth, grid_size

DDM = get_model("ddm")
FIXED = {"v": 0.5, "a": 1.5, "z": 0.5, "t": 0.3}


def draw(truth, dataset=0, seed=1):
    return draw_truth(
        DDM, DDM.parameters, truth, dataset, seed_sequence(seed, "cell", dataset, Purpose.TRUTH)
    )


def test_fixed_values_are_taken_as_they_are_in_model_order():
    assert list(draw(dict(reversed(FIXED.items()))).items()) == list(FIXED.items())


def test_grids_are_walked_as_a_product_and_start_again():
    truth = FIXED | {"t": Grid((0.2, 0.3)), "v": Grid((-1.0, 0.0, 1.0))}
    points = [(drawn["v"], drawn["t"]) for drawn in (draw(truth, d) for d in range(7))]
    assert points == [(-1, 0.2), (-1, 0.3), (0, 0.2), (0, 0.3), (1, 0.2), (1, 0.3), (-1, 0.2)]
    assert grid_size(truth) == 6
    assert grid_size(FIXED) == 1


def test_priors_are_truncated_to_the_support():
    truth = FIXED | {"a": Prior("Normal", {"mu": 0.0, "sigma": 1.0})}
    values = np.array([draw(truth, d)["a"] for d in range(400)])
    assert (values > 0).all()
    assert stats.kstest(values, stats.halfnorm().cdf).pvalue > 1e-3


def test_streams_of_parameters_and_datasets_are_their_own():
    prior = Prior("Normal", {"mu": 0.0, "sigma": 1.0})
    both = FIXED | {"v": prior, "z": Prior("Uniform", {"lower": 0.2, "upper": 0.8})}
    alone = FIXED | {"v": prior}
    values = [draw(both, d)["v"] for d in range(20)]
    assert values == [draw(alone, d)["v"] for d in range(20)]
    assert len(set(values)) == 20
    assert values != [draw(both, d, seed=2)["v"] for d in range(20)]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"z": 1.2}, r"z = 1.2 is outside its support \(0, 1\)"),
        ({"t": Grid((0.2, -0.1))}, r"t = -0.1 is outside"),
        ({"a": float("nan")}, "a = nan"),
        ({"theta": 0.1}, "unknown: theta"),
        ({"v": Prior("Normall", {"mu": 0, "sigma": 1})}, "truth of v cannot be drawn.*Normal"),
        ({"z": Prior("Uniform", {"lower": 2, "upper": 3})}, "truth of z cannot be drawn"),
    ],
)
def test_bad_truths_are_named(changed, message):
    with pytest.raises(SimulationError, match=message):
        check_truth(DDM, DDM.parameters, FIXED | changed)


def test_missing_truth_is_named():
    with pytest.raises(SimulationError, match="missing: v"):
        draw({name: value for name, value in FIXED.items() if name != "v"})


def test_an_empty_grid_is_refused():
    with pytest.raises(ValueError, match="at least one value"):
        Grid(())


LBA = get_model("lba2")
RACE = {"A": 0.3, "b": 0.8, "v0": 1.0, "v1": 0.6, "t": 0.0}


@pytest.mark.parametrize(
    "changed", [{"A": 0.8}, {"b": 0.2}, {"A": Grid((0.1, 0.9))}, {"A": 0.5, "b": Grid((0.4, 0.6))}]
)
def test_a_start_above_its_threshold_is_named(changed):
    with pytest.raises(SimulationError, match="A must lie below b, not A = 0"):
        check_truth(LBA, LBA.parameters, RACE | changed)


def test_starts_are_drawn_below_their_threshold():
    prior = Prior("HalfNormal", {"sigma": 1.0})
    both = [
        draw_truth(LBA, LBA.parameters, RACE | {"A": prior, "b": prior}, d, seed_of(d))
        for d in range(30)
    ]
    assert all(truth["A"] < truth["b"] for truth in both)
    assert len({truth["A"] for truth in both}) == 30
    assert all(truth["v0"] == 1.0 for truth in both)
    below = draw_truth(LBA, LBA.parameters, RACE | {"A": prior, "b": 0.2}, 0, seed_of(0))
    assert 0.0 < below["A"] < 0.2


def seed_of(dataset):
    return np.random.SeedSequence([9, dataset])
