import copy

import pytest

from driftmill.study.hash import relevant, study_hash
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
    "draws": lambda r: r.update(sampling={"draws": 500}),
    "gates": lambda r: r.update(sampling={"gates": {"r_hat": 1.1}}),
    "truth": lambda r: r["data"][0]["truth"].update(v=1),
    "lapse": lambda r: r["data"][0].update(lapse=0.1),
    "threshold": lambda r: r.update(compare={"min_elpd_diff": 3}),
    "target": lambda r: r.update(recover={"targets": {"precision": 0.2}}),
    "title": lambda r: r.update(report={"title": "T"}),
    "predictive": lambda r: r.update(report={"predictive": {"draws": 10}}),
    "seed": lambda r: r.update(seed=99),
    "datasets": lambda r: r["data"][0].update(datasets=8),
}
#: Which steps' own parts a change touches; what follows them is remade through their files.
TOUCHED = {
    "prior": {"fit", "loo", "predict"},
    "draws": {"fit"},
    "gates": {"fit"},
    "truth": {"simulate"},
    "lapse": {"simulate", "fit", "loo", "predict"},
    "threshold": {"compare"},
    "target": {"recover"},
    "title": set(),
    "predictive": {"predict"},
    "seed": {"simulate", "fit", "predict", "compare"},
    "datasets": set(),
}
STEPS = ("simulate", "fit", "loo", "compare", "recover", "predict")


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


def test_the_hash_does_not_depend_on_order_or_spelling(study):
    def spelled_out(raw):
        raw["batch_size"] = 64
        raw["data"][0]["truth"] = dict(reversed(raw["data"][0]["truth"].items()))

    assert study_hash(study(spelled_out)) == study_hash(study())


def test_another_batch_is_another_part(study):
    assert relevant(study(), "simulate", "c", datasets=range(2)) != relevant(
        study(), "simulate", "c", datasets=range(2, 4)
    )
