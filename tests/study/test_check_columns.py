"""Problems that fits have with the columns of observed data."""

import numpy as np
import pandas as pd
import pytest

from driftmill.study.check import check_study
from driftmill.study.load import load_study

NORMAL = {"name": "Normal", "mu": 0, "sigma": 1}


@pytest.fixture
def trials():
    """Return observed trials of 4 participants with covariates."""
    rng = np.random.default_rng(2)
    n = 40
    return pd.DataFrame(
        {
            "subj": np.repeat(["s1", "s2", "s3", "s4"], 10),
            "rt": 0.5 + rng.gamma(2.0, 0.2, n),
            "response": rng.choice([-1, 1], n),
            "x": rng.normal(size=n),
            "cond": np.resize(["hc", "lc"], n),
            "ter": rng.uniform(0.1, 0.4, n),
            "site": np.repeat(["u", "v"], 20),
            "item": [f"i{k}" for k in range(n)],
        }
    )


@pytest.fixture
def problems(observed, write, trials):
    """Return a function from what a fit says, and other data, to the problems."""

    def find(said, data=None, **settings):
        frame = trials if data is None else data
        columns = {"rt": "rt", "response": "response", "participant_id": "subj"}
        cell = {"columns": columns, "response_codes": None, "dataset_by": None}
        raw = observed(frame, **(cell | settings))
        raw["fits"] = [{"name": "f", "model": "ddm", **said}]
        path = write(raw)
        return check_study(load_study(path), path)

    return find


@pytest.mark.parametrize(
    "said",
    [
        {"include": ["v ~ 1 + x + C(cond, Treatment('hc')) + (1 + x | participant_id)"]},
        {"include": ["a ~ 0 + cond + x", "v ~ 1 + bs(x, df=4) + np.exp(x) + x:cond"]},
        {"include": ["v ~ 1 + scale(x) + (1 | site)"], "fixed": {"t": "ter"}, "p_outlier": 0},
        {"global_formula": "y ~ 1 + (1 | participant_id)", "p_outlier": "1 + cond"},
    ],
)
def test_what_fits_the_data_has_no_problems(problems, said):
    assert problems(said) == []


@pytest.mark.parametrize(
    ("said", "field", "value", "message", "remedy"),
    [
        (
            {"include": ["v ~ 1 + xx + (1 | participant_id)"]},
            "include[0]",
            "'1 + xx + (1 | participant_id)'",
            "the data of cell 'o' have no column 'xx'",
            "did you mean 'x'?",
        ),
        (
            {"include": ["v ~ 1 + (1 | subj)"]},
            "include[0]",
            "'1 + (1 | subj)'",
            "have no column 'subj'",
            "write participant_id, as the file's subj is called here",
        ),
        (
            {"fixed": {"t": "tre"}},
            "fixed.t",
            "'tre'",
            "have no column 'tre'",
            "did you mean 'ter'?",
        ),
        (
            {"include": [{"name": "t", "prior": "tre"}]},
            "include[0]",
            "'tre'",
            "have no column 'tre'",
            "did you mean 'ter'?",
        ),
        (
            {"p_outlier": "1 + xx"},
            "p_outlier",
            "'1 + xx'",
            "have no column 'xx'",
            "did you mean 'x'?",
        ),
        (
            {"include": ["v ~ 1 + rt"]},
            "include[0]",
            "'1 + rt'",
            "needs rt, which the model predicts",
            "covariates alone",
        ),
        (
            {"include": ["v ~ 1 + C(cond, Treatment('q'))"]},
            "include[0]",
            "Treatment",
            "on cell 'o': cannot be evaluated",
            "change the formula",
        ),
        (
            {"include": ["v ~ 1 + foo(x)"]},
            "include[0]",
            "foo",
            "calls foo, which formulas may not: they call B, C,",
            "write it as for HSSM",
        ),
        (
            {"include": ["v ~ 1 + scale(cond)"]},
            "include[0]",
            "scale(cond)",
            "cannot be evaluated: Cannot perform reduction 'mean' with string dtype",
            "change the formula",
        ),
        (
            {"include": ["v ~ 1 + np.log(-ter)"]},
            "include[0]",
            "np.log",
            "np.log(-ter) is no finite number on 40 of 40 trials",
            "change the formula",
        ),
        (
            {"include": ["v ~ 1 + (1 | item)"]},
            "include[0]",
            "item",
            "no member of item has 2 trials",
            "leave the groups out",
        ),
        (
            {"fixed": {"t": "cond"}},
            "fixed.t",
            "'cond'",
            "'cond' of cell 'o' is not a number: 'hc', 'lc' in rows 1, 2, 3, 4, 5 and 35 more",
            "write numbers",
        ),
        (
            {"fixed": {"z": "x"}},
            "fixed.z",
            "'x'",
            "lies outside the support of z",
            "inside (0, 1)",
        ),
        (
            {"include": ["t ~ 0 + x"]},
            "include[0]",
            "'0 + x'",
            "without an intercept x, which is numeric",
            "add an intercept",
        ),
        (
            {"include": ["t ~ 0 + x + cond"]},
            "include[0]",
            "'0 + x + cond'",
            "the levels of cond are values of the parameter",
            "write cond as the first term",
        ),
    ],
)
def test_what_does_not_fit_the_data_is_told(problems, said, field, value, message, remedy):
    found = problems(said)
    assert {problem.field for problem in found} == {f"fits[0].{field}"}
    (problem,) = [p for p in found if message in p.message]
    assert value in problem.value
    assert remedy in problem.remedy
    assert "\n" not in problem.message


@pytest.mark.parametrize("gap", ["", "NA", "nan"])
@pytest.mark.parametrize("name", ["x", "cond"])
def test_a_column_with_gaps_is_told_once(problems, trials, write, name, gap):
    data = trials.astype({name: "object"})
    data.loc[[2, 7], name] = gap
    said = {"include": [f"v ~ 1 + {name}", f"a ~ 1 + {name}"]}
    (problem,) = problems(said, data)
    assert (problem.field, problem.value) == ("data[0].path", repr(name))
    assert "is missing in rows 3, 8 (row 1 follows the header)" in problem.message
    assert problems({"include": ["v ~ 1 + site", "a ~ 1 + site"]}, data) == []


def test_rows_that_are_left_out_may_have_gaps(problems, trials):
    data = trials.astype({"x": "object"})
    data.loc[4, ["rt", "x"]] = [9.0, ""]
    assert problems({"include": ["v ~ 1 + x"]}, data, rt_max=5) == []


def test_numbers_that_cannot_be_read_are_told(problems, trials):
    data = trials.astype({"x": "object"})
    data.loc[[2, 5], "x"] = ["1,5", "none given"]
    (problem,) = problems({"include": ["v ~ 1 + x"]}, data)
    assert "holds numbers, and text in rows 3, 6" in problem.message
    assert "'1,5', 'none given'" in problem.message
    assert "decimal point" in problem.remedy


def test_labels_of_groups_may_be_numbers_and_words(problems, trials):
    data = trials.assign(site=np.resize(["1", "2", "3", "b"], 40))
    assert problems({"include": ["v ~ 1 + (1 | site)"]}, data) == []


def test_a_group_with_one_member_is_told(problems, trials):
    data = trials.assign(site="u")
    (problem,) = problems({"include": ["v ~ 1 + x + (1 | site)"]}, data)
    assert "site has one member (u)" in problem.message
    assert "2 members" in problem.remedy


def test_participants_cannot_be_groups_where_each_is_a_dataset(problems):
    said = {"include": ["v ~ 1 + (1 | participant_id)"]}
    (problem,) = problems(said, dataset_by="participant_id")
    assert problem.field == "fits[0].include[0]"
    assert "on cell 'o', dataset 0 (participant_id s1) and 3 more" in problem.message
    assert "participant_id has one member (s1)" in problem.message
    assert "without dataset_by" in problem.remedy


def test_a_covariate_that_is_constant_in_a_dataset_is_told(problems):
    (problem,) = problems({"include": ["v ~ 1 + site"]}, dataset_by="participant_id")
    assert "dataset 0 (participant_id s1) and 3 more" in problem.message
    assert "constant" in problem.message


def test_groups_need_a_column_of_participants(problems):
    columns = {"rt": "rt", "response": "response"}
    (problem,) = problems({"include": ["v ~ 1 + (1 | participant_id)"]}, columns=columns)
    assert "have no column 'participant_id'" in problem.message
    assert problem.remedy == "say under data[0].columns.participant_id whose trial a row is"


def test_times_before_the_decision_stay_below_each_rt_unless_trials_may_be_lapses(problems, trials):
    data = trials.assign(ter=np.where(np.arange(40) == 6, 9.0, 0.1))
    assert problems({"fixed": {"t": "ter"}}, data) == []
    (problem,) = problems({"fixed": {"t": "ter"}, "p_outlier": 0}, data)
    rt = trials["rt"][6]
    message = (
        f"t is not below the trial's rt ({rt}) in row 7 (row 1 follows the header) of cell 'o'"
    )
    assert problem.message == message
    assert "let p_outlier be above 0" in problem.remedy
    (problem,) = problems({"fixed": {"t": 0.6}, "p_outlier": 0})
    assert (problem.field, problem.value) == ("fits[0].fixed.t", "0.6")
    assert "t is not below the trial's rt" in problem.message
    assert problems({"fixed": {"t": 0.6}}) == []


@pytest.mark.parametrize(
    ("factor", "shift", "words"),
    [
        (0.01, 0.0, "varies little (sd 0.0"),
        (50.0, 0.0, "varies much (sd "),
        (1.0, 60.0, "lies far from 0 (mean "),
    ],
)
@pytest.mark.parametrize("formula", ["1 + x", "1 + cond + (0 + x | participant_id)"])
def test_covariates_out_of_scale_need_scaling_or_a_prior(
    problems, trials, formula, factor, shift, words
):
    data = trials.assign(x=factor * trials["x"] + shift)
    (problem,) = problems({"include": [f"v ~ {formula}"]}, data)
    assert f"x {words}" in problem.message
    assert problem.remedy == "write scale(x), or give it a prior of its own"
    assert problems({"include": [f"v ~ {formula.replace('x', 'scale(x)')}"]}, data) == []
    nested = {"name": "Normal", "mu": 0, "sigma": {"name": "HalfNormal", "sigma": 9}}
    own = {"x": NORMAL} if formula == "1 + x" else {"x|participant_id": nested}
    entry = {"formula": f"v ~ {formula}", "prior": own}
    assert problems({"include": [entry]}, data) == []
    kind = {"common": NORMAL} if formula == "1 + x" else {"group_specific": nested}
    assert problems({"include": [entry | {"prior": kind}]}, data) == []


def test_indicators_and_bases_are_on_scale(problems, trials):
    data = trials.assign(rare=(np.arange(40) == 3).astype(int))
    said = {"include": ["v ~ 1 + rare + C(item)", "a ~ 1 + bs(x, df=5)"]}
    assert problems(said, data) == []
    (problem,) = problems({"include": ["v ~ 1 + x"]}, trials.assign(x=trials["x"] / 100))
    assert "sd" in problem.message


def test_orthogonal_polynomials_are_small_and_need_a_prior(problems, trials):
    data = pd.concat([trials.assign(subj=trials["subj"] + str(k)) for k in range(15)])
    (problem,) = problems({"include": ["v ~ 1 + poly(x, 2)"]}, data, duplicates="keep")
    assert "poly(x, 2) varies little (sd 0.04" in problem.message
    assert problem.remedy == "give it a prior of its own"
    wide = {"formula": "v ~ 1 + poly(x, 2)", "prior": {"poly(x, 2)": NORMAL | {"sigma": 20}}}
    assert problems({"include": [wide]}, data, duplicates="keep") == []


def test_without_an_intercept_a_prior_of_its_own_will_do(problems):
    entry = {"formula": "t ~ 0 + x + cond", "prior": {"x": NORMAL, "cond": NORMAL}}
    assert problems({"include": [entry]}) == []
    assert problems({"include": ["t ~ 0 + cond + x"]}) == []
