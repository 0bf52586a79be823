"""What jobs ask for: with the batch and with the attempt."""

import re
import time

import pytest

from driftmill.study.expand import expand
from driftmill.study.load import load_study
from driftmill.study.needs import LEAST_MB, LEAST_MINUTES, Needs
from driftmill.study.work import Work

FIT = {"cell": "c", "fit": "f", "batch": "0000"}


@pytest.fixture
def plan(raw, write):
    """Return a function from changes of a study to its plan."""

    def make(datasets=4, batch_size=4, trials=200, **more):
        raw["data"][0] |= {"datasets": datasets, "trials": trials}
        return expand(load_study(write(raw | {"batch_size": batch_size} | more)))

    return make


def test_more_is_asked_for_at_every_attempt(plan):
    needs = Needs(plan(datasets=1000, batch_size=1000))
    for asked in (needs.runtime("fit"), needs.mem_mb("fit")):
        first, second, third = (asked(FIT, attempt) for attempt in (1, 2, 3))
        assert second == pytest.approx(2 * first, abs=2)
        assert third == pytest.approx(3 * first, abs=2)


def test_more_is_asked_for_a_larger_batch(plan):
    small, large = (Needs(plan(datasets=5000, batch_size=size)) for size in (1000, 5000))
    assert large.runtime("fit")(FIT, 1) == pytest.approx(5 * small.runtime("fit")(FIT, 1), rel=0.1)
    assert large.mem_mb("fit")(FIT, 1) > 2 * small.mem_mb("fit")(FIT, 1)
    assert large.runtime("loo")(FIT, 1) > small.runtime("loo")(FIT, 1)


def test_a_posterior_may_climb_the_ladder(plan):
    short = Work(plan(sampling={"ladder": []}))
    long = Work(plan())
    whole = {"cell": "c", "fit": "f", "batch": "0000"}
    assert long.seconds("fit", whole) > short.seconds("fit", whole)
    alone = Work(plan(datasets=1, batch_size=1))
    # A batch of one may have to climb; of many, a share does.
    assert alone.seconds("fit", whole) > long.seconds("fit", whole) / 4
    held = Work(plan(sampling={"timeout": 0.01}))
    assert held.seconds("fit", whole) < short.seconds("fit", whole)


def test_nothing_is_asked_that_no_partition_has(plan):
    needs = Needs(plan(), longest=45, largest=2500)
    assert [needs.runtime("fit")(FIT, attempt) for attempt in (1, 2)] == [30, 45]
    assert needs.mem_mb("fit")(FIT, 3) == 2500


def test_a_submitted_job_looks_at_no_work(plan):
    needs = Needs(plan(), main=False)
    assert needs.runtime("fit")({"cell": "no such"}, 1) == LEAST_MINUTES
    assert needs.mem_mb("fit")({"cell": "no such"}, 2) == 2 * LEAST_MB


def test_every_rule_that_is_not_local_asks_for_time_and_memory(project_root, plan):
    study = plan(
        compare={"participants": True, "folds": 2, "future": {"first": 5}},
        report={"prior_sensitivity": True},
    )
    needs, found = Needs(study), {}
    for file in (project_root / "workflow" / "rules").glob("*.smk"):
        text = file.read_text(encoding="utf-8")
        local = re.findall(r"^localrules:\n    (.*),$", text, flags=re.MULTILINE)
        for rule in re.split(r"(?m)^(?=rule |use rule )", text)[1:]:
            name = re.match(r"rule (\w+):", rule)
            if name and name.group(1) not in local:
                found[name.group(1)] = rule
    assert len(found) > 15
    for name, rule in found.items():
        assert f'mem_mb=NEEDS.mem_mb("{name}")' in rule
        assert f'runtime=NEEDS.runtime("{name}")' in rule
        wildcards = {key: FIT[key] for key in ("cell", "fit", "batch") if f'"{{{key}}}"' in rule}
        assert LEAST_MINUTES <= needs.runtime(name)(wildcards, 1) < 2000
        assert LEAST_MB <= needs.mem_mb(name)(wildcards, 1) < 20000


def test_forty_thousand_jobs_are_asked_for_in_a_moment(plan):
    needs = Needs(plan(datasets=40_000, batch_size=1))
    runtime, mem_mb = needs.runtime("fit"), needs.mem_mb("fit")
    begun = time.process_time()
    for number in range(40_000):
        wildcards = FIT | {"batch": f"{number:05d}"}
        assert runtime(wildcards, 1) > 0
        assert mem_mb(wildcards, 1) > 0
    assert time.process_time() - begun < 4.0
