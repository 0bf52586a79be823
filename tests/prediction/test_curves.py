"""Curves against loops over a small table, and against what planted misfits do to them."""

import numpy as np
import pandas as pd
import pytest

from driftmill.models import get_model
from driftmill.prediction.curves import STAGES, TIMES, curves_of
from driftmill.prediction.posterior import posterior_check
from driftmill.prediction.splits import Split, Trials
from driftmill.regression.fit_spec import FitSpec
from driftmill.simulation.trials import simulate_trials
from tests.prediction.specs import posterior_of

DDM = get_model("ddm")
SEED = np.random.SeedSequence(2)
TRUTH = {"v": 1.0, "a": 0.6, "z": 0.5, "t": 0.3}


@pytest.fixture
def table():
    """Return a dataset of two participants and two conditions; one trial without a response."""
    rng = np.random.default_rng(3)
    n = 80
    frame = pd.DataFrame(
        {
            "rt": rng.gamma(4.0, 0.2, n).round(2),
            "response": rng.choice([-1.0, 1.0], n),
            "person": np.repeat([0, 1], [48, 32]),
            "position": [*range(48), *range(32)],
            "condition": rng.choice(["a", "b"], n),
        }
    )
    frame.loc[7, ["rt", "response"]] = np.nan
    return frame


def made(table, better=None, model=DDM):
    trials = Trials(table["person"].to_numpy(), ("s1", "s2"), table["position"].to_numpy())
    index = (table["condition"] == "b").to_numpy().astype(np.int64)
    person = np.where(table["person"] == 1, 0, -1)
    splits = (
        Split("all", "", ("all trials",), np.zeros(len(table), dtype=np.int64)),
        Split("condition", "c", ("a", "b"), index),
        Split("participant", "participant_id", ("s2",), person),
    )
    columns = {name: table[name].to_numpy() for name in model.response_columns}
    return curves_of(model, columns, splits, trials, better), columns


def in_group(table, row):
    """Mark the trials of a row's group."""
    if row["scope"] == "condition":
        return table["condition"] == row["group"]
    return (table["person"] == 1) | (row["scope"] == "all")


def by_hand(table, row, times, better):
    """Evaluate one number of a curve from its definition."""
    group = table[in_group(table, row)]
    if row["curve"] == "defective_cdf":
        reached = (group["response"] == row["response"]) & (group["rt"] <= times[row["bin"]])
        return reached.sum() / len(group)
    if row["curve"] == "conditional_accuracy":
        # Of equal times those that come first in the table are the faster ones.
        ordered = group.dropna().sort_values("rt", kind="stable")
        bins = np.array([k * 5 // len(ordered) for k in range(len(ordered))])
        return (ordered["response"][bins == row["bin"]] == row["response"]).mean()
    if row["curve"] == "quantile_probability":
        mine = group[group["response"] == row["response"]]
        quantile = mine["rt"].quantile([0.1, 0.3, 0.5, 0.7, 0.9][row["bin"]])
        return len(mine) / len(group) if row["quantity"] == "probability" else quantile
    longest = table.groupby("person")["position"].transform("max") + 1
    stage = (table["position"] * STAGES // longest)[group.index]
    here = group[stage == row["bin"]]
    if row["quantity"] == "median_rt":
        return here["rt"].median()
    if row["quantity"] == "better":
        known = here[better[here.index] >= 0]
        return (known["response"] == np.array([-1, 1])[better[known.index]]).mean()
    return (here["response"] == row["response"]).mean()


def test_every_number_is_that_of_its_definition(table):
    better = np.random.default_rng(1).integers(-1, 2, len(table))
    curves, columns = made(table, better)
    values = curves.evaluate(columns, np.ones(len(table), dtype=bool))
    rows = curves.rows
    assert len(rows) == 4 * (2 * TIMES + 2 * 5 + (2 + 1 + 1) * STAGES + 2 * 1 + 2 * 5)
    expected = [by_hand(table, row, curves.times, better) for row in rows.to_dict("records")]
    np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_trials_that_do_not_count_are_as_if_they_were_not_there(table):
    curves, columns = made(table)
    counted = np.random.default_rng(4).random(len(table)) < 0.8
    left = {name: np.where(counted, column, np.nan) for name, column in columns.items()}
    values = curves.evaluate(columns, counted)
    np.testing.assert_array_equal(values, curves.evaluate(left, counted))
    rows = curves.rows.assign(value=values)
    last = rows[(rows["curve"] == "defective_cdf") & (rows["scope"] == "all")]
    highest = last.groupby("response")["value"].max()
    share = (table["rt"][counted] <= curves.times[-1]).sum() / counted.sum()
    assert highest.sum() == pytest.approx(share)


def test_the_table_says_where_numbers_stand_and_what_tells_them(table):
    curves, columns = made(table)
    found = curves.table(columns, np.zeros((3, len(curves.rows))))
    cdf = found[found["curve"] == "defective_cdf"]
    assert (cdf["x"].to_numpy().reshape(-1, TIMES) == curves.times).all()
    assert cdf.groupby("group")["n_observed"].first()["s2"] == 32
    bins = found[found["curve"] == "conditional_accuracy"]
    every = bins[(bins["scope"] == "all") & (bins["response"] == 1)]
    assert every["n_observed"].sum() == 79
    ordered = np.sort(table["rt"].dropna())
    assert every["x"].iloc[0] == pytest.approx(ordered[:16].mean())
    tails = found[found["quantity"] == "rt_quantile"]
    assert (tails["bin"].to_numpy().reshape(-1, 5) == range(5)).all()
    mine = tails[(tails["group"] == "s2") & (tails["response"] == 1)]
    count = ((table["person"] == 1) & (table["response"] == 1)).sum()
    assert (mine["n_observed"] == count).all()
    np.testing.assert_allclose(mine["x"], count / 32)
    course = found[(found["curve"] == "course") & (found["group"] == "s2")]
    assert (course["n_observed"] == 4).all()


def test_choices_alone_have_a_course_and_no_times(table):
    choices = table.assign(response=table["response"].fillna(1.0))
    curves, columns = made(choices, model=get_model("softmax_inv_temperature_2"))
    assert set(curves.rows["curve"]) == {"course"}
    assert set(curves.rows["quantity"]) == {"probability"}
    values = curves.evaluate(columns, np.ones(len(table), dtype=bool))
    assert np.isfinite(values).all()


def test_short_sessions_have_no_course(table):
    short = table[table["position"] < 15]
    curves, _ = made(short)
    assert "course" not in set(curves.rows["curve"])


def checked(columns, **values):
    n = len(columns["rt"])
    draws = {name: np.full(60, float(x)) for name, x in (TRUTH | values).items()}
    trials = Trials(np.zeros(n, dtype=np.int64), ("",), np.arange(n))
    spec = FitSpec("f", DDM, p_outlier=0.0)
    found = posterior_check(spec, columns, posterior_of(draws, {}), 7, SEED, 60, trials).curves
    held = (found["observed"] >= found["lower"]) & (found["observed"] <= found["upper"])
    return found.assign(held=held)


@pytest.fixture(scope="module")
def simulated():
    """Return 600 trials of a diffusion."""
    return simulate_trials(DDM, {n: np.full(600, x) for n, x in TRUTH.items()}, SEED)


def test_a_right_fit_holds_its_curves(simulated):
    found = checked(simulated)
    assert set(found["scope"]) == {"all"}
    # Neighbours on a curve go together, so that of its values half may leave at once.
    assert found["held"].mean() > 0.75


@pytest.mark.parametrize(
    ("values", "curve"),
    [({"t": 0.35}, "defective_cdf"), ({"z": 0.62}, "conditional_accuracy"), ({"a": 0.5}, "course")],
)
def test_a_misfit_leaves_its_bands(simulated, values, curve):
    found = checked(simulated, **values)
    assert found.loc[found["curve"] == curve, "held"].mean() < 0.6


def test_a_change_over_the_session_is_seen(simulated):
    late = np.arange(600) >= 450
    slow = {"rt": simulated["rt"] + 0.3 * late, "response": simulated["response"]}
    found = checked(slow)
    course = found[found["quantity"] == "median_rt"].set_index("bin")
    assert (course.loc[6:, "observed"] > course.loc[6:, "upper"]).all()
