"""Which device is taken, what is said where there is none, and JAX held to the CPU."""

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from driftmill.sampling.device import Device, missing, take_device
from driftmill.sampling.settings import NoGpuError


@dataclass
class Fake:
    platform: str
    device_kind: str = "cpu"


def none_visible():
    return [Fake("cpu")]


def one_visible():
    return [Fake("gpu", "NVIDIA H100 80GB HBM3")]


def broken():
    raise RuntimeError("Unable to initialize\n backend 'cuda'")


def never():
    raise AssertionError("nobody may look for GPUs")


@pytest.mark.parametrize(("platform", "given"), [("cpu", 1), ("cpu", 0), ("auto", 0)])
def test_without_a_gpu_asked_for_none_is_looked_for(platform, given):
    assert take_device(platform, given, never) == Device(platform, "cpu")


@pytest.mark.parametrize("platform", ["gpu", "auto"])
def test_a_gpu_that_jax_sees_is_taken(platform):
    found = take_device(platform, 1, one_visible)
    assert (found.platform, found.name) == ("gpu", "NVIDIA H100 80GB HBM3")
    assert str(found) == "on a GPU: NVIDIA H100 80GB HBM3"
    assert found.told["fell_back"] == ""


def test_gpu_without_one_names_driver_wheel_and_job():
    with pytest.raises(NoGpuError) as error:
        take_device("gpu", 1, broken)
    said = str(error.value)
    for word in ("driver:", "CUDA wheel:", "make setup ENV=gpu", "envs/gpu.txt", "job:", "gpu=1"):
        assert word in said
    assert "JAX says: Unable to initialize backend 'cuda'" in said


def test_auto_without_one_falls_back_and_says_so():
    found = take_device("auto", 1, none_visible)
    assert found.platform == "cpu"
    assert found.told["fell_back"].startswith("no ")
    assert str(found).startswith("on the CPU, since JAX sees no GPU here: driver:")


def test_what_is_missing_is_told_apart(tmp_path):
    driver = tmp_path / "version"
    short, long = missing(driver, (), {})
    assert short == "no NVIDIA driver and no CUDA wheel"
    assert "no sign that it was given a GPU" in long
    driver.write_text("NVRM version: NVIDIA UNIX Open Kernel Module 580.65\nGCC version\n")
    short, long = missing(driver, ("numpy",), {"CUDA_VISIBLE_DEVICES": ""})
    assert short == "no GPU in sight"
    assert "580.65; CUDA wheel: numpy 2" in long
    assert "CUDA_VISIBLE_DEVICES=(empty)" in long


PINNED = """
import jax
from driftmill.sampling.device import take_device
print(take_device("cpu", 1).platform, jax.config.jax_platforms)
print({device.platform for device in jax.devices()})
"""


def test_cpu_lets_jax_know_the_cpu_alone():
    told = subprocess.run(
        [sys.executable, "-c", PINNED],
        env={k: v for k, v in os.environ.items() if k != "JAX_PLATFORMS"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.splitlines() == ["cpu cpu", "{'cpu'}"]
