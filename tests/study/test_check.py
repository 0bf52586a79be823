import pytest

from driftmill.study.check import check_study
from driftmill.study.examine import examine
from driftmill.study.load import load_study
from driftmill.study.problems import StudyErrors


@pytest.fixture
def problems(write):
    def find(raw):
        path = write(raw)
        found = check_study(load_study(path), path)
        assert all(problem.file == str(path) for problem in found)
        assert all(problem.message and problem.remedy for problem in found)
        return found

    return find


def test_a_good_study_has_no_problems(raw, problems, write):
    assert problems(raw) == []
    assert examine(write(raw)).study == "s"


def test_an_unknown_model_names_the_nearest(raw, problems):
    raw["data"][0]["model"] = "dmd"
    raw["fits"][0]["model"] = "angel"
    cell, fit = problems(raw)
    assert (cell.field, cell.value) == ("data[0].model", "'dmd'")
    assert "did you mean 'ddm'?" in cell.remedy
    assert (fit.field, fit.value) == ("fits[0].model", "'angel'")
    assert "did you mean 'angle'?" in fit.remedy


def test_an_unknown_parameter_names_the_nearest(raw, problems):
    raw["data"][0]["truth"]["zz"] = 0.5
    raw["fits"][0] |= {"fixed": {"tt": 0.3}, "priors": {"vv": {"name": "Normal"}}}
    truth, fixed, prior = problems(raw)
    assert (truth.field, truth.value) == ("data[0].truth.zz", "0.5")
    assert "did you mean 'z'?" in truth.remedy
    assert (fixed.field, fixed.value) == ("fits[0].fixed.tt", "0.3")
    assert "did you mean 't'?" in fixed.remedy
    assert prior.field == "fits[0].priors.vv"
    assert "did you mean 'v'?" in prior.remedy


def test_a_missing_truth_names_what_could_stand_there(raw, problems):
    del raw["data"][0]["truth"]["a"]
    (problem,) = problems(raw)
    assert problem.field == "data[0].truth.a"
    assert "missing" in problem.message
    assert "(0, inf)" in problem.remedy


@pytest.mark.parametrize(
    ("truth", "field", "value"),
    [
        ({"a": -1}, "data[0].truth.a", "-1.0"),
        ({"z": 1}, "data[0].truth.z", "1.0"),
        ({"z": {"grid": [0.2, 1.2, 0.4]}}, "data[0].truth.z.grid[1]", "1.2"),
        (
            {"t": {"name": "Uniform", "lower": -2, "upper": -1}},
            "data[0].truth.t",
            "Uniform(lower=-2, upper=-1)",
        ),
    ],
)
def test_a_truth_outside_the_support_is_told(raw, problems, truth, field, value):
    raw["data"][0]["truth"] |= truth
    (problem,) = problems(raw)
    assert (problem.field, problem.value) == (field, value)
    assert "inside (0, " in problem.remedy


@pytest.mark.parametrize(
    ("prior", "field", "words"),
    [
        ({"name": "Nromal", "mu": 0, "sigma": 1}, "fits[0].priors.v.name", "Nromal"),
        ({"name": "Normal", "mu": 0, "sd": 1}, "fits[0].priors.v", "sd"),
        ({"name": "Normal", "mu": 0, "sigma": -1}, "fits[0].priors.v", "sigma"),
        ({"name": "Normal"}, "fits[0].priors.v", "mu"),
    ],
)
def test_an_impossible_prior_is_told(raw, problems, prior, field, words):
    raw["fits"][0]["priors"] = {"v": prior}
    (problem,) = problems(raw)
    assert problem.field == field
    assert words in problem.message


def test_a_prior_that_misses_the_support_is_told(raw, problems):
    raw["fits"][0]["priors"] = {"z": {"name": "Uniform", "lower": 2, "upper": 3}}
    (problem,) = problems(raw)
    assert problem.field == "fits[0].priors.z"
    assert "(0, 1)" in problem.message


def test_a_fixed_value_outside_the_support_is_told(raw, problems):
    raw["fits"][0]["fixed"] = {"z": 1.5}
    (problem,) = problems(raw)
    assert (problem.field, problem.value) == ("fits[0].fixed.z", "1.5")
    assert "(0, 1)" in problem.remedy


def test_fixed_and_a_prior_contradict(raw, problems):
    raw["fits"][0] |= {
        "fixed": {"z": 0.5},
        "priors": {"z": {"name": "Beta", "alpha": 2, "beta": 2}},
    }
    (problem,) = problems(raw)
    assert problem.field == "fits[0].priors.z"


def test_a_fit_needs_something_to_fit(raw, problems):
    raw["fits"][0]["fixed"] = {"v": 0.5, "a": 1, "z": 0.5, "t": 0.3}
    (problem,) = problems(raw)
    assert problem.field == "fits[0].fixed"
    assert "nothing left to fit" in problem.message


def test_an_unknown_kind_of_likelihood_is_told(raw, problems):
    raw["fits"][0]["likelihood"] = "analytic"
    (problem,) = problems(raw)
    assert (problem.field, problem.value) == ("fits[0].likelihood", "'analytic'")
    assert "did you mean 'analytical'?" in problem.remedy


def test_a_recovery_needs_two_datasets(raw, problems):
    raw["data"][0]["datasets"] = 1
    (problem,) = problems(raw)
    assert (problem.field, problem.value) == ("data[0].datasets", "1")
    raw["recover"] = {"enabled": False}
    assert problems(raw) == []


def softmax(k):
    truth = {"beta": 1, **{f"logit{i}": 0 for i in range(1, k)}}
    return {"name": f"s{k}", "model": f"softmax_inv_temperature_{k}", "truth": truth} | {
        "trials": 10,
        "datasets": 2,
    }


def test_a_fit_needs_the_columns_of_its_data(raw, problems):
    raw["data"] = [softmax(2)]
    (problem,) = problems(raw)
    assert (problem.field, problem.value) == ("fits[0].model", "ddm")
    assert "needs the column rt, which the data of cell 's2' lack" in problem.message
    assert "softmax_inv_temperature_2" in problem.remedy


def test_a_fit_needs_choices_that_its_data_can_have(raw, problems):
    raw["data"] = [softmax(3)]
    raw["fits"] = [{"name": "f", "model": "softmax_inv_temperature_2"}]
    (problem,) = problems(raw)
    assert "knows the responses -1, 1" in problem.message
    assert "have 0, 1, 2" in problem.message


def test_fits_of_different_columns_cannot_be_compared(raw, problems):
    raw["fits"].append({"name": "g", "model": "softmax_inv_temperature_2"})
    (problem,) = problems(raw)
    assert problem.field == "fits[1].model"
    assert "cannot be compared" in problem.message
    raw["compare"] = {"enabled": False}
    assert problems(raw) == []


def test_examine_tells_unreadable_keys_and_impossible_values_together(raw, write):
    raw["data"][0] |= {"trails": 3, "trials": 0}
    raw["data"][0]["truth"] |= {"a": -1, "v": "fast"}
    raw["data"].append({"name": "d", "model": "dmd", "truth": {}, "trials": 1, "datasets": 1})
    raw["fits"].append({"name": "f", "model": "ddm", "fixed": {"z": 2}, "p_outlier": 2})
    raw["sampling"] = {"chains": 1}
    with pytest.raises(StudyErrors) as caught:
        examine(write(raw))
    assert sorted(problem.field for problem in caught.value.problems) == [
        "data[0].trails",
        "data[0].trials",
        "data[0].truth.a",
        "data[0].truth.v",
        "data[1].datasets",
        "data[1].model",
        "fits[1].fixed.z",
        "fits[1].name",
        "fits[1].p_outlier",
        "sampling.chains",
    ]


@pytest.mark.parametrize("part", [7, "x", None, {"a": 1}, [3, None, "x", [1]]])
@pytest.mark.parametrize("key", ["data", "fits", "sampling", "compare", "recover", "report"])
def test_examine_survives_any_shape(raw, write, key, part):
    raw[key] = part
    with pytest.raises(StudyErrors):
        examine(write(raw))


@pytest.mark.parametrize("part", [7, "x", None, [1], {"v": [1]}, {"v": {"grid": 3}}, {3: 4}])
@pytest.mark.parametrize("key", ["truth", "fixed", "priors", "include", "noncentered"])
def test_examine_survives_any_inner_shape(raw, write, key, part):
    item = raw["data"][0] if key == "truth" else raw["fits"][0]
    item[key] = part
    with pytest.raises(StudyErrors) as caught:
        examine(write(raw))
    assert all(key in problem.field for problem in caught.value.problems)


def test_a_start_above_its_threshold_is_a_problem(raw, problems):
    truth = {"A": 0.3, "b": 0.8, "v0": 1.0, "v1": 0.6}
    raw["data"][0] |= {"model": "lba2", "truth": truth}
    raw["fits"][0]["model"] = "lba2"
    assert problems(raw) == []
    truth["A"] = {"grid": [0.3, 0.9]}
    (problem,) = problems(raw)
    assert problem.field == "data[0].truth.A"
    assert problem.message == "A must lie below b, not A = 0.9, b = 0.8"


def test_numbers_that_leave_an_accumulator_no_start_are_told(raw, problems):
    cell = {"name": "race", "model": "lba2", "trials": 50, "datasets": 2}
    raw["data"] = [cell | {"truth": {"A": 0.3, "b": 0.5, "v0": 0.8, "v1": 0.6}}]
    raw["fits"] = [{"name": "race", "model": "lba2", "fixed": {"A": 0.5, "b": 0.4}}]
    (problem,) = problems(raw)
    assert problem.field == "fits[0].fixed"
    assert problem.message == "A must lie below b, not A = 0.5, b = 0.4"


def test_a_race_takes_the_data_of_a_diffusion_by_its_own_codes(raw, problems):
    raw["fits"][0] |= {"model": "lba2"}
    (problem,) = problems(raw)
    assert "recode: {-1: 0}" in problem.remedy
    raw["fits"][0]["recode"] = {-1: 0}
    assert problems(raw) == []


@pytest.mark.parametrize(
    ("recode", "field", "message"),
    [
        ({-1: 2}, "fits[0].recode", "lba2 has no response 2"),
        ({-1: 1}, "fits[0].recode", "makes one code of two responses of cell"),
    ],
)
def test_a_recode_that_cannot_be_is_told(raw, problems, recode, field, message):
    raw["fits"][0] |= {"model": "lba2", "recode": recode}
    problem = problems(raw)[0]
    assert problem.field == field
    assert message in problem.message


def test_learners_are_not_recoded(bandit, problems):
    bandit["fits"][0]["recode"] = {0: 1}
    assert any("a learning model's options" in problem.message for problem in problems(bandit))
