"""Jobs that make networks: they know no study but what it says of the network, and go on."""

from types import SimpleNamespace

import numpy as np
import pytest
from tests.study.network_files import small_network, write_network

from driftmill.study.expand import expand
from driftmill.study.jobs import jobs_of
from driftmill.study.load import load_study
from driftmill.study.network_costs import network_seconds, network_steps
from driftmill.study.network_job import NetworkJob
from driftmill.study.networks import networks_of
from driftmill.study.plan import estimate
from driftmill.study.unit_costs import Costs
from driftmill.study.work import Work

BOX = {"v": [-4, 4], "a": [0.5, 2.5], "z": [0.1, 0.9]}


@pytest.fixture
def networked(raw):
    raw["networks"] = [{"name": "mine", "model": "ddm", "box": BOX, "sets": 100}]
    raw["fits"] = [
        {"name": "net", "model": "ddm", "network": "mine"},
        {"name": "f", "model": "ddm"},
    ]
    return raw


class Outputs(list):
    pass


@pytest.fixture
def job(networked, write, tmp_path):
    """Return a function that makes the job which trains the network of a study."""
    path = write(networked)
    (use,) = networks_of(load_study(path))
    data = tmp_path / "training_set.npz"
    data.write_bytes(b"drawn")

    def make(code="1", content=b"drawn"):
        data.write_bytes(content)
        folder = tmp_path / "results" / "networks" / use.label
        return NetworkJob(
            SimpleNamespace(
                config={"study": str(path), "results": "results", "checkpoint_minutes": 0},
                params=SimpleNamespace(design=dict(use.identity), code=code),
                input=[str(data)],
                output=Outputs([str(folder / "weights.npz")]),
                wildcards={"network": use.label},
                rule="train_network",
                threads=1,
                resources={},
                log=[str(tmp_path / "log")],
            )
        )

    return make


def test_a_job_finds_its_network_without_being_told_the_study(job, tmp_path):
    made = job()
    assert made.design.name == "mine"
    assert made.design.sets == 100
    assert made.model.name == "ddm"
    assert made.results == str(tmp_path / "results")


def test_a_training_goes_on_from_what_the_same_job_left(job):
    keeper, checkpoint = job().keeper()
    assert keeper.kept is None
    keeper.save({"leaf0": np.arange(3.0)})
    again, _ = job().keeper()
    np.testing.assert_array_equal(again.kept["leaf0"], np.arange(3.0))
    checkpoint.remove()
    assert job().keeper()[0].kept is None


@pytest.mark.parametrize("other", [{"code": "2"}, {"content": b"other"}])
def test_what_another_code_or_training_set_left_is_not_taken_up(job, other):
    job().keeper()[0].save({"leaf0": np.zeros(2)})
    assert job(**other).keeper()[0].kept is None


def test_a_network_is_a_part_of_the_plan_until_it_is_made(networked, write, tmp_path):
    plan = expand(load_study(write(networked)), str(tmp_path / "results"))
    before = estimate(plan)
    assert {"draw_network", "train_network", "check_network"} <= before.jobs.keys()
    assert before.jobs["edge"] == 1
    (use,) = plan.networks.values()
    write_network(use.folder(plan.paths.results), small_network())
    after = estimate(plan)
    assert network_steps(plan, Costs()) == {}
    assert after.longest < before.longest
    assert sum(after.cpu_seconds.values()) < sum(before.cpu_seconds.values())


def test_what_is_said_of_a_network_says_what_it_costs(networked, write):
    def seconds(**changes):
        networked["networks"][0] |= changes
        (use,) = networks_of(load_study(write(networked)))
        return network_seconds(use, Costs())

    first = seconds()
    assert seconds(sets=200)["draw_network"] == pytest.approx(2 * first["draw_network"])
    assert seconds(checks=40)["check_network"] > first["check_network"]
    longer = seconds(steps=40_000)["train_network"]
    assert longer == pytest.approx(2 * first["train_network"], rel=0.2)


def test_jobs_of_networks_are_known_to_the_status_and_the_scheduler(networked, write):
    plan = expand(load_study(write(networked | {"batch_size": 4})))
    jobs = [job for job in jobs_of(plan) if job.step.endswith("_network")]
    assert [job.step for job in jobs] == ["train_network", "check_network"]
    (label,) = plan.networks
    assert jobs[1].outputs[0] == f"results/networks/{label}/card.json"
    assert all(label in job.log for job in jobs)
    work = Work(plan)
    for step in ("draw_network", "train_network", "check_network", "export_network"):
        assert work.seconds(step, {"network": label}) > Costs().start
        assert work.megabytes(step, {"network": label}) > 0
