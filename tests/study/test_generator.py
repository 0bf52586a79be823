import numpy as np
import pandas as pd
import pytest

from driftmill.models import Prior
from driftmill.simulation.covariates import Drawn, Given, Levels
from driftmill.simulation.simulate import simulate_datasets
from driftmill.study.build import design_of
from driftmill.study.examine import examine
from driftmill.study.expand import expand
from driftmill.study.hash import relevant
from driftmill.study.load import load_study

NORMAL = {"name": "Normal", "mu": 0, "sigma": 1}


@pytest.fixture
def hierarchical(raw, tmp_path):
    """Return a study with formulas, and with covariates of every kind."""
    frame = pd.DataFrame({"soa": np.arange(30.0), "block": ["p", "q", "q"] * 10, "no": 1})
    frame.to_csv(tmp_path / "design.csv", index=False)
    raw["data"] = [
        {
            "name": "hier",
            "model": "ddm",
            "formulas": [
                "v ~ 1 + x + (1 | participant_id)",
                {"formula": "a ~ 1 + C(block, Treatment('q'))", "link": "identity"},
                "t ~ 1 + load",
            ],
            "covariates": {
                "x": NORMAL,
                "load": {"levels": [1, 2.5]},
                "group": {"levels": ["pat", "con"], "per": "participant"},
                "age": NORMAL | {"per": "participant"},
            },
            "covariates_from": {"path": f"{tmp_path}/design.csv", "columns": ["soa", "block"]},
            "truth": {
                "v_Intercept": 1.0,
                "v_x": NORMAL,
                "v_1|participant_id_sigma": 0.2,
                "a_Intercept": 0.7,
                "a_C(block, Treatment('q'))[p]": 0.2,
                "z": 0.5,
                "t_Intercept": -1.5,
                "t_load": 0.2,
            },
            "participants": 4,
            "trials": 6,
            "datasets": 3,
        }
    ]
    return raw


def test_a_study_with_formulas_simulates(hierarchical, write):
    study = examine(write(hierarchical))
    trials, truth = simulate_datasets(design_of(study, "hier"), range(3))
    assert set(trials.columns[5:]) == {"x", "load", "group", "age", "soa", "block"}
    first = trials[trials["dataset"] == 1]
    np.testing.assert_array_equal(first["soa"], np.arange(24.0))
    assert first["block"].tolist() == ["p", "q", "q"] * 8
    assert set(truth["parameter"]) == {
        *hierarchical["data"][0]["truth"],
        "v_1|participant_id",
        "v (participant)",
    }


def test_a_design_has_formulas_and_covariates(hierarchical, write):
    design = design_of(load_study(write(hierarchical)), "hier")
    assert {name: str(r) for name, r in design.formulas.items()} == {
        "v": "v ~ 1 + x + (1 | participant_id)",
        "a": "a ~ 1 + C(block, Treatment('q'))",
        "t": "t ~ 1 + load",
    }
    assert [str(r.link) for r in design.formulas.values()] == ["identity", "identity", "log"]
    given = {name: c for name, c in design.covariates.items() if isinstance(c, Given)}
    assert {n: c for n, c in design.covariates.items() if n not in given} == {
        "x": Drawn(Prior("Normal", {"mu": 0.0, "sigma": 1.0})),
        "load": Levels((1.0, 2.5)),
        "group": Levels(("pat", "con"), "participant"),
        "age": Drawn(Prior("Normal", {"mu": 0.0, "sigma": 1.0}), "participant"),
    }
    assert list(given) == ["soa", "block"]
    assert all(len(c.values) == 24 for c in given.values())


def test_the_file_of_covariates_is_an_input(hierarchical, write, tmp_path):
    plan = expand(load_study(write(hierarchical)))
    assert plan.sources("hier") == [f"{tmp_path}/design.csv"]


@pytest.mark.parametrize(
    "change",
    [
        {"formulas": ["v ~ 1"]},
        {"link_settings": "identity"},
        {"covariates": {"x": NORMAL | {"mu": 1}}},
        {"covariates_from": None},
    ],
)
def test_what_a_generator_says_touches_its_data_alone(hierarchical, write, change):
    before = load_study(write(hierarchical))
    hierarchical["data"][0] |= change
    after = load_study(write(hierarchical))
    touched = {
        step: relevant(before, step, "hier", "f") != relevant(after, step, "hier", "f")
        for step in ("simulate", "fit", "loo", "compare", "recover")
    }
    assert touched.pop("simulate")
    assert not any(touched.values())


def test_a_plain_cell_has_no_inputs_and_observed_data_their_file(raw, observed, write):
    assert expand(load_study(write(raw))).sources("c") == []
    study = observed()
    assert expand(load_study(write(study))).sources("o") == [study["data"][0]["path"]]
