"""Datasets with rows held out, against datasets that never had them."""

import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.models.composition import compose
from driftmill.models.declaration import DEADLINE
from driftmill.models.processes import RESCORLA_WAGNER_DUAL
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.scored import SCORED
from driftmill.regression.variables import flatten
from tests.regression.specs import SPECS, columns_of, rough

ROWS = 48


def held_rows(columns, more=(7, 30)):
    """A few rows, the fastest and the last among them."""
    held = np.zeros(len(columns["response"]), dtype=bool)
    held[[*more, len(held) - 1]] = True
    if "rt" in columns:
        held[np.nanargmin(columns["rt"])] = True
    return held


def log_densities(spec, columns, held):
    """At one point of natural values: rows held out, and a dataset that is shorter by them."""
    n = len(held)
    out = Lifter(spec, Shape(n)).without(columns, held)
    kept = {name: column[~held] for name, column in columns.items()}
    shorter, data = Lifter(spec, Shape(n - held.sum())).of(kept)
    natural = flatten(shorter.free, rough(shorter, data))
    return [
        float(model.log_density(model.unconstrain(natural, arrays), arrays))
        for model, arrays in ((out.lifted, out.kept.arrays), (shorter, data.arrays))
    ]


@pytest.mark.parametrize("name", ["ddm", "angle, a by formula", "hierarchy", "softmax hierarchy"])
def test_a_row_held_out_is_a_row_that_never_was(name):
    columns = columns_of(SPECS[name], ROWS, seed=3)
    ours, theirs = log_densities(SPECS[name], columns, held_rows(columns))
    assert ours == pytest.approx(theirs, rel=1e-10)


def test_an_omission_held_out_leaves_those_like_it():
    spec = FitSpec("ddm", get_model("ddm"), p_outlier=0.05, deadlines=True)
    columns = columns_of(SPECS["ddm"], ROWS, seed=3) | {DEADLINE: np.full(ROWS, 1.2)}
    late = columns["rt"] > 1.2
    columns |= {
        "rt": np.where(late, np.nan, columns["rt"]),
        "response": np.where(late, np.nan, columns["response"]),
    }
    held = held_rows(columns, more=(int(np.argmax(late)),))
    assert (late & ~held).any()
    ours, theirs = log_densities(spec, columns, held)
    assert ours == pytest.approx(theirs, rel=1e-10)


def test_omissions_alone_may_be_left():
    spec = FitSpec("ddm", get_model("ddm"), deadlines=True)
    rt = np.array([0.4, np.nan, np.nan])
    columns = {"rt": rt, "response": np.where(rt > 0, 1.0, np.nan), DEADLINE: np.full(3, 1.2)}
    out = Lifter(spec, Shape(3)).without(columns, rt > 0)
    position = out.lifted.unconstrain(jnp.array([1.0, 0.1, 0.9, 0.5]), out.kept.arrays)
    names = [variable.name for variable in out.lifted.free]
    assert names == ["a", "t", "v", "z"]
    kept = np.asarray(out.lifted.pointwise(position, out.kept.arrays))
    assert kept[0] == 0
    assert np.isfinite(kept[1:]).all()
    # The non-decision time may lie beyond the response that is held out.
    position = out.lifted.unconstrain(jnp.array([1.0, 0.6, 0.9, 0.5]), out.kept.arrays)
    assert np.isfinite(out.lifted.log_density(position, out.kept.arrays))


def test_learners_learn_from_what_is_held_out():
    """As from trials that a study says are not scored; and in their turn they are scored."""
    spec = FitSpec("learner", compose(RESCORLA_WAGNER_DUAL, get_model("ddm")), p_outlier=0.05)
    rng = np.random.default_rng(4)
    columns = {
        "rt": 0.3 + rng.gamma(2.0, 0.3, ROWS),
        "response": rng.choice([-1, 1], ROWS),
        "feedback": rng.choice([0.0, 1.0], ROWS),
        "participant_id": np.repeat(["a", "b"], ROWS // 2).astype(object),
        "trial_id": np.tile(np.arange(ROWS // 2), 2),
    }
    held = held_rows(columns)
    lifter = Lifter(spec, Shape(ROWS))
    out = lifter.without(columns, held)
    position = jnp.linspace(-0.5, 0.5, out.lifted.dimension)
    for arrays, given in (
        (out.kept.arrays, {**columns, SCORED: np.where(held, 0.0, 1.0)}),
        (out.whole.arrays, columns),
    ):
        lifted, data = lifter.of(given)
        expected = lifted.pointwise(position, data.arrays)
        ours = out.lifted.pointwise(position, arrays)
        np.testing.assert_allclose(ours, expected, rtol=1e-12)


def test_all_that_is_held_out_shares_a_program():
    spec = SPECS["hierarchy"]
    columns = columns_of(spec, ROWS, seed=3)
    lifter = Lifter(spec, Shape(ROWS))
    masks = [np.arange(ROWS) == 5, columns["participant_id"] == "p1", np.arange(ROWS) > 30]
    found = [lifter.without(columns, mask) for mask in masks]
    assert len({id(out.lifted) for out in found}) == 1
    for out in found:
        position = jnp.full(out.lifted.dimension, 0.01)
        kept = np.asarray(out.lifted.pointwise(position, out.kept.arrays))
        whole = np.asarray(out.lifted.pointwise(position, out.whole.arrays))
        assert np.all((kept == 0) == out.rows)
        np.testing.assert_array_equal(kept[~out.rows], whole[~out.rows])


@pytest.mark.parametrize(
    ("name", "bounded"), [("ddm", True), ("ddm, lapse", False), ("t by formula", False)]
)
def test_the_fastest_response_bounds_a_shift_without_lapses(name, bounded):
    columns = columns_of(SPECS[name], ROWS, seed=3)
    lifter = Lifter(SPECS[name], Shape(ROWS))
    _, data = lifter.of(columns)
    order = np.argsort(columns["rt"])
    rows = np.arange(ROWS)
    assert lifter.without(columns, rows == order[1]).bounded_like(data)
    assert lifter.without(columns, rows == order[0]).bounded_like(data) is not bounded


def test_something_must_be_left():
    columns = columns_of(SPECS["ddm"], ROWS, seed=3)
    with pytest.raises(ValueError, match="no trial is left when 48 are held out"):
        Lifter(SPECS["ddm"], Shape(ROWS)).without(columns, np.ones(ROWS, dtype=bool))
