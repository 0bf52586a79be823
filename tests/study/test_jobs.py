from collections import Counter

import pytest

from driftmill.study.artifacts import artifacts
from driftmill.study.expand import expand
from driftmill.study.jobs import jobs_of
from driftmill.study.load import load_study
from driftmill.study.plan import estimate


@pytest.mark.parametrize("name", ["tiny", "choice_only", "regression", "sbc_ddm", "report_tour"])
def test_the_jobs_make_all_artifacts_and_are_those_of_the_plan(project_root, monkeypatch, name):
    monkeypatch.chdir(project_root)
    plan = expand(load_study(project_root / "config" / "studies" / f"{name}.yaml"))
    jobs = jobs_of(plan)
    page = {plan.paths.provenance, plan.paths.report, plan.paths.methods}
    made = [path for job in jobs for path in job.outputs]
    assert set(made) == {*artifacts(plan), *page, plan.paths.figures, plan.paths.tables}
    assert len(made) == len(set(made))
    assert Counter(job.step for job in jobs) == estimate(plan).jobs


def test_refits_and_sensitivity_are_jobs_too(raw, write):
    raw["data"][0] |= {"participants": 3, "truth": "prior"}
    raw["compare"] = {"participants": True, "folds": 2, "future": {"first": 5}}
    raw["report"] = {"prior_sensitivity": True, "predictive": {"data": "all"}}
    raw["fits"][0]["include"] = ["v ~ 1 + (1 | participant_id)"]
    plan = expand(load_study(write(raw | {"batch_size": 2})))
    jobs = jobs_of(plan)
    assert {path for job in jobs for path in job.outputs} >= artifacts(plan).keys()
    steps = Counter(job.step for job in jobs)
    assert steps == estimate(plan).jobs
    assert {"integrate", "fold", "future", "rank", "scale", "compare_folds"} <= steps.keys()
    (log, *_) = [job.log for job in jobs if job.step == "rank"]
    assert log == "results/s/logs/rank/c/f/0000.log"
