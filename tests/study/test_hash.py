import copy
import json

import pytest

from driftmill.study.hash import lapse_of, relevant, study_hash
from driftmill.study.load import load_study


@pytest.fixture
def study(write, raw):
    def make(change=None):
        changed = copy.deepcopy(raw)
        if change:
            change(changed)
        return load_study(write(changed))

    return make


CHANGES = {
    "prior": lambda r: r["fits"][0].update(priors={"v": {"name": "Normal", "mu": 0, "sigma": 1}}),
    "formula": lambda r: r["fits"][0].update(include=["v ~ 1 + x"]),
    "link": lambda r: r["fits"][0].update(link_settings="identity"),
    "set": lambda r: r["fits"][0].update(prior_set="hssm"),
    "learning": lambda r: r["fits"][0].update(
        model={"learning": "rescorla_wagner", "decision": "ddm"}
    ),
    "freed": lambda r: r["fits"][0].update(free=["rl_forget"]),
    "task": lambda r: r["data"][0].update(task={"bandit": {"means": [0.8, 0.2]}}),
    "groups": lambda r: r["fits"][0].update(noncentered={"v": False}),
    "column": lambda r: r["fits"][0].update(fixed={"t": "ter"}),
    "nested": lambda r: r["fits"][0].update(
        include=[
            {
                "formula": "v ~ 1 + (1 | g)",
                "prior": {
                    "1|g": {
                        "name": "Normal",
                        "mu": 0,
                        "sigma": {"name": "HalfNormal", "sigma": 1},
                    }
                },
            }
        ]
    ),
    "lapses": lambda r: r["fits"][0].update(p_outlier={"formula": "1 + x", "link": "logit"}),
    "draws": lambda r: r.update(sampling={"draws": 500}),
    "platform": lambda r: r.update(sampling={"platform": "auto"}),
    "gates": lambda r: r.update(sampling={"gates": {"r_hat": 1.1}}),
    "truth": lambda r: r["data"][0]["truth"].update(v=1),
    "lapse": lambda r: r["data"][0].update(lapse=0.1),
    "threshold": lambda r: r.update(compare={"min_elpd_diff": 3}),
    "participants": lambda r: r.update(compare={"participants": True}),
    "matching": lambda r: r.update(compare={"moment_match": 5}),
    "refits": lambda r: r.update(compare={"refits": 0}),
    "target": lambda r: r.update(recover={"targets": {"precision": 0.2}}),
    "precision": lambda r: r.update(report={"precision": {"contraction": 0.8}}),
    "title": lambda r: r.update(report={"title": "T"}),
    "predictive": lambda r: r.update(report={"predictive": {"draws": 10}}),
    "seed": lambda r: r.update(seed=99),
    "datasets": lambda r: r["data"][0].update(datasets=8),
    "cells": lambda r: r["fits"][0].update(cells=["c"]),
    "published": lambda r: r.update(
        report={"published": [{"label": "l", "fit": "f", "of": "v", "published": 1}]}
    ),
}
#: Steps that depend on what a fit is.
OF_A_FIT = {"fit", "loo", "integrate", "predict", "transform", "scale"}
#: Which steps' own parts a change touches; what follows them is remade through their files.
TOUCHED = {
    "prior": OF_A_FIT,
    "formula": OF_A_FIT,
    "link": OF_A_FIT,
    "set": OF_A_FIT,
    "learning": OF_A_FIT,
    "freed": OF_A_FIT,
    "task": {"simulate"},
    "groups": OF_A_FIT,
    "column": OF_A_FIT,
    "nested": OF_A_FIT,
    "lapses": OF_A_FIT,
    "draws": {"fit", "loo", "integrate"},
    "gates": {"fit", "loo", "integrate"},
    "truth": {"simulate"},
    "lapse": {"simulate"} | OF_A_FIT,
    "threshold": {"compare"},
    "participants": set(),
    "matching": {"loo"},
    "refits": {"loo", "integrate"},
    "target": {"recover"},
    "precision": {"size"},
    "platform": set(),
    "title": set(),
    "predictive": {"predict"},
    "seed": {"simulate", "fit", "loo", "integrate", "predict", "transform", "compare", "size"},
    "datasets": set(),
    "cells": set(),
    "published": {"publish"},
}
STEPS = ("simulate", *sorted(OF_A_FIT), "compare", "recover", "size", "publish")


def parts(study):
    batch = range(2)
    return {step: relevant(study, step, "c", "f", batch) for step in STEPS}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_touches_the_steps_that_depend_on_it(study, change):
    before, after = parts(study()), parts(study(CHANGES[change]))
    touched = {step for step in STEPS if before[step] != after[step]}
    assert touched == TOUCHED[change]


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_touches_the_hash(study, change):
    before, after = study(), study(CHANGES[change])
    assert study_hash(before) != study_hash(after)


def test_all_that_is_said_of_lapses_and_nested_priors_is_part_of_the_fit(study):
    def lapsing(alpha):
        beta = {"name": "Beta", "alpha": alpha, "beta": 9}
        return lambda r: r["fits"][0].update(p_outlier=beta)

    def nested(sigma):
        def change(r):
            sd = {"name": "HalfNormal", "sigma": sigma}
            prior = {"1|g": {"name": "Normal", "mu": 0, "sigma": sd}}
            r["fits"][0].update(include=[{"formula": "v ~ 1 + (1 | g)", "prior": prior}])

        return change

    for change in (lapsing, nested):
        one, other = parts(study(change(1))), parts(study(change(2)))
        assert one["fit"] != other["fit"]
        assert json.dumps(one["fit"]) == json.dumps(parts(study(change(1)))["fit"])


def test_lapses_are_the_fit_s_own_or_those_of_the_cell(study):
    made = study(lambda r: r["data"][0].update(lapse=0.1))
    assert lapse_of(made.fit("f"), made.cell("c")) == 0.1
    made = study(lambda r: r["fits"][0].update(p_outlier="1 + x"))
    assert lapse_of(made.fit("f"), made.cell("c")) == "1 + x"


def test_the_hash_does_not_depend_on_order_or_spelling(study):
    def spelled_out(raw):
        raw["batch_size"] = "auto"
        raw["data"][0]["truth"] = dict(reversed(raw["data"][0]["truth"].items()))

    assert study_hash(study(spelled_out)) == study_hash(study())


def test_another_batch_is_another_part(study):
    assert relevant(study(), "simulate", "c", datasets=range(2)) != relevant(
        study(), "simulate", "c", datasets=range(2, 4)
    )


def test_refits_depend_on_what_is_said_of_them_alone(study):
    def parts_of(compare, **more):
        made = study(lambda raw: raw.update(compare=compare, **more))
        return {step: relevant(made, step, "c", "f") for step in ("fold", "future", "compare")}

    before = parts_of({"folds": 3, "future": {"first": 5}})
    for compare, touched in (
        ({"folds": 4, "future": {"first": 5}}, {"fold"}),
        ({"folds": 3, "future": {"first": 5, "ahead": 2}}, {"future"}),
        ({"folds": 3, "future": {"first": 5}, "participants": True}, set()),
        ({"folds": 3, "future": {"first": 5}, "min_elpd_diff": 3}, {"compare"}),
    ):
        after = parts_of(compare)
        assert {step for step in before if before[step] != after[step]} == touched
    after = parts_of({"folds": 3, "future": {"first": 5}}, sampling={"draws": 500})
    assert {step for step in before if before[step] != after[step]} == {"fold", "future"}
