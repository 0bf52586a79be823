"""Parameters whose every value takes a numerical solution of its own."""


def test_a_parameter_that_takes_a_solution_has_one_value(raw, problems):
    truth = {"v": 1.0, "a": 1.2, "z": 0.5, "t": 0.3, "alpha": 2.0, "beta": 1.5}
    raw["data"][0] |= {"model": "weibull", "truth": truth, "participants": 4}
    raw["fits"][0] |= {"model": "weibull", "include": ["v ~ 1 + (1 | participant_id)"]}
    assert problems(raw) == []
    raw["fits"][0]["include"] = ["a ~ 1 + (1 | participant_id)"]
    (problem,) = problems(raw)
    assert problem.field == "fits[0].include[0]"
    assert "every distinct set of a, z, alpha, beta" in problem.message
    assert problem.remedy == "give formulas to v and t only, or take angle in place of it"
