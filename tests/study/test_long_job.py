"""Which checkpoint a job may go on from, and what it says where it has no GPU."""

from types import SimpleNamespace

import numpy as np
import pytest

from driftmill.sampling.device import Device
from driftmill.sampling.settings import NoGpuError
from driftmill.study import long_job
from driftmill.study.long_job import prepare


@pytest.fixture
def job(tmp_path, monkeypatch):
    for name in ("hold_to_threads", "keep_compiled"):
        monkeypatch.setattr(long_job, name, lambda _: None)
    (tmp_path / "trials").write_text("data")
    return SimpleNamespace(
        threads=1,
        compiled=None,
        gpus=1,
        study_file="s.yaml",
        study=SimpleNamespace(seed=1, sampling=SimpleNamespace(platform="auto")),
        depends={"rule": "fit", "code": "c"},
        input=[tmp_path / "trials"],
        config={},
        checkpoint=str(tmp_path / "checkpoints" / "fit"),
    )


@pytest.fixture
def found(monkeypatch):
    """Put a device in the place of what this machine has; return how to change it."""

    def be(device):
        monkeypatch.setattr(long_job, "take_device", lambda *_: device)

    be(Device("auto", "cpu"))
    return be


CHANGES = {
    "data": lambda job, be: job.input[0].write_text("other"),
    "seed": lambda job, be: setattr(job.study, "seed", 2),
    "code": lambda job, be: job.depends.update(code="d"),
    "platform": lambda job, be: be(Device("auto", "gpu", "X")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_checkpoint_is_of_one_job(job, found, change, capsys):
    first = prepare(job)
    first.finish("dataset-0", {})
    first.save("dataset-1", {"state": np.arange(3)})
    assert prepare(job).underway("dataset-1") is not None
    CHANGES[change](job, found)
    assert prepare(job).underway("dataset-1") is None
    assert "of other data, settings or code: ignored" in capsys.readouterr().out


def test_how_often_is_said_by_the_configuration(job, found):
    assert not prepare(job).due
    job.config["checkpoint_minutes"] = 0
    assert prepare(job).due


def test_artifacts_say_what_they_were_sampled_on(job, found, capsys):
    found(Device("auto", "cpu", fell_back="no CUDA wheel", details="JAX sees no GPU"))
    prepare(job)
    assert job.device["fell_back"] == "no CUDA wheel"
    assert "samples on the CPU, since JAX sees no GPU" in capsys.readouterr().out


def test_without_a_gpu_the_study_and_the_remedy_are_named(job, monkeypatch):
    def none(*_):
        raise NoGpuError("JAX sees no GPU here")

    monkeypatch.setattr(long_job, "take_device", none)
    job.study.sampling.platform = "gpu"
    with pytest.raises(
        NoGpuError, match=r"s.yaml: sampling.platform: gpu: JAX sees .*auto"
    ) as told:
        prepare(job)
    assert "\n" not in str(told.value)
