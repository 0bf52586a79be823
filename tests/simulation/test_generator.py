import hashlib
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from driftmill.formulas.links import Link, default_link
from driftmill.formulas.regression import Regression
from driftmill.models import Prior, get_model
from driftmill.simulation import simulate
from driftmill.simulation.covariates import Drawn, Given, Levels
from driftmill.simulation.design import Design
from driftmill.simulation.generator import generate
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.simulate import simulate_datasets
from driftmill.simulation.truths import Grid
from tests.simulation.digests import digests

DDM = get_model("ddm")
IDENTITY = Link("identity")
UNIT = Prior("Normal", {"mu": 0.0, "sigma": 1.0})


def regression(parameter, formula, link=None):
    return Regression(parameter, formula, link or default_link(DDM.parameter(parameter)))


DESIGN = Design(
    cell="hier",
    model=DDM,
    truth={
        "v_Intercept": Prior("Normal", {"mu": 1.0, "sigma": 0.5}),
        "v_x": Grid((0.2, 0.4)),
        "v_c[b]": 0.3,
        "v_1|participant_id_sigma": 0.2,
        "v_x|participant_id_sigma": 0.1,
        "a_Intercept": -0.3,
        "a_1|participant_id_sigma": Prior("HalfNormal", {"sigma": 0.1}),
        "z": 0.5,
        "t": 0.3,
    },
    participants=12,
    trials=6,
    datasets=4,
    lapse=0.0,
    seed=9,
    formulas={
        "v": regression("v", "1 + x + c + (1 + x | participant_id)"),
        "a": regression("a", "1 + (1 | participant_id)"),
    },
    covariates={"x": Drawn(UNIT), "c": Levels(("a", "b")), "unused": Drawn(UNIT, "participant")},
)


def test_tables_have_the_columns_of_the_artifacts():
    trials, truth = simulate_datasets(DESIGN, [0, 1])
    ours = ["dataset", "participant_id", "trial_id", "rt", "response"]
    assert list(trials) == [*ours, "x", "c", "unused"]
    assert [str(t) for t in truth.dtypes] == ["int64", "str", "str", "float64"]
    shared = truth[truth["participant_id"].isna()]
    assert shared["parameter"].tolist() == [*DESIGN.truth] * 2
    own = truth.dropna().groupby("parameter", sort=False)["participant_id"].agg(set)
    assert own.index.tolist() == [
        "v_1|participant_id",
        "v_x|participant_id",
        "v (participant)",
        "v_x (participant)",
        "a_1|participant_id",
        "a (participant)",
    ]
    assert all(who == {str(p) for p in range(12)} for who in own)
    assert not truth.duplicated(["dataset", "participant_id", "parameter"]).any()


def test_grids_and_priors_are_taken_dataset_by_dataset():
    _, truth = simulate_datasets(DESIGN, range(4))
    shared = truth[truth["participant_id"].isna()]
    wide = shared.pivot_table(index="dataset", columns="parameter", values="value")
    assert wide["v_x"].tolist() == [0.2, 0.4, 0.2, 0.4]
    assert wide["v_Intercept"].nunique() == wide["a_1|participant_id_sigma"].nunique() == 4


def test_participants_values_are_what_their_trials_were_simulated_with(monkeypatch):
    used = []

    def spy(model, parameters, *rest):
        used.append(parameters)
        return original(model, parameters, *rest)

    original = simulate.simulate_trials
    monkeypatch.setattr(simulate, "simulate_trials", spy)
    trials, truth = simulate_datasets(DESIGN, [3])
    values = truth.set_index(["participant_id", "parameter"])["value"]
    assert len(used) == 12
    for participant, parameters in enumerate(used):
        rows = trials[trials["participant_id"] == str(participant)]
        own = {
            name: values[str(participant), f"{name} (participant)"] for name in ("v", "v_x", "a")
        }
        c = 0.3 * (rows["c"] == "b")
        np.testing.assert_allclose(
            parameters["v"], own["v"] + own["v_x"] * rows["x"] + c, atol=1e-12
        )
        np.testing.assert_allclose(parameters["a"], own["a"], rtol=1e-14)
        # -0.3 is on the log scale.
        deviation = values[str(participant), "a_1|participant_id"]
        assert own["a"] == pytest.approx(np.exp(-0.3 + deviation), rel=1e-14)
        np.testing.assert_array_equal(parameters["t"], 0.3)


def test_batches_are_a_cost_choice():
    together = simulate_datasets(DESIGN, range(4))
    apart = [simulate_datasets(DESIGN, [number]) for number in range(4)]
    for kind in (0, 1):
        single = pd.concat([tables[kind] for tables in apart], ignore_index=True)
        pd.testing.assert_frame_equal(together[kind], single, check_exact=True)


def test_hash_seed_and_global_random_state_do_not_matter():
    program = f"""
import hashlib, random, sys
import numpy as np
sys.path[:0] = {sys.path!r}
np.random.seed(random.randrange(2**31))
from {__name__} import DESIGN
from driftmill.simulation.simulate import simulate_datasets
tables = simulate_datasets(DESIGN, [0, 2])
print(hashlib.sha256("".join(t.to_csv() for t in tables).encode()).hexdigest())
"""
    tables = simulate_datasets(DESIGN, [0, 2])
    here = hashlib.sha256("".join(table.to_csv() for table in tables).encode()).hexdigest()
    assert digests(program) == {here}


def test_more_participants_leave_the_first_ones_alone():
    few = simulate_datasets(DESIGN, [1])
    many = simulate_datasets(replace(DESIGN, participants=31), [1])
    first = [str(p) for p in range(12)]
    for small, large in zip(few, many, strict=True):
        kept = large[large["participant_id"].isna() | large["participant_id"].isin(first)]
        keys = [c for c in ("participant_id", "trial_id", "parameter") if c in small]
        pd.testing.assert_frame_equal(
            small.sort_values(keys, ignore_index=True),
            kept.sort_values(keys, ignore_index=True),
            check_exact=True,
        )


def test_a_formula_leaves_the_other_parameters_draws_alone():
    """The draws of `a` in its plain form are the same with and without a formula on `v`."""
    drift = {name: value for name, value in DESIGN.truth.items() if name.startswith("v_")}
    plain = {"a": Prior("Uniform", {"lower": 0.5, "upper": 0.9}), "z": 0.5, "t": 0.3}
    one = replace(DESIGN, truth=drift | plain, formulas={"v": DESIGN.formulas["v"]})
    other = replace(DESIGN, truth={"v": 1.0} | plain, formulas={}, covariates={})
    values = [generate(design, 2).parameters["a"][0] for design in (one, other)]
    assert values[0] == values[1]


def test_given_covariates_are_the_same_in_every_dataset():
    values = np.random.default_rng(1).normal(size=100)
    design = replace(DESIGN, covariates={**DESIGN.covariates, "x": Given(values)})
    trials, _ = simulate_datasets(design, [0, 1])
    np.testing.assert_array_equal(trials["x"], np.tile(values[:72], 2))


def test_other_groups_than_participants_have_no_participants_values():
    truth = {"v_Intercept": 1.0, "v_1|c_sigma": 0.2, "a": 0.7, "z": 0.5, "t": 0.3}
    design = replace(DESIGN, truth=truth, formulas={"v": regression("v", "1 + (1 | c)")})
    _, table = simulate_datasets(design, [0])
    assert table["participant_id"].isna().all()
    assert table["parameter"].tolist() == [*truth, "v_1|c[a]", "v_1|c[b]"]


def test_the_trial_number_is_a_covariate():
    truth = {"v_Intercept": 1.0, "v_trial_id": 0.1, "a": 0.7, "z": 0.5, "t": 0.3}
    design = replace(DESIGN, truth=truth, formulas={"v": regression("v", "1 + trial_id")})
    made = generate(design, 0)
    np.testing.assert_allclose(made.parameters["v"], np.tile(1.0 + 0.1 * np.arange(6), 12))


def test_a_parameter_outside_its_support_names_its_place():
    truth = {"v": 1.0, "z": 0.5, "t": 0.3, "a_Intercept": 0.7, "a_x": 0.5}
    design = replace(
        DESIGN, truth=truth, formulas={"a": regression("a", "1 + x", IDENTITY)}, trials=40
    )
    with pytest.raises(
        SimulationError,
        match=r"cell hier, dataset 2, participant \d+: a ~ 1 \+ x gives a = -\d.* on trial \d+, "
        r"x = -\d.*, outside its support \(0, inf\) \(\d+ of 480 trials\); take another link",
    ):
        simulate_datasets(design, [2])


def test_a_predictor_too_far_for_its_link_is_told():
    truth = {"v": 1.0, "a": 0.7, "t": 0.3, "z_Intercept": 0.0, "z_x": 200.0}
    design = replace(DESIGN, truth=truth, formulas={"z": regression("z", "1 + x")})
    with pytest.raises(SimulationError, match=r"z = 1 on trial .*give smaller truths"):
        simulate_datasets(design, [0])


def test_walks_that_do_not_finish_name_their_place():
    truth = {**DESIGN.truth, "v_Intercept": 0.0, "v_x": 0.0, "v_c[b]": 0.0, "a_Intercept": 1.9}
    with pytest.raises(SimulationError, match=r"cell hier, dataset 1, participant \d+: .* walks"):
        simulate_datasets(replace(DESIGN, truth=truth), [1])


def test_levels_that_change_with_the_draws_are_refused():
    plain = {"a": 0.7, "z": 0.5, "t": 0.3}
    drawn = {"n": Drawn(UNIT, "participant")}
    design = replace(DESIGN, truth={"v": 1.0} | plain, formulas={}, covariates=drawn)
    first = [f"v_C(n)[{value}]" for value in sorted(design.table(0)["n"].unique())[1:]]
    truth = {"v_Intercept": 1.0} | dict.fromkeys(first, 0.1) | plain
    design = replace(design, truth=truth, formulas={"v": regression("v", "1 + C(n)")})
    simulate_datasets(design, [0])
    with pytest.raises(SimulationError, match=r"dataset 1: its coefficients are not those of data"):
        simulate_datasets(design, [1])
