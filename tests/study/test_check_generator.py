import copy

import pytest

from driftmill.study.check_cell import check_simulated
from driftmill.study.examine import examine
from driftmill.study.problems import StudyErrors
from driftmill.study.types import SimulatedCell

NORMAL = {"name": "Normal", "mu": 0, "sigma": 1}
CELL = {
    "name": "hier",
    "model": "ddm",
    "formulas": [
        "v ~ 1 + x + cond + (1 + x | participant_id)",
        {"formula": "a ~ 1 + (0 + cond | participant_id)", "link": "log"},
    ],
    "covariates": {"x": NORMAL, "cond": {"levels": ["b", "a"]}},
    "truth": {
        "v_Intercept": NORMAL,
        "v_x": {"grid": [0.2, 0.5]},
        "v_cond[b]": 0.5,
        "v_1|participant_id_sigma": {"name": "HalfNormal", "sigma": 0.3},
        "v_x|participant_id_sigma": 0.2,
        "a_Intercept": 0.2,
        "a_cond|participant_id_sigma[a]": 0.1,
        "a_cond|participant_id_sigma[b]": 0.1,
        "z": 0.5,
        "t": 0.3,
    },
    "participants": 3,
    "trials": 8,
    "datasets": 4,
}


@pytest.fixture
def cell():
    return copy.deepcopy(CELL)


@pytest.fixture
def problems():
    def find(cell):
        found = check_simulated("s.yaml", "data[0]", SimulatedCell.model_validate(cell))
        assert all(problem.file == "s.yaml" and problem.remedy for problem in found)
        return found

    return find


def test_a_good_cell_has_no_problems(cell, problems):
    assert problems(cell) == []


def test_each_missing_truth_is_named(cell, problems):
    cell["truth"] = {"z": 0.5}
    found = problems(cell)
    assert [problem.field for problem in found] == [
        f"data[0].truth.{name}" for name in CELL["truth"] if name != "z"
    ]
    by_name = {problem.field.removeprefix("data[0].truth."): problem for problem in found}
    assert "a coefficient on the identity scale of v" in by_name["v_x"].message
    sd = by_name["a_cond|participant_id_sigma[b]"]
    assert "the sd of cond|participant_id on the log scale of a" in sd.message
    assert "inside (0, inf)" in sd.remedy


def test_superfluous_truths_are_named(cell, problems):
    cell["truth"] |= {"v": 1.0, "v_y": 0.2, "v_cond[a]": 0.1, "v_1|participant_id": 0.3}
    plain, *others = problems(cell)
    assert (plain.field, plain.value) == ("data[0].truth.v", "1.0")
    assert "v has a formula" in plain.message
    assert plain.remedy.startswith("take it out; give v_Intercept, v_x, v_cond[b], v_1|partic")
    assert [problem.field for problem in others] == [
        "data[0].truth.v_y",
        "data[0].truth.v_cond[a]",
        "data[0].truth.v_1|participant_id",
    ]
    assert "did you mean 'v_x'?" in others[0].remedy
    assert "did you mean 'v_1|participant_id_sigma'?" in others[2].remedy


@pytest.mark.parametrize("sd", [0.0, -0.2, {"grid": [0.2, 0.0]}])
def test_an_sd_must_be_positive(cell, problems, sd):
    cell["truth"]["v_1|participant_id_sigma"] = sd
    (problem,) = problems(cell)
    assert problem.field.startswith("data[0].truth.v_1|participant_id_sigma")
    assert "inside (0, inf)" in problem.remedy


def test_a_distribution_of_a_coefficient_is_checked(cell, problems):
    cell["truth"]["v_x"] = {"name": "Nrmal", "mu": 0, "sigma": 1}
    (problem,) = problems(cell)
    assert problem.field == "data[0].truth.v_x.name"
    assert "did you mean 'Normal'?" in problem.remedy


@pytest.mark.parametrize(
    ("entry", "field", "message", "remedy"),
    [
        ("v ~ 1 + x +", "formulas[0]", "cannot be read", "write e.g. v ~"),
        ("1 + x", "formulas[0]", "does not say of which parameter", "write e.g. v ~"),
        ("v ~", "formulas[0]", "the formula is empty", "write e.g. v ~"),
        ("vv ~ 1 + x", "formulas[0]", "ddm has no parameter 'vv'", "did you mean 'v'?"),
        ("v ~ 1 + xx", "formulas[0]", "the covariate xx, which is not", "did you mean 'x'?"),
        ("v ~ 1 + log(cond)", "formulas[0]", "cannot be evaluated", "change the formula"),
        ("v ~ 1 + C(x)", "formulas[0]", "coefficients change with what is", "{levels: [a, b]}"),
        (
            {"formula": "v ~ 1 + response"},
            "formulas[0].formula",
            "the covariate response, which is not declared",
            "participant_id, trial_id",
        ),
        (
            {"formula": "v ~ 1 + x", "link": "log"},
            "formulas[0].link",
            "the link log does not fit v",
            "give one of identity",
        ),
    ],
)
def test_a_formula_that_cannot_be_is_told(cell, problems, entry, field, message, remedy):
    """Of the truths of a parameter whose formula is broken nothing can be said."""
    cell["formulas"][0] = entry
    if isinstance(entry, str) and not entry.startswith("v ~"):
        cell["truth"] = {k: v for k, v in cell["truth"].items() if not k.startswith("v")}
        cell["truth"]["v"] = 1.0
    (problem,) = problems(cell)
    assert problem.field == f"data[0].{field}"
    assert message in problem.message
    assert remedy in problem.remedy


def test_two_formulas_for_one_parameter_are_told(cell, problems):
    cell["formulas"].append("v ~ 1")
    (problem,) = problems(cell)
    assert (problem.field, problem.value) == ("data[0].formulas[2]", "'v ~ 1'")
    assert "v has a formula at data[0].formulas[0] already" in problem.message


def test_groups_need_two_participants(cell, problems):
    cell["participants"] = 1
    (problem,) = problems(cell)
    assert (problem.field, problem.value) == ("data[0].participants", "1")
    assert "2 participants or more" in problem.remedy


def test_other_groups_need_two_members(cell, problems, tmp_path):
    (tmp_path / "d.csv").write_text("s\n" + "only\n" * 24)
    cell |= {"covariates": {}, "covariates_from": {"path": f"{tmp_path}/d.csv", "columns": ["s"]}}
    cell |= {"formulas": ["v ~ 1 + (1 | s)"], "truth": {"a": 1.0, "z": 0.5, "t": 0.3}}
    (problem,) = problems(cell)
    assert problem.field == "data[0].formulas[0]"
    assert "s has the single member only" in problem.message


def test_a_covariate_that_is_constant_is_told(cell, problems):
    cell["covariates"]["age"] = NORMAL | {"per": "participant"}
    cell |= {"formulas": ["v ~ 1 + age"], "participants": 1}
    cell["truth"] = {"v_Intercept": 1.0, "v_age": 0.1, "a": 1.0, "z": 0.5, "t": 0.3}
    (problem,) = problems(cell)
    assert problem.field == "data[0].formulas[0]"
    assert "the term age is constant" in problem.message


def test_the_settings_choose_links(cell, problems):
    cell["formulas"] = ["a ~ 1 + (1 | participant_id)"]
    cell["truth"] = {"v": 1.0, "a_Intercept": -0.2, "a_1|participant_id_sigma": 0.1}
    cell["truth"] |= {"z": 0.5, "t": 0.3}
    assert problems(cell) == []
    cell["link_settings"] = "identity"
    (problem,) = problems(cell)
    assert (problem.field, problem.value) == ("data[0].truth.a_Intercept", "-0.2")
    assert "inside (0, inf)" in problem.remedy


def test_all_problems_are_told_at_once(cell, write, raw):
    cell["formulas"].append("z ~ 1 + y")
    cell["covariates"]["cond"] = {"levels": ["a"]}
    cell["covariates"]["x"] = {"name": "Normal", "mu": 0, "sigma": 1, "per": "block"}
    cell["truth"]["t"] = -1
    raw["data"].append(cell)
    with pytest.raises(StudyErrors) as caught:
        examine(write(raw))
    assert sorted(problem.field for problem in caught.value.problems) == [
        "data[1].covariates.cond.levels",
        "data[1].covariates.x.per",
        "data[1].formulas[2]",
        "data[1].truth.t",
    ]


@pytest.mark.parametrize("part", [7, "x", None, [1], [{"link": "log"}], {"v": 1}, [None, ["v"]]])
@pytest.mark.parametrize("key", ["formulas", "covariates", "covariates_from", "link_settings"])
def test_examine_survives_any_shape(cell, raw, write, key, part):
    raw["data"].append(cell | {key: part})
    if (key, part) == ("covariates_from", None):
        return
    with pytest.raises(StudyErrors) as caught:
        examine(write(raw))
    assert any(key in problem.field for problem in caught.value.problems)
