"""What a script that samples does around its work: threads, device, and what outlives the job."""

from __future__ import annotations

import hashlib
import json

from driftmill.sampling.device import take_device
from driftmill.sampling.runtime import hold_to_threads, keep_compiled
from driftmill.sampling.settings import NoGpuError
from driftmill.store.checkpoint import MINUTES, Checkpoint
from driftmill.store.fingerprint import file_hash
from driftmill.store.provenance import versions
from driftmill.study.job import Job

#: The key of the configuration that says how many minutes lie between two checkpoints.
CHECKPOINT_MINUTES = "checkpoint_minutes"
_REMEDY = (
    "mend what is missing of these; or `platform: auto`, which takes the CPU where there is no "
    "GPU; or `platform: cpu`"
)


def prepare(job: Job) -> Checkpoint:
    """Ready JAX for a job that samples, before its first computation; find what it kept.

    Returns
    -------
    Checkpoint
        Keeps posteriors until the outputs are written: then it is to be removed. What an earlier
        run of the same job kept is there; it is the same job when data, settings, code, versions
        and platform are the same.

    Raises
    ------
    NoGpuError
        When the study wants a GPU and there is none.
    """
    hold_to_threads(job.threads)
    keep_compiled(job.compiled)
    platform = job.study.sampling.platform
    try:
        device = take_device(platform, job.gpus)
    except NoGpuError as error:
        said = f"{job.study_file}: sampling.platform: {platform}: {error}; {_REMEDY}"
        raise NoGpuError(said) from error
    job.device = device.told
    print(f"samples {device}")
    depends = {
        "job": job.depends,
        "seed": job.study.seed,
        "data": [file_hash(path) for path in job.input],
        "versions": versions(),
        "platform": device.platform,
    }
    told = json.dumps(depends, sort_keys=True, default=str).encode()
    seconds = 60.0 * float(job.config.get(CHECKPOINT_MINUTES, MINUTES))
    return Checkpoint(job.checkpoint, hashlib.sha256(told).hexdigest(), seconds, print)
