"""What a job's posteriors are sampled on: the CPU, or a GPU that it was given."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Literal

import jax

from driftmill.sampling.settings import NoGpuError, Platform

#: What JAX needs to reach a GPU, one of which the lock of GPU nodes has.
_WHEELS: Final = ("jax-cuda13-plugin", "jax-cuda12-plugin", "jax-rocm7-plugin", "jax-rocm60-plugin")
_DRIVER: Final = Path("/proc/driver/nvidia/version")
#: Variables in which a scheduler says which GPUs it gave to a job.
_GIVEN: Final = ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_GPUS", "SLURM_STEP_GPUS")


@dataclass(frozen=True)
class Device:
    """What posteriors are sampled on.

    Parameters
    ----------
    asked
        What the study says.
    platform
        What it came to.
    name
        Of the GPU, e.g. ``NVIDIA H100``; nothing more is said of a CPU, whose results are the same.
    fell_back
        What ``auto`` lacked where the job was given a GPU and is on the CPU; empty otherwise.
    details
        The same at length, for a log; it may differ between machines.
    """

    asked: Platform
    platform: Literal["cpu", "gpu"]
    name: str = "cpu"
    fell_back: str = ""
    details: str = ""

    @property
    def told(self) -> dict[str, str]:
        """What an artifact says of it."""
        return {
            "asked": self.asked,
            "platform": self.platform,
            "name": self.name,
            "fell_back": self.fell_back,
        }

    def __str__(self) -> str:
        """Return the device as a log tells of it."""
        if self.platform == "gpu":
            return f"on a GPU: {self.name}"
        return f"on the CPU, since {self.details}" if self.fell_back else "on the CPU"


def pin_to_cpu() -> None:
    """Let JAX know nothing but the CPU, even where a GPU is in sight.

    Has an effect only before JAX runs its first computation. A GPU that is not used keeps its
    memory for the job that it was given to.
    """
    jax.config.update("jax_platforms", "cpu")  # type: ignore[no-untyped-call]


def _visible() -> Sequence[Any]:
    """Return the devices of whatever JAX finds by itself."""
    jax.config.update("jax_platforms", "")  # type: ignore[no-untyped-call]
    return jax.devices()


def take_device(
    platform: Platform, given: int, visible: Callable[[], Sequence[Any]] = _visible
) -> Device:
    """Choose what posteriors are sampled on; call it before JAX runs its first computation.

    Parameters
    ----------
    platform
        What the study says: ``cpu``; ``gpu``; ``auto``: a GPU where the job was given one that
        works, else the CPU.
    given
        GPUs that the job was given.
    visible
        Returns the devices that JAX can use, best first.

    Raises
    ------
    NoGpuError
        When it is to be a GPU and JAX sees none.
    """
    if platform == "cpu" or (platform == "auto" and not given):
        pin_to_cpu()
        return Device(platform, "cpu")
    try:
        first, failure = visible()[0], ""
    except RuntimeError as error:
        first, failure = None, " ".join(str(error).split())
    if first is not None and first.platform != "cpu":
        return Device(platform, "gpu", str(first.device_kind))
    lacking, details = missing()
    details = f"JAX sees no GPU here: {details}" + (f"; JAX says: {failure}" if failure else "")
    if platform == "gpu":
        raise NoGpuError(details)
    pin_to_cpu()
    return Device(platform, "cpu", fell_back=lacking, details=details)


def missing(
    driver: Path = _DRIVER,
    wheels: Sequence[str] = _WHEELS,
    environ: Mapping[str, str] = os.environ,
) -> tuple[str, str]:
    """Say of driver, wheel and job what there is and what is to be done.

    Parameters
    ----------
    driver
        File in which NVIDIA's driver tells of itself.
    wheels
        Packages by which JAX reaches GPUs.
    environ
        The environment of the job.

    Returns
    -------
    tuple of str
        What is lacking, in a few words that are the same on all machines; and all three at length.
    """
    known = driver.is_file()
    said = (
        driver.read_text(encoding="utf-8").splitlines()[0].strip()
        if known
        else ("none, so this machine has no NVIDIA GPU or lacks its driver")
    )
    found = [f"{wheel} {version}" for wheel in wheels if (version := _version(wheel))]
    given = [f"{name}={environ[name] or '(empty)'}" for name in _GIVEN if name in environ]
    wheel = ", ".join(found) or "none (make setup ENV=gpu installs it, from envs/gpu.txt)"
    told = (
        f"driver: {said}",
        f"CUDA wheel: {wheel}",
        f"job: {', '.join(given) or 'no sign that it was given a GPU'}; it asks by gpu=1, for "
        "which the profile must have a partition or a machine with GPUs",
    )
    lacking = [*([] if known else ["NVIDIA driver"]), *([] if found else ["CUDA wheel"])]
    return f"no {' and no '.join(lacking) or 'GPU in sight'}", "; ".join(told)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
