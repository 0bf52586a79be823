"""Trials without a response up to a deadline: what fits make of them."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

from driftmill.likelihoods.lapse import RT_LAPSE_UPPER
from driftmill.models import get_model
from driftmill.models.composition import compose
from driftmill.models.processes import RESCORLA_WAGNER
from driftmill.regression.columns import datasets_of, shape_of
from driftmill.regression.evaluate import log_density
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.omissions import EXAMPLE, OMITTED, marked
from driftmill.regression.scored import scored_by, scored_responses, scored_rows
from driftmill.regression.variables import flatten
from driftmill.sampling.rough import rough_values
from tests.regression.specs import SPECS

DDM, ANGLE = get_model("ddm"), get_model("angle")
VALUES = {"v": 0.6, "a": 1.1, "z": 0.45, "t": 0.25}
SPEC = FitSpec("ddm", DDM, deadlines=True)
N = 12


def trials(n=N):
    rng = np.random.default_rng(4)
    response = pd.array(np.where(rng.random(n) < 0.7, 1, -1), dtype="Int64")
    frame = pd.DataFrame(
        {
            "dataset": 0,
            "participant_id": "a",
            "trial_id": np.arange(n),
            "rt": 0.3 + rng.gamma(2.0, 0.15, n),
            "response": response,
            "deadline": np.resize([1.5, 2.0], n),
            "x": np.resize([0.0, 1.0, 1.0], n),
        }
    )
    frame.loc[[1, 4, 6, 7], ["rt", "response"]] = pd.NA
    return frame


def lifted(spec, frame):
    """Return the pointwise log likelihood at given values, and the density with its gradient."""
    columns = datasets_of(frame, spec)[0]
    model, data = Lifter(spec, shape_of(frame)).of(columns)
    natural = rough_values(model.spec, data.columns, model.free)
    natural |= {k: np.asarray(v) for k, v in VALUES.items() if k in natural}
    position = model.unconstrain(jnp.asarray(flatten(model.free, natural)), data.arrays)
    return model, data, position


SURVIVOR, BEFORE = jax.jit(DDM.log_survivor), jax.jit(DDM.log_cumulative)
DENSITY = jax.jit(DDM.likelihoods["analytical"])


def expected(frame, silent=None):
    values = VALUES
    omitted = frame["rt"].isna().to_numpy()
    result = np.zeros(len(frame))
    for k, row in enumerate(frame.itertuples()):
        if omitted[k]:
            p = np.exp(SURVIVOR(row.deadline, *values.values()))
            if silent is not None:
                p += np.exp(BEFORE(row.deadline, float(silent), *values.values()))
            result[k] = np.log(p)
        else:
            result[k] = DENSITY(row.rt, float(row.response), *values.values())
    return result


@pytest.mark.parametrize("silent", [None, -1])
def test_omissions_are_scored_by_their_probability(silent):
    frame = trials()
    model, data, position = lifted(replace(SPEC, silent=silent), frame)
    found = jax.jit(model.pointwise)(position, data.arrays)
    np.testing.assert_allclose(found, expected(frame, silent), rtol=1e-10)
    # Two deadlines, so two kinds.
    assert model.spec.omission_kinds == 2


def test_gradients_equal_finite_differences():
    model, data, position = lifted(replace(SPEC, silent=-1), trials())
    both = jax.jit(jax.value_and_grad(model.log_density))
    gradient = both(position, data.arrays)[1]
    for k, step in enumerate(1e-5 * np.eye(position.size)):
        up, down = (both(position + s, data.arrays)[0] for s in (step, -step))
        np.testing.assert_allclose(gradient[k], (up - down) / 2e-5, rtol=1e-6, atol=1e-6)


def test_kinds_are_told_apart_by_what_the_fit_looks_at():
    frame = trials()
    columns = datasets_of(frame, SPEC)[0]
    spec, made = marked(SPEC, columns)
    omitted = np.flatnonzero(frame["rt"].isna())
    for row in omitted:
        example = int(made[EXAMPLE][int(made[OMITTED][row]) - 1])
        assert frame["deadline"][example] == frame["deadline"][row]
    assert (made["rt"][omitted] == frame["deadline"][omitted]).all()
    assert spec.omission_kinds == 2
    # Of the deadlines and x three combinations are there; room goes by doubling.
    by_x = replace(SPECS["t by formula"], deadlines=True)
    assert marked(by_x, datasets_of(frame, by_x)[0])[0].omission_kinds == 4


def test_lapses_may_come_too_late():
    frame = trials()
    share = 0.1
    for silent in (None, -1):
        spec = replace(SPEC, p_outlier=share, silent=silent)
        model, data, position = lifted(spec, frame)
        omitted = frame["rt"].isna().to_numpy()
        seen = frame["deadline"].to_numpy() / RT_LAPSE_UPPER * (1.0 if silent is None else 0.5)
        lapse = np.where(omitted, 1.0 - seen, 0.5 / RT_LAPSE_UPPER)
        exact = np.log((1 - share) * np.exp(expected(frame, silent)) + share * lapse)
        found = jax.jit(model.pointwise)(position, data.arrays)
        np.testing.assert_allclose(found, exact, rtol=1e-10)


def test_fits_that_ignore_omissions_do_not_see_them():
    frame = trials()
    ignoring = FitSpec("ddm", DDM)
    assert scored_by(ignoring, frame).sum() == N - 4
    assert scored_by(SPEC, frame).all()
    model, data, position = lifted(ignoring, frame)
    found = np.asarray(jax.jit(model.pointwise)(position, data.arrays))[: data.n_trials]
    np.testing.assert_allclose(found, expected(frame.dropna()), rtol=1e-10)
    columns = datasets_of(frame, SPEC)[0]
    assert scored_rows(SPEC, columns).all()
    seen = scored_responses(SPEC, columns)
    assert np.isnan(seen["response"]).sum() == 4


def test_bounds_have_not_met_before_the_deadline_of_an_omission():
    frame = trials()
    spec = FitSpec("angle", ANGLE, deadlines=True)
    _, data, _ = lifted(replace(spec, silent=-1), frame)
    assert float(data.arrays[-1].max()) == frame["rt"].max()
    model, data, _ = lifted(spec, frame)
    assert float(data.arrays[-1].max()) == 2.0
    rng = np.random.default_rng(1)
    both = jax.jit(jax.value_and_grad(model.log_density))
    for position in rng.normal(0, 2, (20, model.dimension)):
        value, gradient = both(jnp.asarray(position), data.arrays)
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()


def test_a_dataset_of_omissions_alone_has_a_density():
    frame = trials()
    frame["rt"], frame["response"] = np.nan, pd.array([pd.NA] * N, dtype="Int64")
    model, data, position = lifted(SPEC, frame)
    assert np.isfinite(jax.jit(model.log_density)(position, data.arrays))


def test_a_learner_learns_nothing_from_an_omission():
    learner = compose(RESCORLA_WAGNER, DDM)
    frame = trials().assign(feedback=np.resize([1.0, 0.0, 1.0], N))
    frame.loc[frame["rt"].isna(), "feedback"] = np.nan
    values = {"rl_alpha": 0.3, "scaler": 2.0, "a": 1.1, "z": 0.45, "t": 0.25}
    columns = {name: frame[name].to_numpy(dtype=float) for name in ("rt", "response", "deadline")}
    columns |= {
        "feedback": frame["feedback"].to_numpy(),
        "participant_id": np.full(N, "a"),
        "trial_id": np.arange(N),
        **{name: np.full(N, x) for name, x in values.items()},
    }
    found = log_density(learner, columns, "analytical")
    q = np.array([0.5, 0.5])
    for k, row in enumerate(frame.itertuples()):
        given = (values["scaler"] * (q[1] - q[0]), 1.1, 0.45, 0.25)
        if np.isnan(row.rt):
            exact = SURVIVOR(row.deadline, *given)
        else:
            exact = DENSITY(row.rt, float(row.response), *given)
            c = int(row.response > 0)
            q[c] += values["rl_alpha"] * (row.feedback - q[c])
        np.testing.assert_allclose(found[k], exact, rtol=1e-9)
