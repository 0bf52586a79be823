"""XLA held to a job's threads, and its compiled programs kept for the next job."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import jax

#: What sizes the thread pools of XLA's CPU client, of OpenMP and of the BLAS libraries.
_POOLS = ("PJRT_NPROC", "NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def hold_to_threads(threads: int) -> None:
    """Keep XLA and the linear-algebra libraries of this process to ``threads`` threads.

    Has an effect only before JAX runs its first computation.
    """
    flags = ["--xla_force_host_platform_device_count=1"]
    if threads == 1:
        flags.append("--xla_cpu_multi_thread_eigen=false")
    os.environ["XLA_FLAGS"] = " ".join(flags)
    for variable in _POOLS:
        os.environ[variable] = str(threads)


def keep_compiled(folder: Path) -> None:
    """Keep every compiled program in ``folder``, so that the next batch need not compile."""
    jax.config.update("jax_compilation_cache_dir", str(folder))  # type: ignore[no-untyped-call]
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)  # type: ignore[no-untyped-call]
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)  # type: ignore[no-untyped-call]


def import_jax_samplers() -> None:
    """Import PyMC's JAX samplers, whose import asks XLA for a hundred devices, without that.

    JAX reads its flags when it starts. Here it starts first, and the flags are put back for
    the processes that come after.
    """
    jax.devices()
    before = os.environ.get("XLA_FLAGS")
    importlib.import_module("pymc.sampling.jax")
    if before is None:
        os.environ.pop("XLA_FLAGS", None)
    else:
        os.environ["XLA_FLAGS"] = before
